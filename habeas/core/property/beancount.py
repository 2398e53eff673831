"""The ledger in Beancount's text format, so that an auditor's own tools can add it up.

`bean-check` accepts it: https://beancount.github.io/docs/beancount_language_syntax.html. It ends
in balance assertions, so that Beancount recomputes our balances from the postings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from habeas.core.errors import InvalidInput
from habeas.core.money import Money, digits_of
from habeas.core.property.ledger import Entry, Purse, PurseRole, balances
from habeas.core.times import UNITS

EPOCH = date(1970, 1, 1).toordinal()
ROOTS = {
    PurseRole.CUSTOMER: "Liabilities:Customer",
    PurseRole.HELD: "Liabilities:Held",
    PurseRole.PAYOUTS: "Liabilities:Payouts",
    PurseRole.PLATFORM: "Assets:Platform",
    PurseRole.REVENUE: "Income:Revenue",
}
PLAIN = re.compile(r"[A-Za-z0-9]")
ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def account_name(purse: Purse) -> str:
    """`Liabilities:Held:Cboris:Gift-card`. Of a customer's account, each byte that Beancount's
    names cannot have is a hyphen and two hex digits; `purse_named` reads it back."""
    parts = [ROOTS[purse.role]]
    if purse.account:
        letters = map(chr, purse.account.encode())
        parts.append("C" + "".join(x if PLAIN.match(x) else f"-{ord(x):02X}" for x in letters))
    return ":".join([*parts, purse.kind.capitalize().replace("_", "-")])


def exported(entries: Sequence[Entry]) -> str:
    """All entries in the order of their times, with each purse opened on its first day. Raises
    InvalidInput for a day that Beancount's calendar does not have."""
    ordered = sorted(entries, key=lambda e: e.time_us)
    parts = [*_commodities(ordered), *_opens(ordered), *map(_transaction, ordered)]
    return "".join(f"{part}\n" for part in [*parts, *_balances(ordered)])


def _day(entry: Entry, later: int = 0) -> date:
    number = EPOCH + entry.time_us // UNITS["d"]
    if not date.min.toordinal() <= number < date.max.toordinal():
        raise InvalidInput(f"entry {entry.id} lies outside of the years 1 to 9999")
    return date.fromordinal(number + later)


def _commodities(ordered: Sequence[Entry]) -> Iterator[str]:
    for currency in sorted({p.money.currency for e in ordered for p in e.postings}):
        yield f"{_day(ordered[0])} commodity {currency}\n  digits: {digits_of(currency)}"


def _opens(ordered: Sequence[Entry]) -> Iterator[str]:
    opened: dict[Purse, date] = {}
    for entry in ordered:
        for posting in entry.postings:
            opened.setdefault(posting.purse, _day(entry))
    for purse, day in opened.items():
        yield f"{day} open {account_name(purse)}"


def _transaction(entry: Entry) -> str:
    lines = [f"{_day(entry)} * {_quoted(entry.why)}"]
    lines += [f"  id: {_quoted(entry.id)}", f"  time-us: {entry.time_us}"]
    lines += [f"  reverses: {_quoted(entry.reverses)}"] if entry.reverses is not None else []
    for posting in entry.postings:
        lines.append(f"  {account_name(posting.purse)}  {_debit(posting.money)}")
    return "\n".join(lines)


def _balances(ordered: Sequence[Entry]) -> Iterator[str]:
    """On the day after the last: Beancount asserts a balance as it is when that day begins."""
    for (purse, currency), amount in sorted(balances(ordered).items()):
        day = _day(ordered[-1], later=1)
        yield f"{day} balance {account_name(purse)}  {_debit(Money(amount, currency))}"


def _debit(money: Money) -> str:
    """`-12.50 EUR`: our credits are above zero, Beancount's below."""
    places = digits_of(money.currency)
    digits = str(abs(money.amount)).rjust(places + 1, "0")
    whole = digits[: len(digits) - places]
    part = f".{digits[len(digits) - places :]}" if places else ""
    return f"{'-' if money.amount > 0 else ''}{whole}{part} {money.currency}"


def _quoted(text: str) -> str:
    """A string of Beancount. Control characters without an escape are shown as a question mark:
    the text is for reading; ids and amounts carry the meaning."""
    shown = (ESCAPES.get(x, x if x.isprintable() else "?") for x in text)
    return f'"{"".join(shown)}"'
