"""`python -m bench.nab DATA`: the detector of public signals, by the rule of the Numenta Anomaly
Benchmark. DATA is a folder of its series (timestamp, value) with their `windows.json`.

Written from the published rule: Lavin and Ahmad, *Evaluating Real-time Anomaly Detection
Algorithms, the Numenta Anomaly Benchmark* (ICMLA 2015, arXiv:1510.03336), section III, with the
cost of a false positive at 0.11, as its standard profile has it. Rows of the probationary start are
not scored. The first alarm in a window earns the more the earlier it comes, a window without one
costs 1, and each alarm elsewhere costs up to 0.11, the less the closer it follows a window. One
threshold serves all series: the one with the highest sum. 0 is a detector that says nothing, 100
one that raises an alarm on the first row of each window and nowhere else.

Beside it: the windowed Gaussian, whose published score of three of the ten tweet series this scorer
gives to the last digit; made-up corpora of ten series each, easy and hard (see `bench.crowds`); the
real series thinned to few counts a row, as of smaller crowds with the same bursts; and for each
real series the threshold that the others would have chosen.
"""

from __future__ import annotations

import argparse
import csv
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from math import erfc, exp, floor, inf, sqrt
from pathlib import Path
from statistics import mean, pstdev
from typing import Any

from bench.crowds import corpus, thinned
from habeas.core.policy.events import instant
from habeas.core.signal import Listener

PROBATION, PROBATION_ROWS = 0.15, 5000  # of the rows, but of 5000 at most
TRUE_WEIGHT, FALSE_WEIGHT, MISSED_WEIGHT = 1.0, 0.11, 1.0
KINDS = ("easy", "hard")
MEANS = (1, 2, 5, 10, 20)  # counts a row, of the thinned series
FAR = 3.0  # widths after a window an alarm costs all
Window = tuple[int, int]  # first and last row


def sigmoid(position: float) -> float:
    """From 1 well before the end of a window to -1 well after it; 0 at its end."""
    return 2 / (1 + exp(5 * position)) - 1 if position < FAR else -1.0


@dataclass(frozen=True)
class Scored:
    """A series: the scores a detector gave its rows, and its labelled windows in order."""

    name: str
    scores: Sequence[float]
    windows: Sequence[Window]


@dataclass(frozen=True)
class Worth:
    """What a row is worth if an alarm is raised there; `window` counts from 0, None is none."""

    score: float
    window: int | None
    value: float


def worths(series: Scored) -> list[Worth]:
    """Of each row that is scored."""
    size = len(series.scores)
    start = floor(min(PROBATION * size, PROBATION * PROBATION_ROWS))
    found, number = [], 0
    for row in range(size):
        while number < len(series.windows) and series.windows[number][1] < row:
            number += 1
        inside = number < len(series.windows) and series.windows[number][0] <= row
        value = _inside(series.windows[number], row) if inside else _outside(series, number, row)
        if row >= start:
            found.append(Worth(series.scores[row], number if inside else None, value))
    return found


def _inside(window: Window, row: int) -> float:
    first, last = window
    return TRUE_WEIGHT * sigmoid(-(last - row + 1) / (last - first + 1)) / sigmoid(-1.0)


def _outside(series: Scored, number: int, row: int) -> float:
    if number == 0:
        return -FALSE_WEIGHT
    first, last = series.windows[number - 1]
    return FALSE_WEIGHT * sigmoid((row - last) / max(last - first, 1))


@dataclass(frozen=True)
class Tally:
    """What a threshold makes of one series: raw score, windows found, alarms outside of any."""

    raw: float
    found: int
    windows: int
    false: int


def tally(series: Scored, threshold: float) -> Tally:
    """An alarm is a score at the threshold or above it."""
    best = dict.fromkeys(range(len(series.windows)), -MISSED_WEIGHT)
    false, cost = 0, 0.0
    for worth in worths(series):
        if worth.score < threshold:
            continue
        if worth.window is None:
            false, cost = false + 1, cost + worth.value
        else:
            best[worth.window] = max(best[worth.window], worth.value)
    found = sum(value > -MISSED_WEIGHT for value in best.values())
    return Tally(cost + sum(best.values()), found, len(best), false)


def best_threshold(corpus: Iterable[Scored]) -> tuple[float, float]:
    """The threshold with the highest raw score summed over all series, and that score."""
    rows = []
    best: dict[tuple[str, int], float] = {}
    for series in corpus:
        best.update({(series.name, n): -MISSED_WEIGHT for n in range(len(series.windows))})
        rows += [(w.score, series.name, w) for w in worths(series)]
    rows.sort(key=lambda row: -row[0])
    total = top = sum(best.values())
    threshold, last = inf, inf
    for score, name, worth in rows:
        if score != last and total > top:
            top, threshold = total, last
        last = score
        if worth.window is None:
            total += worth.value
        elif worth.value > best[name, worth.window]:
            total += worth.value - best[name, worth.window]
            best[name, worth.window] = worth.value
    return (last, total) if total > top else (threshold, top)


def normalised(raw: float, windows: int) -> float:
    """From 0, a detector that says nothing, to 100, a perfect one."""
    null, perfect = -MISSED_WEIGHT * windows, TRUE_WEIGHT * windows
    return 100 * (raw - null) / (perfect - null)


@dataclass(frozen=True)
class Series:
    """Counts in time order, and the rows of the labelled windows."""

    name: str
    times_us: Sequence[int]
    values: Sequence[float]
    windows: Sequence[Window]


def read(folder: Path) -> list[Series]:
    """The series that `windows.json` names."""
    found = []
    for name, windows in json.loads((folder / "windows.json").read_text()).items():
        with (folder / name).open(newline="") as source:
            rows = list(csv.DictReader(source))
        times = [instant(row["timestamp"]) for row in rows]
        ends = [(times.index(instant(a)), times.index(instant(b))) for a, b in windows]
        values = [float(row["value"]) for row in rows]
        found.append(Series(name.removesuffix(".csv"), times, values, ends))
    return found


def made(seed: int, hard: bool) -> list[Series]:
    """Ten made-up series of 55 days from a Thursday evening."""
    start = int(datetime.fromisoformat("2015-02-26T21:42:53+00:00").timestamp()) * 1_000_000
    found = []
    for number, (values, windows) in enumerate(corpus(seed, hard)):
        times = range(start, start + len(values) * 300_000_000, 300_000_000)
        found.append(Series(f"{seed}/{number}", times, [float(v) for v in values], windows))
    return found


def smaller(real: Iterable[Series], average: float, seed: int) -> list[Series]:
    """The series as smaller crowds would have written them; the windows stay."""
    return [replace(one, values=thinned(one.values, average, seed)) for one in real]


Detector = Callable[[Series], list[float]]


def habeas(series: Series) -> list[float]:
    listener = Listener()
    rows = zip(series.times_us, series.values, strict=True)
    return [listener.hear(when, value).score for when, value in rows]


def windowed_gaussian(series: Series, size: int = 6400, step: int = 100) -> list[float]:
    """How far a value is from the mean of the 6,400 before, renewed each 100, to 12 digits: the
    reference as it was when its scores were published."""
    found, first, last = [0.0], 0, 1
    sums, squares = _sums(series.values), _sums([v * v for v in series.values])
    for row, value in enumerate(series.values[1:], 1):
        last = row if row <= size else size + (row - size) // step * step
        first, count = max(0, last - size), min(last, size)
        average = (sums[last] - sums[first]) / count
        spread = sqrt(max((squares[last] - squares[first]) / count - average**2, 0)) or 1e-6
        chance = 1 - 0.5 * erfc(abs(value - average) / spread / 1.4142)
        found.append(float(f"{chance:.12g}"))
    return found


def _sums(values: Iterable[float]) -> list[float]:
    found = [0.0]
    for value in values:
        found.append(found[-1] + value)
    return found


DETECTORS: dict[str, Detector] = {"Habeas": habeas, "windowed Gaussian": windowed_gaussian}


def scores_of(name: str, corpus: Iterable[Series]) -> list[Scored]:
    return [Scored(s.name, DETECTORS[name](s), s.windows) for s in corpus]


def score(scored: Sequence[Scored]) -> float:
    return normalised(best_threshold(scored)[1], sum(len(s.windows) for s in scored))


def judged(name: str, corpus: Sequence[Series]) -> dict[str, Any]:
    """A detector on real series: its score, what the one threshold makes of each, and the score
    where each series gets the threshold that the others would choose."""
    before = time.process_time()
    scored = scores_of(name, corpus)
    seconds = time.process_time() - before
    threshold, _ = best_threshold(scored)
    windows = sum(len(s.windows) for s in corpus)
    return {
        "score": score(scored),
        "threshold": threshold,
        "rows_per_second": round(sum(len(s.values) for s in corpus) / max(seconds, 1e-9)),
        "series": {s.name: asdict(tally(s, threshold)) for s in scored},
        "held_out": normalised(sum(_held_out(scored)), windows),
    }


def _held_out(scored: Sequence[Scored]) -> Iterator[float]:
    for series in scored:
        threshold, _ = best_threshold([s for s in scored if s is not series])
        yield tally(series, threshold).raw


def report(folder: Path, seeds: int) -> dict[str, Any]:
    real = read(folder)
    found: dict[str, Any] = {name: {"real": judged(name, real)} for name in DETECTORS}
    corpora = {kind: [made(seed, kind == "hard") for seed in range(seeds)] for kind in KINDS}
    for average in MEANS:
        corpora[f"mean {average}"] = [smaller(real, average, seed) for seed in range(seeds)]
    for name in DETECTORS:
        for kind, several in corpora.items():
            scores = [score(scores_of(name, one)) for one in several]
            spread = pstdev(scores) if scores else 0.0
            found[name][kind] = {"score": mean(scores or [0.0]), "spread": spread}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder of series and windows.json")
    parser.add_argument("--seeds", type=int, default=6, help="made-up corpora of each kind")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    given = parser.parse_args()
    found = report(given.data, given.seeds)
    print(f"{'':20}{'real':>8}{'held out':>10}{'easy':>16}{'hard':>16}{'rows a second':>16}")
    for name, by in found.items():
        cells = [f"{by[k]['score']:8.1f} +- {by[k]['spread']:4.1f}" for k in KINDS]
        real = by["real"]
        print(
            f"{name:20}{real['score']:8.1f}{real['held_out']:10.1f}{cells[0]:>16}{cells[1]:>16}"
            f"{real['rows_per_second']:16,}"
        )
    for name, by in found.items():
        low = [(m, by[f"mean {m}"]) for m in MEANS]
        each = ", ".join(f"{m}: {one['score']:.1f} +- {one['spread']:.1f}" for m, one in low)
        print(f"{name}, the real series thinned to a mean of {each}")
    for series, one in found["Habeas"]["real"]["series"].items():
        print(
            f"{series}: raw {one['raw']:.3f}, {one['found']} of {one['windows']} windows, "
            f"{one['false']} false alarms"
        )
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
