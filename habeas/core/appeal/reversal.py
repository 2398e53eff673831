"""Reversal: the exact inverse of a decision, from what was recorded, and the proof that it is.

"As it was" (law 6) means: as if the decision had never been. What other decisions did stays, and
what came in meanwhile stays. How holdings and money follow is in `core/property/custody`: they
belong to the standing, so that reversing a decision is to ask what the standing without it wants.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from habeas.core.decision import Decision, DecisionState, Standing
from habeas.core.decision.proposals import MEMORY_US, Circumstances, Rung, rung
from habeas.core.decision.standing import Binding, standing
from habeas.core.money import Money
from habeas.core.policy.plans import Mode
from habeas.core.property import Entry, Holding, HoldingOutcome, Settlement, ledger
from habeas.core.property.custody import asking, restoring
from habeas.core.property.holdings import Membership
from habeas.core.property.ledger import Balances
from habeas.core.property.settlement import Act, release, undo

OPEN = False  # the brake: reversals always pass (law 11)


def owes_apology(decision: Decision) -> bool:
    """A wrong decision that the customer was told of, or felt."""
    return decision.noticed_us is not None or decision.in_force_us is not None


def undoing_us(now_us: int, decisions: Iterable[Decision], recorded: Iterable[Settlement]) -> int:
    """When something of an account is undone: the later of now and all that was done, since a
    record that lies ahead of the clock keeps nothing from anybody. Microseconds UTC."""
    moved = (decision.latest_us for decision in decisions)
    return max([now_us, *moved, *(settlement.occasion.time_us for settlement in recorded)])


def unrestored(
    decision: Decision,
    recorded: Sequence[Settlement],
    decisions: Iterable[Decision],
    stands: Standing,
) -> tuple[str, ...]:
    """What is missing until a reversed decision is undone, from the record alone, as sentences:
    this is what an appeal asks before it tells that it was granted. What stays since the account
    is still suspended or closed is not missing; `decisions` are all on the account."""
    return tuple(_missing(decision, recorded, restoring(recorded, decisions, stands)))


def awaiting(recorded: Iterable[Settlement]) -> tuple[str, ...]:
    """What a person has to answer until all is given back, as the sentences of `unrestored`."""
    return tuple(map(_awaits, asking(recorded)))


def _awaits(name: str) -> str:
    return f"the holding {name} awaits a person"


def _missing(
    decision: Decision, recorded: Sequence[Settlement], to_come: Sequence[Settlement]
) -> Iterator[str]:
    if decision.state is not DecisionState.REVERSED:
        yield f"decision {decision.id} is {decision.state}"
    yield from (f"settlement {s.of} is to be taken back" for s in to_come)
    made, asked = {s.id: s for s in recorded}, asking(recorded)
    freed = {s.of: s for s in recorded if s.act is Act.RELEASE}
    for inverse in recorded:
        source, time_us = made.get(inverse.of or ""), inverse.occasion.time_us
        if source is None:
            continue
        if inverse.act is Act.RELEASE:
            exact = release(source, time_us)
        else:
            exact = undo(source, time_us, freed.get(source.id))
        yield from _not_given_back(exact, inverse, asked)


def _not_given_back(
    exact: Settlement, inverse: Settlement, asked: Collection[str]
) -> Iterator[str]:
    """Each holding is given back once, as it was, or a person has answered."""
    for one in exact.settled:
        name = one.before.id
        given = [s for s in inverse.settled if s.before.id == name]
        if given == [one]:
            continue
        if name in asked:
            yield _awaits(name)
        elif len(given) != 1 or given[0].outcome is not HoldingOutcome.ASK:
            yield f"the holding {name} was given back {len(given)} times, or not as it was"
    due = {one.before.id for one in exact.settled}
    for one in inverse.settled:
        if one.before.id not in due:
            yield f"the holding {one.before.id} was given back, and there was nothing to give"


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
        balances=ledger.balances(entries),
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
            steps = f"{new.index + 1} instead of {old.index + 1}"
            yield f"on the ladder of {policy} it is at step {steps}"


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
