"""Feeds: streams of counts that are listened to for good, bin by bin, and the waves they open.

A bin is counted once, when it is over. What is known of a feed and its next bins give the rows,
what is known then, and its moves: nothing depends on how the bins were cut into runs.

A burst of OPENS or more opens a wave of the feed, unless the brake of a policy has closed by the
end of its row and is not opened again: then it belongs to that wave. What had ended six hours
before the feed was first listened to is history: it is learnt from, and opens none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from habeas.core.signal.bursts import (
    CALM_US,
    OPENS,
    Burst,
    ChartMark,
    Gathering,
    WaveSource,
    opening,
)
from habeas.core.signal.posts import Bin
from habeas.core.signal.signals import Listener, ScoredRow
from habeas.core.times import UNITS

LEARNS_US = 60 * UNITS["d"]  # how far back a first read goes, or one after a long silence
QUOTED_US = 30 * UNITS["d"]  # how long the words of a burst are kept after it
WAVE = "signal:{feed}.{number}"


@dataclass(frozen=True, slots=True)
class Rise:
    """A burst, when it was told: at the end of its row. It opens a wave, or is `within` the wave
    of a brake that was open then."""

    time_us: int
    burst: Burst
    within: str = ""


@dataclass(frozen=True, slots=True)
class Calm:
    """The end of the last burst that rose, and the burst as it was in the end."""

    time_us: int
    burst: Burst


Swing = Rise | Calm  # what happens to a feed
Open = Callable[[int], str]  # the wave of a brake that was open at a time, or ""


@dataclass(frozen=True, slots=True)
class FeedBin:
    """What a feed says of a bin: the count, None where it says none, and the posts in it."""

    start_us: int
    value: float | None
    posts: Bin | None = None


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is known of a feed that counts in bins of `every_us` and was first listened to at
    `since_us`. `end_us` is the end of the last bin that was counted; `burst` is under way, `risen`
    says whether it was told. `late` is what came too late, by the start of its bin; `quotes` are
    samples of past bursts, by their start: people's words, kept for QUOTED_US and in no leaf."""

    since_us: int
    every_us: int
    end_us: int | None = None
    listener: Listener = field(default_factory=Listener)
    burst: Burst | None = None
    risen: bool = False
    late: tuple[tuple[int, float], ...] = ()
    quotes: tuple[tuple[int, tuple[str, ...]], ...] = ()

    def start_us(self, now_us: int) -> int:
        """Where the next bin to be counted starts, unless what a feed says starts later."""
        earliest = -(-(now_us - LEARNS_US) // self.every_us) * self.every_us
        return earliest if self.end_us is None else max(self.end_us, earliest)


def listened(
    known: FeedState, said: Iterable[FeedBin], is_open: Open
) -> tuple[FeedState, list[ScoredRow], list[Swing]]:
    """The next bins, in order: what is known then, their rows, and the moves of the feed."""
    listener = replace(known.listener, season=[*known.listener.season])
    gathering, rows, swings = Gathering(known.burst), [], list[Swing]()
    risen, quotes, end_us = known.risen, dict(known.quotes), known.end_us
    for one in said:
        end_us = one.start_us + known.every_us
        heard = listener.hear(one.start_us, one.value)
        rows.append(heard)
        ended = gathering.take(heard, one.posts)
        if ended is not None:
            if risen:
                swings.append(Calm(end_us, wordless(ended)))
                quotes[ended.start_us] = ended.samples
            risen = False
        burst = gathering.now
        if burst is not None and not risen and _tells(burst, known.since_us):
            swings.append(_rise(burst, end_us, is_open(end_us)))
            risen = True
    kept = tuple(q for q in quotes.items() if end_us is None or q[0] > end_us - QUOTED_US)
    after = replace(
        known, end_us=end_us, listener=listener, burst=gathering.now, risen=risen, quotes=kept
    )
    return after, rows, swings


def wordless(burst: Burst) -> Burst:
    """Without what people wrote: a leaf is for good, and they can ask for their words back."""
    return replace(burst, samples=())


def _tells(burst: Burst, since_us: int) -> bool:
    return burst.score >= OPENS and burst.last_us > since_us - CALM_US


def _rise(burst: Burst, time_us: int, within: str) -> Rise:
    mark = ChartMark(burst.start_us, WaveSource.SIGNAL, str(burst))
    opens = opening([mark], open_us=time_us if within else None)
    return Rise(time_us, wordless(burst), "" if opens else within)


def come_late(
    known: FeedState, said: Iterable[FeedBin], counted: Mapping[int, float | None]
) -> tuple[FeedState, float]:
    """What a feed says of bins that were counted and was not told yet: how much more than was
    counted then. `counted` has the value of each such bin."""
    start_us = (known.end_us or 0) - LEARNS_US
    told = {start: count for start, count in known.late if start > start_us}
    new = 0.0
    for one in said:
        more = (one.value or 0.0) - (counted.get(one.start_us) or 0.0)
        before = told.get(one.start_us, 0.0)
        if one.start_us in counted and more > before:
            told[one.start_us] = more
            new += more - before
    return replace(known, late=tuple(sorted(told.items()))), new


def wave_of(feed: str, number: int) -> str:
    """The waves of a feed are numbered from 1."""
    return WAVE.format(feed=feed, number=number)


@dataclass(frozen=True, slots=True)
class Spell:
    """A burst that was told, as far as it is known, with the words of people while they are kept.
    `wave` is the one it opened (`opens`) or belongs to; it was told at `told_us` and is over since
    `until_us`."""

    feed: str
    wave: str
    opens: bool
    burst: Burst
    told_us: int
    until_us: int | None = None


def spells(feed: str, swings: Iterable[Swing], known: FeedState | None = None) -> list[Spell]:
    """What its moves come to, the first first; `known` is what is known of the feed now."""
    found, number = list[Spell](), 0
    for swing in swings:
        match swing:
            case Rise(time_us, burst, within):
                number += not within
                wave = within or wave_of(feed, number)
                found.append(Spell(feed, wave, not within, burst, time_us))
            case Calm(time_us, burst):
                found[-1] = replace(found[-1], burst=burst, until_us=time_us)
    if known is not None and known.burst is not None and known.risen:
        found[-1] = replace(found[-1], burst=known.burst)
    quotes = dict(known.quotes) if known else {}
    return [
        replace(s, burst=replace(s.burst, samples=quotes.get(s.burst.start_us, s.burst.samples)))
        for s in found
    ]
