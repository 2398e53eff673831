"""Traces: what a wave left in the record that tells of its cause, beside what its accounts share.

Each piece is counts or times that anybody can check again, and a strength from 0 to 1. Which
reading it speaks for, and how much, is the table of `core/wave/readings`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from habeas.core.times import UNITS

WITHIN_US = UNITS["m"] * 30  # of a release: the first round of a worker may come that late
ALL_ALONG = 2  # times: where three of four earlier decisions are lost as well, nothing is left
DOUBT = 2  # rulings that uphold are added: one appeal or two prove little


class Piece(StrEnum):
    """The pieces of evidence that a record can hold; each has its sentence in `diagnosis_words`."""

    LOST = "replay_lost"
    ALL_ALONG = "replay_all_along"
    KEPT = "replay_kept"
    APPLIED = "onset_version"
    DEPLOYED = "onset_release"
    FORESEEN = "foreseen"
    UNFORESEEN = "unforeseen"
    OVERTURNED = "overturned"


@dataclass(frozen=True, slots=True)
class TraceEvidence:
    """A piece of evidence, what its sentence tells, and how strongly it holds, from 0 to 1."""

    piece: Piece
    values: Mapping[str, object]
    strength: float


@dataclass(frozen=True, slots=True)
class Persistence:
    """Of so many decisions of a version, on the same events up to the finding of each, how many
    the version before makes as well: as harsh a measure or a harsher one."""

    decisions: int
    kept: int

    @property
    def lean(self) -> float:
        """1 where it makes none of them, -1 where it makes all; half of them says nothing."""
        return 1 - 2 * self.kept / self.decisions


@dataclass(frozen=True, slots=True)
class Replay:
    """The version before, tried on the decisions of a wave; and on `earlier` ones of the same
    version, where it had been in force for long. If it would not have made those either, the two
    have always differed, and that is not what began with the wave."""

    version: int
    before: int
    wave: Persistence
    earlier: Persistence | None = None

    def said(self) -> Iterable[TraceEvidence]:
        lean = self.wave.lean
        told = {"version": self.version, "before": self.before}
        values = told | {"of": self.wave.decisions, "kept": self.wave.kept}
        yield TraceEvidence(Piece.LOST if lean >= 0 else Piece.KEPT, values, abs(lean))
        back = min(lean, ALL_ALONG * self.earlier.lean) if self.earlier is not None else 0.0
        if self.earlier is not None and back > 0:
            values = told | {"of": self.earlier.decisions, "kept": self.earlier.kept}
            yield TraceEvidence(Piece.ALL_ALONG, values, back)


@dataclass(frozen=True, slots=True)
class Onset:
    """How long after something was released the wave began, in microseconds: a version of its
    policy, or (`attribute` is then its name) what events say of a deployment."""

    value: str
    wait_us: int
    attribute: str | None = None

    def said(self) -> Iterable[TraceEvidence]:
        if 0 <= self.wait_us <= WITHIN_US:
            values = {"name": self.attribute, "value": self.value}
            piece = Piece.DEPLOYED if self.attribute else Piece.APPLIED
            yield TraceEvidence(piece, values | {"minutes": self.wait_us // UNITS["m"]}, 1.0)


@dataclass(frozen=True, slots=True)
class Foresight:
    """Of so many decisions, how many the plan had shown before it was applied, each by its
    finding; and how many it expected in the hours in which they came."""

    decisions: int
    shown: int
    expected: float

    def said(self) -> Iterable[TraceEvidence]:
        share = max(self.shown, min(self.expected, self.decisions)) / self.decisions
        lean = 2 * share - 1
        values = {"of": self.decisions, "shown": self.shown, "expected": self.expected}
        yield TraceEvidence(Piece.FORESEEN if lean >= 0 else Piece.UNFORESEEN, values, abs(lean))


@dataclass(frozen=True, slots=True)
class Appealed:
    """Of the decisions of a wave that were ruled on within a day of its closing, how many were
    overturned. A lesser measure says that the rule was right."""

    ruled: int
    overturned: int

    def said(self) -> Iterable[TraceEvidence]:
        if self.overturned:
            values = {"ruled": self.ruled, "overturned": self.overturned}
            yield TraceEvidence(Piece.OVERTURNED, values, self.overturned / (self.ruled + DOUBT))


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
class Traces:
    """All that the record of a wave says; what is None or empty is not known."""

    replay: Replay | None = None
    onsets: tuple[Onset, ...] = ()
    foresight: Foresight | None = None
    appealed: Appealed | None = None
    gaps: tuple[Gap, ...] = ()

    def said(self) -> Iterator[TraceEvidence]:
        """What decides comes first. Where a deployment began with the wave, that the version
        before decides as well says nothing: both were tried on the events of that deployment."""
        onsets = [said for onset in self.onsets for said in onset.said()]
        blind = any(said.piece is Piece.DEPLOYED for said in onsets)
        if self.replay is not None:
            yield from (s for s in self.replay.said() if s.piece is not Piece.KEPT or not blind)
        if self.foresight is not None:
            yield from self.foresight.said()
        yield from onsets
        if self.appealed is not None:
            yield from self.appealed.said()


NO_TRACES = Traces()
