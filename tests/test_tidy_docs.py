"""What documents name exists, and the rules can tell when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import ROOT, tidy_docs


def test_the_documents_are_tidy() -> None:
    assert len(tidy_docs.documents()) > 30
    assert len([*tidy_docs.hints()]) > 1000
    assert {"tests", "bench", "examples"} == {
        path.relative_to(ROOT).parts[0] for path in tidy_docs.beside()
    }
    assert tidy_docs.everything() == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("`habeas enact HASH`", ["there is no command habeas enact"]),
        ("    habeas apply HASH --twice", ["habeas apply has no --twice"]),
        ("```\n$ habeas apply HASH \\\n    --twice\n```", ["habeas apply has no --twice"]),
        ("```\nhabeas seal && habeas enact\n```", ["there is no command habeas enact"]),
        ("`habeas\nenact`", ["there is no command habeas enact"]),
        ("`habeas relieve apply HASH --size 5`", ["habeas relieve apply has no --size"]),
        ("`habeas relieve --size 5`", []),
        ("`habeas seal`, `apply HASH --twice`", ["habeas apply has no --twice"]),
        ("with `--twice`", ["nothing has --twice"]),
        ("$ habeas relieve aprove", []),  # a word after a command is its own matter
        ("`habeas apply HASH`, `habeas queue --limit 5`, `--lang`", []),
        ("Habeas is that", []),
    ],
)
def test_a_command_that_is_not_there_is_found(text: str, says: list[str]) -> None:
    assert [*tidy_docs.told(text)] == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("see `core/waves`", ["there is no core/waves"]),
        ("each in `core/checks/`", ["there is no core/checks"]),
        ("see core/policy/facts.py and tests/core/policy/", []),
        ("see docs/decisions/0001", []),
        ("see docs/nothing.md", ["there is no docs/nothing.md"]),
        ("`core/decision/decisions.step`", []),
        ("`core/decision/decisions.leap`", ["core/decision/decisions has no leap"]),
    ],
)
def test_a_place_that_is_not_there_is_found(text: str, says: list[str]) -> None:
    assert [*tidy_docs.places(text)] == says


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("`habeas.flows.work`, `store.outbox.claim`, `test_lives`, `store/test_lives`", []),
        ("`store.outbox.burn`", ["there is no store.outbox.burn"]),
        ("`habeas.core.waves`", ["there is no core.waves"]),
        ("`store/test_nothing`", ["there is no store/test_nothing"]),
        ("`appeal/test_guards`", ["there is no appeal/test_guards"]),  # it is in store
        ("`tests/store/test_guards.py`", []),
        ("after core.policy.events, as it was", []),  # in a document, not as code
    ],
)
def test_a_name_that_is_not_there_is_found(text: str, says: list[str]) -> None:
    assert [*tidy_docs.names(text)] == says


def test_the_remarks_of_a_module_are_read(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        '"""See core.waves."""\n\nx = 1  # as in core.policy\ncore.nothing = x\n', encoding="utf-8"
    )
    assert [*tidy_docs.dotted(tidy_docs.remarks(module))] == ["there is no core.waves"]


def test_a_hint_is_read_with_what_is_filled_in() -> None:
    said = [text for _, text in tidy_docs.hints()]
    assert any("habeas contacts FILE, or" in text and " X --hand" in text for text in said)
    assert [*tidy_docs.asked("next: habeas apply X --twice")] == ["habeas apply has no --twice"]


def test_an_option_that_no_page_has_is_found() -> None:
    assert "no page has brake release --pace" in [*tidy_docs.unspoken("`--segment`, `--why`")]


def test_a_module_that_contributing_does_not_name_is_found() -> None:
    row = "| `audit` | `erasures` `laws` `lore` `records` | `verify` `verify_log` `verify_staff` |"
    assert [*tidy_docs.unlisted(row)] == [
        "core/audit has no lore",
        "flows/audit has verify_findings",
    ]


def test_a_link_and_an_anchor_that_are_not_there_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A heading here\n```\n# A remark\n```\n", encoding="utf-8")
    text = (
        "[a](page.md#a-heading-here) [b](page.md#gone) [c](other.md) [d](https://a.example/x) "
        "[e](page.md#a-remark)"
    )
    assert [*tidy_docs.links(page, text)] == [
        "page.md has no heading #gone",
        "there is no other.md",
        "page.md has no heading #a-remark",
    ]
