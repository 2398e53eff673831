"""Terms: what the operator and the plan set for a brake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import ceil, isfinite

from habeas.core.brake.baselines import (
    DAY_HOURS,
    LEAST_BY_PROMISE,
    POLICY,
    WHOLE,
    Hours,
    Stream,
    foreseen,
    shown,
)
from habeas.core.brake.settings import Settings
from habeas.core.errors import IllegalMove, InvalidInput
from habeas.core.policy import Fact, Plan, Schema
from habeas.core.policy.conditions import Base
from habeas.core.policy.facts import FactKind, declared_facts
from habeas.core.policy.plans import EPOCH_HOUR, HOUR, HOURS, UNKNOWN
from habeas.core.times import SECOND, UNITS


class Basis(StrEnum):
    """Where an expectation comes from. The console shows it: only that of a plan was read by
    people before it was applied."""

    PLAN = "plan"
    SHARE = "share"  # of the whole stream's forecast, as the operator allows for this attribute
    LEARNED = "learned"  # from what the brake let through in the last days
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class BrakeTerms:
    """What the operator and the plan set. `promise_us` is the mean time between false pauses that
    the brake keeps to, in microseconds; `bin_us` divides an hour and is longer than a legitimate
    batch lasts (else the batch bets on itself, and pauses); `slack` is how many times its
    expectation a stream may reach for long; `floor` is the least expectation of any stream,
    decisions a day; `shares` is, by attribute, which part of the whole a value without a forecast
    may take (a new deployment that takes over all: 1.0). `caps` is, by attribute ("*" is the
    whole), how many decisions a stream may have in an hour of the clock, whatever was expected: a
    bin is one bet, so thousands within one bin are little evidence, and the cap is what stops
    them; the promise says nothing of pauses by a cap. Raises InvalidInput."""

    promise_us: int
    attributes: tuple[str, ...] = (POLICY,)
    forecasts: Mapping[Stream, Hours] = field(default_factory=dict)
    bin_us: int = 10 * SECOND
    slack: float = 1.75
    floor: float = 1.0
    shares: Mapping[str, float] = field(default_factory=dict)
    caps: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for sentence, hint in self._faults():
            raise InvalidInput(sentence, hint)

    def _faults(self) -> Iterable[tuple[str, str]]:
        if self.bin_us <= 0 or HOUR % self.bin_us:
            yield "the brake's time bin does not divide an hour", "write for example 1s, 30s or 5m"
        if not (isfinite(self.slack) and self.slack >= 1):
            yield f"a slack of {self.slack} is less than the forecast", "1.75 is a good start"
        days = self.promise_us / UNITS["d"]
        if not (isfinite(self.floor) and self.floor * days >= LEAST_BY_PROMISE):
            # one first decision after a long rest is worth as much evidence as the rest was long
            yield (
                f"with a floor of {self.floor} decisions a day, single decisions would close a "
                f"brake that promises one false pause in {days:g} days",
                "raise the floor or the promise: ten decisions or more in the time promised",
            )
        if len({*self.attributes, WHOLE[0]}) <= len(self.attributes):
            yield "an attribute is named twice, or '*'", "name each attribute once"
        for stream, hours in self.forecasts.items():
            if len(hours) != HOURS or not all(isfinite(h) and h >= 0 for h in hours):
                yield (
                    f"the forecast of {shown(stream)} is not {HOURS} numbers from 0",
                    "one for each hour of the week, from Monday 00:00 UTC",
                )
        if not all(0 <= share <= 1 for share in self.shares.values()):
            yield "a share of the whole lies outside 0 to 1", "1.0 is the whole"
        for name in self.caps.keys() - {WHOLE[0], *self.attributes}:
            yield f"there is a cap on {name}, which is no attribute of the brake", "add it"
        if not all(cap >= 0 for cap in self.caps.values()):
            yield "a cap is below 0", "0 lets nothing through"

    @property
    def promise(self) -> float:
        """In seconds, as the evidence is."""
        return self.promise_us / SECOND

    @property
    def bin(self) -> float:
        """In seconds."""
        return self.bin_us / SECOND

    def streams(self, attributes: Mapping[str, str | None]) -> tuple[Stream, ...]:
        """The streams a decision counts in. What lacks an attribute counts as unknown."""
        return (WHOLE, *((name, attributes.get(name) or UNKNOWN) for name in self.attributes))

    def expected(self, stream: Stream, hour: int, learned: float) -> tuple[float, Basis]:
        """Decisions expected in an hour (counted from 1970), and where that comes from. `learned`
        is decisions an hour."""
        floor = self.floor / DAY_HOURS
        week = (hour + EPOCH_HOUR) % HOURS
        if stream in self.forecasts:
            return max(self.forecasts[stream][week], floor), Basis.PLAN
        whole = self.forecasts.get(WHOLE)
        share = whole[week] * self.shares.get(stream[0], 0.0) if whole else 0.0
        best = max(share, learned, floor)
        if best == floor:
            return floor, Basis.FLOOR
        return best, Basis.SHARE if best == share else Basis.LEARNED


LEAST_CAP = 20  # decisions in an hour that no plan can forbid


LEAST_PACE = 1.0  # decisions an hour after a release


def watched(schema: Schema) -> dict[str, Fact]:
    """The segments of a plan that a single event tells; the others follow from an account's
    history, which is not at hand when a decision is to be told."""
    return {
        name: fact
        for name, fact in declared_facts(schema, "segments").items()
        if fact.kind is FactKind.LAST
        and fact.type.base in (Base.TEXT, Base.BOOLEAN)
        and (fact.by, fact.where, fact.over_us) == ("account", None, None)
        and name != POLICY
    }


def terms_of(
    policy: str, plan: Plan | None, settings: Settings, names: Sequence[str] = ()
) -> BrakeTerms:
    """What the brake of a policy goes by. `names` are the segments that can be told; the whole
    may lack one of them, so that unknown has the forecast of all. Without a plan that has the
    policy, the floor and what is learned."""
    own = [p for p in plan.policies if p.policy == policy and p.version] if plan else []
    forecasts: dict[Stream, Hours] = {}
    if plan is not None and own:
        forecasts = foreseen(replace(plan, policies=tuple(own)))
        forecasts = {s: h for s, h in forecasts.items() if s[0] in (WHOLE[0], POLICY, *names)}
        forecasts |= {(name, UNKNOWN): forecasts[WHOLE] for name in names}
    caps = {n: cap for n, cap in settings.caps.items() if n in (WHOLE[0], POLICY, *names)}
    return BrakeTerms(
        promise_us=settings.promise_us,
        attributes=(POLICY, *names),
        forecasts=forecasts,
        bin_us=settings.bin_us,
        slack=settings.slack,
        floor=settings.floor,
        # what an older version left behind may be all there is
        shares={POLICY: 1.0} | settings.shares,
        caps={WHOLE[0]: _cap(forecasts.get(WHOLE), settings.slack)} | caps,
    )


def _cap(hours: Hours | None, slack: float) -> int:
    """A day's decisions may come within one hour: that is how a nightly run looks."""
    if hours is None:
        return LEAST_CAP
    days = [sum(hours[i : i + DAY_HOURS]) for i in range(0, len(hours), DAY_HOURS)]
    return max(LEAST_CAP, ceil(slack * max(days)))


def pace_of(terms: BrakeTerms) -> float:
    """Decisions an hour after a release, where nobody says: what the slack allows of the plan's
    busiest hour."""
    return max(LEAST_PACE, terms.slack * max(terms.forecasts.get(WHOLE, (0.0,))))


def wave_id(policy: str, number: int) -> str:
    """The waves of a policy are numbered from 1."""
    return f"{policy}.{number}"


def held_by(policy: str) -> IllegalMove:
    """What a person is told who would move what the brake holds."""
    return IllegalMove(
        f"the brake of {policy} holds it (law 11)", f"see `habeas brake {policy}`; nothing is lost"
    )
