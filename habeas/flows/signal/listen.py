"""Listen: what feeds of contacts and posts say since the last time, counted bin by bin.

1. fetch: all that a feed says now, and what is known of it
2. decide: the bins that are over and later than the last counted one, in order
(`core/signal/feeds`) 3. commit: rows, what is known, the moves, the message to staff: one
transaction for a feed 4. hand over: the worker sends the message Broken before the end of 3,
nothing of this run happened: the next one counts the same bins from what the feed says then. A feed
that cannot be read is told, and keeps nothing from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from habeas.core.brake import Closing, Release
from habeas.core.brake.brakes import BrakeMove
from habeas.core.brake.terms import wave_id
from habeas.core.errors import Changed, HabeasError, InvalidInput
from habeas.core.letter.delivery import STAFF
from habeas.core.signal import Post
from habeas.core.signal.feeds import (
    LEARNS_US,
    FeedBin,
    FeedState,
    Open,
    Rise,
    come_late,
    listened,
    spells,
    wave_of,
)
from habeas.core.signal.keywords import Keywords
from habeas.core.signal.posts import Tally
from habeas.ports.posts import read_keywords, read_posts
from habeas.ports.series import read_series
from habeas.ports.signals import Feed
from habeas.store import brakes, feeds
from habeas.store.changes import Message
from habeas.store.feeds import FeedUpdate, StoredFeed

TRIES = 5


@dataclass(slots=True)
class ListenReport:
    """Of one feed: how many bins were counted, the end of the last one, what came too late for
    its bin, why some of what was read could not be used, the waves that were opened and are over,
    and why it could not be read."""

    feed: str
    bins: int = 0
    until_us: int | None = None
    late: float = 0.0
    refused: Counter[str] = field(default_factory=Counter)
    opened: list[str] = field(default_factory=list)
    over: int = 0
    error: HabeasError | None = None

    def as_json(self) -> dict[str, object]:
        return {
            "feed": self.feed, "bins": self.bins, "until_us": self.until_us, "late": self.late,
            "refused": dict(self.refused), "opened": self.opened, "over": self.over,
            "error": self.error,
        }  # fmt: skip


Reporter = Callable[[ListenReport], None]


def listen(
    given: Sequence[Feed],
    now_us: int,
    tell: Reporter,
    *,
    due: bool = False,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """To each of these feeds, or to those that have a new bin (`due`); `tell` hears of each."""
    for one in given:
        if stopped() or (due and not _is_due(one, now_us)):
            continue
        try:
            report = _listen(one, now_us)
        except HabeasError as error:
            report = ListenReport(one.name, error=error)
        tell(report)


def next_us(given: Sequence[Feed], now_us: int) -> int:
    """When the next bin of one of these feeds will be over."""
    return min(_horizon(one, now_us) + one.every_us + one.delay_us for one in given)


def _horizon(one: Feed, now_us: int) -> int:
    """The end of the last bin that is over."""
    return (now_us - one.delay_us) // one.every_us * one.every_us


def _is_due(one: Feed, now_us: int) -> bool:
    known = feeds.feed(one.name).known
    return known is None or known.end_us is None or known.end_us < _horizon(one, now_us)


def _listen(one: Feed, now_us: int) -> ListenReport:
    report = ListenReport(one.name)
    said, until_us = _fetched(one, now_us, report)
    for left in reversed(range(TRIES)):
        made = _decided(feeds.feed(one.name), one, said, until_us, now_us, report)
        try:
            if made.known != made.kept.known:
                feeds.commit(made, now_us)
        except Changed:
            if not left:
                raise
        else:
            return report
    raise AssertionError("the last try returns or raises")


# What a feed says


def _fetched(one: Feed, now_us: int, report: ListenReport) -> tuple[Mapping[int, FeedBin], int]:
    """By the start of the bin, as far back as is ever looked at; and the end of what it can be
    believed to have said all of."""
    from_us, until_us = now_us - LEARNS_US, _horizon(one, now_us)
    if one.keywords is not None:
        return _posts(one, from_us, until_us, report), until_us
    found = dict[int, FeedBin]()
    for row in read_series(one.source, "the counts"):
        if row.time_us is None:
            sentence = f"the counts '{one.source}' have a row without a time"
            raise InvalidInput(sentence, "give each row the time that it counts from")
        if from_us <= row.time_us < until_us:
            start = row.time_us // one.every_us * one.every_us
            before = found.get(start, FeedBin(start, None)).value
            value = row.value if before is None else before + (row.value or 0.0)
            found[start] = FeedBin(start, value)
    return found, max(found, default=-one.every_us) + one.every_us


def _posts(one: Feed, from_us: int, until_us: int, report: ListenReport) -> Mapping[int, FeedBin]:
    assert one.keywords is not None  # noqa: S101 - asked above
    shape = read_keywords(one.keywords)
    tally, posts, read = Tally(Keywords(shape.keywords), one.every_us), list[Post](), 0
    for found in read_posts(one.source, shape.columns):
        if not isinstance(found, Post):
            report.refused[found.reason] += 1
            continue
        read += 1
        if from_us <= found.time_us < until_us:
            posts.append(found)
    if report.refused and not read:
        reason = report.refused.most_common(1)[0][0]
        raise InvalidInput(f"'{one.source}' has no post: {reason}", "see what it answers")
    # the earliest of those that repeat one another counts, in whatever order they are told
    for post in sorted(posts, key=lambda post: post.time_us):
        tally.add(post)
    return {b.start_us: FeedBin(b.start_us, float(b.count), b) for b in tally.bins()}


# What follows from it


def _decided(
    kept: StoredFeed,
    one: Feed,
    said: Mapping[int, FeedBin],
    until_us: int,
    now_us: int,
    report: ListenReport,
) -> FeedUpdate:
    known = kept.known or FeedState(now_us, one.every_us)
    if known.every_us != one.every_us:
        hint = "give a feed with another `every` another name"
        raise InvalidInput(f"the feed '{one.name}' is counted in other bins already", hint)
    start_us = known.start_us(now_us)
    if known.end_us is None:
        start_us = max(start_us, min(said, default=until_us - one.every_us))
    silence = 0.0 if one.keywords is not None else None
    new = [said.get(us, FeedBin(us, silence)) for us in range(start_us, until_us, one.every_us)]
    before = [bin_ for us, bin_ in said.items() if us < start_us]
    after, rows, swings = listened(known, new, _open_waves())
    after, report.late = come_late(after, before, _counted(one.name, before))
    report.bins, report.until_us = len(rows), after.end_us
    report.over = sum(not isinstance(swing, Rise) for swing in swings)
    opened = [s for s in swings if isinstance(s, Rise) and not s.within]
    first = 1 + sum(spell.opens for spell in spells(one.name, feeds.swings(one.name)))
    messages = [_message(one.name, n, rise) for n, rise in enumerate(opened, first)]
    report.opened = [message.payload["wave"] for message in messages]
    return FeedUpdate(kept, after, rows, swings, messages)


def _counted(name: str, before: Sequence[FeedBin]) -> dict[int, float | None]:
    if not before:
        return {}
    starts = [bin_.start_us for bin_ in before]
    found = feeds.counts(name, min(starts), max(starts) + 1)
    return {row.time_us or 0: row.value for row in found}


def _message(name: str, number: int, rise: Rise) -> Message:
    """It quotes nobody: what people wrote is on the page of the wave."""
    wave = wave_of(name, number)
    told = {"wave": wave, "what": "signal", "why": str(rise.burst)}
    return Message(f"wave {wave}", STAFF, told)


def _open_waves() -> Open:
    """The wave of a brake that was open at a time; brakes are read when first asked about."""
    turns = dict[str, list[BrakeMove]]()

    def is_open(time_us: int) -> str:
        if not turns:
            turns.update((policy, brakes.turns(policy)) for policy in brakes.kept())
        found = (_open_wave(policy, own, time_us) for policy, own in turns.items())
        return next(filter(None, found), "")

    return is_open


def _open_wave(policy: str, turns: Sequence[BrakeMove], time_us: int) -> str:
    number, open_ = 0, False
    for turn in turns:
        if turn.time_us > time_us:
            break
        match turn:
            case Closing():
                number, open_ = number + 1, True
            case Release(streams=()):
                open_ = False
    return wave_id(policy, number) if open_ else ""
