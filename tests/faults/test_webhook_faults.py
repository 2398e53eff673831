"""The fault table of docs/webhook.md: deliver is broken before and after each of its writes, and
killed after its call was taken. Once the work is run again, the mail is there once and the receiver
has one message, by its id."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import BinaryIO

import pytest
from django.db import connection

from habeas import wiring
from habeas.config import Sqlite
from habeas.flows.letter.deliver import deliver
from habeas.ports.webhooks import VARIABLE, Webhook
from habeas.store import outbox, rows
from tests.faults.test_notice_faults import Crash, Fault
from tests.flows.deciding import database, decided_shop
from tests.flows.letter.telling import PLATFORM, Told, newsroom
from tests.flows.shop import command
from tests.ports.receiving import SECRET, Receiver, receiving


def worked(told: Told, receiver: Receiver, fault: Fault) -> bool:
    """One round of the worker; False where the fault ended it."""
    try:
        with connection.execute_wrapper(fault.write):
            deliver(told.post(Webhook(receiver.url, SECRET)))
    except Crash:
        connection.close()
        return False
    return True


def whole(told: Told, receiver: Receiver) -> int:
    """How often the one message was called, when all is done."""
    assert rows.select("SELECT DISTINCT state FROM habeas_outbox") == [("sent",)]
    assert len(told.messages()) == 1
    assert len({(c.id, c.body) for c in receiver.called}) == 1
    assert all(c.signed for c in receiver.called)
    return len(receiver.called)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_no_fault_loses_the_call_or_makes_another(tmp_path: Path, after: bool) -> None:
    calls: list[int] = []
    while True:
        root = tmp_path / str(len(calls))
        (root / ".habeas").mkdir(parents=True)
        with (
            receiving() as receiver,
            wiring.opened(Sqlite(root / ".habeas" / "habeas.sqlite3")),
        ):
            told = newsroom(root)
            if worked(told, receiver, Fault(len(calls) + 1, after)):
                assert whole(told, receiver) == 1
                break
            told.now_us += outbox.CLAIM_US
            assert worked(told, receiver, Fault(0, after))
            calls.append(whole(told, receiver))
    assert len(calls) > 6
    assert calls.count(2) == 4  # the call went, and was not yet written down as a whole
    assert set(calls) <= {1, 2}


def test_a_worker_that_is_killed_after_its_call_calls_again_by_the_same_id(tmp_path: Path) -> None:
    """A real process, killed while the receiver has taken the call and before it says so."""
    told = Told(decided_shop(tmp_path, accounts=1))
    workers: list[subprocess.Popen[bytes]] = []

    def kill(out: BinaryIO) -> None:
        os.kill(workers[0].pid, signal.SIGKILL)
        out.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    with wiring.opened(database(told.shop)):
        newsroom(tmp_path)
    with receiving(kill) as receiver:
        text = f"{PLATFORM}webhook: {receiver.url}\n"
        (tmp_path / "platform.yaml").write_text(text, encoding="utf-8")
        given = os.environ | {VARIABLE: SECRET}
        workers.append(subprocess.Popen(command("work", "--once"), cwd=tmp_path, env=given))
        assert workers[0].wait(60) == -signal.SIGKILL
        with wiring.opened(database(told.shop)):
            states = rows.select("SELECT channel, state FROM habeas_outbox ORDER BY id")
            assert states == [("staff", "sent"), ("webhook", "claimed")]
            told.now_us = time.time_ns() // 1000 + outbox.CLAIM_US
            assert worked(told, receiver, Fault(0, after=False))
            assert whole(told, receiver) == 2
