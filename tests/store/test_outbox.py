"""The outbox: claimed by one, retried later, dead after enough, never lost by a crash."""

from __future__ import annotations

import pytest

from habeas.config import Database
from habeas.core.errors import NotFound
from habeas.core.letter.delivery import Bounced, BounceKind, Sent, sent_us
from habeas.store import outbox
from habeas.store.accounts import account
from habeas.store.changes import AccountChange, Message
from habeas.store.commits import commit
from tests.core.appeal.casework import NOW

MINUTE = 60_000_000


def post(*keys: str) -> None:
    messages = [Message(key, "mail", {"notice": key}) for key in keys]
    commit([AccountChange.of(account("boris"), NOW).sends(*messages)])


def test_a_message_is_claimed_once_and_sent(store: Database) -> None:
    post("a", "b")
    first = outbox.claim(NOW, limit=1)
    assert [(c.message, c.attempt) for c in first] == [(Message("a", "mail", {"notice": "a"}), 1)]
    assert [c.message.key for c in outbox.claim(NOW)] == ["b"]
    assert outbox.claim(NOW) == []
    assert outbox.sent(first[0], "250 OK", NOW + 1)
    assert not outbox.sent(first[0], "250 OK", NOW + 2)


def test_nothing_is_claimed_before_its_time(store: Database) -> None:
    post("a")
    assert outbox.claim(NOW - 1) == []


def test_what_fails_is_tried_again_later_and_less_often(store: Database) -> None:
    post("a")
    now, waits = NOW, []
    for _ in range(outbox.MOST_ATTEMPTS - 1):
        (claimed,) = outbox.claim(now)
        assert outbox.failed(claimed, "no route to host", now)
        assert outbox.claim(now) == []
        wait = outbox.WAITS_US[len(waits)]
        assert outbox.claim(now + wait - 1) == []
        waits.append(wait)
        now += wait
    assert waits == sorted(waits)
    (claimed,) = outbox.claim(now)
    assert outbox.failed(claimed, "no route to host", now)
    (dead,) = outbox.dead()
    assert (dead.message.key, dead.attempts) == ("a", outbox.MOST_ATTEMPTS)
    assert dead.error == "no route to host"
    assert outbox.claim(now + 10**12) == []


def test_a_worker_that_crashes_each_time_is_stopped(store: Database) -> None:
    """The attempt is counted before the send: what kills its worker is dead after as many."""
    post("a")
    now = NOW
    for attempt in range(1, outbox.MOST_ATTEMPTS + 1):
        (claimed,) = outbox.claim(now)
        assert claimed.attempt == attempt
        assert outbox.claim(now + outbox.CLAIM_US - 1) == []
        now += outbox.CLAIM_US
    assert outbox.claim(now) == []
    (dead,) = outbox.dead()
    assert dead.error == "its worker stopped each time"


def test_a_late_answer_of_a_lapsed_claim_changes_nothing(store: Database) -> None:
    post("a")
    (slow,) = outbox.claim(NOW)
    (quick,) = outbox.claim(NOW + outbox.CLAIM_US)
    assert not outbox.sent(slow, "250 OK", NOW + outbox.CLAIM_US + 1)
    assert not outbox.failed(slow, "timeout", NOW + outbox.CLAIM_US + 1)
    assert outbox.sent(quick, "250 OK", NOW + outbox.CLAIM_US + 2)


def test_a_person_revives_a_dead_one(store: Database) -> None:
    post("a")
    (claimed,) = outbox.claim(NOW)
    assert outbox.failed(claimed, "no such address", NOW, for_good=True)
    (dead,) = outbox.dead()
    assert outbox.revive(dead.id, NOW + MINUTE)
    assert not outbox.revive(dead.id, NOW + MINUTE)
    (again,) = outbox.claim(NOW + MINUTE)
    assert again.attempt == 1
    assert outbox.dead() == []


def test_a_second_message_is_made_once_and_has_attempts_of_its_own(store: Database) -> None:
    post("a")
    (first,) = outbox.claim(NOW)
    later = NOW + MINUTE
    assert outbox.also(first, "webhook", later)
    assert not outbox.also(first, "webhook", later + 1)
    assert outbox.claim(later - 1) == []
    (second,) = outbox.claim(later)
    assert second.message == Message("webhook a", "webhook", {"notice": "a"})
    assert (second.attempt, second.made_us) == (1, NOW)
    assert outbox.failed(second, "410 Gone", later, for_good=True)
    assert outbox.sent(first, "250 OK", later)
    assert [d.message.channel for d in outbox.dead()] == ["webhook"]


def test_what_went_and_came_back_is_in_the_record(store: Database) -> None:
    """Law 2: a bounced notice was not sent, unless it went again."""
    post("a")
    (claimed,) = outbox.claim(NOW)
    assert outbox.moves_of(["a"])["a"] == []
    assert outbox.sent(claimed, "250 OK", NOW)
    assert outbox.moves_of(["a"])["a"] == [Sent(NOW, "mail", "250 OK")]
    outbox.bounced("a", Bounced(NOW + 1, BounceKind.SOFT, "mailbox full"))
    assert sent_us(outbox.moves_of(["a"])["a"]) == NOW
    outbox.bounced("a", Bounced(NOW + 2, BounceKind.HARD, "no such user"))
    assert sent_us(outbox.moves_of(["a"])["a"]) is None
    with pytest.raises(NotFound, match="no message b was sent from here"):
        outbox.bounced("b", Bounced(NOW, BounceKind.HARD, "x"))
