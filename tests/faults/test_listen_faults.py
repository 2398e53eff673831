"""Fault table of listening. Each statement fails in turn, or its process is killed after it, and
the same is run again.

| broken step                             | what is persisted      | what recovery does          |
|-----------------------------------------|------------------------|-----------------------------|
| the read of a feed, half an answer      | the other feeds        | reads it again, catches up  |
| a read of what is known, of a brake     | the feeds before       | counts the same bins        |
| a row, a move, the message, what is known| the feeds before      | counts the same bins        |
| after the end of the transaction        | rows, wave and message | counts what is new; told once|
| another listener counted meanwhile      | what the other counted | decides anew on that        |
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from habeas import wiring
from habeas.config import Database
from habeas.store import feeds, rows
from tests.faults.statements import environment
from tests.faults.test_store_faults import Broken, breaking
from tests.flows.signal.listening import DAY, FIVE, STORM_US, Listening, listening

BEFORE_US, NOW_US = STORM_US - DAY, STORM_US + 2 * FIVE
BINS = (NOW_US - BEFORE_US) // FIVE
TABLES = ("feedcount", "feedmove", "outbox", "leaf", "leaftext")


@pytest.fixture
def ears(database: Database, tmp_path: Path) -> Iterator[Listening]:
    """Listened to once; what was said since holds a burst."""
    with listening(tmp_path) as made:
        with wiring.opened(database):
            made.at(BEFORE_US)
        yield made


def counts() -> tuple[int, ...]:
    return tuple(int(rows.select(f"SELECT count(*) FROM habeas_{t}")[0][0]) for t in TABLES)


def check(before: tuple[int, ...]) -> bool:
    """All of it or nothing; whether it is all."""
    done = tuple(was + more for was, more in zip(before, (BINS, 1, 1, 2, 2), strict=True))
    assert counts() in (before, done)
    known = feeds.feed("posts").known
    assert known is not None
    assert known.end_us == (NOW_US if counts() == done else BEFORE_US)
    return counts() == done


def test_listening_broken_before_each_statement(ears: Listening, database: Database) -> None:
    with wiring.opened(database):
        before, step = counts(), 0
        while True:
            step += 1
            try:
                with breaking(step):
                    ears.at(NOW_US)
            except Broken:
                check(before)
                continue
            break
        assert step > 6
        assert check(before)
        assert ears.at(NOW_US)["posts"].opened == []
        assert check(before)


KILLED = """
import os, sys
from tests.faults.statements import killed_after
from pathlib import Path
from habeas import wiring
os.chdir(sys.argv[1])
step, now_us = int(sys.argv[2]), int(sys.argv[3])
with wiring.here():
    from habeas.flows.signal.listen import listen
    from habeas.ports.folder import Folder
    from habeas.ports.signals import read_feeds
    with killed_after(step):
        listen(read_feeds(Folder.around(Path.cwd())), now_us, lambda report: None)
"""


def test_listening_killed_after_statements(ears: Listening, database: Database) -> None:
    """Killed for good; a few of the statements, since each is a process."""
    with wiring.opened(database):
        before = counts()
    ears.say(NOW_US)
    codes = []
    for step in (3, 6, 8, 10, 10**6):
        words = [sys.executable, "-c", KILLED, str(ears.root), str(step), str(NOW_US)]
        done = subprocess.run(
            words,
            env=environment(database),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        codes.append(done.returncode)
        with wiring.opened(database):
            check(before)
    assert codes.count(-signal.SIGKILL) >= 3
    assert codes[-1] == 0
    with wiring.opened(database):
        assert check(before)
