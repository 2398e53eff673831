"""Holdings from a file that the platform writes: one JSON object a line, all that an account has.

    {"account": "boris", "holdings": [
       {"kind": "balance", "id": "wallet", "amount": "20.00", "currency": "EUR"},
       {"kind": "gift_card", "id": "card 7", "amount": "50.00", "currency": "EUR"},
       {"kind": "membership", "id": "prime", "price": "49.00", "currency": "EUR",
        "period": "365d", "left": "200d", "runs_from": "2018-04-01T00:00:00Z"},
       {"kind": "licence", "id": "Moby-Dick", "price": "9.99", "currency": "EUR"},
       {"kind": "order", "id": "o-17", "stage": "paid", "price": "30.00", "currency": "EUR"},
       {"kind": "device", "id": "speaker"}, {"kind": "data", "id": "photos"},
       {"kind": "loyalty points", "id": "p"}]}

Amounts are texts in major units, exact in their currency; an amount that is left out is not known,
and stays a question for a person. A kind that Habeas does not know is kept, never dropped (law 4).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from habeas.core.errors import InvalidInput
from habeas.core.money import Money, minor_units
from habeas.core.policy.events import Refusal, instant
from habeas.core.property import Holding, holdings
from habeas.core.times import duration
from habeas.ports.files import unreadable
from habeas.ports.sources import Broken, json_record

FIELDS: Mapping[str, frozenset[str]] = {
    "balance": frozenset({"amount", "currency", "held"}),
    "gift_card": frozenset({"amount", "currency", "held"}),
    "membership": frozenset({"price", "currency", "period", "left", "runs_from"}),
    "licence": frozenset({"price", "currency"}),
    "order": frozenset({"stage", "price", "currency"}),
    "device": frozenset({"registered"}),
    "data": frozenset(),
}
FORM = "docs/settlement.md shows how each kind is written"


def read_holdings(path: Path) -> Iterator[tuple[str, tuple[Holding, ...]]]:
    """The accounts of a file, each with all that it has. Raises InvalidInput with the line."""
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise unreadable(path, "the file", error) from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        found = json_record(number, line)
        where = f"'{path}' line {number}"
        if isinstance(found, Broken):
            raise InvalidInput(f"{where} {found.reason}", FORM)
        try:
            yield _account(found[0])
        except (InvalidInput, Refusal) as error:
            raise InvalidInput(f"{where}: {error}", FORM) from None


def _account(record: Mapping[str, Any]) -> tuple[str, tuple[Holding, ...]]:
    name, listed = record.get("account"), record.get("holdings")
    if not isinstance(name, str) or not name:
        raise InvalidInput("it names no account")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise InvalidInput("`holdings` is no list of objects")
    return name, tuple(_holding(one) for one in listed)


def _holding(told: dict[str, Any]) -> Holding:
    kind, name = told.get("kind"), told.get("id")
    if not isinstance(kind, str) or not kind:
        raise InvalidInput("a holding names no kind")
    if not isinstance(name, str) or not name:
        raise InvalidInput(f"a holding of kind {kind} has no id")
    if kind not in FIELDS:
        return holdings.Unknown(name, kind)
    if strange := sorted(set(told) - FIELDS[kind] - {"kind", "id"}):
        raise InvalidInput(f"{kind} '{name}' has no field `{strange[0]}`")
    try:
        return _known(kind, name, told)
    except (InvalidInput, ValueError, TypeError, Refusal) as error:
        raise InvalidInput(f"{kind} '{name}': {error}") from None


def _known(kind: str, name: str, told: dict[str, Any]) -> Holding:
    match kind:
        case "balance" | "gift_card":
            currency = _currency(told)
            free, held = _minor(told.get("amount"), currency), _minor(told.get("held"), currency)
            return holdings.Balance(name, currency, free, held or 0, card=kind == "gift_card")
        case "membership":
            starts = told.get("runs_from")
            runs_us = None if starts is None else instant(starts)
            period, left = (duration(str(told.get(key, ""))) for key in ("period", "left"))
            return holdings.Membership(name, _money(told), period, left, runs_us)
        case "licence":
            return holdings.Licence(name, _money(told))
        case "order":
            return holdings.Order(name, _stage(str(told.get("stage"))), _money(told))
        case "device":
            return holdings.Device(name, told.get("registered", True) is True)
        case _:
            return holdings.Data(name)


def _stage(text: str) -> holdings.OrderStage:
    if text not in list(holdings.OrderStage):
        raise ValueError(f"'{text}' is no stage; write one of {', '.join(holdings.OrderStage)}")
    return holdings.OrderStage(text)


def _currency(told: dict[str, Any]) -> str:
    currency = told.get("currency")
    if not isinstance(currency, str):
        raise InvalidInput("it names no currency")
    return currency


def _minor(amount: object, currency: str) -> int | None:
    if amount is None:
        return None
    if not isinstance(amount, str):
        raise InvalidInput(f"an amount is a text such as '20.00', not {amount!r}")
    return minor_units(amount, currency)


def _money(told: dict[str, Any]) -> Money | None:
    if told.get("price") is None:
        return None
    currency = _currency(told)
    return Money(_minor(told["price"], currency) or 0, currency)
