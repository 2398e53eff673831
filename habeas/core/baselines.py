"""Baselines: how many decisions the brake expects, by stream and hour of the week.

A stream is one attribute with one value ("policy", "returns-abuse@3"), or the whole of the
decisions. The applied plan's forecast is the baseline. A stream that no plan foresaw has a small
floor, then what it learns; never as much as it likes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite

from habeas.core.errors import InvalidInput
from habeas.core.ids import SECOND, UNITS
from habeas.core.plans import EPOCH_HOUR, HOUR, HOURS, UNKNOWN, Mode, Plan, PolicyPlan

Stream = tuple[str, str]  # an attribute and its value
Hours = tuple[float, ...]  # decisions expected in each hour of the week, from Monday 00:00 UTC

WHOLE: Stream = ("*", "*")
NEW = "(new)"  # all values of an attribute together, each in the bin in which it first appears
POLICY = "policy"
DAY_HOURS = 24
LEARNED_DAYS = 7
BIN_SECONDS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600)  # each divides an hour
MOST_A_BIN = 0.25
LEAST_BY_PROMISE = 10


class Basis(StrEnum):
    """Where an expectation comes from. The console shows it: only that of a plan was read by
    people before it was applied."""

    PLAN = "plan"
    SHARE = "share"  # of the whole stream's forecast, as the operator allows for this attribute
    LEARNED = "learned"  # from what the brake let through in the last days
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class Terms:
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
    def planned(self) -> bool:
        """Whether a plan says what to expect. Where none does, the promise of false pauses holds
        only as far as the stream stays within the slack of what was learned."""
        return WHOLE in self.forecasts

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


def shown(stream: Stream) -> str:
    return "all decisions" if stream == WHOLE else f"{stream[0]} {stream[1]}"


def version_of(policy: str, version: int) -> str:
    """The value of the attribute `policy`."""
    return f"{policy}@{version}"


def foreseen(plan: Plan) -> dict[Stream, Hours]:
    """The forecasts that a plan froze: of the whole, of each policy version, of each part of each
    segment (its share of the findings, spread over the week as its policy's are). Findings are at
    least as many as decisions. A plan in shadow mode foresees no decision."""
    part = 0.0 if plan.mode is Mode.SHADOW else 1.0
    if plan.mode is Mode.CANARY and plan.canary is not None:
        part = plan.canary / 100
    found: dict[Stream, list[float]] = {WHOLE: [0.0] * HOURS}
    for policy in plan.policies:
        for stream, share in _shares(policy):
            sums = found.setdefault(stream, [0.0] * HOURS)
            for hour, count in enumerate(policy.forecast.hours):
                sums[hour] += count * share * part
    return {stream: tuple(sums) for stream, sums in found.items()}


def _shares(policy: PolicyPlan) -> Iterable[tuple[Stream, float]]:
    if policy.version is None:  # taken out of force
        return
    yield WHOLE, 1.0
    yield (POLICY, version_of(policy.policy, policy.version)), 1.0
    for segment in policy.segments:
        for band in segment.bands:
            if policy.findings and segment.name != POLICY:
                yield (segment.name, band.label), band.findings / policy.findings


def bin_for(hours: Hours, batch_us: int = SECOND) -> int:
    """A time bin for a stream, microseconds: the longest in which its busiest hour expects at
    most 0.25 decisions, but no shorter than a legitimate batch lasts (an hour at most)."""
    peak = max(hours, default=0.0)
    fitting = [s for s in BIN_SECONDS if peak * s * SECOND / HOUR <= MOST_A_BIN]
    longest = max(fitting, default=BIN_SECONDS[0]) * SECOND
    lasting = [s * SECOND for s in BIN_SECONDS if s * SECOND >= batch_us]
    return max(longest, min(lasting, default=HOUR))
