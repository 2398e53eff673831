"""What the standing asks of holdings: held once, given back once, and a person's answers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from habeas.core.appeal import AppealState
from habeas.core.appeal.appeals import Interim
from habeas.core.decision import Actor
from habeas.core.errors import IllegalMove
from habeas.core.money import Money
from habeas.core.policy import Measure
from habeas.core.property import Holding, HoldingOutcome, SettlementRules
from habeas.core.property.custody import answer, asking, open_to
from habeas.core.property.holdings import Access, Balance, Device, HoldingKind, Licence, Unknown
from habeas.core.property.ledger import complaints
from habeas.core.property.rules import SettlementRule
from habeas.core.property.settlement import Act
from tests.core.appeal.casework import DAY, DORA, EMIL, ROBOT
from tests.core.appeal.courts import Account, bound
from tests.core.appeal.hearing import appeal
from tests.core.property.owned import BORIS

CARD = Balance("card", "EUR", 50_00, card=True)
BOOK = Licence("book", None)
POINTS = Unknown("points", "loyalty points")
REFUND = SettlementRules(
    (
        SettlementRule(
            HoldingKind.LICENCE, Measure.CLOSE, HoldingOutcome.REFUNDED, "books are paid back"
        ),
    )
)


def closed(*own: Holding, rules: SettlementRules = REFUND) -> Account:
    world = Account(own, rules=rules)
    world.decide(bound(Measure.CLOSE, "d1"))
    return world


def answered(
    world: Account, name: str, outcome: HoldingOutcome, why: str = "she showed the bill"
) -> None:
    made = answer(world.custody, world.stands, name, outcome, by=EMIL, why=why)
    assert made.by == EMIL
    world.carry_out([made])


def has(world: Account, name: str) -> Holding:
    return next(h for h in world.holdings if h.id == name)


def test_an_answer_has_ids_of_its_own_and_is_given_back_like_the_rest() -> None:
    world = closed(CARD, BOOK, POINTS)
    before = world.seen(without=["d1"]).holdings
    assert set(asking(world.recorded)) == {"book", "points"}
    answered(world, "book", HoldingOutcome.READABLE)
    answered(world, "points", HoldingOutcome.KEPT)
    assert asking(world.recorded) == {}
    assert [s.act for s in world.recorded] == [Act.SETTLE, Act.SETTLE, Act.ANSWER]
    assert len({s.id for s in world.recorded}) == 3
    assert has(world, "book") == replace(BOOK, access=Access.READ)
    assert world.follow() == (), "nobody is asked twice"
    world.reverse("d1")
    assert world.unrestored("d1") == ()
    assert set(world.holdings) == {CARD, BOOK, POINTS}
    assert before != world.holdings
    assert complaints(world.entries) == []


@pytest.mark.parametrize(
    ("name", "outcome", "by", "why", "said"),
    [
        ("card", HoldingOutcome.PAID_OUT, EMIL, "x", "the holding card awaits no answer"),
        ("gone", HoldingOutcome.KEPT, EMIL, "x", "the holding gone awaits no answer"),
        ("book", HoldingOutcome.READABLE, ROBOT, "x", "a person answers, and says why"),
        ("book", HoldingOutcome.READABLE, EMIL, " ", "a person answers, and says why"),
        ("book", HoldingOutcome.WITHHELD, EMIL, "x", "book cannot be 'withheld'"),
        ("book", HoldingOutcome.ASK, EMIL, "x", "book cannot be 'ask'"),
        ("book", HoldingOutcome.REFUNDED, EMIL, "x", "'refunded': its price is not known"),
        ("points", HoldingOutcome.PAID_OUT, EMIL, "x", "points cannot be 'paid_out'"),
    ],
)
def test_an_answer_breaks_no_law(
    name: str, outcome: HoldingOutcome, by: Actor, why: str, said: str
) -> None:
    world = closed(CARD, BOOK, POINTS)
    with pytest.raises(IllegalMove, match=said):
        answer(world.custody, world.stands, name, outcome, by=by, why=why)


def test_what_the_platform_tells_later_is_settled_without_an_answer() -> None:
    world = closed(CARD, BOOK)
    world.holdings = (world.holdings[0], replace(BOOK, price=Money(9_99, "EUR")))
    [made] = world.follow()
    assert [s.outcome for s in made.settled] == [HoldingOutcome.REFUNDED]
    assert asking(world.recorded) == {}


def test_a_question_ends_with_the_measure_under_which_it_was_asked() -> None:
    world = closed(POINTS)
    assert asking(world.recorded)
    world.lift("d1")
    assert asking(world.recorded) == {}


def test_what_changed_since_keeps_nothing_else_back_and_is_told_until_answered() -> None:
    """The speaker is another customer's by now."""
    world = closed(CARD, Device("speaker"))
    world.holdings = (world.holdings[0],)
    made = world.reverse("d1")
    assert has(world, "card") == CARD
    assert [s.before.id for s in made.settlements[0].for_a_person] == ["speaker"]
    assert world.unrestored("d1") == ("the holding speaker awaits a person",)
    assert open_to(Device("speaker"), world.stands) == (HoldingOutcome.KEPT,)
    answered(world, "speaker", HoldingOutcome.KEPT, "she was sent another one")
    assert world.unrestored("d1") == ()
    assert world.follow() == ()


def test_a_rule_that_is_new_does_not_touch_what_was_settled() -> None:
    world = Account((CARD, BOOK))
    world.decide(bound(Measure.SUSPEND, "d1"))
    world.rules = SettlementRules(
        (
            SettlementRule(
                HoldingKind.LICENCE, Measure.SUSPEND, HoldingOutcome.WITHHELD, "a new rule"
            ),
        )
    )
    assert world.follow() == ()
    world.holdings = (*world.holdings, Licence("film", None))
    [made] = world.follow()
    assert [s.before.id for s in made.settled] == ["film"]


def test_interim_relief_frees_what_is_held_and_the_ruling_holds_what_is_left() -> None:
    world = Account(tuple(BORIS))
    made = world.decide(bound(Measure.SUSPEND, "d1"))
    eased = replace(appeal([made]), interim=Interim(world.now, DORA, "she cannot pay her rent"))
    world.appeals.append(eased)
    world.follow()
    assert has(world, "card") == CARD
    world.now += DAY
    world.appeals = [replace(eased, state=AppealState.RULED)]
    world.follow()
    assert has(world, "card") == replace(CARD, free=0, held=50_00)
    assert complaints(world.entries) == []
