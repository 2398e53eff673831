"""Deliver, of news: by mail and by webhook, each once, whatever becomes of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from habeas.config import Database
from habeas.flows.letter.deliver import DeliveryReport, deliver
from habeas.ports.mail import Mail, Refused
from habeas.ports.webhooks import Webhook
from habeas.store import outbox, rows
from tests.flows.brake.braked import NAME, braked
from tests.flows.deciding import DECIDED_US
from tests.flows.letter.telling import Told, newsroom
from tests.ports.receiving import SECRET, Answer, Receiver, receiving

WAVE = f"{NAME}.1"


@pytest.fixture
def told(store: Database, tmp_path: Path) -> Told:
    """One piece of news waits, and nothing else."""
    return newsroom(tmp_path)


def worked(told: Told, receiver: Receiver, secret: str = SECRET) -> tuple[int, int, int]:
    """Sent, later, dead."""
    return counted(deliver(told.post(Webhook(receiver.url, secret))))


def counted(report: DeliveryReport) -> tuple[int, int, int]:
    return report.sent, report.later, report.dead


def dead() -> Sequence[tuple[str, str]]:
    return [(d.message.key, d.error) for d in outbox.dead()]


def test_a_brake_that_closes_is_told_by_mail_and_by_webhook(
    store: Database, tmp_path: Path
) -> None:
    shop = braked(tmp_path, ("DE",) * 2, "caps: {'*': 1}\n")
    shop.notify()
    with receiving() as receiver:
        assert worked(shop, receiver) == (3, 0, 0)  # a customer's letter too
        assert worked(shop, receiver) == (0, 0, 0)
    (called,) = receiver.called
    assert called.signed
    assert called.seconds == DECIDED_US // 1_000_000
    assert len([m for m in shop.messages() if m["Subject"].startswith("A brake is closed")]) == 1
    body = called.json()
    assert (body["type"], body["timestamp"]) == ("wave.opened", "2021-02-04T00:00:00Z")
    data = body["data"]
    assert (data["wave"], data["policy"]) == (WAVE, NAME)
    assert data["why"].startswith("all decisions: 2 decisions where the plan expected")
    assert data["command"] == f"habeas wave {WAVE}"
    assert not [name for name in shop.names if name in called.body.decode()]


def test_without_a_webhook_there_is_the_mail_alone(told: Told) -> None:
    assert told.deliver().sent == 1
    assert rows.select("SELECT channel FROM habeas_outbox") == [("staff",)]


def test_what_is_put_off_goes_later_as_the_same_and_the_mail_went_once(told: Told) -> None:
    with receiving(500, 429) as receiver:
        assert worked(told, receiver) == (1, 1, 0)
        for wait, found in zip(outbox.WAITS_US, [(0, 1, 0), (1, 0, 0)], strict=False):
            told.now_us += wait - 1
            assert worked(told, receiver) == (0, 0, 0)
            told.now_us += 1
            assert worked(told, receiver) == found
    assert len(told.messages()) == 1
    first, second, third = receiver.called
    assert {c.id for c in receiver.called} == {first.id}
    assert {c.body for c in receiver.called} == {first.body}
    assert first.seconds < second.seconds < third.seconds
    assert all(c.signed for c in receiver.called)
    assert dead() == []


def test_what_is_never_taken_is_dead_after_as_many_tries(told: Told) -> None:
    always: list[Answer] = [503] * outbox.MOST_ATTEMPTS
    with receiving(*always) as receiver:
        for wait in (*outbox.WAITS_US, 0):
            worked(told, receiver)
            told.now_us += wait
    assert len(receiver.called) == outbox.MOST_ATTEMPTS
    ((key, error),) = dead()
    assert (key, error.endswith("answers 503 Service Unavailable")) == (
        f"webhook wave {WAVE}",
        True,
    )


class Refusing:
    """A mailer that takes nothing."""

    def send(self, mail: Mail) -> None:
        raise Refused(f"550 no such mailbox {mail.recipient}")


def test_the_webhook_goes_once_where_the_mail_is_refused(told: Told) -> None:
    with receiving() as receiver:
        post = replace(told.post(Webhook(receiver.url, SECRET)), mailer=Refusing())
        assert counted(deliver(post)) == (1, 0, 1)
        (news,) = outbox.dead()
        assert outbox.revive(news.id, told.now_us)
        assert worked(told, receiver) == (1, 0, 0)
    assert (len(receiver.called), len(told.messages())) == (1, 1)


def test_what_is_given_up_is_tried_again_by_a_person(told: Told) -> None:
    with receiving(410, 400) as receiver:
        assert worked(told, receiver) == (1, 0, 1)
        (gone,) = outbox.dead()
        assert gone.error.endswith("answers 410 Gone")
        told.now_us += 1_000_000
        for found in ((0, 0, 1), (1, 0, 0)):
            assert outbox.revive(gone.id, told.now_us)
            assert worked(told, receiver) == found
    assert (len({c.id for c in receiver.called}), len(receiver.called)) == (1, 3)
    assert len(told.messages()) == 1


@pytest.mark.parametrize(("secret", "said"), [("", "is not set"), ("whsec_x", "holds no secret")])
def test_without_a_secret_nothing_goes_unsigned_and_the_mail_goes(
    told: Told, secret: str, said: str
) -> None:
    with receiving() as receiver:
        assert worked(told, receiver, secret) == (1, 0, 1)
        (one,) = outbox.dead()
        assert said in one.error
        assert (receiver.called, len(told.messages())) == ([], 1)
        assert outbox.revive(one.id, told.now_us)
        assert worked(told, receiver) == (1, 0, 0)
    assert len(receiver.called) == 1


def test_a_webhook_that_was_taken_away_is_called_no_more(told: Told) -> None:
    with receiving(500) as receiver:
        worked(told, receiver)
        told.now_us += outbox.WAITS_US[0]
        assert told.deliver().dead == 1
    assert dead() == [(f"webhook wave {WAVE}", "platform.yaml names no webhook any more")]
