"""Fault table of sealing (the table is in flows/log/seal): broken before each statement and killed
after some; then the same tree, no gap, no double place, and old notes that still hold."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from habeas import wiring
from habeas.config import Database, Sqlite
from habeas.core.errors import Changed
from habeas.core.log.checkpoint import read_checkpoint
from habeas.core.staff import Role
from habeas.flows.audit.verify import verify
from habeas.flows.log.key_ring import key_ring
from habeas.flows.log.seal import seal
from habeas.flows.staff import appoint
from habeas.ports.heads import HeadFile
from habeas.ports.keys import KeyFile
from habeas.store import rows, tree
from tests.cast import ADA
from tests.core.appeal.casework import NOW
from tests.faults.breaking import KILLED_AT
from tests.faults.statements import environment
from tests.faults.test_store_faults import Broken, breaking
from tests.staffing import hire_in
from tests.store.sealing import LOG, add_leaves, assert_whole, numbers_in_place, sealed

TABLES = ("leafplace", "treenode", "checkpoint")


def counts() -> list[int]:
    return [int(rows.select(f"SELECT count(*) FROM habeas_{t}")[0][0]) for t in TABLES]


def size_of(kept: HeadFile) -> int:
    found = kept.read()
    assert found is not None
    return read_checkpoint(found.note.text).size


def test_broken_before_each_statement(store: Database, tmp_path: Path) -> None:
    kept = HeadFile(tmp_path / "log.head")
    add_leaves(1, 300)
    sealed(kept=kept)
    before = counts()
    add_leaves(301, 300)
    step = 0
    while True:
        step += 1
        try:
            with breaking(step):
                sealed(kept=kept)
        except Broken:
            assert counts() in (before, [600, 2, 2])
            assert size_of(kept) <= counts()[0]
            assert_whole()
            continue
        break
    assert step > 8
    assert counts() == [600, 2, 2]
    assert numbers_in_place() == list(range(1, 601))
    assert size_of(kept) == 600
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
        sealed(kept=wiring.head_file())
"""


def test_killed_after_statements(database: Database, tmp_path: Path) -> None:
    with wiring.opened(database):
        add_leaves(1, 600)
    kept = HeadFile(tmp_path / ".habeas" / "keys" / "log.key.head")
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
            found = [size_of(kept)] if kept.path.exists() else [0]
            assert tree.size() - found[0] in (0, 200)
    assert deaths >= 3
    with wiring.opened(database):
        assert numbers_in_place() == list(range(1, 601))
        assert [k.size for k in tree.checkpoints()] == [200, 400, 600]
    assert size_of(kept) == 600


def test_killed_before_each_change_of_a_file(tmp_path: Path) -> None:
    """Between the database and the kept head: the head is the last one or the one before."""
    folder = tmp_path / ".habeas"
    KeyFile(folder / "keys" / "log.key").make(LOG)
    kept, database = HeadFile(folder / "keys" / "log.key.head"), Sqlite(folder / "habeas.sqlite3")
    before, step = 0, 0
    while True:
        step += 1
        with wiring.opened(database):
            add_leaves(step, 1)
        words = [sys.executable, "-c", KILLED_AT, str(step), "seal"]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, check=False)
        there = size_of(kept) if kept.path.exists() else 0
        with wiring.opened(database):
            assert before <= there <= tree.size()
            assert_whole()
        before = there
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
    assert step > 2
    assert before == step


def test_a_rotation_killed_before_each_change_of_a_file(tmp_path: Path) -> None:
    """The table is in flows/log/rotate_key. One key or the other is in place, and it signs."""
    folder = tmp_path / ".habeas"
    keys, database = KeyFile(folder / "keys" / "log.key"), Sqlite(folder / "habeas.sqlite3")
    keys.make(LOG)
    hire_in(database)
    step, deaths = 0, 0
    while True:
        step += 1
        words = [sys.executable, "-c", KILLED_AT, str(step), "rotate-key", "--as", ADA.id]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, check=False)
        with wiring.opened(database):
            assert [c.problems for c in verify(keys.verifier()).checks if c.wrong] == []
            add_record(step)
            try:
                assert seal(keys.signer(), NOW).sealed
            except Changed:  # the new key was let in, and is not in place yet
                assert keys.next.path.exists()
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
        deaths += 1
    assert deaths > 5
    with wiring.opened(database):
        terms = key_ring(LOG.verifier).terms
        assert (terms[0].key, terms[-1].key) == (LOG.verifier, keys.verifier())
        assert [c.problems for c in verify(LOG.verifier).checks if c.wrong] == []


def add_record(number: int) -> None:
    """Somebody more joins."""
    appoint.add(f"new{number}", f"New {number}", [Role.AGENT], ADA.id, NOW)
