"""Bursts of a public signal, and how one opens a wave.

A burst opens a wave even when the brake is quiet: people may complain of what no forecast of ours
covers. What happens while a wave is open belongs to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from habeas.core.events import iso
from habeas.core.ids import UNITS
from habeas.core.posts import SAMPLES, Bin
from habeas.core.signals import Heard
from habeas.core.waves import Closing

OPENS = 0.99  # the least score of a burst that opens a wave: once in 25 days by chance
CALM_US = 6 * UNITS["h"]  # without a rare row, and a burst has ended


@dataclass(frozen=True, slots=True)
class Burst:
    """From its first rare row to its last. `peak` is the highest count in a row, `expected` what
    was expected there, `score` its highest. `keywords` are how many posts had each, the most
    frequent first; `samples` are texts without what tells who wrote them."""

    start_us: int
    peak_us: int
    last_us: int
    peak: float
    expected: float
    score: float
    keywords: tuple[tuple[str, int], ...] = ()
    samples: tuple[str, ...] = ()

    @property
    def times(self) -> float:
        """How many times over the expected, of which at least one is expected."""
        return self.peak / max(self.expected, 1.0)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"keywords": dict(self.keywords), "times": round(self.times, 2)}

    def __str__(self) -> str:
        most = f", mostly '{self.keywords[0][0]}'" if self.keywords else ""
        return (
            f"{self.peak:,.0f} in one row where {self.expected:.3g} were expected, "
            f"{self.times:,.1f} times as many{most}"
        )


@dataclass(slots=True)
class _Open:
    """A burst under way."""

    first: Heard
    peak: Heard
    last_us: int
    score: float
    keywords: Counter[str] = field(default_factory=Counter)
    samples: list[str] = field(default_factory=list)

    def take(self, heard: Heard, bin_: Bin | None) -> None:
        if _above(heard) > _above(self.peak):
            self.peak = heard
        self.last_us = heard.time_us or self.last_us
        self.score = max(self.score, heard.score)
        if bin_ is not None:
            self.keywords.update(bin_.keywords)
            new = [s for s in bin_.samples if s not in self.samples]
            self.samples = [*self.samples, *new][:SAMPLES]

    def burst(self) -> Burst:
        start = self.first.time_us or self.last_us
        keywords = sorted(self.keywords.items(), key=lambda pair: (-pair[1], pair[0]))
        return Burst(
            start_us=start,
            peak_us=self.peak.time_us or start,
            last_us=self.last_us,
            peak=self.peak.value or 0.0,
            expected=self.peak.expected,
            score=self.score,
            keywords=tuple(keywords),
            samples=tuple(self.samples),
        )


def _above(heard: Heard) -> float:
    return (heard.value or 0.0) - heard.expected


class Gathering:
    """Gathers rows, as they are heard, into bursts."""

    def __init__(self) -> None:
        self._open: _Open | None = None

    @property
    def now(self) -> Burst | None:
        """The burst under way, as far as it is known."""
        return self._open.burst() if self._open else None

    def take(self, heard: Heard, bin_: Bin | None = None) -> Burst | None:
        """A row, and the posts in it. The burst that it shows to have ended, if one has."""
        if not heard.rare or heard.time_us is None:
            return self._ended(heard.time_us)
        ended = self._ended(heard.time_us)
        if self._open is None and heard.told:
            self._open = _Open(heard, heard, heard.time_us, heard.score)
        if self._open is not None:
            self._open.take(heard, bin_)
        return ended

    def _ended(self, time_us: int | None) -> Burst | None:
        if self._open is None or time_us is None or time_us - self._open.last_us <= CALM_US:
            return None
        ended, self._open = self._open.burst(), None
        return ended


def bursts(rows: Iterable[tuple[Heard, Bin | None]]) -> list[Burst]:
    """All bursts of a stream, the one under way at its end included."""
    gathering = Gathering()
    found = [ended for heard, bin_ in rows if (ended := gathering.take(heard, bin_))]
    return found if gathering.now is None else [*found, gathering.now]


class Source(StrEnum):
    BRAKE = "brake"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class Mark:
    """A point on the time axis of a wave: the brake closed, or a burst began."""

    time_us: int
    source: Source
    sentence: str


def marks(found: Iterable[Burst], closings: Iterable[Closing], least: float = OPENS) -> list[Mark]:
    """Of both kinds in one order of time, of bursts those with that score; of the same instant,
    the brake first."""
    made = [Mark(c.time_us, Source.BRAKE, str(c)) for c in closings]
    made += [Mark(b.start_us, Source.SIGNAL, str(b)) for b in found if b.score >= least]
    return sorted(made, key=lambda mark: (mark.time_us, mark.source))


@dataclass(frozen=True, slots=True)
class Opening:
    """A wave that is opened: when, by what, and the words for it."""

    time_us: int
    by: Source
    sentence: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def opening(found: Sequence[Mark], open_us: int | None = None) -> Opening | None:
    """The wave that the earliest mark opens. None without a mark, or where a wave has been open
    since `open_us`: then what came after belongs to that wave."""
    if not found or open_us is not None:
        return None
    first = min(found, key=lambda mark: (mark.time_us, mark.source))
    match first.source:
        case Source.BRAKE:
            what = "the brake closed"
        case Source.SIGNAL:
            what = "public signals rose while the brake was quiet"
    return Opening(first.time_us, first.source, f"{iso(first.time_us)}: {what}: {first.sentence}")
