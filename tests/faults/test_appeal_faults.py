"""Fault table of an appeal with a file, and of a file that is added to it. Every statement is a
step; at each one the process fails before it or is killed after it, and the customer sends again.

| broken step          | what is persisted                       | what the next try does     |
|----------------------|-----------------------------------------|----------------------------|
| the try of the code  | nothing                                 | all of it                  |
| any after that       | the try of the code; no appeal, no file | all of it                  |
| after the commit     | the appeal, its file, the used code     | is told that it was opened |
"""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from habeas import wiring
from habeas.config import Database
from habeas.core.errors import Forbidden
from habeas.flows.appeal import hear
from habeas.flows.audit.verify import verify
from habeas.store import rows
from habeas.store.accounts import account
from tests.faults.statements import environment
from tests.faults.test_store_faults import Broken, breaking
from tests.flows.appeal.test_hear import CODE, NOW, PNG, SENT, hit

FILES = (("slip.png", PNG), ("again.png", PNG + b"1"))


def whole() -> int:
    """How many files are there; each that an appeal names, and no other."""
    named = {f.sha256 for a in account("boris").appeals.values() for f in a.attachments}
    there = {name for (name,) in rows.select("SELECT sha256 FROM habeas_attachment")}
    assert there == named
    (check,) = [c for c in verify(None).checks if c.name.startswith("files")]
    assert check.problems == []
    return len(there)


def test_an_appeal_with_files_broken_before_each_statement(store: Database) -> None:
    hit()
    step = 0
    while True:
        step += 1
        try:
            with breaking(step):
                hear.complain(replace(SENT, files=FILES[:1]), NOW + step)
            break
        except Broken:
            assert whole() == 0
    assert step > 10
    assert whole() == 1
    with pytest.raises(Forbidden, match="has opened its appeal"):
        hear.complain(replace(SENT, files=FILES[:1]), NOW + step)
    steps = step
    while True:
        step += 1
        try:
            with breaking(step - steps):
                hear.attach("C-1", CODE, FILES[1:], NOW + step)
            break
        except Broken:
            assert whole() == 1
    assert whole() == 2


KILLED = """
import os, sys
from dataclasses import replace
from habeas import wiring
from habeas.core.errors import HabeasError
from habeas.flows.appeal import hear
from tests.faults.statements import killed_after
from tests.faults.test_appeal_faults import FILES
from tests.flows.appeal.test_hear import CODE, NOW, SENT
os.chdir(sys.argv[1])
step, verb = int(sys.argv[2]), sys.argv[3]
with wiring.here(), killed_after(step) as statements:
    if verb == "appeal":
        hear.complain(replace(SENT, files=FILES[:1]), NOW + step)
    else:
        hear.attach("C-1", CODE, FILES[1:], NOW + step)
"""


@pytest.mark.parametrize("verb", ["appeal", "attach"])
def test_killed_after_statements(database: Database, tmp_path: object, verb: str) -> None:
    """Killed for good, as by the machine; a few of the statements, since each is a process."""
    (tmp_path / ".habeas").mkdir(exist_ok=True)  # type: ignore[operator]
    with wiring.opened(database):
        hit()
        if verb == "attach":
            hear.complain(replace(SENT, files=FILES[:1]), NOW)
    before, deaths = int(verb == "attach"), 0
    for step in (3, 7, 10, 12, 10**6):
        words = [sys.executable, "-c", KILLED, str(tmp_path), str(step), verb]
        done = subprocess.run(
            words, env=environment(database), capture_output=True, encoding="utf-8", timeout=60,
            check=False,
        )  # fmt: skip
        killed = done.returncode == -signal.SIGKILL
        deaths += killed
        with wiring.opened(database):
            there = whole()
            assert there in (before, before + 1)
            if there > before:
                break
            assert killed, done.stderr
    assert deaths >= 3
    assert there == before + 1
