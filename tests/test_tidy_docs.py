"""What documents name exists, and the rules can tell when it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import tidy_docs


def test_the_documents_are_tidy() -> None:
    assert len(tidy_docs.documents()) > 25
    assert (
        sum(1 for path in tidy_docs.documents() for _ in tidy_docs.told(path.read_text("utf-8")))
        == 0
    )
    assert tidy_docs.everything() == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("`habeas enact HASH`", "there is no command habeas enact"),
        ("    habeas apply HASH --twice", "habeas apply has no --twice"),
        ("$ habeas relieve aprove", None),  # a word after a command is its own matter
        ("`habeas apply HASH`, `habeas queue --limit 5`", None),
        ("Habeas is that", None),
    ],
)
def test_a_command_that_is_not_there_is_found(text: str, says: str | None) -> None:
    assert [*tidy_docs.told(text)] == ([] if says is None else [says])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("see `core/waves`", "there is no core/waves"),
        ("see core/policy/facts.py and tests/core/policy", None),
        ("see docs/decisions/0001", None),
        ("see docs/nothing.md", "there is no docs/nothing.md"),
    ],
)
def test_a_place_that_is_not_there_is_found(text: str, says: str | None) -> None:
    assert [*tidy_docs.places(text)] == ([] if says is None else [says])


def test_a_link_and_an_anchor_that_are_not_there_are_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A heading here\n", encoding="utf-8")
    text = "[a](page.md#a-heading-here) [b](page.md#gone) [c](other.md) [d](https://a.example/x)"
    assert [*tidy_docs.links(page, text)] == [
        "page.md has no heading #gone",
        "there is no other.md",
    ]
