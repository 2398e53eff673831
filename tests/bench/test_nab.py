"""The scorer gives what NAB's published rule gives, worked out by hand, and on NAB's own series the
published scores of the windowed Gaussian."""

from __future__ import annotations

import os
from math import inf
from pathlib import Path

import pytest

from bench.crowds import ROWS, corpus, thinned
from bench.nab import Scored, best_threshold, normalised, read, sigmoid, tally, windowed_gaussian

NAB = Path(os.environ.get("HABEAS_NAB", "/nowhere"))
PUBLISHED = {"AAPL": 1.5139968362565832, "AMZN": 1.5584829945714498, "FB": 0.11975027819081463}


def series(alarms: dict[int, float], windows: tuple[tuple[int, int], ...] = ((40, 59),)) -> Scored:
    return Scored("s", [alarms.get(n, 0.0) for n in range(100)], windows)


@pytest.mark.parametrize(
    ("alarms", "raw"),
    [
        ({}, -1.0),
        ({40: 1.0}, 1.0),  # the first row of the window
        ({59: 1.0}, sigmoid(-1 / 20) / sigmoid(-1)),  # the last
        ({50: 1.0, 45: 1.0}, sigmoid(-15 / 20) / sigmoid(-1)),  # the earlier counts
        ({20: 1.0}, -1.11),  # before any window
        ({60: 1.0}, -1 + 0.11 * sigmoid(1 / 19)),  # right after it
        ({99: 1.0}, -1 + 0.11 * sigmoid(40 / 19)),
        ({14: 1.0}, -1.0),  # probation
        ({15: 1.0}, -1.11),
        ({40: 1.0, 15: 0.4}, 1.0),  # below the threshold
    ],
)
def test_the_raw_score_of_a_series(alarms: dict[int, float], raw: float) -> None:
    assert tally(series(alarms), 0.5).raw == pytest.approx(raw)


def test_the_sigmoid_of_the_paper() -> None:
    assert sigmoid(-1.0) == pytest.approx(0.98661, abs=1e-5)
    assert sigmoid(-0.5) == pytest.approx(0.84828, abs=1e-5)
    assert sigmoid(0.0) == 0
    assert sigmoid(2.99) > sigmoid(3.0) == -1.0


def test_probation_is_750_rows_at_most() -> None:
    long = Scored("s", [float(n in (749, 750)) for n in range(10_000)], [(9000, 9100)])
    assert tally(long, 0.5).false == 1


def test_one_threshold_is_the_best_of_all() -> None:
    first = series({40: 0.9, 20: 0.3})
    second = Scored("t", [0.5 if n == 40 else 0.4 if n in (20, 25) else 0 for n in range(100)],
                    [(40, 59)])  # fmt: skip
    threshold, raw = best_threshold([first, second])
    assert threshold == 0.5
    assert raw == pytest.approx(2.0)
    every = {s for one in (first, second) for s in one.scores}
    assert raw == max(tally(first, t).raw + tally(second, t).raw for t in every | {inf})
    assert normalised(raw, 2) == 100


def test_a_detector_that_says_nothing_is_0() -> None:
    assert best_threshold([Scored("s", [0.5] * 1000, [(400, 401)])]) == (inf, -1.0)
    assert normalised(-1.0, 1) == 0


def test_made_up_windows_cover_a_tenth() -> None:
    for counts, windows in corpus(1, hard=False)[:3]:
        assert len(counts) == ROWS
        assert sum(b - a + 1 for a, b in windows) == pytest.approx(ROWS / 10, abs=4)


def test_a_smaller_crowd_writes_less_of_the_same() -> None:
    counts, _ = corpus(1, hard=False)[0]
    whole = [float(count) for count in counts]
    fewer = thinned(whole, 2, seed=1)
    assert sum(fewer) / ROWS == pytest.approx(2, rel=0.05)
    assert all(left <= count for left, count in zip(fewer, whole, strict=True))
    assert thinned(whole, 2, seed=1) == fewer != thinned(whole, 2, seed=2)
    assert thinned(whole, 1e9, seed=1) == whole


@pytest.mark.skipif(not NAB.is_dir(), reason="set HABEAS_NAB to a folder of NAB's tweet series")
def test_published_scores_are_given_to_the_last_digit() -> None:
    for one in read(NAB):
        scored = Scored(one.name, windowed_gaussian(one), one.windows)
        name = one.name.removeprefix("Twitter_volume_")
        assert tally(scored, 1.0).raw == pytest.approx(PUBLISHED[name], abs=1e-12)
