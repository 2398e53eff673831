"""The fault table of notices: notify and deliver are broken before and after each of their writes
and each of their mails. What a crash leaves is all of a notice or nothing; once the work is run
again every customer has the one message that is theirs, and nobody has two."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from habeas import wiring
from habeas.config import Sqlite
from habeas.core.decision import DecisionState
from habeas.flows.letter.deliver import PostOffice, deliver
from habeas.ports.mail import Mail, MailFolder, message_id
from habeas.store import notices, outbox
from habeas.store.accounts import account
from habeas.store.rows import select_in
from tests.flows.deciding import database
from tests.flows.letter.telling import Told, reach, told_shop
from tests.flows.shop import Shop

ACCOUNTS = ("account 0", "account 1")
WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")


class Crash(BaseException):
    """The process is gone: nothing of ours catches it."""


@dataclass
class Fault:
    """Breaks at the `number`th write or mail, before or after it is done."""

    number: int
    after: bool
    seen: int = 0
    mails: list[str] = field(default_factory=list)

    def write(self, execute: Any, sql: str, *rest: Any) -> Any:
        if not sql.lstrip().startswith(WRITES):
            return execute(sql, *rest)
        return self._broken(lambda: execute(sql, *rest))

    def send(self, folder: MailFolder, mail: Mail) -> str:
        def sent() -> str:
            answer = folder.send(mail)
            self.mails.append(message_id(mail))
            return answer

        return str(self._broken(sent))

    def _broken(self, act: Callable[[], Any]) -> Any:
        self.seen += 1
        if self.seen == self.number and not self.after:
            raise Crash
        done = act()
        if self.seen == self.number:
            raise Crash
        return done


@dataclass(frozen=True)
class Breaking:
    """A mailer of a fault."""

    folder: MailFolder
    fault: Fault

    def send(self, mail: Mail) -> str:
        return self.fault.send(self.folder, mail)


def worked(told: Told, fault: Fault) -> None:
    """One round of the worker with a fault in it."""
    post = told.post()
    mailer = Breaking(MailFolder(told.mail), fault)
    with connection.execute_wrapper(fault.write):
        told.notify()
        deliver(PostOffice(post.voice, post.codes, mailer, lambda: told.now_us))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """Two decisions that wait for their notices, made once and copied for each fault."""
    root = tmp_path_factory.mktemp("shop")
    (root / ".habeas").mkdir()
    with wiring.opened(Sqlite(root / ".habeas" / "habeas.sqlite3")):
        told = told_shop(root, accounts=len(ACCOUNTS))
        reach(*ACCOUNTS)
        told.post()  # the secret is there
    return told.shop


def copied(prepared: Shop, to: Path) -> Told:
    shutil.copytree(prepared.root, to)
    return Told(Shop(to))


def whole_or_nothing() -> None:
    """Of each account: notice, move, case and message, or none of them."""
    for name in ACCOUNTS:
        (decision,) = account(name).decisions.values()
        made = notices.notices_of(name)
        sql = "SELECT key FROM habeas_outbox WHERE key IN ({names})"
        keys = [*select_in(sql, [notices.mail_key(n.id) for n in made])]
        assert (decision.state is DecisionState.NOTICED) == (len(made) == 1) == (len(keys) == 1)


def faults(prepared: Shop, root: Path, *, after: bool) -> Iterator[tuple[int, Counter[str]]]:
    """Each fault until a round ends without one: its number, and how often each message went."""
    number = 0
    while True:
        number += 1
        told = copied(prepared, root / str(number))
        fault, again = Fault(number, after), Fault(0, after)
        with wiring.opened(database(told.shop)):
            try:
                worked(told, fault)
                return
            except Crash:
                connection.close()
            whole_or_nothing()
            told.now_us += outbox.CLAIM_US
            worked(told, again)
            worked(told, again)
            whole_or_nothing()
            assert outbox.dead() == []
            assert all(len(notices.notices_of(name)) == 1 for name in ACCOUNTS)
        assert len(told.messages()) == len(ACCOUNTS)
        yield number, Counter(fault.mails + again.mails)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_no_fault_loses_a_notice_or_makes_it_twice(
    prepared: Shop, tmp_path: Path, after: bool
) -> None:
    sent = dict(faults(prepared, tmp_path, after=after))
    assert len(sent) > 15
    assert all(len(count) == len(ACCOUNTS) for count in sent.values())
    # a mail that went before its crash was written down goes again, as the same message
    twice = [number for number, count in sent.items() if max(count.values()) > 1]
    assert len(twice) <= 5 * len(ACCOUNTS)  # the statements by which that is written down
