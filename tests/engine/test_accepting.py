"""What is accepted as whole columns: the plain forms are, so that they are fast; the values and
the rest are held to `accept` where records come in (tests/ports/test_arrivals.py)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest

from habeas.core.policy.events import LONGEST
from habeas.engine.accepting import Acceptance
from habeas.engine.arrow import events_schema
from tests.core.samples import schema_of

SCHEMA = schema_of()
NOW = 1_523_262_600_000_000  # 2018-04-09T08:30:00Z


def sure(**columns: Any) -> list[bool]:
    count = len(next(iter(columns.values())))
    envelope = {"id": "e", "time": NOW, "account": "a", "type": "order"}
    raw = pa.table({name: [value] * count for name, value in envelope.items()} | columns)
    events, found = Acceptance(SCHEMA).judged(raw, NOW)
    assert events.schema == events_schema(SCHEMA)
    assert len(events) == count
    listed: list[bool] = found.tolist()
    return listed


@pytest.mark.parametrize(
    "columns",
    [
        {"id": ["e1", "é"], "account": [1, 2], "device": pa.array([3, None], pa.uint8())},
        {"device": pa.array(["d", None]).dictionary_encode(), "country": pa.array(["", "x"])},
        {"device": pa.array(["d", "x" * LONGEST], pa.large_string())},
        {"time": ["2018-04-09T08:30:00Z", "2018-04-09T08:30:00.123456+02:00"]},
        {"time": [datetime(2018, 4, 9, tzinfo=UTC), datetime(1980, 1, 1, tzinfo=UTC)]},
        {"time": pa.array([NOW // 1000, 400_000_000_000], pa.timestamp("ms"))},
        {"amount": [1250, -3], "pieces": pa.array([1, None], pa.int16()), "rank": [0, 2**63 - 1]},
        {"weight": [1.5, None], "gift": [True, None]},
        {"weight": [1, 2]},
        {"weight": pa.array([1.5, 2], pa.float32())},
        {"price": [1, 2], "code": ["EUR", "JPY"]},
        {"type": ["login", "signup"], "amount": [1, 2], "gift": [True, False]},
        {"unknown": [[1], [2]]},
    ],
)
def test_plain_forms_are_accepted_as_columns(columns: dict[str, Any]) -> None:
    assert sure(**columns) == [True, True]


@pytest.mark.parametrize(
    "columns",
    [
        {"id": ["", "e"]},
        {"id": [True, None]},
        {"account": ["a" * (LONGEST + 1), "a"]},
        {"account": ["é" * (LONGEST // 2 + 1), "a"]},
        {"time": ["2018-04-09T08:30:00", "2018-04-09T08:30:00Z"]},
        {"time": ["2018-04-09 08:30:00Z", "2018-04-09T08:30:00Z"]},
        {"amount": ["12.50 EUR", None]},
        {"pieces": [1.0, None]},
        {"gift": ["true", None]},
        {"weight": ["3 kg", None]},
        {"weight": [-0.0, 0.0]},
        {"type": ["return", "return"], "amount": [None, 5]},
        {"price": [5, None]},
        {"price": [5, 5], "code": ["USD", "EUR"]},
    ],
)
def test_what_is_odd_or_wrong_is_left_to_accept(columns: dict[str, Any]) -> None:
    expected = [False, "id" not in columns or columns["id"][1] is not None]
    assert sure(**columns) == expected


def test_dates_without_a_time_are_left_to_accept() -> None:
    assert sure(time=[date(2018, 4, 9)]) == [False]


def test_what_a_type_does_not_have_is_left_out() -> None:
    raw = {"id": ["1", "2"], "time": [NOW, NOW], "account": ["a", "a"], "type": ["login", "order"]}
    events, _ = Acceptance(SCHEMA).judged(pa.table(raw | {"rank": [1, 2]}), NOW)
    assert events.column("rank").to_pylist() == [None, 2]


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["2018-02-30T08:30:00Z"]),
        pa.array([2**62], pa.timestamp("s")),
    ],
)
def test_columns_that_cannot_be_read_whole_are_refused(column: pa.Array) -> None:
    with pytest.raises(pa.ArrowException):
        sure(time=column)
