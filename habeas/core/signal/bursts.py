"""Bursts of a public signal, and how one opens a wave.

A burst opens a wave even when the brake is quiet: people may complain of what no forecast of ours
covers. What happens while a wave is open belongs to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from habeas.core.brake import Closing
from habeas.core.languages import Lang, Texts, number, quote, significant, typeset
from habeas.core.signal.posts import SAMPLES, Bin
from habeas.core.signal.signals import ScoredRow
from habeas.core.times import UNITS, iso

OPENS = 0.99  # the least score of a burst that opens a wave: once in 25 days by chance
CALM_US = 6 * UNITS["h"]  # without a rare row, and a burst has ended
TEXTS: Texts = {
    "en": {
        "burst": "{peak} in one row where {usual} were expected, {times} times as many{most}",
        "most": ", mostly {word}",
    },
    "fr": {
        "burst": "{peak} en une fois, pour {usual} attendus, {times} fois plus{most}",
        "most": ", surtout {word}",
    },
}


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
        return self.words("en")

    def words(self, lang: Lang) -> str:
        most = ""
        if self.keywords:
            word = typeset(quote(self.keywords[0][0], lang), lang)
            most = TEXTS[lang]["most"].format(word=word)
        return TEXTS[lang]["burst"].format(
            peak=number(round(self.peak), lang),
            usual=significant(self.expected, lang),
            times=number(Decimal(f"{self.times:.1f}"), lang),
            most=most,
        )


class Gathering:
    """Gathers rows, as they are heard, into bursts. `now` is the burst under way, as far as it is
    known, and all that it keeps."""

    def __init__(self, now: Burst | None = None) -> None:
        self.now = now

    def take(self, heard: ScoredRow, bin_: Bin | None = None) -> Burst | None:
        """A row, and the posts in it. The burst that it shows to have ended, if one has."""
        ended = self._ended(heard.time_us)
        if not heard.rare or heard.time_us is None:
            return ended
        if self.now is None and heard.told:
            self.now = _begun(heard, heard.time_us)
        if self.now is not None:
            self.now = _further(self.now, heard, heard.time_us, bin_)
        return ended

    def _ended(self, time_us: int | None) -> Burst | None:
        if self.now is None or time_us is None or time_us - self.now.last_us <= CALM_US:
            return None
        ended, self.now = self.now, None
        return ended


def _begun(heard: ScoredRow, time_us: int) -> Burst:
    value = heard.value or 0.0
    return Burst(time_us, time_us, time_us, value, heard.expected, heard.score)


def _further(burst: Burst, heard: ScoredRow, time_us: int, bin_: Bin | None) -> Burst:
    value = heard.value or 0.0
    if value - heard.expected > burst.peak - burst.expected:
        burst = replace(burst, peak_us=time_us, peak=value, expected=heard.expected)
    burst = replace(burst, last_us=time_us, score=max(burst.score, heard.score))
    if bin_ is None:
        return burst
    counts = Counter(dict(burst.keywords)) + bin_.keywords
    samples = dict.fromkeys([*burst.samples, *bin_.samples])
    return replace(
        burst,
        keywords=tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))),
        samples=tuple(samples)[:SAMPLES],
    )


def bursts(rows: Iterable[tuple[ScoredRow, Bin | None]]) -> list[Burst]:
    """All bursts of a stream, the one under way at its end included."""
    gathering = Gathering()
    found = [ended for heard, bin_ in rows if (ended := gathering.take(heard, bin_))]
    return found if gathering.now is None else [*found, gathering.now]


class WaveSource(StrEnum):
    BRAKE = "brake"
    SIGNAL = "signal"


@dataclass(frozen=True, slots=True)
class ChartMark:
    """A point on the time axis of a wave: the brake closed, or a burst began."""

    time_us: int
    source: WaveSource
    sentence: str


def marks(
    found: Iterable[Burst], closings: Iterable[Closing], least: float = OPENS
) -> list[ChartMark]:
    """Of both kinds in one order of time, of bursts those with that score; of the same instant,
    the brake first."""
    made = [ChartMark(c.time_us, WaveSource.BRAKE, str(c)) for c in closings]
    made += [ChartMark(b.start_us, WaveSource.SIGNAL, str(b)) for b in found if b.score >= least]
    return sorted(made, key=lambda mark: (mark.time_us, mark.source))


@dataclass(frozen=True, slots=True)
class Opening:
    """A wave that is opened: when, by what, and the words for it."""

    time_us: int
    by: WaveSource
    sentence: str


def opening(found: Sequence[ChartMark], open_us: int | None = None) -> Opening | None:
    """The wave that the earliest mark opens. None without a mark, or where a wave has been open
    since `open_us`: then what came after belongs to that wave."""
    if not found or open_us is not None:
        return None
    first = min(found, key=lambda mark: (mark.time_us, mark.source))
    match first.source:
        case WaveSource.BRAKE:
            what = "the brake closed"
        case WaveSource.SIGNAL:
            what = "public signals rose while the brake was quiet"
    return Opening(first.time_us, first.source, f"{iso(first.time_us)}: {what}: {first.sentence}")
