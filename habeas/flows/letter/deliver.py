"""Deliver: the worker that sends what the outbox holds.

1. claim a message: its attempt is counted before it is tried
2. send it
3. say how it went
A crash after 1 or 2 leaves it claimed; it is sent again when the claim lapses, as the very same
message by its Message-ID, so that a customer's mailbox tells two of them apart. What cannot be
sent is dead: a person sees it, corrects what is wrong, and lets it be tried again.

News for those who work here are one message, committed with what they tell. Where there is a
webhook, the first to claim it makes a second one of it before the mail is tried; from then on
each has its own attempts, and neither is sent again because the other failed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from habeas.core.appeal.cases import code_hash
from habeas.core.canon import canonical
from habeas.core.errors import NotFound
from habeas.core.letter import Letter
from habeas.core.letter.delivery import MAIL, MOST_ATTEMPTS, STAFF, WEBHOOK
from habeas.core.letter.letters import Door
from habeas.core.letter.staff_mail import news_body, news_letter
from habeas.pages.letters import printed
from habeas.ports.codes import CaseCodes
from habeas.ports.mail import Deferred, Mail, Mailer, Refused
from habeas.ports.platform import PlatformVoice
from habeas.ports.webhooks import Webhook, call_id
from habeas.store import appeals, contacts, notices, outbox
from habeas.store.notices import StoredNotice
from habeas.store.outbox import Claimed

TOGETHER = 5  # what one worker has in its hand; each may take as long as the server's timeout


@dataclass(slots=True)
class DeliveryReport:
    """How many went, are tried again later, and were given up."""

    sent: int = 0
    later: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True)
class PostOffice:
    """With what messages are made and sent; `clock` gives microseconds UTC."""

    voice: PlatformVoice
    codes: CaseCodes
    mailer: Mailer
    clock: Callable[[], int]
    webhook: Webhook | None = None


def deliver(post: PostOffice, stopped: Callable[[], bool] = lambda: False) -> DeliveryReport:
    """Send all that can be sent now."""
    report = DeliveryReport()
    while not stopped() and (found := outbox.claim(post.clock(), TOGETHER)):
        for claimed in found:
            _deliver(post, claimed, report)
    return report


def _deliver(post: PostOffice, claimed: Claimed, report: DeliveryReport) -> None:
    try:
        _send(post, claimed)
    except (Refused, NotFound) as error:
        outbox.failed(claimed, error.message, post.clock(), for_good=True)
        report.dead += 1
    except Deferred as error:
        over = claimed.attempt >= MOST_ATTEMPTS
        outbox.failed(claimed, error.message, post.clock())
        report.dead += over
        report.later += not over
    else:
        outbox.sent(claimed, post.clock())
        report.sent += 1


def _send(post: PostOffice, claimed: Claimed) -> None:
    channel = claimed.message.channel
    if channel == WEBHOOK:
        _call(post, claimed)
        return
    if channel == STAFF and post.webhook is not None:
        outbox.also(claimed, WEBHOOK, post.clock())
    post.mailer.send(mail_of(post, claimed))


def _call(post: PostOffice, claimed: Claimed) -> None:
    if post.webhook is None:
        raise Refused("platform.yaml names no webhook any more")
    message, made_us = claimed.message, claimed.made_us
    body = canonical(news_body(message.payload, made_us, post.voice.lang))
    post.webhook.send(call_id(message.key, made_us), body, post.clock())


def mail_of(post: PostOffice, claimed: Claimed) -> Mail:
    """The message of a notice as it is sent, with its code. Raises Refused, and NotFound where
    there is no such notice any more."""
    message = claimed.message
    if message.channel == STAFF:
        return _news(post, claimed)
    if message.channel != MAIL:
        raise Refused(f"nothing here sends by '{message.channel}'")
    told = notices.notice(message.payload["notice"])
    contact = contacts.contacts([told.account]).get(told.account)
    if contact is None:
        raise Refused(f"nothing says where the customer of {told.account} is reached")
    letter = letter_with_code(told, post.codes)
    forms = printed(letter, told.time_us)
    return Mail(
        key=message.key,
        sender=post.voice.sender,
        name=letter.sender,
        recipient=contact.email,
        subject=letter.subject,
        lang=told.lang,
        text=forms.text,
        html=forms.html,
        pdf=forms.pdf,
        time_us=told.time_us,
        file=f"{letter.reference}.pdf",
    )


def _news(post: PostOffice, claimed: Claimed) -> Mail:
    """A word to those who work here."""
    message, voice = claimed.message, post.voice
    letter = news_letter(message.payload, voice.platform.name, voice.lang)
    forms = printed(letter, post.clock())
    return Mail(
        key=message.key,
        sender=voice.sender,
        name=letter.sender,
        recipient=voice.staff,
        subject=letter.subject,
        lang=letter.lang,
        text=forms.text,
        html=forms.html,
        pdf=forms.pdf,
        time_us=post.clock(),
        file="news.pdf",
    )


def letter_with_code(told: StoredNotice, codes: CaseCodes) -> Letter:
    """What the customer gets: the kept letter and, where it has a door of its own, its code.
    Raises NotFound where its text was erased, and Refused where the secret is another than the
    one by which the case was opened."""
    if told.letter is None:
        raise NotFound(f"the text of notice {told.id} was erased")
    if not opens(told.letter):
        return told.letter
    code = codes.of(told.id)
    case = appeals.case_of(told.letter.reference)
    if case.code_hash != code_hash(case.reference, code):
        raise Refused(
            f"the code of case {case.reference} cannot be made here",
            "restore codes.key from a copy, or send a new code",
        )
    return replace(told.letter, code=code)


def opens(letter: Letter) -> bool:
    """Whether it shows a code."""
    return any(isinstance(block, Door) for s in letter.sections for block in s.blocks)
