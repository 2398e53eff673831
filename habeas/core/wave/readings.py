"""The four readings of a wave, weighed: a software fault, accounts taken over, a ring of abuse, a
policy that changed as planned. What speaks for and against each is told; where the evidence does
not tell them apart, so is that.

Two sorts of evidence: what the hit accounts share, by the names of the attributes
(`core/wave/roles`), and what the record of the wave says (`core/wave/traces`). Each piece counts so
much for a reading or against it, and the weight of a reading is the sum, 0 where it would be less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from habeas.core.wave.diagnosis import AttributeValue, Cause, Diagnosis
from habeas.core.wave.roles import AttributeRole, is_blank, is_no, is_old, role_of
from habeas.core.wave.traces import NO_TRACES, Gap, Lacking, Piece, TraceEvidence, Traces

LEAST_SHARE = 0.1  # of all hits, in excess: causes that explain less do not explain the wave
TWICE = 2.0  # as much as any other reading and more, or the evidence does not separate them
RING_SIZE = 0.01  # of the population: what more accounts share is not a ring's
NEAR = 0.25  # more hits than the plan forecast, as a part of these, are still as planned
FEW = 100  # hits; in fewer an excess could stay unseen, so that none was seen says little


class Reading(StrEnum):
    SOFTWARE = "software fault"
    TAKEOVER = "account takeover"
    RING = "abuse ring"
    POLICY = "policy change"
    UNKNOWN = "unknown"


READINGS = (Reading.SOFTWARE, Reading.TAKEOVER, Reading.RING, Reading.POLICY)
MUCH, SOME = 1.0, 0.5  # what `++` and `+` of the table in docs/waves.md count
# What a piece of the record counts for each of the readings, in their order.
COUNTS: Mapping[Piece, tuple[float, float, float, float]] = {
    Piece.LOST: (MUCH, -SOME, -SOME, MUCH),
    Piece.ALL_ALONG: (-MUCH, SOME, SOME, -MUCH),  # takes back what LOST counts
    Piece.KEPT: (-MUCH, 0, 0, 0),
    Piece.APPLIED: (MUCH, 0, 0, SOME),
    Piece.DEPLOYED: (MUCH, 0, 0, SOME),
    Piece.FORESEEN: (-MUCH, 0, 0, MUCH),
    Piece.UNFORESEEN: (0, 0, 0, -MUCH),
    Piece.OVERTURNED: (MUCH, SOME, -MUCH, SOME),
}
# These count twice. The version before, on the same events, is the only test of a cause; and what
# people read in the plan before they applied it is what "as planned" means.
DECIDING = frozenset(Piece) - {Piece.APPLIED, Piece.DEPLOYED, Piece.OVERTURNED}
DECIDES = 2.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for a reading or against it; `key` names its sentence in words, and
    `counts` is what it adds to the reading's weight."""

    key: str
    speaks_for: bool
    values: Mapping[str, object]
    counts: float = 0.0


@dataclass(frozen=True, slots=True)
class Weighed:
    reading: Reading
    evidence: tuple[Evidence, ...]

    @property
    def weight(self) -> float:
        """Of what accounts share alone, it is the part of all hits, in excess, that the reading
        accounts for."""
        return max(0.0, sum(one.counts for one in self.evidence))


@dataclass(frozen=True, slots=True)
class Judgement:
    """The readings, the heaviest first, and what is not known."""

    reading: Reading
    weighed: tuple[Weighed, ...]
    gaps: tuple[Gap, ...] = ()


def judge(
    diagnosis: Diagnosis | None, roles: Mapping[str, AttributeRole], traces: Traces = NO_TRACES
) -> Judgement:
    """Weigh the four readings. `diagnosis` is None where there was no population to compare with;
    `roles` says of attributes what their names do not. Without evidence the answer is unknown."""
    said = tuple(traces.said())
    shared: Mapping[Reading, Iterable[Evidence]] = {}
    gaps = traces.gaps
    if diagnosis is None:
        gaps = (Gap(Lacking.UNCOMPARED, {}), *gaps)
    else:
        told = {name: roles.get(name, role_of(name)) for name in diagnosis.attributes}
        shared = _shared(diagnosis, told, traces)
    readings = (Weighed(one, (*_recorded(one, said), *shared.get(one, ()))) for one in READINGS)
    weighed = tuple(sorted(readings, key=lambda one: -one.weight))
    first, second = weighed[:2]
    clear = first.weight >= LEAST_SHARE and first.weight > TWICE * second.weight
    return Judgement(first.reading if clear else Reading.UNKNOWN, weighed, gaps)


def _recorded(reading: Reading, said: Iterable[TraceEvidence]) -> Iterator[Evidence]:
    """What the record says for a reading and against it."""
    for one in said:
        counts = COUNTS[one.piece][READINGS.index(reading)]
        if counts:
            times = DECIDES if one.piece in DECIDING else 1.0
            yield Evidence(one.piece, counts > 0, one.values, times * counts * one.strength)


def _shared(
    diagnosis: Diagnosis, roles: Mapping[str, AttributeRole], traces: Traces
) -> Mapping[Reading, tuple[Evidence, ...]]:
    """What the accounts share says, by reading."""
    software = _by_role(diagnosis, roles, AttributeRole.RELEASE)
    if any(one.counts for one in software):
        software += _caveat(diagnosis, traces)
    return {
        Reading.SOFTWARE: (*software, *_blanks(diagnosis, roles)),
        Reading.TAKEOVER: (
            *_by_role(diagnosis, roles, AttributeRole.CHANGE),
            *_tenures(diagnosis, roles),
        ),
        Reading.RING: _by_role(diagnosis, roles, AttributeRole.SHARED),
        Reading.POLICY: _planned(diagnosis, traces),
    }


def _by_role(
    diagnosis: Diagnosis, roles: Mapping[str, AttributeRole], role: AttributeRole
) -> tuple[Evidence, ...]:
    """The causes that name an attribute of a role."""
    found: list[Evidence] = []
    for cause in diagnosis.causes:
        for name, value in _named(cause, roles, role):
            against = _against(cause, role, value, diagnosis)
            counts = 0.0 if against else _share(cause, diagnosis)
            found.append(_of(cause, name, value, against or role, not against, counts))
            if not against:
                break
    if found:
        return tuple(found)
    known = [name for name in diagnosis.attributes if roles[name] is role]
    key = f"no_{role}" if known else f"unseen_{role}"
    return (Evidence(key, False, {"names": ", ".join(known)}),)


def _caveat(diagnosis: Diagnosis, traces: Traces) -> tuple[Evidence, ...]:
    """What a version among the causes leaves open, where the record does not answer it."""
    if diagnosis.forecast is None:
        return () if traces.foresight else (Evidence("no_plan", False, {}),)
    return () if traces.replay else (Evidence("unplanned", True, {}),)


def _blanks(diagnosis: Diagnosis, roles: Mapping[str, AttributeRole]) -> Iterator[Evidence]:
    """Causes with a value that is missing. No card and no new device are honest answers, so only
    causes count that name nothing of which another reading speaks."""
    for cause in diagnosis.causes:
        named = {roles[name] for where in (cause.where, *cause.same) for name in where}
        if named & {AttributeRole.CHANGE, AttributeRole.SHARED}:
            continue
        for name, value in _named(cause, roles, AttributeRole.PLAIN):
            if is_blank(value):
                yield _of(cause, name, value, "blank", True, _share(cause, diagnosis))
                break


def _tenures(diagnosis: Diagnosis, roles: Mapping[str, AttributeRole]) -> Iterator[Evidence]:
    """Whether the accounts where something had changed are old. A new account has everything new,
    and nobody took it over."""
    for cause in diagnosis.causes:
        if all(is_no(value) for _, value in _named(cause, roles, AttributeRole.CHANGE)):
            continue
        for name, value in _named(cause, roles, AttributeRole.TENURE):
            if (old := is_old(name, value)) is not None:
                key, sign = ("old_accounts", SOME) if old else ("young_accounts", -SOME)
                yield _of(cause, name, value, key, old, sign * _share(cause, diagnosis))
                break


def _of(
    cause: Cause, name: str, value: AttributeValue, key: str, speaks_for: bool, counts: float
) -> Evidence:
    values = {
        "attribute": name, "value": value, "hits": cause.hits, "accounts": cause.accounts,
        "expected": cause.expected,
    }  # fmt: skip
    return Evidence(key, speaks_for, values, counts)


def _share(cause: Cause, diagnosis: Diagnosis) -> float:
    """The part of all hits that a cause has in excess."""
    return max(0.0, cause.excess) / diagnosis.hits


def _named(
    cause: Cause, roles: Mapping[str, AttributeRole], role: AttributeRole
) -> Iterable[tuple[str, AttributeValue]]:
    """The conditions of a cause with a role; those of an alias too, as it may be the cause."""
    for where in (cause.where, *cause.same):
        yield from ((name, value) for name, value in where.items() if roles[name] is role)


def _against(cause: Cause, role: AttributeRole, value: AttributeValue, diagnosis: Diagnosis) -> str:
    """Why a condition of a role does not speak for its reading; empty where it does."""
    if role is AttributeRole.CHANGE and is_no(value):
        return "unchanged"
    if role is AttributeRole.SHARED and value is None:
        return "shares_nothing"
    if role is AttributeRole.SHARED and cause.accounts > RING_SIZE * diagnosis.accounts:
        return "too_common"
    return ""


def _planned(diagnosis: Diagnosis, traces: Traces) -> tuple[Evidence, ...]:
    """Hits as the plan's weights say: none in excess, and no more than they forecast."""
    hits, forecast = diagnosis.hits, diagnosis.forecast
    if forecast is None:
        return () if traces.foresight else (Evidence("no_forecast", False, {}),)
    if diagnosis.causes:
        share = sum(_share(cause, diagnosis) for cause in diagnosis.causes)
        return (Evidence("off_plan", False, {"share": share}),)
    if hits < FEW:
        return (Evidence("few", False, {"hits": hits}),)
    values = {"hits": hits, "forecast": forecast}
    if diagnosis.probable and hits - forecast > max(NEAR * forecast, 4 * sqrt(forecast)):
        return (Evidence("on_plan", True, {"hits": hits}), Evidence("more", False, values))
    profile = Evidence("on_plan", True, {"hits": hits}, MUCH)
    if diagnosis.probable:
        return (profile, Evidence("no_more", True, values))
    return (profile, Evidence("no_total", False, {}))
