"""What each kind of holding comes to under each measure, and that no rule can break law 4."""

from __future__ import annotations

import pytest

from habeas.core.errors import InvalidInput
from habeas.core.money import Money
from habeas.core.policy import Measure
from habeas.core.property import (
    Holding,
    HoldingOutcome,
    Purse,
    PurseRole,
    Settlement,
    SettlementRules,
)
from habeas.core.property.holdings import (
    Access,
    Balance,
    Data,
    HoldingKind,
    Licence,
    Membership,
    Order,
    OrderStage,
    Unknown,
)
from habeas.core.property.ledger import balances
from habeas.core.property.rules import SAFE, SettlementRule, choices
from habeas.core.property.settlement import Settled, settle
from tests.core.property.owned import BORIS, DAY, NOW, YEAR, occasion


def by_id(settlement: Settlement) -> dict[str, Settled]:
    return {s.before.id: s for s in settlement.settled}


def test_what_boris_owns_under_a_suspension() -> None:
    found = by_id(settle(BORIS, occasion(Measure.SUSPEND), SAFE))
    assert {name: str(s.outcome) for name, s in found.items()} == {
        "wallet": "held", "card": "held", "yen": "held", "prime": "paused", "book": "readable",
        "film": "readable", "placed": "delivered", "paid": "delivered", "shipped": "delivered",
        "returning": "delivered", "speaker": "kept", "photos": "kept", "points": "ask",
    }  # fmt: skip
    assert found["card"].after == Balance("card", "EUR", 0, 50_00, card=True)
    assert found["prime"].after == Membership("prime", Money(49_00, "EUR"), YEAR, 100 * DAY, None)


def test_what_boris_owns_when_he_is_closed() -> None:
    settlement = settle(BORIS, occasion(Measure.CLOSE), SAFE)
    found = by_id(settlement)
    assert {name: str(s.outcome) for name, s in found.items()} == {
        "wallet": "paid_out", "card": "paid_out", "yen": "paid_out", "prime": "refunded",
        "book": "readable", "film": "readable", "placed": "cancelled", "paid": "refunded",
        "shipped": "delivered", "returning": "refunded", "speaker": "freed", "photos": "exported",
        "points": "ask",
    }  # fmt: skip
    assert [s.before.id for s in settlement.for_a_person] == ["points"]
    assert balances(settlement.entries) == {
        (Purse(PurseRole.CUSTOMER, "balance", "boris"), "EUR"): -20_00,
        (Purse(PurseRole.CUSTOMER, "balance", "boris"), "JPY"): -700,
        (Purse(PurseRole.CUSTOMER, "gift_card", "boris"), "EUR"): -50_00,
        (Purse(PurseRole.REVENUE, "membership"), "EUR"): -13_42,  # 100 of 365 days of EUR 49
        (Purse(PurseRole.REVENUE, "order"), "EUR"): -38_00,
        (Purse(PurseRole.PAYOUTS, "balance", "boris"), "EUR"): 20_00,
        (Purse(PurseRole.PAYOUTS, "balance", "boris"), "JPY"): 700,
        (Purse(PurseRole.PAYOUTS, "gift_card", "boris"), "EUR"): 50_00,
        (Purse(PurseRole.PAYOUTS, "membership", "boris"), "EUR"): 13_42,
        (Purse(PurseRole.PAYOUTS, "order", "boris"), "EUR"): 38_00,
    }


@pytest.mark.parametrize(
    ("holding", "measure", "outcome"),
    [
        (Unknown("x", "points"), Measure.CLOSE, None),
        (Balance("x", "EUR", None), Measure.CLOSE, None),
        (Balance("x", "EUR", -5), Measure.SUSPEND, None),
        (Balance("x", "EUR", 5, -5), Measure.CLOSE, None),
        (Membership("x", None, YEAR, DAY, NOW), Measure.CLOSE, None),
        (Membership("x", Money(5, "EUR"), 0, DAY, NOW), Measure.CLOSE, None),
        (Membership("x", Money(-500, "EUR"), YEAR, YEAR, NOW), Measure.CLOSE, None),
        (Order("x", OrderStage.PAID, None), Measure.CLOSE, None),
        (Order("x", OrderStage.RETURNING, None), Measure.CLOSE, None),
        (Licence("x", None), Measure.CLOSE, HoldingOutcome.REFUNDED),
        (Licence("x", Money(-1, "EUR")), Measure.CLOSE, HoldingOutcome.REFUNDED),
        (Data("x"), Measure.CLOSE, HoldingOutcome.ASK),
    ],
)
def test_what_cannot_be_told_stays_with_the_customer_for_a_person(
    holding: Holding, measure: Measure, outcome: HoldingOutcome | None
) -> None:
    rule = SettlementRule(holding.kind, measure, outcome, "a reason") if outcome else None
    found = settle([holding], occasion(measure), SettlementRules((rule,) if rule else ()))
    [one] = found.for_a_person
    assert one.before == holding
    assert one.why
    assert found.entries == ()
    if not isinstance(holding, Membership):
        assert one.after == holding


def test_a_closing_that_waits_for_a_person_unlocks_what_was_withheld() -> None:
    rules = SettlementRules(
        (
            SettlementRule(
                HoldingKind.LICENCE, Measure.CLOSE, HoldingOutcome.REFUNDED, "the film was a rental"
            ),
        )
    )
    found = settle([Licence("film", None, Access.WITHHELD)], occasion(Measure.CLOSE), rules)
    assert found.for_a_person[0].after == Licence("film", None, Access.READ)


@pytest.mark.parametrize(
    ("measure", "outcome", "before", "after", "told"),
    [
        (
            Measure.SUSPEND,
            HoldingOutcome.WITHHELD,
            Access.FULL,
            Access.WITHHELD,
            HoldingOutcome.WITHHELD,
        ),
        (
            Measure.SUSPEND,
            HoldingOutcome.READABLE,
            Access.WITHHELD,
            Access.WITHHELD,
            HoldingOutcome.READABLE,
        ),
        (
            Measure.CLOSE,
            HoldingOutcome.READABLE,
            Access.WITHHELD,
            Access.READ,
            HoldingOutcome.READABLE,
        ),
        (
            Measure.CLOSE,
            HoldingOutcome.REFUNDED,
            Access.FULL,
            Access.RETURNED,
            HoldingOutcome.REFUNDED,
        ),
        (
            Measure.CLOSE,
            HoldingOutcome.REFUNDED,
            Access.RETURNED,
            Access.RETURNED,
            HoldingOutcome.KEPT,
        ),
    ],
)
def test_licences(
    measure: Measure, outcome: HoldingOutcome, before: Access, after: Access, told: HoldingOutcome
) -> None:
    rules = SettlementRules((SettlementRule(HoldingKind.LICENCE, measure, outcome, "a reason"),))
    [one] = settle([Licence("b", Money(999, "EUR"), before)], occasion(measure), rules).settled
    assert (one.after, one.outcome) == (Licence("b", Money(999, "EUR"), after), told)
    assert (one.entry is not None) == (told is HoldingOutcome.REFUNDED)


@pytest.mark.parametrize("stage", [OrderStage.CANCELLED, OrderStage.REFUNDED])
def test_an_order_that_is_over_is_not_paid_back_again(stage: OrderStage) -> None:
    order = Order("o", stage, Money(5, "EUR"))
    [one] = settle([order], occasion(Measure.CLOSE), SAFE).settled
    assert (one.after, one.outcome, one.entry) == (order, HoldingOutcome.KEPT, None)


def test_more_time_than_the_period_is_paid_back_as_the_whole_price() -> None:
    member = Membership("m", Money(49_00, "EUR"), 30 * DAY, YEAR, NOW)
    [entry] = settle([member], occasion(Measure.CLOSE), SAFE).entries
    assert [p.money.amount for p in entry.postings] == [-49_00, 49_00]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            [SettlementRule(HoldingKind.BALANCE, Measure.WARN, HoldingOutcome.HELD, "x")],
            "the rule for balance under warn cannot be 'held'",
        ),
        (
            [SettlementRule(HoldingKind.MEMBERSHIP, Measure.SUSPEND, HoldingOutcome.KEPT, "x")],
            "cannot be 'kept'",
        ),
        (
            [SettlementRule(HoldingKind.GIFT_CARD, Measure.CLOSE, HoldingOutcome.KEPT, "x")],
            "cannot be 'kept'",
        ),
        (
            [SettlementRule(HoldingKind.LICENCE, Measure.CLOSE, HoldingOutcome.WITHHELD, "x")],
            "cannot be 'withheld'",
        ),
        (
            [SettlementRule(HoldingKind.DATA, Measure.CLOSE, HoldingOutcome.KEPT, "x")],
            "cannot be 'kept'",
        ),
        (
            [SettlementRule(HoldingKind.LICENCE, Measure.SUSPEND, HoldingOutcome.WITHHELD, " ")],
            "gives no reason",
        ),
        (
            [SettlementRule(HoldingKind.ORDER, Measure.CLOSE, HoldingOutcome.DELIVERED, "x")] * 2,
            "is there twice",
        ),
    ],
)
def test_no_rule_can_break_law_4(rules: list[SettlementRule], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        SettlementRules(tuple(rules))


def test_a_rules_reason_is_what_the_customer_is_told() -> None:
    rules = SettlementRules(
        (
            SettlementRule(
                HoldingKind.LICENCE, Measure.SUSPEND, HoldingOutcome.WITHHELD, "the card was stolen"
            ),
        )
    )
    [one] = settle([Licence("b", None)], occasion(Measure.SUSPEND), rules).settled
    assert one.why == "the card was stolen"


def test_every_outcome_says_why_and_every_kind_has_a_safe_one() -> None:
    assert all(outcome.why for outcome in HoldingOutcome)
    assert all(choices(kind, measure) for kind in HoldingKind for measure in Measure)
