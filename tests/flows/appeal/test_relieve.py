"""Relieve: one plan for one fault, two people, each decision once, what fails told and left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.appeal.relief import Fault, ReliefCause
from habeas.core.decision import DecisionState
from habeas.core.decision.decisions import Approve, Declare, Lift
from habeas.core.errors import Changed, IllegalMove, InvalidInput, NotFound
from habeas.core.money import Money
from habeas.core.policy import Measure
from habeas.flows import work
from habeas.flows.appeal.foresee import foresee
from habeas.flows.appeal.relieve import apply, approve, previewed, show
from habeas.flows.appeal.reverse import reverse
from habeas.flows.decision.tick import tick
from habeas.flows.property.holdings import report
from habeas.store import accounts, reliefs, rows
from habeas.store.accounts import account
from habeas.store.changes import AccountChange
from habeas.store.codec import encoded
from habeas.store.commits import commit
from habeas.store.leaves import records
from habeas.store.models import Relief
from habeas.store.notices import notices_of
from tests import cast
from tests.core.appeal.casework import DAY, DORA, EMIL, FAY, POLICY, ROBOT, decision
from tests.flows.appeal.relieving import (
    CAUSE,
    FORCE_US,
    OWN,
    RELIEF_US,
    WHY,
    differences,
    hit,
    names_of,
    owed,
    planned,
)
from tests.flows.letter.telling import reach, told_shop
from tests.store.telling import by_hand

NAMES = names_of(8)  # four suspended, two closed, two limited


def states() -> set[DecisionState]:
    return {d.state for name in NAMES for d in account(name).decisions.values()}


def test_a_plan_says_for_how_many_and_at_what_price(store: Database) -> None:
    hit(NAMES)
    found = foresee(CAUSE, WHY, RELIEF_US, size=3)
    assert found.unsure == ()
    told = previewed(found.plan)
    assert told["measures"] == {"limit": 2, "suspend": 4, "close": 2}
    assert (told["accounts"], told["decisions"], told["notices"], told["batches"]) == (8, 8, 8, 3)
    assert told["freed"] == [Money(6 * 70_00, "EUR")]
    (recalled,) = found.plan.preview.recalled
    assert told["recalled"] == [Money(recalled[1], "EUR")]
    assert recalled[1] > 2 * 70_00, "with what was paid back of the membership"
    assert reliefs.relief(found.plan.hash).plan == found.plan
    assert states() == {DecisionState.IN_FORCE}, "nothing is reversed by planning"
    assert foresee(CAUSE, WHY, RELIEF_US, size=3).plan.hash == found.plan.hash
    assert rows.select("SELECT count(*) FROM habeas_relief") == [(1,)]


def test_a_plan_made_in_parts_is_the_same(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    hit(NAMES)
    whole = foresee(CAUSE, WHY, RELIEF_US, size=3).plan
    monkeypatch.setattr("habeas.flows.appeal.foresee.TOGETHER", 2)
    assert foresee(CAUSE, WHY, RELIEF_US, size=3).plan == whole


def test_all_are_relieved_and_once(store: Database) -> None:
    hit(NAMES)
    name = planned(size=3)
    told: list[tuple[int, int]] = []
    report = apply(name, RELIEF_US, progress=lambda done, of: told.append((done, of)))
    assert told == [(3, 8), (6, 8), (8, 8)]
    assert (report.reversed, report.apologies, report.settlements, report.left) == (8, 8, 6, 0)
    assert differences(NAMES) == []
    assert owed() == [f"d {name}" for name in NAMES]
    again = apply(name, RELIEF_US + DAY)
    assert (again.reversed, again.apologies, again.skipped, again.left) == (0, 0, 8, 0)
    assert show(name, RELIEF_US + DAY).as_json()["complete"] is True
    assert {account(n).decisions[f"d {n}"].why for n in NAMES} == {WHY}


def test_two_people_approve_it(store: Database) -> None:
    hit(NAMES[:1])
    name = foresee(CAUSE, WHY, RELIEF_US).plan.hash
    with pytest.raises(IllegalMove, match=r"0 of 2 people approved this relief \(law 7\)"):
        apply(name, RELIEF_US)
    assert approve(name, DORA, RELIEF_US).approvals == ("dora",)
    assert approve(name, DORA, RELIEF_US + 1).approvals == ("dora",)
    with pytest.raises(IllegalMove, match="1 of 2 people"):
        apply(name, RELIEF_US)
    with pytest.raises(IllegalMove, match="a program approves no relief"):
        approve(name, ROBOT, RELIEF_US)
    assert approve(name, EMIL, RELIEF_US).approvals == ("dora", "emil")
    with pytest.raises(IllegalMove, match="two people have approved this relief already"):
        approve(name, FAY, RELIEF_US)
    assert apply(name, RELIEF_US).reversed == 1


def test_those_who_approved_the_decisions_do_not_make_up_both(store: Database) -> None:
    hit(NAMES[:1])
    (name,) = NAMES[:1]
    more = decision(Measure.CLOSE, "d more", account=name, proposed_us=FORCE_US)
    change = AccountChange.of(account(name), FORCE_US).proposed(more)
    change = change.moved("d more", Declare(FORCE_US, DORA, "a stolen card"))
    commit([change.moved("d more", Approve(FORCE_US + 1, EMIL))])
    plan = foresee(CAUSE, WHY, FORCE_US + DAY // 4).plan.hash
    approve(plan, DORA, RELIEF_US)
    with pytest.raises(IllegalMove, match=r"both approved decision d more themselves \(law 7\)"):
        approve(plan, EMIL, RELIEF_US)
    assert approve(plan, cast.GUS.actor, RELIEF_US).approvals == ("dora", "gus")


def test_a_plan_that_was_changed_is_refused(store: Database) -> None:
    hit(NAMES)
    plan = foresee(CAUSE, WHY, RELIEF_US).plan
    more = replace(plan, why="a gift to friends")
    made = records(1)
    rows.insert(Relief, [("f" * 64, RELIEF_US, made.add("relief", encoded(more)))])
    made.write()
    for say in (show, apply):
        with pytest.raises(Changed, match="the relief plan ffffffffffff is not as it was made"):
            say("f" * 64, RELIEF_US)
    with pytest.raises(NotFound, match="there is no relief plan 0000") as caught:
        show("0000", RELIEF_US)
    assert caught.value.hint


def test_what_was_reversed_already_is_skipped_and_counted(store: Database) -> None:
    hit(NAMES)
    name = planned()
    reverse(f"d {NAMES[3]}", (EMIL,), "an appeal", RELIEF_US)
    report = apply(name, RELIEF_US + 1)
    assert (report.skipped, report.reversed, report.left) == (1, 7, 0)
    assert account(NAMES[3]).decisions[f"d {NAMES[3]}"].why == "an appeal"
    assert len(owed()) == 8
    assert differences(NAMES, RELIEF_US) == []


def test_an_account_that_changes_meanwhile_is_read_again(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody reverses one, and lifts another, between the reading and the commit of a batch."""
    hit(NAMES)
    name, read = planned(), accounts.accounts
    once = iter([True])

    def meanwhile(names: object) -> object:
        found = read(names)  # type: ignore[arg-type]
        if next(once, False):
            reverse(f"d {NAMES[0]}", (EMIL,), "an appeal", RELIEF_US)
            event = Lift(RELIEF_US, EMIL, "long enough")
            commit([AccountChange.of(account(NAMES[1]), RELIEF_US).moved(f"d {NAMES[1]}", event)])
        return found

    monkeypatch.setattr(work, "accounts", meanwhile)
    report = apply(name, RELIEF_US + 1)
    assert (report.skipped, report.reversed, report.left) == (1, 7, 0)
    assert states() == {DecisionState.REVERSED}
    assert differences(NAMES) == []
    assert len(owed()) == 8


def test_what_cannot_be_done_is_told_and_keeps_nothing_from_the_others(store: Database) -> None:
    """The two who approved the relief then declare and review an emergency of it."""
    hit(NAMES)
    own = NAMES[4]
    late = decision(Measure.SUSPEND, "d late", account=own, proposed_us=FORCE_US)
    commit([AccountChange.of(account(own), FORCE_US).proposed(late)])
    name = planned(size=3)
    change = AccountChange.of(account(own), RELIEF_US)
    change = change.moved("d late", Declare(RELIEF_US, EMIL, "it could not wait"))
    commit([change.moved("d late", Approve(RELIEF_US, FAY))])
    report = apply(name, RELIEF_US)
    assert (report.reversed, report.left) == (7, 2)
    assert list(report.failed) == [own]
    assert "whoever approved it does not rule on it (law 7)" in report.failed[own]
    shown = show(name, RELIEF_US)
    assert (shown.left, shown.failed) == (2, report.failed)
    reverse("d late", (cast.GUS.actor,), WHY, RELIEF_US)
    assert apply(name, RELIEF_US).as_json()["complete"] is True
    assert states() == {DecisionState.REVERSED}


def test_what_lies_ahead_of_the_clock_keeps_nothing_from_anybody(store: Database) -> None:
    """One was lifted later than the clock of whoever carries out the relief says."""
    hit(NAMES)
    name = planned(size=3)
    event = Lift(RELIEF_US + DAY, EMIL, "long enough")
    commit([AccountChange.of(account(NAMES[4]), RELIEF_US).moved(f"d {NAMES[4]}", event)])
    report = apply(name, RELIEF_US)
    assert (report.reversed, report.left, report.failed) == (8, 0, {})
    assert account(NAMES[4]).decision(f"d {NAMES[4]}").ended_us == RELIEF_US + DAY


def test_several_decisions_of_one_account_go_together(store: Database) -> None:
    hit(NAMES[:1])
    (name,) = NAMES[:1]
    more = decision(Measure.CLOSE, "d more", account=name, proposed_us=FORCE_US)
    change = AccountChange.of(account(name), FORCE_US).proposed(more)
    change = change.moved("d more", Approve(FORCE_US, DORA))
    commit([by_hand(change, "d more", FORCE_US)])
    tick(FORCE_US + 14 * DAY)
    late = FORCE_US + 15 * DAY
    plan = foresee(CAUSE, WHY, late).plan
    assert (plan.preview.accounts, plan.preview.decisions) == (1, 2)
    for who in (EMIL, FAY):
        approve(plan.hash, who, late)
    assert apply(plan.hash, late).reversed == 2
    assert differences([name], late) == []


@pytest.mark.parametrize(
    ("cause", "error", "message"),
    [
        (ReliefCause(), InvalidInput, "the fault says nothing"),
        (ReliefCause(policy="other"), NotFound, "no decision of other that can be reversed"),
        (
            ReliefCause(event_type="return"),
            InvalidInput,
            "the events that led to decisions are needed",
        ),
        (ReliefCause(shared=(("device", "x"),)), InvalidInput, "the events that led to decisions"),
        (ReliefCause(shared=(("device", None),)), InvalidInput, "an attribute needs a value"),
        (ReliefCause(like=f"d {NAMES[0]}"), InvalidInput, "is in_force: nobody found it wrong"),
        (ReliefCause(like="d9"), NotFound, "there is no decision d9"),
        (ReliefCause(POLICY.name, 9), NotFound, f"no decision of {POLICY.name} version 9 that can"),
        (
            ReliefCause(policy=POLICY.name, from_us=RELIEF_US),
            NotFound,
            "that can be reversed shares",
        ),
        (
            ReliefCause(policy=POLICY.name, until_us=FORCE_US),
            InvalidInput,
            "a relief names decisions",
        ),
    ],
)
def test_a_cause_that_cannot_be(
    store: Database, cause: ReliefCause, error: type[Exception], message: str
) -> None:
    hit(NAMES[:1])
    with pytest.raises(error, match=message):
        foresee(cause, "" if cause.until_us else WHY, RELIEF_US)


def test_a_wrong_decision_points_to_its_siblings(store: Database) -> None:
    hit(NAMES)
    reverse(f"d {NAMES[2]}", (EMIL,), "an appeal", RELIEF_US)
    plan = foresee(ReliefCause(like=f"d {NAMES[2]}"), WHY, RELIEF_US).plan
    assert plan.fault == Fault(POLICY.name, POLICY.version)
    assert [one.account for one in plan.relieved] == [n for n in NAMES if n != NAMES[2]]


@pytest.mark.parametrize(
    "more",
    [
        ReliefCause(policy="other"),
        ReliefCause(version=2),
        ReliefCause(event_type="x"),
        ReliefCause(shared=(("a", "b"),)),
    ],
)
def test_a_wrong_decision_says_the_rest_itself(store: Database, more: ReliefCause) -> None:
    hit(NAMES[:2])
    reverse(f"d {NAMES[0]}", (EMIL,), "an appeal", RELIEF_US)
    with pytest.raises(InvalidInput, match="says policy, version, type and values itself"):
        foresee(replace(more, like=f"d {NAMES[0]}"), WHY, RELIEF_US)


def test_what_the_platform_tells_meanwhile_is_kept(store: Database) -> None:
    hit(NAMES[:1])
    name = planned()
    kept = [h for h in account(NAMES[0]).custody.holdings if h.id != "book"]
    report(NAMES[0], kept, RELIEF_US)
    assert apply(name, RELIEF_US + 1).reversed == 1
    own = account(NAMES[0]).custody.holdings
    assert [h.id for h in own] == [h.id for h in OWN if h.id != "book"]


def test_everyone_who_was_hit_is_apologised_to_once(store: Database, tmp_path: Path) -> None:
    """From a plan in force to the mail: told, felt, relieved, and told that it was wrong."""
    told, accounts = told_shop(tmp_path), ["account 0", "account 1", "account 2"]
    reach(*accounts)
    assert told.notify().told == {"measure": 3}
    assert told.deliver().sent == 3
    told.now_us += 15 * DAY
    assert tick(told.now_us).moves == {"TakeForce": 3}
    told.now_us += DAY
    plan = foresee(ReliefCause(policy="many-returns"), WHY, told.now_us).plan
    assert plan.preview.notices == 3
    for who in (EMIL, FAY):
        approve(plan.hash, who, told.now_us)
    assert apply(plan.hash, told.now_us).apologies == 3
    assert told.notify().told == {"apology": 3}
    assert apply(plan.hash, told.now_us).apologies == 0
    assert told.notify().told == {}
    for name in accounts:
        statement, apology = notices_of(name)
        assert (statement.kind, apology.kind) == ("measure", "apology")
        assert WHY in (apology.text or "")
        assert not account(name).standing(told.now_us).bindings
