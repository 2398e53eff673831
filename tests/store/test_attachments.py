"""Files by their hash: with the appeal that names them or not at all, and what verify says."""

from __future__ import annotations

from hashlib import sha256

import pytest

from habeas.config import Database
from habeas.core.appeal.appeals import opened
from habeas.core.appeal.complaints import Complaint, attached
from habeas.core.errors import NotFound, Unproven
from habeas.flows.audit.verify import verify
from habeas.store import attachments, rows
from habeas.store.accounts import account
from habeas.store.changes import AccountChange
from habeas.store.commits import commit
from tests.store.lawful import LATER, SAID, record_lives
from tests.store.tampering import tamper

FILE = b"%PDF-1.7 a letter of the hospital"
NAME = sha256(FILE).hexdigest()


def appealed(name: str, content: bytes = FILE) -> AccountChange:
    """What Chen or Aline, who were told, sends with a file."""
    read = account(name)
    file = (attached("letter.pdf", content),)
    complaint = Complaint(f"R {name}", name, (f"d {name}",), SAID, file)
    made, _ = opened(complaint, [*read.decisions.values()], [], LATER)
    assert made is not None
    return AccountChange.of(read, LATER).appealed(made).keeps(content)


def problems() -> list[str]:
    (check,) = [c for c in verify(None).checks if c.name == "files are those that appeals name"]
    return check.problems


def test_a_file_is_kept_once_and_read_by_its_hash(store: Database) -> None:
    record_lives()
    commit([appealed("chen"), appealed("aline")])
    assert attachments.file(NAME) == FILE
    assert rows.select("SELECT count(*) FROM habeas_attachment") == [(1,)]
    assert rows.select("SELECT count(*) FROM habeas_appealfile") == [(2,)]
    with pytest.raises(NotFound, match="is not here"):
        attachments.file("0" * 64)
    report = verify(None)
    assert report.sound
    assert [c.looked_at for c in report.checks if c.name.startswith("files")] == [1]


def test_a_file_that_no_appeal_names_is_named(store: Database) -> None:
    record_lives()
    attachments.keep([FILE])
    assert problems() == [f"habeas_attachment {NAME}: no appeal names this file"]


def test_a_file_that_was_changed_is_not_read_and_is_named(store: Database) -> None:
    record_lives()
    commit([appealed("chen")])
    tamper("habeas_attachment", "UPDATE {table} SET content = %s", b"%PDF-1.7 a letter of his")
    with pytest.raises(Unproven, match="is not what was sent"):
        attachments.file(NAME)
    assert problems() == [f"habeas_attachment {NAME}: its content is not that of its hash"]


def test_a_file_that_is_gone_without_an_erasure_is_named(store: Database) -> None:
    record_lives()
    commit([appealed("chen")])
    rows.execute_many("DELETE FROM habeas_attachment WHERE sha256 = %s", [(NAME,)])
    (problem,) = problems()
    assert problem.startswith(f"habeas_attachment {NAME}: is gone, appeal ")
    assert problem.endswith("names it, and no record says why")


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("DELETE FROM {table}", "is gone, or not as leaf"),
        ("INSERT INTO {table} SELECT appeal, 'x', leaf FROM habeas_appealfile", "no leaf says so"),
        ("INSERT INTO {table} SELECT 'x', sha256, leaf FROM habeas_appealfile", "leads to it"),
    ],
)
def test_which_files_an_appeal_names_follows_from_leaves(
    store: Database, sql: str, says: str
) -> None:
    record_lives()
    commit([appealed("chen")])
    tamper("habeas_appealfile", sql)
    found = [
        p for c in verify(None).checks for p in c.problems if p.startswith("habeas_appealfile")
    ]
    assert any(says in problem for problem in found)
