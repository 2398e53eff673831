"""Settlement: what happens to each holding under a measure, and the entries of its money.

Law 4: every holding has an outcome and the money sums to zero. In doubt, for the customer: warn
and limit touch nothing; suspend holds money, and what was bought stays readable; close pays
everything out; what cannot be told stays with the customer and is listed for a person.

What a settlement changes is of two sorts. What lasts as long as the measure (held money, a paused
period, access) is given back by `release`. What a closing does for good (money paid out, orders
cancelled) is taken back by `undo` alone (law 6). `core/property/custody` says when.

A membership stands still while its member is suspended, and runs on with the same time left
(rather than paying that time back): it was bought for the time, a pause is exact to the
microsecond where money would be rounded, and undoing it asks the customer for nothing. Only at
closing is what is left paid back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from habeas.core.decision import Actor
from habeas.core.errors import IllegalMove, InvalidInput
from habeas.core.ids import made_id
from habeas.core.money import Money
from habeas.core.policy import Measure
from habeas.core.property.holdings import (
    Access,
    Balance,
    Data,
    Device,
    Holding,
    Licence,
    Membership,
    Order,
    OrderStage,
    Unknown,
    shifted,
)
from habeas.core.property.ledger import (
    Entry,
    Posting,
    Purse,
    PurseRole,
    allocate,
    reversed_entry,
    sums,
)
from habeas.core.property.rules import HoldingOutcome, SettlementRules

Sources = tuple[tuple[PurseRole, int], ...]  # where money comes from, in minor units


class Act(StrEnum):
    SETTLE = "settle"
    RELEASE = "release"
    UNDO = "undo"
    ANSWER = "answer"  # a person says that something stays as it is


@dataclass(frozen=True, slots=True)
class SettlementCause:
    """What is settled: the measure that stands on an account, the decision by which it does, and
    when, in microseconds UTC."""

    decision: str
    account: str
    measure: Measure
    time_us: int


@dataclass(frozen=True, slots=True)
class Settled:
    """One holding, before and after, why, and the entry that moves its money if any moves."""

    before: Holding
    after: Holding
    outcome: HoldingOutcome
    why: str
    entry: Entry | None = None

    @property
    def changes(self) -> bool:
        return self.before != self.after or self.entry is not None


@dataclass(frozen=True, slots=True)
class Settlement:
    """Outcomes of holdings, in their order. `of` is the id of the settlement that this one
    releases or undoes; `by` is the person whose answer it is, where one had to decide."""

    id: str
    occasion: SettlementCause
    act: Act
    settled: tuple[Settled, ...]
    of: str | None = None
    by: Actor | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(s.entry for s in self.settled if s.entry is not None)

    @property
    def for_a_person(self) -> tuple[Settled, ...]:
        """What stays with the customer until a person has decided."""
        return tuple(s for s in self.settled if s.outcome is HoldingOutcome.ASK)

    @property
    def holdings(self) -> tuple[Holding, ...]:
        return tuple(s.after for s in self.settled)


def settle(
    holdings: Sequence[Holding], occasion: SettlementCause, rules: SettlementRules, number: int = 0
) -> Settlement:
    """An outcome for each holding under a measure. `number` counts the settlements of the account
    from 0, so that each has ids of its own, the same in every retry (law 10). Raises InvalidInput
    where two holdings share an id, since one of them would be lost."""
    names = [holding.id for holding in holdings]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(f"two holdings of {occasion.account} have the id '{twice}'")
    name = made_id("settlement", occasion.account, str(number))
    settled = tuple(_settled(name, holding, occasion, rules) for holding in holdings)
    return Settlement(name, occasion, Act.SETTLE, settled)


def release(settlement: Settlement, time_us: int) -> Settlement:
    """The end of a measure: held money is free again, periods run on, access is as it was. What a
    closing did for good stays. Raises IllegalMove for an inverse and where a time lies before."""
    return _inverse(settlement, Act.RELEASE, time_us, _lasts)


def undo(settlement: Settlement, time_us: int, released: Settlement | None = None) -> Settlement:
    """The exact inverse (law 6): every holding as it was, every entry reversed; a membership has
    the time left that it had. `released` is the release of this settlement if there was one:
    what it gave back is not given twice."""
    if released is not None and released.of != settlement.id:
        raise IllegalMove(f"settlement {released.id} is no release of {settlement.id}")
    given = released is not None
    return _inverse(settlement, Act.UNDO, time_us, lambda s: not (given and _lasts(s)))


LASTING = frozenset(
    {HoldingOutcome.HELD, HoldingOutcome.PAUSED, HoldingOutcome.READABLE, HoldingOutcome.WITHHELD}
)


def _lasts(settled: Settled) -> bool:
    """Whether what was changed lasts no longer than the measure; what awaits a person stands
    still at most."""
    return settled.outcome in LASTING or settled.outcome is HoldingOutcome.ASK


def _inverse(
    settlement: Settlement, act: Act, time_us: int, which: Callable[[Settled], bool]
) -> Settlement:
    done = settlement.occasion
    if settlement.act is not Act.SETTLE:
        raise IllegalMove(f"settlement {settlement.id} is an inverse already; settle anew")
    if time_us < done.time_us:
        raise IllegalMove(f"settlement {settlement.id} cannot be undone before it was made")
    settled = tuple(
        _restored(s, done.time_us, time_us) for s in settlement.settled if s.changes and which(s)
    )
    name = made_id("settlement", settlement.id, act)
    return Settlement(name, replace(done, time_us=time_us), act, settled, settlement.id)


def _restored(settled: Settled, done_us: int, now_us: int) -> Settled:
    before = settled.before
    if isinstance(before, Membership) and before.runs_from_us is not None:
        before = replace(before, left_us=before.left(done_us), runs_from_us=now_us)
    why = HoldingOutcome.RESTORED.why
    entry = reversed_entry(settled.entry, now_us, why) if settled.entry else None
    return Settled(settled.after, before, HoldingOutcome.RESTORED, why, entry)


def fitted(holdings: Iterable[Holding], settlement: Settlement) -> Settlement:
    """The settlement with all that no longer fits left to a person: a holding that is gone or has
    changed since is no reason to keep the rest from the customer."""
    found = {holding.id: holding for holding in holdings}
    settled = tuple(_fitted(found.get(one.before.id), one) for one in settlement.settled)
    return replace(settlement, settled=settled)


def _fitted(now: Holding | None, one: Settled) -> Settled:
    try:
        _applied(now, one)
    except IllegalMove as error:
        kept = one.before if now is None else now
        return Settled(kept, kept, HoldingOutcome.ASK, f"{error.message}; a person decides")
    return one


def applied(holdings: Iterable[Holding], settlement: Settlement) -> tuple[Holding, ...]:
    """What the customer has once a settlement is carried out; what came in meanwhile stays. Raises
    IllegalMove where a holding is no longer there or changed so that this cannot be done."""
    found = {holding.id: holding for holding in holdings}
    for one in settlement.settled:
        if one.changes:
            found[one.before.id] = _applied(found.get(one.before.id), one)
    return tuple(found.values())


def _applied(now: Holding | None, one: Settled) -> Holding:
    if now is None:
        raise IllegalMove(f"the holding {one.before.id} is no longer there")
    if now == one.before:
        return one.after
    match now, one.before, one.after:
        case Balance(), Balance() as before, Balance() as after:
            return shifted(now, before, after)
        case _:
            raise IllegalMove(
                f"the holding {now.id} has changed since", "let a person decide about it"
            )


def complaints(holdings: Sequence[Holding], settlement: Settlement) -> Iterator[str]:
    """Where a settlement breaks law 4, as sentences; `habeas verify` asks for them."""
    told = [one.before.id for one in settlement.settled]
    for holding in holdings:
        if told.count(holding.id) != 1:
            yield f"the holding {holding.id} has {told.count(holding.id)} outcomes"
    for one in settlement.settled:
        if not one.why:
            yield f"nothing says why {one.before.id} is {one.outcome}"
        if one.before.id != one.after.id:
            yield f"{one.before.id} became {one.after.id}"
    for entry in settlement.entries:
        yield from (f"entry {entry.id} does not sum to zero" for v in _sums(entry) if v)


def _sums(entry: Entry) -> Iterable[int]:
    return sums(entry.postings).values()


def _settled(
    name: str, holding: Holding, occasion: SettlementCause, rules: SettlementRules
) -> Settled:
    outcome, why = rules.outcome(holding.kind, occasion.measure)
    work = _Work(name, occasion, holding, outcome, why)
    if outcome is HoldingOutcome.KEPT:
        return work.done(holding)
    if outcome is HoldingOutcome.ASK or isinstance(holding, Unknown):
        return work.ask(why)
    match holding:
        case Balance():
            return _balance(work, holding)
        case Membership():
            return _membership(work, holding)
        case Licence():
            return _licence(work, holding)
        case Order():
            return _order(work, holding)
        case Device():
            return work.done(replace(holding, registered=False))
        case Data():
            return work.done(replace(holding, exported=True))
        case _:
            assert_never(holding)


@dataclass(frozen=True, slots=True)
class _Work:
    """One holding on its way to its outcome in a settlement."""

    settlement: str
    occasion: SettlementCause
    holding: Holding
    outcome: HoldingOutcome
    why: str

    def done(self, after: Holding, *, entry: Entry | None = None) -> Settled:
        return Settled(self.holding, after, self.outcome, self.why, entry)

    def instead(self, outcome: HoldingOutcome, after: Holding) -> Settled:
        return Settled(self.holding, after, outcome, outcome.why)

    def ask(self, why: str) -> Settled:
        """The holding stays; yet nobody is charged, and a closing locks nothing that was bought."""
        after = self.holding
        match after, self.occasion.measure:
            case Membership(), _:
                after = after.paused(self.occasion.time_us)
            case Licence(access=Access.WITHHELD), Measure.CLOSE:
                after = replace(after, access=Access.READ)
        return Settled(self.holding, after, HoldingOutcome.ASK, why)

    def moved(self, currency: str, sources: Sources, target: PurseRole) -> Entry | None:
        """The entry that brings all sources to one purse; None where there is nothing to move.
        Its id follows from what is settled, so it is made once (law 10)."""
        name = made_id("entry", self.settlement, self.holding.id)
        postings = []
        for role, amount in sources:
            if amount:
                source, money = self._purse(role), Money(amount, currency)
                postings.append(Posting(source, Money(-amount, currency)))
                postings.append(Posting(self._purse(target), money))
        if not postings:
            return None
        return Entry(name, self.occasion.time_us, self.why, tuple(postings))

    def _purse(self, role: PurseRole) -> Purse:
        owner = "" if role is PurseRole.REVENUE else self.occasion.account
        return Purse(role, self.holding.kind, owner)

    def refunded(self, price: Money | None, after: Holding) -> Settled:
        """Money back to the means it was paid with, or a person where the price is not known."""
        if price is None or price.amount < 0:
            return self.ask("its price is not known")
        entry = self.moved(price.currency, ((PurseRole.REVENUE, price.amount),), PurseRole.PAYOUTS)
        return replace(self, outcome=HoldingOutcome.REFUNDED).done(after, entry=entry)


def _balance(work: _Work, holding: Balance) -> Settled:
    if holding.free is None or holding.free < 0 or holding.held < 0:
        return work.ask("how much it holds is not known, or less than nothing")
    free = (PurseRole.CUSTOMER, holding.free)
    if work.outcome is HoldingOutcome.HELD:
        entry = work.moved(holding.currency, (free,), PurseRole.HELD)
        return work.done(replace(holding, free=0, held=holding.held + holding.free), entry=entry)
    held = (PurseRole.HELD, holding.held)
    entry = work.moved(holding.currency, (free, held), PurseRole.PAYOUTS)
    return work.done(replace(holding, free=0, held=0), entry=entry)


def _membership(work: _Work, holding: Membership) -> Settled:
    now_us = work.occasion.time_us
    if work.outcome is HoldingOutcome.PAUSED:
        return work.done(holding.paused(now_us))
    left = min(holding.left(now_us), holding.period_us)
    if holding.period_us <= 0 or holding.price is None:
        return work.ask("its price or its period is not known")
    back, _used = allocate(holding.price.amount, (left, holding.period_us - left))
    unused = Money(back, holding.price.currency)
    return work.refunded(unused, replace(holding, left_us=0, runs_from_us=None))


def _licence(work: _Work, holding: Licence) -> Settled:
    if holding.access is Access.RETURNED:
        return work.instead(HoldingOutcome.KEPT, holding)
    match work.outcome:
        case HoldingOutcome.REFUNDED:
            return work.refunded(holding.price, replace(holding, access=Access.RETURNED))
        case HoldingOutcome.WITHHELD:
            return work.done(replace(holding, access=Access.WITHHELD))
        case _:
            # a suspension does not unlock what the platform withheld before; a closing does
            stays = holding.access is Access.WITHHELD and work.occasion.measure is Measure.SUSPEND
            return work.done(holding if stays else replace(holding, access=Access.READ))


def _order(work: _Work, holding: Order) -> Settled:
    refunds = work.outcome is HoldingOutcome.REFUNDED
    match holding.stage:
        case OrderStage.CANCELLED | OrderStage.REFUNDED:
            return work.instead(HoldingOutcome.KEPT, holding)
        case OrderStage.PLACED if refunds:
            return work.instead(
                HoldingOutcome.CANCELLED, replace(holding, stage=OrderStage.CANCELLED)
            )
        case OrderStage.PAID | OrderStage.RETURNING if refunds:
            return work.refunded(holding.amount, replace(holding, stage=OrderStage.REFUNDED))
        case OrderStage.PLACED | OrderStage.PAID | OrderStage.SHIPPED | OrderStage.RETURNING:
            # what has left the house cannot be called back: it is delivered
            return work.instead(HoldingOutcome.DELIVERED, holding)
        case _:
            assert_never(holding.stage)
