"""The board: what is open now, and what people said beside what was decided, on one axis of
time."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.brake import BrakeStatus
from habeas.core.signal.signals import ScoredRow
from habeas.core.wave.hours import FeedCounts, Hour, WaveMoment
from habeas.core.wave.waves import Wave

BEHIND = 3  # rows that are over and not counted: nobody listens, or the feed is down


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """A feed: its last row that was counted, when that was over, and the wave that its burst under
    way opened or belongs to. It is `behind` where more than a few rows were not counted since, and
    not `given` where signals.yaml does not have it any more."""

    feed: str
    last: ScoredRow | None
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
    brakes: tuple[BrakeStatus, ...]
    ears: tuple[FeedStatus, ...]
    hours: tuple[Hour, ...]
    counts: tuple[FeedCounts, ...]
    moments: tuple[WaveMoment, ...]

    def as_json(self) -> dict[str, object]:
        return {
            "now_us": self.now_us,
            "waves": [_open(one) for one in self.waves],
            "brakes": self.brakes,
            "feeds": self.ears,
            "hours": self.hours,
            "counts": self.counts,
            "marks": self.moments,
        }


def _open(wave: Wave) -> dict[str, object]:
    """What tells a wave from others; `habeas wave` has the rest."""
    return {
        "wave": wave.id, "source": str(wave.source), "policy": wave.policy or None,
        "opened_us": wave.opened_us, "told": len(wave.told), "held": len(wave.held),
        "undone": wave.undone,
    }  # fmt: skip
