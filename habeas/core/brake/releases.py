"""Releases: two people open a brake, of all decisions or of some segments (law 7)."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.brake.baselines import Stream
from habeas.core.decision import Actor
from habeas.core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class ReleaseRequest:
    """The first of the two people who open a brake; the second one makes it a release."""

    time_us: int
    by: Actor
    why: str
    streams: tuple[Stream, ...] = ()  # none is all
    pace: float | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """Two people open the brake, of all decisions or of some streams only (law 7). `pace` is how
    many of the decisions that were held may follow in an hour; None is what the plan allows."""

    time_us: int
    by: tuple[Actor, ...]
    why: str
    streams: tuple[Stream, ...] = ()  # none is all
    pace: float | None = None


def stream_of(text: str) -> Stream:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise InvalidInput(f"'{text}' names no segment", "write for example country=FR")
    return name, value


def joined(first: ReleaseRequest, second: ReleaseRequest) -> Release:
    """Both reasons; of two paces the slower."""
    why = "; ".join(dict.fromkeys([first.why.strip(), second.why.strip()]))
    paces = [r.pace for r in (first, second) if r.pace is not None]
    by = (first.by, second.by)
    return Release(second.time_us, by, why, second.streams, min(paces, default=None))
