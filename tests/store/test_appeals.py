"""Appeals, the doors of cases, relief plans and brakes, as they are recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from habeas.config import Database
from habeas.core.appeal import AppealState, Ruling, Verdict
from habeas.core.appeal.appeals import Assign, Escalate, Interim, Remind, Rule, Withdraw, due
from habeas.core.appeal.approvals import approve
from habeas.core.appeal.cases import MOST_TRIES, Entrance, case_of, code_of, tried
from habeas.core.brake import Brake, BrakeTerms, Release
from habeas.core.brake.brakes import BrakeInquiry
from habeas.core.decision.decisions import Approve
from habeas.core.errors import Changed, IllegalMove, NotFound
from habeas.core.policy import Measure
from habeas.store import appeals, brakes, leaves, reliefs, rows
from habeas.store.accounts import account, account_of_appeal
from habeas.store.changes import AccountChange
from habeas.store.commits import commit
from tests.core.appeal import hearing
from tests.core.appeal.casework import DAY, DORA, EMIL, FAY, NOW, decision
from tests.store.life import LATER, proposed, suspended
from tests.store.test_codec import PLAN

CODE = code_of(b"0123456789")


def opened() -> str:
    """Boris is suspended and appeals; the id of the appeal."""
    commit([proposed()])
    commit([suspended(account("boris"))])
    read = account("boris")
    made = hearing.appeal([read.decisions["d boris"]], now_us=LATER)
    commit([AccountChange.of(read, LATER).appealed(made)])
    return made.id


def heard(name: str, *events: object, us: int = LATER) -> AccountChange:
    change = AccountChange.of(account("boris"), us)
    for event in events:
        change = change.heard(name, event)  # type: ignore[arg-type]
    commit([change])
    return change


def test_an_appeal_comes_back_with_its_moves(store: Database) -> None:
    name = opened()
    change = heard(name, Assign(LATER, EMIL), Interim(LATER, FAY, "he has no other way to pay"))
    read = account("boris")
    assert read == replace(change.account, version=4)
    assert read.appeals[name].state is AppealState.IN_REVIEW
    assert account_of_appeal(name) == "boris"
    with pytest.raises(NotFound, match="there is no appeal a9"):
        account_of_appeal("a9")
    with pytest.raises(NotFound, match="no appeal a9 on the account 'boris'"):
        read.appeal("a9")


def test_interim_relief_gives_back_what_was_held(store: Database) -> None:
    name = opened()
    assert account("boris").standing(LATER).suspended
    change = heard(name, Assign(LATER, EMIL), Interim(LATER, FAY, "he has no other way to pay"))
    assert [s.act.value for s in change.settlements] == ["release"]
    assert not account("boris").standing(LATER).suspended
    ruling = Ruling("d boris", Verdict.UPHOLD, "they came back in the returns of his account")
    change = heard(name, Rule(LATER + 1, EMIL, (ruling,)), us=LATER + 1)
    assert [s.act.value for s in change.settlements] == ["settle"]
    assert account("boris").standing(LATER + 1).suspended


def test_an_appeal_is_read_though_its_reviewer_has_since_approved(store: Database) -> None:
    """What was possible when it was made is not asked again when it is read."""
    name = opened()
    heard(name, Assign(LATER, EMIL))
    made = decision(Measure.CLOSE, "d2", proposed_us=LATER)
    commit(
        [AccountChange.of(account("boris"), LATER).proposed(made).moved("d2", Approve(LATER, EMIL))]
    )
    assert account("boris").appeals[name].reviewer == EMIL


def test_the_words_of_an_appeal_can_be_erased(store: Database) -> None:
    name = opened()
    ((words,),) = rows.select("SELECT words FROM habeas_appeal")
    assert account("boris").appeals[name].text == "I never sent these back."
    leaves.erase_leaf(words)
    assert account("boris").appeals[name].text == ""
    for (text,) in rows.select("SELECT text FROM habeas_leaftext"):
        assert "never sent" not in text


def test_appeals_in_lists(store: Database) -> None:
    name = opened()
    (listed,) = appeals.in_state([AppealState.OPEN, AppealState.IN_REVIEW])
    assert (listed.appeal, listed.account, listed.reviewer) == (name, "boris", "")
    assert appeals.due(LATER + 5 * DAY - 1) == []
    assert [a.appeal for a in appeals.due(LATER + 5 * DAY)] == [name]
    heard(name, Withdraw(LATER))
    assert appeals.in_state([AppealState.OPEN]) == appeals.due(LATER + 99 * DAY) == []


def test_the_list_says_when_the_core_has_something_to_do(store: Database) -> None:
    """`due_us` and `core/appeal/appeals.due` agree on every day of five weeks."""
    name, day = opened(), LATER
    for _ in range(40):
        now = account("boris").appeals[name]
        event = due(now, day)
        assert bool(appeals.due(day)) == (event is not None)
        if event is not None:
            assert isinstance(event, Remind | Escalate)
            heard(name, event, us=day)
            assert appeals.due(day) == []
        day += DAY
    assert account("boris").appeals[name].escalated == 3


def test_the_door_counts_every_try(store: Database) -> None:
    case = case_of("R-1", "boris", ("d boris",), CODE)
    commit([AccountChange.of(account("boris"), NOW).opens(case)])
    assert appeals.case_of("R-1") == case
    for _ in range(MOST_TRIES):
        after, entrance = appeals.entered("R-1", lambda c: tried(c, "0000", NOW))
        assert entrance is Entrance.WRONG
    assert appeals.case_of("R-1") == after
    assert appeals.entered("R-1", lambda c: tried(c, CODE, NOW))[1] is Entrance.SHUT
    with pytest.raises(NotFound, match="there is no case R-2"):
        appeals.entered("R-2", lambda c: tried(c, CODE, NOW))
    for (value,) in rows.select("SELECT value FROM habeas_case"):
        assert CODE not in value
        assert CODE.replace("-", "") not in value


def test_a_relief_plan_and_its_two_approvals(store: Database) -> None:
    reliefs.keep(PLAN, NOW)
    reliefs.keep(PLAN, NOW + 1)
    before = reliefs.relief(PLAN.hash)
    assert before.plan == PLAN
    assert before.plan.hash == PLAN.hash
    first = approve(PLAN, (), yes(DORA), ())
    reliefs.approved(PLAN.hash, (), first)
    with pytest.raises(Changed, match="somebody else approved this relief"):
        reliefs.approved(PLAN.hash, (), approve(PLAN, (), yes(EMIL), ()))
    both = approve(PLAN, first, yes(EMIL), ())
    reliefs.approved(PLAN.hash, first, both)
    assert reliefs.relief(PLAN.hash).approvals == both
    with pytest.raises(NotFound, match="there is no relief plan"):
        reliefs.relief("0" * 64)


def yes(by: object) -> object:
    from habeas.core.appeal.approvals import Approval

    return Approval(by, PLAN.hash, NOW)  # type: ignore[arg-type]


def test_what_a_relief_has_done_follows_from_the_decisions(store: Database) -> None:
    from tests.store.life import record_everything

    record_everything()
    commit([proposed("chen")])
    assert reliefs.undone(["d boris", "d chen", "d9"]) == {"d boris"}


TERMS = BrakeTerms(promise_us=365 * DAY, caps={"*": 2})


def test_a_brake_is_saved_with_what_it_answered(store: Database) -> None:
    kept = brakes.brake("returns-abuse")
    assert (kept.state, kept.version) == (None, 0)
    brake = Brake(TERMS, kept.state)
    answers = [brake.ask(BrakeInquiry(NOW + i, {})) for i in range(4)]
    assert not answers[-1].passes
    closing = answers[-1].closing
    assert closing is not None
    saved = brakes.Answered("returns-abuse", brake.state(), kept.version, 0, (closing,))
    commit([proposed()], brakes=[saved])
    assert brakes.closed() == {"returns-abuse"}
    kept = brakes.brake("returns-abuse")
    assert kept == brakes.StoredBrake("returns-abuse", brake.state(), 1, 1)
    release = Release(NOW + 9, (DORA, EMIL), "the sale is on")
    brake = Brake(TERMS, kept.state)
    brake.release(release)
    opened = brakes.Answered("returns-abuse", brake.state(), 1, 1, (release,))
    commit([], brakes=[opened])
    assert brakes.closed() == frozenset()
    assert brakes.turns("returns-abuse") == [closing, release]
    with pytest.raises(Changed, match="a brake has changed"):
        commit([proposed("chen")], brakes=[saved])
    assert account("chen").version == 0


def test_a_ruling_by_who_approved_is_refused(store: Database) -> None:
    name = opened()
    with pytest.raises(IllegalMove, match="law 7"):
        heard(name, Assign(LATER, DORA))
