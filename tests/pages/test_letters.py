"""Print: every notice as it is, word for word, in each form; the same bytes each time; nothing
that anybody writes becomes markup.

`HABEAS_REWRITE_GOLDEN=1 pytest tests/pages/test_letters.py` writes the golden files anew; read the
difference before you commit it."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.languages import Lang
from habeas.core.letter import Letter
from habeas.core.letter.letters import Items, Links, Pairs, Quote, Section, Text, cleaned
from habeas.pages.letters import WIDTH, Printed, as_html, as_pdf, as_text, printed, style_source
from tests import ROOT
from tests.core.letter.told import LANGS, NOTICES, NOW
from tests.core.samples import few

GOLDEN = ROOT / "tests" / "golden" / "notices"
REWRITE = os.environ.get("HABEAS_REWRITE_GOLDEN") == "1"
CODE = "8WF2-Q0ZD-K7M1-X3PA"
LETTER = cleaned(NOTICES["close"]("en"))


def made(name: str, lang: Lang) -> Printed:
    return printed(replace(NOTICES[name](lang), code=CODE), NOW)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NOTICES)
def test_each_notice_is_as_it_was_approved(name: str, lang: Lang) -> None:
    forms = made(name, lang)
    where = GOLDEN / lang
    files = {where / f"{name}.txt": forms.text, where / f"{name}.html": forms.html}
    if REWRITE:
        where.mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
        _record(f"{name}.{lang}", forms.hashes["pdf"])
    for path, text in files.items():
        assert path.read_text(encoding="utf-8") == text
    assert _recorded()[f"{name}.{lang}"] == forms.hashes["pdf"]


HASHES = GOLDEN / "pdf.json"  # SHA-256 by notice: the bytes follow from the version of typst


def _recorded() -> dict[str, str]:
    found: dict[str, str] = json.loads(HASHES.read_text()) if HASHES.exists() else {}
    return found


def _record(name: str, digest: str) -> None:
    text = json.dumps(_recorded() | {name: digest}, indent=1, sort_keys=True)
    HASHES.write_text(text + "\n")


@pytest.mark.parametrize("lang", LANGS)
def test_the_same_letter_gives_the_same_bytes(lang: Lang) -> None:
    assert made("close", lang) == made("close", lang)
    other = printed(replace(NOTICES["close"](lang), code="0" * 19), NOW)
    assert set(other.hashes.values()).isdisjoint(made("close", lang).hashes.values())


class Tags(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NOTICES)
def test_html_says_its_language_and_needs_nothing_from_elsewhere(name: str, lang: Lang) -> None:
    page = Tags(made(name, lang).html)
    names = [tag for tag, _ in page.tags]
    assert dict(page.tags)["html"] == {"lang": lang}
    assert [names.count(t) for t in ("h1", "main", "title", "style", "script")] == [1, 1, 1, 1, 0]
    assert not any(a in attrs for _, attrs in page.tags for a in ("style", "src", "onclick"))
    policies = [a["content"] for _, a in page.tags if a.get("http-equiv")]
    assert f"style-src '{style_source()}'" in str(policies[0])


def test_text_is_narrow_but_for_long_words() -> None:
    for name in NOTICES:
        for line in made(name, "fr").text.splitlines():
            assert len(line) <= WIDTH or " " not in line.strip("-> ")


ANY = st.text(max_size=40)
HOSTILE = [
    "<script>alert(1)</script>", "{{ letter.code }}{% include 'x' %}", '"><img src=x onerror=1>',
    "#eval(\"1\") $x$ *b* _i_ `c` @a <l> \\ // /* ", "#read(\"/etc/passwd\")",
    "a\u202eb\u2066c", "a\r\nBcc: x@y", "\x00\x1b[31m", "漢字 العربية 🙂", "\ud800",
]  # fmt: skip


def quoting(*texts: str) -> Letter:
    first, *rest = (*texts, "x", "x", "x")
    blocks = (
        Text(first), Items((first, rest[0])), Pairs(((first, rest[0]),)),
        Links(((first, rest[1]),)), Quote(first, rest[2]),
    )  # fmt: skip
    letter = replace(
        LETTER, subject=first, sender=rest[0], head=((first, rest[0]),),
        sections=(Section(first, blocks),),
    )  # fmt: skip
    return cleaned(letter)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_others_write_is_no_markup(hostile: str) -> None:
    """The page has the tags that it has without it, and shows it; typst reads it as data."""
    usual, page = Tags(as_html(quoting("x"))), Tags(as_html(quoting(hostile)))
    assert [tag for tag, _ in page.tags] == [tag for tag, _ in usual.tags]
    said = quoting(hostile).subject
    assert "".join(page.text).count(said) >= 6
    flat = " ".join(as_text(quoting(hostile)).split())
    assert " ".join(said.split()) in flat
    assert as_pdf(quoting(hostile), NOW).startswith(b"%PDF-")


@few
@given(ANY, ANY)
def test_no_text_breaks_a_form(first: str, second: str) -> None:
    letter = quoting(first, second)
    shown = as_text(letter) + as_html(letter)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", shown)
    assert as_pdf(letter, NOW).startswith(b"%PDF-")


def test_only_pages_are_links() -> None:
    letter = replace(
        LETTER,
        sections=(
            Section("s", (Links((("a", "javascript:alert(1)"), ("b", "https://x.example"))),)),
        ),
    )
    links = [attrs for tag, attrs in Tags(as_html(letter)).tags if tag == "a"]
    assert links == [{"href": "https://x.example"}]


def test_a_code_is_shown_only_where_it_was_given() -> None:
    for form in (as_text(LETTER), as_html(LETTER)):
        assert "····-····-····-····" in form
    assert CODE in made("close", "en").text
