"""Appeals one move at a time: who is heard, by whom, by when, and what the ruling does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.appeal import Appeal, AppealState, Ruling, Verdict
from habeas.core.appeal.appeals import (
    Answer,
    AppealMove,
    Assign,
    Attach,
    DeclinedDecision,
    DeclineReason,
    Escalate,
    Interim,
    Remind,
    Restore,
    Rule,
    Withdraw,
    advance,
    binding,
    due,
    opened,
    outcome,
)
from habeas.core.appeal.deadlines import NORMAL, URGENT, AppealTerms, appeal_until_us
from habeas.core.appeal.reversal import proved
from habeas.core.appeal.rulings import NOTHING
from habeas.core.decision import Decision, DecisionState
from habeas.core.decision.decisions import Lift, Reverse, step
from habeas.core.decision.standing import standing
from habeas.core.errors import IllegalMove, InvalidInput
from habeas.core.policy import Measure
from tests.core.appeal.casework import (
    DAY,
    DORA,
    EMIL,
    FAY,
    HOUR,
    NOW,
    OPEN,
    ROBOT,
    decision,
    declared,
)
from tests.core.appeal.courts import Account, bound
from tests.core.appeal.hearing import (
    SUSPENDED,
    WHY,
    after,
    appeal,
    complaint,
    photo,
    restored,
    ruled,
    ruling,
)
from tests.core.property.owned import BORIS
from tests.core.samples import often

REVERSED = replace(SUSPENDED, state=DecisionState.REVERSED, ended_us=NOW)


def test_the_way_of_an_appeal() -> None:
    made = appeal()
    assert (made.state, made.due_us) == (AppealState.OPEN, NOW + 14 * DAY)
    heard = after(made, Attach(NOW, photo()), Assign(NOW + 1, EMIL))
    assert (heard.state, heard.reviewer, len(heard.attachments)) == (AppealState.IN_REVIEW, EMIL, 1)
    done = after(heard, Rule(NOW + 2, EMIL, (ruling(Verdict.UPHOLD),)))
    assert (done.state, done.ruled_us, done.granted) == (AppealState.RULED, NOW + 2, frozenset())
    told = after(done, Answer(NOW + 3, "n9"))
    assert (told.state, told.notice, told.latest_us) == (AppealState.ANSWERED, "n9", NOW + 3)


def test_months_from_the_day_the_customer_was_informed() -> None:
    over = replace(SUSPENDED, state=DecisionState.ENDED, ended_us=NOW + DAY)
    until = appeal_until_us(NOW)
    assert opened(complaint(), [over], (), until - 1)[0]
    late = opened(complaint(), [over], (), until)
    assert late == (None, (DeclinedDecision("d1", DeclineReason.LATE),))
    assert opened(complaint(), [SUSPENDED], (), 9 * until)[0], "it still binds"


@pytest.mark.parametrize(
    ("decisions", "why"),
    [
        ([], DeclineReason.UNKNOWN),
        ([replace(SUSPENDED, account="chen")], DeclineReason.UNKNOWN),
        ([REVERSED], DeclineReason.UNDONE),
        ([decision(Measure.CLOSE)], DeclineReason.NOT_TOLD),
    ],
)
def test_what_is_not_heard_is_declined_with_a_reason(
    decisions: list[Decision], why: DeclineReason
) -> None:
    assert opened(complaint(), decisions, (), NOW) == (None, (DeclinedDecision("d1", why),))


def test_an_emergency_is_heard_before_its_notice() -> None:
    assert opened(complaint(), [declared()], (), NOW)[0]


def test_a_second_appeal_is_refused_with_a_reason_and_the_rest_is_heard() -> None:
    first, other = appeal(), bound(Measure.LIMIT, "d2")
    both = [SUSPENDED, other]
    for state in AppealState:
        made, declined = opened(complaint("d1", "d2"), both, [replace(first, state=state)], NOW)
        assert made is not None
        match state:
            case AppealState.OPEN | AppealState.IN_REVIEW:
                assert declined == (DeclinedDecision("d1", DeclineReason.OPEN_ALREADY, first.id),)
            case AppealState.RULED | AppealState.ANSWERED:
                assert declined == (DeclinedDecision("d1", DeclineReason.RULED, first.id),)
            case AppealState.WITHDRAWN:
                assert declined == (), "who withdrew may come again"
        assert made.decisions == (("d1", "d2") if state is AppealState.WITHDRAWN else ("d2",))
        assert made.id != first.id
    stranger = replace(first, account="chen")
    assert opened(complaint("d1", "d1"), both, [stranger], NOW)[0] == first, "the same id again"


@pytest.mark.parametrize(
    ("start", "event", "said"),
    [
        (appeal(), Assign(NOW - 1, EMIL), "it lies before its latest move"),
        (appeal(), Assign(NOW, DORA), r"dora approved d1 or is no person \(law 7\)"),
        (appeal(), Assign(NOW, ROBOT), "or is no person"),
        (appeal(), Rule(NOW, EMIL, (ruling(Verdict.UPHOLD),)), "by the reviewer it was assigned"),
        (appeal(), Remind(NOW, 1), "no reminder is due"),
        (appeal(), Remind(NOW + 5 * DAY, 2), "no reminder is due"),
        (appeal(), Escalate(NOW + 14 * DAY - 1, 1), "no escalation is due"),
        (appeal(), Answer(NOW, "n1"), "there is no ruling to carry out"),
        (appeal(), Restore(NOW, "d1", ()), "there is no ruling to carry out"),
        (appeal(), Interim(NOW, EMIL, " "), "a person grants it, and says why"),
        (appeal(), Interim(NOW, ROBOT, "x"), "a person grants it, and says why"),
        (after(appeal(), Interim(NOW, EMIL, "rent")), Interim(NOW, FAY, "x"), "has its interim"),
        (after(appeal(), Attach(NOW, photo())), Attach(NOW, photo()), "is there already"),
        (after(appeal(), Withdraw(NOW)), Withdraw(NOW), "is withdrawn, not open to"),
        (after(appeal(), Withdraw(NOW)), Escalate(NOW + 99 * DAY, 1), "it is over"),
        (after(appeal(), Assign(NOW, EMIL)), Rule(NOW, EMIL, ()), "decisions needs one"),
        (
            after(appeal(), Assign(NOW, EMIL)),
            Rule(NOW, FAY, (ruling(Verdict.UPHOLD),)),
            "by the reviewer it was assigned",
        ),
        (
            after(appeal(), Assign(NOW, EMIL)),
            Rule(NOW, EMIL, (Ruling("d1", Verdict.UPHOLD, " "),)),
            "the ruling on d1 gives no reasons",
        ),
        (ruled(Verdict.UPHOLD), Withdraw(NOW), "it is no longer open"),
        (ruled(Verdict.UPHOLD), Attach(NOW, photo()), "it is no longer open"),
        (ruled(Verdict.UPHOLD), Answer(NOW, ""), "it names no notice"),
        (ruled(Verdict.UPHOLD), Restore(NOW, "d1", ()), "nothing of d1 was to be restored"),
        (ruled(Verdict.OVERTURN), Restore(NOW, "d1", ()), "d1 is not reversed yet"),
        (ruled(Verdict.OVERTURN), Answer(NOW, "n1"), "d1 was not restored yet"),
    ],
)  # fmt: skip
def test_an_illegal_move_has_one_clear_error(start: Appeal, event: AppealMove, said: str) -> None:
    with pytest.raises(IllegalMove, match=said):
        advance(start, event, [SUSPENDED])


def test_a_reviewer_who_approved_a_moment_ago_does_not_rule() -> None:
    """Emil reviews the emergency while its appeal lies on his desk."""
    heard = after(appeal([declared()]), Assign(NOW, EMIL), decisions=[declared()])
    now = replace(declared(), approvers=(EMIL,))
    with pytest.raises(IllegalMove, match=r"emil approved d1 .* \(law 7\)"):
        advance(heard, Rule(NOW, EMIL, (ruling(Verdict.UPHOLD),)), [now])
    assert advance(heard, Assign(NOW, FAY), [now]).reviewer == FAY


def test_nobody_rules_on_a_decision_that_is_not_there() -> None:
    heard = after(appeal(), Assign(NOW, EMIL))
    with pytest.raises(IllegalMove, match="the decision d1 is not there"):
        advance(heard, Rule(NOW, EMIL, (ruling(Verdict.UPHOLD),)), [])


def test_trap_an_appeal_was_granted_and_the_mail_sent_but_nothing_was_restored() -> None:
    world = Account(tuple(BORIS))
    before = world.seen()
    world.decide(SUSPENDED)
    done = ruled(Verdict.OVERTURN, list(world.decisions.values()))
    with pytest.raises(IllegalMove, match="d1 was not restored yet; restore it, then tell"):
        advance(done, Answer(NOW, "n1"), list(world.decisions.values()))
    assert due(done, NOW + DAY - 1) is None
    assert due(done, NOW + DAY) == Escalate(NOW + DAY, 1), "somebody is told that nothing happened"
    late = advance(done, Escalate(NOW + DAY, 1), list(world.decisions.values()))
    assert due(late, NOW + 99 * DAY) is None
    world.decisions["d1"] = replace(SUSPENDED, state=DecisionState.REVERSED)
    for told in (proved(before, world.seen()), world.unrestored("d1")):
        with pytest.raises(IllegalMove, match=r"d1 is not as it was: .* (is|be taken) "):
            advance(done, Restore(NOW, "d1", told), list(world.decisions.values()))
    world.follow()
    proof = (*proved(before, world.seen()), *world.unrestored("d1"))
    back = advance(done, Restore(NOW, "d1", proof), list(world.decisions.values()))
    assert (
        advance(back, Answer(NOW, "n1"), list(world.decisions.values())).state
        is AppealState.ANSWERED
    )


@often
@given(st.lists(st.sampled_from(Measure), max_size=4), st.sampled_from(AppealState))
def test_trap_a_new_measure_silently_closed_an_open_appeal(
    measures: list[Measure], state: AppealState
) -> None:
    """Whatever is decided, ended or reversed meanwhile, the appeal goes on and is ruled on."""
    now = NOW + 5 * DAY
    others = [bound(m, f"o{i}", NOW + DAY) for i, m in enumerate(measures)]
    made = appeal()
    for changed in (
        SUSPENDED,
        step(SUSPENDED, Lift(NOW + DAY, DORA, "a close follows"), brake_closed=OPEN),
        step(SUSPENDED, Reverse(NOW + DAY, (FAY,), "a relief"), brake_closed=OPEN),
    ):
        decisions = [*others, changed]
        assert due(made, now) == Remind(now, 1)
        rule = Rule(now, EMIL, (ruling(Verdict.OVERTURN),))
        done = after(made, Assign(now, EMIL), rule, decisions=decisions)
        assert done.state is AppealState.RULED
        wanted = changed.state is not DecisionState.REVERSED
        assert (outcome(done, changed, now).event is not None) == wanted


def test_a_late_appeal_is_told_of_until_it_is_ruled_on() -> None:
    made = appeal()
    days: list[tuple[int, AppealMove]] = [
        (5, Remind(NOW + 5 * DAY, 1)),
        (10, Remind(NOW + 10 * DAY, 2)),
        (14, Escalate(NOW + 14 * DAY, 1)),
        (21, Escalate(NOW + 21 * DAY, 2)),
        (28, Escalate(NOW + 28 * DAY, 3)),
    ]
    for day, event in days:
        assert due(made, NOW + day * DAY - 1) is None
        assert due(made, NOW + day * DAY) == event
        made = advance(made, event, [SUSPENDED])
    assert due(made, NOW + 999 * DAY) is None
    assert due(appeal(), NOW + 22 * DAY) == Escalate(NOW + 22 * DAY, 2), "one for all missed"
    told = advance(appeal(), Escalate(NOW + 22 * DAY, 2), [SUSPENDED])
    assert due(told, NOW + 23 * DAY) is None, "who is told that it is late needs no reminder"
    assert due(after(appeal(), Withdraw(NOW)), NOW + 99 * DAY) is None


def test_a_ruling_that_came_late_can_be_carried_out_late_as_well() -> None:
    late = NOW + 22 * DAY
    rule = Rule(late, EMIL, (ruling(Verdict.OVERTURN),))
    done = after(appeal(), Escalate(late, 2), Assign(late, EMIL), rule)
    assert due(done, late + DAY) == Escalate(late + DAY, 1)


def test_hardship_makes_it_urgent() -> None:
    assert appeal(hardship=True).terms == URGENT
    assert appeal().terms == NORMAL
    assert appeal(hardship=True).due_us == NOW + 3 * DAY
    own = AppealTerms(escalations=(2 * DAY,))
    for sent in (complaint(), complaint(hardship=True)):
        made, _ = opened(sent, [SUSPENDED], (), NOW, normal=own, urgent=own)
        assert made is not None
        assert made.due_us == NOW + 2 * DAY


@pytest.mark.parametrize("times", [{"escalations": ()}, {"reminders": (0,)}, {"carry_out_us": -1}])
def test_terms_name_a_day(times: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="a day by which it is answered"):
        AppealTerms(**times)


def test_interim_relief_lifts_a_suspension_until_the_ruling() -> None:
    closed = bound(Measure.CLOSE, "d2")
    other = bound(Measure.SUSPEND, "d3")
    eased = after(appeal(hardship=True), Interim(NOW + 1, DORA, "she cannot pay her rent"))

    def may(made: Appeal, *decisions: Decision) -> bool:
        return standing("boris", binding(decisions, [made]), NOW).may("orders")

    assert not may(appeal(), SUSPENDED)
    assert may(eased, SUSPENDED)
    assert not may(eased, SUSPENDED, other), "only what is appealed against"
    assert not may(replace(eased, decisions=("d1", "d2")), SUSPENDED, closed), "no closing"
    heard = after(eased, Assign(NOW + HOUR, EMIL))
    assert may(heard, SUSPENDED)
    upheld = after(heard, Rule(NOW + HOUR, EMIL, (ruling(Verdict.UPHOLD),)))
    assert not may(upheld, SUSPENDED)
    assert not may(after(eased, Withdraw(NOW + HOUR)), SUSPENDED)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_the_ruling_says_what_follows(verdict: Verdict) -> None:
    done = ruled(verdict)
    found = outcome(done, SUSPENDED, NOW)
    assert (found.event is not None) == (verdict is not Verdict.UPHOLD)
    assert (found.proposed is not None) == (verdict is Verdict.LESSER)
    assert outcome(appeal(), SUSPENDED, NOW) == NOTHING
    assert outcome(done, bound(Measure.CLOSE, "d2"), NOW) == NOTHING
    if found.event:
        now = step(SUSPENDED, found.event, brake_closed=True)
        assert now.state is DecisionState.REVERSED
        assert now.why == WHY
        assert outcome(done, now, NOW) == NOTHING, "nothing follows twice (law 10)"
        assert restored(done, [now]).restored == {"d1"}
