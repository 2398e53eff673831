"""Columns as numbers: every type that can be compared, and what is left out; and what a plan
expects of each account."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from habeas.core.wave.diagnosis import AttributeValue, LeftOut
from habeas.engine.profiles import Attribute, coded, expected_units

DAY = datetime(2026, 3, 1, tzinfo=UTC)


def column(values: list[Any], kind: pa.DataType | None = None) -> pa.ChunkedArray:
    half = len(values) // 2
    parts = [pa.array(values[:half], kind), pa.array(values[half:], kind)]
    return pa.chunked_array([part.cast(parts[0].type) for part in parts] if kind is None else parts)


def told(values: list[Any], kind: pa.DataType | None = None) -> list[AttributeValue]:
    """What each account's value is in the end."""
    found = coded("x", column(values, kind))
    assert isinstance(found, Attribute)
    return [found.values[code] for code in found.codes]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["a", "b", "a", None, "b"], pa.string()),
        (["a", "b", "a", None, "b"], pa.large_string()),
        (["a", "b", "a", None, "b"], pa.dictionary(pa.int8(), pa.string())),
        ([7, -1, 7, None], pa.int16()),
        ([7, 1, 7, None], pa.dictionary(pa.int32(), pa.int64())),
        ([True, False, None, True], pa.bool_()),
        ([1.5, 2.0, 1.5, None], pa.float32()),
    ],
    ids=str,
)
def test_values_stay_what_they_are_and_null_is_one_of_them(
    values: list[Any], kind: pa.DataType
) -> None:
    assert told(values, kind) == values


def test_nan_is_null() -> None:
    assert told([1.0, float("nan"), 1.0, None]) == [1.0, None, 1.0, None]


def test_times_and_decimals_are_told_as_text() -> None:
    assert told([date(2026, 3, 1), date(2026, 3, 2)] * 2) == ["2026-03-01", "2026-03-02"] * 2
    assert told([DAY, None, DAY]) == [str(DAY), None, str(DAY)]
    assert told([Decimal("1.50"), Decimal("2.00"), Decimal("1.50")]) == ["1.50", "2.00", "1.50"]


def test_measures_are_left_out_where_they_have_many_values() -> None:
    numbers = np.linspace(0, 1, 1_500).tolist()
    times = [DAY + timedelta(seconds=s) for s in range(1_500)]
    for values in (numbers, times):
        assert coded("x", column(values * 2)) is LeftOut.MEASURE
        assert len(set(told(values[:900] * 2))) == 900
    assert len(set(told(list(range(1_500)) * 2))) == 1_500  # whole numbers can be names


@pytest.mark.parametrize(
    ("values", "kind", "why"),
    [
        (["a", "b", "c", "d"], pa.string(), LeftOut.UNIQUE),
        ([1, 2, 3, None], pa.int64(), LeftOut.UNIQUE),
        (["a", "a", "a", "a"], pa.string(), LeftOut.CONSTANT),
        ([None, None], pa.string(), LeftOut.CONSTANT),
        ([None, None], pa.null(), LeftOut.CONSTANT),
        ([float("nan"), None], pa.float64(), LeftOut.CONSTANT),
        ([["a"], ["b"], ["a"]], pa.list_(pa.string()), LeftOut.TYPE),
        ([{"a": 1}, {"a": 2}], pa.struct([("a", pa.int64())]), LeftOut.TYPE),
        ([b"a", b"b", b"a"], pa.binary(), LeftOut.TYPE),
    ],
    ids=str,
)
def test_what_cannot_be_compared_is_left_out(
    values: list[Any], kind: pa.DataType, why: LeftOut
) -> None:
    assert coded("x", column(values, kind)) is why


# --- what is expected


def test_without_weights_all_are_alike() -> None:
    units = expected_units(None, 1_000, 10)
    assert units.min() == units.max()
    assert units.sum() == pytest.approx(2.0**52, rel=1e-9)


def test_small_weights_count_in_proportion_whatever_their_unit() -> None:
    weights = np.random.default_rng(1).uniform(0, 1e-3, 10_000)
    units, more = (expected_units(w, 10_000, 20) for w in (weights, weights * 700))
    np.testing.assert_allclose(units, more)
    part = units[:100].sum() / units.sum()
    assert part == pytest.approx(weights[:100].sum() / weights.sum(), rel=0.01)


def test_a_likely_account_can_be_hit_only_once() -> None:
    """Against drawing without putting back, which is what happens to accounts."""
    weights = np.where(np.arange(1_000) < 100, 50.0, 1.0)
    rng = np.random.default_rng(2)
    drawn = [
        (rng.choice(1_000, 200, replace=False, p=weights / weights.sum()) < 100).sum()
        for _ in range(200)
    ]
    units = expected_units(weights, 1_000, 200)
    assert 200 * units[:100].sum() / units.sum() == pytest.approx(np.mean(drawn), rel=0.02)
    assert np.mean(drawn) < 100 < 200 * weights[:100].sum() / weights.sum()


def test_probabilities_that_add_up_to_the_hits_are_taken_as_they_are() -> None:
    weights = np.where(np.arange(1_000) < 500, 0.8, 0.1)
    units = expected_units(weights, 1_000, 450)
    assert units[0] / units[-1] == pytest.approx(8.0, rel=0.02)


def test_an_account_of_no_weight_is_expected_a_little() -> None:
    units = expected_units(np.array([0.0, 1.0, 1.0]), 3, 2)
    assert 0 < units[0] < units[1] / 1_000


def test_more_hits_than_accounts_of_any_weight_are_no_trouble() -> None:
    units = expected_units(np.array([0.0, 0.0, 1.0, 2.0]), 4, 3)
    assert (units > 0).all()
