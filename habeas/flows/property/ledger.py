"""Ledger: all entries, or those of one account, in a format that other tools add up."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.property.beancount import exported
from habeas.store.ledger import entries


@dataclass(frozen=True, slots=True)
class LedgerText:
    """So many entries in Beancount's text format."""

    entries: int
    text: str


def ledger(account: str | None = None) -> LedgerText:
    """Raises Unproven for an entry that is not whole."""
    found = entries(account)
    return LedgerText(len(found), exported(found))
