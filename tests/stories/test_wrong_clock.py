"""One wrong clock, a year ahead: what was decided under it lasts until next year, and is undone all
the same by a clock that is right. On both databases, by the commands."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from habeas import wiring
from habeas.config import Database, Postgresql
from habeas.core.errors import Unavailable
from habeas.core.times import UNITS
from habeas.flows.clock import VARIABLE
from tests import ROOT
from tests.databases import address
from tests.flows.deciding import decided_shop
from tests.flows.letter.telling import PLATFORM
from tests.flows.shop import Answer, Shop
from tests.staffing import hire

pytestmark = pytest.mark.slow  # whole ways by commands

RIGHT_US = 1_772_366_400_000_000  # 2026-03-01T12:00:00Z
YEAR_US, DAY_US, HOUR_US = 365 * UNITS["d"], UNITS["d"], UNITS["h"]
LETTERS = ROOT / "examples" / "shop" / "letter.py"
TIMES = "times are not before the seal before them"
Clock = Callable[[int], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Sets the clock of this process, microseconds UTC."""

    def put(now_us: int) -> None:
        monkeypatch.setattr(time, "time_ns", lambda: now_us * 1000)

    monkeypatch.delenv(VARIABLE)
    return put


@pytest.fixture
def shop(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Shop:
    """Four accounts to be suspended; the server's clock goes with the one of this process."""
    if isinstance(database, Postgresql):
        monkeypatch.setenv("HABEAS_DATABASE", address(database))
        monkeypatch.setattr("habeas.store.dates.server_us", lambda: time.time_ns() // 1000)
    clock(RIGHT_US)
    with wiring.opened(database):
        hire(RIGHT_US)
    made = decided_shop(tmp_path, accounts=4, first="suspend")
    made.write("platform.yaml", PLATFORM)
    lines = "".join(f"account {n},customer{n}@mail.example,en\n" for n in range(4))
    made.write("contacts.csv", f"account,email,lang\n{lines}")
    good(made.run("contacts", "contacts.csv"))
    good(made.run("init-key", "shop.example/log"))
    return made


def good(answer: Answer) -> Answer:
    assert answer.code == 0, answer.err
    return answer


def wrong_year(shop: Shop, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All four are suspended under a clock that is a year ahead; their decisions, by account."""
    clock(RIGHT_US + YEAR_US)
    asked = shop.run("decide")
    assert (asked.code, asked.out) == (Unavailable.exit_code, "")
    assert asked.err.startswith(
        "habeas: the clock here says 2027-03-01T12:00:00Z, and the newest record is of "
        "2026-03-01T12:00:00Z, more than 30 days before that\n"
    )
    assert f"{VARIABLE}=1" in asked.err
    monkeypatch.setenv(VARIABLE, "1")
    good(shop.run("decide"))
    found = good(shop.run("queue", "--json")).json()["items"]
    for one in found:
        good(shop.run("approve", one["decision"], "--as", "dora"))
    good(shop.run("work", "--once"))
    clock(RIGHT_US + YEAR_US + 15 * DAY_US)
    good(shop.run("work", "--once"))
    monkeypatch.delenv(VARIABLE)
    return [one["decision"] for one in sorted(found, key=lambda one: str(one["account"]))]


def door(shop: Shop, number: int) -> tuple[str, str]:
    words = [sys.executable, str(LETTERS), str(shop.root / ".habeas" / "mail")]
    done = subprocess.run(
        [*words, f"customer{number}@"], capture_output=True, encoding="utf-8", check=True
    )
    reference = re.search(r"Case reference: *([A-Z0-9-]+)", done.stdout)
    code = re.search(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", done.stdout)
    assert reference is not None
    assert code is not None
    return reference[1], code[0]


def hear_and_rule(shop: Shop, number: int) -> None:
    reference, code = door(shop, number)
    words = ("appeal", reference, "--code", code, "--text", "It was not me.", "--json")
    name = good(shop.run(*words)).json()["appeal"]["appeal"]
    good(shop.run("hear", name, "--as", "emil"))
    told = ("--verdict", "overturn", "--reasons", "The clock was wrong.")
    good(shop.run("rule", name, "--as", "emil", *told))


def relieve_the_rest(shop: Shop) -> None:
    words = ("--policy", "many-returns", "--version", 1, "--why", "a wrong clock", "--json")
    plan = good(shop.run("relieve", *words)).json()
    for person in ("emil", "fay"):
        good(shop.run("relieve", "approve", plan["relief"], "--as", person))
    done = good(shop.run("relieve", "apply", plan["relief"], "--json")).json()
    assert (done["reversed"], done["failed"], done["complete"]) == (2, {}, True)


@pytest.mark.parametrize("sealed", [False, True])
def test_all_of_it_is_undone_by_a_clock_that_is_right(
    shop: Shop, clock: Clock, monkeypatch: pytest.MonkeyPatch, sealed: bool
) -> None:
    decisions = wrong_year(shop, clock, monkeypatch)
    if sealed:
        good(shop.run("seal"))
    clock(RIGHT_US + HOUR_US)
    assert "suspend" in good(shop.run("standing", "account 1")).out
    hear_and_rule(shop, 0)
    good(shop.run("reverse", decisions[1], "--as", "emil", "--why", "a wrong clock"))
    relieve_the_rest(shop)
    for number in range(4):
        said = good(shop.run("standing", f"account {number}")).out
        assert said == f"account {number} may do everything: no decision binds it\n"
    good(shop.run("erase", "account 0", "--as", "ada", "--why", "she asked"))
    good(shop.run("seal"))
    report = good(shop.run("verify", "--json")).json()
    (times,) = (check for check in report["checks"] if check["name"] == TIMES)
    # two commits of the appeal, its ruling, a reversal, a relief of two
    assert times["holds"] is True
    assert times["not_asked"] == "commits that gave back under a wrong clock: 6"
    # told by a person who says that the clock is right
    assert shop.run("work", "--once").code == Unavailable.exit_code
    monkeypatch.setenv(VARIABLE, "1")
    told = good(shop.run("work", "--once", "--json")).json()["notify"]
    assert (told["told"], told["untold"]) == ({"apology": 3, "ruling": 1}, [])


def test_what_takes_waits_for_the_clock(
    shop: Shop, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong_year(shop, clock, monkeypatch)
    clock(RIGHT_US + HOUR_US)
    shop.write("holdings.ndjson", "")
    for words in (
        ("decide",), ("notify",), ("tick",), ("work", "--once"), ("holdings", "holdings.ndjson"),
        ("staff", "add", "new", "--name", "New", "--role", "agent", "--as", "ada"),
        ("brake", "release", "many-returns", "--as", "emil", "--why", "x"),
        ("rotate-key", "--as", "ada"), ("contacts", "contacts.csv"), ("letters", "--retry", 1),
    ):  # fmt: skip
        asked = shop.run(*words)
        assert asked.code == Unavailable.exit_code, (words, asked.err)
        assert "the clock here says 2026-03-01T13:00:00Z" in asked.err
    for words in (
        ("queue",),
        ("appeals",),
        ("waves",),
        ("letters",),
        ("brake",),
        ("staff", "list"),
    ):
        good(shop.run(*words))


def test_what_ends_ends_and_nothing_takes_force(
    shop: Shop, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suspension whose time is over is over, whatever one record of next year says."""
    good(shop.run("decide"))
    found = sorted(good(shop.run("queue", "--json")).json()["items"], key=lambda o: o["account"])
    good(shop.run("approve", found[0]["decision"], "--as", "dora"))
    good(shop.run("work", "--once"))
    clock(RIGHT_US + 15 * DAY_US)
    good(shop.run("work", "--once"))
    clock(RIGHT_US + 25 * DAY_US)
    good(shop.run("approve", found[1]["decision"], "--as", "dora"))
    good(shop.run("work", "--once"))
    monkeypatch.setenv(VARIABLE, "1")
    clock(RIGHT_US + YEAR_US)
    good(shop.run("staff", "add", "new", "--name", "New", "--role", "agent", "--as", "ada"))
    monkeypatch.delenv(VARIABLE)
    clock(RIGHT_US + 46 * DAY_US)
    assert shop.run("tick").code == Unavailable.exit_code
    for one, state in ((found[0], "ended"), (found[1], "noticed")):
        assert good(shop.run("export", one["account"], "--out", "e.zip")).code == 0
        assert state_of(shop, one["decision"]) == state
    good(shop.run("verify"))


def state_of(shop: Shop, decision: str) -> str:
    with wiring.here(shop.root):
        from habeas.store.accounts import account, account_of

        return str(account(account_of(decision)).decision(decision).state)
