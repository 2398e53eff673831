"""Printing: a letter as plain text, HTML and PDF. The same letter gives the same bytes.

HTML is for mail clients, browsers and paper: no script, nothing from elsewhere, and one style
whose hash stands in its own Content-Security-Policy (`style_source`, for a server's as well). PDF
is made by typst with the fonts that it brings; what a letter says reaches it as data, so that no
sign in it is markup. Its day of making is that of the letter."""

from __future__ import annotations

import json
import textwrap
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, assert_never

from habeas.core.letter import Letter
from habeas.core.letter.letters import Block, Door, Items, Links, Pairs, Quote, Section, Text
from habeas.core.letter.texts import sentence
from habeas.pages.markup import Markup, element

TEMPLATES = Path(__file__).parent / "templates"
WIDTH = 76
FOLLOWED = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class Printed:
    """A letter in all its forms."""

    text: str
    html: str
    pdf: bytes

    @property
    def hashes(self) -> dict[str, str]:
        """SHA-256 of each, 64 hex digits."""
        forms = {"text": self.text.encode(), "html": self.html.encode(), "pdf": self.pdf}
        return {name: sha256(content).hexdigest() for name, content in forms.items()}


def printed(letter: Letter, time_us: int) -> Printed:
    """All forms of a letter of that time, in microseconds UTC."""
    return Printed(as_text(letter), as_html(letter), as_pdf(letter, time_us))


# Plain text


def as_text(letter: Letter) -> str:
    """Lines of at most 76 characters, but where one word is longer."""
    lines = [*_wrapped(letter.sender), "", *_wrapped(letter.subject)]
    lines += ["=" * min(WIDTH, len(letter.subject)), "", *_labelled(letter, letter.head), ""]
    lines += _wrapped(letter.greeting)
    for section in letter.sections:
        lines += ["", *_wrapped(section.title), "-" * min(WIDTH, len(section.title))]
        for block in section.blocks:
            lines += ["", *_lines(letter, block)]
    return "\n".join([*lines, "", *_wrapped(letter.ending), ""])


def _lines(letter: Letter, block: Block) -> list[str]:
    match block:
        case Text(text):
            return _wrapped(text)
        case Items(items):
            return [line for item in items for line in _wrapped(item, "- ", "  ")]
        case Pairs(pairs) | Links(pairs):
            return list(_labelled(letter, pairs))
        case Quote(text, source):
            return _wrapped(text, "> ", "> ") + (_wrapped(source, "> ", "> ") if source else [])
        case Door():
            return list(_labelled(letter, letter.door(block).pairs))
        case _:
            assert_never(block)


def _labelled(letter: Letter, pairs: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for what, value in pairs:
        yield from _wrapped(sentence(letter.lang, "labelled", what=what, value=value), "", "  ")


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    """An address or a code is never cut. No-break spaces hold: only plain ones part lines."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest,
        break_long_words=False, break_on_hyphens=False,
    ) or [first]  # fmt: skip


# HTML


@cache
def style() -> str:
    return (TEMPLATES / "letter.css").read_text(encoding="utf-8")


@cache
def style_source() -> str:
    """What a Content-Security-Policy allows as `style-src`, in quotes there."""
    return "sha256-" + b64encode(sha256(style().encode()).digest()).decode()


def as_html(letter: Letter) -> str:
    head = _stacked(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=Markup(_policy())),
        element("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name_="referrer", content="no-referrer"),
        element("title", letter.subject),
        element("style", Markup(style())),
    )
    main = _stacked(
        "main",
        element("p", letter.sender, class_="sender"),
        element("h1", letter.subject),
        _stacked("dl", *(_pair(what, value) for what, value in letter.head), class_="head"),
        element("p", letter.greeting),
        *(_section(letter, section) for section in letter.sections),
        element("p", letter.ending, class_="sender"),
    )
    whole = _stacked("html", head, _stacked("body", main), lang=letter.lang)
    return f"<!doctype html>\n{whole}\n"


def _policy() -> str:
    return f"default-src 'none'; style-src '{style_source()}'; base-uri 'none'; form-action 'none'"


def _stacked(name: str, *lines: Markup, **attributes: str) -> Markup:
    """An element whose children have a line each."""
    return element(name, *(part for line in lines for part in ("\n", line)), "\n", **attributes)


def _section(letter: Letter, section: Section) -> Markup:
    blocks = (_block(letter, block) for block in section.blocks)
    return _stacked("section", element("h2", section.title), *blocks)


def _block(letter: Letter, block: Block) -> Markup:
    """The door is a table like others."""
    match block:
        case Text(text):
            return element("p", text)
        case Items(items):
            return _stacked("ul", *(element("li", item) for item in items))
        case Pairs(pairs):
            return _stacked("dl", *(_pair(what, value) for what, value in pairs))
        case Links(links):
            return _stacked("dl", *(_link(what, address) for what, address in links))
        case Quote(text, source):
            footer = [element("footer", source)] if source else []
            return element("blockquote", element("p", text), *footer)
        case Door():
            return _block(letter, letter.door(block))
        case _:
            assert_never(block)


def _pair(what: str, value: str) -> Markup:
    return _told(what, element("bdi", value))


def _link(what: str, address: str) -> Markup:
    if not address.startswith(FOLLOWED):
        return _pair(what, address)
    return _told(what, element("a", address, href=address))


def _told(what: str, shown: Markup) -> Markup:
    return element("div", element("dt", what), element("dd", shown))


# PDF


def _shown(letter: Letter, block: Block) -> tuple[str, dict[str, Any]]:
    """The name of a block's kind and its parts; the door is a table like others."""
    if isinstance(block, Door):
        block = letter.door(block)
    parts = asdict(block)
    if isinstance(block, Links):
        parts["links"] = [
            (what, address, address if address.startswith(FOLLOWED) else "")
            for what, address in block.links
        ]
    return type(block).__name__, parts


def as_pdf(letter: Letter, time_us: int) -> bytes:
    """PDF/UA-1, so that it can be heard as well as read. Where a letter has signs for which the
    fonts have no picture, that cannot be promised, and it is a plain PDF with the same text."""
    import typst

    try:
        return _compiled(letter, time_us, "ua-1")
    except typst.TypstError:
        return _compiled(letter, time_us)


def _compiled(letter: Letter, time_us: int, *standards: Any) -> bytes:
    """By a compiler of its own: one that has failed has lost its template."""
    import typst

    compiler = typst.Compiler(
        (TEMPLATES / "letter.typ").read_bytes(), font_paths=_fonts(), ignore_system_fonts=True
    )
    made = compiler.compile(
        format="pdf",
        sys_inputs={"letter": json.dumps(_plain(letter), ensure_ascii=False)},
        pdf_standards=list(standards),
        timestamp=time_us // 1_000_000,
    )
    if not isinstance(made, bytes):
        raise TypeError("typst makes one file of a letter")
    return made


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _plain(letter: Letter) -> dict[str, Any]:
    shown = replace(letter, sections=())
    sections = [
        {
            "title": section.title,
            "blocks": [
                {"kind": kind, **parts}
                for kind, parts in (_shown(letter, block) for block in section.blocks)
            ],
        }
        for section in letter.sections
    ]
    return asdict(shown) | {"sections": sections}
