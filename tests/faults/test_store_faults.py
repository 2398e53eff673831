"""Fault table of what is committed to the store. Every statement is a step; at each one the
process fails before it or is killed after it, and the same command is run again.

| broken step                     | what is persisted        | what recovery does           |
|---------------------------------|--------------------------|------------------------------|
| a read                          | all batches before       | reads again, does the rest   |
| a write, a raised version       | all batches before       | the batch again, as a whole  |
| the end of a transaction        | all batches before       | the batch again, as a whole  |
| after the end of a transaction  | this batch as well       | knows it, does the rest      |
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from habeas import wiring
from habeas.config import Database
from habeas.flows import work
from habeas.flows.decision.decide import decide
from habeas.flows.decision.tick import tick
from habeas.store import rows
from habeas.store.accounts import account
from habeas.store.decisions import rebuild
from tests.core.appeal.casework import DAY, NOW
from tests.faults.statements import environment
from tests.flows.deciding import DECIDED_US, decided_shop
from tests.flows.decision.test_tick import noticed
from tests.flows.shop import DAY_US, Shop

TABLES = (
    "finding", "passed", "decision", "decisionmove", "decisionnow", "settlement", "ledgerentry",
    "ledgerposting", "notice", "outbox", "policytext", "leaf", "leaftext", "commit",
)  # fmt: skip


class Broken(Exception):
    """Not one that anything of ours catches."""


@contextmanager
def breaking(step: int) -> Iterator[list[str]]:
    """The statement of this number fails before it is run; what was asked for so far."""
    asked: list[str] = []

    def wrapper(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        asked.append(sql)
        if len(asked) == step:
            raise Broken(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(wrapper):
        yield asked


def counts() -> dict[str, int]:
    return {
        table: int(rows.select(f"SELECT count(*) FROM habeas_{table}")[0][0]) for table in TABLES
    }


NAMES = [f"account {i}" for i in range(4)]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return decided_shop(tmp_path, accounts=4)


def test_decide_broken_before_each_statement(
    store: Database, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run is broken at every statement in turn, and goes on where it was."""
    monkeypatch.setattr(work, "TOGETHER", 2)
    before, step = counts(), 0
    while True:
        step += 1
        try:
            with breaking(step):
                decide(shop.folder, DECIDED_US)
        except Broken:
            assert counts()["decision"] in (0, 2, 4)
            assert counts()["decision"] == counts()["finding"] == counts()["decisionnow"]
            assert counts()["decisionmove"] == counts()["decision"]
            continue
        break
    assert step > 20
    found = counts()
    assert (found["decision"], found["decisionmove"], found["finding"]) == (4, 4, 4)
    assert found["leaf"] == found["leaftext"] == before["leaf"] + 4 * 4  # a commit each
    assert all(account(name).version == 1 for name in NAMES)
    assert rebuild() == (4, 0)


def test_tick_broken_before_each_statement(store: Database) -> None:
    """Money moves once, however often the commit of it failed."""
    noticed("boris")
    before, step = counts(), 0
    while True:
        step += 1
        try:
            with breaking(step):
                tick(NOW + 14 * DAY)
        except Broken:
            found = counts()
            assert found in (before, {**before, **_moved(before)})
            continue
        break
    assert step > 3
    assert counts() == {**before, **_moved(before)}


def _moved(before: dict[str, int]) -> dict[str, int]:
    """One move, one settlement and its entry from the customer's money to what is held; their
    commit, and the state of the brake that was asked."""
    return {
        "decisionmove": before["decisionmove"] + 1, "settlement": 1, "ledgerentry": 2,
        "ledgerposting": 4, "leaf": before["leaf"] + 4, "leaftext": before["leaftext"] + 4,
        "commit": before["commit"] + 1,
    }  # fmt: skip


KILLED = """
import os, sys
from tests.faults.statements import killed_after
from pathlib import Path
from habeas import wiring
from habeas.flows import work
work.TOGETHER = 2
os.chdir(sys.argv[1])
step, name = int(sys.argv[2]), sys.argv[3]
with wiring.here():
    from habeas.flows.decision.decide import decide
    from habeas.ports.folder import Folder
    with killed_after(step) as statements:
        decide(Folder.around(Path.cwd()), int(name))
print(statements.sent)
"""


def killed(shop: Shop, database: Database, step: int) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-c", KILLED, str(shop.root), str(step), str(DECIDED_US)]
    return subprocess.run(
        words,
        env=environment(database),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_decide_killed_after_statements(database: Database, shop: Shop) -> None:
    """Killed for good, as by the machine; a few of the statements, since each is a process."""
    deaths = 0
    with wiring.opened(database):
        before = counts()
    for step in (4, 9, 13, 18, 24, 10**6):
        done = killed(shop, database, step)
        if done.returncode == -signal.SIGKILL:
            deaths += 1
            continue
        assert done.returncode == 0, done.stderr
    assert deaths >= 3
    with wiring.opened(database):
        found = counts()
        assert (found["decision"], found["decisionmove"], found["finding"]) == (4, 4, 4)
        assert found["leaf"] == found["leaftext"] == before["leaf"] + 4 * 4
        assert rebuild() == (4, 0)
        assert decide(shop.folder, DECIDED_US + DAY_US).known == 4


APPROVE = """
import os, sys
from habeas import wiring
from habeas.core.decision import Actor
from habeas.core.errors import HabeasError
os.chdir(sys.argv[1])
with wiring.here():
    from habeas.flows.decision.decide import approve
    sys.stdin.readline()
    try:
        approve(sys.argv[2], Actor(sys.argv[3], True), 2_000_000_000_000_000)
        print("approved")
    except HabeasError as error:
        print(error.message)
"""


def test_two_people_approve_the_same_decision(database: Database, tmp_path: Path) -> None:
    """One is first; the other is told in one sentence, and nothing is written twice."""
    shop = decided_shop(tmp_path, accounts=1, first="suspend")
    with wiring.opened(database):
        decide(shop.folder, DECIDED_US)
        (name,) = account("account 0").decisions
    people = [
        subprocess.Popen(
            [sys.executable, "-c", APPROVE, str(shop.root), name, who], env=environment(database),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for who in ("dora", "emil", "fay")
    ]  # fmt: skip
    for process in people:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60) for process in people]
    outs = sorted(out.strip() for out, _ in said)
    assert outs.count("approved") == 1, said
    assert all("it is approved once" in out for out in outs if out != "approved"), said
    with wiring.opened(database):
        assert len(account("account 0").decisions[name].approvers) == 1
        assert counts()["decisionmove"] == 1


def test_a_busy_database_is_one_sentence(database: Database) -> None:
    from habeas.core.errors import Unavailable

    with pytest.raises(Unavailable, match="cannot be used: it is full"), wiring.opened(database):
        raise OperationalError("it is full\nand more that no one wants to read")
