"""What customers own, for the tests of holdings and settlement."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from habeas.core.money import Money
from habeas.core.policy import Measure
from habeas.core.property import Entry, Holding, Purse, PurseRole, SettlementRules
from habeas.core.property.holdings import (
    Access,
    Balance,
    Data,
    Device,
    HoldingKind,
    Licence,
    Membership,
    Order,
    OrderStage,
    Unknown,
)
from habeas.core.property.ledger import moved
from habeas.core.property.rules import SettlementRule, choices
from habeas.core.property.settlement import SettlementCause

DAY = 86_400_000_000
YEAR = 365 * DAY
NOW = 1000 * DAY
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])
AMOUNTS = st.integers(0, 10**9)
PRICES = st.none() | st.builds(Money, AMOUNTS, CURRENCIES)
IDS = st.just("")  # each gets its own in the list

HOLDINGS: st.SearchStrategy[Holding] = st.one_of(
    st.builds(
        Balance, IDS, CURRENCIES, st.none() | st.integers(-100, 10**9), AMOUNTS, st.booleans()
    ),
    st.builds(
        Membership, IDS, PRICES, st.sampled_from([0, 30 * DAY, YEAR]),
        st.sampled_from([0, DAY, 20 * DAY, 200 * DAY, YEAR]),
        st.sampled_from([None, NOW - 9 * DAY, NOW - 1, NOW]),
    ),
    st.builds(Licence, IDS, PRICES, st.sampled_from(Access)),
    st.builds(Order, IDS, st.sampled_from(OrderStage), PRICES),
    st.builds(Device, IDS, st.booleans()),
    st.builds(Data, IDS, st.booleans()),
    st.builds(Unknown, IDS, st.text(max_size=5)),
)  # fmt: skip
OWNED = st.lists(HOLDINGS, max_size=6).map(
    lambda own: [replace(holding, id=f"h{i}") for i, holding in enumerate(own)]
)
RULE = st.sampled_from([(k, m) for k in HoldingKind for m in Measure]).flatmap(
    lambda km: st.builds(
        SettlementRule,
        st.just(km[0]),
        st.just(km[1]),
        st.sampled_from(choices(*km)),
        st.just("see 4.2"),
    )
)
RULES = st.lists(RULE, max_size=4, unique_by=lambda r: (r.kind, r.measure)).map(
    lambda rules: SettlementRules(tuple(rules))
)


def occasion(measure: Measure, time_us: int = NOW, decision: str = "d1") -> SettlementCause:
    return SettlementCause(decision, "boris", measure, time_us)


def opening(holdings: list[Holding], account: str = "boris") -> list[Entry]:
    """The entries by which the balances came to be what they are."""
    entries = []
    for holding in holdings:
        if isinstance(holding, Balance):
            parts = [(PurseRole.CUSTOMER, holding.free or 0), (PurseRole.HELD, holding.held)]
            for role, amount in parts:
                if amount:
                    money = Money(amount, holding.currency)
                    source = Purse(PurseRole.PLATFORM, holding.kind)
                    target = Purse(role, holding.kind, account)
                    name = f"open {holding.id} {role}"
                    entries.append(moved(name, 0, "as it was", source, target, money))
    return entries


BORIS: list[Holding] = [
    Balance("wallet", "EUR", 20_00),
    Balance("card", "EUR", 50_00, card=True),
    Balance("yen", "JPY", 700),
    Membership("prime", Money(49_00, "EUR"), YEAR, 200 * DAY, NOW - 100 * DAY),
    Licence("book", Money(9_99, "EUR")),
    Licence("film", None),
    Order("placed", OrderStage.PLACED, Money(5_00, "EUR")),
    Order("paid", OrderStage.PAID, Money(30_00, "EUR")),
    Order("shipped", OrderStage.SHIPPED, Money(12_00, "EUR")),
    Order("returning", OrderStage.RETURNING, Money(8_00, "EUR")),
    Device("speaker"),
    Data("photos"),
    Unknown("points", "loyalty points"),
]
