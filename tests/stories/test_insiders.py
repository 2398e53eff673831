"""What somebody inside can do by hand, with SQL or at the command line, and what `verify` says of
it, on both databases: notices, accounts, forged decisions, people, the ledger."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection

from habeas.config import Database
from habeas.core.decision import Actor
from habeas.core.decision.decisions import Approve, Notify, TakeForce
from habeas.core.errors import NotAllowed
from habeas.core.letter.delivery import Bounced, BounceKind
from habeas.core.policy import Measure
from habeas.flows import access
from habeas.flows.audit.verify import verify
from habeas.flows.decision.tick import tick
from habeas.flows.staff import appoint
from habeas.store import outbox, rows
from habeas.store.accounts import account
from habeas.store.changes import AccountChange, Message, Notice, RecordedMove
from habeas.store.commits import commit
from tests.core.appeal.casework import DAY, NOW, decision
from tests.store.lawful import LATER, STRICT_TEXTS, open_for_work, record_lives, told
from tests.store.sealing import LOG, sealed
from tests.stories.inside import FORCE_US, at_once, named, says


def mailed(name: str) -> str:
    """Chen's suspension, told by a mail that waits in the outbox; the key of it."""
    change = told(name)
    (notice,) = change.notices
    by_mail = replace(notice, by_hand="")
    key = f"mail {notice.id}"
    message = Message(key, "mail", {"notice": notice.id})
    commit([replace(change, notices=(by_mail,), messages=(message,))], STRICT_TEXTS)
    return key


# 1. What was never sent


def test_a_message_that_is_gone_was_not_sent(store: Database) -> None:
    open_for_work()
    key = mailed("chen")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM habeas_outbox")
    done = tick(FORCE_US + DAY)
    assert (done.moves, done.held) == ({}, 1)
    says(f"habeas_outbox {key}: is gone, and was to be sent")


def test_a_row_that_says_sent_is_no_leaf(store: Database) -> None:
    open_for_work()
    key = mailed("chen")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE habeas_outbox SET state = 'sent', sent_us = %s", [NOW])
    assert tick(FORCE_US + DAY).held == 1
    says(f"habeas_outbox {key}: says that it went, and no leaf does")


def test_what_bounced_was_not_sent(store: Database) -> None:
    open_for_work()
    key = mailed("chen")
    (mail,) = outbox.claim(NOW)
    assert outbox.sent(mail, "250 OK", NOW)
    outbox.bounced(key, Bounced(NOW + 1, BounceKind.HARD, "no such mailbox"))
    assert tick(FORCE_US + DAY).held == 1
    assert named() == []


def test_force_without_a_notice_that_was_sent_is_named(store: Database) -> None:
    open_for_work()
    mailed("chen")
    commit([AccountChange.of(account("chen"), FORCE_US).moved("d chen", TakeForce(FORCE_US))])
    says("took force, and nothing says that notice n chen was sent", "no closing in the dark")


def test_force_before_the_period_of_what_was_sent_late(store: Database) -> None:
    open_for_work()
    mailed("chen")
    (mail,) = outbox.claim(NOW)
    assert outbox.sent(mail, "250 OK", NOW + DAY)
    commit([AccountChange.of(account("chen"), FORCE_US).moved("d chen", TakeForce(FORCE_US))])
    says("before the period of its notice n chen had run", "no closing in the dark")


# 2. Accounts are what leaves say


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("WHERE account = 'chen'", "a commit of no commit, or its commit is gone"),
        ("", "habeas_decision d chen: nothing recorded leads to it"),
    ],
)
def test_commits_that_are_gone_are_named(store: Database, where: str, words: str) -> None:
    record_lives()
    at_once("habeas_commit", f"DELETE FROM {{table}} {where}")
    says(words, "rows are as recorded")


def test_nothing_looked_at_is_said_as_nothing(store: Database) -> None:
    laws = [c for c in verify(LOG.verifier).checks if c.law == 2]
    assert [c.as_json()["holds"] for c in laws] == [None]


def test_a_commit_between_two_is_missed(store: Database) -> None:
    record_lives()
    ((leaf,),) = rows.select(
        "SELECT leaf FROM habeas_commit WHERE account = 'boris' AND version = 2"
    )
    at_once("habeas_commit", "DELETE FROM {table} WHERE leaf = %s", leaf)
    at_once("habeas_leaf", "DELETE FROM {table} WHERE number = %s", leaf)
    at_once("habeas_leaftext", "DELETE FROM {table} WHERE leaf = %s", leaf)
    says("boris: commit 2 is gone", "rows are as recorded")


# 3. INSERTs alone


def forged(**changes: object) -> None:
    """A closing as somebody writes it who knows the tables, and none of the flows."""
    open_for_work()
    before = account("hugo")
    made = decision(Measure.CLOSE, "d hugo", account="hugo", index=0)
    born = replace(made, **changes)  # type: ignore[arg-type]
    notice = Notice("n hugo", born.id, "statement", "en", "Closed.", by_hand="by post (ghost)")
    ghost = Actor("ghost", person=True)
    events = (Approve(NOW, ghost), Notify(NOW, notice.id), TakeForce(FORCE_US))
    moves = tuple(RecordedMove(born.id, i, e) for i, e in enumerate(events))
    change = AccountChange.of(before, FORCE_US).proposed(born)
    commit([replace(change, notices=(notice,), moves=moves)], STRICT_TEXTS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "names the finding f1, which is not recorded"),
        ({}, "decision d hugo names a policy of which the text is not kept"),
        ({}, "decision d hugo rests on a policy that nobody put in force"),
        ({}, "'ghost' had no role on the staff to approve or refuse a decision"),
    ],
)
def test_a_forged_closing_is_named(store: Database, changes: dict[str, object], words: str) -> None:
    forged(**changes)
    says(words)


def stricter(**changes: object) -> None:
    """Chen's decision with other terms than the text of its policy has, all else by the book."""
    open_for_work()
    change = told("chen")
    (born,) = change.born
    other = replace(born, **changes)  # type: ignore[arg-type]
    commit([replace(change, born=(other,))], STRICT_TEXTS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"notice_us": 0}, "has another notice period than its policy's text"),
        ({"measure": Measure.CLOSE}, "has another measure than step 1 of its policy"),
        ({"for_us": 31 * DAY}, "has another measure than step 1 of its policy"),
        ({"for_us": None}, "has another measure than step 1 of its policy"),
        ({"review": False}, "has another measure than step 1 of its policy"),
        ({"index": 1}, "is step 2, which its policy's text does not have"),
        ({"index": -1}, "is step 0, which its policy's text does not have"),
    ],
)
def test_terms_are_those_of_the_text(
    store: Database, changes: dict[str, object], words: str
) -> None:
    stricter(**changes)
    says(words, "no decision without cause")


def test_terms_of_the_text_are_no_problem(store: Database) -> None:
    stricter()
    assert named() == []


def test_moves_that_are_dated_back_behind_a_seal(store: Database) -> None:
    open_for_work()
    record = told("chen")
    sealed(LATER + 60 * DAY)
    commit([record], STRICT_TEXTS)
    says("chen: commit 1 is dated before the seal", "times are not before the seal before them")


def test_an_hour_of_overlap_with_a_seal_is_none(store: Database) -> None:
    open_for_work()
    sealed(NOW + DAY // 24)
    commit([told("chen")], STRICT_TEXTS)
    assert named() == []


# 4. One person


@pytest.mark.parametrize(
    "spelled", ["DORA", "d0ra", "do.ra", "dоra", "ｄｏｒａ", "do\u200bra", "dora "]
)
def test_one_person_is_one_id(store: Database, spelled: str) -> None:
    open_for_work()
    with pytest.raises(NotAllowed):
        access.actor(spelled, access.Duty.DECIDE)
    with pytest.raises(Exception, match=r"id|read as"):
        appoint.add(spelled, "Dora again", ["reviewer"], "ada", 2)  # type: ignore[list-item]


def test_whoever_left_acts_no_more(store: Database) -> None:
    open_for_work()
    appoint.dismiss("dora", "ada", NOW)
    with pytest.raises(NotAllowed, match="left on"):
        access.actor("dora", access.Duty.DECIDE)
    commit([told("chen")], STRICT_TEXTS)
    says("'dora' had no role on the staff to approve", "another pair of eyes")


# 5. The ledger


def test_an_entry_that_no_leaf_asks_for(store: Database) -> None:
    record_lives()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO habeas_ledgerentry (id, leaf, line, time_us, why) "
            "VALUES ('gift', 999999, 0, 1, 'for me')"
        )
        for line, (role, owner, amount) in enumerate([("customer", "hugo", -5), ("cash", "", 5)]):
            cursor.execute(
                "INSERT INTO habeas_ledgerposting (entry, line, role, kind, account, currency, "
                "amount) VALUES ('gift', %s, %s, 'balance', %s, 'EUR', %s)",
                [line, role, owner, amount],
            )
    says("habeas_ledgerentry gift: nothing recorded leads to it", "nothing owned is lost")


def test_an_entry_beside_those_of_a_settlement(store: Database) -> None:
    record_lives()
    ((leaf,),) = rows.select("SELECT min(leaf) FROM habeas_settlement")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO habeas_ledgerentry (id, leaf, line, time_us, why) "
            "VALUES ('gift', %s, 77, 1, 'for me')",
            [leaf],
        )
    says("habeas_ledgerentry gift: no leaf says so", "nothing owned is lost")


def test_amounts_that_were_multiplied(store: Database) -> None:
    record_lives()
    at_once("habeas_ledgerposting", "UPDATE {table} SET amount = amount * 10")
    says("is gone, or not as its leaf recorded it", "nothing owned is lost")
    assert not named("nothing is erased")
