"""Letters: a notice in the words of one language, in no form yet.

A letter is sections of a few kinds of block. Text, HTML and PDF are made from this one value
(`pages/letters`), so that they say the same. All texts are plain: what they quote from others
was cleaned here, and nothing in them is markup."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import assert_never

from habeas.core.languages import Lang

HIDDEN_CODE = "····-····-····-····"  # the code itself is never kept (core/appeal/cases)


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pairs:
    """What, and what about it."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Word for word: a clause, the reasons of a ruling. `source` can be empty."""

    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Links:
    """What, and its address: a page, which can be followed, or where to write."""

    links: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Door:
    """The case reference and the one-time code, with their labels."""

    reference: str
    code: str


Block = Text | Items | Pairs | Links | Quote | Door


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """`head` are the label and value of account, date and reference; `code` is empty in what is
    kept and there in what is sent."""

    kind: str
    lang: Lang
    sender: str
    subject: str
    greeting: str
    head: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    ending: str
    reference: str
    code: str = ""

    def door(self, block: Door) -> Pairs:
        """What the customer is shown of reference and code."""
        code = self.code or HIDDEN_CODE
        return Pairs(((block.reference, self.reference), (block.code, code)))


LINES = re.compile("[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029 ]+")
# Control characters, signs that turn the direction of writing (Unicode bidi), halves of pairs,
# and what is no character: they are shown as missing, since a reader could be misled by them.
UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb"
    "\ufffe\uffff\ud800-\udfff]"
)


def one_line(text: str) -> str:
    """The text on one line, with nothing in it that cannot be seen."""
    return UNSAFE.sub("\ufffd", LINES.sub(" ", text).strip(" "))


def paragraphs(text: str) -> tuple[Quote, ...]:
    """What somebody wrote, word for word, a block for each of its lines that says something."""
    lines = (one_line(line) for line in re.split("[\n\r\x85\u2028\u2029]+", text))
    return tuple(Quote(line) for line in lines if line)


def cleaned(letter: Letter) -> Letter:
    """The letter with each of its texts on one line and safe to show."""
    sections = tuple(
        Section(one_line(s.title), tuple(map(_cleaned, s.blocks))) for s in letter.sections
    )
    return replace(
        letter,
        sender=one_line(letter.sender),
        subject=one_line(letter.subject),
        greeting=one_line(letter.greeting),
        head=_clean_pairs(letter.head),
        sections=sections,
        ending=one_line(letter.ending),
        reference=one_line(letter.reference),
        code=one_line(letter.code),
    )


def _cleaned(block: Block) -> Block:
    match block:
        case Text(text):
            return Text(one_line(text))
        case Items(items):
            return Items(tuple(map(one_line, items)))
        case Pairs(pairs):
            return Pairs(_clean_pairs(pairs))
        case Links(links):
            return Links(_clean_pairs(links))
        case Quote(text, source):
            return Quote(one_line(text), one_line(source))
        case Door(reference, code):
            return Door(one_line(reference), one_line(code))
        case _:
            assert_never(block)


def _clean_pairs(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((one_line(label), one_line(value)) for label, value in pairs)
