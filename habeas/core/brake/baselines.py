"""Baselines: how many decisions the brake expects, by stream and hour of the week.

A stream is one attribute with one value ("policy", "returns-abuse@3"), or the whole of the
decisions. The applied plan's forecast is the baseline. A stream that no plan foresaw has a small
floor, then what it learns; never as much as it likes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from habeas.core.languages import Lang
from habeas.core.policy import Plan
from habeas.core.policy.plans import HOUR, HOURS, Mode, PolicyPlan
from habeas.core.times import SECOND

Stream = tuple[str, str]  # an attribute and its value
Hours = tuple[float, ...]  # decisions expected in each hour of the week, from Monday 00:00 UTC

WHOLE: Stream = ("*", "*")
ALL: Mapping[Lang, str] = {"en": "all decisions", "fr": "toutes les décisions"}
NEW = "(new)"  # all values of an attribute together, each in the bin in which it first appears
POLICY = "policy"
DAY_HOURS = 24
LEARNED_DAYS = 7
BIN_SECONDS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600)  # each divides an hour
MOST_A_BIN = 0.25
LEAST_BY_PROMISE = 10


def shown(stream: Stream, lang: Lang = "en") -> str:
    """A stream as people read it: `country FR`, or all decisions."""
    return ALL[lang] if stream == WHOLE else f"{stream[0]} {stream[1]}"


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
