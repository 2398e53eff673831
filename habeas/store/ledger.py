"""The ledger as it is recorded. An entry that does not sum to zero cannot be read, as it could not
be written: `Entry` refuses it (law 4)."""

from __future__ import annotations

from itertools import groupby

from habeas.core.errors import InvalidInput, Unproven
from habeas.core.money import Money
from habeas.core.property import Entry, Purse, PurseRole
from habeas.core.property.ledger import Posting
from habeas.store.rows import select

ENTRIES = (
    "SELECT e.id, e.time_us, e.why, e.reverses, p.role, p.kind, p.account, p.currency, p.amount "
    "FROM habeas_ledgerentry e LEFT JOIN habeas_ledgerposting p ON p.entry = e.id {where}"
    "ORDER BY e.leaf, e.line, p.line"
)
OF_ACCOUNT = "WHERE e.id IN (SELECT entry FROM habeas_ledgerposting WHERE account = %s) "


def entries(account: str | None = None) -> list[Entry]:
    """All entries in their order, or those that touch one account. Raises Unproven for one that
    is not whole."""
    where, bound = (OF_ACCOUNT, [account]) if account is not None else ("", [])
    found = select(ENTRIES.format(where=where), bound)
    made = []
    for (name, time_us, why, reverses), lines in groupby(found, key=lambda row: row[:4]):
        try:
            postings = tuple(
                Posting(Purse(PurseRole(role), kind, owner), Money(amount, currency))
                for _, _, _, _, role, kind, owner, currency, amount in lines
            )
            made.append(Entry(name, time_us, why, postings, reverses))
        except (InvalidInput, ValueError, TypeError) as error:
            message = f"entry {name} of the ledger cannot be read: {error}"
            raise Unproven(message, "compare the database with a copy from before") from None
    return made
