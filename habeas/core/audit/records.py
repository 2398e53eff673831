"""Records: all that is recorded on one account, as the laws are asked of it. Nothing here trusts a
derived value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

from habeas.core.appeal import Appeal, appeals
from habeas.core.appeal.reversal import OPEN
from habeas.core.brake import Closing, Release
from habeas.core.decision import Actor, Decision, DecisionMove
from habeas.core.decision.decisions import moved, step
from habeas.core.errors import IllegalMove
from habeas.core.policy import Finding, Step
from habeas.core.policy.ladder import step_of
from habeas.core.policy.shapes import Clause, PolicyShape, shaped
from habeas.core.policy.yaml import read_document
from habeas.core.property import Entry, Holding, Settlement
from habeas.core.times import duration


@dataclass(frozen=True, slots=True)
class AuditedLife:
    """A decision as it began, its moves in their order, what it is now, and which of its moves the
    state machine refuses and why: all laws ask for these, and it is folded once."""

    born: Decision
    events: tuple[DecisionMove, ...]
    now: Decision = field(init=False, repr=False, compare=False)
    refused: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        now, refused = self.born, list[str]()
        for event in self.events:
            try:
                now = step(now, event, brake_closed=OPEN)
            except IllegalMove as error:
                refused.append(error.message)
                now = moved(now, event)
        object.__setattr__(self, "now", now)
        object.__setattr__(self, "refused", tuple(refused))

    def at(self, time_us: int) -> Decision:
        """As it was at a time."""
        return reduce(moved, (e for e in self.events if e.time_us <= time_us), self.born)


@dataclass(frozen=True, slots=True)
class Hearing:
    """An appeal likewise."""

    born: Appeal
    events: tuple[appeals.AppealMove, ...]
    now: Appeal = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "now", reduce(appeals.moved, self.events, self.born))

    def at(self, time_us: int) -> Appeal:
        """As it was at a time."""
        return reduce(appeals.moved, (e for e in self.events if e.time_us <= time_us), self.born)


@dataclass(frozen=True, slots=True)
class AuditedNotice:
    """A notice: of which decision, of which kind, and the hash of its text."""

    id: str
    decision: str
    kind: str
    sha256: str


@dataclass(frozen=True, slots=True)
class PolicyTerms:
    """What the text of a policy says of its decisions."""

    name: str
    version: int
    clause: Clause
    ladder: tuple[Step, ...]
    notice_us: int

    @classmethod
    def of(cls, text: str) -> PolicyTerms:
        """Raises InvalidInput, InvalidPolicy or ValueError for what is no policy."""
        shape = shaped(read_document(text, "a kept policy"), PolicyShape)
        notice_us = duration(shape.notice) if shape.notice else 0
        ladder = tuple(map(step_of, shape.ladder))
        return cls(shape.policy, shape.version, shape.clause, ladder, notice_us)


@dataclass(frozen=True, slots=True)
class AuditedErasure:
    """What was erased of an account, or of one of its cases: leaves by number, files by hash, and
    whether it was forgotten where the customer is reached."""

    account: str
    case: str | None
    leaves: tuple[int, ...]
    files: tuple[str, ...]
    by: Actor
    why: str
    time_us: int
    contact: bool = False


@dataclass(frozen=True, slots=True)
class AuditedBrake:
    """The closings and releases of a policy's brake, the first one first."""

    turns: tuple[Closing | Release, ...]

    def closed_at(self, time_us: int) -> bool:
        """Whether it was closed at a time; what happens in the very moment of a turn may have
        come before it. A release of some streams alone opens it for those: in doubt, open."""
        before = [t for t in self.turns if t.time_us < time_us]
        now = any(t.time_us == time_us for t in self.turns)
        return bool(before) and isinstance(before[-1], Closing) and not now


@dataclass(frozen=True, slots=True)
class Record:
    """All that is recorded on one account. `properties` are reports of holdings and settlements
    in the order in which they were recorded; `sent` is when notices reached a server or a hand,
    by id; `policies` are the terms of the texts that are kept, by their hash, and `applied` the
    hashes of those that people put in force."""

    account: str
    findings: Mapping[str, Finding] = field(default_factory=dict)
    lives: Mapping[str, AuditedLife] = field(default_factory=dict)
    hearings: Mapping[str, Hearing] = field(default_factory=dict)
    notices: Sequence[AuditedNotice] = ()
    sent: Mapping[str, int] = field(default_factory=dict)
    properties: Sequence[tuple[Holding, ...] | Settlement] = ()
    entries: Sequence[Entry] = ()
    policies: Mapping[str, PolicyTerms] = field(default_factory=dict)
    applied: frozenset[str] = frozenset()
    brakes: Mapping[str, AuditedBrake] = field(default_factory=dict)
    erasures: Sequence[AuditedErasure] = ()

    @property
    def decisions(self) -> list[Decision]:
        return [life.now for life in self.lives.values()]

    @property
    def settlements(self) -> list[Settlement]:
        return [p for p in self.properties if isinstance(p, Settlement)]

    @property
    def latest_us(self) -> int:
        """When a decision last moved."""
        return max((life.now.latest_us for life in self.lives.values()), default=0)
