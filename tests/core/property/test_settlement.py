"""Law 4, nothing owned is lost, and law 6, what is undone is as it was: for whatever a customer
owns, under every measure and every set of rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import IllegalMove, InvalidInput
from habeas.core.money import Money
from habeas.core.policy import Measure
from habeas.core.policy.measures import GRAVE
from habeas.core.property import Entry, Holding, HoldingOutcome, PurseRole, SettlementRules, ledger
from habeas.core.property.holdings import (
    Access,
    Balance,
    Data,
    Device,
    Licence,
    Membership,
    Order,
    OrderStage,
)
from habeas.core.property.ledger import balances
from habeas.core.property.rules import SAFE
from habeas.core.property.settlement import Act, applied, complaints, fitted, release, settle, undo
from tests.core.property.owned import BORIS, DAY, NOW, OWNED, RULES, YEAR, occasion, opening
from tests.core.samples import often

MEASURES = st.sampled_from(Measure)
LATER = st.sampled_from([NOW, NOW + 1, NOW + 40 * DAY, NOW + 400 * DAY])


def same(one: Holding, two: Holding, one_us: int, two_us: int) -> bool:
    """Equal, with the same time left where a membership stood still in between."""
    if isinstance(one, Membership) and isinstance(two, Membership):
        paused = (one.runs_from_us is None) == (two.runs_from_us is None)
        plain = replace(one, left_us=0, runs_from_us=0) == replace(two, left_us=0, runs_from_us=0)
        return paused and plain and one.left(one_us) == two.left(two_us)
    return one == two


def owed(entries: list[Entry]) -> Counter[str]:
    """All that is the customer's by currency, free, held or on its way."""
    found: Counter[str] = Counter()
    for (purse, currency), amount in balances(entries).items():
        found[currency] += amount if purse.account else 0
    return found


@often
@given(OWNED, MEASURES, RULES)
def test_every_holding_has_one_outcome_with_a_reason_and_money_sums_to_zero(
    own: list[Holding], measure: Measure, rules: SettlementRules
) -> None:
    found = settle(own, occasion(measure), rules)
    assert list(complaints(own, found)) == []
    assert [s.before for s in found.settled] == own
    assert ledger.complaints([*opening(own), *found.entries]) == [] or any(
        isinstance(h, Balance) and (h.free or 0) < 0 for h in own
    )
    assert found == settle(own, occasion(measure), rules), "the same, to its ids (law 10)"
    assert len({e.id for e in found.entries}) == len(found.entries)


@often
@given(OWNED, st.sampled_from([Measure.WARN, Measure.LIMIT]), RULES)
def test_warn_and_limit_touch_nothing(
    own: list[Holding], measure: Measure, rules: SettlementRules
) -> None:
    found = settle(own, occasion(measure), rules)
    assert found.entries == ()
    assert list(found.holdings) == own


@often
@given(OWNED, MEASURES, RULES)
def test_what_is_the_customers_never_grows_less(
    own: list[Holding], measure: Measure, rules: SettlementRules
) -> None:
    before = opening(own)
    after = owed([*before, *settle(own, occasion(measure), rules).entries])
    assert all(after[currency] >= amount for currency, amount in owed(before).items())


@often
@given(OWNED, RULES)
def test_a_close_leaves_no_money_behind(own: list[Holding], rules: SettlementRules) -> None:
    found = settle(own, occasion(Measure.CLOSE), rules)
    asked = {s.before.id for s in found.for_a_person}
    for one in found.settled:
        if isinstance(one.after, Balance) and one.after.id not in asked:
            assert (one.after.free, one.after.held) == (0, 0)
            assert isinstance(one.before, Balance)
            paid = (
                sum(p.money.amount for p in one.entry.postings if p.purse.role is PurseRole.PAYOUTS)
                if one.entry
                else 0
            )
            assert paid == (one.before.free or 0) + one.before.held


@often
@given(OWNED, MEASURES, RULES, LATER)
def test_undone_it_is_as_it_was(
    own: list[Holding], measure: Measure, rules: SettlementRules, later: int
) -> None:
    later = later if measure in GRAVE else NOW  # or time runs on, as it should
    done = settle(own, occasion(measure), rules)
    undone = undo(done, later)
    back = applied(applied(own, done), undone)
    assert all(same(a, b, NOW, later) for a, b in zip(own, back, strict=True))
    entries = opening(own)
    assert balances([*entries, *done.entries, *undone.entries]) == balances(entries)
    assert len(undone.settled) == sum(s.changes for s in done.settled), "each once"


@often
@given(OWNED, RULES, LATER)
def test_released_money_is_free_time_runs_and_books_are_whole(
    own: list[Holding], rules: SettlementRules, later: int
) -> None:
    done = settle(own, occasion(Measure.SUSPEND), rules)
    freed = release(done, later)
    back = applied(applied(own, done), freed)
    assert all(same(a, b, NOW, later) for a, b in zip(own, back, strict=True))
    assert undo(done, later).settled == freed.settled, "a suspension does nothing for good"
    entries = [*opening(own), *done.entries, *freed.entries]
    held = {k: v for k, v in balances(entries).items() if k[0].role is PurseRole.HELD}
    first = {k: v for k, v in balances(opening(own)).items() if k[0].role is PurseRole.HELD}
    assert held == first


@often
@given(OWNED, st.sampled_from(GRAVE), RULES, LATER)
def test_what_ended_and_is_then_reversed_gives_nothing_twice(
    own: list[Holding], measure: Measure, rules: SettlementRules, later: int
) -> None:
    done = settle(own, occasion(measure), rules)
    freed = release(done, later)
    undone = undo(done, later, released=freed)
    back = applied(applied(applied(own, done), freed), undone)
    assert all(same(a, b, NOW, later) for a, b in zip(own, back, strict=True))
    entries = [*opening(own), *done.entries, *freed.entries, *undone.entries]
    assert balances(entries) == balances(opening(own))
    assert len({e.id for e in entries}) == len(entries)


@often
@given(OWNED, st.sampled_from(GRAVE), RULES)
def test_trap_a_member_was_charged_while_suspended(
    own: list[Holding], measure: Measure, rules: SettlementRules
) -> None:
    found = settle(own, occasion(measure), rules)
    members = [h for h in found.holdings if isinstance(h, Membership)]
    assert all(m.next_charge_us is None for m in members)


@often
@given(OWNED, st.sampled_from(GRAVE))
def test_under_the_safe_rules_what_was_bought_stays_readable(
    own: list[Holding], measure: Measure
) -> None:
    for one in settle(own, occasion(measure), SAFE).settled:
        if isinstance(one.before, Licence) and one.before.access in (Access.FULL, Access.READ):
            assert isinstance(one.after, Licence)
            assert one.after.access is Access.READ


@often
@given(OWNED, RULES)
def test_a_closed_customer_reads_what_was_not_paid_back(
    own: list[Holding], rules: SettlementRules
) -> None:
    for one in settle(own, occasion(Measure.CLOSE), rules).settled:
        if isinstance(one.after, Licence):
            assert one.after.access is not Access.WITHHELD
            if one.after.access is Access.RETURNED and one.before != one.after:
                assert one.outcome is HoldingOutcome.REFUNDED


@pytest.mark.parametrize("measure", GRAVE)
def test_after_a_ruling_boris_has_everything_again_also_his_time(measure: Measure) -> None:
    """An account never comes back without its paid balance, a membership without its days."""
    done, later = settle(BORIS, occasion(measure), SAFE), NOW + 40 * DAY
    undone = undo(done, later)
    back = {h.id: h for h in applied(applied(BORIS, done), undone)}
    whole = {h.id: h for h in BORIS}
    prime = Membership("prime", Money(49_00, "EUR"), YEAR, 100 * DAY, later)
    assert back == whole | {"prime": prime}
    assert prime.next_charge_us == later + 100 * DAY
    assert balances([*done.entries, *undone.entries]) == {}


def test_two_holdings_of_one_id_are_refused_since_one_would_be_lost() -> None:
    with pytest.raises(InvalidInput, match="two holdings of boris have the id 'a'"):
        settle([Device("a"), Data("a")], occasion(Measure.CLOSE), SAFE)


@pytest.mark.parametrize("measure", GRAVE)
def test_an_inverse_comes_after_and_has_no_inverse(measure: Measure) -> None:
    done = settle(BORIS, occasion(measure), SAFE)
    with pytest.raises(IllegalMove, match="cannot be undone before it was made"):
        release(done, NOW - 1)
    for other in (undo(done, NOW), release(done, NOW)):
        for inverse in (undo, release):
            with pytest.raises(IllegalMove, match="is an inverse already; settle anew"):
                inverse(other, NOW)


def test_a_closing_that_ends_gives_back_access_and_keeps_what_it_paid() -> None:
    done = settle(BORIS, occasion(Measure.CLOSE), SAFE)
    assert {s.before.id for s in release(done, NOW).settled} == {"book", "film"}


def test_a_release_of_another_settlement_is_refused() -> None:
    done = settle(BORIS, occasion(Measure.SUSPEND), SAFE)
    other = release(settle(BORIS, occasion(Measure.SUSPEND), SAFE, 1), NOW)
    with pytest.raises(IllegalMove, match="is no release of"):
        undo(done, NOW, released=other)


def test_money_that_has_moved_is_not_freed_twice() -> None:
    held = settle(BORIS, occasion(Measure.SUSPEND), SAFE)
    closed = applied(BORIS, held)
    closed = applied(closed, settle(closed, occasion(Measure.CLOSE), SAFE, 1))
    with pytest.raises(IllegalMove, match="the money of wallet has moved since"):
        applied(closed, release(held, NOW))


def test_what_came_in_during_a_suspension_stays() -> None:
    held = settle(BORIS, occasion(Measure.SUSPEND), SAFE)
    during = [
        replace(h, free=3_00) if isinstance(h, Balance) and h.id == "card" else h
        for h in applied(BORIS, held)
    ]
    after = applied([*during, Licence("new", None)], release(held, NOW + DAY))
    assert Balance("card", "EUR", 53_00, 0, card=True) in after
    assert Licence("new", None) in after


def test_orders_that_went_on_meanwhile_are_no_obstacle() -> None:
    order = Order("o", OrderStage.PAID, Money(5, "EUR"))
    done = settle([order], occasion(Measure.SUSPEND), SAFE)
    shipped = replace(order, stage=OrderStage.SHIPPED)
    assert applied([shipped], release(done, NOW)) == (shipped,)


def test_a_holding_that_is_gone_or_changed_is_told() -> None:
    done = settle(BORIS, occasion(Measure.SUSPEND), SAFE)
    with pytest.raises(IllegalMove, match="the holding wallet is no longer there"):
        applied(BORIS[1:], done)
    changed = [
        Licence("book", Money(9_99, "EUR"), Access.RETURNED) if h.id == "book" else h for h in BORIS
    ]
    with pytest.raises(IllegalMove, match="the holding book has changed since"):
        applied(changed, done)


def test_what_no_longer_fits_is_for_a_person_and_keeps_nothing_else_back() -> None:
    done = settle(BORIS, occasion(Measure.CLOSE), SAFE)
    since = [
        replace(h, registered=True) if h.id == "speaker" else h
        for h in applied(BORIS, done)
        if h.id != "book"
    ]
    moved = [replace(h, what="miles") if h.id == "points" else h for h in since]
    fits = fitted(moved, undo(done, NOW))
    told = {s.before.id: s.why for s in fits.for_a_person}
    assert told == {
        "speaker": "the holding speaker has changed since; a person decides",
        "book": "the holding book is no longer there; a person decides",
    }
    back = {h.id: h for h in applied(moved, fits)}
    assert "book" not in back
    assert back["card"] == BORIS[1]
    assert back["speaker"] == BORIS[10]
    assert fitted(BORIS, done) == done


def test_a_broken_settlement_is_told() -> None:
    done = settle(BORIS[:2], occasion(Measure.SUSPEND), SAFE)
    one, two = done.settled
    silent = replace(done, settled=(replace(one, why=""), replace(two, after=Device("other"))))
    assert list(complaints(BORIS[:2], silent)) == [
        "nothing says why wallet is held",
        "card became other",
    ]
    lost = replace(done, settled=(one,))
    assert list(complaints(BORIS[:2], lost)) == ["the holding card has 0 outcomes"]
    entry = replace(done.entries[0])
    object.__setattr__(entry, "postings", entry.postings[:1])
    half = replace(done, settled=(replace(one, entry=entry), two))
    assert list(complaints(BORIS[:2], half)) == [f"entry {entry.id} does not sum to zero"]


def test_each_act_has_a_name_of_its_own() -> None:
    done = settle(BORIS, occasion(Measure.SUSPEND), SAFE)
    again = settle(BORIS, occasion(Measure.SUSPEND), SAFE, 1)
    acts = [done, release(done, NOW), undo(done, NOW), again]
    assert len({one.id for one in acts}) == 4
    assert not {e.id for e in done.entries} & {e.id for e in again.entries}
    assert [one.act for one in acts] == [Act.SETTLE, Act.RELEASE, Act.UNDO, Act.SETTLE]
    assert [one.of for one in acts] == [None, done.id, done.id, None]
