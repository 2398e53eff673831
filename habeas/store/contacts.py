"""Contacts: where a customer is reached. Personal, kept only as it is now, and erased on demand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from habeas.core.languages import Lang
from habeas.store import models, rows

SOME = "SELECT account, email, lang FROM habeas_contact WHERE account IN ({names})"
# What is to be told to customers of whom nothing says where they are reached.
UNREACHABLE = (
    "SELECT d.id, d.account, d.measure, d.proposed_us FROM habeas_decisionnow d WHERE d.to_tell "
    "AND NOT EXISTS (SELECT 1 FROM habeas_contact c WHERE c.account = d.account) "
    "ORDER BY d.proposed_us, d.id LIMIT %s"
)
MANY = 1000


@dataclass(frozen=True, slots=True)
class Contact:
    account: str
    email: str
    lang: Lang


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A decision that nobody can be told of by mail: a person hands it over."""

    decision: str
    account: str
    measure: str
    proposed_us: int


def save(contacts: Sequence[Contact], now_us: int) -> None:
    """In the place of what was known of these accounts; of two of an account the last counts."""
    latest = {c.account: (c.account, c.email, c.lang, now_us) for c in contacts}
    with transaction.atomic():
        rows.upsert(models.Contact, list(latest.values()))


def contacts(accounts: Iterable[str]) -> dict[str, Contact]:
    """By account; those of whom nothing is known are not there."""
    found = rows.select_in(SOME, sorted(set(accounts)))
    return {name: Contact(name, email, lang) for name, email, lang in found}


def erase(account: str) -> bool:
    """Whether there was something to erase."""
    sql = "DELETE FROM habeas_contact WHERE account = %s RETURNING account"
    return bool(rows.select(sql, [account]))


def unreachable(limit: int = MANY) -> list[Unreachable]:
    """The oldest first."""
    return [Unreachable(*row) for row in rows.select(UNREACHABLE, [limit])]
