"""`python -m bench.waves`: wrong decisions that take force before a wave is stopped, by the brake
and by what is used elsewhere, all tuned to one false alarm in the days of a stream without waves.

The stream is seasonal, over-dispersed (each hour's rate has a gamma factor) and has legitimate
batches, at once by default: a batch that lasts for several of the brake's bins (`--lasts 4`) is
what its promise does not cover, and shows; `--bin 10` is the remedy. Waves: 200 segments of which
one has 100 to 400 times its rate; all at 20 and at 5 times; 500 decisions in ten minutes. `-` is a
wave that was not noticed. Two minutes of processor time by default."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from statistics import median

import numpy as np
from numpy.typing import NDArray

from habeas.core.baselines import WHOLE, Hours, Stream, Terms
from habeas.core.decisions import Actor
from habeas.core.ids import SECOND
from habeas.core.plans import HOURS
from habeas.core.waves import Asked, Brake, Release

DAY, WARM, LASTS = 86_400, 2, 6 * 3600  # seconds; days of history before a wave; its length
MONDAY = 1_523_232_000  # seconds; 00:00 UTC
A_DAY, SEGMENTS = 1_000, 200
MOST = 3_000  # wrong decisions of a wave
Array = NDArray[np.float64]


@dataclass
class Settings:
    lasts: float = 0.0  # seconds, of a batch
    bin: int = 1  # seconds, of the brake


SET = Settings()


@dataclass(frozen=True)
class Flow:
    """Decisions in order: seconds from Monday, segment, and whether a wave made it."""

    times: Array
    segments: NDArray[np.int64]
    wrong: NDArray[np.bool_]
    days: int


def profile() -> Array:
    """Decisions an hour of the week: nights are calm, weekends calmer."""
    hour = np.arange(HOURS)
    rate = (1 + 0.7 * np.sin((hour % 24 - 8) / 24 * 2 * np.pi)) * np.where(hour >= 120, 0.7, 1.0)
    return rate / rate.sum() * A_DAY * 7


def shares() -> Array:
    """How the decisions are spread over the segments: the largest has some two in a hundred."""
    sizes = np.exp(np.random.default_rng(1).normal(0, 0.6, SEGMENTS))
    return sizes / sizes.sum()


def calm(rng: np.random.Generator, days: int) -> Flow:
    """Nine in ten decisions come alone, one in ten in a batch of 5 to 35."""
    rate = np.resize(profile(), days * 24) * rng.gamma(10, 0.1, days * 24)
    counts = rng.poisson(0.9 * rate)
    single = (np.repeat(np.arange(days * 24), counts) + rng.random(counts.sum())) * 3600
    sizes = rng.integers(5, 36, rng.poisson(0.1 * A_DAY * days / 20))
    starts = np.repeat(rng.random(len(sizes)) * days * DAY, sizes)
    times = np.concatenate([single, starts + rng.random(len(starts)) * SET.lasts])
    segments = rng.choice(SEGMENTS, len(times), p=shares())
    return ordered(times, segments, np.zeros(len(times), bool), days)


def ordered(times: Array, segments: NDArray[np.int64], wrong: NDArray[np.bool_], days: int) -> Flow:
    order = np.argsort(times, kind="stable")
    return Flow(times[order], segments[order], wrong[order], days)


def waved(rng: np.random.Generator, kind: str) -> tuple[Flow, float]:
    """A calm stream with a wave, and when the wave starts."""
    flow, start = calm(rng, WARM + 1), WARM * DAY + rng.random() * DAY / 2
    rate = profile()[int(start // 3600) % HOURS] / 3600
    lasts, segment = float(LASTS), rng.integers(SEGMENTS)
    match kind:
        case "1 of 200":
            rate *= shares()[segment] * rng.uniform(100, 400)
        case "500 in 10 min":
            rate, lasts = 500 / 600, 600.0
        case _:
            rate *= float(kind.removeprefix("x")) - 1
    times = start + np.cumsum(rng.exponential(1 / rate, MOST))
    times = times[times < start + lasts]
    where = np.full(len(times), segment)
    if kind != "1 of 200":
        where = rng.choice(SEGMENTS, len(times), p=shares())
    wrong = np.concatenate([flow.wrong, np.ones(len(times), bool)])
    joined = np.concatenate([flow.times, times]), np.concatenate([flow.segments, where])
    return ordered(*joined, wrong, flow.days), start


Points = tuple[Array, Array]  # when a detector looked, and its statistic then


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


def cusum(flow: Flow, split: bool) -> Points:
    counts, expected = counted(flow, 60, split)
    excess, level = (counts - 1.5 * expected), np.zeros(counts.shape[1])
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


def terms(split: bool, promise_days: int) -> Terms:
    hours = profile()
    parts: dict[Stream, Hours] = {WHOLE: tuple(hours)}
    if split:
        parts |= {("segment", str(n)): tuple(hours * s) for n, s in enumerate(shares())}
    names = ("segment",) if split else ()
    wanted, bin_us = promise_days * DAY * SECOND, SET.bin * SECOND
    return Terms(wanted, names, parts, bin_us, slack=2.0)


def asks(flow: Flow) -> Iterator[Asked]:
    for when, segment in zip(flow.times, flow.segments, strict=True):
        yield Asked(int((MONDAY + when) * SECOND), {"segment": str(segment)})


def brake(flow: Flow, split: bool) -> Points:
    """Habeas: the evidence at each decision, never closed."""
    watch, evidence = Brake(terms(split, 10**9)), np.zeros(len(flow.times))
    for n, one in enumerate(asks(flow)):
        watch.ask(one)
        evidence[n] = watch.evidence
    return flow.times, evidence


def pauses(flow: Flow, split: bool) -> int:
    """How often a brake that promises one in the days of the stream closes; always released."""
    watch, found = Brake(terms(split, flow.days)), 0
    people = (Actor("dora", True), Actor("emil", True))
    for one in asks(flow):
        if not watch.ask(one).passes:
            found += 1
            watch.release(Release(one.time_us, people, "the stream is calm"))
    return found


Detector = Callable[[Flow, bool], Points]
DETECTORS: dict[str, Detector] = {
    "three-sigma, 5 min, trailing": three_sigma,
    "EWMA, 5 min, forecast": ewma,
    "CUSUM, 1 min, forecast": cusum,
    "hourly binomial": binomial,
    "brake": brake,
}
KINDS = ("1 of 200", "x20", "x5", "500 in 10 min")


def tuned(points: Points, days: int) -> tuple[float, Array]:
    """The lowest threshold that is passed on one day only, and each day's highest statistic."""
    times, found = points
    peaks = np.full(days + 1, -inf)
    np.maximum.at(peaks, (times // DAY).astype(int).clip(0, days), found)
    return float(np.sort(peaks)[-2]), peaks


def let_through(points: Points, flow: Flow, start: float, threshold: float) -> float:
    """Wrong decisions before the alarm; none ever is infinite. False alarms before are left."""
    times, found = points
    alarms = times[(found > threshold) & (times > start) & (times <= start + LASTS)]
    if not len(alarms):
        return inf
    return float(np.sum(flow.wrong & (flow.times < alarms[0])))


def rows(days: int, runs: int) -> Iterator[tuple[str, list[float], int]]:
    """Name, median wrong decisions by kind of wave, false alarms (days with one) when calm."""
    null = calm(np.random.default_rng(2), days)
    for name, detect in DETECTORS.items():
        for split in (False, True):
            threshold, peaks = tuned(detect(null, split), days)
            limits = {"tuned": threshold}
            if detect is brake:
                limits[f"promise of {days} days"] = float(days * DAY)
            results: dict[str, list[float]] = {limit: [] for limit in limits}
            for kind in KINDS:
                let: dict[str, list[float]] = {limit: [] for limit in limits}
                for seed in range(runs):
                    flow, start = waved(np.random.default_rng(100 + seed), kind)
                    points = detect(flow, split)
                    for limit, value in limits.items():
                        let[limit].append(let_through(points, flow, start, value))
                for limit in limits:
                    results[limit].append(median(let[limit]))
            for limit, value in limits.items():
                where = "by segment" if split else "the whole"
                over = int(np.sum(peaks > value)) if limit == "tuned" else pauses(null, split)
                yield f"{name}, {where}, {limit}", results[limit], over


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=20, help="of the stream without waves")
    parser.add_argument("--runs", type=int, default=5, help="waves of each kind")
    parser.add_argument("--lasts", type=float, default=0.0, help="seconds, of a batch")
    parser.add_argument("--bin", type=int, default=1, help="seconds, of the brake")
    given = parser.parse_args()
    SET.lasts, SET.bin = given.lasts, given.bin
    before = time.process_time()
    print(f"{'median wrong decisions':54}", *(f"{k:>13}" for k in KINDS), "  false alarms")
    for name, medians, false in rows(given.days, given.runs):
        cells = ("-" if m == inf else f"{m:.0f}" for m in medians)
        print(f"{name:54}", *(f"{c:>13}" for c in cells), f"{false:14}", flush=True)
    print(f"{given.days} days, {given.runs} waves each; {time.process_time() - before:.0f} s CPU")


if __name__ == "__main__":
    main()
