"""Holdings: a report is taken whole, once; the ledger follows it, purse by purse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.errors import InvalidInput
from habeas.core.property import Purse, PurseRole
from habeas.core.property.holdings import Balance, Device, HoldingKind
from habeas.core.property.ledger import balances, complaints
from habeas.flows.property.holdings import WHY, HoldingsReport, report, take
from habeas.store import ledger
from habeas.store.accounts import account
from tests.core.appeal.casework import NOW

WALLET = Balance("wallet", "EUR", 20_00, 5_00)
CARD = Balance("card 7", "EUR", 50_00, card=True)


def written(folder: Path, *records: object) -> Path:
    path = folder / "holdings.ndjson"
    path.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return path


def purses(name: str) -> dict[tuple[PurseRole, str, str], int]:
    """What an account has by the ledger, minor units."""
    found = balances(ledger.entries())
    return {
        (purse.role, str(purse.kind), currency): amount
        for (purse, currency), amount in found.items()
        if purse.account == name
    }


def test_a_file_is_taken_and_counted(store: Database, tmp_path: Path) -> None:
    money = {"kind": "balance", "id": "wallet", "amount": "20.00", "currency": "EUR"}
    speaker = {"kind": "device", "id": "speaker"}
    path = written(
        tmp_path,
        {"account": "boris", "holdings": [money, speaker]},
        {"account": "chen", "holdings": [money]},
    )
    assert take(path, NOW) == HoldingsReport(accounts=2, holdings=3)
    assert account("boris").custody.holdings == (Balance("wallet", "EUR", 20_00), Device("speaker"))
    assert account("chen").custody.holdings == (Balance("wallet", "EUR", 20_00),)


def test_nothing_of_a_file_is_taken_where_a_line_cannot_be_read(
    store: Database, tmp_path: Path
) -> None:
    path = written(tmp_path, {"account": "boris", "holdings": []}, {"account": "chen"})
    with pytest.raises(InvalidInput, match="line 2"):
        take(path, NOW)
    assert account("boris").version == 0


def test_each_purse_of_the_ledger_follows_the_report(store: Database) -> None:
    report("boris", [WALLET, CARD], NOW)
    assert purses("boris") == {
        (PurseRole.CUSTOMER, "balance", "EUR"): 20_00,
        (PurseRole.HELD, "balance", "EUR"): 5_00,
        (PurseRole.CUSTOMER, "gift_card", "EUR"): 50_00,
    }
    assert {(entry.time_us, entry.why) for entry in ledger.entries()} == {(NOW, WHY)}
    assert (
        balances(ledger.entries())[Purse(PurseRole.PLATFORM, HoldingKind.BALANCE), "EUR"] == -25_00
    )
    changed = report("boris", [Balance("wallet", "EUR", 18_00, 6_00), CARD], NOW + 1)
    assert changed.custody.holdings[0] == Balance("wallet", "EUR", 18_00, 6_00)
    assert purses("boris")[PurseRole.CUSTOMER, "balance", "EUR"] == 18_00
    assert purses("boris")[PurseRole.HELD, "balance", "EUR"] == 6_00
    assert complaints(ledger.entries()) == []
    report("boris", [], NOW + 2)
    assert balances(ledger.entries()) == {}


def test_money_that_is_not_known_moves_nothing(store: Database) -> None:
    report("boris", [Balance("wallet", "EUR", None), Device("speaker")], NOW)
    assert ledger.entries() == []
    report("boris", [Balance("wallet", "EUR", 7), Device("speaker")], NOW + 1)
    assert purses("boris") == {(PurseRole.CUSTOMER, "balance", "EUR"): 7}


@pytest.mark.parametrize("ids", [("a", "b", "b"), ("b", "b"), ("a", "b", "c", "b")])
def test_two_holdings_with_one_id_are_refused(store: Database, ids: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput, match="two holdings of boris have the id 'b'"):
        report("boris", [Device(name) for name in ids], NOW)
    assert account("boris").version == 0


def test_a_report_that_says_nothing_new_records_nothing(store: Database) -> None:
    report("boris", [WALLET], NOW)
    report("boris", [WALLET], NOW + 1)
    assert account("boris").version == 1
    assert len(ledger.entries()) == 2
    assert account("chen").version == 0
    report("chen", [], NOW)
    assert account("chen").version == 1, "that somebody has nothing is news, once"
    report("chen", [], NOW + 1)
    assert account("chen").version == 1
