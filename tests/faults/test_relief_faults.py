"""Fault table of reverse and relieve. Every statement is a step; at each one the process fails
before it or is killed after it, and the same command is run again.

| broken step                          | what is persisted       | what recovery does            |
|--------------------------------------|-------------------------|-------------------------------|
| reverse: a read, any write           | nothing                 | the whole again               |
| reverse: after its end               | the reversal, whole     | says that it is reversed      |
| the plan: a read, its row or its leaf| no plan                 | the same plan, the same hash  |
| an approval: a read, its row or leaf | the approvals before    | the approval again            |
| apply: a read, a write, its end      | all batches before      | the batch again, as a whole   |
| apply: after the end of a batch      | this batch as well      | knows it, does the rest       |
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from habeas import wiring
from habeas.config import Database, Sqlite
from habeas.core.decision import DecisionState
from habeas.core.errors import IllegalMove
from habeas.flows import work
from habeas.flows.appeal.foresee import foresee
from habeas.flows.appeal.relieve import apply, approve, show
from habeas.flows.appeal.reverse import reverse
from habeas.store import ledger, reliefs, rows
from habeas.store.accounts import account
from habeas.store.decisions import rebuild
from tests.core.appeal.casework import EMIL, FAY
from tests.faults.statements import environment
from tests.faults.test_store_faults import Broken, breaking
from tests.flows.appeal.relieving import (
    CAUSE,
    RELIEF_US,
    WHY,
    differences,
    hit,
    names_of,
    owed,
    planned,
)

TABLES = (
    "commit", "decisionmove", "decisionnow", "settlement", "ledgerentry", "ledgerposting",
    "leaf", "leaftext", "relief", "reliefmove",
)  # fmt: skip
NAMES = names_of(6)


def counts() -> dict[str, int]:
    return {
        table: int(rows.select(f"SELECT count(*) FROM habeas_{table}")[0][0]) for table in TABLES
    }


def broken_everywhere(do: Callable[[], object], whole: Callable[[], bool]) -> int:
    """Do something that fails before every statement in turn, until it does not; how often it
    failed. After each failure there is nothing of it."""
    before, step = counts(), 0
    while True:
        step += 1
        try:
            with breaking(step):
                do()
        except Broken:
            assert counts() == before or whole()
            continue
        return step - 1


def test_reverse_broken_before_each_statement(store: Database) -> None:
    hit(NAMES[:1])
    name = f"d {NAMES[0]}"
    version = account(NAMES[0]).version
    before = counts()
    failed = broken_everywhere(lambda: reverse(name, (EMIL,), WHY, RELIEF_US), lambda: False)
    assert failed > 9
    after = counts()
    assert after["decisionmove"] == before["decisionmove"] + 1
    assert after["settlement"] == before["settlement"] + 1
    assert (owed(), account(NAMES[0]).version) == ([name], version + 1)
    assert differences(NAMES[:1]) == []
    with pytest.raises(IllegalMove, match="there is nothing to reverse"):
        reverse(name, (EMIL,), WHY, RELIEF_US)
    assert counts() == after


def test_plan_and_approvals_broken_before_each_statement(store: Database) -> None:
    hit(NAMES)
    assert broken_everywhere(lambda: foresee(CAUSE, WHY, RELIEF_US), lambda: False) > 5
    ((name,),) = rows.select("SELECT id FROM habeas_relief")
    for count, who in enumerate((EMIL, FAY), 1):
        assert broken_everywhere(lambda w=who: approve(name, w, RELIEF_US), lambda: False) > 3
        assert len(reliefs.relief(name).approvals) == count
        assert counts()["reliefmove"] == count


def test_apply_broken_before_each_statement(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches of two accounts: what is there is always a number of whole ones."""
    monkeypatch.setattr(work, "TOGETHER", 2)
    hit(NAMES)
    name, before = planned(size=4), counts()

    def whole() -> bool:
        found = counts()
        moved = found["decisionmove"] - before["decisionmove"]
        assert moved in (2, 4, 6)
        assert len(owed()) == moved
        assert show(name, RELIEF_US).done == moved
        return True

    assert (
        broken_everywhere(lambda: apply(name, RELIEF_US), whole) > 12
    )  # COPY is no statement here
    _assert_relieved(NAMES)


def _assert_relieved(names: list[str]) -> None:
    """From the database alone, as `habeas verify` would: each exactly, and once."""
    assert differences(names) == []
    assert rebuild() == (len(names), 0)
    kinds = "SELECT kind, count(*) FROM habeas_decisionmove GROUP BY kind"
    assert dict(rows.select(kinds))["Reverse"] == len(names)
    twice = "SELECT subject FROM habeas_decisionmove WHERE kind = 'Reverse' GROUP BY subject"
    assert rows.select(f"{twice} HAVING count(*) > 1") == []
    assert owed() == sorted(f"d {name}" for name in names)
    for entry in ledger.entries():  # each that moved money has one that moves it back
        assert sum(p.money.amount for p in entry.postings) == 0
    undone = "SELECT count(*) FROM habeas_settlement WHERE act IN ('release', 'undo')"
    made = "SELECT count(*) FROM habeas_settlement WHERE act = 'settle'"
    assert rows.select(undone) == rows.select(made)


KILLED = """
import os, sys
from tests.faults.statements import killed_after
from pathlib import Path
from habeas import wiring
from habeas.flows import work
work.TOGETHER = 2
os.chdir(sys.argv[1])
step, name, now_us = int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
with wiring.here():
    from habeas.flows.appeal.relieve import apply
    with killed_after(step):
        apply(name, now_us)
"""


def test_apply_killed_after_statements(database: Database, tmp_path: Path) -> None:
    """Killed for good, as by the machine; a few of the statements, since each is a process."""
    (tmp_path / ".habeas").mkdir(exist_ok=True)
    with wiring.opened(database):
        hit(NAMES)
        name = planned()
    deaths = 0
    for step in (5, 12, 15, 19, 30, 10**6):
        words = [sys.executable, "-c", KILLED, str(tmp_path), str(step), name, str(RELIEF_US)]
        done = subprocess.run(
            words, env=environment(database), capture_output=True, encoding="utf-8", timeout=60,
            check=False,
        )  # fmt: skip
        deaths += done.returncode == -signal.SIGKILL
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
    assert deaths >= 3
    with wiring.opened(database):
        _assert_relieved(NAMES)


APPLY = """
import os, sys
from habeas import wiring
os.chdir(sys.argv[1])
with wiring.here():
    from habeas.flows import work
    from habeas.flows.appeal.relieve import apply
    work.TOGETHER = 10
    print("ready", flush=True)
    report = apply(sys.argv[2], int(sys.argv[3]))
print(report.left)
"""


def test_a_relief_killed_ten_times_on_the_way(tmp_path: Path) -> None:
    """At any moment, not only between statements: each time a few batches further."""
    (tmp_path / ".habeas").mkdir()
    made, names = Sqlite(tmp_path / ".habeas" / "habeas.sqlite3"), names_of(900)
    with wiring.opened(made):
        hit(names)
        name = planned(size=10)
    words = [sys.executable, "-c", APPLY, str(tmp_path), name, str(RELIEF_US)]
    deaths, done = 0, 0
    while deaths < 10:
        with wiring.opened(made):
            done = _reversed()
        assert done < len(names), "it was quicker than its killer"
        process = subprocess.Popen(words, stdout=subprocess.PIPE, encoding="utf-8")
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with wiring.opened(made):
            while _reversed() < done + 50 and process.poll() is None:
                time.sleep(0.005)
        process.kill()
        deaths += process.wait() == -signal.SIGKILL
        process.stdout.close()
    with wiring.opened(made):
        assert 10 * 50 <= _reversed() < len(names)
        assert apply(name, RELIEF_US).left == 0
        _assert_relieved(names)


def _reversed() -> int:
    ((count,),) = rows.select(
        "SELECT count(*) FROM habeas_decisionnow WHERE state = %s", [str(DecisionState.REVERSED)]
    )
    return int(count)


def test_two_at_the_same_moment_do_each_once(database: Database, tmp_path: Path) -> None:
    (tmp_path / ".habeas").mkdir(exist_ok=True)
    names = names_of(300)
    with wiring.opened(database):
        hit(names)
        name = planned(size=25)
    words = [sys.executable, "-c", APPLY, str(tmp_path), name, str(RELIEF_US)]
    both = [
        subprocess.Popen(
            words, env=environment(database), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for _ in range(2)
    ]  # fmt: skip
    said = [process.communicate(timeout=60) for process in both]
    assert [out for out, _ in said] == ["ready\n0\n"] * 2, said
    with wiring.opened(database):
        _assert_relieved(names)
