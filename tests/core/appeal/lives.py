"""What may happen to an account, as moves that can be lived through again without some decisions:
law 6 asks that a life with a decision that was reversed equals the life in which it never was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from habeas.core.appeal import AppealState
from habeas.core.appeal.appeals import Interim
from habeas.core.decision import DecisionState
from habeas.core.decision.decisions import Approve, Declare, Notify, due
from habeas.core.policy import Measure
from habeas.core.property import Holding, SettlementRules
from habeas.core.property.holdings import Membership
from tests.core.appeal.casework import DORA, EMIL, FAY, OPEN, decision, reason
from tests.core.appeal.courts import Account, bound
from tests.core.appeal.hearing import appeal


@dataclass(frozen=True)
class Move:
    kind: str
    name: str = ""  # of a decision; "" for what is not about one
    measure: Measure = Measure.WARN
    amount: int = 0  # microseconds to wait, minor units that come in, the length of a measure
    holding: Holding | None = None


@dataclass
class Life:
    """`still` says of each wait which memberships stood still in it: what a customer could not
    use is not used up, also in the life where nothing stood in the way."""

    world: Account
    own: tuple[Holding, ...]
    moves: list[Move] = field(default_factory=list)
    still: list[frozenset[str]] = field(default_factory=list)

    @classmethod
    def begun(cls, own: Sequence[Holding], rules: SettlementRules) -> Life:
        return cls(Account(tuple(own), rules=rules), tuple(own))

    def live(self, move: Move) -> bool:
        """Whether it could be, to its decision or to another. Each has its own microsecond."""
        names = [move.name, *self.world.decisions] if move.name else [""]
        could = [m for name in names if possible(self.world, m := replace(move, name=name))]
        if not could:
            return False
        move = could[0]
        self.still.append(frozenset(m.id for m in members(self.world) if m.runs_from_us is None))
        elapse(self.world, move)
        happen(self.world, move)
        self.moves.append(move)
        return True

    def without(self, names: Collection[str]) -> Account:
        """The same life in which some decisions had never been."""
        world = Account(self.own, rules=self.world.rules)
        for move, stood in zip(self.moves, self.still, strict=True):
            elapse(world, move, stood)
            if move.name not in names:
                happen(world, move)
        return world


def elapse(world: Account, move: Move, stood: Collection[str] = ()) -> None:
    """Time until a move; what ends meanwhile is seen. Memberships that `stood` lose none of it."""
    by = move.amount if move.kind.startswith("wait") else 1
    world.holdings = tuple(
        replace(h, runs_from_us=h.runs_from_us + by)
        if isinstance(h, Membership) and h.runs_from_us is not None and h.id in stood
        else h
        for h in world.holdings
    )
    world.now += by
    world.follow()


def members(world: Account) -> list[Membership]:
    return [h for h in world.holdings if isinstance(h, Membership)]


def possible(world: Account, move: Move) -> bool:
    """Only the decision itself says so, so that it is the same in every life."""
    made, then = world.decisions.get(move.name), world.now + 1
    eased = any(move.name in a.decisions for a in world.appeals)
    match move.kind:
        case "decide" | "declare":
            return made is None
        case "lift":
            return made is not None and made.active(then)
        case "confirm":
            return made is not None and made.active(then) and not made.confirmed
        case "reverse":
            return made is not None and made.state is not DecisionState.REVERSED
        case "ease":
            return made is not None and made.active(then) and not eased
        case "uphold":
            return eased
        case _:
            return True


def happen(world: Account, move: Move) -> None:
    match move.kind:
        case "wait":
            _run_out(world)
        case "wait unseen":  # what is over is over before anyone has written it down
            pass
        case "pay in":
            world.pay_in(move.amount, which=move.amount)
        case "arrive" if move.holding:
            world.holdings = (*world.holdings, replace(move.holding, id=f"n{len(world.holdings)}"))
            world.follow()
        case "decide":
            world.decide(bound(move.measure, move.name, world.now, for_us=move.amount or None))
        case "declare":
            pending = decision(
                move.measure,
                move.name,
                for_us=move.amount or None,
                proposed_us=world.now,
                reason=reason(move.name, (move.name,)),
            )
            world.decisions[move.name] = pending
            world.move(move.name, Declare(world.now, DORA, "a stolen card is in use"))
        case "confirm":
            world.move(move.name, Approve(world.now, EMIL))
            world.move(move.name, Notify(world.now, "n1"))
        case "lift":
            world.lift(move.name)
        case "reverse":
            world.reverse(move.name, by=(FAY,))
        case "ease":
            made = appeal([world.decisions[move.name]], now_us=world.now)
            world.appeals.append(replace(made, interim=Interim(world.now, EMIL, "rent")))
            world.follow()
        case "uphold":
            world.appeals = [
                replace(a, state=AppealState.RULED) if move.name in a.decisions else a
                for a in world.appeals
            ]
            world.follow()


def _run_out(world: Account) -> None:
    """The worker writes down what ended by itself."""
    for name, made in world.decisions.items():
        if event := due(made, world.now, brake_closed=OPEN):
            world.move(name, event)
    world.follow()
