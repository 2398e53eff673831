"""The commands of reversal and relief, as a person uses them in a working folder."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from habeas.core.errors import IllegalMove, InvalidInput, NotFound
from tests.flows.deciding import force, strict_policy
from tests.flows.shop import Shop, event, open_shop

pytestmark = pytest.mark.slow  # whole ways by commands, or many lives

COUNTRIES = ("FR", "FR", "DE", None, "FR")


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five accounts with a decision each; of the event that led to one nobody knows the
    country."""
    made = open_shop(tmp_path_factory.mktemp("decided") / "shop")
    made.put(strict_policy(first="suspend"))
    records = []
    for number, country in enumerate(COUNTRIES):
        name = f"account {number}"
        records.append(event(f"{number} order", name, "order", 1))
        more = {} if country is None else {"country": country}
        records += [event(f"{number} {i}", name, "return", 3 + i, **more) for i in range(3)]
    made.take_all(records)
    force(made)
    made.run("decide")
    for one in made.run("queue", "--json").json()["items"]:
        made.run("approve", one["decision"], "--as", "Dora")
    return made.root


@pytest.fixture
def shop(decided: Path, tmp_path: Path) -> Shop:
    return Shop(shutil.copytree(decided, tmp_path / "shop"))


def decision_of(shop: Shop, account: str) -> str:
    from habeas import wiring
    from tests.flows.deciding import database

    with wiring.opened(database(shop)):
        from habeas.store import accounts

        (name,) = accounts.account(account).decisions
    return name


def test_one_is_reversed_and_its_siblings_are_relieved(shop: Shop) -> None:
    wrong = decision_of(shop, "account 0")
    said = shop.run("reverse", wrong, "--as", "Emil", "--why", "one tablet, a family of four")
    assert said.out == f"suspend on account 0 is reversed ({wrong})\n"
    words = ("--like", wrong, "--why", "tablets are shared", "--events", "events.parquet")
    plan = shop.run("relieve", *words, "--cause", "country", "--json").json()
    assert (plan["decisions"], plan["accounts"], len(plan["unsure"])) == (2, 2, 1)
    assert plan["fault"]["traits"] == [["country", "FR"]]
    name = plan["relief"]
    assert "1 of 5" not in shop.run("relieve", "show", name).out
    said = shop.run("relieve", "apply", name)
    assert said.code == IllegalMove.exit_code
    assert said.err == "habeas: 0 of 2 people approved this relief (law 7)\n"
    said = shop.run("relieve", "approve", name, "--as", "Emil")
    assert "approved by Emil\n  0 of 2 decisions done\n" in said.out
    said = shop.run("relieve", "approve", name, "--as", "Fay")
    assert said.out.endswith(f"next: habeas relieve apply {name}\n")
    said = shop.run("relieve", "apply", name)
    assert said.out == (
        f"relief {name}: tablets are shared\n  approved by Emil and Fay\n"
        "  2 of 2 decisions done\n  2 were reversed now; 0 apologies to be sent\n"
    )
    again = shop.run("relieve", "apply", name, "--json").json()
    assert (again["reversed"], again["skipped"], again["complete"]) == (0, 2, True)
    assert shop.run("relieve", "show", name, "--json").json()["left"] == 0
    assert shop.run("decide", "--json").json()["decisions"] == 0


def test_several_processes_share_a_plan(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("habeas.flows.appeal.share.SHARED", 1)
    words = ("--policy", "many-returns", "--version", 1, "--why", "a fault", "--size", 1)
    plan = shop.run("relieve", *words, "--json").json()
    for person in ("Emil", "Fay"):
        shop.run("relieve", "approve", plan["relief"], "--as", person)
    done = shop.run("relieve", "apply", plan["relief"], "--jobs", 3, "--json").json()
    assert (done["reversed"], done["done"], done["failed"]) == (5, 5, {})
    assert done["complete"] is True


def test_a_plan_is_shown_before_anybody_approves(shop: Shop) -> None:
    said = shop.run("relieve", "--policy", "many-returns", "--version", 1, "--why", "a fault")
    assert said.code == 0, said.err
    name = said.out.splitlines()[0].removeprefix("relief ")
    assert said.out == (
        f"relief {name}\n  5 decisions on 5 accounts: 5 suspend\n  0 apologies to be sent\n"
        f"next: two people: habeas relieve approve {name} --as NAME\n"
    )
    cause = ("--cause", "country=FR", "--events", "events.parquet", "--type", "return")
    said = shop.run("relieve", *cause, "--why", "a fault")
    assert "  3 decisions on 3 accounts: 3 suspend\n" in said.out
    assert "  left out 1: it cannot be told whether they share it\n" in said.out


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("reverse", "d9", "--as", "Emil", "--why", "x"), NotFound.exit_code, "no decision d9"),
        (("reverse", "d9", "--as", "Emil"), 2, "--why"),
        (("relieve", "apply", "0000"), NotFound.exit_code, "there is no relief plan 0000"),
        (("relieve", "show", "0000"), NotFound.exit_code, "there is no relief plan 0000"),
        (("relieve", "approve", "0000"), 2, "--as"),
        (("relieve", "--why", "x"), InvalidInput.exit_code, "the fault says nothing"),
        (("relieve", "--policy", "many-returns"), InvalidInput.exit_code, "names decisions"),
        (("relieve", "--policy", "other", "--why", "x"), NotFound.exit_code, "of other that can"),
        (("relieve", "--from", "soon", "--why", "x"), 2, "'soon' is no time"),
        (
            ("relieve", "--cause", "country=FR", "--why", "x"),
            InvalidInput.exit_code,
            "the events that led to decisions are needed",
        ),
        (
            ("relieve", "--cause", "land=FR", "--why", "x", "--events", "events.parquet"),
            InvalidInput.exit_code,
            "have no `land`",
        ),
        (
            ("relieve", "--cause", "quantity=many", "--why", "x", "--events", "events.parquet"),
            InvalidInput.exit_code,
            "`quantity` is int64, and 'many' is not",
        ),
        (
            ("relieve", "--cause", "weight=2", "--why", "x", "--events", "events.parquet"),
            InvalidInput.exit_code,
            "`weight` is a measured number",
        ),
        (
            ("relieve", "--cause", "country=IT", "--why", "x", "--events", "events.parquet"),
            NotFound.exit_code,
            "of 1 decisions it cannot be told",
        ),
        (
            ("relieve", "--cause", "country=FR", "--why", "x", "--events", "none.parquet"),
            NotFound.exit_code,
            "none.parquet",
        ),
    ],
)
def test_bad_words_are_one_sentence(
    shop: Shop, words: tuple[str, ...], code: int, message: str
) -> None:
    said = shop.run(*words)
    assert said.code == code, said.err
    assert message in said.err
    assert said.err.startswith("habeas: ")
    assert "Traceback" not in said.err


def test_times_are_utc_where_they_do_not_say(shop: Shop) -> None:
    words = ("relieve", "--policy", "many-returns", "--why", "x", "--json")
    plan = shop.run(*words, "--from", "2020-01-01", "--until", "2090-01-01T00:00+02:00").json()
    assert plan["fault"]["from"] == "2020-01-01T00:00:00Z"
    assert plan["fault"]["until"] == "2089-12-31T22:00:00Z"
    said = shop.run(*words, "--until", "2020-01-01")
    assert said.code == NotFound.exit_code
