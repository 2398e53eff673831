"""What else is used against waves, for the benchmark of the brake: each looks at the end of each
of its bins, at the whole stream or at each segment, and says how far it is out of the ordinary."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import inf

import numpy as np

from bench.surges import DAY, SEGMENTS, Array, Flow, profile, shares

Points = tuple[Array, Array]  # when a detector looked, and its statistic then
Detector = Callable[[Flow, bool], Points]


def counted(flow: Flow, bin_s: int, split: bool) -> tuple[Array, Array]:
    """Counts and expected counts of each bin, by segment or of the whole."""
    bins, parts = flow.days * DAY // bin_s, SEGMENTS if split else 1
    index = (flow.times // bin_s).astype(int).clip(0, bins - 1) * parts
    index += flow.segments if split else 0
    counts = np.bincount(index, minlength=bins * parts).reshape(bins, parts).astype(float)
    hours = np.resize(profile(), flow.days * 24)[np.arange(bins) * bin_s // 3600] * bin_s / 3600
    return counts, hours[:, None] * (shares() if split else np.ones(1))


def trailing(values: Array, window: int) -> Array:
    """The mean of the bins before each, as many as the window has."""
    sums = np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    end = np.arange(len(values))
    start = np.maximum(end - window, 0)
    return (sums[end] - sums[start]) / np.maximum(end - start, 1)[:, None]


def ends(statistic: Array, bin_s: int, warm_s: int = DAY) -> Points:
    """What a detector that looks at the end of each bin says of the worst segment."""
    found = statistic.max(axis=1)
    found[: warm_s // bin_s] = -inf
    return (np.arange(len(found)) + 1.0) * bin_s, found


def three_sigma(flow: Flow, split: bool) -> Points:
    counts, _ = counted(flow, 300, split)
    mean = trailing(counts, 288)
    spread = np.sqrt(np.maximum(trailing(counts**2, 288) - mean**2, 1 / 288))
    return ends((counts - mean) / spread, 300)


def ewma(flow: Flow, split: bool) -> Points:
    counts, expected = counted(flow, 300, split)
    scaled, level = (counts - expected) / np.sqrt(expected), np.zeros(counts.shape[1])
    for row in scaled:
        level = 0.2 * row + 0.8 * level
        row[:] = level
    return ends(scaled, 300)


def cusum(flow: Flow, split: bool, slack: float) -> Points:
    counts, expected = counted(flow, 60, split)
    excess, level = (counts - slack * expected), np.zeros(counts.shape[1])
    for row in excess:
        level = np.maximum(level + row, 0)
        row[:] = level
    return ends(excess, 60)


def binomial(flow: Flow, split: bool) -> Points:
    """Each hour's hits among its runs (fifty for each hit) against those of the 24 h before."""
    counts, expected = counted(flow, 3600, split)
    runs = 50 * expected
    before = trailing(counts, 24) / trailing(runs, 24).clip(1e-9)
    chance = (before + 1e-6).clip(1e-6, 0.999)
    rate = (counts / runs).clip(1e-9, 0.999)
    ratio = counts * np.log(rate / chance) + (runs - counts) * np.log((1 - rate) / (1 - chance))
    return ends(np.where(rate > chance, ratio, 0.0), 3600)


DETECTORS: dict[str, Detector] = {
    "three-sigma, 5 min, trailing": three_sigma,
    "EWMA, 5 min, forecast": ewma,
    "CUSUM, 1 min, forecast x 1.5": partial(cusum, slack=1.5),
    "CUSUM, 1 min, forecast x 2.5": partial(cusum, slack=2.5),
    "hourly binomial": binomial,
}
