"""Law 6: what is reversed is as if it had never been, whatever else was decided, ended, held,
released or paid in meanwhile; and the old rule does not fire again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.appeal.reversal import Snapshot, proved
from habeas.core.decision import Decision, DecisionState
from habeas.core.decision.proposals import (
    Circumstances,
    PassedFinding,
    PassReason,
    Rung,
    propose,
    rung,
)
from habeas.core.decision.standing import standing
from habeas.core.errors import IllegalMove, InvalidInput
from habeas.core.policy import Measure
from habeas.core.policy.measures import GRAVE
from habeas.core.policy.plans import Mode
from habeas.core.property import Holding, SettlementRules
from habeas.core.property.custody import restoring
from habeas.core.property.holdings import Balance, Device, Licence
from habeas.core.property.ledger import balances, complaints
from habeas.core.property.settlement import Act, applied
from tests.core.appeal.casework import DAY, DORA, HOUR, NOW, POLICY, declared, finding
from tests.core.appeal.courts import Account, bound
from tests.core.property.owned import BORIS, OWNED, RULES
from tests.core.samples import often

MEASURES = st.sampled_from(Measure)
LATER = st.sampled_from([0, 1, 40 * DAY, 400 * DAY])


@often
@given(OWNED, MEASURES, RULES, LATER)
def test_do_and_undo_equals_nothing(
    own: list[Holding], measure: Measure, rules: SettlementRules, later: int
) -> None:
    world = Account(tuple(own), rules=rules)
    before = world.seen()
    world.decide(bound(measure, "d1"))
    world.now += later if measure in GRAVE else 0  # or time runs on, as it should
    made = world.reverse("d1")
    assert proved(before, world.seen()) == ()
    assert made.staying == ()
    assert made.overruled == ("e1 d1", "e2 d1")
    assert made.apology
    assert made.entries == tuple(e for s in made.settlements for e in s.entries)
    assert world.decisions["d1"].state is DecisionState.REVERSED
    assert world.follow() == ()


OWN: tuple[Holding, ...] = (Balance("card", "EUR", 50_00, card=True), Licence("book", None))


def card(world: Account) -> tuple[int | None, int]:
    found = next(h for h in world.holdings if isinstance(h, Balance))
    return found.free, found.held


def test_trap_an_account_came_back_without_its_paid_balance() -> None:
    """Closed on top of a suspension that ran out meanwhile: the money is not held for ever."""
    world = Account(OWN)
    world.decide(bound(Measure.SUSPEND, "d2"))
    world.decide(bound(Measure.CLOSE, "d1"))
    assert card(world) == (0, 0)
    world.lift("d2")
    assert card(world) == (0, 0), "it was paid out"
    made = world.reverse("d1")
    assert [s.act for s in made.settlements] == [Act.UNDO]
    assert card(world) == (50_00, 0)
    assert standing("boris", world.decisions.values(), world.now).may("orders")
    assert balances(world.entries) == Account(OWN).seen().balances


def test_what_another_suspension_asks_for_as_well_stays_until_that_is_over() -> None:
    world = Account(OWN)
    world.decide(bound(Measure.SUSPEND, "d1"))
    world.decide(bound(Measure.SUSPEND, "d2"))
    assert len(world.recorded) == 1, "two suspensions hold once"
    made = world.reverse("d1")
    assert made.settlements == ()
    assert made.staying == (world.recorded[0].id,)
    assert card(world) == (0, 50_00)
    assert world.unrestored("d1") == (), "the customer is answered before d2 is over"
    world.lift("d2")
    assert card(world) == (50_00, 0)
    assert world.holdings == OWN
    assert world.unrestored("d1") == ()


@pytest.mark.parametrize("measure", [Measure.WARN, Measure.LIMIT])
def test_what_holds_nothing_keeps_nothing(measure: Measure) -> None:
    world = Account(OWN)
    world.decide(bound(Measure.SUSPEND, "d1"))
    world.decide(bound(measure, "d2"))
    assert world.reverse("d1").staying == ()
    assert card(world) == (50_00, 0)


def test_a_suspension_under_a_closing_leaves_it_as_it_is() -> None:
    world = Account(OWN)
    world.decide(bound(Measure.SUSPEND, "d1"))
    world.decide(bound(Measure.CLOSE, "d2"))
    assert world.reverse("d1").settlements == ()
    assert world.reverse("d2").staying == ()
    assert card(world) == (50_00, 0)


def test_what_a_later_closing_would_have_paid_out_stays_paid_out() -> None:
    world = Account(OWN)
    world.decide(bound(Measure.CLOSE, "d1"))
    world.lift("d1")
    world.pay_in(7)
    world.now += DAY
    world.decide(bound(Measure.CLOSE, "d2", world.now))
    assert len(world.reverse("d1").staying) == 1
    assert card(world) == (0, 0)
    world.reverse("d2")
    assert card(world) == (50_07, 0)


def test_what_comes_to_a_closed_account_is_paid_out_as_well() -> None:
    world = Account(OWN)
    world.decide(bound(Measure.CLOSE, "d1"))
    world.pay_in(7)
    assert card(world) == (0, 0)
    world.reverse("d1")
    assert card(world) == (50_07, 0)


def test_an_emergency_that_closed_is_undone_to_before_it_suspended() -> None:
    world = Account(OWN)
    before = world.seen()
    made = declared()
    world.decide(made)
    told = replace(made, noticed_us=NOW, approved_us=NOW, approvers=(DORA,))
    world.decide(told)
    acts = [(s.act, s.occasion.measure) for s in world.recorded]
    assert acts == [
        (Act.SETTLE, Measure.SUSPEND),
        (Act.RELEASE, Measure.SUSPEND),
        (Act.SETTLE, Measure.CLOSE),
    ]
    world.reverse("d1")
    assert proved(before, world.seen()) == ()


def test_however_often_it_is_suspended_no_entry_has_the_id_of_another() -> None:
    world = Account(tuple(BORIS))
    before = world.seen()
    for i in range(3):
        world.decide(bound(Measure.SUSPEND, f"d{i}"))
        world.lift(f"d{i}")
    world.decide(bound(Measure.SUSPEND, "d9"))
    assert card(world) == (0, 20_00)
    for name in list(world.decisions):
        world.reverse(name)
    assert proved(before, world.seen()) == ()
    assert complaints(world.entries) == []


def test_a_closing_that_was_lifted_still_paid_out() -> None:
    """It was right until then: nothing is called back, and nothing below it is touched."""
    world = Account(OWN)
    world.decide(bound(Measure.SUSPEND, "d2"))
    world.decide(bound(Measure.CLOSE, "d1"))
    world.lift("d2")
    world.lift("d1")
    assert card(world) == (0, 0)


@pytest.mark.parametrize("state", [DecisionState.REVERSED, DecisionState.REFUSED])
def test_a_decision_is_reversed_once(state: DecisionState) -> None:
    world = Account(OWN)
    world.decide(bound(Measure.SUSPEND, "d1"))
    world.decisions["d1"] = replace(world.decisions["d1"], state=state)
    with pytest.raises(IllegalMove, match="there is nothing to reverse"):
        world.reversal("d1")


def test_whoever_approved_it_does_not_reverse_it() -> None:
    world = Account(OWN)
    world.decide(bound(Measure.SUSPEND, "d1"))
    with pytest.raises(IllegalMove, match="law 7"):
        world.reversal("d1", by=(DORA,))


def test_a_settlement_without_its_decision_is_told() -> None:
    world = Account(OWN)
    world.decide(bound(Measure.SUSPEND, "d1"))
    with pytest.raises(InvalidInput, match="is of a decision that is not given"):
        restoring(world.recorded, [], world.stands)


def test_nobody_is_owed_a_word_about_what_they_never_heard_of() -> None:
    world = Account(OWN)
    pending = bound(
        Measure.CLOSE, "d1", state=DecisionState.APPROVED, noticed_us=None, in_force_us=None
    )
    world.decisions["d1"] = pending
    made = world.reverse("d1")
    assert (made.apology, made.settlements) == (False, ())


EVIDENCE = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=4, unique=True)


@often
@given(EVIDENCE, EVIDENCE, st.integers(0, 3), st.sampled_from([0, HOUR, 400 * DAY]))
def test_trap_the_old_rule_fired_again_after_a_reversal(
    was: list[str], is_now: list[str], at_step: int, later: int
) -> None:
    """The same evidence or a part of it proposes nothing; what is new as well is for a person."""
    first = finding(at_step, name="f1", events=tuple(was))
    made = propose(first, POLICY, Circumstances(NOW, Mode.ENFORCE))
    assert isinstance(made, Decision)
    world = Account(())
    world.decisions[made.id] = replace(made, state=DecisionState.IN_FORCE, in_force_us=NOW)
    overruled = world.reverse(made.id).overruled
    assert set(overruled) == set(was)
    given_ = Circumstances(NOW + later, Mode.ENFORCE, decisions=tuple(world.decisions.values()))
    again = propose(first, POLICY, given_)
    assert isinstance(again, PassedFinding)
    assert again.why is PassReason.KNOWN
    other = finding(at_step, name="f2", events=tuple(is_now))
    found = propose(other, POLICY, given_)
    if set(is_now) <= set(overruled):
        assert isinstance(found, PassedFinding)
        assert found.why is PassReason.OVERRULED
    else:
        assert isinstance(found, Decision)
        assert (
            found.review == bool(set(is_now) & set(overruled)) or POLICY.ladder[found.index].review
        )


@often
@given(st.lists(MEASURES, max_size=3), MEASURES, LATER)
def test_standing_and_ladder_are_as_they_were(
    before: list[Measure], measure: Measure, later: int
) -> None:
    others = tuple(bound(m, f"o{i}") for i, m in enumerate(before))
    world = Account(OWN, decisions={d.id: d for d in others})
    given_ = Circumstances(NOW + later, Mode.ENFORCE, decisions=others)
    world.decisions["d1"] = bound(measure, "d1")
    world.now += later
    world.reverse("d1")
    now = replace(given_, decisions=tuple(world.decisions.values()))
    assert rung("boris", POLICY.name, now) == rung("boris", POLICY.name, given_)
    seen = standing("boris", world.decisions.values(), world.now)
    assert seen == standing("boris", others, world.now)
    assert world.seen() == world.seen(without=["d1"])


def differing(**changes: object) -> tuple[Snapshot, Snapshot]:
    world = Account(tuple(BORIS))
    world.decide(bound(Measure.LIMIT, "d1"))
    seen = world.seen()
    return seen, replace(seen, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"account": "chen"}, ["chen is not boris"]),
        ({"bindings": ()}, ["decision d1 no longer binds, other than before"]),
        ({"rungs": {}}, ["on the ladder of returns-abuse it is at step 0 instead of 2"]),
        (
            {"holdings": (*BORIS[:-1], Device("kettle"))},
            ["the holding kettle was not there", "the holding points is gone"],
        ),
        (
            {"holdings": tuple(BORIS), "now_us": NOW + DAY},
            ["the holding prime is", "instead of"],
        ),
    ],
)  # fmt: skip
def test_every_difference_is_named(changes: dict[str, object], said: list[str]) -> None:
    before, after = differing(**changes)
    found = proved(before, after)
    assert len(found) == max(1, len(said) - ("now_us" in changes))
    for part in said:
        assert part in "\n".join(found)
    assert proved(before, before) == ()


def test_a_missing_cent_is_named_on_both_sides() -> None:
    before, _ = differing()
    purse = next(p for p in before.balances if p[0].account and p[1] == "JPY")
    less = {k: v - (k == purse) for k, v in before.balances.items()}
    found = proved(before, replace(before, balances=less))
    assert found == (f"{purse[0]} has JPY\u00a0699 instead of JPY\u00a0700",)
    gone = {k: v for k, v in before.balances.items() if k != purse}
    assert proved(replace(before, balances=gone), before)
    assert proved(replace(before, bindings=()), before) == ("decision d1 binds, other than before",)


def test_a_reversal_that_was_left_half_done_is_not_proved() -> None:
    """The decision is reversed, the mail is ready, and the money is still held."""
    world = Account(OWN)
    before = world.seen()
    world.decide(bound(Measure.SUSPEND, "d1"))
    made = world.reversal("d1")
    world.decisions["d1"] = replace(world.decisions["d1"], state=DecisionState.REVERSED)
    told = proved(before, world.seen())
    assert len(told) == 4, told  # two holdings, two purses
    told = world.unrestored("d1")
    assert told == (f"settlement {world.recorded[0].id} is to be taken back",)
    world.holdings = applied(world.holdings, made.settlements[0])
    world.entries += made.entries
    assert proved(before, world.seen()) == ()
    assert world.seen().rungs.get(POLICY.name, Rung()) == Rung()


def test_the_record_tells_what_was_not_given_back() -> None:
    world = Account(OWN)
    world.decide(bound(Measure.SUSPEND, "d1"))
    assert "decision d1 is in_force" in world.unrestored("d1")
    made = world.reverse("d1").settlements[0]
    assert world.unrestored("d1") == ()
    money, book = made.settled
    for less, said in (
        ((money,), "the holding book was given back 0 times, or not as it was"),
        ((book,), "the holding card was given back 0 times, or not as it was"),
        ((replace(money, entry=None), book), "the holding card was given back 1 times"),
        (
            (replace(money, after=Balance("card", "EUR", 1)), book),
            "the holding card was given back 1 times",
        ),
        ((money, book, book), "the holding book was given back 2 times"),
        ((money, book, replace(book, before=Device("tv"))), "the holding tv was given back, and"),
    ):
        world.recorded[-1] = replace(made, settled=less)
        assert any(said in why for why in world.unrestored("d1")), said
