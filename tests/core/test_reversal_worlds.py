"""Law 6 in worlds of many decisions: overlapping suspensions, closings on top of them, releases,
money that comes in. A world with a decision that was reversed equals the world without it."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from habeas.core.decisions import GRAVE, State
from habeas.core.holdings import Balance, Holding, Membership
from habeas.core.ledger import complaints
from habeas.core.reversal import restoring
from habeas.core.settling import Rules
from habeas.core.shapes import Measure
from tests.core.casework import DAY
from tests.core.courts import Account, bound
from tests.core.owned import OWNED, RULES
from tests.core.samples import thorough


def timeless(holdings: Sequence[Holding]) -> list[Holding]:
    return [h for h in holdings if not isinstance(h, Membership)]


NAMES = ("d1", "d2", "d3")
MOVES = st.lists(
    st.tuples(
        st.sampled_from(["suspend", "close", "limit", "lift", "reverse", "pay in"]),
        st.sampled_from(NAMES),
    ),
    max_size=8,
)


def lived(
    own: list[Holding], moves: list[tuple[str, str]], rules: Rules, without: str = ""
) -> Account:
    """What becomes of an account; a move that cannot be is left out."""
    world = Account(tuple(own), rules=rules)
    for move, name in moves:
        world.now += DAY
        active = name in world.decisions and world.decisions[name].state is State.IN_FORCE
        match move:
            case "pay in":
                world.pay_in(10)
            case _ if name == without:
                pass
            case "suspend" | "close" | "limit" if name not in world.decisions:
                world.decide(bound(Measure(move), name, world.now))
            case "lift" if active and world.decisions[name].measure is not Measure.CLOSE:
                world.lift(name)
            case "reverse" if active:
                world.reverse(name)
    return world


def over(world: Account) -> Account:
    """All is over, in whatever order."""
    world.now += DAY
    for name in sorted(world.decisions):
        state = world.decisions[name].state
        if state is State.IN_FORCE or (name == "d1" and state is State.ENDED):
            world.reverse(name)
    return world


WHOLE = OWNED.filter(
    lambda own: all(not isinstance(h, Balance) or (h.free is not None and h.free >= 0) for h in own)
)


@thorough
@given(WHOLE, MOVES, RULES)
def test_whatever_else_was_decided_it_is_as_if_it_had_never_been(
    own: list[Holding], moves: list[tuple[str, str]], rules: Rules
) -> None:
    """Overlapping suspensions, closings on top of them, releases: the same but for d1, and a
    membership has no less time left."""
    with_it = over(lived(own, moves, rules))
    never = over(lived(own, moves, rules, without="d1"))
    assert never.now == with_it.now
    assert with_it.seen().bindings == never.seen().bindings
    assert with_it.seen().rungs == never.seen().rungs
    assert complaints(with_it.entries) == []
    assert with_it.seen().balances == never.seen().balances
    assert timeless(with_it.holdings) == timeless(never.holdings)
    for one, two in zip(with_it.holdings, never.holdings, strict=True):
        if isinstance(one, Membership) and isinstance(two, Membership):
            assert one.left(with_it.now) >= two.left(never.now)
    assert restoring(with_it.recorded, with_it.decisions.values(), with_it.now) == ()
    for world in (with_it, never):
        gone = [d.id for d in world.decisions.values() if d.state is State.REVERSED]
        assert [world.unrestored(name) for name in gone] == [()] * len(gone)


@thorough
@given(WHOLE, MOVES, RULES)
def test_at_once_and_not_only_in_the_end(
    own: list[Holding], moves: list[tuple[str, str]], rules: Rules
) -> None:
    """While others are still in force, too; but for a closing that a later suspension rests on,
    whose money is with the customer's bank until that is over. Memberships are left out: a later
    closing pays back what was left when they first stood still, which is more."""
    own = timeless(own)
    with_it, never = lived(own, moves, rules), lived(own, moves, rules, without="d1")
    if "d1" not in with_it.decisions or with_it.decisions["d1"].state is State.REVERSED:
        return
    made = with_it.reverse("d1")
    assert with_it.unrestored("d1") == ()
    assert not made.waiting or with_it.decisions["d1"].measure in GRAVE
    assert with_it.seen().bindings == never.seen().bindings
    assert with_it.seen().rungs == never.seen().rungs
    if not (made.waiting and with_it.decisions["d1"].measure is Measure.CLOSE):
        assert with_it.seen().balances == never.seen().balances
        assert with_it.holdings == never.holdings
