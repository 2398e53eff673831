"""The ledger: nothing appears or vanishes, what is undone is as if it had not been, and a part is
never lost in a division."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import InvalidInput
from habeas.core.money import Money
from habeas.core.property import Entry, Purse, PurseRole
from habeas.core.property.ledger import (
    INVARIANTS,
    LARGEST,
    Posting,
    allocate,
    balances,
    complaints,
    moved,
    reversed_entry,
    sums,
)
from tests.core.samples import calm, often

BORIS = Purse(PurseRole.CUSTOMER, "gift_card", "boris")
HELD = Purse(PurseRole.HELD, "gift_card", "boris")
BANK = Purse(PurseRole.PLATFORM, "gift_card")
EUR_50 = Money(50_00, "EUR")
PURSES = [
    BORIS,
    HELD,
    BANK,
    Purse(PurseRole.PAYOUTS, "balance", "chen"),
    Purse(PurseRole.REVENUE, "licence"),
]


@st.composite
def balanced(draw: st.DrawFn) -> Entry:
    """An entry of up to three currencies, each with up to three purses and their counterpart."""
    postings = []
    for currency in draw(st.sets(st.sampled_from(["EUR", "JPY", "KWD"]), min_size=1)):
        amounts = draw(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=3))
        parts = [a for a in [*amounts, -sum(amounts)] if a]
        postings += [Posting(draw(st.sampled_from(PURSES)), Money(a, currency)) for a in parts]
    if not postings:
        postings = [Posting(BORIS, EUR_50), Posting(BANK, Money(-50_00, "EUR"))]
    return Entry("e", draw(st.integers(0, 2**50)), "a reason", tuple(postings))


LEDGERS = st.lists(balanced(), max_size=5).map(
    lambda entries: [replace(entry, id=f"e{i}") for i, entry in enumerate(entries)]
)


def deposit(name: str = "e1", amount: int = 50_00) -> Entry:
    return moved(name, 1, "a gift card was bought", BANK, BORIS, Money(amount, "EUR"))


def unchecked(entry: Entry, postings: tuple[Posting, ...]) -> Entry:
    """An entry as a damaged table might give it, around the check of its construction."""
    broken = replace(entry)
    object.__setattr__(broken, "postings", postings)
    return broken


@pytest.mark.parametrize(
    ("postings", "said"),
    [
        ((Posting(BORIS, EUR_50),), "the postings of entry e1 sum to EUR\u00a050.00, not zero"),
        (
            (Posting(BORIS, Money(5, "EUR")), Posting(BANK, Money(-5, "JPY"))),
            "sum to EUR\u00a00.05",
        ),
        ((), "entry e1 moves nothing"),
        ((Posting(BORIS, Money(0, "EUR")),), "entry e1 moves nothing"),
    ],
)
def test_an_entry_that_does_not_sum_to_zero_cannot_be_made(
    postings: tuple[Posting, ...], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        Entry("e1", 0, "a reason", postings)


@pytest.mark.parametrize(("name", "why"), [("", "a reason"), ("e1", ""), ("e1", " \n"), (" ", "x")])
def test_an_entry_has_an_id_and_a_reason(name: str, why: str) -> None:
    with pytest.raises(InvalidInput, match="needs an id and a reason"):
        moved(name, 0, why, BANK, BORIS, EUR_50)


@pytest.mark.parametrize(
    ("role", "kind", "account", "said"),
    [
        (PurseRole.HELD, "balance", "", "'held' needs a customer's account"),
        (PurseRole.REVENUE, "balance", "boris", "'revenue' has no customer's account"),
        (PurseRole.REVENUE, "Gift card", "", "'Gift card' is not the name of a kind"),
    ],
)
def test_a_purse_is_somebodys_or_the_platforms(
    role: PurseRole, kind: str, account: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        Purse(role, kind, account)


def test_a_purse_is_told_in_one_word() -> None:
    assert str(HELD) == "held/boris/gift_card"
    assert str(BANK) == "platform/gift_card"


@pytest.mark.parametrize("amount", [1.0, True, "5", None])
def test_money_is_a_whole_number(amount: int) -> None:
    with pytest.raises(ValueError, match="not a whole number of minor units"):
        Money(amount, "EUR")


def test_money_has_a_currency() -> None:
    with pytest.raises(ValueError, match="'euro' is not a currency code"):
        Money(1, "euro")
    assert str(Money(1250, "EUR")) == "EUR\u00a012.50"


@often
@given(LEDGERS)
def test_every_currency_of_every_ledger_sums_to_zero(entries: list[Entry]) -> None:
    for currency in ("EUR", "JPY", "KWD"):
        assert sum(v for (_, c), v in balances(entries).items() if c == currency) == 0
    assert all(not any(sums(e.postings).values()) for e in entries)


@often
@given(LEDGERS, st.integers(0, 5))
def test_balances_are_a_fold_that_may_be_continued(entries: list[Entry], at: int) -> None:
    assert balances(entries[at:], balances(entries[:at])) == balances(entries)


@often
@given(LEDGERS, st.data())
def test_what_is_undone_is_as_if_it_had_not_been(entries: list[Entry], data: st.DataObject) -> None:
    undone = data.draw(st.lists(st.sampled_from(entries), unique=True) if entries else st.just([]))
    kept = [e for e in entries if e not in undone]
    both = [*entries, *(reversed_entry(e, e.time_us + 1, "a ruling") for e in undone)]
    assert balances(both) == balances(kept)
    wrong = [what for what in complaints(both) if "holds" not in what]
    assert wrong == []


@calm
@given(balanced())
def test_an_inverse_is_exact_and_named_after_what_it_undoes(entry: Entry) -> None:
    one = reversed_entry(entry, 9, "a ruling")
    assert one == reversed_entry(entry, 9, "a ruling")
    assert one.reverses == entry.id
    again = reversed_entry(one, 10, "it was right after all")
    assert again.postings == entry.postings
    assert len({entry.id, one.id, again.id}) == 3


WEIGHTS = st.lists(st.integers(0, 10**12), min_size=1, max_size=12).filter(any)


@often
@given(st.integers(-(10**15), 10**15), WEIGHTS)
def test_parts_sum_exactly_and_none_is_a_unit_from_its_share(
    amount: int, weights: list[int]
) -> None:
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(amount * weight, sum(weights))) < 1
        assert weight or not part
    assert parts == tuple(-p for p in allocate(-amount, weights))


@often
@given(st.integers(0, 10**6), WEIGHTS)
def test_a_larger_weight_never_has_a_smaller_part_and_equals_go_by_place(
    amount: int, weights: list[int]
) -> None:
    parts = allocate(amount, weights)
    for i in range(len(parts)):
        for j in range(len(parts)):
            if weights[i] > weights[j] or (weights[i] == weights[j] and i < j):
                assert parts[i] >= parts[j]


@pytest.mark.parametrize(
    ("amount", "weights", "parts"),
    [
        (100, [1, 1, 1], (34, 33, 33)),
        (-100, [1, 1, 1], (-34, -33, -33)),
        (5, [0, 3, 1], (0, 4, 1)),
        (0, [1, 2], (0, 0)),
        (7, [1], (7,)),
        (2, [1, 1, 1], (1, 1, 0)),
        (14_99, [11, 354], (45, 14_54)),
    ],
)
def test_parts_are_known(amount: int, weights: list[int], parts: tuple[int, ...]) -> None:
    assert allocate(amount, weights) == parts


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [3, -1]])
def test_there_is_no_division_by_nothing(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="cannot divide by the weights"):
        allocate(1, weights)


def broken_ledgers() -> list[tuple[Sequence[Entry], str]]:
    one, held = deposit(), moved("e2", 2, "held", BORIS, HELD, EUR_50)
    undo = reversed_entry(one, 3, "a ruling")
    twice = replace(undo, id="e9")
    huge = moved("e1", 1, "too much", BANK, BORIS, Money(LARGEST + 1, "EUR"))
    half = unchecked(one, (Posting(BORIS, EUR_50),))
    other = replace(undo, postings=one.postings)
    return [
        ([half], "entry e1 sums to EUR\u00a050.00"),
        ([one, one], "entry e1 is there 2 times"),
        ([one, undo, twice], "entry e1 is undone twice"),
        ([undo, one], "undoes e1, which is not before it"),
        ([one, other], "is not the inverse of e1"),
        ([held], "after entry e2, customer/boris/gift_card holds -EUR\u00a050.00"),
        ([held, one], "after entry e2, customer/boris/gift_card holds"),
        ([huge], "entry e1 moves more than 64 bits hold"),
        ([deposit("a", LARGEST), deposit("b", LARGEST)], "more EUR than 64 bits hold"),
    ]


@pytest.mark.parametrize(("entries", "said"), broken_ledgers())
def test_an_invariant_that_is_broken_is_told(entries: Sequence[Entry], said: str) -> None:
    assert any(said in what for what in complaints(entries))


def test_a_sound_ledger_has_no_complaints() -> None:
    one, held = deposit(), moved("e2", 2, "held", BORIS, HELD, EUR_50)
    undo = reversed_entry(held, 3, "a ruling")
    assert complaints([]) == complaints([one, held, undo]) == []
    assert sum(map(len, INVARIANTS.values())) == 5


def test_a_payout_that_is_undone_after_it_left_shows_what_is_to_be_settled() -> None:
    gone = Purse(PurseRole.PAYOUTS, "gift_card", "boris")
    paid = moved("e2", 2, "the account is closed", BORIS, gone, EUR_50)
    left = moved("e3", 3, "the bank has paid", gone, BANK, EUR_50)
    entries = [deposit(), paid, left, reversed_entry(paid, 4, "a ruling")]
    assert complaints(entries) == []
    assert balances(entries) == {(BORIS, "EUR"): 50_00, (gone, "EUR"): -50_00}
