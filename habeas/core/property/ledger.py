"""The ledger: double entry in whole minor units. Nothing is changed, only added (law 5); what was
wrong is put right by its exact inverse (law 6). After Beancount and TigerBeetle.

An amount above zero is a credit: what the platform owes a customer grows. Beancount writes debits
above zero, so `core/property/beancount` turns every sign.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from habeas.core.errors import InvalidInput
from habeas.core.ids import NAME, made_id
from habeas.core.money import Money

LARGEST = 2**63 - 1  # what the tables of both databases can hold
SPACE = re.compile(r"\s*\Z")


class PurseRole(StrEnum):
    """What money in an account of the ledger is for."""

    CUSTOMER = "customer"  # the customer's own, to spend
    HELD = "held"  # the customer's own, not to be spent while a suspension lasts
    PAYOUTS = "payouts"  # on its way to the customer's bank or card
    PLATFORM = "platform"  # the platform's cash that stands against what it owes
    REVENUE = "revenue"  # what the platform took for what it sold


PERSONAL = frozenset({PurseRole.CUSTOMER, PurseRole.HELD, PurseRole.PAYOUTS})


@dataclass(frozen=True, slots=True, order=True)
class Purse:
    """An account of the ledger: a role, a kind of holding, and whose it is (a customer's account
    for the three personal roles, nobody's for the platform's own). Raises InvalidInput."""

    role: PurseRole
    kind: str
    account: str = ""

    def __post_init__(self) -> None:
        if not NAME.match(self.kind):
            raise InvalidInput(f"'{self.kind}' is not the name of a kind of holding")
        if (self.role in PERSONAL) != bool(self.account):
            who = "needs a" if self.role in PERSONAL else "has no"
            raise InvalidInput(f"the role '{self.role}' {who} customer's account")

    def __str__(self) -> str:
        return "/".join(filter(None, (self.role, self.account, self.kind)))


@dataclass(frozen=True, slots=True)
class Posting:
    """One purse gets (above zero) or gives (below zero) an amount."""

    purse: Purse
    money: Money

    @property
    def inverse(self) -> Posting:
        return Posting(self.purse, Money(-self.money.amount, self.money.currency))


@dataclass(frozen=True, slots=True)
class Entry:
    """Postings that belong together; in each currency they sum to zero.

    `time_us` is in microseconds UTC; `reverses` is the id of the entry it undoes. Raises
    InvalidInput where money would appear or vanish, or where nothing says why it moves."""

    id: str
    time_us: int
    why: str
    postings: tuple[Posting, ...]
    reverses: str | None = None

    def __post_init__(self) -> None:
        if SPACE.match(self.id) or SPACE.match(self.why):
            raise InvalidInput("an entry of the ledger needs an id and a reason")
        if not self.postings or not all(p.money.amount for p in self.postings):
            raise InvalidInput(f"entry {self.id} moves nothing", "leave such postings out")
        for currency, amount in sums(self.postings).items():
            if amount:
                raise InvalidInput(
                    f"the postings of entry {self.id} sum to {Money(amount, currency)}, not zero",
                    "post the other side of it; nothing was written",
                )


def sums(postings: Iterable[Posting]) -> dict[str, int]:
    """Minor units by currency."""
    found: Counter[str] = Counter()
    for posting in postings:
        found[posting.money.currency] += posting.money.amount
    return dict(found)


def moved(
    entry_id: str, time_us: int, why: str, source: Purse, target: Purse, sum_: Money
) -> Entry:
    """The entry that moves one sum from one purse to another."""
    gets = Posting(target, sum_)
    return Entry(entry_id, time_us, why, (Posting(source, sum_).inverse, gets))


def reversed_entry(entry: Entry, time_us: int, why: str) -> Entry:
    """The exact inverse of an entry. Its id follows from the entry's, so that an entry is never
    undone twice (law 10); the inverse of an inverse is an entry of its own."""
    postings = tuple(p.inverse for p in entry.postings)
    return Entry(made_id("reversal", entry.id), time_us, why, postings, entry.id)


Balances = Mapping[tuple[Purse, str], int]


def balances(
    entries: Iterable[Entry], before: Balances | None = None
) -> dict[tuple[Purse, str], int]:
    """Minor units by purse and currency after all entries; what is zero is left out, so that a
    ledger where all was undone equals one where nothing was done."""
    found: Counter[tuple[Purse, str]] = Counter(before or {})
    for entry in entries:
        for posting in entry.postings:
            found[posting.purse, posting.money.currency] += posting.money.amount
    return {purse: amount for purse, amount in found.items() if amount}


def allocate(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """`amount` in parts that are proportional to the weights and sum to it exactly.

    Each part is rounded towards zero; what is left goes, a unit each, to the largest remainders
    (Hamilton's method), to the first of equals. A negative amount is divided as its opposite is.
    Raises ValueError where a weight is below zero or all are zero.

    >>> allocate(100, [1, 1, 1])
    (34, 33, 33)
    """
    total = sum(weights)
    if total <= 0 or min(weights) < 0:
        raise ValueError(f"cannot divide by the weights {list(weights)}")
    if amount < 0:
        return tuple(-part for part in allocate(-amount, weights))
    shares = [divmod(amount * weight, total) for weight in weights]
    left = amount - sum(part for part, _ in shares)
    first = sorted(range(len(shares)), key=lambda i: (-shares[i][1], i))[:left]
    return tuple(part + (i in first) for i, (part, _) in enumerate(shares))


# What is true of every ledger. Each yields a sentence for what is not; `habeas verify` runs all.
Invariant = Callable[[Sequence[Entry]], Iterator[str]]


def sums_to_zero(entries: Sequence[Entry]) -> Iterator[str]:
    """Over all purses, each currency sums to zero (law 4); read back, not only at writing."""
    for entry in entries:
        for currency, amount in sums(entry.postings).items():
            if amount:
                yield f"entry {entry.id} sums to {Money(amount, currency)}"


def ids_are_unique(entries: Sequence[Entry]) -> Iterator[str]:
    """Nothing is paid twice (law 10)."""
    for name, count in Counter(entry.id for entry in entries).items():
        if count > 1:
            yield f"entry {name} is there {count} times"


def reversals_are_exact(entries: Sequence[Entry]) -> Iterator[str]:
    """An entry that undoes another comes after it, once, and is its inverse (law 6)."""
    seen: dict[str, Entry] = {}
    undone: set[str] = set()
    for entry in entries:
        if entry.reverses is not None:
            before = seen.get(entry.reverses)
            if before is None:
                yield f"entry {entry.id} undoes {entry.reverses}, which is not before it"
            elif entry.postings != tuple(p.inverse for p in before.postings):
                yield f"entry {entry.id} is not the inverse of {entry.reverses}"
            if entry.reverses in undone:
                yield f"entry {entry.reverses} is undone twice"
            undone.add(entry.reverses)
        seen[entry.id] = entry


def customers_owe_nothing(entries: Sequence[Entry]) -> Iterator[str]:
    """What is a customer's, free or held, is never below zero, at any moment. Payouts may be:
    when money has left and its payout is undone, that shows what a person has to settle."""
    now: Counter[tuple[Purse, str]] = Counter()
    for entry in entries:
        for posting in entry.postings:
            now[posting.purse, posting.money.currency] += posting.money.amount
        touched = dict.fromkeys((p.purse, p.money.currency) for p in entry.postings)
        for purse, currency in touched:
            amount = now[purse, currency]
            if purse.role in (PurseRole.CUSTOMER, PurseRole.HELD) and amount < 0:
                yield f"after entry {entry.id}, {purse} holds {Money(amount, currency)}"


def amounts_fit(entries: Sequence[Entry]) -> Iterator[str]:
    """No posting and no balance outgrows 64 bits."""
    for entry in entries:
        for posting in entry.postings:
            if abs(posting.money.amount) > LARGEST:
                yield f"entry {entry.id} moves more than 64 bits hold"
    for (purse, currency), amount in balances(entries).items():
        if abs(amount) > LARGEST:
            yield f"{purse} holds more {currency} than 64 bits hold"


# By the law that each belongs to.
INVARIANTS: Mapping[int, tuple[Invariant, ...]] = {
    4: (sums_to_zero, customers_owe_nothing, amounts_fit),
    6: (reversals_are_exact,),
    10: (ids_are_unique,),
}


def complaints(entries: Sequence[Entry], law: int | None = None) -> list[str]:
    """What is wrong with a ledger, by one law or by all, in the order of its entries; empty where
    nothing is."""
    asked = INVARIANTS[law] if law else [one for own in INVARIANTS.values() for one in own]
    return [what for invariant in asked for what in invariant(entries)]
