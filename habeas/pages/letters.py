"""Printing: a letter as plain text, HTML and PDF. The same letter gives the same bytes.

HTML is for mail clients, browsers and paper: no script, nothing from elsewhere, and one style
whose hash stands in its own Content-Security-Policy (`STYLE_SOURCE`, for a server's as well). PDF
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
from typing import TYPE_CHECKING, Any, assert_never

from habeas.core.letter import Letter
from habeas.core.letter.letters import Block, Door, Items, Links, Pairs, Quote, Text
from habeas.core.letter.texts import sentence

if TYPE_CHECKING:
    from django.template import Template

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


@cache
def _template() -> Template:
    from django.template import Engine

    return Engine(autoescape=True).from_string(
        (TEMPLATES / "letter.html").read_text(encoding="utf-8")
    )


def as_html(letter: Letter) -> str:
    from django.template import Context
    from django.utils.safestring import mark_safe

    sections = [
        {"title": section.title, "blocks": [_shown(letter, block) for block in section.blocks]}
        for section in letter.sections
    ]
    context = {
        "letter": letter,
        "sections": sections,
        "style": mark_safe(style()),  # noqa: S308 - our own file
        "style_hash": style_source(),
    }
    return str(_template().render(Context(context, use_l10n=False, use_tz=False)))


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


# PDF


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
