"""Board: what is open now, and what people said beside what was decided, on one axis of time."""

from __future__ import annotations

from collections.abc import Iterable

from habeas.core.times import UNITS
from habeas.core.wave import Board
from habeas.core.wave.board import BEHIND, FeedStatus
from habeas.flows.brake.gate import BrakeGround
from habeas.flows.brake.release import statuses
from habeas.flows.wave import hours
from habeas.flows.wave.waves import waves
from habeas.ports.folder import Folder
from habeas.ports.signals import Feed, known_feeds
from habeas.store import feeds


def board(folder: Folder, now_us: int, days: int) -> Board:
    """Of so many days. Raises InvalidInput, InvalidPolicy for the files of the folder."""
    ground, span = BrakeGround.of(folder), (now_us - days * UNITS["d"], now_us)
    names = hours.policies(ground)
    told = hours.let_through(names, span[0], now_us + 1)
    made = hours.made(names, span[0], now_us + 1)
    return Board(
        now_us,
        waves=tuple(waves(folder, only_open=True)),
        brakes=tuple(statuses(folder, now_us)),
        ears=tuple(_ears(known_feeds(folder), now_us)),
        hours=tuple(hours.hours(names, made, told, span, ground)),
        counts=hours.counts(*span),
        moments=hours.moments(names, *span),
    )


def _ears(given: Iterable[Feed], now_us: int) -> Iterable[FeedStatus]:
    """Those of signals.yaml in its order, then what was listened to once."""
    listed = {one.name: one for one in given}
    opened = {s.feed: s.wave for s in hours.all_spells() if s.until_us is None}
    for name in dict.fromkeys([*listed, *feeds.names()]):
        known = feeds.feed(name).known
        until = known.end_us if known else None
        last = feeds.counts(name, until - known.every_us, until) if known and until else []
        late = known is None or until is None or now_us - until > BEHIND * known.every_us
        behind = name in listed and late
        yield FeedStatus(name, last[0] if last else None, until, opened.get(name, ""), behind,
                  given=name in listed)  # fmt: skip
