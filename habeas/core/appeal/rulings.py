"""Rulings: the reasoned answer on one decision of an appeal, and what follows from it.

A ruling upholds, overturns, or finds a lesser measure. What follows is a value: the event that the
decision gets and the decision that is proposed instead, if one is. Nothing follows twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from habeas.core.decision import Actor, Decision, DecisionState
from habeas.core.decision.decisions import Reverse
from habeas.core.decision.proposals import Circumstances, rung
from habeas.core.ids import made_id
from habeas.core.policy import Measure
from habeas.core.policy.measures import harshness
from habeas.core.policy.plans import Mode

UNDONE = frozenset({DecisionState.REVERSED, DecisionState.REFUSED})


class Verdict(StrEnum):
    UPHOLD = "uphold"
    OVERTURN = "overturn"
    LESSER = "lesser"


@dataclass(frozen=True, slots=True)
class Lesser:
    """The milder measure that is proposed instead; `step` is its rung of the same ladder."""

    measure: Measure
    index: int
    capability: str | None = None
    for_us: int | None = None

    def than(self, decision: Decision) -> bool:
        """A milder measure, or the same for a shorter time; never a higher rung."""
        if not 0 <= self.index <= decision.index:
            return False
        if self.measure is not decision.measure:
            return harshness(self.measure) < harshness(decision.measure)
        shorter = self.for_us is not None and (
            decision.for_us is None or self.for_us < decision.for_us
        )
        return shorter and self.capability == decision.capability


@dataclass(frozen=True, slots=True)
class Ruling:
    """The answer on one decision; `reasons` are told to the customer word for word."""

    decision: str
    verdict: Verdict
    reasons: str
    lesser: Lesser | None = None


@dataclass(frozen=True, slots=True)
class RulingOutcome:
    """What follows: the event of the decision ruled on, and the decision to be proposed."""

    event: Reverse | None = None
    proposed: Decision | None = None


NOTHING = RulingOutcome()


def against_ruling(
    ruling: Ruling, decision: Decision, decisions: Sequence[Decision], now_us: int
) -> Iterator[str]:
    """Why a ruling cannot be given; `decisions` are all that there are on the account."""
    if not ruling.reasons.strip():
        yield f"the ruling on {decision.id} gives no reasons"
    if decision.state in UNDONE and ruling.verdict is not Verdict.OVERTURN:
        yield f"{decision.id} was reversed meanwhile; a ruling can only say so"
    if now_us < decision.latest_us:
        yield f"it lies before the latest move of {decision.id}"
    lesser = ruling.lesser
    if (lesser is not None) != (ruling.verdict is Verdict.LESSER):
        yield "a lesser measure is named where the verdict is one, and only there"
    if lesser is None:
        return
    if not lesser.than(decision):
        yield f"the measure named is not less than that of {decision.id}"
    if (lesser.capability is not None) != (lesser.measure is Measure.LIMIT):
        yield "a limit names the capability that it takes away, and nothing else does"
    if lesser.for_us is not None and lesser.for_us <= 0:
        yield "a measure lasts longer than nothing"
    if _skips(lesser, decision, decisions, now_us):
        yield "earlier steps of its ladder are not behind it (law 3); find a milder one"


def _skips(lesser: Lesser, decision: Decision, decisions: Sequence[Decision], now_us: int) -> bool:
    others = tuple(d for d in decisions if d.id != decision.id)
    given = Circumstances(now_us, Mode.ENFORCE, decisions=others)
    return lesser.index > rung(decision.account, decision.policy, given).index + 1


def follows(
    appeal: str, ruling: Ruling, decision: Decision, by: Actor, now_us: int
) -> RulingOutcome:
    """What the ruling does: nothing where it upholds, and nothing to a decision that is undone
    already (law 10). A lesser decision is proposed and goes its own way from there: approved by a
    person who may, noticed, with its period. `appeal` is the id."""
    if decision.state in UNDONE:
        return NOTHING
    reverse = Reverse(now_us, (by,), ruling.reasons)
    match ruling.verdict:
        case Verdict.UPHOLD:
            return NOTHING
        case Verdict.OVERTURN:
            return RulingOutcome(reverse)
        case Verdict.LESSER:
            return RulingOutcome(reverse, _proposed(appeal, ruling.lesser, decision, now_us))
        case _:
            assert_never(ruling.verdict)


def _proposed(
    appeal: str, lesser: Lesser | None, decision: Decision, now_us: int
) -> Decision | None:
    """A new decision on the same finding; its id follows from appeal and decision (law 10)."""
    if lesser is None:
        return None
    return Decision(
        id=made_id("lesser", appeal, decision.id),
        account=decision.account,
        reason=decision.reason,
        measure=lesser.measure,
        capability=lesser.capability,
        index=lesser.index,
        for_us=lesser.for_us,
        notice_us=decision.notice_us,
        review=True,  # what a person has looked at is not approved by a program
        proposed_us=now_us,
    )
