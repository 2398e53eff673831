"""Events: the schema a user writes, and which raw records become events.

An event is id, time (integer microseconds UTC), account, type and attributes. What cannot be used
is refused with the field and the reason, never repaired by guessing and never dropped."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

from habeas.core import money
from habeas.core.errors import nearest
from habeas.core.policy.schema import Schema
from habeas.core.policy.shapes import AttributeKind, AttributeShape
from habeas.core.times import EPOCH, UNITS, iso

EventValue = int | float | str | bool
AHEAD_US = UNITS["d"]  # DESIGN section 4: a time further ahead of the wall clock is quarantined
LARGEST = 2**63 - 1
LONGEST = 4096  # characters of one text value
WHOLE = re.compile(r"\s*[+-]?[0-9]{1,40}\s*\Z")
MICROSECONDS = re.compile(r"[0-9]{12,20}\Z")  # a text of fewer digits is a date of ISO 8601
# 1980 to 2200: what lies outside is seconds taken for microseconds, or a default date
EARLIEST_US, LATEST_US = 315_532_800_000_000, 7_258_118_400_000_000


class Refusal(Exception):
    """Why a raw record is no event: the field, and the reason as one clause."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field, self.reason = field, reason


@dataclass(frozen=True, slots=True)
class Event:
    """`time_us` is microseconds since 1970 UTC; amounts are integers of the minor unit."""

    id: str
    time_us: int
    account: str
    type: str
    attributes: Mapping[str, EventValue]


def accept(raw: Mapping[str, object], schema: Schema, now_us: int, zone: tzinfo = UTC) -> Event:
    """The event that a raw record is. Raises Refusal.

    `raw` has the four fields of the envelope and attributes by name; None is missing. `zone`
    is where times without an offset were taken.
    """
    event_id, account = _required(raw, "id"), _required(raw, "account")
    kind = _required(raw, "type")
    shape = schema.shape.types.get(kind)
    if shape is None:
        hint = nearest(kind, schema.shape.types)
        raise Refusal("type", f"{_shown(kind)} is not an event type ({hint})")
    time_us = instant(raw.get("time"), zone)
    if time_us > now_us + AHEAD_US:
        raise Refusal("time", f"{iso(time_us)} is more than 24 h ahead of the clock")
    attributes = {
        name: taken(name, schema.attributes[name], value, schema)
        for name in shape.attributes
        if (value := raw.get(name)) is not None
    }
    attributes = _with_currencies(attributes, raw, schema)
    for name in shape.required:
        if name not in attributes:
            raise Refusal(name, f"is missing, and `{kind}` needs it")
    return Event(event_id, time_us, account, kind, attributes)


def _required(raw: Mapping[str, object], field: str) -> str:
    value = raw.get(field)
    if value is None or value == "":
        raise Refusal(field, "is missing")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Refusal(field, f"must be text, not {_shown(value)}")
    return _text(field, value)


def _text(field: str, value: str | int) -> str:
    text = str(value)
    if len(text) > LONGEST:
        raise Refusal(field, f"is longer than {LONGEST} characters")
    if not text.isprintable():
        for character in text:
            if character == "\x00" or "\ud800" <= character <= "\udfff":
                raise Refusal(field, "holds a character that no text may have")
    return text


def instant(value: object, zone: tzinfo = UTC) -> int:
    """Microseconds UTC of an ISO 8601 text, a datetime, or integer microseconds."""
    if value is None or value == "":
        raise Refusal("time", "is missing")
    if isinstance(value, str) and MICROSECONDS.match(value):
        value = int(value)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            reason = f"{_shown(value)} is not an ISO 8601 time such as 2018-04-09T08:30:00Z"
            raise Refusal("time", reason) from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001 - the zone comes next
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=zone)
        gap = aware - EPOCH
        value = (gap.days * 86_400 + gap.seconds) * 1_000_000 + gap.microseconds
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal("time", f"must be ISO 8601 or whole microseconds, not {_shown(value)}")
    if not EARLIEST_US <= value <= LATEST_US:
        raise Refusal("time", f"{value} microseconds lies outside the years 1980 to 2200")
    return value


def _shown(value: object) -> str:
    return repr(value if len(str(value)) <= 60 else f"{str(value)[:60]}...")


def taken(name: str, attribute: AttributeShape, value: object, schema: Schema) -> EventValue:
    """The value of an attribute as its schema wants it. Raises Refusal."""
    match attribute.type:
        case AttributeKind.TEXT if isinstance(value, str | int) and not isinstance(value, bool):
            return _text(name, value)
        case AttributeKind.BOOLEAN:
            return _boolean(name, value)
        case AttributeKind.INTEGER:
            return _within_64_bits(name, _whole(name, _without_unit(name, value, attribute.unit)))
        case AttributeKind.NUMBER:
            return _number(name, _without_unit(name, value, attribute.unit))
        case AttributeKind.MONEY:
            return _within_64_bits(name, _minor(name, value, schema.currencies_of(name))[0])
    raise Refusal(name, f"must be {attribute.type}, not {_shown(value)}")


def _boolean(name: str, value: object) -> bool:
    word = value.lower() if isinstance(value, str) else value
    if word is True or word == "true":
        return True
    if word is False or word == "false":
        return False
    raise Refusal(name, f"must be true or false, not {_shown(value)}")


def _without_unit(name: str, value: object, unit: str | None) -> object:
    """'3 kg' is 3 where the unit is kg, and refused where it is another."""
    if not isinstance(value, str):
        return value
    number, _, given = value.strip().partition(" ")
    if given and given.strip() != unit:
        raise Refusal(name, f"is in {given.strip()!r}, and {unit or 'a plain number'} is wanted")
    return number


def _whole(name: str, value: object) -> int:
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str):
        if not WHOLE.match(value):
            raise Refusal(name, f"{_shown(value)} is not a whole number")
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refusal(name, f"must be a whole number, not {_shown(value)}")
    return value


def _within_64_bits(name: str, value: int) -> int:
    if abs(value) > LARGEST:
        raise Refusal(name, f"{_shown(value)} does not fit in 64 bits")
    return value


def _number(name: str, value: object) -> float:
    try:
        number = float(value) if isinstance(value, str | int | float | Decimal) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number):
        raise Refusal(name, f"must be a finite number, not {_shown(value)}")
    return number


def _minor(name: str, value: object, allowed: tuple[str, ...]) -> tuple[int, str | None]:
    """Whole minor units, and the currency where the text gave one ('12.50 EUR')."""
    if isinstance(value, str) and " " in value.strip():
        amount, currency = value.strip().split(maxsplit=1)
        if currency not in allowed:
            raise Refusal(name, f"is in {currency!r}, and {' or '.join(allowed)} is wanted")
        try:
            return money.minor_units(amount, currency), currency
        except ValueError as error:
            raise Refusal(name, str(error)) from None
    if isinstance(value, Decimal) and value.as_tuple().exponent == 0:
        return int(value), None  # DECIMAL(18, 0) says that it is whole; DECIMAL(18, 2) does not
    if isinstance(value, int) and not isinstance(value, bool):
        return value, None
    if isinstance(value, str) and WHOLE.match(value):
        return int(value), None
    raise Refusal(name, f"{_shown(value)} has no unit; {_amounts(allowed)}")


def _amounts(allowed: tuple[str, ...]) -> str:
    return f"write whole minor units (1250) or an amount with its currency ('12.50 {allowed[0]}')"


def _with_currencies(
    attributes: dict[str, EventValue], raw: Mapping[str, object], schema: Schema
) -> dict[str, EventValue]:
    """Amounts whose currency stands in another attribute: both must be there and agree."""
    for name in list(attributes):
        holder = schema.attributes[name].currency_in
        if holder is None:
            continue
        _, spoken = _minor(name, raw[name], schema.currencies_of(name))
        code = attributes.setdefault(holder, spoken or "")
        if code not in schema.shape.currencies:
            raise Refusal(holder, f"{_shown(code)} is not a currency of the schema")
        if spoken and spoken != code:
            raise Refusal(name, f"is in {spoken}, and `{holder}` says {code}")
    return attributes
