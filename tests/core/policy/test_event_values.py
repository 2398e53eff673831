"""Values as databases and files give them: decimals, dates, digits in texts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from habeas.core.policy.events import Refusal, accept, instant
from habeas.core.policy.schema import read_schema
from habeas.core.policy.yaml import read_document

SCHEMA = read_schema(
    read_document(
        """
currencies: [EUR]
attributes: {amount: {type: money, currency: EUR}, pieces: {type: integer}}
types: {order: {attributes: [amount, pieces]}}
""",
        "events.yaml",
    )
)
MONDAY_US = 1_523_232_000_000_000  # 2018-04-09T00:00:00Z


def order(**attributes: object) -> dict[str, object]:
    raw = {"id": 1, "time": MONDAY_US, "account": "aline", "type": "order", **attributes}
    return dict(accept(raw, SCHEMA, MONDAY_US).attributes)


def test_a_date_is_its_midnight_where_it_was_taken() -> None:
    assert instant(date(2018, 4, 9)) == MONDAY_US
    assert instant(date(2018, 4, 9), ZoneInfo("Europe/Paris")) == MONDAY_US - 2 * 3_600_000_000


def test_microseconds_may_be_a_text_and_a_short_number_is_a_date() -> None:
    assert instant(str(MONDAY_US)) == MONDAY_US
    assert instant("20180409") == MONDAY_US


@pytest.mark.parametrize("seconds", ["1523232000", 1_523_232_000, 1_523_232_000_000])
def test_seconds_and_milliseconds_are_not_taken_for_microseconds(seconds: object) -> None:
    with pytest.raises(Refusal):
        instant(seconds)


@pytest.mark.parametrize("value", [Decimal(12), Decimal("12.00"), 12.0, "12", " 12 "])
def test_whole_numbers_come_in_many_forms(value: object) -> None:
    assert order(pieces=value) == {"pieces": 12}


@pytest.mark.parametrize(
    "value", [Decimal("1.5"), Decimal("NaN"), Decimal("Infinity"), 1.5, "1_000", "1e3", "", "x"]
)
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(Refusal, match="pieces"):
        order(pieces=value)


def test_a_decimal_without_places_is_minor_units() -> None:
    assert order(amount=Decimal(1250)) == {"amount": 1250}


@pytest.mark.parametrize("value", [Decimal("12.50"), Decimal("12.00"), 12.0, "12.50", "1_000"])
def test_an_amount_that_may_be_in_whole_euros_is_refused(value: object) -> None:
    with pytest.raises(Refusal, match="has no unit"):
        order(amount=value)
