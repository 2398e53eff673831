"""Findings: a policy's condition held for an account at an event.

A finding is made when the condition becomes true for an account, again after it has been false,
and when the next step's `after` has passed while it stays true. Unknown is neither: it changes
nothing, so that an event which cannot tell makes no second finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from habeas.core.policy.ladder import Step

FactValue = int | float | str | bool | None


# Events named for one fact: the latest in time, then in the log. More would make a finding too long
# to read or send; all of them follow from the log and the finding's sequence (docs/decisions/0004).
MOST_EVIDENCE = 200


class UnknownCause(StrEnum):
    BECAME_TRUE = "became_true"
    STAYED_TRUE = "stayed_true"


@dataclass(frozen=True, slots=True)
class FactChange:
    """One fact as it is and as it would have to be."""

    fact: str
    value: int
    instead: int


FactChanges = tuple[FactChange, ...]  # to be made together


@dataclass(frozen=True, slots=True)
class Finding:
    """A policy, the event at which it held, and why.

    `index` is the rung of the ladder it leads to, from 0. `evidence` names, for each fact that the
    condition reads, the events in its window, the latest MOST_EVIDENCE of them. `truths` holds
    every sub-condition, the whole first. `changes` are ways in which it would not have held, the
    smallest first."""

    id: str
    event_id: str
    account: str
    time_us: int
    policy: str
    version: int
    outcome: str
    index: int
    cause: UnknownCause
    values: Mapping[str, FactValue]
    evidence: Mapping[str, tuple[str, ...]]
    truths: tuple[tuple[str, bool | None], ...]
    changes: tuple[FactChanges, ...]
    sequence: int = 0  # of the event, in the log

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Finding:
        """What `as_json` gave. Raises LookupError, TypeError or ValueError."""
        return cls(
            id=told["finding"],
            sequence=told["sequence"],
            event_id=told["event_id"],
            account=told["account"],
            time_us=told["time_us"],
            policy=told["policy"],
            version=told["version"],
            outcome=told["outcome"],
            index=told["step"] - 1,
            cause=UnknownCause(told["cause"]),
            values=dict(told["facts"]),
            evidence={name: tuple(ids) for name, ids in told["evidence"].items()},
            truths=tuple((t["condition"], t["holds"]) for t in told["truths"]),
            changes=tuple(tuple(FactChange(**c) for c in one) for one in told["changes"]),
        )

    def as_json(self) -> dict[str, object]:
        """All of it as plain values."""
        return {
            "finding": self.id,
            "sequence": self.sequence,
            "event_id": self.event_id,
            "account": self.account,
            "time_us": self.time_us,
            "policy": self.policy,
            "version": self.version,
            "outcome": self.outcome,
            "step": self.index + 1,
            "cause": str(self.cause),
            "facts": dict(self.values),
            "evidence": {name: list(ids) for name, ids in self.evidence.items()},
            "truths": [{"condition": text, "holds": held} for text, held in self.truths],
            "changes": [[asdict(change) for change in one] for one in self.changes],
        }


@dataclass(frozen=True, slots=True)
class Position:
    """Where an account stands under one policy: whether the condition holds, the last step that
    a finding led to (its index; -1: none yet) and when that step was taken."""

    holds: bool = False
    index: int = -1
    since_us: int = 0


NOWHERE = Position()


def advance(
    position: Position, truth: bool | None, clock_us: int, ladder: tuple[Step, ...]
) -> tuple[Position, UnknownCause | None]:
    """The position after an event, and why it makes a finding if it does.

    `clock_us` is the account's clock at the event. A step is reached only when its `after` has
    passed since the step before (law 3); a condition that becomes true sooner makes a finding
    at the step where the account already is.
    """
    if truth is None:
        return position, None
    if not truth:
        return Position(False, position.index, position.since_us), None
    following = position.index + 1
    due = following == 0 or (
        following < len(ladder) and clock_us - position.since_us >= ladder[following].after_us
    )
    if due:
        cause = UnknownCause.STAYED_TRUE if position.holds else UnknownCause.BECAME_TRUE
        return Position(True, following, clock_us), cause
    if position.holds:
        return position, None
    return Position(True, position.index, position.since_us), UnknownCause.BECAME_TRUE
