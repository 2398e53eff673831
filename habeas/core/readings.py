"""The four readings of a wave, weighed: a software fault, accounts taken over, a ring of abuse, a
policy that changed as planned. What speaks for and against each is told; where the evidence does
not tell them apart, so is that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from math import sqrt

from habeas.core.diagnosis import Cause, Diagnosis, Value

LEAST_SHARE = 0.1  # of all hits, in excess: causes that explain less do not explain the wave
TWICE = 2.0  # as much as any other reading, or the evidence does not separate them
RING_SIZE = 0.01  # of the population: what more accounts share is not a ring's
NEAR = 0.25  # more hits than the plan forecast, as a part of these, are still as planned
FEW = 100  # hits; in fewer an excess could stay unseen, so that none was seen says little
NO = frozenset({"no", "false", "0", "none", "never", "non", "faux", "jamais", ""})


class Role(StrEnum):
    """What an attribute can tell of. `plain` tells of none of the readings."""

    RELEASE = "release"
    CHANGE = "change"
    SHARED = "shared"
    PLAIN = "plain"


# The first pattern that fits the attribute's name in lower case gives its role.
NAMES: tuple[tuple[Role, tuple[str, ...]], ...] = (
    (
        Role.PLAIN,
        ("*_type", "*_kind", "*_os", "*_model", "*_brand", "*_country", "*_class", "*_lang*"),
    ),
    (
        Role.CHANGE,
        (
            "new_*", "*_new", "*_changed", "*_change", "*changed_*", "*_reset*", "*_added",
            "recent_*", "*password*", "*recovery*",
        ),
    ),
    (
        Role.RELEASE,
        (
            "*version*", "*deploy*", "*release*", "*build*", "*rollout*", "*engine*", "*commit*",
            "*experiment*", "*feature_flag*",
        ),
    ),
    (
        Role.SHARED,
        (
            "*device*", "*card*", "*address*", "ip", "ip_*", "*_ip", "*phone*", "*email*",
            "*iban*", "*bank*", "*payment*", "*fingerprint*", "*wallet*",
        ),
    ),
)  # fmt: skip


def role_of(name: str) -> Role:
    """The role that an attribute's name suggests."""
    lower = name.lower()
    for role, patterns in NAMES:
        if any(fnmatchcase(lower, pattern) for pattern in patterns):
            return role
    return Role.PLAIN


class Reading(StrEnum):
    SOFTWARE = "software fault"
    TAKEOVER = "account takeover"
    RING = "abuse ring"
    POLICY = "policy change"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for a reading or against it; `key` names its sentence in words."""

    key: str
    speaks_for: bool
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Weighed:
    """`weight` is the part of all hits, in excess, that the reading accounts for."""

    reading: Reading
    weight: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    reading: Reading
    weighed: tuple[Weighed, ...]  # heaviest first


def judge(diagnosis: Diagnosis, roles: Mapping[str, Role]) -> Judgement:
    """Weigh the four readings. `roles` says of attributes what their names do not."""
    told = {name: roles.get(name, role_of(name)) for name in diagnosis.attributes}
    readings = (
        _by_role(diagnosis, told, Reading.SOFTWARE, Role.RELEASE),
        _by_role(diagnosis, told, Reading.TAKEOVER, Role.CHANGE),
        _by_role(diagnosis, told, Reading.RING, Role.SHARED),
        _planned(diagnosis),
    )
    weighed = tuple(sorted(readings, key=lambda one: -one.weight))
    first, second = weighed[:2]
    clear = first.weight >= LEAST_SHARE and first.weight >= TWICE * second.weight
    return Judgement(first.reading if clear else Reading.UNKNOWN, weighed)


def _by_role(
    diagnosis: Diagnosis, roles: Mapping[str, Role], reading: Reading, role: Role
) -> Weighed:
    """A reading that causes speak for which name an attribute of its role."""
    found: list[Evidence] = []
    weight = 0.0
    for cause in diagnosis.causes:
        for name, value in _named(cause, roles, role):
            against = _against(cause, role, value, diagnosis)
            values = {
                "attribute": name, "value": value, "hits": cause.hits, "accounts": cause.accounts,
                "expected": cause.expected,
            }  # fmt: skip
            found.append(Evidence(against or role, not against, values))
            if not against:
                weight += max(0.0, cause.excess) / diagnosis.hits
                break
    if not found:
        known = [name for name in diagnosis.attributes if roles[name] is role]
        key = f"no_{role}" if known else f"unseen_{role}"
        return Weighed(reading, 0.0, (Evidence(key, False, {"names": ", ".join(known)}),))
    if weight and role is Role.RELEASE:
        planned = diagnosis.forecast is not None
        found.append(Evidence("unplanned" if planned else "no_plan", planned, {}))
    return Weighed(reading, weight, tuple(found))


def _named(cause: Cause, roles: Mapping[str, Role], role: Role) -> Iterable[tuple[str, Value]]:
    """The conditions of a cause with a role; those of an alias too, as it may be the cause."""
    for where in (cause.where, *cause.same):
        yield from ((name, value) for name, value in where.items() if roles[name] is role)


def _against(cause: Cause, role: Role, value: Value, diagnosis: Diagnosis) -> str:
    """Why a condition of a role does not speak for its reading; empty where it does."""
    if role is Role.CHANGE and (value is None or str(value).strip().lower() in NO):
        return "unchanged"
    if role is Role.SHARED and value is None:
        return "shares_nothing"
    if role is Role.SHARED and cause.accounts > RING_SIZE * diagnosis.accounts:
        return "too_common"
    return ""


def _planned(diagnosis: Diagnosis) -> Weighed:
    """Hits as the plan forecast: none in excess, and no more than it said."""
    hits, forecast = diagnosis.hits, diagnosis.forecast
    if forecast is None:
        return Weighed(Reading.POLICY, 0.0, (Evidence("no_forecast", False, {}),))
    if diagnosis.causes:
        share = sum(max(0.0, cause.excess) for cause in diagnosis.causes) / hits
        return Weighed(Reading.POLICY, 0.0, (Evidence("off_plan", False, {"share": share}),))
    if hits < FEW:
        return Weighed(Reading.POLICY, 0.0, (Evidence("few", False, {"hits": hits}),))
    profile = Evidence("on_plan", True, {"hits": hits})
    values = {"hits": hits, "forecast": forecast}
    if not diagnosis.probable:
        return Weighed(Reading.POLICY, 1.0, (profile, Evidence("no_total", False, {})))
    if hits - forecast > max(NEAR * forecast, 4 * sqrt(forecast)):
        return Weighed(Reading.POLICY, 0.0, (profile, Evidence("more", False, values)))
    return Weighed(Reading.POLICY, 1.0, (profile, Evidence("no_more", True, values)))
