"""The statistics of a diagnosis: bounds that hold, prices that add up, rates told apart."""

from __future__ import annotations

from itertools import combinations
from math import comb, exp, inf, log, prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.wave import Diagnosis
from habeas.core.wave.diagnosis import (
    MOST_CELLS,
    NARROW,
    WIDE,
    Cause,
    Cell,
    Spread,
    beside_others,
    least_hits,
    likelihood,
    price,
    says_as_much,
)
from tests.core.wave.ratios import HitCount, evidence

WHOLE = HitCount(100, 1.0)


def cell(causes: set[int], hits: int, mass: float, heads: float | None = None) -> Cell:
    return Cell(frozenset(causes), hits, mass, mass if heads is None else heads)


@given(st.integers(1, 60), st.data())
def test_the_evidence_bounds_the_exact_binomial_tail(hits: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, hits))
    mass = data.draw(st.floats(0.001, 0.999))
    tail = sum(comb(hits, k) * mass**k * (1 - mass) ** (hits - k) for k in range(part, hits + 1))
    assert tail <= exp(-evidence(HitCount(part, mass), HitCount(hits, 1.0))) * (1 + 1e-9)


def test_evidence_by_hand() -> None:
    told = evidence(HitCount(40, 0.1), WHOLE)
    assert told == pytest.approx(40 * log(4) + 60 * log(0.6 / 0.9))
    assert evidence(HitCount(10, 0.1), WHOLE) == 0
    assert evidence(HitCount(5, 0.1), WHOLE) == 0
    assert evidence(HitCount(100, 0.1), WHOLE) == pytest.approx(100 * log(10))
    assert evidence(HitCount(1, 0.0), WHOLE) == inf
    assert evidence(HitCount(0, 0.0), HitCount(0, 1.0)) == 0


@given(st.integers(1, 90), st.floats(0.01, 0.8), st.integers(1, 10))
def test_more_hits_of_the_same_mass_say_more(hits: int, mass: float, more: int) -> None:
    less = evidence(HitCount(hits, mass), WHOLE)
    assert evidence(HitCount(hits + more, mass), WHOLE) >= less


@given(st.lists(st.integers(1, 50), min_size=3, max_size=7))
def test_the_prices_of_all_patterns_share_one_error(sizes: list[int]) -> None:
    """The sum over all that could have been picked, of what each takes of the error, is 1."""
    shares = (
        prod(chosen) * exp(-price(len(sizes), chosen))
        for order in (1, 2, 3)
        for chosen in combinations(sizes, order)
    )
    assert sum(shares) == pytest.approx(1.0)


@given(st.integers(1, 10**7))
def test_so_few_cells_can_have_enough_hits_that_a_byte_counts_them(hits: int) -> None:
    assert hits // least_hits(hits) <= MOST_CELLS < 255


# --- several causes at once


@given(st.integers(1, 400), st.integers(0, 400), st.floats(0.001, 0.5))
def test_a_cause_alone_says_what_its_evidence_says(inside: int, outside: int, mass: float) -> None:
    cells = [cell({0}, inside, mass), cell(set(), outside, 1 - mass)]
    told = evidence(HitCount(inside, mass), HitCount(inside + outside, 1.0))
    assert beside_others(cells, 1, weighed=False)[0] == pytest.approx(told, abs=0.05, rel=0.01)


def test_the_overlap_of_two_causes_says_nothing_more() -> None:
    """Rates of 1, 4 and 2 thousand: where both causes strike, 7 thousand."""
    cells = [
        cell({0}, 500, 0.1), cell({1}, 300, 0.1), cell({0, 1, 2}, 70, 0.01),
        cell(set(), 790, 0.79),
    ]  # fmt: skip
    first, second, both = beside_others(cells, 3, weighed=False)
    assert first > 100
    assert second > 60
    assert both < 1


def test_a_cause_that_strikes_by_heads_is_told_from_one_that_strikes_by_the_plan() -> None:
    """In the cause lie a likely and an unlikely half; each has as many hits."""
    cells = [
        cell({0, 1}, 200, 0.01, 0.05), cell({0}, 200, 0.09, 0.05), cell(set(), 90, 0.9, 0.9),
    ]  # fmt: skip
    assert likelihood(cells, {0: Spread.HEADS}) > likelihood(cells, {0: Spread.PLAN}) + 50
    whole, half = beside_others(cells, 2, weighed=True)
    assert whole > 100
    assert half < 2
    assert beside_others(cells, 2, weighed=False)[1] > 50


def test_hits_where_nothing_can_be_expected_are_impossible() -> None:
    assert likelihood([cell(set(), 3, 0.0), cell(set(), 5, 1.0)], {}) == -inf


# --- a pattern and a narrower one within it


def nested(narrow: int, rest: int, around: int, heads: tuple[float, float]) -> list[Cell]:
    """A tenth of the mass is the narrow's, a tenth the rest's of the wide."""
    return [
        cell({NARROW, WIDE}, narrow, 0.1, heads[0]), cell({WIDE}, rest, 0.1, heads[1]),
        cell(set(), around, 0.8, 1 - sum(heads)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("narrow", "rest", "weighed", "as_much"),
    [
        (100, 100, False, True),
        (100, 85, False, True),
        (100, 10, False, False),
        (100, 10, True, True),
        (180, 20, False, False),
        (180, 20, True, True),  # nine times the heads
        (150, 50, False, True),  # five times as many as around: there is a cause there too
    ],
)
def test_the_wider_is_the_cause_where_it_is_hit_evenly(
    narrow: int, rest: int, weighed: bool, as_much: bool
) -> None:
    cells = nested(narrow, rest, 80, (0.18, 0.02))
    assert says_as_much(cells, margin=5.0, weighed=weighed) is as_much


# --- values


def test_a_cause_as_json() -> None:
    found = Cause({"version": "v7"}, 120, 2.5, 900, 0.6, 80, -1000.0, ({"build": 9},)).as_json()
    assert found["where"] == {"version": "v7"}
    assert (found["hits"], found["expected"], found["ratio"]) == (120, 2.5, 48.0)
    assert (found["excess"], found["share"], found["left"]) == (117.5, 0.6, 80)
    assert found["p"] == 0.0  # e^-1000 is below the smallest number there is
    assert found["log10_p"] == pytest.approx(-434.294, abs=0.001)
    assert found["same"] == [{"build": 9}]


def test_where_none_was_expected_there_is_no_ratio() -> None:
    cause = Cause({"version": None}, 20, 0.0, 30, 0.1, 0, 3.0)
    assert cause.ratio is None
    assert (cause.p, cause.log10_p) == (1.0, 0.0)


def test_without_a_cause_all_hits_are_left() -> None:
    found = Diagnosis((), 40, 900, None, False, {}, ("version",))
    assert found.left == 40
    assert found.as_json()["causes"] == ()
