"""Reversal: the exact inverse of a decision, from what was recorded, and the proof that it is.

"As it was" (law 6) means: as if the decision had never been. What other decisions did stays, and
what came in meanwhile stays. Settlements are undone from the last to the first, like a stack: one
that a later one rests on waits until that is undone or over, since two suspensions hold the same
money once. What is next follows from what is recorded, so that a crash between any two steps
repeats nothing (law 10).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from habeas.core.decisions import GRAVE, Actor, Decision, Reverse, State, step
from habeas.core.errors import InvalidInput
from habeas.core.holdings import Holding, Membership
from habeas.core.ledger import Balances, Entry
from habeas.core.ledger import balances as balances_of
from habeas.core.money import Money
from habeas.core.plans import Mode
from habeas.core.proposals import MEMORY_US, Circumstances, Rung, rung
from habeas.core.settlement import Act, Settlement, release, undo
from habeas.core.shapes import Measure
from habeas.core.standing import Binding, standing

OPEN = False  # the brake: reversals always pass (law 11)


@dataclass(frozen=True, slots=True)
class Reversal:
    """What undoes a decision. `settlements` are to be applied in this order; `waiting` are the
    ids of those that a later one still rests on: `restoring` gives them when it is their turn.
    `overruled` are the events on which the decision rested, sorted: what rests on nothing else
    proposes nothing again. `apology` says that the customer was told of the decision or felt it,
    and is owed a word."""

    decision: str
    account: str
    event: Reverse
    settlements: tuple[Settlement, ...]
    waiting: tuple[str, ...]
    overruled: tuple[str, ...]
    apology: bool

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(e for s in self.settlements for e in s.entries)


def reversal_of(
    decision: Decision,
    others: Iterable[Decision],
    recorded: Sequence[Settlement],
    *,
    by: tuple[Actor, ...],
    why: str,
    time_us: int,
) -> Reversal:
    """The reversal of a decision. `others` are the other decisions on the account, `recorded` its
    settlements in the order in which they were carried out. Raises IllegalMove where the decision
    cannot be reversed, above all when it is reversed already."""
    event = Reverse(time_us, by, why)
    after = step(decision, event, brake_closed=OPEN)
    rest = [d for d in others if d.account == decision.account and d.id != decision.id]
    following = restoring(recorded, [*rest, after], time_us)
    left = _live((*recorded, *following))
    return Reversal(
        decision=decision.id,
        account=decision.account,
        event=event,
        settlements=following,
        waiting=tuple(s.id for s in left if s.occasion.decision == decision.id),
        overruled=tuple(sorted(decision.reason.events)),
        apology=owes_apology(decision),
    )


def owes_apology(decision: Decision) -> bool:
    """A wrong decision that the customer was told of, or felt."""
    return decision.noticed_us is not None or decision.in_force_us is not None


def restoring(
    recorded: Sequence[Settlement], decisions: Iterable[Decision], time_us: int
) -> tuple[Settlement, ...]:
    """What is to be undone and released on one account as its decisions stand now, in order;
    nothing where all is done. It is asked after every reversal and every end: what a decision
    that is over still holds goes free together, when nothing suspends or closes any more."""
    known = {d.id: d for d in decisions}
    restricted = any(d.active(time_us) and d.measure in GRAVE for d in known.values())
    found: list[Settlement] = []
    resting = False  # whether what stays was settled on top of this
    for settlement in reversed(_live(recorded)):
        decision = known.get(settlement.occasion.decision)
        if decision is None:
            raise InvalidInput(f"settlement {settlement.id} is of a decision that is not given")
        grave = settlement.occasion.measure in GRAVE  # warn and limit hold nothing
        holding = grave and not _released(settlement, recorded)
        over = holding and settlement.occasion.measure is Measure.SUSPEND and not restricted
        if resting and grave:
            continue
        if decision.state is State.REVERSED:
            found += _undone(settlement, recorded, time_us)
        elif over:
            found.append(_freed(settlement, recorded, time_us))
        else:
            resting = resting or holding
    return tuple(found)


def _live(recorded: Sequence[Settlement]) -> list[Settlement]:
    """The settlements of decisions that were not undone, in their order."""
    undone = {s.of for s in recorded if s.act is Act.UNDO}
    return [s for s in recorded if s.act is Act.SETTLE and s.id not in undone]


def _chain(settlement: Settlement, recorded: Iterable[Settlement]) -> list[Settlement]:
    """The release of a settlement, what undid that, what undid this, and so on."""
    nexts = {s.of: s for s in recorded if s.of is not None}
    found: list[Settlement] = []
    following = nexts.get(settlement.id)
    while following is not None:
        found.append(following)
        following = nexts.get(following.id)
    return found


def _released(settlement: Settlement, recorded: Iterable[Settlement]) -> bool:
    return len(_chain(settlement, recorded)) % 2 == 1


def _freed(settlement: Settlement, recorded: Sequence[Settlement], time_us: int) -> Settlement:
    """A suspension's money and time, given back. What was released and held again is released
    by undoing the holding: the same entry is never written twice (law 10)."""
    chain = _chain(settlement, recorded)
    return undo(chain[-1], time_us) if chain else release(settlement, time_us)


def _undone(
    settlement: Settlement, recorded: Sequence[Settlement], time_us: int
) -> Iterator[Settlement]:
    chain = _chain(settlement, recorded)
    if chain and not _released(settlement, recorded):
        yield undo(chain[-1], time_us)
    yield undo(settlement, time_us, chain[0] if chain else None)


def unrestored(
    decision: Decision,
    recorded: Sequence[Settlement],
    decisions: Iterable[Decision],
    time_us: int,
) -> tuple[str, ...]:
    """What is missing until a reversed decision is undone, from the record alone, as sentences:
    this is what an appeal asks before it tells that it was granted. What waits since another
    decision would hold it as well is not missing; `decisions` are all on the account."""
    return tuple(_missing(decision, recorded, restoring(recorded, decisions, time_us)))


def _missing(
    decision: Decision, recorded: Sequence[Settlement], to_come: Sequence[Settlement]
) -> Iterator[str]:
    if decision.state is not State.REVERSED:
        yield f"decision {decision.id} is {decision.state}"
    own = [s for s in recorded if s.occasion.decision == decision.id]
    yield from (f"{s.of} is to be undone" for s in to_come if s.occasion.decision == decision.id)
    live = _live(own)
    waiting = [s for one in live for s in (one, *_chain(one, own))]
    done = [s for s in own if s not in waiting]
    for settlement in done:
        if settlement.act is Act.SETTLE:
            yield from _not_given_back(settlement, done)
    for (purse, currency), amount in balances_of(e for s in done for e in s.entries).items():
        yield f"{purse} is left with {Money(amount, currency)}"


def _not_given_back(settlement: Settlement, own: Sequence[Settlement]) -> Iterator[str]:
    """Each holding that it changed is given back once, as it was."""
    inverses = [s for s in own if s.of == settlement.id]
    for one in settlement.settled:
        if not one.changes:
            continue
        name, was = one.before.id, _at(one.before, settlement.occasion.time_us)
        back = [
            _at(b.after, s.occasion.time_us)
            for s in inverses
            for b in s.settled
            if b.changes and b.before.id == name
        ]
        if back != [was]:
            yield f"the holding {name} was given back {len(back)} times, or not as it was"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that law 6 speaks of, on one account at `now_us`: what binds it, what it has, its part
    of the ledger in minor units by purse and currency, and its place on each policy's ladder."""

    account: str
    now_us: int
    bindings: tuple[Binding, ...]
    holdings: tuple[Holding, ...]
    balances: Balances
    rungs: Mapping[str, Rung]


def snapshot(
    account: str,
    decisions: Sequence[Decision],
    holdings: Sequence[Holding],
    entries: Iterable[Entry],
    now_us: int,
    memory_us: int = MEMORY_US,
) -> Snapshot:
    """The account as its decisions, holdings and entries say. Without a decision and what it led
    to, it is what the account would be had that never been."""
    given = Circumstances(now_us, Mode.ENFORCE, decisions=decisions, memory_us=memory_us)
    names = sorted({d.policy for d in decisions if d.account == account})
    rungs = {name: rung(account, name, given) for name in names}
    return Snapshot(
        account=account,
        now_us=now_us,
        bindings=standing(account, decisions, now_us).bindings,
        holdings=tuple(holdings),
        balances=balances_of(entries),
        rungs={name: found for name, found in rungs.items() if found != Rung()},
    )


def proved(before: Snapshot, after: Snapshot) -> tuple[str, ...]:
    """Every difference, as a sentence; empty where the reversal is proved exact. A membership is
    as it was where it has the same time left, each at its own moment."""
    return tuple(_differences(before, after))


def _differences(before: Snapshot, after: Snapshot) -> Iterator[str]:
    if before.account != after.account:
        yield f"{after.account} is not {before.account}"
    binds, bound = ({b.decision: b for b in s.bindings} for s in (before, after))
    for name in sorted(binds.keys() | bound.keys()):
        if binds.get(name) != bound.get(name):
            told = "no longer binds" if name not in bound else "binds"
            yield f"decision {name} {told}, other than before"
    yield from _differing_holdings(before, after)
    for purse, currency in sorted(before.balances.keys() | after.balances.keys()):
        was, now = (s.balances.get((purse, currency), 0) for s in (before, after))
        if was != now:
            yield f"{purse} has {Money(now, currency)} instead of {Money(was, currency)}"
    for policy in sorted(before.rungs.keys() | after.rungs.keys()):
        old, new = (s.rungs.get(policy, Rung()) for s in (before, after))
        if old != new:
            yield f"on the ladder of {policy} it is at step {new.step} instead of {old.step}"


def _differing_holdings(before: Snapshot, after: Snapshot) -> Iterator[str]:
    had, has = ({h.id: h for h in s.holdings} for s in (before, after))
    for name in sorted(had.keys() | has.keys()):
        if name not in has:
            yield f"the holding {name} is gone"
        elif name not in had:
            yield f"the holding {name} was not there"
        elif _at(had[name], before.now_us) != _at(has[name], after.now_us):
            yield f"the holding {name} is {has[name]} instead of {had[name]}"


def _at(holding: Holding, now_us: int) -> Holding:
    """A membership by the time that it has left, and whether it runs."""
    if not isinstance(holding, Membership):
        return holding
    runs = None if holding.runs_from_us is None else 0
    return replace(holding, left_us=holding.left(now_us), runs_from_us=runs)
