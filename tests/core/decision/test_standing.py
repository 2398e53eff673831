"""One function says what an account may do, for the product, for support and for the customer."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from habeas.core.decision.decisions import Approve, Declare, Notify, Reverse
from habeas.core.decision.standing import RIGHTS, Right, standing
from habeas.core.policy import Measure
from tests.core.appeal.casework import DAY, DORA, EMIL, NOW, after, decision, in_force

LATER = NOW + 15 * DAY
WARNED, LIMITED, SUSPENDED, GONE = (
    replace(in_force(measure), id=str(measure)) for measure in Measure
)


def test_an_account_without_decisions_may_do_everything() -> None:
    found = standing("boris", [], NOW)
    assert found.may("returns")
    assert found.stands is None
    assert not found.closed
    assert not found.suspended
    assert found.suspended_until_us is None
    assert found.limited == ()


def test_decisions_on_others_and_those_that_do_not_bind_are_left_out() -> None:
    pending = decision(Measure.CLOSE)
    other = replace(GONE, account="chen")
    undone = after(GONE, Reverse(LATER, (EMIL,), "a ruling"))
    assert standing("boris", [pending, other, undone], LATER).bindings == ()


@pytest.mark.parametrize(
    ("decisions", "returns", "orders"),
    [
        ([WARNED], True, True),
        ([LIMITED], False, True),
        ([SUSPENDED], False, False),
        ([GONE], False, False),
        ([WARNED, LIMITED], False, True),
    ],
)
def test_what_each_measure_takes_away(decisions: list, returns: bool, orders: bool) -> None:
    found = standing("boris", decisions, LATER)
    assert (found.may("returns"), found.may("orders")) == (returns, orders)


def test_the_harshest_stands_and_each_is_recorded_in_whatever_order_they_come() -> None:
    every = [WARNED, LIMITED, SUSPENDED, GONE]
    found = {standing("boris", order, LATER) for order in permutations(every)}
    [one] = found
    assert [b.decision for b in one.bindings] == ["close", "suspend", "limit", "warn"]
    assert one.stands == one.bindings[0]
    assert one.closed
    assert one.suspended
    assert one.limited == ("returns",)
    assert [b.decision for b in one.refusals("returns")] == ["close", "suspend", "limit"]


def test_when_the_harshest_is_reversed_the_others_still_stand() -> None:
    undone = after(GONE, Reverse(LATER, (EMIL,), "a ruling"))
    found = standing("boris", [LIMITED, undone], LATER)
    assert not found.closed
    assert not found.may("returns")
    assert found.may("orders")


def test_an_account_is_suspended_until_the_last_suspension_ends() -> None:
    longer = replace(SUSPENDED, id="longer", for_us=60 * DAY)
    endless = replace(SUSPENDED, id="endless", for_us=None)
    ends = NOW + 14 * DAY + 60 * DAY
    found = standing("boris", [SUSPENDED, longer], LATER)
    assert found.suspended_until_us == ends
    assert found.stands is not None
    assert found.stands.decision == "longer"
    assert standing("boris", [SUSPENDED, longer], ends).suspended_until_us is None
    assert standing("boris", [SUSPENDED, endless], LATER).suspended_until_us is None
    assert standing("boris", [SUSPENDED, endless], LATER).stands.decision == "endless"


def test_an_end_that_nobody_wrote_down_is_still_an_end() -> None:
    ends = SUSPENDED.ends_us
    assert ends is not None
    assert standing("boris", [SUSPENDED], ends - 1).suspended
    assert standing("boris", [SUSPENDED], ends).may("orders")


def test_an_emergency_suspends_until_it_is_confirmed_and_lapses() -> None:
    made = after(decision(Measure.CLOSE), Declare(NOW, DORA, "a stolen card"))
    found = standing("boris", [made], NOW)
    assert (found.closed, found.suspended, found.suspended_until_us) == (False, True, NOW + DAY)
    assert standing("boris", [made], NOW + DAY).may("orders")
    sure = after(made, Approve(NOW, EMIL), Notify(NOW, "n1"))
    assert standing("boris", [sure], NOW + DAY).closed


def test_a_closed_customer_reads_the_statement_fetches_the_data_and_appeals() -> None:
    assert standing("boris", [GONE], LATER).rights == RIGHTS == frozenset(Right)
    assert set(Right) == {"statement", "export", "appeal"}
