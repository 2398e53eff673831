"""Testimony: what the record of a wave says of its cause, beside what its accounts share.

Each piece is counts or times that anybody can check again, and a strength from 0 to 1. Which
reading it speaks for, and how much, is the table of `core/readings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from habeas.core.ids import UNITS

WITHIN_US = UNITS["m"] * 30  # of a release: the first round of a worker may come that late
DOUBT = 2  # rulings that uphold are added: one appeal or two prove little


class Piece(StrEnum):
    """The pieces of evidence that a record can hold; each has its sentence in `diagnosis_words`."""

    LOST = "replay_lost"
    KEPT = "replay_kept"
    APPLIED = "onset_version"
    DEPLOYED = "onset_release"
    FORESEEN = "foreseen"
    UNFORESEEN = "unforeseen"
    OVERTURNED = "overturned"


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of evidence, what its sentence tells, and how strongly it holds, from 0 to 1."""

    piece: Piece
    values: Mapping[str, object]
    strength: float


@dataclass(frozen=True, slots=True)
class Replay:
    """Of so many decisions of a version, on the same events up to the finding of each, how many
    the version before still makes: as harsh a measure or a harsher one."""

    version: int
    before: int
    decisions: int
    kept: int

    def said(self) -> Iterable[Said]:
        values = {"version": self.version, "before": self.before, "of": self.decisions}
        lean = 1 - 2 * self.kept / self.decisions  # half of them says nothing
        piece = Piece.LOST if lean >= 0 else Piece.KEPT
        yield Said(piece, values | {"kept": self.kept}, abs(lean))


@dataclass(frozen=True, slots=True)
class Onset:
    """How long after something was released the wave began, in microseconds: a version of its
    policy, or (`attribute` is then its name) what events say of a deployment."""

    value: str
    wait_us: int
    attribute: str | None = None

    def said(self) -> Iterable[Said]:
        if 0 <= self.wait_us <= WITHIN_US:
            values = {"name": self.attribute, "value": self.value}
            piece = Piece.DEPLOYED if self.attribute else Piece.APPLIED
            yield Said(piece, values | {"minutes": self.wait_us // UNITS["m"]}, 1.0)


@dataclass(frozen=True, slots=True)
class Foresight:
    """Of so many decisions, how many the plan had shown before it was applied, each by its
    finding; and how many it expected in the hours of the wave, in which `made` came."""

    decisions: int
    shown: int
    expected: float
    made: int

    def said(self) -> Iterable[Said]:
        share = max(self.shown / self.decisions, min(1.0, self.expected / max(1, self.made)))
        lean = 2 * share - 1
        values = {"of": self.decisions, "shown": self.shown, "made": self.made}
        piece = Piece.FORESEEN if lean >= 0 else Piece.UNFORESEEN
        yield Said(piece, values | {"expected": self.expected}, abs(lean))


@dataclass(frozen=True, slots=True)
class Appealed:
    """Of the decisions of a wave that were ruled on within a day of its closing, how many were
    overturned. A lesser measure says that the rule was right."""

    ruled: int
    overturned: int

    def said(self) -> Iterable[Said]:
        if self.overturned:
            values = {"ruled": self.ruled, "overturned": self.overturned}
            yield Said(Piece.OVERTURNED, values, self.overturned / (self.ruled + DOUBT))


class Lacking(StrEnum):
    """What is not known, and why; each has its sentence in `diagnosis_words`."""

    UNCOMPARED = "uncompared"
    NO_FOLDER = "no_folder"
    FIRST = "untried_first"
    NO_EVENTS = "untried_events"
    UNFIT = "untried_unfit"
    UNSEEN = "untried_unseen"
    PLAN = "plan_unread"


@dataclass(frozen=True, slots=True)
class Gap:
    """What could not be found out; it speaks for nothing."""

    lacking: Lacking
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Testimony:
    """All that the record of a wave says; what is None or empty is not known."""

    replay: Replay | None = None
    onsets: tuple[Onset, ...] = ()
    foresight: Foresight | None = None
    appealed: Appealed | None = None
    gaps: tuple[Gap, ...] = ()

    def said(self) -> Iterable[Said]:
        """What decides comes first."""
        for piece in (self.replay, self.foresight, *self.onsets, self.appealed):
            if piece is not None:
                yield from piece.said()


SILENT = Testimony()
