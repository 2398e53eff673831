"""Notify: everything of a notice in one commit, complete or not at all, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.cases import Entrance, tried
from habeas.core.decisions import Actor, Declare, Refuse, State
from habeas.core.errors import InvalidInput
from habeas.core.waves import Closing
from habeas.core.waves import State as BrakeState
from habeas.flows.deliver import letter_with_code
from habeas.flows.notify import hand_over
from habeas.flows.tick import tick
from habeas.store import appeals, notices, outbox
from habeas.store.accounts import account
from habeas.store.brakes import Answered
from habeas.store.changes import Change
from habeas.store.commits import commit
from habeas.store.contacts import unreachable
from habeas.store.decisions import untold
from tests.core.casework import DAY, DORA, EMIL
from tests.flows.deciding import DECIDED_US
from tests.flows.telling import Told, reach, told_shop


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
    assert (decision.state, decision.noticed_us) == (State.NOTICED, DECIDED_US)
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
    case, entrance = tried(appeals.case(letter.reference), letter.code, DECIDED_US)
    assert entrance is Entrance.OPEN
    assert case.decisions == (only("account 0"),)
    assert letter.code not in (kept.text or "")


def test_who_cannot_be_reached_is_seen_and_nothing_takes_force(told: Told) -> None:
    reach("account 0", "account 1")
    told.notify()
    assert [u.account for u in unreachable()] == ["account 2"]
    tick(DECIDED_US + 60 * DAY)
    assert account("account 2").decision(only("account 2")).state is State.REFUSED


def test_a_person_hands_a_notice_over(told: Told) -> None:
    name = only("account 2")
    notice = hand_over(told.teller(), name, "en", DORA, "registered letter")
    assert notice.by_hand == "registered letter (Dora)"
    assert [u.account for u in unreachable()] == ["account 0", "account 1"]
    assert outbox.claim(DECIDED_US) == []
    decision = account("account 2").decision(name)
    tick(DECIDED_US + decision.period_us)
    assert account("account 2").decision(name).state is State.IN_FORCE


@pytest.mark.parametrize(("by", "how"), [(Actor("robot", person=False), "post"), (DORA, " ")])
def test_only_a_person_who_says_how_hands_over(told: Told, by: Actor, how: str) -> None:
    with pytest.raises(InvalidInput, match="says how"):
        hand_over(told.teller(), only("account 2"), "en", by, how)
    assert notices.notices_of("account 2") == []


def test_nothing_new_is_told_while_a_brake_is_closed_but_an_emergency_is(told: Told) -> None:
    reach("account 0", "account 1")
    name, policy = only("account 0"), untold()[0].policy
    event = Declare(DECIDED_US, DORA, "a stolen card is in use")
    commit([Change.of(account("account 0"), DECIDED_US).moved(name, event)])
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
    commit([Change.of(account("account 0"), DECIDED_US + DAY).moved(name, event)])
    told.now_us = DECIDED_US + 2 * DAY
    assert told.notify().told == {"end": 1}
    assert told.notify().told == {}
    text = notices.notices_of("account 0")[-1].text or ""
    assert "this will not happen" in text
