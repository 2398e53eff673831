"""Board: what is open now, and what people said beside what was decided, on one axis of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from habeas.core.ids import UNITS
from habeas.core.signals import Heard
from habeas.flows import hours
from habeas.flows.brake import Ground
from habeas.flows.hours import Counts, Hour, Moment
from habeas.flows.release import Status, statuses
from habeas.flows.waves import Wave, waves
from habeas.ports.folder import Folder
from habeas.ports.signals import Feed, known_feeds
from habeas.store import feeds

BEHIND = 3  # rows that are over and not counted: nobody listens, or the feed is down


@dataclass(frozen=True, slots=True)
class Ear:
    """A feed: its last row that was counted, when that was over, and the wave that its burst under
    way opened or belongs to. It is `behind` where more than a few rows were not counted since, and
    not `given` where signals.yaml does not have it any more."""

    feed: str
    last: Heard | None
    until_us: int | None
    wave: str
    behind: bool
    given: bool

    def as_json(self) -> dict[str, object]:
        last = self.last
        return {
            "feed": self.feed,
            "until_us": self.until_us,
            "value": last.value if last else None,
            "expected": last.expected if last else None,
            "score": last.score if last else None,
            "wave": self.wave or None,
            "behind": self.behind,
            "given": self.given,
        }


@dataclass(frozen=True, slots=True)
class Board:
    """`waves` are those that are open, the latest first; the rest is of the time up to `now_us`."""

    now_us: int
    waves: tuple[Wave, ...]
    brakes: tuple[Status, ...]
    ears: tuple[Ear, ...]
    hours: tuple[Hour, ...]
    counts: tuple[Counts, ...]
    moments: tuple[Moment, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "now_us": self.now_us,
            "waves": [_open(one) for one in self.waves],
            "brakes": [one.as_json() for one in self.brakes],
            "feeds": [one.as_json() for one in self.ears],
            "hours": [one.as_json() for one in self.hours],
            "counts": [one.as_json() for one in self.counts],
            "marks": [one.as_json() for one in self.moments],
        }


def _open(wave: Wave) -> dict[str, object]:
    """What tells a wave from others; `habeas wave` has the rest."""
    return {
        "wave": wave.id, "source": str(wave.source), "policy": wave.policy or None,
        "opened_us": wave.opened_us, "told": len(wave.told), "held": len(wave.held),
        "undone": wave.undone,
    }  # fmt: skip


def board(folder: Folder, now_us: int, days: int) -> Board:
    """Of so many days. Raises InvalidInput, InvalidPolicy for the files of the folder."""
    ground, span = Ground.of(folder), (now_us - days * UNITS["d"], now_us)
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


def _ears(given: Iterable[Feed], now_us: int) -> Iterable[Ear]:
    """Those of signals.yaml in its order, then what was listened to once."""
    listed = {one.name: one for one in given}
    opened = {s.feed: s.wave for s in hours.all_spells() if s.until_us is None}
    for name in dict.fromkeys([*listed, *feeds.names()]):
        known = feeds.feed(name).known
        until = known.end_us if known else None
        last = feeds.counts(name, until - known.every_us, until) if known and until else []
        late = known is None or until is None or now_us - until > BEHIND * known.every_us
        behind = name in listed and late
        yield Ear(name, last[0] if last else None, until, opened.get(name, ""), behind,
                  given=name in listed)  # fmt: skip
