"""Law 6 in lives of many decisions: overlapping suspensions and closings, emergencies, ends,
interim relief, money and books that come in, in every order. At each moment the account equals
the one on which the reversed decisions had never been: standing, holdings, ledger, ladder."""

from __future__ import annotations

import os
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.core.appeal.reversal import proved
from habeas.core.decision import DecisionState
from habeas.core.policy import Measure
from habeas.core.property import Holding, PurseRole, SettlementRules
from habeas.core.property.custody import asking, following
from habeas.core.property.holdings import Access, Balance, Licence
from habeas.core.property.ledger import balances, complaints
from tests.budgets import examples
from tests.core.appeal.casework import DAY, HOUR
from tests.core.appeal.courts import Account
from tests.core.appeal.lives import Life, Move, members
from tests.core.property.owned import HOLDINGS, OWNED, RULES

# how many lives; a night may ask for more
MANY = settings(max_examples=int(os.environ.get("HABEAS_LIVES", examples(400))))

NAMES = st.sampled_from(["d1", "d2", "d3", "d4"])
GRAVER = st.sampled_from([*Measure, Measure.SUSPEND, Measure.CLOSE])
LENGTHS = st.sampled_from([0, 0, DAY, 3 * DAY])
WAITS = st.sampled_from([1, HOUR, DAY, 2 * DAY, 400 * DAY])
MOVE = st.one_of(
    st.builds(Move, st.just("decide"), NAMES, GRAVER, LENGTHS),
    st.builds(Move, st.just("decide"), NAMES, st.just(Measure.CLOSE)),
    st.builds(Move, st.just("declare"), NAMES, GRAVER, LENGTHS),
    st.builds(Move, st.just("lift"), NAMES),
    st.builds(Move, st.sampled_from(["confirm", "ease", "uphold"]), NAMES),
    st.builds(Move, st.just("reverse"), NAMES),
    st.builds(Move, st.sampled_from(["wait", "wait unseen"]), amount=WAITS),
    st.builds(Move, st.just("pay in"), amount=st.integers(1, 1000)),
    # money is paid in; a balance of its own would need its opening entry
    st.builds(
        Move,
        st.just("arrive"),
        holding=HOLDINGS.filter(lambda one: not isinstance(one, Balance)),
    ),
)
MOVES = st.integers(3, 16).flatmap(lambda n: st.lists(MOVE, min_size=n, max_size=n))


@MANY
@given(OWNED, RULES, MOVES)
def test_it_is_as_if_the_reversed_had_never_been(
    own: list[Holding], rules: SettlementRules, moves: list[Move]
) -> None:
    life = Life.begun(own, rules)
    for move in [*moves, *(Move("reverse", name) for name in ("d2", "d1"))]:
        if life.live(move):
            nothing_is_left_to_do(life.world)
            nobody_is_charged_and_nothing_bought_is_locked(life.world)
        if move.kind == "reverse":
            as_if_never(life)
    the_ledger_says_what_the_holdings_say(life.world)
    nothing_is_written_twice(life)


def as_if_never(life: Life) -> None:
    world = life.world
    gone = [d.id for d in world.decisions.values() if d.state is DecisionState.REVERSED]
    never = life.without(gone)
    assert proved(never.seen(), world.seen()) == ()
    assert [world.unrestored(name) for name in gone] == [()] * len(gone)


def nothing_is_left_to_do(world: Account) -> None:
    decisions = list(world.decisions.values())
    assert following(world.custody, decisions, world.stands, world.rules) == ()


def nobody_is_charged_and_nothing_bought_is_locked(world: Account) -> None:
    asked, closed = asking(world.recorded), world.stands.closed
    if world.stands.suspended or closed:
        assert all(m.next_charge_us is None for m in members(world))
    for one in world.holdings if closed else ():
        if isinstance(one, Balance):
            assert (one.free, one.held) == (0, 0) or one.id in asked
        if isinstance(one, Licence):
            assert one.access is not Access.WITHHELD


def the_ledger_says_what_the_holdings_say(world: Account) -> None:
    money = Counter[tuple[str, str, str]]()
    for one in world.holdings:
        if isinstance(one, Balance):
            money[PurseRole.CUSTOMER, one.kind, one.currency] += one.free or 0
            money[PurseRole.HELD, one.kind, one.currency] += one.held
    for (purse, currency), amount in balances(world.entries).items():
        if purse.role in (PurseRole.CUSTOMER, PurseRole.HELD):
            money[purse.role, purse.kind, currency] -= amount
    assert not any(money.values())


def nothing_is_written_twice(life: Life) -> None:
    inverses = [s for s in life.world.recorded if s.of is not None]
    assert not any(s.for_a_person for s in inverses), "all could be given back"
    ids = [s.id for s in life.world.recorded]
    assert len(ids) == len(set(ids))
    if not any(isinstance(h, Balance) and (h.free or 0) < 0 for h in life.own):
        assert complaints(life.world.entries) == []
