"""Events: which raw records become one, and why the others do not."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.policy import Event
from habeas.core.policy.conditions import Base, Type
from habeas.core.policy.events import (
    AHEAD_US,
    EARLIEST_US,
    LARGEST,
    LATEST_US,
    LONGEST,
    Refusal,
    accept,
    instant,
)
from habeas.core.policy.schema import ENVELOPE
from habeas.core.policy.shapes import AttributeKind
from tests.core.samples import calm, schema_of

SCHEMA = schema_of()
NOW = 1_523_262_600_000_000  # 2018-04-09T08:30:00Z
RAW: dict[str, object] = {"id": "e1", "time": NOW, "account": "A1", "type": "order"}


def event(**raw: object) -> Event:
    return accept(RAW | raw, SCHEMA, NOW)


def refusal(**raw: object) -> tuple[str, str]:
    with pytest.raises(Refusal) as raised:
        event(**raw)
    assert str(raised.value) == f"{raised.value.field}: {raised.value.reason}"
    return raised.value.field, raised.value.reason


def test_a_record_becomes_an_event_with_the_attributes_of_its_type() -> None:
    found = event(amount=1250, device="d1", colour="red", fee=None)
    assert found == Event("e1", NOW, "A1", "order", {"amount": 1250, "device": "d1"})


def test_a_record_with_what_its_type_needs_is_an_event() -> None:
    assert event(type="return", amount="1 EUR").attributes == {"amount": 100}


def test_numbers_in_the_envelope_are_taken_as_their_digits() -> None:
    found = event(id=17, account=0, type="login", device=5)
    assert (found.id, found.account, found.attributes) == ("17", "0", {"device": "5"})


ENVELOPES = [
    *[({field: empty}, field, "is missing") for field in ENVELOPE for empty in (None, "")],
    *[({f: 1.5}, f, "must be text, not 1.5") for f in ENVELOPE if f != "time"],
    ({"id": True}, "id", "must be text, not True"),
    ({"account": ["A1"]}, "account", "must be text, not ['A1']"),
    ({"account": "A\x00"}, "account", "holds a character that no text may have"),
    ({"id": "\ud800"}, "id", "holds a character that no text may have"),
    ({"id": "x" * 4097}, "id", "is longer than 4096 characters"),
    ({"type": "ordr"}, "type", "'ordr' is not an event type (did you mean `order`?)"),
    (
        {"type": "zzz"},
        "type",
        "'zzz' is not an event type (known: `login`, `order`, `return`, `signup`)",
    ),
    ({"time": 1.5}, "time", "must be ISO 8601 or whole microseconds, not 1.5"),
    ({"time": True}, "time", "must be ISO 8601 or whole microseconds, not True"),
    (
        {"time": time(9, 30)},
        "time",
        "must be ISO 8601 or whole microseconds, not datetime.time(9, 30)",
    ),
    (
        {"time": "yesterday"},
        "time",
        "'yesterday' is not an ISO 8601 time such as 2018-04-09T08:30:00Z",
    ),
    (
        {"time": EARLIEST_US - 1},
        "time",
        "315532799999999 microseconds lies outside the years 1980 to 2200",
    ),
    (
        {"time": NOW + AHEAD_US + 1},
        "time",
        "2018-04-10T08:30:00Z is more than 24 h ahead of the clock",
    ),
    ({"type": "return"}, "amount", "is missing, and `return` needs it"),
    ({"type": "return", "amount": None}, "amount", "is missing, and `return` needs it"),
]


@pytest.mark.parametrize(("raw", "field", "reason"), ENVELOPES)
def test_an_envelope_is_refused_with_its_field(
    raw: dict[str, object], field: str, reason: str
) -> None:
    assert refusal(**raw) == (field, reason)


ATTRIBUTES = [
    ("device", True, "must be text, not True"),
    ("device", 1.5, "must be text, not 1.5"),
    ("device", {"a": 1}, "must be text, not {'a': 1}"),
    ("device", "a\x00b", "holds a character that no text may have"),
    ("device", "x" * (LONGEST + 1), f"is longer than {LONGEST} characters"),
    ("gift", 1, "must be true or false, not 1"),
    ("gift", "yes", "must be true or false, not 'yes'"),
    ("gift", [], "must be true or false, not []"),
    ("pieces", 3.5, "must be a whole number, not 3.5"),
    ("pieces", float("inf"), "must be a whole number, not inf"),
    ("pieces", True, "must be a whole number, not True"),
    ("pieces", [3], "must be a whole number, not [3]"),
    ("pieces", "3.0", "'3.0' is not a whole number"),
    ("pieces", "", "'' is not a whole number"),
    ("pieces", "3 kg", "is in 'kg', and piece is wanted"),
    ("rank", "3 kg", "is in 'kg', and a plain number is wanted"),
    ("rank", "1_000", "'1_000' is not a whole number"),
    ("rank", "٣", "'٣' is not a whole number"),
    ("rank", "9" * 41, f"'{'9' * 41}' is not a whole number"),
    ("rank", Decimal("1.5"), "must be a whole number, not Decimal('1.5')"),
    ("rank", Decimal("NaN"), "must be a whole number, not Decimal('NaN')"),
    ("rank", LARGEST + 1, "9223372036854775808 does not fit in 64 bits"),
    ("rank", f"-{LARGEST + 1}", "-9223372036854775808 does not fit in 64 bits"),
    ("rank", "x" * 61, f"{'x' * 60 + '...'!r} is not a whole number"),
    ("weight", "heavy", "must be a finite number, not 'heavy'"),
    ("weight", "nan", "must be a finite number, not 'nan'"),
    ("weight", float("-inf"), "must be a finite number, not -inf"),
    ("weight", 10**400, f"must be a finite number, not '1{'0' * 59}...'"),
    ("weight", Decimal("NaN"), "must be a finite number, not Decimal('NaN')"),
    ("weight", True, "must be a finite number, not True"),
    ("weight", [1], "must be a finite number, not [1]"),
    ("weight", "3 lb", "is in 'lb', and kg is wanted"),
    ("amount", 12.5, "12.5 has no unit; write whole minor units (1250) or an amount with its"),
    ("amount", "12.5", "'12.5' has no unit; write whole minor units (1250) or an amount with"),
    ("amount", Decimal("12.50"), "Decimal('12.50') has no unit; write whole minor units"),
    ("amount", Decimal("12.00"), "Decimal('12.00') has no unit; write whole minor units"),
    ("amount", "1_000", "'1_000' has no unit; write whole minor units"),
    ("amount", True, "True has no unit; write whole minor units (1250) or an amount with its"),
    ("amount", [], "[] has no unit; write whole minor units (1250) or an amount with its curr"),
    ("amount", "12 JPY", "is in 'JPY', and EUR is wanted"),
    ("amount", "12 EUR EUR", "is in 'EUR EUR', and EUR is wanted"),
    ("amount", "twelve EUR", "'twelve' is not an amount of EUR"),
    ("amount", "1e9999 EUR", "'1e9999' is not an amount of EUR"),
    ("amount", "0.005 EUR", "'0.005 EUR' is finer than the smallest unit of EUR"),
    ("amount", LARGEST + 1, "9223372036854775808 does not fit in 64 bits"),
    ("amount", "92233720368547758.08 EUR", "9223372036854775808 does not fit in 64 bits"),
    ("fee", "0.5 JPY", "'0.5 JPY' is finer than the smallest unit of JPY"),
    ("price", "12 USD", "is in 'USD', and EUR or JPY is wanted"),
]


@pytest.mark.parametrize(("name", "value", "reason"), ATTRIBUTES)
def test_an_attribute_is_refused_with_its_name(name: str, value: object, reason: str) -> None:
    field, found = refusal(**{name: value})
    assert field == name
    assert found.startswith(reason)


def test_an_amount_without_a_unit_is_told_the_two_ways_to_write_it() -> None:
    _, reason = refusal(amount=12.5)
    assert reason.endswith(
        "write whole minor units (1250) or an amount with its currency ('12.50 EUR')"
    )


TAKEN = [
    ("device", "x" * LONGEST, "x" * LONGEST),
    ("device", "two\nlines\té", "two\nlines\té"),
    ("device", "", ""),
    ("gift", True, True),
    ("gift", "FALSE", False),
    ("gift", "true", True),
    ("pieces", "3 piece", 3),
    ("pieces", " 3  piece ", 3),
    ("pieces", 3.0, 3),
    ("rank", "-7", -7),
    ("rank", LARGEST, LARGEST),
    ("weight", "3.5 kg", 3.5),
    ("weight", 3, 3.0),
    ("weight", Decimal("3.50"), 3.5),
    ("rank", Decimal("3.00"), 3),
    ("amount", Decimal(1250), 1250),
    ("weight", "1e-3", 0.001),
    ("amount", "12.50 EUR", 1250),
    ("amount", " -0.05  EUR ", -5),
    ("amount", 1250, 1250),
    ("amount", "1250", 1250),
    ("amount", -LARGEST, -LARGEST),
    ("fee", "12 JPY", 12),
]


@pytest.mark.parametrize(("name", "value", "taken"), TAKEN)
def test_an_attribute_is_taken_as_its_schema_says(name: str, value: object, taken: object) -> None:
    found = event(**{name: value}).attributes
    assert found == {name: taken}
    assert type(found[name]) is type(taken)


def test_an_amount_and_the_attribute_that_holds_its_currency_must_agree() -> None:
    assert event(price=5, code="EUR").attributes == {"price": 5, "code": "EUR"}
    assert event(price="5 JPY").attributes == {"price": 5, "code": "JPY"}
    assert event(price="5 EUR", code="EUR").attributes == {"price": 500, "code": "EUR"}
    assert refusal(price="5 JPY", code="EUR") == ("price", "is in JPY, and `code` says EUR")
    assert refusal(price=5, code="USD") == ("code", "'USD' is not a currency of the schema")
    assert refusal(price=5) == ("code", "'' is not a currency of the schema")
    assert event(code="no currency").attributes == {"code": "no currency"}


MOMENTS = [
    ("2018-04-09T08:30:00Z", NOW),
    ("2018-04-09T10:30:00+02:00", NOW),
    ("2018-04-09T08:30:00.000001Z", NOW + 1),
    ("2018-04-09", NOW - 30_600_000_000),
    ("20180409", NOW - 30_600_000_000),
    (date(2018, 4, 9), NOW - 30_600_000_000),
    (str(NOW), NOW),
    (datetime(2018, 4, 9, 8, 30, tzinfo=UTC), NOW),
    (datetime(2018, 4, 9, 3, 30, tzinfo=timezone(timedelta(hours=-5))), NOW),
    (NOW, NOW),
    (EARLIEST_US, EARLIEST_US),
    (LATEST_US, LATEST_US),
    ("1980-01-01", 315_532_800_000_000),
    ("2200-01-01", 7_258_118_400_000_000),
]


@pytest.mark.parametrize(("value", "us"), MOMENTS)
def test_a_time_is_microseconds_utc(value: object, us: int) -> None:
    assert instant(value) == us


@pytest.mark.parametrize(("zone", "hours"), [("UTC", 0), ("Europe/Paris", 2), ("Asia/Tokyo", 9)])
def test_a_time_without_an_offset_was_taken_in_the_zone(zone: str, hours: int) -> None:
    there = ZoneInfo(zone)
    for naive in ("2018-04-09T08:30:00", datetime(2018, 4, 9, 8, 30)):  # noqa: DTZ001
        assert instant(naive, there) == NOW - hours * 3_600_000_000
    assert instant("2018-04-09T08:30:00+01:00", there) == NOW - 3_600_000_000
    assert accept(RAW | {"time": "2018-04-08T08:30:00"}, SCHEMA, NOW, there).time_us == (
        NOW - (24 + hours) * 3_600_000_000
    )


@pytest.mark.parametrize("zone", ["Europe/Paris", "Pacific/Kiritimati", "America/New_York"])
@pytest.mark.parametrize("value", ["0001-01-01", "9999-12-31T23:59", "0001-01-01T00:00+14:00"])
def test_the_ends_of_the_calendar_are_refused_in_every_zone(value: object, zone: str) -> None:
    with pytest.raises(Refusal, match="outside the years 1980 to 2200"):
        instant(value, ZoneInfo(zone))


@pytest.mark.parametrize("seconds", [0, 1_523_262_600, 1_523_262_600_000])
def test_seconds_and_milliseconds_are_not_taken_for_microseconds(seconds: int) -> None:
    assert refusal(time=seconds)[1].endswith("lies outside the years 1980 to 2200")


def test_a_time_may_be_24_hours_ahead_and_no_more() -> None:
    assert event(time=NOW + AHEAD_US).time_us == NOW + 86_400_000_000
    assert refusal(time=NOW + AHEAD_US + 1)[0] == "time"


FIRST, LAST = datetime(1980, 1, 2), datetime(2199, 1, 1)  # noqa: DTZ001


@calm
@given(st.datetimes(FIRST, LAST, timezones=st.timezones()))
def test_an_instant_is_exact_to_the_microsecond(moment: datetime) -> None:
    us = instant(moment)
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us) == moment.astimezone(UTC)
    assert instant(moment.isoformat()) == us


NUMBERS = st.integers(-(10**40), 10**40) | st.floats() | st.sampled_from([2**63, -(2**63), 10**300])
ODD = (
    "12.50 EUR|5 JPY|EUR|JPY|3 kg|3 piece|true|2018-04-09T08:30:00|1e999|1e99999999 EUR|NaN EUR|"
    "-0 JPY|nan|\ud800|٣|1_0|99999999999999999999|0001-01-01|9999-12-31T23:59:59-14:00"
)
TEXTS = st.text(max_size=12) | st.sampled_from(ODD.split("|"))
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
FIELDS = st.sampled_from([*ENVELOPE, *SCHEMA.attributes])
ARBITRARY = st.dictionaries(FIELDS, JSON, max_size=8)
PYTHON_TYPES = {
    AttributeKind.TEXT: str,
    AttributeKind.INTEGER: int,
    AttributeKind.NUMBER: float,
    AttributeKind.BOOLEAN: bool,
    AttributeKind.MONEY: int,
}


def outcome(raw: dict[str, Any]) -> Event | Refusal:
    try:
        return accept(raw, SCHEMA, NOW)
    except Refusal as refused:
        return refused


@calm
@given(ARBITRARY, st.sampled_from([{}, RAW]), st.sampled_from(sorted(SCHEMA.shape.types)))
def test_any_record_is_accepted_or_refused_with_a_field_it_may_have(
    raw: dict[str, Any], base: dict[str, Any], kind: str
) -> None:
    found = outcome({"type": kind} | base | raw)
    if isinstance(found, Refusal):
        assert found.field in (*ENVELOPE, *SCHEMA.attributes)
        assert found.reason
    else:
        assert found.time_us <= NOW + AHEAD_US


@calm
@given(st.dictionaries(st.sampled_from(list(SCHEMA.attributes)), JSON, max_size=4))
def test_what_is_accepted_has_the_types_of_the_schema(raw: dict[str, Any]) -> None:
    found = outcome(RAW | raw)
    if isinstance(found, Refusal):
        return
    allowed = SCHEMA.shape.types["order"].attributes
    for name, value in found.attributes.items():
        assert name in allowed
        assert type(value) is PYTHON_TYPES[SCHEMA.attributes[name].type]
        assert not isinstance(value, int) or abs(value) <= LARGEST


@calm
@given(st.dictionaries(st.sampled_from(list(SCHEMA.attributes)), JSON, max_size=4))
def test_an_accepted_event_is_accepted_again_as_it_is(raw: dict[str, Any]) -> None:
    found = outcome(RAW | raw)
    if isinstance(found, Event):
        assert outcome(RAW | dict(found.attributes)) == found


def test_the_schema_knows_keys_types_and_currencies() -> None:
    assert SCHEMA.keys == ("account", "device")
    assert SCHEMA.types_with("country") == {"order", "return", "login"}
    assert SCHEMA.currencies_of("amount") == ("EUR",)
    assert SCHEMA.currencies_of("price") == ("EUR", "JPY")
    assert SCHEMA.currencies_of("device") == SCHEMA.currencies_of("nothing") == ()
    assert SCHEMA.as_json()["currencies"] == ["EUR", "JPY"]


def test_attributes_have_the_types_of_conditions() -> None:
    found = {name: SCHEMA.type_of(name) for name in SCHEMA.attributes}
    assert found == {
        "amount": Type(Base.INTEGER, "EUR"),
        "fee": Type(Base.INTEGER, "JPY"),
        "price": Type(Base.INTEGER, "money"),
        "code": Type(Base.TEXT),
        "device": Type(Base.TEXT),
        "country": Type(Base.TEXT),
        "pieces": Type(Base.INTEGER, "piece"),
        "rank": Type(Base.INTEGER),
        "weight": Type(Base.NUMBER, "kg"),
        "gift": Type(Base.BOOLEAN),
    }
    assert SCHEMA.type_of("price", "JPY") == Type(Base.INTEGER, "JPY")
