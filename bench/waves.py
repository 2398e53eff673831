"""`python -m bench.waves`: wrong decisions that take force before a wave is stopped, by the brake
and by what is used elsewhere, all tuned to one false alarm in the days of a stream without waves.

Each detector is tried on the whole stream and on each of 200 segments. The brake stands there
twice: tuned as the others are, and as it is used, with the promise of one false pause in those
days and no tuning. `-` is a wave that half of the runs did not notice in six hours. Then: how often
the brake blames the right segment, what a decision costs, and whether promises are kept
(`bench.promises`).

A batch that lasts for several of the brake's bins (`--lasts 60`) is what its promise does not
cover, and shows. `--mixed` spreads each batch over all segments, which spares a detector that
looks at segments. Three minutes of processor time by default."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import inf
from statistics import median

import numpy as np

from bench import promises
from bench.detectors import DETECTORS, Detector, Points
from bench.surges import DAY, KINDS, LASTS, ONE, Flow, Shape, Waved, calm, profile, shares, waved
from habeas.core.brake import Brake, BrakeTerms, Closing, Release
from habeas.core.brake.baselines import WHOLE, Hours, Stream
from habeas.core.brake.brakes import BrakeInquiry
from habeas.core.decision import Actor
from habeas.core.times import SECOND

MONDAY = 1_523_232_000  # seconds; 00:00 UTC
NEVER = 10**9  # days
PEOPLE = (Actor("dora", True), Actor("emil", True))


@dataclass(frozen=True)
class Setting:
    """Of the brake: seconds, how many times the forecast, and days."""

    bin: int
    slack: float
    promise: int

    def terms(self, split: bool, promise: int) -> BrakeTerms:
        hours = profile()
        parts: dict[Stream, Hours] = {WHOLE: tuple(hours)}
        if split:
            parts |= {("segment", str(n)): tuple(hours * s) for n, s in enumerate(shares())}
        names = ("segment",) if split else ()
        return BrakeTerms(promise * DAY * SECOND, names, parts, self.bin * SECOND, self.slack)


def asks(flow: Flow) -> Iterator[BrakeInquiry]:
    for when, segment in zip(flow.times, flow.segments, strict=True):
        yield BrakeInquiry(int((MONDAY + when) * SECOND), {"segment": str(segment)})


def watched(flow: Flow, split: bool, setting: Setting) -> Points:
    """The brake's evidence at each decision, never closed."""
    brake, evidence = Brake(setting.terms(split, NEVER)), np.zeros(len(flow.times))
    for n, one in enumerate(asks(flow)):
        brake.ask(one)
        evidence[n] = brake.evidence
    return flow.times, evidence


def pauses(flow: Flow, split: bool, setting: Setting) -> int:
    """How often a brake that keeps its promise closes; it is always released."""
    brake, found = Brake(setting.terms(split, setting.promise)), 0
    for one in asks(flow):
        if not brake.ask(one).passes:
            found += 1
            brake.release(Release(one.time_us, PEOPLE, "the stream is calm"))
    return found


def stopped(wave: Waved, split: bool, setting: Setting) -> tuple[float, Closing | None]:
    """Wrong decisions that a brake with its promise lets through, and its closing."""
    brake, through = Brake(setting.terms(split, setting.promise)), 0
    for one, wrong in zip(asks(wave.flow), wave.flow.wrong, strict=True):
        if not brake.ask(one).passes:
            return float(through), brake.closed
        through += bool(wrong)
    return inf, None


def tuned(points: Points, days: int) -> tuple[float, int]:
    """The lowest threshold that is passed on one day only, and on how many days it is."""
    times, found = points
    peaks = np.full(days + 1, -inf)
    np.maximum.at(peaks, (times // DAY).astype(int).clip(0, days), found)
    threshold = float(np.sort(peaks)[-2])
    return threshold, int(np.sum(peaks > threshold))


def let_through(points: Points, wave: Waved, threshold: float) -> float:
    """Wrong decisions before the alarm; none ever is infinite. False alarms before are left."""
    times, found = points
    end = wave.start + LASTS
    alarms = times[(found > threshold) & (times > wave.start) & (times <= end)]
    if not len(alarms):
        return inf
    return float(np.sum(wave.flow.wrong & (wave.flow.times < alarms[0])))


@dataclass(frozen=True)
class Row:
    """`medians` are wrong decisions by kind of wave; `false` alarms when calm."""

    name: str
    medians: dict[str, float]
    false: int

    def __str__(self) -> str:
        cells = ("-" if m == inf else f"{m:.0f}" for m in self.medians.values())
        return f"{self.name:50}" + "".join(f"{c:>15}" for c in cells) + f"{self.false:>8}"


@dataclass(frozen=True)
class Trial:
    """One run of the benchmark: the same streams for all."""

    days: int
    shape: Shape
    waves: dict[str, list[Waved]]
    null: Flow

    @classmethod
    def made(cls, days: int, runs: int, shape: Shape, seed: int) -> Trial:
        seeds = range(seed + 1, seed + 1 + runs)
        waves = {k: [waved(np.random.default_rng(s), k, shape) for s in seeds] for k in KINDS}
        return cls(days, shape, waves, calm(np.random.default_rng(seed), days, shape))

    def tuned(self, name: str, detect: Detector, split: bool) -> Row:
        threshold, false = tuned(detect(self.null, split), self.days)
        medians = {
            kind: median(let_through(detect(w.flow, split), w, threshold) for w in waves)
            for kind, waves in self.waves.items()
        }
        return Row(f"{name}, {_of(split)}", medians, false)

    def promised(self, split: bool, setting: Setting) -> Row:
        medians = {
            kind: median(stopped(w, split, setting)[0] for w in waves)
            for kind, waves in self.waves.items()
        }
        false = pauses(self.null, split, setting)
        return Row(f"brake as it promises, {_of(split)}", medians, false)

    def blamed(self, setting: Setting) -> tuple[int, int]:
        """How often the stream with most evidence, the whole left out, is the one to blame."""
        right = 0
        for wave in self.waves[ONE]:
            _, closing = stopped(wave, True, setting)
            named = [c.stream for c in closing.causes if c.stream != WHOLE] if closing else []
            right += named[:1] == [("segment", str(wave.segment))]
        return right, len(self.waves[ONE])


def _of(split: bool) -> str:
    return "each segment" if split else "the whole"


def cost(flow: Flow, setting: Setting) -> tuple[float, float]:
    """Microseconds of processor time for a decision in a bin of its own, and in the same bin."""
    brake, found = Brake(setting.terms(True, NEVER)), [*asks(flow)]
    start = time.process_time()
    for one in found:
        brake.ask(one)
    apart = time.process_time() - start
    start = time.process_time()
    for _ in found:
        brake.ask(found[-1])
    return apart / len(found) * 1e6, (time.process_time() - start) / len(found) * 1e6


def compared(trial: Trial, setting: Setting) -> None:
    print(f"{'median wrong decisions':50}" + "".join(f"{k:>15}" for k in KINDS) + "   false")
    others, brakes = [], []
    for split in (False, True):
        for name, detect in DETECTORS.items():
            others.append(trial.tuned(name, detect, split))
            print(others[-1], flush=True)
    for split in (False, True):
        detect = partial(watched, setting=setting)
        brakes += [trial.tuned("brake tuned", detect, split), trial.promised(split, setting)]
        print(*brakes[-2:], sep="\n", flush=True)
    best = {kind: min(row.medians[kind] for row in others) for kind in KINDS}
    for row in brakes[2:]:
        ratios = (best[kind] / max(row.medians[kind], 1.0) for kind in KINDS)
        print(f"{'best of the others / ' + row.name:50}" + "".join(f"{r:15.1f}" for r in ratios))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--days", type=int, default=365, help="of the stream without waves")
    parser.add_argument("--runs", type=int, default=25, help="waves of each kind")
    parser.add_argument("--seed", type=int, default=100, help="of the streams")
    parser.add_argument("--lasts", type=float, default=0.0, help="seconds, of a batch")
    parser.add_argument("--mixed", action="store_true", help="batches of all segments")
    parser.add_argument("--bin", type=int, default=10, help="seconds, of the brake")
    parser.add_argument("--slack", type=float, default=1.75, help="of the brake")
    given = parser.parse_args()
    before = time.process_time()
    setting = Setting(given.bin, given.slack, given.days)
    trial = Trial.made(given.days, given.runs, Shape(given.lasts, given.mixed), given.seed)
    compared(trial, setting)
    right, runs = trial.blamed(setting)
    print(f"the right segment is blamed in {right} of {runs} runs")
    apart, same = cost(trial.waves[ONE][0].flow, setting)
    print(f"a decision costs {apart:.1f} us of processor time, {same:.1f} in a bin that is open")
    promises.main()
    spent = time.process_time() - before
    print(f"{given.days} days, {given.runs} waves of each kind; {spent:.0f} s of processor time")


if __name__ == "__main__":
    main()
