"""From a finding to a proposal: the ladder in order (law 3), once (law 10), never again on what
was found wrong, and always with a record."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.decision import Decision, DecisionState, Exemption
from habeas.core.decision.decisions import (
    Approve,
    Declare,
    End,
    Lift,
    Notify,
    Refuse,
    Reverse,
    TakeForce,
    step,
)
from habeas.core.decision.proposals import (
    MEMORY_US,
    Circumstances,
    PassedFinding,
    PassReason,
    Rung,
    automatic,
    decision_id,
    propose,
    propose_all,
    propose_emergency,
    rung,
)
from habeas.core.errors import IllegalMove, InvalidInput
from habeas.core.policy import Measure
from habeas.core.policy.plans import Mode, in_canary
from tests.core.appeal.casework import (
    DAY,
    DORA,
    EMIL,
    NOW,
    POLICY,
    after,
    decision,
    declared,
    finding,
    in_force,
)
from tests.core.samples import calm, edited, often, policy_from

WARNED, LIMITED, SUSPENDED = (
    replace(in_force(m), id=str(m)) for m in (Measure.WARN, Measure.LIMIT, Measure.SUSPEND)
)


def given_that(*decisions: Decision, now: int = NOW, **more: object) -> Circumstances:
    made = Circumstances(now, Mode.ENFORCE, decisions=decisions)
    return replace(made, **more)  # type: ignore[arg-type]


def proposed(result: Decision | PassedFinding) -> Decision:
    assert isinstance(result, Decision), result
    return result


def passed(result: Decision | PassedFinding) -> PassReason:
    assert isinstance(result, PassedFinding), result
    return result.why


def test_a_proposal_carries_all_of_its_reason() -> None:
    made = proposed(propose(finding(), POLICY, given_that()))
    reason = made.reason
    assert (reason.finding, reason.policy, reason.version) == ("f1", "returns-abuse", 3)
    assert (reason.outcome, reason.text_hash) == (POLICY.outcome, POLICY.text_hash)
    assert reason.clause.ref == "Conditions of Use 4.2"
    assert reason.clause.en == "You may not."
    assert reason.values == {"orders_365d": 30}
    assert reason.events == {"e1", "e2"}
    assert (made.state, made.measure, made.index) == (DecisionState.PROPOSED, Measure.WARN, 0)
    assert (made.notice_us, made.proposed_us) == (14 * DAY, NOW)


def test_a_proposal_is_the_step_of_the_ladder() -> None:
    warned = replace(WARNED, in_force_us=NOW - 14 * DAY)
    made = proposed(propose(finding(1), POLICY, given_that(warned)))
    assert (made.measure, made.capability, made.for_us) == (Measure.LIMIT, "returns", 90 * DAY)
    assert not made.review
    limited = replace(LIMITED, in_force_us=NOW - 30 * DAY)
    made = proposed(propose(finding(2), POLICY, given_that(warned, limited)))
    assert (made.measure, made.for_us, made.review) == (Measure.SUSPEND, 30 * DAY, True)


def test_shadow_does_nothing_and_says_so() -> None:
    assert passed(propose(finding(), POLICY, given_that(mode=Mode.SHADOW))) is PassReason.SHADOW


@calm
@given(st.text(max_size=8), st.integers(0, 100))
def test_a_canary_is_the_same_share_as_in_the_plan(account: str, percent: int) -> None:
    found = propose(finding(account=account), POLICY, given_that(mode=Mode.CANARY, canary=percent))
    if in_canary(account, POLICY.name, percent):
        assert proposed(found).account == account
    else:
        assert passed(found) is PassReason.NOT_IN_CANARY


def test_a_canary_without_a_share_is_nobody() -> None:
    found = propose(finding(), POLICY, given_that(mode=Mode.CANARY))
    assert passed(found) is PassReason.NOT_IN_CANARY


@pytest.mark.parametrize(
    ("exemption", "holds"),
    [
        (Exemption("boris", "returns-abuse", "a ruling"), True),
        (Exemption("boris", None, "a test account"), True),
        (Exemption("boris", "returns-abuse", "a ruling", NOW + 1), True),
        (Exemption("boris", "returns-abuse", "a ruling", NOW), False),
        (Exemption("boris", "sharing", "a ruling"), False),
        (Exemption("chen", None, "a ruling"), False),
    ],
)
def test_an_exemption_holds_for_its_account_policy_and_time(
    exemption: Exemption, holds: bool
) -> None:
    found = propose(finding(), POLICY, given_that(exemptions=(exemption,)))
    if holds:
        assert found == PassedFinding(
            "f1", "boris", "returns-abuse", PassReason.EXEMPT, exemption.why
        )
    else:
        proposed(found)


def test_one_finding_has_one_decision() -> None:
    made = proposed(propose(finding(), POLICY, given_that()))
    assert made == propose(finding(), POLICY, given_that())
    assert made.id == decision_id("f1")
    refused = after(made, Refuse(NOW, DORA, "it is his sister"))
    for one in (made, refused):
        assert passed(propose(finding(), POLICY, given_that(one))) is PassReason.KNOWN


def test_the_old_rule_does_not_fire_again_after_a_reversal() -> None:
    wrong = after(SUSPENDED, Reverse(SUSPENDED.latest_us, (EMIL,), "an appeal was granted"))
    later = {"now": NOW + 60 * DAY}
    same = finding(2, name="f2")
    assert propose(same, POLICY, given_that(wrong, **later)) == PassedFinding(
        "f2", "boris", "returns-abuse", PassReason.OVERRULED, "suspend"
    )
    newer = policy_from(edited("version: 3", "version: 4"))
    again = finding(0, name="f3", policy=newer)
    assert passed(propose(again, newer, given_that(wrong, **later))) is PassReason.OVERRULED
    fewer = finding(0, name="f4", events=("e2",))
    assert passed(propose(fewer, POLICY, given_that(wrong, **later))) is PassReason.OVERRULED
    emergency = propose_emergency(same, POLICY, 3, given_that(wrong, **later))
    assert passed(emergency) is PassReason.OVERRULED


def test_new_events_mixed_with_overruled_ones_are_for_a_person() -> None:
    wrong = after(WARNED, Reverse(NOW, (EMIL,), "an appeal was granted"))
    mixed = proposed(propose(finding(name="f2", events=("e2", "e3")), POLICY, given_that(wrong)))
    assert mixed.review
    assert automatic(mixed, NOW) is None
    fresh = proposed(propose(finding(name="f2", events=("e8", "e9")), POLICY, given_that(wrong)))
    assert not fresh.review
    other = replace(wrong, account="chen")
    assert not proposed(propose(finding(name="f2"), POLICY, given_that(other))).review


def test_events_overruled_by_two_reversals_together_are_overruled() -> None:
    one = after(WARNED, Reverse(NOW, (EMIL,), "a ruling"))
    two = replace(one, id="w2", reason=replace(one.reason, evidence={"x": ("e3",)}))
    found = propose(finding(name="f2", events=("e1", "e3")), POLICY, given_that(one, two))
    assert passed(found) is PassReason.OVERRULED


def test_a_finding_of_another_version_is_refused() -> None:
    newer = policy_from(edited("version: 3", "version: 4"))
    for call in (lambda: propose(finding(), newer, given_that()),
                 lambda: propose_emergency(finding(), newer, 0, given_that())):  # fmt: skip
        with pytest.raises(InvalidInput, match="is not of returns-abuse version 4 as it is"):
            call()


def test_the_ladder_is_climbed_by_what_took_force_not_by_findings() -> None:
    """The engine counts findings; here the warning never came, so it comes first."""
    assert proposed(propose(finding(3), POLICY, given_that())).index == 0
    wrong = after(LIMITED, Reverse(NOW, (EMIL,), "a ruling"))
    old = replace(WARNED, in_force_us=NOW - 99 * DAY)
    found = propose(finding(3, name="f9", events=("e9",)), POLICY, given_that(old, wrong))
    assert proposed(found).index == 1


def test_a_step_waits_for_its_time() -> None:
    for days, why in ((13, PassReason.RUNNING), (14, None)):
        found = propose(finding(1), POLICY, given_that(WARNED, now=NOW + days * DAY))
        assert (found.why if isinstance(found, PassedFinding) else None) is why


def test_a_step_that_ended_too_soon_for_the_next_is_taken_again() -> None:
    lifted = after(LIMITED, Lift(NOW + DAY, DORA, "he paid"))
    found = propose(finding(2), POLICY, given_that(WARNED, lifted, now=NOW + 2 * DAY))
    assert proposed(found).measure is Measure.LIMIT


@pytest.mark.parametrize(
    "state", [DecisionState.PROPOSED, DecisionState.APPROVED, DecisionState.NOTICED]
)
def test_nothing_is_proposed_while_the_same_or_a_harsher_step_is_pending(
    state: DecisionState,
) -> None:
    pending = decision(Measure.SUSPEND, state=state)
    world = given_that(WARNED, pending, now=NOW + 14 * DAY)
    found = propose(finding(1, name="f2"), POLICY, world)
    assert found == PassedFinding("f2", "boris", "returns-abuse", PassReason.RUNNING, "d1")


def test_policies_do_not_stand_in_each_others_way() -> None:
    other = replace(LIMITED, reason=replace(LIMITED.reason, policy="sharing"))
    assert proposed(propose(finding(), POLICY, given_that(other))).index == 0


def test_positions_are_derived_and_forgotten_in_time() -> None:
    where = {"account": "boris", "policy": POLICY.name}
    assert rung(**where, given=given_that()) == Rung(-1, 0)
    assert rung(**where, given=given_that(decision(Measure.CLOSE))) == Rung(-1, 0)
    assert rung(**where, given=given_that(LIMITED, WARNED)) == Rung(1, NOW)
    at_end = NOW + MEMORY_US
    assert rung(**where, given=given_that(WARNED, now=at_end - 1)) == Rung(0, NOW)
    assert rung(**where, given=given_that(WARNED, now=at_end)) == Rung(-1, 0)
    ended = after(LIMITED, End(NOW + 90 * DAY))
    for limit in (LIMITED, ended):
        later = at_end + 90 * DAY
        assert rung(**where, given=given_that(limit, now=later - 1)) == Rung(1, NOW)
        assert rung(**where, given=given_that(limit, now=later)) == Rung(-1, 0)
    endless = replace(LIMITED, for_us=None)
    assert rung(**where, given=given_that(endless, now=at_end * 9)) == Rung(1, NOW)


def test_an_emergency_that_lapsed_is_no_step() -> None:
    lapsed = declared()
    where = ("boris", POLICY.name)
    assert rung(*where, given_that(lapsed)).index == 3
    assert rung(*where, given_that(lapsed, now=NOW + DAY)).index == -1
    assert rung(*where, given_that(after(lapsed, End(NOW + DAY)), now=NOW + DAY)).index == -1
    sure = after(lapsed, Approve(NOW, EMIL), Notify(NOW, "n1"))
    assert rung(*where, given_that(sure, now=NOW + 999 * DAY)).index == 3


def test_a_warning_of_years_ago_is_no_bar_to_another() -> None:
    late = NOW + MEMORY_US
    again = propose(finding(name="f2"), POLICY, given_that(WARNED, now=late))
    assert proposed(again).measure is Measure.WARN


def test_a_finding_below_the_rung_leads_to_its_own_milder_step() -> None:
    ended = after(LIMITED, End(NOW + 90 * DAY))
    now = NOW + 100 * DAY
    assert proposed(propose(finding(0), POLICY, given_that(ended, now=now))).index == 0


def test_an_emergency_may_skip_steps_and_only_as_one() -> None:
    made = proposed(propose_emergency(finding(), POLICY, 3, given_that()))
    assert (made.measure, made.skips) == (Measure.CLOSE, True)
    with pytest.raises(IllegalMove, match=r"earlier steps of its ladder are not behind it"):
        step(made, Approve(NOW, DORA), brake_closed=False)
    urgent = after(made, Declare(NOW, DORA, "a stolen card"), Approve(NOW, EMIL))
    assert urgent.state is DecisionState.IN_FORCE
    first = proposed(propose_emergency(finding(), POLICY, 0, given_that()))
    assert not first.skips
    ordinary = proposed(propose(finding(), POLICY, given_that()))
    assert len({made.id, first.id, ordinary.id}) == 3
    for wrong in (-1, 4):
        with pytest.raises(InvalidInput, match="returns-abuse has no step"):
            propose_emergency(finding(), POLICY, wrong, given_that())
    assert passed(propose_emergency(finding(), POLICY, 3, given_that(made))) is PassReason.KNOWN


def test_only_what_needs_no_person_is_approved_by_the_policy() -> None:
    warn = proposed(propose(finding(), POLICY, given_that()))
    approval = automatic(warn, NOW)
    assert approval is not None
    assert (approval.by.name, approval.by.person) == ("returns-abuse 3", False)
    assert step(warn, approval, brake_closed=True).state is DecisionState.APPROVED
    for other in (
        replace(warn, review=True),
        replace(warn, measure=Measure.SUSPEND),
        replace(warn, measure=Measure.CLOSE),
        replace(warn, skips=True),
        after(warn, approval),
    ):
        assert automatic(other, NOW) is None


FINDINGS = st.lists(
    st.builds(
        lambda i, s, a, e: finding(s, name=f"f{i}", account=a, events=(f"e{e}",)),
        st.integers(0, 5), st.integers(0, 3), st.sampled_from(["boris", "chen"]), st.integers(0, 3),
    ),
    max_size=8,
)  # fmt: skip


@often
@given(FINDINGS, st.sampled_from(Mode))
def test_every_finding_of_a_batch_has_its_record_and_none_two_decisions(
    findings: list, mode: Mode
) -> None:
    given_ = given_that(mode=mode, canary=50)
    found = propose_all(findings, {POLICY.name: POLICY}, given_)
    assert len(found) == len(findings)
    for one, record in zip(findings, found, strict=True):
        told = record.finding if isinstance(record, PassedFinding) else record.reason.finding
        assert (told, record.account) == (one.id, one.account)
    ids = [r.id for r in found if isinstance(r, Decision)]
    assert len(ids) == len(set(ids))
    assert mode is not Mode.SHADOW or ids == []
    seen = replace(given_, decisions=tuple(r for r in found if isinstance(r, Decision)))
    again = propose_all(findings, {POLICY.name: POLICY}, seen)
    assert not any(isinstance(r, Decision) for r in again), "a replay decides nothing twice"


DAYS = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 13, 14, 30, 200, 400]),
        st.integers(0, 3),
        st.sampled_from(["run", "run", "run", "wait", "reverse", "refuse"]),
    ),
    max_size=14,
)


@often
@given(DAYS)
def test_no_step_takes_force_without_the_one_before_it_behind_it(days: list) -> None:
    now, every = NOW, []
    for i, (wait, wanted, then) in enumerate(days):
        now += wait * DAY
        found = propose(
            finding(wanted, name=f"f{i}", events=(f"e{i}",)), POLICY, given_that(*every, now=now)
        )
        if isinstance(found, PassedFinding):
            continue
        before = [
            d.index
            for d in every
            if d.in_force_us is not None and d.state is not DecisionState.REVERSED
        ]
        assert found.index <= max(before, default=-1) + 1
        assert found.index <= wanted
        if then == "refuse":
            found = after(found, Refuse(now, DORA, "no"))
        elif then != "wait":
            told = after(found, Approve(now, DORA), Notify(now, "n"))
            now += told.period_us
            found = after(told, TakeForce(now))
            later = [d for d in every if d.index == found.index - 1 and d.in_force_us is not None]
            assert found.index == 0 or any(
                found.in_force_us - d.in_force_us >= POLICY.ladder[found.index].after_us
                for d in later
            )
        if then == "reverse":
            now += DAY
            found = after(found, Reverse(now, (EMIL,), "a ruling"))
        every.append(found)


@often
@given(DAYS)
def test_a_reversed_decision_leaves_the_ladder_as_it_was(days: list) -> None:
    """Law 6: after do and undo, the position is what it was."""
    now, every = NOW, []
    for i, (wait, wanted, _) in enumerate(days):
        now += wait * DAY
        world = given_that(*every, now=now)
        found = propose(finding(wanted, name=f"f{i}", events=(f"e{i}",)), POLICY, world)
        if isinstance(found, PassedFinding):
            continue
        told = after(found, Approve(now, DORA), Notify(now, "n"))
        done = after(told, TakeForce(now + told.period_us))
        now = done.latest_us
        undone = after(done, Reverse(now, (EMIL,), "a ruling"))
        before = rung("boris", POLICY.name, given_that(*every, now=now))
        assert rung("boris", POLICY.name, given_that(*every, undone, now=now)) == before
        every.append(done)
