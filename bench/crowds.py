"""Made-up counts of what a crowd writes, five minutes a row, as `bench.nab` tunes on: level, season
of day and week, drift, shifts of level, over-dispersed counts, minor bursts all the time, silent
rows, and some large bursts, of which a person would have labelled the larger ones.

Windows lie around the peaks they label and cover a tenth of a series, as those of the Numenta
Anomaly Benchmark do. `hard` has more and larger minor bursts, and labels that follow size less."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

ROWS, DAY = 15_840, 288
SERIES = 10
EDGE = 2400  # no window begins in the probationary start
LABELLED = (1, 2, 3, 4), (0.05, 0.25, 0.3, 0.4)  # bursts of a series, and how often
Array = NDArray[np.float64]
Made = tuple[NDArray[np.int64], list[tuple[int, int]]]


def corpus(seed: int, hard: bool) -> list[Made]:
    """Ten series, each with the first and last row of its windows."""
    rng = np.random.default_rng(seed)
    return [series(rng, hard) for _ in range(SERIES)]


def thinned(counts: Sequence[float], mean: float, seed: int) -> list[float]:
    """The same stream as a smaller crowd would write it: each post is kept with the same chance,
    so that about `mean` a row are left, or all where there are no more."""
    rng = np.random.default_rng(seed)
    chance = min(1.0, mean / float(np.mean(counts)))
    return [float(left) for left in rng.binomial(np.asarray(counts, dtype=np.int64), chance)]


def series(rng: np.random.Generator, hard: bool) -> Made:
    level = rate(rng)
    shape = rng.uniform(4, 20)
    excess = minor(rng, rng.uniform(0.4, 0.9) if hard else rng.uniform(0.3, 0.8))
    scheduled(rng, excess)
    windows = major(rng, excess, level, hard)
    counts = rng.poisson(level * rng.gamma(shape, 1 / shape, ROWS) * (1 + excess))
    for _ in range(rng.poisson(12)):
        start, size = rng.integers(ROWS), 1 + (rng.random() < 0.1) * rng.integers(20)
        counts[start : start + size] = 0
    return counts, windows


def rate(rng: np.random.Generator) -> Array:
    """Expected counts a row without bursts."""
    row = np.arange(ROWS)
    depth, turn = rng.uniform(0.2, 0.7), 2 * np.pi * row / DAY
    day = np.sin(turn + rng.uniform(0, 6.3)) + rng.uniform(0, 0.5) * np.sin(
        2 * turn + rng.uniform(0, 6.3)
    )
    weekend = (row // DAY + rng.integers(7)) % 7 >= 5
    drift = wander(rng) + np.cumsum(rng.normal(0, 0.0015, ROWS))
    for _ in range(rng.poisson(1.5)):
        drift[rng.integers(ROWS) :] += rng.normal(0, 0.3)
    base = rng.normal(np.log(25), 0.8) + depth * day + np.log(rng.uniform(0.5, 1)) * weekend
    return np.asarray(np.exp(base + drift))


def wander(rng: np.random.Generator) -> Array:
    """An Ornstein-Uhlenbeck walk that forgets in some hours."""
    memory, size = rng.uniform(36, 200), rng.uniform(0.1, 0.3)
    steps = rng.normal(0, size * np.sqrt(2 / memory), ROWS)
    for before, row in pairwise(range(ROWS)):
        steps[row] += steps[before] * (1 - 1 / memory)
    return steps


def outline(rng: np.random.Generator, chances: tuple[float, float, float]) -> Array:
    """How a burst goes, 1 at its peak: one row; a fall over an hour or so; a rise and a fall."""
    kind = rng.choice(3, p=chances)
    if kind == 0:
        return np.ones(1)
    fade = np.exp(rng.normal(np.log(5 if kind == 1 else 16), 0.8))
    fall = np.exp(-np.arange(int(6 * fade) + 2) / fade)
    rise = np.linspace(0, 1, rng.integers(2, 24), endpoint=False)
    return fall if kind == 1 else np.concatenate([rise, fall])


def add(excess: Array, start: int, burst: Array) -> None:
    size = min(len(burst), ROWS - start)
    excess[start : start + size] += burst[:size]


def minor(rng: np.random.Generator, scale: float) -> Array:
    """The excess, in times of the rate, of one to four small bursts a day."""
    excess = np.zeros(ROWS)
    for _ in range(rng.poisson(rng.uniform(1, 4) * ROWS / DAY)):
        size = np.expm1(rng.exponential(scale * 0.6))
        add(excess, rng.integers(ROWS), size * outline(rng, (0.45, 0.35, 0.2)))
    return excess


def scheduled(rng: np.random.Generator, excess: Array) -> None:
    """Four in ten series have a burst at the same time on most days."""
    if rng.random() < 0.4:
        row, size = rng.integers(DAY), rng.uniform(0.5, 4)
        days = np.flatnonzero(rng.random(ROWS // DAY) < 0.7)
        excess[days * DAY + row] += size * rng.exponential(size=len(days))


def major(
    rng: np.random.Generator, excess: Array, level: Array, hard: bool
) -> list[tuple[int, int]]:
    """Add the large bursts; the windows of those that are labelled."""
    count = int(rng.choice(LABELLED[0], p=LABELLED[1]))
    width = ROWS // 10 // count
    sizes = rng.exponential(1.1 if hard else 1.0, count + rng.poisson(2)) + (1.2 if hard else 1.5)
    weights = np.exp((1 if hard else 2) * sizes)
    labelled = rng.choice(len(sizes), count, replace=False, p=weights / weights.sum())
    peaks: list[int] = []
    windows = []
    for number, size in enumerate(sizes):
        start = apart(rng, peaks, width, number in labelled)
        burst = outline(rng, (0.3, 0.4, 0.3))
        height = np.expm1(size if len(burst) == 1 else 0.8 * size)
        if not hard:  # a person labels what is large beside the whole series
            height *= np.clip(np.median(level) / level[start], 0.5, 2)
        add(excess, start, height * burst)
        peaks.append(start)
        if number in labelled:
            first = start + int(np.argmax(burst)) - width // 2
            windows.append((first, first + width - 1))
    return sorted(windows)


def apart(rng: np.random.Generator, peaks: list[int], width: int, labelled: bool) -> int:
    for _ in range(1000):
        first = EDGE + width // 2 if labelled else DAY
        start = int(rng.integers(first, ROWS - width))
        if all(abs(start - peak) > width + 48 for peak in peaks):
            break
    return start
