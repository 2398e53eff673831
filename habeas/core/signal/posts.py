"""Posts and contacts, counted by keyword into a stream of counts.

A post counts once, however many keywords it has and however often it is repeated or reposted. Of
its text three samples a bin are kept, without what tells who wrote it (GDPR, article 5(1)(c)):
addresses, links, names after an `@` and numbers of four digits or more are taken out, its author
and its id are never kept.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from habeas.core.errors import InvalidInput
from habeas.core.signal.keywords import Keywords
from habeas.core.times import spoken

SAMPLES, SAMPLE_LENGTH = 3, 200
MOST_BINS = 1_000_000
LOOKED_AT = 1000  # characters of a text that a sample is made from
# In this order: an address holds an @, a link may hold numbers
PERSONAL = (
    (re.compile(r"\S+@\S+\.\S+"), "[e-mail]"),
    (re.compile(r"(?i)\b(?:https?://|www\.)\S+"), "[link]"),
    (re.compile(r"[@＠]\w+"), "[name]"),
    (re.compile(r"\+?\d(?:[ \u00a0\u202f./()-]?\d){3,}"), "[number]"),
)


@dataclass(frozen=True, slots=True)
class Post:
    """`original` is the id of what it repeats, where it is a repost."""

    id: str
    time_us: int
    text: str
    original: str | None = None


@dataclass(slots=True)
class Bin:
    """The posts of one bin of time: how many, how many by keyword, some samples."""

    start_us: int
    count: int = 0
    keywords: Counter[str] = field(default_factory=Counter)
    samples: list[str] = field(default_factory=list)


def without_persons(text: str) -> str:
    """A text as it may be kept. A name that is only written out cannot be told from a word."""
    kept = " ".join(text[:LOOKED_AT].split())
    if len(text) > LOOKED_AT:  # half an address would not be known for one
        kept = kept.rpartition(" ")[0]
    for pattern, instead in PERSONAL:
        kept = pattern.sub(instead, kept)
    return kept if len(kept) <= SAMPLE_LENGTH else kept[: SAMPLE_LENGTH - 1] + "…"


class Tally:
    """Counts posts in bins of `every_us`. `read` is `matched` + `others` + `repeated`."""

    def __init__(self, keywords: Keywords, every_us: int) -> None:
        self.keywords, self.every_us = keywords, every_us
        self.read = self.matched = self.others = self.repeated = 0
        self._bins: dict[int, Bin] = {}
        self._known: set[str] = set()

    def add(self, post: Post) -> None:
        """Posts may come in any order; of those that repeat one another the first counts."""
        self.read += 1
        found = self.keywords.found(post.text)
        start = post.time_us // self.every_us * self.every_us
        bin_ = self._bins.setdefault(start, Bin(start))
        if not found:
            self.others += 1
            return
        who = {post.id, post.original or post.id}
        known = not who.isdisjoint(self._known)
        self._known |= who
        if known:
            self.repeated += 1
            return
        self.matched += 1
        bin_.count += 1
        bin_.keywords.update(found)
        sample = without_persons(post.text)
        if len(bin_.samples) < SAMPLES and sample not in bin_.samples:
            bin_.samples.append(sample)

    def bins(self) -> Iterator[Bin]:
        """Every bin from the first post that was read to the last, also those without any.
        Raises InvalidInput where that is more than a million."""
        if not self._bins:
            return
        first, last = min(self._bins), max(self._bins)
        if (last - first) // self.every_us >= MOST_BINS:
            years = (last - first) / 31_557_600_000_000
            sentence = f"the posts span {years:.0f} years, too long at {spoken(self.every_us)}"
            raise InvalidInput(sentence, "check their times, or count over a longer time")
        for start in range(first, last + 1, self.every_us):
            yield self._bins.get(start) or Bin(start)
