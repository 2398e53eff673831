"""Calibrate: the slack that the last quarter of a plan's history would have needed.

The brake is replayed over weeks that its forecast was not made from. A slack that stays far from
closing there is enough; a larger one only lets more wrong decisions through. Nothing is changed:
the operator writes it down in `brake.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from habeas.core.brake import BrakeTerms
from habeas.core.brake.baselines import POLICY, WHOLE, bin_for, version_of
from habeas.core.brake.brakes import BrakeInquiry, calibrated
from habeas.core.errors import NotFound
from habeas.core.policy import Plan
from habeas.core.policy.plans import forecast
from habeas.core.times import UNITS
from habeas.flows.brake.gate import BrakeGround
from habeas.ports.attributes import last_known
from habeas.ports.folder import Folder
from habeas.ports.tables import FindingMoment, finding_moments

HELD_OUT = 4  # the last quarter
LEAST_US = 7 * UNITS["d"]  # of history before: each hour of the week was seen


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Of one policy: `decisions` were held out, from `since_us` to `until_us`. `slack` is the
    smallest that they stay quiet with, None where none does or where `why` says that it cannot be
    told; `longest_us` is the longest bin in which the busiest hour expects a quarter of a
    decision at most."""

    policy: str
    slack: float | None
    set_slack: float
    longest_us: int
    set_bin_us: int
    decisions: int
    since_us: int
    until_us: int
    why: str = ""


def calibrate(folder: Folder) -> list[Calibrated]:
    """For each policy in force. Raises NotFound where none is, and where the plan's findings are
    gone; InvalidInput where they are damaged."""
    ground, name = BrakeGround.of(folder), folder.applied_plan()
    if ground.plan is None or name is None:
        raise NotFound("no policy is in force here", "put some in force with `habeas apply`")
    found = finding_moments(folder.frozen(name).findings)
    names = [p.policy for p in ground.plan.policies if p.version]
    return [_one(p, ground, ground.plan, [m for m in found if m.policy == p]) for p in names]


def _one(
    policy: str, ground: BrakeGround, plan: Plan, found: Sequence[FindingMoment]
) -> Calibrated:
    first_us, last_us = plan.scope.first_us, plan.scope.last_us
    since_us = last_us - (last_us - first_us) // HELD_OUT
    before = [m.time_us for m in found if m.time_us < since_us]
    after = sorted((m for m in found if m.time_us >= since_us), key=lambda m: m.time_us)
    hours = forecast(before, first_us, since_us - 1).hours
    terms = _forecast(ground.terms(policy), hours)
    short = since_us - first_us < LEAST_US
    return Calibrated(
        policy=policy,
        slack=None if short else calibrated(terms, _asks(after, ground)),
        set_slack=terms.slack,
        longest_us=bin_for(hours),
        set_bin_us=terms.bin_us,
        decisions=len(after),
        since_us=since_us,
        until_us=last_us,
        why="less than a week of history is left to forecast from" if short else "",
    )


def _forecast(terms: BrakeTerms, hours: tuple[float, ...]) -> BrakeTerms:
    """The terms with this forecast of the whole; each stream keeps its share. Caps are left out:
    they are no matter of slack."""
    whole = sum(terms.forecasts[WHOLE]) or 1.0
    shares = {stream: sum(own) / whole for stream, own in terms.forecasts.items()}
    made = {stream: tuple(h * share for h in hours) for stream, share in shares.items()}
    return replace(terms, forecasts=made | {WHOLE: hours}, caps={})


def _asks(found: Sequence[FindingMoment], ground: BrakeGround) -> Iterable[BrakeInquiry]:
    known: dict[str, dict[str, str]] = {}
    if ground.facts and ground.events is not None:
        wanted = {str(n): (m.account, m.time_us) for n, m in enumerate(found)}
        known = last_known(ground.events, wanted, ground.facts)
    for n, moment in enumerate(found):
        version = {POLICY: version_of(moment.policy, moment.version)}
        yield BrakeInquiry(moment.time_us, known.get(str(n), {}) | version)
