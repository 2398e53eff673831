"""Notify: everything of a notice in one commit, complete or not at all, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.appeal import AppealState, Ruling, Verdict
from habeas.core.appeal.appeals import Assign, Restore, Rule, opened
from habeas.core.appeal.cases import Entrance, tried
from habeas.core.appeal.complaints import Complaint
from habeas.core.brake import BrakeState, Closing
from habeas.core.decision import Actor, DecisionState
from habeas.core.decision.decisions import Declare, Refuse, Reverse
from habeas.core.errors import InvalidInput
from habeas.flows.decision.tick import tick
from habeas.flows.letter.deliver import letter_with_code
from habeas.flows.letter.notify import hand_over
from habeas.store import appeals, decisions, notices, outbox
from habeas.store.accounts import account
from habeas.store.brakes import Answered
from habeas.store.changes import AccountChange
from habeas.store.commits import commit
from habeas.store.contacts import unreachable
from habeas.store.decisions import untold
from tests.core.appeal.casework import DAY, DORA, EMIL
from tests.flows.deciding import DECIDED_US
from tests.flows.letter.telling import Told, reach, told_shop


@pytest.fixture
def told(tmp_path: Path, store: Database) -> Told:
    return told_shop(tmp_path)


def only(name: str) -> str:
    (decision,) = account(name).decisions
    return decision


def test_a_customer_is_told_once_and_completely(told: Told) -> None:
    reach("account 0", "account 1", lang="fr")
    report = told.notify()
    assert report.told == {"measure": 2}
    assert [(u.account, u.why) for u in report.untold] == [
        ("account 2", "nothing says where the customer is reached")
    ]
    assert told.notify().told == {}
    decision = account("account 0").decision(only("account 0"))
    assert (decision.state, decision.noticed_us) == (DecisionState.NOTICED, DECIDED_US)
    kept = notices.notice(decision.notice or "")
    assert kept.lang == "fr"
    assert kept.text is not None
    assert "Gardez vos achats." in kept.text
    assert "····-····-····-····" in kept.text
    assert kept.letter is not None


def test_the_code_in_the_letter_opens_the_case(told: Told) -> None:
    reach("account 0")
    told.notify()
    kept = notices.notices_of("account 0")[0]
    letter = letter_with_code(kept, told.post().codes)
    case, entrance = tried(appeals.case_of(letter.reference), letter.code, DECIDED_US)
    assert entrance is Entrance.OPEN
    assert case.decisions == (only("account 0"),)
    assert letter.code not in (kept.text or "")


def test_who_cannot_be_reached_is_seen_and_nothing_takes_force(told: Told) -> None:
    reach("account 0", "account 1")
    told.notify()
    assert [u.account for u in unreachable()] == ["account 2"]
    tick(DECIDED_US + 60 * DAY)
    assert account("account 2").decision(only("account 2")).state is DecisionState.REFUSED


def test_a_person_hands_a_notice_over(told: Told) -> None:
    name = only("account 2")
    notice = hand_over(told.teller(), name, "en", DORA, "registered letter")
    assert notice.by_hand == "registered letter (dora)"
    assert [u.account for u in unreachable()] == ["account 0", "account 1"]
    assert outbox.claim(DECIDED_US) == []
    decision = account("account 2").decision(name)
    tick(DECIDED_US + decision.period_us)
    assert account("account 2").decision(name).state is DecisionState.IN_FORCE


@pytest.mark.parametrize(("by", "how"), [(Actor("robot", person=False), "post"), (DORA, " ")])
def test_only_a_person_who_says_how_hands_over(told: Told, by: Actor, how: str) -> None:
    with pytest.raises(InvalidInput, match="says how"):
        hand_over(told.teller(), only("account 2"), "en", by, how)
    assert notices.notices_of("account 2") == []


def test_nothing_new_is_told_while_a_brake_is_closed_but_an_emergency_is(told: Told) -> None:
    reach("account 0", "account 1")
    name, policy = only("account 0"), untold()[0].policy
    event = Declare(DECIDED_US, DORA, "a stolen card is in use")
    commit([AccountChange.of(account("account 0"), DECIDED_US).moved(name, event)])
    closing = Closing(DECIDED_US, 1.0, ())
    commit([], brakes=[Answered(policy, BrakeState(closing=closing), 0, 0, (closing,))])
    report = told.notify()
    assert (report.told, report.held) == ({"measure": 1}, 2)
    text = notices.notices_of("account 0")[0].text or ""
    assert "a stolen card is in use" in text


def test_what_was_told_and_then_dropped_is_told(told: Told) -> None:
    reach("account 0")
    told.notify()
    name = only("account 0")
    event = Refuse(DECIDED_US + DAY, EMIL, "the shop miscounted")
    commit([AccountChange.of(account("account 0"), DECIDED_US + DAY).moved(name, event)])
    told.now_us = DECIDED_US + 2 * DAY
    assert told.notify().told == {"end": 1}
    assert told.notify().told == {}
    text = notices.notices_of("account 0")[-1].text or ""
    assert "this will not happen" in text


def in_force(told: Told, name: str) -> str:
    """Told, sent and taken force; the id of the decision."""
    reach(name)
    told.notify()
    told.deliver()
    decision = only(name)
    told.now_us += account(name).decision(decision).period_us
    tick(told.now_us)
    assert account(name).decision(decision).state is DecisionState.IN_FORCE
    return decision


def test_what_was_wrong_is_apologised_for_once(told: Told) -> None:
    name = in_force(told, "account 0")
    event = Reverse(told.now_us + 1, (EMIL,), "the terminal counted twice")
    told.now_us += 1
    commit([AccountChange.of(account("account 0"), told.now_us).moved(name, event)])
    assert told.notify().told == {"apology": 1}
    assert told.notify().told == {}
    made = notices.notices_of("account 0")
    assert [n.kind for n in made] == ["measure", "apology"]
    assert made[0].letter is not None
    assert made[1].letter is not None
    assert made[0].letter.reference == made[1].letter.reference
    assert "the terminal counted twice" in (made[1].text or "")
    assert told.deliver().sent == 1


def test_an_end_is_told(told: Told) -> None:
    in_force(told, "account 0")
    told.now_us += 31 * DAY
    tick(told.now_us)
    assert told.notify().told == {"end": 1}
    assert "its time was over" in (notices.notices_of("account 0")[-1].text or "")


def appealed(told: Told, name: str, decision: str, verdict: Verdict) -> str:
    """An appeal of the customer and its ruling; the appeal's id."""
    now_us = told.now_us
    reference = notices.notices_of(name)[0].letter.reference  # type: ignore[union-attr]
    said = Complaint(reference, name, (decision,), "I moved house.")
    found = account(name)
    appeal, _ = opened(said, list(found.decisions.values()), [], now_us)
    assert appeal is not None
    ruling = Ruling(decision, verdict, "The returns were ours.")
    change = AccountChange.of(found, now_us).appealed(appeal)
    change = change.heard(appeal.id, Assign(now_us, EMIL))
    change = change.heard(appeal.id, Rule(now_us, EMIL, (ruling,)))
    if verdict is Verdict.OVERTURN:
        change = change.moved(decision, Reverse(now_us, (EMIL,), ruling.reasons))
    commit([change])
    return appeal.id


def test_a_ruling_is_told_and_answers_the_appeal(told: Told) -> None:
    name = in_force(told, "account 0")
    appeal = appealed(told, "account 0", name, Verdict.UPHOLD)
    assert told.notify().told == {"ruling": 1}
    assert told.notify().told == {}
    assert account("account 0").appeal(appeal).state is AppealState.ANSWERED
    text = notices.notices_of("account 0")[-1].text or ""
    assert "The returns were ours." in text
    assert "Médiation Numérique" in text


def test_a_granted_appeal_is_told_once_it_is_restored_and_no_apology_follows(told: Told) -> None:
    name = in_force(told, "account 0")
    appeal = appealed(told, "account 0", name, Verdict.OVERTURN)
    assert told.notify().told == {}
    event = Restore(told.now_us, name, ())
    commit([AccountChange.of(account("account 0"), told.now_us).heard(appeal, event)])
    assert told.notify().told == {"ruling": 1}
    assert told.notify().told == {}
    assert "you were right" in (notices.notices_of("account 0")[-1].text or "")


def test_an_incomplete_statement_is_not_sent_and_is_seen(told: Told) -> None:
    reach("account 0")
    path = told.shop.root / "platform.yaml"
    path.write_text(path.read_text().replace("certified: true", "certified: false"))
    (one,) = [u for u in told.notify().untold if u.account == "account 0"]
    assert "(f) no certified body of out-of-court settlement is named" in one.why
    assert notices.notices_of("account 0") == []
    assert untold() != []


def test_a_notice_that_became_an_emergency_is_told_again(told: Told) -> None:
    reach("account 0")
    told.notify()
    name = only("account 0")
    told.now_us += 1
    event = Declare(told.now_us, DORA, "a stolen card is in use")
    commit([AccountChange.of(account("account 0"), told.now_us).moved(name, event)])
    assert told.notify().told == {"measure": 1}
    assert told.deliver().sent == 2
    first, second = notices.notices_of("account 0")
    assert account("account 0").decision(name).notice == second.id
    for kept in (first, second):
        letter = letter_with_code(kept, told.post().codes)
        assert (
            tried(appeals.case_of(letter.reference), letter.code, told.now_us)[1] is Entrance.OPEN
        )


@pytest.mark.parametrize("ended", [False, True])
def test_a_worker_that_comes_second_tells_nothing(
    told: Told, monkeypatch: pytest.MonkeyPatch, ended: bool
) -> None:
    """It has read the list before the first one told, and the accounts after."""
    reach("account 0", "account 1")
    if ended:
        told.notify()
        told.now_us += DAY
        for name in ("account 0", "account 1"):
            event = Refuse(told.now_us, EMIL, "the shop miscounted")
            change = AccountChange.of(account(name), told.now_us)
            commit([change.moved(only(name), event)])
    lists = {"untold": untold(), "ended": decisions.ended(0)}
    first = told.notify()
    assert sum(first.told.values()) == 2
    for name, found in lists.items():
        pages = [found, []]
        monkeypatch.setattr(decisions, name, lambda *_, pages=pages: pages.pop(0))
    second = told.notify()
    assert (second.told, [u.account for u in second.untold]) == ({}, ["account 2"])
