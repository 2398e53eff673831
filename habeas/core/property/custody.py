"""Custody: what the standing of an account asks of its holdings, and what is to be done for it.

What a measure does to holdings belongs to the standing, not to a decision: however many decisions
suspend an account, its money is held once. Three rules:

1. What lasts (held money, paused periods, access) lasts while the account is suspended, or while
   it is closed, and no longer.
2. What a closing did for good stays where its decision stays, or where another closing that was
   not reversed was in force later and would have done it then.
3. What comes in meanwhile is settled as the rest was.

So the holdings follow from what came in, how the account stands and how far its closings reached,
and a decision that is reversed is as if it had never been (law 6), whatever else was decided in
whatever order. The moves of one account have times that differ, so that it can be told which came
first. Ask `following` whenever a decision moves or a holding comes in; what it gives follows from
the record, so that a crash between any two steps repeats nothing (law 10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from habeas.core.decision import Actor, Decision, DecisionState, Standing
from habeas.core.errors import IllegalMove, InvalidInput
from habeas.core.policy import Measure
from habeas.core.property.holdings import Holding, Unknown
from habeas.core.property.rules import (
    SAFE,
    HoldingOutcome,
    SettlementRule,
    SettlementRules,
    choices,
)
from habeas.core.property.settlement import (
    Act,
    Settled,
    Settlement,
    SettlementCause,
    applied,
    fitted,
    release,
    settle,
    undo,
)


@dataclass(frozen=True, slots=True)
class Custody:
    """What a customer has now, and all settlements of the account in the order in which they were
    carried out."""

    holdings: tuple[Holding, ...]
    recorded: tuple[Settlement, ...] = ()

    def after(self, settlement: Settlement) -> Custody:
        """Once a settlement is carried out."""
        return Custody(applied(self.holdings, settlement), (*self.recorded, settlement))

    @property
    def number(self) -> int:
        """Of the next settlement, from 0; inverses are not counted."""
        return sum(s.of is None for s in self.recorded)


def following(
    custody: Custody,
    decisions: Iterable[Decision],
    standing: Standing,
    rules: SettlementRules = SAFE,
) -> tuple[Settlement, ...]:
    """What is to be carried out now, in this order; nothing where all is done. `decisions` are all
    on the account, and `standing` is what the product and the customer are told, with interim
    relief: what is lifted for them is lifted for their holdings. Raises InvalidInput."""
    found: list[Settlement] = []
    for inverse in restoring(custody.recorded, decisions, standing):
        found.append(fitted(custody.holdings, inverse))
        custody = custody.after(found[-1])
    if (measure := _stands(standing)) and standing.stands:
        occasion = SettlementCause(
            standing.stands.decision, standing.account, measure, standing.now_us
        )
        made = settle(custody.holdings, occasion, rules, custody.number)
        found += _fresh(made, [s for s in _open(custody.recorded) if _binds(s, measure)])
    return tuple(found)


def restoring(
    recorded: Sequence[Settlement], decisions: Iterable[Decision], standing: Standing
) -> tuple[Settlement, ...]:
    """What is to be released and undone, the latest first; nothing where all is done. It follows
    from the record alone. Raises InvalidInput for a settlement without its decision."""
    known = {d.id: d for d in decisions}
    released = {s.of: s for s in recorded if s.act is Act.RELEASE}
    measure, found = _stands(standing), []
    for settlement in reversed(_kept(recorded)):
        freed = released.get(settlement.id)
        if not _stays(settlement, known):
            found.append(undo(settlement, standing.now_us, freed))
        elif freed is None and not _binds(settlement, measure):
            found.append(release(settlement, standing.now_us))
    return tuple(found)


def _stands(standing: Standing) -> Measure | None:
    """The measure that touches holdings, if one stands."""
    if standing.closed:
        return Measure.CLOSE
    return Measure.SUSPEND if standing.suspended else None


def _binds(settlement: Settlement, measure: Measure | None) -> bool:
    return settlement.occasion.measure is measure


def _kept(recorded: Iterable[Settlement]) -> list[Settlement]:
    """The settlements that were not undone, in their order."""
    recorded = tuple(recorded)
    undone = {s.of for s in recorded if s.act is Act.UNDO}
    return [s for s in recorded if s.act is Act.SETTLE and s.id not in undone]


def _open(recorded: Iterable[Settlement]) -> list[Settlement]:
    """Those of which what lasts was not given back either."""
    recorded = tuple(recorded)
    over = {s.of for s in recorded}
    return [s for s in recorded if s.act is Act.SETTLE and s.id not in over]


def lasting(recorded: Iterable[Settlement]) -> tuple[Settlement, ...]:
    """The settlements of which something stands: a suspension until it is released, a closing
    until it is undone."""
    recorded = tuple(recorded)
    still = {s.id for s in _open(recorded)}
    return tuple(s for s in _kept(recorded) if s.id in still or _binds(s, Measure.CLOSE))


def _stays(settlement: Settlement, known: Mapping[str, Decision]) -> bool:
    """Rule 2. A suspension does nothing for good: releasing it is enough."""
    own = known.get(settlement.occasion.decision)
    if own is None:
        raise InvalidInput(f"settlement {settlement.id} is of a decision that is not given")
    if settlement.occasion.measure is not Measure.CLOSE or own.state is not DecisionState.REVERSED:
        return True
    return any(_closes_after(d, settlement.occasion.time_us) for d in known.values())


def _closes_after(decision: Decision, time_us: int) -> bool:
    """Whether it is a closing, not reversed, in force at some moment later than that."""
    taken = decision.state in (DecisionState.IN_FORCE, DecisionState.ENDED)
    ends = [t for t in (decision.ended_us, decision.ends_us) if t is not None]
    return taken and decision.binding is Measure.CLOSE and min(ends, default=time_us + 1) > time_us


def _fresh(made: Settlement, before: Sequence[Settlement]) -> list[Settlement]:
    """All of a settlement where it is the first under this measure; otherwise what came in since.
    What is as it was left is not settled again, even where the rules are others now."""
    if not before:
        return [made]
    left = {one.before.id: one.after for s in before for one in s.settled}
    new = tuple(
        one
        for one in made.settled
        if one.before.id not in left or (one.changes and one.before != left[one.before.id])
    )
    return [replace(made, settled=new)] if new else []


def asking(recorded: Iterable[Settlement]) -> dict[str, Settled]:
    """What awaits a person, by the id of the holding: left open by a settlement that is not over,
    or changed since so that it could not be given back."""
    asked: dict[str, tuple[str, Settled]] = {}
    for settlement in recorded:
        asked = {k: v for k, v in asked.items() if v[0] != settlement.of}
        for one in settlement.settled:
            asked.pop(one.before.id, None)
            if one.outcome is HoldingOutcome.ASK:
                asked[one.before.id] = settlement.id, one
    return {name: one for name, (_, one) in asked.items()}


def open_to(holding: Holding, standing: Standing) -> tuple[HoldingOutcome, ...]:
    """What a person may answer: what a rule might say, and that something stays as it is where no
    rule knows it or nothing binds the account any more."""
    measure = _stands(standing)
    if measure is None or isinstance(holding, Unknown):
        return (HoldingOutcome.KEPT,)
    return tuple(o for o in choices(holding.kind, measure) if o is not HoldingOutcome.ASK)


def answer(
    custody: Custody, standing: Standing, name: str, outcome: HoldingOutcome, *, by: Actor, why: str
) -> Settlement:
    """A person's answer on the holding `name`, as a settlement of its own: it has its own ids and
    is given back like any other. What is wanting (a price, an amount) is told by the platform
    with the holding, and is then settled without an answer. Raises IllegalMove."""
    asked = asking(custody.recorded).get(name)
    if asked is None:
        raise IllegalMove(f"the holding {name} awaits no answer")
    if not by.person or not why.strip():
        raise IllegalMove("a person answers, and says why")
    holding = next((h for h in custody.holdings if h.id == name), asked.before)
    allowed = open_to(holding, standing)
    if outcome not in allowed:
        raise IllegalMove(f"{name} cannot be '{outcome}'", f"it can be: {', '.join(allowed)}")
    made = _answered(custody, standing, holding, outcome, why)
    if made.for_a_person:
        why = made.for_a_person[0].why
        raise IllegalMove(f"{name} cannot be '{outcome}': {why}", "let the platform tell it first")
    return replace(made, by=by)


def _answered(
    custody: Custody, standing: Standing, holding: Holding, outcome: HoldingOutcome, why: str
) -> Settlement:
    measure = _stands(standing)
    if outcome is HoldingOutcome.KEPT or measure is None or standing.stands is None:
        last = next(s for s in reversed(custody.recorded) if _settles(s, holding))
        occasion = replace(last.occasion, time_us=standing.now_us)
        kept = Settled(holding, holding, HoldingOutcome.KEPT, why)
        return replace(settle([], occasion, SAFE, custody.number), act=Act.ANSWER, settled=(kept,))
    occasion = SettlementCause(standing.stands.decision, standing.account, measure, standing.now_us)
    rules = SettlementRules((SettlementRule(holding.kind, measure, outcome, why),))
    return settle([holding], occasion, rules, custody.number)


def _settles(settlement: Settlement, holding: Holding) -> bool:
    return any(one.before.id == holding.id for one in settlement.settled)
