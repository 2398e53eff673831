"""Notify, at its edges: which settlement a notice quotes, page after page, and what is no news."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.appeal import AppealState, Verdict
from habeas.core.brake import BrakeState, Closing
from habeas.core.decision import Decision, DecisionState
from habeas.core.decision.decisions import Declare, Lift, Refuse
from habeas.core.errors import InvalidInput, NotFound
from habeas.core.policy import Measure
from habeas.core.property.holdings import Balance
from habeas.core.property.settlement import Act
from habeas.flows.letter.notify import explained, hand_over, measure_notice, statement_of, teller
from habeas.flows.property.holdings import report
from habeas.ports.codes import codes
from habeas.ports.platform import read_platform
from habeas.store import contacts, decisions, notices, outbox
from habeas.store.accounts import account
from habeas.store.brakes import Answered
from habeas.store.changes import AccountChange
from habeas.store.commits import commit
from tests.core.appeal.casework import DAY, DORA, EMIL
from tests.flows.deciding import DECIDED_US
from tests.flows.letter.telling import Told, reach, told_shop
from tests.flows.letter.test_notify import appealed, in_force, only
from tests.flows.shop import open_shop

WALLET, LESS = Balance("wallet", "EUR", 20_00), Balance("wallet", "EUR", 3_00)


@pytest.fixture
def told(tmp_path: Path, store: Database) -> Told:
    return told_shop(tmp_path)


def decided(name: str) -> Decision:
    return account(name).decision(only(name))


def test_a_notice_quotes_what_was_settled_for_its_own_decision(told: Told) -> None:
    report("account 0", [WALLET], DECIDED_US)
    first = decided("account 0")
    second = replace(first, id="d2", state=DecisionState.PROPOSED, approved_us=None)
    change = AccountChange.of(account("account 0"), DECIDED_US)
    commit([change.moved(first.id, Declare(DECIDED_US, DORA, "a stolen card is in use"))])
    report("account 0", [Balance("wallet", "EUR", 7_00, 20_00)], DECIDED_US + 1)
    tell, read = told.teller(), account("account 0")
    tell.learn([first.reason.text_hash])
    quoted = explained(tell, read, read.decision(first.id), "R", {}).settlement
    assert quoted in read.custody.recorded
    assert quoted is not None
    assert (quoted.occasion.decision, quoted.act) == (first.id, Act.SETTLE)
    quoted = explained(tell, read, second, "R", {}).settlement
    assert quoted is not None
    assert quoted.occasion.decision == "d2"
    assert (quoted.occasion.account, quoted.occasion.measure) == ("account 0", Measure.SUSPEND)


def test_what_is_not_in_force_tells_what_would_be_done_on_its_day(told: Told) -> None:
    report("account 0", [WALLET], DECIDED_US)
    tell, read = told.teller(), account("account 0")
    one = decided("account 0")
    tell.learn([one.reason.text_hash])
    statement = explained(tell, read, one, "R", {})
    assert statement.settlement is not None
    assert statement.settlement.occasion.time_us == statement.begins_us
    assert [settled.before for settled in statement.settlement.settled] == [WALLET]


def test_without_its_policy_nothing_can_be_told(told: Told) -> None:
    one, read = decided("account 0"), account("account 0")
    with pytest.raises(InvalidInput, match=r"the policy of .* is not kept"):
        statement_of(told.teller(), read, one, "R", {})
    with pytest.raises(InvalidInput, match=r"the policy of .* is not kept"):
        measure_notice(told.teller(), read, one.id, "en", {})


def test_where_nothing_was_applied_nobody_is_told(store: Database, tmp_path: Path) -> None:
    told = told_shop(tmp_path, accounts=1)
    voice = read_platform(told.shop.folder)
    bare = open_shop(tmp_path / "bare").folder
    with pytest.raises(NotFound, match="no policy is in force here"):
        teller(bare, voice, codes({}, told.shop.folder), DECIDED_US)


def paged(monkeypatch: pytest.MonkeyPatch, name: str) -> list[int]:
    """Pages of one; how long each was."""
    found, lengths = getattr(decisions, name), []

    def page(*words: object) -> list[object]:
        lengths.append(len(made := found(*words, limit=1)))
        return list(made)

    monkeypatch.setattr(decisions, name, page)
    return lengths


def test_all_pages_are_told_and_each_that_cannot_be_is_listed_once(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths = paged(monkeypatch, "untold")
    reach("account 1")
    report_of = told.notify()
    assert (report_of.told, report_of.held, report_of.closed) == ({"measure": 1}, 0, [])
    assert lengths == [1, 1, 1, 0]
    unreached = sorted(only(name) for name in ("account 0", "account 2"))
    assert [one.decision for one in report_of.untold] == unreached
    assert {one.account for one in report_of.untold} == {"account 0", "account 2"}


def test_all_that_ended_is_told_page_by_page(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("account 0", "account 1", "account 2")
    reach(*names)
    told.notify()
    told.now_us += DAY
    for name in names:
        event = Refuse(told.now_us, EMIL, "the shop miscounted")
        commit([AccountChange.of(account(name), told.now_us).moved(only(name), event)])
    contacts.erase("account 1")
    lengths = paged(monkeypatch, "ended")
    report_of = told.notify()
    assert (report_of.told, lengths) == ({"end": 2}, [1, 1, 1, 0])
    assert [(one.decision, one.account) for one in report_of.untold] == [
        (only("account 1"), "account 1")
    ]


def test_a_warning_is_told_while_the_brake_is_closed(store: Database, tmp_path: Path) -> None:
    told = told_shop(tmp_path, first="warn")
    reach("account 0", "account 1", "account 2")
    policy = decided("account 0").policy
    closing = Closing(DECIDED_US, 1.0, ())
    commit([], brakes=[Answered(policy, BrakeState(closing=closing), 0, 0, (closing,))])
    report_of = told.notify()
    assert (report_of.told, report_of.held, report_of.closed) == ({"measure": 3}, 0, [policy])


def test_what_is_in_force_and_touched_nothing_says_so(told: Told) -> None:
    one = decided("account 0")
    change = AccountChange.of(account("account 0"), DECIDED_US)
    commit([change.moved(one.id, Declare(DECIDED_US, DORA, "a stolen card is in use"))])
    tell, read = told.teller(), account("account 0")
    tell.learn([one.reason.text_hash])
    quoted = explained(tell, read, read.decision(one.id), "R", {}).settlement
    assert quoted is not None
    assert quoted.settled == ()


def test_a_ruling_that_cannot_be_written_is_listed(told: Told) -> None:
    name = in_force(told, "account 0")
    appealed(told, "account 0", name, Verdict.UPHOLD)
    path = told.shop.root / "platform.yaml"
    path.write_text(path.read_text().replace("certified: true", "certified: false"))
    (one,) = [u for u in told.notify().untold if u.account == "account 0"]
    assert (one.decision, one.why) == (name, "no body of out-of-court settlement is named")


@pytest.mark.parametrize(("days", "told_of"), [(60, {"end": 1}), (61, {})])
def test_what_ended_long_ago_is_no_news(told: Told, days: int, told_of: dict[str, int]) -> None:
    name = in_force(told, "account 0")
    event = Lift(told.now_us, EMIL, "it is enough")
    commit([AccountChange.of(account("account 0"), told.now_us).moved(name, event)])
    told.now_us += days * DAY
    assert told.notify().told == told_of


def test_a_ruling_that_reaches_nobody_is_listed_and_told_later(told: Told) -> None:
    name = in_force(told, "account 0")
    appeal = appealed(told, "account 0", name, Verdict.UPHOLD)
    contacts.erase("account 0")
    (one,) = [u for u in told.notify().untold if u.account == "account 0"]
    assert (one.decision, one.why) == (name, "nothing says where the customer is reached")
    assert account("account 0").appeal(appeal).state is AppealState.RULED
    reach("account 0")
    done = told.notify()
    assert done.told == {"ruling": 1}
    assert "account 0" not in [u.account for u in done.untold]
    (message,) = outbox.claim(told.now_us)
    kept = notices.notices_of("account 0")[-1]
    assert (message.message.payload["notice"], kept.decision, kept.kind) == (
        kept.id,
        name,
        "ruling",
    )


def test_what_is_handed_over_is_the_whole_notice(told: Told) -> None:
    name = only("account 1")
    made = hand_over(told.teller(), name, "fr", DORA, " by post ")
    assert (made.by_hand, made.lang, made.decision) == ("by post (dora)", "fr", name)
    kept = notices.notice(made.id)
    assert kept.text == made.text
    assert decided("account 1").notice == made.id
    with pytest.raises(NotFound):
        hand_over(told.teller(), "d-none", "en", DORA, "by post")
