"""Keywords in what people write, in English, French or any language that sets words apart.

Accents, case and the shape of an apostrophe do not matter, words are whole, and what stands between
the words of a phrase is no more than spaces and punctuation. `#closed` is found as a hashtag only;
`closed` in both. Without accents some words become others: `fermé` also finds `ferme`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import Field

from habeas.core.errors import InvalidInput
from habeas.core.policy.shapes import Shape, Words

WORD = re.compile(r"#?\w+")
LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})


def words(text: str) -> list[str]:
    """The words of a text, hashtags with their `#`. An apostrophe parts words as a space does."""
    folded = unicodedata.normalize("NFKD", text).casefold().translate(LETTERS)
    decomposed = unicodedata.normalize("NFKD", folded)
    return WORD.findall("".join(c for c in decomposed if not unicodedata.combining(c)))


class ColumnsShape(Shape):
    """What the columns of a feed are called, where not by the names here."""

    id: Words = "id"
    time: Words = "time"
    text: Words = "text"
    original: Words = Field(
        default="original", description="the id of the post that this one repeats"
    )


class KeywordsShape(Shape):
    """A file of keywords: what to count, and in which columns."""

    keywords: list[Words] = Field(min_length=1)
    columns: ColumnsShape = ColumnsShape()


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word, a phrase or a hashtag: as it was written, and its words."""

    text: str
    words: tuple[str, ...]

    def starts(self, found: list[str], place: int) -> bool:
        """Whether the words of the keyword stand at this place of a text's words."""
        there = found[place : place + len(self.words)]
        return len(there) == len(self.words) and all(
            have in (want, f"#{want}") for have, want in zip(there, self.words, strict=True)
        )


class Keywords:
    """A list of keywords, looked for together. Raises InvalidInput where one has no word, or says
    the same as another."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.all = tuple(Keyword(text, tuple(words(text))) for text in texts)
        self._by_first: dict[str, list[Keyword]] = {}
        said: dict[tuple[str, ...], str] = {}
        for keyword in self.all:
            if not keyword.words:
                raise InvalidInput(f"the keyword '{keyword.text}' has no word", "write one")
            twin = said.setdefault(keyword.words, keyword.text)
            if twin is not keyword.text:
                sentence = f"the keywords '{twin}' and '{keyword.text}' say the same"
                raise InvalidInput(sentence, "leave one out: accents and case do not matter")
            self._by_first.setdefault(keyword.words[0], []).append(keyword)
        if not self.all:
            raise InvalidInput("there is no keyword", "write at least one")

    def found(self, text: str) -> tuple[str, ...]:
        """The keywords that a text has, each once, in the order of the list."""
        there = words(text)
        found = {keyword.text for keyword in self._places(there)}
        return tuple(keyword.text for keyword in self.all if keyword.text in found)

    def _places(self, there: list[str]) -> Iterator[Keyword]:
        for place, word in enumerate(there):
            for first in {word, word.removeprefix("#")}:
                for keyword in self._by_first.get(first, ()):
                    if keyword.starts(there, place):
                        yield keyword
