"""Holdings: what the platform says that a customer has, as a whole, each time it changes.

The ledger follows the report: what is more or less than before comes from, or goes to, the cash
of the platform. Where the account is suspended or closed, what came in is settled as the rest
was, in the same commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from habeas.core.errors import InvalidInput
from habeas.core.ids import made_id
from habeas.core.money import Money
from habeas.core.property import Entry, Holding, Purse, PurseRole, SettlementRules
from habeas.core.property.holdings import Balance
from habeas.core.property.ledger import moved
from habeas.core.property.rules import SAFE
from habeas.flows.work import on_one
from habeas.ports.holdings import read_holdings
from habeas.store.changes import Account, AccountChange

WHY = "the platform reports it"
Sums = Counter[tuple[PurseRole, str, str]]  # minor units by role, kind and currency


@dataclass(frozen=True, slots=True)
class HoldingsReport:
    """How many holdings of how many accounts were taken."""

    accounts: int
    holdings: int


def take(path: Path, now_us: int) -> HoldingsReport:
    """A file of reports; all of it can be read, or none of it is taken. Raises NotFound and
    InvalidInput with the line that is wrong."""
    found = list(read_holdings(path))
    for account, own in found:
        report(account, own, now_us)
    return HoldingsReport(len(found), sum(len(own) for _, own in found))


def report(
    account: str, holdings: Sequence[Holding], now_us: int, rules: SettlementRules = SAFE
) -> Account:
    """Record all that an account has now. A report that says what is known already changes
    nothing (law 10). Raises InvalidInput where two holdings share an id."""
    names = [holding.id for holding in holdings]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(f"two holdings of {account} have the id '{twice}'")

    def reported(read: Account) -> AccountChange:
        change = AccountChange.of(read, now_us, rules)
        if read.version and tuple(holdings) == read.custody.holdings:
            return change
        return change.reported(tuple(holdings), tuple(_entries(read, holdings, now_us)))

    return on_one(account, reported).account


def _entries(read: Account, holdings: Iterable[Holding], now_us: int) -> Iterator[Entry]:
    now = _sums(holdings)
    now.subtract(_sums(read.custody.holdings))
    for (role, kind, currency), amount in sorted(now.items()):
        if amount:
            name = made_id("report", read.name, str(read.version), role, kind, currency)
            source, target = Purse(PurseRole.PLATFORM, kind), Purse(role, kind, read.name)
            yield moved(name, now_us, WHY, source, target, Money(amount, currency))


def _sums(holdings: Iterable[Holding]) -> Sums:
    found: Sums = Counter()
    for one in holdings:
        if isinstance(one, Balance):
            found[PurseRole.CUSTOMER, one.kind, one.currency] += one.free or 0
            found[PurseRole.HELD, one.kind, one.currency] += one.held
    return found
