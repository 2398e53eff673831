"""`habeas staff`, as an admin types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flows.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    (tmp_path / ".habeas").mkdir()
    return Shop(tmp_path)


def test_somebody_joins_changes_and_leaves(shop: Shop) -> None:
    assert "nobody works here yet" in shop.run("staff", "list").out
    said = shop.run("staff", "add", "ada", "--name", "Ada", "--role", "lead")
    assert said.out == "Ada (ada): admin, lead\n"
    words = ("staff", "add", "dora", "--name", "Dora", "--role", "reviewer", "--role", "agent")
    assert shop.run(*words).code == 13
    assert shop.run(*words, "--as", "ada").out == "Dora (dora): agent, reviewer\n"
    again = shop.run("staff", "add", "d0ra", "--name", "D", "--role", "lead", "--as", "ada")
    assert (again.code, "could be read as Dora (dora)" in again.err) == (11, True)
    assert shop.run("staff", "role", "dora", "--take", "agent", "--as", "ada").code == 0
    assert shop.run("staff", "leave", "dora", "--as", "dora").code == 13
    assert shop.run("staff", "leave", "dora", "--as", "ada").out == "Dora (dora): has left\n"
    assert shop.run("staff", "list").out == "Ada (ada): admin, lead\nDora (dora): no role  (left)\n"
    listed = shop.run("staff", "list", "--json").json()
    assert [one["id"] for one in listed["items"]] == ["ada", "dora"]


def test_who_acts_comes_from_the_environment_too(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.run("staff", "add", "ada", "--name", "Ada", "--role", "lead")
    monkeypatch.setenv("HABEAS_AS", "ada")
    assert shop.run("staff", "add", "emil", "--name", "Emil", "--role", "reviewer").code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("add", "Dora", "--name", "D", "--role", "lead"), 3),
        (("add", "dora", "--name", "", "--role", "lead"), 3),
        (("add", "dora", "--name", "D", "--role", "boss"), 2),
        (("add", "dora", "--name", "D"), 2),
        (("add", "habeas", "--name", "H", "--role", "lead"), 11),
        (("role", "dora", "--give", "lead", "--as", "ada"), 13),
        (("leave", "ada", "--as", "ada"), 13),
    ],
)
def test_bad_words_are_one_sentence(shop: Shop, words: tuple[str, ...], code: int) -> None:
    said = shop.run("staff", *words)
    assert said.code == code, said.err
    assert said.err.startswith("habeas: ")
    assert "Traceback" not in said.err
