"""Exports: cells that no spreadsheet runs, pages that no browser runs, the same bytes each time."""

from __future__ import annotations

import csv
import json
from html.parser import HTMLParser
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.pages.export import Export, cell, csv_of, files_of, page_of, spoken

NASTY = "=HYPERLINK(\"http://evil\")<script>alert('x')</script>"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert cell(text).startswith("\"'")


def test_numbers_stay_numbers() -> None:
    assert (cell(-5), cell(0.5), cell(True), cell(None)) == ("-5", "0.5", '"yes"', '""')


@given(st.lists(st.text(st.characters(exclude_categories=["Cc", "Cs"])), min_size=1))
def test_csv_is_read_back(texts: list[str]) -> None:
    made = csv_of([{"a": text, "b": i} for i, text in enumerate(texts)])
    head, *read = csv.reader(StringIO(made.removeprefix("\ufeff"), newline=""))
    assert head == ["a", "b"]
    assert [text for text, _ in read] == [
        f"'{t}" if t.lstrip().startswith(tuple("=+-@")) else t for t in texts
    ]


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.said = ""

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.said += data


EXPORT = Export(
    account=NASTY,
    until_us=1_500_000_000_000_000,
    standing={"closed": False},
    decisions=[{"decision": NASTY, "facts": {NASTY: [1, NASTY]}}],
    notices=[
        {"notice": "n1", "decision": "d1", "kind": "statement", "lang": "fr", "time": "t",
         "text": NASTY},
        {"notice": "n2", "decision": "d1", "kind": "ruling", "lang": "en", "time": "t",
         "text": None},
    ],
)  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_a_page_runs_nothing_and_says_everything(lang: str) -> None:
    page = page_of(EXPORT, lang)  # type: ignore[arg-type]
    tags = Tags()
    tags.feed(page)
    assert "script" not in tags.tags
    assert tags.said.count(NASTY) >= 4
    assert f'<html lang="{lang}">' in page
    assert ("This text was erased." if lang == "en" else "Ce texte a été effacé.") in tags.said


def test_the_files_of_an_export() -> None:
    files = files_of(EXPORT)
    assert list(files) == sorted(files)
    assert {"index.html", "index.fr.html", "export.json", "findings.csv"} <= set(files)
    assert files["notices/001.fr.txt"].decode() == NASTY
    assert "notices/002.en.txt" not in files
    assert json.loads(files["export.json"])["account"] == NASTY
    assert files == files_of(EXPORT)


def test_values_on_one_line() -> None:
    assert spoken({"a": [1, None, True], "b": {"c": "d"}}) == "a: 1; ; yes; b: c: d"
