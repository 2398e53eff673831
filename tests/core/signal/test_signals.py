"""The listener of public signals: it looks back only, and it is calm where nothing happens."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from math import cos, exp, pi

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.core.signal import Listener
from habeas.core.signal.signals import DAY, RARE, USUAL_US, ScoredRow
from habeas.core.times import UNITS
from habeas.store.codec import decoded, encoded
from tests.budgets import examples

MONDAY_US = 1_523_232_000_000_000  # 2018-04-09
ROWS_A_DAY = DAY // USUAL_US
Row = tuple[int | None, float | None]

times = st.none() | st.integers(MONDAY_US - DAY, MONDAY_US + 30 * DAY)
values = st.none() | st.floats(0, 1e15) | st.integers(0, 50).map(float)
rows_given = st.lists(st.tuples(times, values), max_size=60)


def heard(rows: list[Row]) -> list[ScoredRow]:
    listener = Listener()
    return [listener.hear(time, value) for time, value in rows]


def crowd(days: int, mean: float = 30.0, seed: int = 1, growth: float = 0.0) -> list[Row]:
    """Over-dispersed counts with a season of the day."""
    rng = random.Random(seed)  # noqa: S311
    rows: list[Row] = []
    for n in range(days * ROWS_A_DAY):
        rate = mean * exp(0.6 * cos(2 * pi * n / ROWS_A_DAY) + growth * n / ROWS_A_DAY)
        rate *= rng.gammavariate(10, 0.1)
        rows.append((MONDAY_US + n * USUAL_US, float(round(rng.gauss(rate, rate**0.5)))))
    return [(time, max(value or 0.0, 0.0)) for time, value in rows]


def told(found: list[ScoredRow]) -> list[int]:
    return [n for n, row in enumerate(found) if row.told]


@given(rows_given, st.integers(0, 60))
def test_a_score_depends_on_what_came_before_only(rows: list[Row], cut: int) -> None:
    assert heard(rows)[:cut] == heard(rows[:cut])


@given(rows_given)
def test_every_row_has_a_score_from_0_to_1(rows: list[Row]) -> None:
    found = heard(rows)
    assert [row.value for row in found] == [value for _, value in rows]
    assert all(0 <= row.score <= 1 for row in found)


@given(rows_given, rows_given)
@settings(max_examples=examples(30))
def test_it_goes_on_from_what_it_knows(before: list[Row], after: list[Row]) -> None:
    listener = Listener()
    for time, value in before:
        listener.hear(time, value)
    twin = decoded(json.loads(json.dumps(encoded(listener))), Listener)
    assert [twin.hear(*row) for row in after] == [listener.hear(*row) for row in after]


@given(st.lists(st.tuples(times, values), min_size=1, max_size=40), st.floats(0, 1e6))
def test_more_is_never_less_surprising_unless_it_is_told(rows: list[Row], value: float) -> None:
    listener = Listener()
    for row in rows:
        listener.hear(*row)
    twin = deepcopy(listener)
    assert listener.hear(MONDAY_US, value).score <= twin.hear(MONDAY_US, value * 2 + 1).score


@pytest.mark.parametrize("growth", [0.0, 0.05, -0.05])
def test_season_and_trend_are_no_bursts(growth: float) -> None:
    found = heard(crowd(20, growth=growth))
    assert len(told(found)) <= 14  # of twenty days; one in three or so is chance
    assert max(row.score for row in found[ROWS_A_DAY:]) < 0.9999


def test_a_burst_is_told_at_once_and_once() -> None:
    rows = crowd(12)
    start = 10 * ROWS_A_DAY + 50
    for n in range(start, start + 24):
        rows[n] = (rows[n][0], (rows[n][1] or 0) + 400)
    found = heard(rows)
    assert found[start].told
    assert found[start].score > 0.999
    assert not [n for n in told(found) if start < n < start + ROWS_A_DAY]
    assert all(row.score <= 0.5 for row in found[start + 1 : start + 24])


def test_a_burst_that_grows_much_rarer_is_told_again() -> None:
    rows = crowd(12)
    start = 10 * ROWS_A_DAY + 50
    rows[start] = (rows[start][0], 300.0)
    rows[start + 30] = (rows[start + 30][0], 30_000.0)
    found = heard(rows)
    assert found[start].told
    assert found[start + 30].told
    assert found[start + 30].score > found[start].score


def test_a_new_level_is_learnt() -> None:
    rows = crowd(10) + [(t and t + 10 * DAY, (v or 0) * 4) for t, v in crowd(15, seed=2)]
    found = heard(rows)
    assert [n for n in told(found) if 10 * ROWS_A_DAY <= n < 11 * ROWS_A_DAY]
    assert len([n for n in told(found) if n >= 18 * ROWS_A_DAY]) <= 5
    assert 60 < found[-1].expected < 240


@pytest.mark.parametrize("value", [0.0, 1.0, 5.0, 1e9])
def test_a_constant_stream_has_no_burst(value: float) -> None:
    found = heard([(MONDAY_US + n * USUAL_US, value) for n in range(3000)])
    assert not told(found)


def test_one_post_after_a_long_silence_is_no_burst_and_twenty_are() -> None:
    silence: list[Row] = [(MONDAY_US + n * USUAL_US, 0.0) for n in range(5000)]
    now = MONDAY_US + 5000 * USUAL_US
    assert not heard([*silence, (now, 1.0)])[-1].told
    assert heard([*silence, (now, 20.0)])[-1].told


@pytest.mark.parametrize("mean", [0.3, 1.0, 3.0])
def test_few_counts_are_told_no_more_often_than_many(mean: float) -> None:
    """Once in three days by the law; plain counting noise is no more than that."""
    rows = poisson(60, mean)
    assert len(told(heard(rows))) <= 20
    rows[-1] = (rows[-1][0], 10 + 10 * mean)
    assert heard(rows)[-1].score > 0.99


def poisson(days: int, mean: float) -> list[Row]:
    rng = random.Random(5)  # noqa: S311
    counts = []
    for _ in range(days * ROWS_A_DAY):
        passed, count = rng.expovariate(mean), 0
        while passed < 1:
            passed, count = passed + rng.expovariate(mean), count + 1
        counts.append(float(count))
    return [(MONDAY_US + n * USUAL_US, count) for n, count in enumerate(counts)]


def test_nothing_is_told_on_the_first_day() -> None:
    rows = crowd(2)
    rows[200] = (rows[200][0], 5000.0)
    found = heard(rows)
    assert not told(found[: ROWS_A_DAY - 1])
    assert found[200].score <= 0.5


def test_an_unknown_value_scores_0_and_teaches_nothing() -> None:
    rows = crowd(3)
    listener, twin = Listener(), Listener()
    for time, value in rows:
        listener.hear(time, value)
        twin.hear(time, value)
    assert twin.hear(rows[-1][0], None).score == 0
    assert twin.level == listener.level
    assert twin.season == listener.season


@pytest.mark.parametrize("spoil", ["missing", "repeated", "backward", "far ahead"])
def test_times_that_are_wrong_do_not_hide_a_burst(spoil: str) -> None:
    rows = crowd(12)
    for n in range(500, 3000, 7):
        before = rows[n - 1][0] or 0
        wrong = {"missing": None, "repeated": before, "backward": before - 3 * UNITS["h"]}
        rows[n] = (wrong.get(spoil, before + 3650 * DAY), rows[n][1])
    start = 10 * ROWS_A_DAY + 50
    rows[start] = (rows[start][0], 2000.0)
    found = heard(rows)
    assert found[start].told
    assert found[start].score > 1 - 1 / RARE


def test_after_a_gap_of_a_week_it_knows_what_it_knew() -> None:
    rows = crowd(10) + [(t and t + 17 * DAY, v) for t, v in crowd(3, seed=3)]
    found = heard(rows)
    after = found[10 * ROWS_A_DAY]
    assert after.expected == pytest.approx(30 * exp(0.6), rel=0.5)
    assert len([n for n in told(found) if n >= 10 * ROWS_A_DAY]) <= 3
