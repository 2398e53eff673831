"""Relief: one plan for all decisions of a fault, two people, batches that can be killed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.appeal import ReliefPlan
from habeas.core.appeal.approvals import Approval, approve, relievers
from habeas.core.appeal.relief import Fault, Origin, fault_of, foreseen, joined, siblings
from habeas.core.appeal.reversal import proved
from habeas.core.appeal.rulings import UNDONE
from habeas.core.decision import Decision, DecisionState
from habeas.core.errors import Changed, IllegalMove, InvalidInput
from habeas.core.policy import Measure
from habeas.core.property import Holding
from habeas.core.property.holdings import Balance
from tests.core.appeal.casework import DAY, DORA, EMIL, FAY, NOW, POLICY, ROBOT
from tests.core.appeal.courts import Account, bound
from tests.core.appeal.undoing import relief_plan
from tests.core.samples import often

FAULT = Fault(policy=POLICY.name, version=POLICY.version, traits=(("deployment", "blue"),))
OWN: tuple[Holding, ...] = (Balance("card", "EUR", 50_00, card=True), Balance("yen", "JPY", 7))
WHY = "a software fault counted every return twice"


def people_hit(measures: Sequence[Sequence[Measure]]) -> dict[str, Account]:
    """One account for each list of measures, each measure a decision on it."""
    found = {}
    for i, hit in enumerate(measures):
        world = Account(OWN, name=f"a{i}")
        for j, measure in enumerate(hit):
            world.decide(bound(measure, f"d{i}.{j}", account=world.name))
        found[world.name] = world
    return found


def decisions_of(worlds: dict[str, Account]) -> list[Decision]:
    return [d for world in worlds.values() for d in world.decisions.values()]


def plan_of(worlds: dict[str, Account], size: int = 2) -> ReliefPlan:
    all_ = decisions_of(worlds)
    owned = {name: world.custody for name, world in worlds.items()}
    return relief_plan(FAULT, all_, all_, owned, why=WHY, size=size, time_us=NOW)


HIT = st.lists(st.lists(st.sampled_from(Measure), min_size=1, max_size=3), min_size=1, max_size=5)


def work(worlds: dict[str, Account], plan: ReliefPlan, most: int) -> int:
    """A worker that is killed after `most` reversals, in the middle of a batch or not."""
    count = 0
    for name in (name for batch in plan.batches for name in batch):
        world = next(w for w in worlds.values() if name in w.decisions)
        if world.decisions[name].state in UNDONE:
            continue
        if count == most:
            return count
        world.reverse(name, by=(EMIL, FAY))
        count += 1
    return count


@often
@given(HIT, st.integers(1, 3), st.lists(st.integers(0, 4), max_size=6))
def test_killed_anywhere_and_resumed_it_comes_to_the_same_end(
    hit: list[list[Measure]], size: int, kills: list[int]
) -> None:
    worlds = people_hit(hit)
    before = {name: world.seen(without=list(world.decisions)) for name, world in worlds.items()}
    before = {name: replace(s, holdings=OWN, balances=Account(OWN, name=name).seen().balances)
              for name, s in before.items()}  # fmt: skip
    plan = plan_of(worlds, size)
    worked = sum(work(worlds, plan, most) for most in kills) + work(worlds, plan, 10**6)
    assert worked == len(plan.relieved), "each exactly once (law 10)"
    for name, world in worlds.items():
        assert proved(before[name], world.seen()) == ()
        assert {d.state for d in world.decisions.values()} == {DecisionState.REVERSED}


@often
@given(HIT, st.integers(1, 3))
def test_the_decisions_of_one_account_are_in_one_batch(hit: list[list[Measure]], size: int) -> None:
    plan = plan_of(people_hit(hit), size)
    names = [name for batch in plan.batches for name in batch]
    assert sorted(names) == sorted(r.decision for r in plan.relieved)
    accounts = [{n.split(".")[0] for n in b} for b in plan.batches]
    assert all(len(a) <= size for a in accounts)
    assert len(set().union(*accounts)) == sum(map(len, accounts)), "no account is split"


@often
@given(HIT, st.randoms(use_true_random=False))
def test_the_same_inputs_in_any_order_have_the_same_hash(
    hit: list[list[Measure]], chance: object
) -> None:
    worlds = people_hit(hit)
    all_ = decisions_of(worlds)
    mixed = list(all_)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    owned = {name: world.custody for name, world in worlds.items()}
    again = relief_plan(FAULT, mixed, mixed, owned, why=WHY, size=2, time_us=NOW)
    assert again == plan_of(worlds)
    assert again.hash == plan_of(worlds).hash
    other = relief_plan(FAULT, all_, all_, owned, why=f"{WHY}.", size=2, time_us=NOW)
    assert other.hash != again.hash


def test_the_preview_says_for_how_many_and_at_what_price() -> None:
    worlds = people_hit([[Measure.SUSPEND], [Measure.CLOSE], [Measure.WARN, Measure.SUSPEND]])
    seen = plan_of(worlds).preview
    assert (seen.accounts, seen.decisions, seen.notices) == (3, 4, 4)
    assert seen.measures == ((Measure.WARN, 1), (Measure.SUSPEND, 2), (Measure.CLOSE, 1))
    assert seen.freed == (("EUR", 150_00), ("JPY", 21))
    assert seen.recalled == (("EUR", 50_00), ("JPY", 7))


@often
@given(HIT)
def test_the_preview_is_what_the_relief_then_does(hit: list[list[Measure]]) -> None:
    worlds = people_hit(hit)
    plan = plan_of(worlds)
    marks = {name: len(world.entries) for name, world in worlds.items()}
    work(worlds, plan, 10**6)
    postings = [
        p for name, w in worlds.items() for e in w.entries[marks[name] :] for p in e.postings
    ]
    for role, told in (("customer", plan.preview.freed), ("payouts", plan.preview.recalled)):
        for currency, amount in told:
            found = sum(
                p.money.amount
                for p in postings
                if (p.purse.role, p.money.currency) == (role, currency)
            )
            assert abs(found) == amount


@often
@given(HIT, st.integers(1, 3))
def test_a_plan_of_parts_is_the_whole_plan(hit: list[list[Measure]], size: int) -> None:
    worlds = people_hit(hit)
    parts = [
        foreseen(decisions_of({n: w}), decisions_of({n: w}), {n: w.custody}, time_us=NOW)
        for n, w in reversed(worlds.items())
    ]
    plan = joined(FAULT, parts, why=WHY, size=size)
    assert plan == plan_of(worlds, size)
    assert plan.hash == plan_of(worlds, size).hash


def test_two_people_approve_and_the_same_one_only_once() -> None:
    worlds = people_hit([[Measure.CLOSE]])
    plan, all_ = plan_of(worlds), decisions_of(worlds)
    one = approve(plan, (), Approval(DORA, plan.hash, NOW), all_)
    assert approve(plan, one, Approval(DORA, plan.hash, NOW + 1), all_) == one
    with pytest.raises(IllegalMove, match="1 of 2 people approved"):
        relievers(plan, one)
    two = approve(plan, one, Approval(EMIL, plan.hash, NOW), all_)
    assert relievers(plan, two) == (DORA, EMIL)
    with pytest.raises(IllegalMove, match="two people have approved this relief already"):
        approve(plan, two, Approval(FAY, plan.hash, NOW), all_)


def test_who_approved_a_decision_does_not_make_up_both() -> None:
    worlds = people_hit([[Measure.CLOSE]])
    world = worlds["a0"]
    world.decisions["d0.0"] = replace(world.decisions["d0.0"], approvers=(DORA, EMIL))
    plan, all_ = plan_of(worlds), decisions_of(worlds)
    stranger = bound(Measure.CLOSE, "other", approvers=(DORA, EMIL, FAY))
    one = approve(plan, (), Approval(DORA, plan.hash, NOW), all_)
    with pytest.raises(IllegalMove, match=r"both approved decision d0.0 themselves \(law 7\)"):
        approve(plan, one, Approval(EMIL, plan.hash, NOW), all_)
    two = approve(plan, one, Approval(FAY, plan.hash, NOW), [stranger, *all_])
    assert world.reverse("d0.0", by=relievers(plan, two))


def test_an_approval_is_of_one_plan_and_by_a_person() -> None:
    worlds = people_hit([[Measure.CLOSE]])
    plan, all_ = plan_of(worlds), decisions_of(worlds)
    with pytest.raises(Changed, match="this is not the plan that was approved"):
        approve(plan, (), Approval(DORA, "0" * 64, NOW), all_)
    with pytest.raises(IllegalMove, match="a program approves no relief"):
        approve(plan, (), Approval(ROBOT, plan.hash, NOW), all_)
    stale = (Approval(DORA, "0" * 64, NOW), Approval(EMIL, "0" * 64, NOW))
    with pytest.raises(IllegalMove, match="0 of 2 people"):
        relievers(plan, stale)


def test_a_plan_needs_decisions_a_reason_and_a_size() -> None:
    made = bound(Measure.CLOSE, "d1")
    for chosen, why, size in (([], WHY, 1), ([made], " ", 1), ([made], WHY, 0)):
        with pytest.raises(InvalidInput, match="a relief names decisions, a reason and batches"):
            relief_plan(FAULT, chosen, chosen, {}, why=why, size=size, time_us=NOW)
    done = replace(made, state=DecisionState.REVERSED)
    with pytest.raises(InvalidInput, match="decision d1 has nothing to reverse"):
        relief_plan(FAULT, [done], [done], {}, why=WHY, size=1, time_us=NOW)


def test_a_cause_that_says_nothing_would_be_every_decision() -> None:
    with pytest.raises(InvalidInput, match="the fault says nothing"):
        Fault()


BLUE = Origin("return", {"deployment": "blue", "country": "FR"})


@pytest.mark.parametrize(
    ("fault", "origin", "shared"),
    [
        (FAULT, BLUE, True),
        (FAULT, Origin("return", {"deployment": "green"}), False),
        (FAULT, Origin("return", {}), None),
        (FAULT, None, None),
        (Fault(policy="other", traits=FAULT.traits), None, False),
        (Fault(policy=POLICY.name), None, True),
        (Fault(version=POLICY.version + 1), BLUE, False),
        (Fault(event_type="return"), BLUE, True),
        (Fault(event_type="order"), BLUE, False),
        (Fault(event_type="order"), None, None),
        (Fault(from_us=NOW), BLUE, True),
        (Fault(from_us=NOW + 1), BLUE, False),
        (Fault(until_us=NOW), BLUE, False),
        (Fault(until_us=NOW + DAY, traits=(("country", "FR"),)), BLUE, True),
    ],
)  # fmt: skip
def test_what_shares_a_fault(fault: Fault, origin: Origin | None, shared: bool | None) -> None:
    assert fault.shared_by(bound(Measure.LIMIT, "d1"), origin) is shared


def test_an_overturned_decision_points_to_its_siblings() -> None:
    wrong = bound(Measure.LIMIT, "d1", state=DecisionState.REVERSED)
    fault = fault_of(wrong, BLUE, ["deployment"])
    assert fault == replace(FAULT, event_type="return")
    other = bound(Measure.CLOSE, "d2")
    assert siblings([wrong, other], fault, {"d1": BLUE, "d2": BLUE}).shared == (other,)
    with pytest.raises(InvalidInput, match="the event of d1 has no `deploy`") as caught:
        fault_of(wrong, BLUE, ["deploy"])
    assert "`deployment`" in caught.value.hint


def test_siblings_are_those_that_share_and_those_that_nobody_can_tell() -> None:
    made = [bound(Measure.LIMIT, name) for name in ("d1", "d2", "d3", "d4")]
    made.append(bound(Measure.LIMIT, "d5", state=DecisionState.REVERSED))
    origins = {"d1": BLUE, "d2": Origin("return", {"deployment": "green"}), "d4": BLUE, "d5": BLUE}
    for order in permutations(made, 5):
        found = siblings(order, FAULT, origins)
        assert [d.id for d in found.shared] == ["d1", "d4"]
        assert [d.id for d in found.unsure] == ["d3"]
