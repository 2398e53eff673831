"""Deliver: every message goes, as the same one in each retry; what cannot go is seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.decision import DecisionState
from habeas.flows.decision.tick import tick
from habeas.flows.letter.deliver import deliver
from habeas.ports.codes import CaseCodes
from habeas.ports.mail import Deferred, Mail, Refused
from habeas.store import contacts, leaves, notices, outbox
from habeas.store.accounts import account
from tests.core.appeal.casework import DAY
from tests.flows.deciding import DECIDED_US
from tests.flows.letter.telling import Told, reach, told_shop


@dataclass
class Answering:
    """A mailer that answers as it is told, then takes everything."""

    errors: list[Exception]
    taken: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        if self.errors:
            raise self.errors.pop()
        self.taken.append(mail)


@pytest.fixture
def told(tmp_path: Path, store: Database) -> Told:
    made = told_shop(tmp_path)
    reach("account 0", "account 1", "account 2", lang="fr")
    made.notify()
    return made


def decision_of(name: str) -> DecisionState:
    (decision,) = account(name).decisions.values()
    return decision.state


def test_each_customer_gets_one_message_in_three_forms(told: Told) -> None:
    report = told.deliver()
    assert (report.sent, report.later, report.dead) == (3, 0, 0)
    assert told.deliver().sent == 0
    found = told.messages()
    assert sorted(m["To"] for m in found) == [f"account.{i}@mail.example" for i in range(3)]
    assert len({m["Message-ID"] for m in found}) == 3
    kinds = [part.get_content_type() for part in found[0].walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "application/pdf"]
    text = found[0].get_body(("plain",))
    assert text is not None
    assert "····" not in text.get_content()


def test_what_is_put_off_goes_later_as_the_same_message(told: Told) -> None:
    post = told.post()
    mailer = Answering([Deferred("no route to host")])
    made = type(post)(post.voice, post.codes, mailer, lambda: told.now_us)
    report = deliver(made)
    assert (report.sent, report.later) == (2, 1)
    told.now_us += outbox.WAITS_US[0]
    assert deliver(made).sent == 1
    assert len({m.key for m in mailer.taken}) == 3


def test_nothing_takes_force_while_its_mail_is_dead(told: Told) -> None:
    """The period of a notice runs from when it was sent (law 2)."""
    post = told.post()
    mailer = Answering([Refused("550 no such mailbox")] * 3)
    assert deliver(type(post)(post.voice, post.codes, mailer, lambda: told.now_us)).dead == 3
    done = tick(DECIDED_US + 20 * DAY)
    assert (done.moves, done.held) == ({}, 3)
    (first, *_) = outbox.dead()
    assert first.error == "550 no such mailbox"
    told.now_us = DECIDED_US + 20 * DAY
    assert outbox.revive(first.id, told.now_us)
    assert told.deliver().sent == 1
    told_of = notices.notice(first.message.payload["notice"])
    (decision,) = account(told_of.account).decisions.values()
    period = decision.period_us
    assert tick(told.now_us + period - 1).moves == {}
    assert tick(told.now_us + period).moves == {"TakeForce": 1}


def test_who_was_erased_is_not_written_to(told: Told) -> None:
    contacts.erase("account 0")
    kept = notices.notices_of("account 1")[0]
    leaves.erase_leaf(kept.words)
    report = told.deliver()
    assert (report.sent, report.dead) == (1, 2)
    errors = sorted(d.error for d in outbox.dead())
    assert errors[0].startswith("nothing says where")
    assert errors[1].endswith("was erased")


def test_another_secret_sends_no_code_that_opens_nothing(told: Told) -> None:
    post = told.post()
    wrong = type(post)(post.voice, CaseCodes(b"x" * 32), post.mailer, lambda: told.now_us)
    assert deliver(wrong).dead == 3
    assert told.messages() == []
    assert "cannot be made here" in outbox.dead()[0].error
