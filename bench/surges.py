"""Made-up streams of decisions for the benchmark of the brake: calm ones, and ones with a wave.

They are seasonal and over-dispersed (each hour's rate has a gamma factor), and have legitimate
batches, each of one segment, as a job makes them that goes through a country. All follows from
the generator that is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from habeas.core.policy.plans import HOURS

DAY, WARM, LASTS = 86_400, 2, 6 * 3600  # seconds; days of history before a wave; its length
A_DAY, SEGMENTS = 1_000, 200
MOST = 3_000  # wrong decisions of a wave
BATCHED = 0.1  # of the decisions
ONE, X20, X5, DUMP = "1 of 200", "x20", "x5", "500 in 10 min"
KINDS = (ONE, X20, X5, DUMP)
Array = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Shape:
    """`lasts` is how many seconds a batch takes; a `mixed` one is of all segments."""

    lasts: float = 0.0
    mixed: bool = False


@dataclass(frozen=True)
class Flow:
    """Decisions in order: seconds from Monday, segment, and whether a wave made it."""

    times: Array
    segments: Numbers
    wrong: NDArray[np.bool_]
    days: int


@dataclass(frozen=True)
class Waved:
    """A flow with a wave from `start` (seconds) on, in one `segment` or in all."""

    flow: Flow
    start: float
    segment: int | None


def profile() -> Array:
    """Decisions an hour of the week: nights are calm, weekends calmer."""
    hour = np.arange(HOURS)
    rate = (1 + 0.7 * np.sin((hour % 24 - 8) / 24 * 2 * np.pi)) * np.where(hour >= 120, 0.7, 1.0)
    return rate / rate.sum() * A_DAY * 7


def shares() -> Array:
    """How the decisions are spread over the segments: the largest has some two in a hundred."""
    sizes = np.exp(np.random.default_rng(1).normal(0, 0.6, SEGMENTS))
    return sizes / sizes.sum()


def drawn(rng: np.random.Generator, count: int) -> Numbers:
    """Segments."""
    return rng.choice(SEGMENTS, count, p=shares())


def calm(rng: np.random.Generator, days: int, shape: Shape) -> Flow:
    """Nine in ten decisions come alone, one in ten in a batch of 5 to 35."""
    rate = np.resize(profile(), days * 24) * rng.gamma(10, 0.1, days * 24)
    counts = rng.poisson((1 - BATCHED) * rate)
    single = (np.repeat(np.arange(days * 24), counts) + rng.random(counts.sum())) * 3600
    sizes = rng.integers(5, 36, rng.poisson(BATCHED * A_DAY * days / 20))
    starts = np.repeat(rng.random(len(sizes)) * days * DAY, sizes)
    times = np.concatenate([single, starts + rng.random(len(starts)) * shape.lasts])
    own = drawn(rng, len(starts)) if shape.mixed else np.repeat(drawn(rng, len(sizes)), sizes)
    where = np.concatenate([drawn(rng, len(single)), own])
    return _ordered(times, where, np.zeros(len(times), bool), days)


def waved(rng: np.random.Generator, kind: str, shape: Shape) -> Waved:
    """A wave in one of the segments, of 100 to 400 times its rate; in all, of 20 or 5 times
    theirs; or 500 decisions in ten minutes."""
    flow, start = calm(rng, WARM + 1, shape), WARM * DAY + rng.random() * DAY / 2
    rate = profile()[int(start // 3600) % HOURS] / 3600
    lasts, segment = float(LASTS), None
    if kind == ONE:
        segment = int(rng.integers(SEGMENTS))
        rate *= shares()[segment] * rng.uniform(100, 400)
    elif kind == DUMP:
        rate, lasts = 500 / 600, 600.0
    else:
        rate *= float(kind.removeprefix("x")) - 1
    times = start + np.cumsum(rng.exponential(1 / rate, MOST))
    times = times[times < start + lasts]
    where = drawn(rng, len(times)) if segment is None else np.full(len(times), segment)
    wrong = np.concatenate([flow.wrong, np.ones(len(times), bool)])
    joined = np.concatenate([flow.times, times]), np.concatenate([flow.segments, where])
    return Waved(_ordered(*joined, wrong, flow.days), start, segment)


def _ordered(times: Array, segments: Numbers, wrong: NDArray[np.bool_], days: int) -> Flow:
    order = np.argsort(times, kind="stable")
    return Flow(times[order], segments[order], wrong[order], days)
