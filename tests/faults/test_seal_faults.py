"""Fault table of sealing (the table is in flows/log/seal): broken before each statement and killed
after some; then the same tree, no gap, no double place, and old notes that still hold."""

from __future__ import annotations

import signal
import subprocess
import sys

from habeas import wiring
from habeas.config import Database
from habeas.store import rows, tree
from tests.faults.statements import environment
from tests.faults.test_store_faults import Broken, breaking
from tests.store.sealing import add_leaves, assert_whole, numbers_in_place, sealed

TABLES = ("leafplace", "treenode", "checkpoint")


def counts() -> list[int]:
    return [int(rows.select(f"SELECT count(*) FROM habeas_{t}")[0][0]) for t in TABLES]


def test_broken_before_each_statement(store: Database) -> None:
    add_leaves(1, 300)
    sealed()
    before = counts()
    add_leaves(301, 300)
    step = 0
    while True:
        step += 1
        try:
            with breaking(step):
                sealed()
        except Broken:
            assert counts() in (before, [600, 2, 2])
            assert_whole()
            continue
        break
    assert step > 8
    assert counts() == [600, 2, 2]
    assert numbers_in_place() == list(range(1, 601))
    assert_whole()


KILLED = """
import os, sys
from tests.faults.statements import killed_after
from pathlib import Path
from habeas import wiring
from habeas.flows.log import seal
os.chdir(sys.argv[1])
seal.TOGETHER = 200
step = int(sys.argv[2])
with wiring.here():
    from tests.store.sealing import sealed
    with killed_after(step):
        sealed()
"""


def test_killed_after_statements(database: Database, tmp_path: object) -> None:
    with wiring.opened(database):
        add_leaves(1, 600)
    deaths = 0
    for step in (3, 6, 8, 13, 10**6):
        words = [sys.executable, "-c", KILLED, str(tmp_path), str(step)]
        done = subprocess.run(
            words,
            env=environment(database),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert done.returncode in (0, -signal.SIGKILL), done.stderr
        deaths += done.returncode != 0
        with wiring.opened(database):
            assert tree.size() % 200 == 0
            assert_whole()
    assert deaths >= 3
    with wiring.opened(database):
        assert numbers_in_place() == list(range(1, 601))
        assert [k.size for k in tree.checkpoints()] == [200, 400, 600]
