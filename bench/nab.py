"""`python -m bench.nab`: the detector of public signals by the rule of the Numenta Anomaly Benchmark.

Written from the published rule: Lavin and Ahmad, *Evaluating Real-time Anomaly Detection Algorithms,
the Numenta Anomaly Benchmark* (ICMLA 2015, arXiv:1510.03336), section III, with the cost of a false
positive at 0.11, as its standard profile has it. Rows of the probationary start are not scored.
The first alarm in a window earns the more the earlier it comes, a window without one costs 1, and
each alarm elsewhere costs up to 0.11, the less the closer it follows a window. One threshold serves
all series: the one with the highest sum. 0 is a detector that says nothing, 100 one that raises an
alarm on the first row of each window and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import exp, floor, inf

PROBATION, PROBATION_ROWS = 0.15, 5000  # of the rows, but of 5000 at most
TRUE_WEIGHT, FALSE_WEIGHT, MISSED_WEIGHT = 1.0, 0.11, 1.0
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
