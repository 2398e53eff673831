"""A small world for the tests of reversal and relief: accounts whose decisions are settled, end
and are reversed, with all that is recorded on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from habeas.core.appeal import Appeal
from habeas.core.appeal.appeals import binding
from habeas.core.appeal.reversal import Snapshot, snapshot, unrestored
from habeas.core.decision import Actor, Decision, DecisionMove, DecisionState, Standing
from habeas.core.decision.decisions import Lift, step
from habeas.core.decision.standing import standing
from habeas.core.money import Money
from habeas.core.policy import Measure
from habeas.core.property import (
    Custody,
    Entry,
    Holding,
    Purse,
    PurseRole,
    Settlement,
    SettlementRules,
)
from habeas.core.property.custody import following
from habeas.core.property.holdings import Balance
from habeas.core.property.ledger import moved
from habeas.core.property.rules import SAFE
from habeas.core.property.settlement import applied
from tests.core.appeal.casework import DORA, EMIL, NOW, OPEN, decision, reason
from tests.core.appeal.undoing import Reversal, reversal_of
from tests.core.property.owned import opening


def bound(
    measure: Measure, name: str, now_us: int = NOW, account: str = "boris", **changes: object
) -> Decision:
    """A decision in force without end, approved by Dora."""
    made = decision(
        measure,
        name,
        account=account,
        reason=reason(f"f {name}", (f"e1 {name}", f"e2 {name}")),
        for_us=None,
        state=DecisionState.IN_FORCE,
        approvers=(DORA,),
        proposed_us=now_us,
        approved_us=now_us,
        noticed_us=now_us,
        notice="n1",
        in_force_us=now_us,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@dataclass
class Account:
    """One account, and what the flows would have stored of it."""

    holdings: tuple[Holding, ...]
    name: str = "boris"
    rules: SettlementRules = SAFE
    now: int = NOW
    decisions: dict[str, Decision] = field(default_factory=dict)
    appeals: list[Appeal] = field(default_factory=list)
    recorded: list[Settlement] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.entries = opening(list(self.holdings), self.name)

    @property
    def custody(self) -> Custody:
        return Custody(self.holdings, tuple(self.recorded))

    @property
    def stands(self) -> Standing:
        eased = binding(self.decisions.values(), self.appeals)
        return standing(self.name, eased, self.now)

    def carry_out(self, settlements: Iterable[Settlement]) -> None:
        for one in settlements:
            self.holdings = applied(self.holdings, one)
            self.recorded.append(one)
            self.entries += one.entries

    def follow(self) -> tuple[Settlement, ...]:
        """What the flows do whenever something moved."""
        made = following(self.custody, self.decisions.values(), self.stands, self.rules)
        self.carry_out(made)
        return made

    def decide(self, made: Decision) -> Decision:
        self.decisions[made.id] = made
        self.follow()
        return made

    def move(self, name: str, event: DecisionMove) -> None:
        self.decisions[name] = step(self.decisions[name], event, brake_closed=OPEN)
        self.follow()

    def lift(self, name: str) -> None:
        self.move(name, Lift(self.now, DORA, "it was long enough"))

    def reversal(self, name: str, by: tuple[Actor, ...] = (EMIL,)) -> Reversal:
        return reversal_of(
            self.decisions[name],
            self.decisions.values(),
            self.custody,
            by=by,
            why="it was wrong",
            time_us=self.now,
            rules=self.rules,
            appeals=self.appeals,
        )

    def reverse(self, name: str, by: tuple[Actor, ...] = (EMIL,)) -> Reversal:
        made = self.reversal(name, by)
        self.decisions[name] = step(self.decisions[name], made.event, brake_closed=OPEN)
        self.carry_out(made.settlements)
        return made

    def unrestored(self, name: str) -> tuple[str, ...]:
        every = list(self.decisions.values())
        return unrestored(self.decisions[name], self.recorded, every, self.stands)

    def pay_in(self, amount: int, which: int = 0) -> None:
        """Money that comes in, to one of the balances whose amount is known."""
        known = [h for h in self.holdings if isinstance(h, Balance) and h.free is not None]
        if not known:
            return
        old = known[which % len(known)]
        new = replace(old, free=(old.free or 0) + amount)
        self.holdings = tuple(new if h.id == old.id else h for h in self.holdings)
        target = Purse(PurseRole.CUSTOMER, old.kind, self.name)
        source = Purse(PurseRole.PLATFORM, old.kind)
        name, money = f"paid in {len(self.entries)}", Money(amount, old.currency)
        self.entries.append(moved(name, self.now, "a gift", source, target, money))
        self.follow()

    def seen(self, without: Sequence[str] = ()) -> Snapshot:
        left = [d for d in self.decisions.values() if d.id not in without]
        return snapshot(self.name, left, self.holdings, self.entries, self.now)
