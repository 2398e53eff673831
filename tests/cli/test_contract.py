"""docs/contract.md is what the commands do."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.core.errors import HabeasError
from tests.cli.contract import PAGE, Life, differences, promised, untidy

LISTS = ("queue", "appeals", "waves", "letters", "brake")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Life:
    return Life(tmp_path_factory.mktemp("life"))


def test_every_command_is_in_the_contract(life: Life) -> None:
    assert life.answers.keys() == promised().keys()
    assert len(life.answers) > 30


@pytest.mark.parametrize("command", sorted(promised()))
def test_an_answer_has_its_shape(life: Life, command: str) -> None:
    assert list(differences(life.answers[command], promised()[command])) == []
    assert list(untidy(life.answers[command])) == []


@pytest.mark.parametrize("command", LISTS)
def test_a_list_has_a_part_and_how_to_go_on(life: Life, command: str) -> None:
    found = life.answers[command]
    assert found.keys() == {"items", "next", "total"}
    assert (found["next"], len(found["items"])) == (None, found["total"])


def test_a_list_goes_on_where_it_stopped(life: Life) -> None:
    whole, seen, after = life.shop.run("letters", "--json").json(), [], ()
    while True:
        part = life.shop.run("letters", "--limit", 1, *after, "--json").json()
        seen += part["items"]
        assert part["total"] == whole["total"]
        if part["next"] is None:
            break
        after = ("--after", part["next"])
    assert seen == whole["items"]
    assert life.shop.run("letters", "--after", "nothing").code == 3


def test_a_departure_is_found() -> None:
    shape = {"items": [{"since": "time"}], "next": "text|null"}
    assert (
        list(differences({"items": [{"since": "2026-01-01T00:00:00Z"}], "next": None}, shape)) == []
    )
    wrong = {"items": [{"since_us": 5}], "next": 7, "more": 1}
    assert len(list(differences(wrong, shape))) == 4
    assert list(untidy(wrong)) == [".items.since_us is in microseconds"]
    assert list(untidy({"amount": 5})) == [".amount is no decimal text"]


def codes(cls: type[HabeasError]) -> set[int]:
    return {cls.exit_code}.union(*(codes(sub) for sub in cls.__subclasses__()))


def test_every_exit_code_is_told() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"\n| {code} | " in page for code in codes(HabeasError))


def test_the_page_is_small_enough_to_read(life: Life) -> None:
    assert Path(PAGE).stat().st_size < 40_000
