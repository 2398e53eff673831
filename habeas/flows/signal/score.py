"""Score: a series of counts, or posts counted by keyword, to scores and bursts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from habeas.core.errors import InvalidInput
from habeas.core.signal import Burst, Listener, Post
from habeas.core.signal.bursts import Opening, bursts, marks, opening
from habeas.core.signal.keywords import Keywords
from habeas.core.signal.posts import Bin, Tally
from habeas.core.signal.signals import ScoredRow
from habeas.core.times import iso
from habeas.ports.posts import read_keywords, read_posts
from habeas.ports.series import read_series

TOLD_EVERY = 10_000  # rows between two calls of progress
Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Scored:
    """What was heard: the rows in their order, each with its time as the input wrote it, and the
    bursts in them. Of posts also how many were read, and why some could not be used."""

    stamps: list[str]
    rows: list[ScoredRow]
    bursts: list[Burst]
    counts: dict[str, int] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)

    @property
    def opening(self) -> Opening | None:
        """The wave that the first burst opens, where the brake is quiet and none is open."""
        return opening(marks(self.bursts, ()))

    def scores(self) -> list[dict[str, Any]]:
        pairs = zip(self.stamps, self.rows, strict=True)
        return [{"timestamp": stamp, "score": row.score} for stamp, row in pairs]

    def as_json(self) -> dict[str, Any]:
        pairs = zip(self.stamps, self.rows, strict=True)
        return {
            **self.counts,
            "refused": dict(self.refused),
            "series": [
                {
                    "timestamp": stamp,
                    "value": row.value,
                    "expected": round(row.expected, 3),
                    "score": row.score,
                }
                for stamp, row in pairs
            ],
            "bursts": self.bursts,
            "wave": self.opening,
        }


def score(path: Path, progress: Advance = lambda _: None) -> Scored:
    """To a file of counts. Raises NotFound or InvalidInput."""
    listener, stamps, heard = Listener(), [], []
    for row in read_series(path):
        stamps.append(row.timestamp)
        heard.append(listener.hear(row.time_us, row.value))
        if len(heard) % TOLD_EVERY == 0:
            progress(len(heard))
    return Scored(stamps, heard, bursts((row, None) for row in heard))


def counts(path: Path) -> list[tuple[int, float]]:
    """The decisions that a file counts, by microseconds UTC. Raises NotFound or InvalidInput."""
    rows = read_series(path, "the decisions")
    return [(row.time_us, row.value or 0.0) for row in rows if row.time_us is not None]


def score_posts(
    source: str, keywords: Path, every_us: int, progress: Advance = lambda _: None
) -> Scored:
    """To posts that are counted by keyword in bins of `every_us`. What is no post is left out and
    told. Raises NotFound, InvalidInput, InvalidPolicy or Unavailable."""
    if every_us <= 0:
        raise InvalidInput("posts cannot be counted over no time", "write for example 5m")
    shape = read_keywords(keywords)
    tally, refused = Tally(Keywords(shape.keywords), every_us), Counter[str]()
    for found in read_posts(source, shape.columns):
        if isinstance(found, Post):
            tally.add(found)
            if tally.read % TOLD_EVERY == 0:
                progress(tally.read)
        else:
            refused[found.reason] += 1
    counts = {
        "read": tally.read + refused.total(),
        "matched": tally.matched,
        "others": tally.others,
        "repeated": tally.repeated,
    }
    return _heard(list(tally.bins()), counts, refused)


def _heard(bins: list[Bin], counts: dict[str, int], refused: Counter[str]) -> Scored:
    listener = Listener()
    heard = [listener.hear(b.start_us, float(b.count)) for b in bins]
    found = bursts(zip(heard, bins, strict=True))
    return Scored([iso(b.start_us) for b in bins], heard, found, counts, refused)
