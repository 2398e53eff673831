"""What a customer owns, and that time and money of it are never lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import IllegalMove
from habeas.core.money import Money
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
    shifted,
)
from tests.core.property.owned import DAY, NOW, YEAR
from tests.core.samples import often

MEMBER = Membership("prime", Money(49_00, "EUR"), YEAR, 200 * DAY, NOW)
TIMES = st.integers(NOW, NOW + 400 * DAY)


def test_every_holding_knows_its_kind() -> None:
    own = [
        Balance("a", "EUR", 1), Balance("b", "EUR", 1, card=True), MEMBER, Licence("d", None),
        Order("e", OrderStage.PAID, None), Device("f"), Data("g"), Unknown("h", "points"),
    ]  # fmt: skip
    assert [holding.kind for holding in own] == list(HoldingKind)


def test_what_nobody_says_of_a_holding() -> None:
    assert Balance("a", "EUR", 1) == Balance("a", "EUR", 1, held=0, card=False)
    assert Licence("d", None).access is Access.FULL
    assert Device("f").registered
    assert not Data("g").exported


@often
@given(TIMES, TIMES, TIMES)
def test_a_membership_that_stood_still_has_the_same_time_left(one: int, two: int, at: int) -> None:
    paused_us, resumed_us, later_us = sorted((one, two, at))
    paused = MEMBER.paused(paused_us)
    assert paused.left(later_us) == MEMBER.left(paused_us)
    resumed = paused.resumed(resumed_us)
    gap = resumed_us - paused_us
    assert resumed.left(later_us) == MEMBER.left(later_us - gap)
    assert paused.paused(later_us) == paused


@often
@given(TIMES, TIMES)
def test_a_member_is_charged_later_by_the_pause_and_never_during_it(one: int, two: int) -> None:
    paused_us, resumed_us = sorted((one, two))
    paused = MEMBER.paused(paused_us)
    assert paused.next_charge_us is None
    first = MEMBER.next_charge_us
    assert first == NOW + 200 * DAY
    charged = paused.resumed(resumed_us).next_charge_us
    assert charged == max(first, paused_us) + resumed_us - paused_us


def test_what_is_left_is_never_below_nothing_nor_above_what_there_was() -> None:
    assert MEMBER.left(NOW + 200 * DAY) == MEMBER.left(NOW + YEAR) == 0
    assert MEMBER.left(NOW - DAY) == 200 * DAY, "a clock that runs ahead takes nothing away"


CENTS = st.integers(0, 1000)


@often
@given(CENTS, CENTS, CENTS)
def test_a_change_of_money_is_put_on_top_of_what_came_in(free: int, held: int, came: int) -> None:
    before = Balance("card", "EUR", free, held)
    after = Balance("card", "EUR", 0, held + free)
    now = replace(before, free=free + came)
    done = shifted(now, before, after)
    assert (done.free, done.held) == (came, held + free)
    assert shifted(done, after, before) == now


def test_money_that_has_moved_on_is_not_moved_again() -> None:
    before, after = Balance("card", "EUR", 50, 0), Balance("card", "EUR", 0, 50)
    gone = Balance("card", "EUR", 0, 0)
    with pytest.raises(IllegalMove, match="the money of card has moved since"):
        shifted(gone, after, before)
    with pytest.raises(IllegalMove, match="the money of card has moved since"):
        shifted(Balance("card", "EUR", 49, 0), before, after)


def test_a_balance_that_is_not_known_is_left_alone() -> None:
    unknown, known = Balance("card", "EUR", None), Balance("card", "EUR", 5)
    assert shifted(unknown, known, replace(known, free=0, held=5)) == unknown
    assert shifted(known, unknown, unknown) == known
