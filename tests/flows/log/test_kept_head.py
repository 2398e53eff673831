"""Seal refuses to sign below or beside the head that is kept outside the database; verify says so.

Row 7 of what an insider tried: an older copy, two copies sealed apart, unsealed rows deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.errors import InvalidInput, Unproven, Unwritable
from habeas.core.log.checkpoint import read_checkpoint
from habeas.flows.audit.verify import verify
from habeas.flows.log.head import last_head
from habeas.ports.heads import HeadFile, KeptHead
from habeas.store import models, rows, tree
from tests.core.appeal.casework import NOW
from tests.store.sealing import LOG, OTHER, add_leaves, assert_whole, sealed
from tests.store.tampering import tamper

EXTENDS = "the log goes on from every head that was kept"


@pytest.fixture
def kept(store: Database, tmp_path: Path) -> HeadFile:
    """Of a log of 5 leaves."""
    file = HeadFile(tmp_path / "log.key.head")
    add_leaves(1, 5)
    sealed(kept=file)
    return file


def size_of(kept: HeadFile) -> int:
    found = kept.read()
    assert found is not None
    return read_checkpoint(found.note.text).size


def put_back(size: int) -> None:
    """An older copy of the database, of when `size` leaves were recorded and sealed."""
    tamper("habeas_checkpoint", "DELETE FROM {table} WHERE size > %s", size)
    tamper("habeas_leafplace", "DELETE FROM {table} WHERE place >= %s", size)
    tamper("habeas_leaf", "DELETE FROM {table} WHERE number > %s", size)


def verified(kept: HeadFile) -> list[str]:
    """What verify says of the kept head, where the database by itself is sound."""
    found = kept.read()
    assert found is not None
    report = verify(LOG.verifier, heads=[found])
    said = {c.name: c.problems for c in report.checks}
    assert said["checkpoints are signed"] == said["the tree gives every signed root"] == []
    return said[EXTENDS]


def test_the_head_is_kept_with_each_seal(kept: HeadFile) -> None:
    assert size_of(kept) == 5
    add_leaves(6, 4)
    assert sealed(kept=kept).size == size_of(kept) == 9
    assert kept.read() == KeptHead(str(kept.path), last_head().note)
    assert verified(kept) == []
    assert sealed(kept=kept).sealed == 0


def test_an_older_copy_is_not_signed(kept: HeadFile) -> None:
    add_leaves(6, 4)
    sealed(kept=kept)
    put_back(5)
    says = "the log has 5 leaves, fewer than the 9 of this head"
    assert verified(kept) == [f"{kept.path}: {says}"]
    for fresh in (6, 7):  # with nothing to seal, and with something
        with pytest.raises(Unproven) as caught:
            sealed(kept=kept)
        assert caught.value.message == (
            f"nothing is signed: {says}, which is kept in '{kept.path}'"
        )
        assert "\n" not in caught.value.message
        add_leaves(fresh, 1)
    assert (tree.size(), size_of(kept)) == (5, 9)


def test_an_older_copy_that_went_on_elsewhere_is_not_signed(kept: HeadFile) -> None:
    """Two copies sealed apart with one key: this one has more leaves than the kept head."""
    add_leaves(6, 4)
    sealed(kept=kept)
    put_back(5)
    add_leaves(100, 7)
    sealed()  # on a machine that does not have the kept head
    says = "the first 9 leaves of the log are not those of this head"
    assert verified(kept) == [f"{kept.path}: {says}"]
    add_leaves(200, 1)
    with pytest.raises(Unproven, match="nothing is signed: the first 9 leaves of the log are not"):
        sealed(kept=kept)
    assert (tree.size(), size_of(kept)) == (12, 9)


def test_a_head_of_another_key_or_that_is_none_is_not_gone_on_from(kept: HeadFile) -> None:
    note = last_head().note
    kept.path.write_text(str(read_checkpoint(note.text).signed_by(OTHER)), encoding="utf-8")
    add_leaves(6, 1)
    with pytest.raises(Unproven, match="nothing is signed: the note has no signature of a trusted"):
        sealed(kept=kept)
    kept.path.write_text("", encoding="utf-8")
    with pytest.raises(InvalidInput, match="is no head of a log"):
        sealed(kept=kept)
    assert tree.size() == 5


def test_a_head_that_the_key_did_not_sign_is_not_kept(kept: HeadFile) -> None:
    """A checkpoint that was put into the database alone does not get beside the key."""
    forged = read_checkpoint(last_head().note.text.replace("\n5\n", "\n9\n")).signed_by(OTHER)
    rows.insert(models.Checkpoint, [(9, NOW, str(forged))])
    with pytest.raises(Unproven, match="no signature of a trusted key"):
        sealed(kept=kept)
    assert size_of(kept) == 5


def test_a_head_that_could_not_be_kept_is_kept_by_the_next_seal(
    store: Database, tmp_path: Path
) -> None:
    file = HeadFile(tmp_path / "keys" / "log.key.head")
    file.path.parent.write_text("in the way")
    add_leaves(1, 5)
    with pytest.raises(Unwritable, match="cannot be kept"):
        sealed(kept=file)
    assert tree.size() == 5
    file.path.parent.unlink()
    assert sealed(kept=file).sealed == 0
    assert size_of(file) == 5
    assert_whole()


def test_a_gap_in_the_numbers_is_named(kept: HeadFile) -> None:
    """Unsealed rows deleted; the one deleted last of all leaves no gap, but its account's does."""
    add_leaves(6, 5)
    tamper("habeas_leaf", "DELETE FROM {table} WHERE number IN (6, 8, 9)")
    (check,) = [c for c in verify(LOG.verifier).checks if c.name == "leaf numbers have no gap"]
    said = ["no leaf has the number 6", "no leaf has the numbers 8 to 9"]
    assert check.looked_at == 7
    if rows.is_postgresql():
        assert check.problems == []
        assert check.skipped.startswith(f"{said[0]}; {said[1]}: of transactions that were undone")
    else:
        assert check.problems == said
