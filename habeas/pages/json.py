"""Values as the JSON that the command line answers with, and the API next (docs/contract.md).

A time is ISO 8601 in UTC, a length of time as people write it, money `{"amount", "currency"}`, a
step of the ladder is counted from 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel

from habeas.core.money import Money, decimal
from habeas.core.times import exact, spoken

MICROSECONDS = "_us"
SUMS = ("amount", "before")  # beside a currency
PERIOD = "notice_us"  # how long after it; `notice` is the notice itself
LENGTHS = frozenset("every_us for_us notice_us row_us bin_us longest_us set_bin_us".split())


def plain(value: Any) -> Any:
    """The value as JSON knows it. Raises TypeError for what the contract has no form for."""
    match value:
        case Enum():
            return value.value
        case None | bool() | int() | float() | str():
            return value
        case Money():
            return {"amount": decimal(value), "currency": value.currency}
        case PurePath():
            return str(value)
        case {"amount": int(), "currency": str(currency)}:
            sums = {n: v for n, v in value.items() if n in SUMS and v is not None}
            return {**value, **{n: decimal(Money(v, currency)) for n, v in sums.items()}}
        case Mapping():
            return dict(_member(str(name), one) for name, one in value.items())
        case set() | frozenset():
            return sorted(map(plain, value))
        case _ if hasattr(value, "as_json"):
            return plain(value.as_json())
        case BaseModel():
            return value.model_dump(mode="json", by_alias=True)
        case _ if is_dataclass(value):
            return plain({f.name: getattr(value, f.name) for f in fields(value)})
        case Iterable():
            return [plain(one) for one in value]
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _member(name: str, value: Any) -> tuple[str, Any]:
    if name.endswith(MICROSECONDS):
        write = spoken if name in LENGTHS else exact
        word = "notice_period" if name == PERIOD else name.removesuffix(MICROSECONDS)
        return word, None if value is None else write(value)
    if name == "index" and isinstance(value, int):
        return "step", value + 1
    return name, plain(value)
