"""Hours: what was decided in each and what was expected, what the public said meanwhile, and where
a brake closed or a burst began: all on one axis of time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from habeas.core.brake import Closing
from habeas.core.languages import Lang
from habeas.core.signal import Burst
from habeas.core.signal.bursts import WaveSource
from habeas.core.signal.signals import ScoredRow

MOMENT: Mapping[Lang, str] = {"en": "{name}: {what}", "fr": "{name} : {what}"}


@dataclass(frozen=True, slots=True)
class WaveDecision:
    """A restrictive decision: when it was proposed, when its customer was told (or it was
    declared), and what it is now."""

    decision: str
    account: str
    proposed_us: int
    told_us: int | None
    state: str
    policy: str
    version: int


@dataclass(frozen=True, slots=True)
class Hour:
    """`made` restrictive decisions were proposed in it and `told` told; `expected` by the plan."""

    start_us: int
    made: int
    told: int
    expected: float


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """What a feed said: its rows in order."""

    feed: str
    rows: tuple[ScoredRow, ...]

    def as_json(self) -> dict[str, object]:
        rows = [
            {"time_us": r.time_us, "value": r.value, "expected": r.expected, "score": r.score}
            for r in self.rows
        ]
        return {"feed": self.feed, "rows": rows}


@dataclass(frozen=True, slots=True)
class WaveMoment:
    """Where the brake of a policy closed, or a burst of a feed began. `wave` is the one that it
    opened or belongs to."""

    time_us: int
    name: str
    wave: str
    what: Closing | Burst

    @property
    def source(self) -> WaveSource:
        return WaveSource.SIGNAL if isinstance(self.what, Burst) else WaveSource.BRAKE

    def words(self, lang: Lang = "en") -> str:
        return MOMENT[lang].format(name=self.name, what=self.what.words(lang))

    def as_json(self) -> dict[str, object]:
        return {
            "time_us": self.time_us, "source": str(self.source), "name": self.name,
            "wave": self.wave, "what": str(self.what),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class VersionShare:
    """Of one version of a policy: how many were told, and how many its forecast has."""

    policy: str
    version: int
    told: int
    expected: float

    @property
    def excess(self) -> float:
        return self.told - self.expected


def plainly(found: Sequence[VersionShare], slack: float) -> VersionShare | None:
    """The one that is above what the slack allows, and has more than half of all excess."""
    if not found or found[0].told <= slack * found[0].expected:
        return None
    rest = sum(max(one.excess, 0.0) for one in found[1:])
    return found[0] if found[0].excess > rest else None
