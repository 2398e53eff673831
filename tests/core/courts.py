"""A small world for the tests of reversal and relief: accounts whose decisions are settled, end
and are reversed, with all that is recorded on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from habeas.core.decisions import Actor, Decision, Lift, State, step
from habeas.core.holdings import Balance, Holding
from habeas.core.ledger import Entry, Purse, Role, moved
from habeas.core.money import Money
from habeas.core.reversal import Reversal, Snapshot, restoring, reversal_of, snapshot, unrestored
from habeas.core.settlement import Occasion, Settlement, applied, settle
from habeas.core.settling import SAFE, Rules
from habeas.core.shapes import Measure
from tests.core.casework import DORA, EMIL, NOW, OPEN, decision, reason
from tests.core.owned import opening


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
        state=State.IN_FORCE,
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
    rules: Rules = SAFE
    now: int = NOW
    decisions: dict[str, Decision] = field(default_factory=dict)
    recorded: list[Settlement] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.entries = opening(list(self.holdings), self.name)

    def carry_out(self, settlements: Iterable[Settlement]) -> None:
        for one in settlements:
            self.holdings = applied(self.holdings, one)
            self.recorded.append(one)
            self.entries += one.entries

    def decide(self, made: Decision) -> Decision:
        self.decisions[made.id] = made
        occasion = Occasion(made.id, self.name, made.binding, self.now)
        self.carry_out([settle(self.holdings, occasion, self.rules)])
        return made

    def restore(self) -> None:
        self.carry_out(restoring(self.recorded, self.decisions.values(), self.now))

    def lift(self, name: str) -> None:
        event = Lift(self.now, DORA, "it was long enough")
        self.decisions[name] = step(self.decisions[name], event, brake_closed=OPEN)
        self.restore()

    def reversal(self, name: str, by: tuple[Actor, ...] = (EMIL,)) -> Reversal:
        return reversal_of(
            self.decisions[name],
            self.decisions.values(),
            self.recorded,
            by=by,
            why="it was wrong",
            time_us=self.now,
        )

    def reverse(self, name: str, by: tuple[Actor, ...] = (EMIL,)) -> Reversal:
        made = self.reversal(name, by)
        self.decisions[name] = step(self.decisions[name], made.event, brake_closed=OPEN)
        self.carry_out(made.settlements)
        return made

    def unrestored(self, name: str) -> tuple[str, ...]:
        every = list(self.decisions.values())
        return unrestored(self.decisions[name], self.recorded, every, self.now)

    def pay_in(self, amount: int) -> None:
        """A gift card that comes in, to the first balance that there is."""
        for i, holding in enumerate(self.holdings):
            if isinstance(holding, Balance) and holding.free is not None:
                own = (*self.holdings[:i], replace(holding, free=holding.free + amount))
                self.holdings = (*own, *self.holdings[i + 1 :])
                money = Money(amount, holding.currency)
                target = Purse(Role.CUSTOMER, holding.kind, self.name)
                source = Purse(Role.PLATFORM, holding.kind)
                name = f"paid in {len(self.entries)}"
                self.entries.append(moved(name, self.now, "a gift", source, target, money))
                return

    def seen(self, without: Sequence[str] = ()) -> Snapshot:
        left = [d for d in self.decisions.values() if d.id not in without]
        return snapshot(self.name, left, self.holdings, self.entries, self.now)
