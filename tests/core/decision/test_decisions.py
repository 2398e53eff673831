"""The moves of a decision one by one: the way by the book, emergencies, the brake, and each
illegal move with its one error."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.appeal.deadlines import appeal_until_us, appealable
from habeas.core.decision import Decision, DecisionMove, DecisionState
from habeas.core.decision.decisions import (
    EMERGENCY_US,
    STALE_US,
    Approve,
    Declare,
    End,
    Lift,
    Notify,
    Refuse,
    Reverse,
    TakeForce,
    due,
    due_us,
    may_rule,
    restrictive,
    stale_us,
    step,
)
from habeas.core.decision.standing import standing
from habeas.core.errors import IllegalMove
from habeas.core.policy import Measure
from habeas.core.policy.measures import GRAVE, harshness
from tests.core.appeal.casework import (
    CLOSED,
    DAY,
    DORA,
    EMIL,
    FAY,
    HOUR,
    NOW,
    OPEN,
    ROBOT,
    after,
    decision,
    declared,
    in_force,
)
from tests.core.samples import often


@pytest.mark.parametrize("measure", list(Measure))
def test_the_way_by_the_book(measure: Measure) -> None:
    made = decision(measure)
    approved = after(made, Approve(NOW + 1, DORA))
    noticed = after(approved, Notify(NOW + 2, "n1"))
    wait = 14 * DAY if measure in GRAVE else 0
    assert (due_us(made), due_us(approved)) == (stale_us(made), stale_us(approved))
    assert due_us(noticed) == NOW + 2 + wait
    assert due(noticed, NOW + 2 + wait - 1, brake_closed=OPEN) is None
    late = NOW + 3 + wait
    assert due(noticed, late, brake_closed=OPEN) == TakeForce(late)
    force = after(noticed, TakeForce(late))
    assert [d.state for d in (made, approved, noticed, force)] == [
        DecisionState.PROPOSED, DecisionState.APPROVED,
        DecisionState.NOTICED, DecisionState.IN_FORCE,
    ]  # fmt: skip
    assert force.approvers == (DORA,)
    assert force.notice == "n1"
    assert force.active(late)
    if force.for_us is None:
        assert due_us(force) is None
        assert due(force, late + 9999 * DAY, brake_closed=OPEN) is None
    else:
        ends = late + force.for_us
        assert due(force, ends - 1, brake_closed=OPEN) is None
        assert due(force, ends + DAY, brake_closed=CLOSED) == End(ends), "brakes stop no end"
        assert after(force, End(ends)).ended_us == ends
        assert force.active(ends - 1)
        assert not force.active(ends), "it is over when it is over, whoever wrote it down"


def test_measures_from_the_mildest() -> None:
    assert sorted(Measure, key=harshness) == ["warn", "limit", "suspend", "close"]
    assert [m for m in Measure if restrictive(decision(m))] == ["limit", "suspend", "close"]


@pytest.mark.parametrize("measure", GRAVE)
def test_a_program_approves_nothing_grave(measure: Measure) -> None:
    with pytest.raises(IllegalMove, match=r"a person must approve it \(law 2\)"):
        after(decision(measure), Approve(NOW, ROBOT))


def test_a_program_approves_a_limit_unless_the_ladder_asks_for_a_person() -> None:
    assert after(decision(Measure.LIMIT), Approve(NOW, ROBOT)).state is DecisionState.APPROVED
    with pytest.raises(IllegalMove, match="a person must approve it"):
        after(decision(Measure.LIMIT, review=True), Approve(NOW, ROBOT))


@pytest.mark.parametrize("measure", [m for m in Measure if m is not Measure.WARN])
def test_a_closed_brake_holds_what_restricts(measure: Measure) -> None:
    noticed = after(decision(measure), Approve(NOW, DORA), Notify(NOW, "n1"), brake_closed=CLOSED)
    late = NOW + 14 * DAY
    for event in (TakeForce(late), Declare(late, DORA, "a stolen card")):
        with pytest.raises(IllegalMove, match=r"the brake of returns-abuse is closed \(law 11\)"):
            after(noticed, event, brake_closed=CLOSED)
    assert due(noticed, late, brake_closed=CLOSED) is None
    assert due(noticed, late, brake_closed=OPEN) == TakeForce(late)
    for back in (Reverse(late, (EMIL,), "a ruling"), Refuse(late, DORA, "a software fault")):
        assert after(noticed, back, brake_closed=CLOSED).state in (
            DecisionState.REVERSED,
            DecisionState.REFUSED,
        )


def test_a_closed_brake_lets_warnings_pass_and_ends_what_ends() -> None:
    warned = after(decision(Measure.WARN), Approve(NOW, ROBOT), Notify(NOW, "n1"))
    assert after(warned, TakeForce(NOW), brake_closed=CLOSED).state is DecisionState.IN_FORCE
    lifted = after(in_force(Measure.LIMIT), Lift(NOW, DORA, "paid"), brake_closed=CLOSED)
    assert (lifted.state, lifted.why) == (DecisionState.ENDED, "paid")


@pytest.mark.parametrize(
    ("made", "event", "said"),
    [
        (decision(Measure.WARN), TakeForce(NOW), "no notice was sent"),
        (decision(Measure.WARN), Notify(NOW, "n1"), "is proposed, not open to Notify: a notice"),
        (decision(Measure.WARN), End(NOW), "its time is not over"),
        (decision(Measure.WARN), Lift(NOW, DORA, "x"), "a person lifts what is in force"),
        (decision(Measure.WARN), Approve(NOW - 1, DORA), "it lies before its latest move"),
        (decision(Measure.WARN), Refuse(NOW, DORA, " "), "it gives no reason"),
        (declared(), Refuse(NOW, ROBOT, "x"), "a person reviews an emergency"),
        (decision(Measure.CLOSE), Declare(NOW, DORA, ""), "it gives no reason"),
        (decision(Measure.SUSPEND, skips=True), Approve(NOW, DORA), r"not behind it \(law 3\)"),
        (in_force(Measure.LIMIT), Approve(NOW, EMIL), "it is approved once"),
        (in_force(Measure.LIMIT), Notify(NOW, "n2"), "a notice is sent once"),
        (in_force(Measure.LIMIT), TakeForce(NOW), "no notice was sent"),
        (in_force(Measure.LIMIT), Declare(NOW, DORA, "x"), "it is no longer pending"),
        (in_force(Measure.LIMIT), Refuse(NOW, EMIL, "x"), "it has taken force; lift or reverse"),
        (in_force(Measure.LIMIT), Lift(NOW, ROBOT, "x"), "a person lifts"),
        (in_force(Measure.LIMIT), End(NOW + 90 * DAY - 1), "its time is not over"),
        (in_force(Measure.WARN), End(NOW + 999 * DAY), "its time is not over"),
        (in_force(Measure.LIMIT), Reverse(NOW, (DORA,), "x"), r"does not rule on it \(law 7\)"),
        (in_force(Measure.LIMIT), Reverse(NOW, (ROBOT,), "x"), r"does not rule on it \(law 7\)"),
        (in_force(Measure.LIMIT), Reverse(NOW, (), "x"), r"does not rule on it \(law 7\)"),
        (in_force(Measure.LIMIT), Reverse(NOW, (EMIL,), ""), "it gives no reason"),
        (
            after(in_force(Measure.LIMIT), Reverse(NOW, (EMIL,), "x")),
            Reverse(NOW, (EMIL,), "x"),
            "there is nothing to reverse",
        ),
        (after(decision(Measure.LIMIT), Approve(NOW, DORA)), Notify(NOW, ""), "names no notice"),
        (
            after(decision(Measure.CLOSE), Approve(NOW, DORA), Notify(NOW, "n")),
            TakeForce(NOW + 14 * DAY - 1),
            r"its notice period has not run \(law 2\)",
        ),
        (declared(by=DORA), Approve(NOW, DORA), "another person than the one who declared it"),
        (declared(by=ROBOT), Approve(NOW, ROBOT), "a person must approve it"),
        (declared(), Approve(NOW + DAY, EMIL), "it is approved once"),
        (declared(), Notify(NOW + DAY, "n1"), "a notice is sent once"),
        (declared(), Refuse(NOW + DAY, EMIL, "x"), "it has taken force"),
        (declared(), Reverse(NOW, (DORA,), "x"), r"does not rule on it \(law 7\)"),
    ],
)  # fmt: skip
def test_an_illegal_move_has_one_clear_error(
    made: Decision, event: DecisionMove, said: str
) -> None:
    with pytest.raises(IllegalMove, match=said) as caught:
        step(made, event, brake_closed=OPEN)
    assert caught.value.status == 409


def test_an_emergency_closes_only_once_it_is_noticed_and_reviewed() -> None:
    made = declared()
    assert made.state is DecisionState.IN_FORCE
    assert (made.binding, made.ends_us) == (Measure.SUSPEND, NOW + EMERGENCY_US)
    review, notice = Approve(NOW + HOUR, EMIL), Notify(NOW + HOUR, "n1")
    assert not after(made, review).confirmed
    assert not after(made, notice).confirmed
    for one in (after(made, review, notice), after(made, notice, review)):
        assert one.confirmed
        assert (one.state, one.binding, one.ends_us) == (
            DecisionState.IN_FORCE,
            Measure.CLOSE,
            None,
        )
        assert not any(may_rule(one, a) for a in (DORA, EMIL, ROBOT))
        assert may_rule(one, FAY)


def test_an_emergency_without_review_ends_by_itself() -> None:
    made = after(declared(), Notify(NOW, "n1"))
    assert due(made, NOW + DAY - 1, brake_closed=CLOSED) is None
    assert due(made, NOW + 9 * DAY, brake_closed=CLOSED) == End(NOW + DAY)
    assert not made.active(NOW + DAY)
    assert after(made, End(NOW + DAY)).state is DecisionState.ENDED


def test_an_emergency_that_the_review_refuses_is_reversed() -> None:
    refused = after(declared(), Refuse(NOW + HOUR, EMIL, "it was his own card"))
    assert (refused.state, refused.why) == (DecisionState.REVERSED, "it was his own card")


def test_what_was_approved_and_told_for_later_was_not_for_now() -> None:
    noticed = after(decision(Measure.SUSPEND), Approve(NOW, DORA), Notify(NOW, "n1"))
    made = after(noticed, Declare(NOW + DAY, EMIL, "he ships the goods abroad"))
    assert (made.noticed_us, made.approved_us, made.confirmed) == (None, None, False)
    assert made.approvers == (DORA,)
    again = after(made, Approve(NOW + DAY, DORA), Notify(NOW + DAY, "n2"))
    assert again.confirmed
    assert again.notice == "n2"


def test_an_emergency_limit_ends_at_the_sooner_of_its_ends() -> None:
    short = after(decision(Measure.LIMIT, for_us=HOUR), Declare(NOW, DORA, "x"))
    assert short.ends_us == NOW + HOUR
    assert declared(Measure.LIMIT).ends_us == NOW + DAY


def test_a_relief_by_two_needs_one_who_did_not_approve() -> None:
    made = in_force(Measure.LIMIT)
    relieved = after(made, Reverse(NOW, (DORA, EMIL), "a software fault"))
    assert relieved.state is DecisionState.REVERSED


def test_what_has_ended_can_still_be_reversed_and_keeps_its_times() -> None:
    ended = after(in_force(Measure.LIMIT), End(NOW + 90 * DAY))
    reversed_ = after(ended, Reverse(NOW + 100 * DAY, (EMIL,), "an appeal was granted"))
    assert reversed_.state is DecisionState.REVERSED
    assert reversed_.in_force_us == ended.in_force_us


def test_a_customer_has_months_to_appeal() -> None:
    made = decision(Measure.LIMIT)
    assert not appealable(made, NOW)
    told = after(made, Approve(NOW, DORA), Notify(NOW, "n1"))
    assert appealable(told, NOW)
    ended = after(told, TakeForce(NOW), End(NOW + 90 * DAY))
    until = appeal_until_us(NOW)
    assert until >= NOW + 184 * DAY
    assert appealable(ended, until - 1)
    assert not appealable(ended, until)
    closed = in_force(Measure.CLOSE)
    assert appealable(closed, NOW + 9999 * DAY), "while it lasts it can be appealed"
    assert appealable(declared(), NOW), "an emergency even before its notice"
    assert not appealable(after(ended, Reverse(NOW + 90 * DAY, (EMIL,), "x")), NOW + 91 * DAY)
    assert not appealable(after(made, Refuse(NOW, DORA, "x")), NOW)


@pytest.mark.parametrize("measure", list(Measure))
def test_what_nobody_moves_for_a_month_is_refused_by_itself(measure: Measure) -> None:
    proposed = decision(measure)
    approved = after(proposed, Approve(NOW + DAY, DORA))
    told = after(approved, Notify(NOW + 2 * DAY, "n1"))
    for pending, since in (
        (proposed, NOW),
        (approved, NOW + DAY),
        (told, NOW + 2 * DAY + told.period_us),
    ):
        assert stale_us(pending) == since + STALE_US
        before = due(pending, since + STALE_US - 1, brake_closed=CLOSED)
        assert not isinstance(before, Refuse)
        event = due(pending, since + STALE_US, brake_closed=OPEN)
        assert isinstance(event, Refuse)
        gone = after(pending, event, brake_closed=CLOSED)
        assert (gone.state, gone.in_force_us) == (DecisionState.REFUSED, None)
        assert gone.why == "nothing was done for 30 days"
        assert due(gone, NOW + 999 * DAY, brake_closed=OPEN) is None
    assert stale_us(in_force(measure)) is None


@often
@given(st.sampled_from(Measure), st.lists(st.sampled_from(Measure), max_size=4))
def test_no_new_measure_closes_an_open_way_to_appeal(
    measure: Measure, others: list[Measure]
) -> None:
    """An appeal is open as long as its own decision says so, whatever else is decided."""
    first = in_force(measure)
    now = first.latest_us
    more = [replace(in_force(m), id=f"other {i}") for i, m in enumerate(others)]
    assert appealable(first, now)
    assert first.id in {b.decision for b in standing("boris", [first, *more], now).bindings}
