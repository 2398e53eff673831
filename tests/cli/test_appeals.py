"""Appeals as a customer and a reviewer use them, from the letter on."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from habeas.core.errors import Forbidden, IllegalMove, NotFound
from tests import ROOT
from tests.flows.deciding import database, decided_shop
from tests.flows.letter.telling import PLATFORM
from tests.flows.shop import Shop
from tests.staffing import hire_in

pytestmark = pytest.mark.slow  # whole ways by commands, or many lives

LETTERS = ROOT / "examples" / "shop" / "letter.py"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Everyone is warned and told."""
    shop = decided_shop(tmp_path)
    hire_in(database(shop))
    shop.write("platform.yaml", PLATFORM)
    lines = "".join(f"account {n},customer{n}@mail.example,en\n" for n in range(3))
    shop.write("contacts.csv", f"account,email,lang\n{lines}")
    for words in (("decide",), ("contacts", "contacts.csv"), ("work", "--once")):
        done = shop.run(*words)
        assert done.code == 0, done.err
    return shop


def door(shop: Shop, number: int) -> tuple[str, str]:
    """The reference and the code, from the letter that this customer got."""
    words = [
        sys.executable,
        str(LETTERS),
        str(shop.root / ".habeas" / "mail"),
        f"customer{number}@",
    ]
    letter = subprocess.run(words, capture_output=True, encoding="utf-8", check=True).stdout
    reference = re.search(r"Case reference: *([A-Z0-9-]+)", letter)
    code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", letter)
    assert reference is not None
    assert code is not None
    return reference[1], code[0]


def test_from_the_letter_to_the_ruling(shop: Shop) -> None:
    reference, code = door(shop, 0)
    slip = shop.write("slip.txt", "three parcels")
    words = ("appeal", reference, "--code", code.lower(), "--text", "It was not me.")
    opened = shop.run(*words, "--attach", slip, "--json").json()
    name = opened["appeal"]["appeal"]
    assert (opened["appeal"]["state"], opened["declined"]) == ("open", [])
    assert name in shop.run("appeals").out
    told = shop.run("hear", name, "--as", "emil", "--events", "events.parquet")
    for said in ("It was not me.", "slip.txt (text/plain, 13 bytes", "word for word"):
        assert said in told.out
    words = ("--as", "emil", "--verdict", "overturn", "--reasons", "The slip is right.")
    ruled = shop.run("rule", name, *words)
    assert ruled.code == 0, ruled.err
    assert "2 other decisions by the same version stand; next: habeas relieve --like" in ruled.out
    assert shop.run("standing", "account 0").out == (
        "account 0 may do everything: no decision binds it\n"
    )
    assert shop.run("work", "--once", "--json").json()["notify"]["told"] == {"ruling": 1}
    assert shop.run("appeals").out == "no appeal waits for an answer\n"


def test_a_customer_reads_french_and_takes_it_back(shop: Shop) -> None:
    reference, code = door(shop, 1)
    said = shop.run("appeal", reference, "--code", code, "--text", "Non.", "--lang", "fr")
    assert said.out.startswith("Votre recours ")
    many = [word for i in range(21) for word in ("--attach", shop.write(f"{i}.txt", str(i)))]
    asked = shop.run("attach", reference, "--code", code, *many)
    assert (asked.code, "at most 20 files" in asked.err) == (3, True)
    added = shop.run("attach", reference, "--code", code, "--attach", shop.write("a.txt", "a"))
    assert added.out == "1 file added\n"
    seen = shop.run("case", reference, "--code", code, "--export", "mine.zip")
    assert "A warning about your account" in seen.out
    assert "is open" in seen.out
    assert (shop.root / "mine.zip").stat().st_size > 1000
    assert "is withdrawn" in shop.run("withdraw", reference, "--code", code).out


def test_what_is_refused_is_said_in_one_sentence(shop: Shop) -> None:
    reference, code = door(shop, 2)
    wrong = shop.run("appeal", reference, "--code", "0000", "--text", "x")
    assert wrong.code == Forbidden.exit_code
    assert wrong.err.startswith(f"habeas: this code does not open case {reference}\n")
    assert shop.run("appeal", reference, "--code", code).code == 2
    lost = shop.run("appeal", reference, "--code", code, "--file", "none.txt")
    assert (lost.code, "there is no file" in lost.err) == (NotFound.exit_code, True)
    name = shop.run("appeal", reference, "--code", code, "--text", "x", "--json").json()["appeal"]
    words = ("--verdict", "overturn", "--reasons", "x")
    early = shop.run("rule", name["appeal"], "--as", "emil", *words)
    assert (early.code, "assigned to" in early.err) == (IllegalMove.exit_code, True)
    other = shop.run("rule", name["appeal"], "--as", "emil", "--verdict", "no", "--reasons", "x")
    assert (other.code, "'no' is not a valid Verdict" in other.err) == (2, True)
    eased = shop.run("ease", name["appeal"], "--as", "fay", "--why", "rent")
    assert eased.code == 0, eased.err
