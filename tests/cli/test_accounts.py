"""`habeas holdings` and `habeas ledger`, as a person uses them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from habeas.core.errors import InvalidInput
from tests.flows.deciding import decided_shop
from tests.flows.shop import Shop

pytestmark = pytest.mark.slow  # whole ways by commands, or many lives

WALLET = {"kind": "balance", "id": "wallet", "amount": "20.00", "currency": "EUR"}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return decided_shop(tmp_path)


def told(shop: Shop, *accounts: str) -> Path:
    lines = [json.dumps({"account": name, "holdings": [WALLET]}) for name in accounts]
    return shop.write("holdings.ndjson", "\n".join(lines) + "\n")


def test_holdings_are_taken_once_and_the_ledger_follows(shop: Shop) -> None:
    told(shop, "account 0", "account 1")
    taken = shop.run("holdings", "holdings.ndjson")
    assert taken.out == "2 holdings of 2 accounts were taken\n"
    assert shop.run("ledger", "--json").json()["entries"] == 2
    assert shop.run("holdings", "holdings.ndjson", "--json").json()["holdings"] == 2
    assert shop.run("ledger", "--json").json()["entries"] == 2  # nothing twice
    one = shop.run("ledger", "account 0")
    assert one.out.count("20.00 EUR") >= 1
    assert "account 1" not in one.out


def test_the_ledger_is_one_that_beancount_accepts(shop: Shop) -> None:
    told(shop, "account 0")
    shop.run("holdings", "holdings.ndjson")
    said = shop.run("ledger", "--out", "all.beancount")
    assert said.out == "1 entry: all.beancount\n"
    program = Path(sys.executable).with_name("bean-check")
    done = subprocess.run(
        [program, shop.root / "all.beancount"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_file_that_cannot_be_read_takes_nothing(shop: Shop) -> None:
    path = told(shop, "account 0")
    path.write_text(path.read_text() + '{"account": 7}\n', encoding="utf-8")
    said = shop.run("holdings", "holdings.ndjson")
    assert said.code == InvalidInput.exit_code
    assert "line 2: it names no account" in said.err
    assert shop.run("ledger", "--json").json()["entries"] == 0
