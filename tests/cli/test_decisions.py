"""The commands on decisions, as a person uses them in a working folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas import wiring
from habeas.core.errors import IllegalMove, InvalidInput, NotAllowed, NotFound
from tests.databases import TEMPLATE, Cluster, address
from tests.flows.deciding import database, decided_shop
from tests.flows.shop import Shop, open_shop
from tests.staffing import hire_in


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = decided_shop(tmp_path, first="suspend")
    hire_in(database(shop))
    return shop


def waiting(shop: Shop) -> list[str]:
    return [one["decision"] for one in shop.run("queue", "--json").json()["items"]]


def test_from_findings_to_a_yes_and_a_no(shop: Shop) -> None:
    said = shop.run("decide").out
    assert said == (
        "3 findings: 3 new decisions, 0 approved by their policies; 0 known before\n"
        "next: habeas queue\n"
    )
    assert "3 known before" in shop.run("decide").out
    first, second, third = waiting(shop)
    shown = shop.run("queue").out
    assert first in shown
    assert "many-returns 1" in shown
    said = shop.run("approve", first, second, "--as", "dora").out
    assert said.splitlines()[0].startswith("suspend on account ")
    assert said.count("is approved") == 2
    said = shop.run("refuse", third, "--as", "dora", "--why", "a family of four").out
    assert f"is refused ({third})" in said
    assert shop.run("queue").out == "nothing waits for a person\n"
    assert shop.run("tick").out == "decisions: none was due\n"


def test_the_same_as_json(shop: Shop) -> None:
    report = shop.run("decide", "--json").json()
    assert (report["decisions"], report["mode"]) == (3, "enforce")
    (first, *_) = waiting(shop)
    told = shop.run("approve", first, "--as", "dora", "--json").json()
    assert (told["decision"], told["state"]) == (first, "approved")
    ticked = shop.run("tick", "--json").json()
    late = ticked.pop("appeals")
    assert ticked == {"moves": {}, "held": 0, "settlements": 0}
    assert late == {"reminded": 0, "escalated": 0, "carried_out": 0}
    assert shop.run("standing", "--rebuild", "--json").json() == {"decisions": 3, "wrong": 0}


def test_a_second_yes_is_one_sentence(shop: Shop) -> None:
    shop.run("decide")
    (first, *_) = waiting(shop)
    shop.run("approve", first, "--as", "dora")
    again = shop.run("approve", first, "--as", "emil")
    assert again.code == IllegalMove.exit_code
    assert again.err == (
        f"habeas: decision {first} is approved, not open to Approve: it is approved once\n"
    )
    again = shop.run("approve", first, "--as", "emil", "--json")
    assert again.json()["error"] == "IllegalMove"


def test_an_emergency_binds_at_once_and_is_in_the_queue(shop: Shop) -> None:
    shop.run("decide", "--json")
    with wiring.opened(database(shop)):
        from habeas.store.accounts import account

        (made,) = account("account 0").decisions.values()
    assert shop.run("refuse", made.id, "--as", "emil", "--why", "too slow").code == 0
    finding = made.reason.finding
    said = shop.run("declare", finding, "--step", 1, "--as", "dora", "--why", "a stolen card")
    assert said.out.startswith("suspend on account 0 is in force")
    told = shop.run("standing", "account 0").out
    assert told.startswith("account 0 is suspended\n  suspend until ")
    assert "without logging in it can always use: appeal, export, statement" in told
    assert shop.run("standing", "account 0", "--json").json()["suspended"] is True
    assert "in force" in shop.run("queue").out


def test_an_account_without_decisions_may_do_everything(shop: Shop) -> None:
    assert shop.run("standing", "aline").out == ("aline may do everything: no decision binds it\n")
    assert shop.run("standing", "--rebuild").out == "0 decisions; 0 were listed wrong\n"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("approve", "d9", "--as", "dora"), NotFound.exit_code),
        (("approve", "d9"), 2),
        (("approve", "d9", "--as", " "), NotAllowed.exit_code),
        (("refuse", "d9", "--as", "dora"), 2),
        (("standing",), 2),
        (("standing", "aline", "--rebuild"), 2),
        (("declare", "f9", "--step", "0", "--as", "dora", "--why", "x"), NotFound.exit_code),
        (("decide", "--findings", "none.parquet"), NotFound.exit_code),
        (("decide", "--findings", "events.yaml"), InvalidInput.exit_code),
    ],
)
def test_bad_words_are_one_sentence(shop: Shop, words: tuple[str, ...], code: int) -> None:
    said = shop.run(*words)
    assert said.code == code, said.err
    assert said.err.startswith("habeas: ")
    assert "Traceback" not in said.err


def test_outside_a_working_folder_nothing_is_made(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    said = shop.run("standing", "aline")
    assert said.code == NotFound.exit_code
    assert "there is no working folder here" in said.err
    assert not shop.folder.root.exists()


def test_the_same_commands_on_postgresql(
    shop: Shop, postgresql: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = postgresql.create(TEMPLATE)
    monkeypatch.setenv("HABEAS_DATABASE", address(made))
    assert shop.run("migrate").out == "the tables are up to date\n"
    assert shop.run("migrate", "--json").json() == {"migrated": True}
    hire_in(made)
    assert shop.run("decide", "--json").json()["decisions"] == 3
    (first, *_) = waiting(shop)
    assert shop.run("approve", first, "--as", "dora").code == 0
    monkeypatch.delenv("HABEAS_DATABASE")
    assert waiting(shop) == []  # its own file has none of this
    postgresql.drop(made)
