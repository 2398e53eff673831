"""Beancount itself, started as a program, accepts the export. The export ends in assertions of our
balances, so it also comes to the same balances."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.core.errors import InvalidInput
from habeas.core.money import Money, digits_of
from habeas.core.property import Entry, Purse, PurseRole
from habeas.core.property.beancount import ROOTS, account_name, exported
from habeas.core.property.ledger import PERSONAL, moved, reversed_entry
from tests.budgets import examples
from tests.core.property.test_ledger import BANK, BORIS, HELD, LEDGERS, deposit
from tests.core.samples import calm, thorough

DAY = 86_400_000_000
NAME = re.compile(r"([A-Z]\w+:[A-Z]\w+)(?::C((?:[A-Za-z0-9]|-[0-9A-F]{2})+))?:([A-Z][a-z0-9-]*)\Z")
WHYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
seldom = settings(max_examples=examples(12))  # each starts a program
KINDS = st.from_regex(r"[a-z][a-z0-9_]*", fullmatch=True)
ACCOUNTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
OWN = st.sampled_from([PurseRole.CUSTOMER, PurseRole.HELD, PurseRole.PAYOUTS])
PURSES = st.builds(Purse, OWN, KINDS, ACCOUNTS) | st.builds(
    Purse, st.sampled_from([PurseRole.PLATFORM, PurseRole.REVENUE]), KINDS
)


def complaints(text: str) -> str:
    """What `bean-check` has against a file; nothing where it is content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.beancount"
        path.write_text(text, encoding="utf-8")
        program = Path(sys.executable).with_name("bean-check")
        done = subprocess.run([program, path], capture_output=True, text=True)
    assert (done.returncode == 0) == (not done.stderr + done.stdout)
    return done.stderr + done.stdout


@seldom
@given(LEDGERS)
def test_beancount_accepts_every_ledger_and_adds_it_up_as_we_do(entries: list[Entry]) -> None:
    both = [*entries, *(reversed_entry(e, e.time_us, "a ruling") for e in entries[:2])]
    assert complaints(exported(both)) == ""


@seldom
@given(st.lists(st.tuples(PURSES, PURSES, WHYS), min_size=20, max_size=20))
def test_beancount_accepts_every_name_and_every_text(
    moves: list[tuple[Purse, Purse, str]],
) -> None:
    entries = [
        moved(f"e{i}", 5 * DAY, f"why: {why}", one, two, Money(-1, "JPY"))
        for i, (one, two, why) in enumerate(moves)
    ]
    assert complaints(exported(entries)) == ""


@thorough
@given(PURSES, PURSES)
def test_a_name_reads_back_and_no_two_purses_share_one(one: Purse, two: Purse) -> None:
    assert purse_named(account_name(one)) == one
    assert (account_name(one) == account_name(two)) == (one == two)


@pytest.mark.parametrize(
    ("purse", "name"),
    [
        (BORIS, "Liabilities:Customer:Cboris:Gift-card"),
        (
            Purse(PurseRole.HELD, "balance", "a b/É-1"),
            "Liabilities:Held:Ca-20b-2F-C3-89-2D1:Balance",
        ),
        (Purse(PurseRole.PAYOUTS, "order", "Zoé"), "Liabilities:Payouts:CZo-C3-A9:Order"),
        (BANK, "Assets:Platform:Gift-card"),
        (Purse(PurseRole.REVENUE, "licence"), "Income:Revenue:Licence"),
    ],
)
def test_names_are_known(purse: Purse, name: str) -> None:
    assert account_name(purse) == name


@pytest.mark.parametrize(
    "name",
    [
        "", "Assets", "Assets:Platform", "Assets:Bank:Balance", "Assets:Platform:Cboris:Balance",
        "Liabilities:Held:Balance", "Liabilities:Held:C:Balance", "Liabilities:Held:Ca-2:Balance",
        "Liabilities:Held:C-FF:Balance", "Liabilities:Held:Ca:Balance:More",
    ],
)  # fmt: skip
def test_what_is_no_name_of_ours_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="is not an account of this ledger"):
        purse_named(name)


def test_the_text_is_known() -> None:
    yen = Purse(PurseRole.CUSTOMER, "balance", "boris")
    entries = [
        moved("e2", 2 * DAY, 'held: "D\\1"\n', BORIS, HELD, Money(5, "EUR")),
        deposit(),
        moved(
            "e3", 2 * DAY, "a deposit", Purse(PurseRole.PLATFORM, "balance"), yen, Money(700, "JPY")
        ),
    ]
    entries.append(reversed_entry(entries[0], 3 * DAY, "a ruling"))
    text = exported(entries)
    assert (
        text
        == f"""\
1970-01-01 commodity EUR
  digits: 2
1970-01-01 commodity JPY
  digits: 0
1970-01-01 open Assets:Platform:Gift-card
1970-01-01 open Liabilities:Customer:Cboris:Gift-card
1970-01-03 open Liabilities:Held:Cboris:Gift-card
1970-01-03 open Assets:Platform:Balance
1970-01-03 open Liabilities:Customer:Cboris:Balance
1970-01-01 * "a gift card was bought"
  id: "e1"
  time-us: 1
  Assets:Platform:Gift-card  50.00 EUR
  Liabilities:Customer:Cboris:Gift-card  -50.00 EUR
1970-01-03 * "held: \\"D\\\\1\\"\\n"
  id: "e2"
  time-us: {2 * DAY}
  Liabilities:Customer:Cboris:Gift-card  0.05 EUR
  Liabilities:Held:Cboris:Gift-card  -0.05 EUR
1970-01-03 * "a deposit"
  id: "e3"
  time-us: {2 * DAY}
  Assets:Platform:Balance  700 JPY
  Liabilities:Customer:Cboris:Balance  -700 JPY
1970-01-04 * "a ruling"
  id: "{entries[-1].id}"
  time-us: {3 * DAY}
  reverses: "e2"
  Liabilities:Customer:Cboris:Gift-card  -0.05 EUR
  Liabilities:Held:Cboris:Gift-card  0.05 EUR
1970-01-05 balance Liabilities:Customer:Cboris:Balance  -700 JPY
1970-01-05 balance Liabilities:Customer:Cboris:Gift-card  -50.00 EUR
1970-01-05 balance Assets:Platform:Balance  700 JPY
1970-01-05 balance Assets:Platform:Gift-card  50.00 EUR
"""
    )
    assert complaints(text) == ""


@calm
@given(st.integers(-(2**63), 2**63).filter(bool), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_amounts_have_the_digits_of_their_currency(amount: int, currency: str) -> None:
    text = exported([moved("e1", 0, "x", BANK, BORIS, Money(amount, currency))])
    told = re.search(rf"  {re.escape(account_name(BORIS))}  (\S+) {currency}", text)
    assert told is not None
    assert -Decimal(told[1]) == Decimal(amount).scaleb(-digits_of(currency))
    assert len(told[1].partition(".")[2]) == digits_of(currency)


def test_beancount_notices_when_a_balance_is_not_ours() -> None:
    text = exported([deposit()]).replace(
        "balance Assets:Platform:Gift-card  50.00", "balance Assets:Platform:Gift-card  51.00"
    )
    assert "Balance failed" in complaints(text)


def test_a_ledger_without_entries_is_an_empty_text() -> None:
    assert exported([]) == ""


def test_a_day_outside_of_the_calendar_is_refused() -> None:
    last = (date.max.toordinal() - date(1970, 1, 1).toordinal()) * DAY
    assert complaints(exported([moved("e1", last - 1, "x", BANK, BORIS, Money(1, "EUR"))])) == ""
    for time_us in (last, -(2**62)):
        with pytest.raises(InvalidInput, match="outside of the years 1 to 9999"):
            exported([moved("e1", time_us, "x", BANK, BORIS, Money(1, "EUR"))])


def purse_named(name: str) -> Purse:
    """The purse whose `account_name` this is. Raises InvalidInput where there is none."""
    roles = {root: role for role, root in ROOTS.items()}
    found = NAME.match(name)
    role = roles.get(found[1]) if found else None
    if not found or role is None or (role in PERSONAL) != (found[2] is not None):
        raise InvalidInput(f"'{name}' is not an account of this ledger")
    raw = ESCAPED.sub(lambda x: bytes.fromhex(x[1].decode()), (found[2] or "").encode())
    try:
        return Purse(role, found[3].lower().replace("-", "_"), raw.decode())
    except UnicodeDecodeError:
        raise InvalidInput(f"'{name}' is not an account of this ledger") from None


ESCAPED = re.compile(rb"-([0-9A-F]{2})")
