"""The head that is handed out, and the proof that the log still goes on from it."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.errors import InvalidInput, NotFound, Unproven
from habeas.core.log.checkpoint import read_checkpoint, read_note
from habeas.core.log.merkle import check_consistency
from habeas.flows.audit.verify import verify
from habeas.flows.log.head import consistency, last_head
from habeas.ports.heads import KeptHead, read_head
from habeas.store import tree
from tests.core.log.logs import hashes, noted, tree_of
from tests.store.sealing import LOG, OTHER, add_leaves, sealed
from tests.store.tampering import tamper

EXTENDS = "the log goes on from every head that was kept"


def extends(*heads: KeptHead, key: bool = True) -> tuple[int, list[str]]:
    report = verify(LOG.verifier if key else None, heads=heads)
    (check,) = [c for c in report.checks if c.name == EXTENDS]
    return check.looked_at, check.problems


def test_before_the_first_seal_there_is_no_head(store: Database) -> None:
    with pytest.raises(NotFound, match="no signed head yet"):
        last_head()
    (check,) = [c for c in verify(LOG.verifier).checks if c.name == EXTENDS]
    assert check.skipped.startswith("no head is kept beside the key, and none was given")


def test_the_log_goes_on_from_its_heads(store: Database) -> None:
    heads = []
    for first in (1, 8, 300):
        add_leaves(first, 7)
        sealed()
        heads.append(last_head().note)
    points = [read_checkpoint(note.text) for note in heads]
    assert [p.size for p in points] == [7, 14, 21]
    for note, point in zip(heads, points, strict=True):
        path = consistency(note, LOG.verifier).path
        check_consistency(point.size, 21, point.root, points[-1].root, path)
    assert extends(*(KeptHead("a.txt", note) for note in heads)) == (3, [])
    with pytest.raises(Unproven, match="no signature of a trusted key"):
        consistency(heads[0], OTHER.verifier)


def test_a_head_that_is_below_beside_or_of_another_key_is_named(store: Database) -> None:
    add_leaves(1, 7)
    sealed()
    below = KeptHead("below.txt", noted(tree_of(hashes(9))))
    beside = KeptHead("beside.txt", noted(tree_of(hashes(5))))
    foreign = read_checkpoint(last_head().note.text).signed_by(OTHER)
    assert extends(below, beside, KeptHead("foreign.txt", foreign)) == (3, [
        "below.txt: the log has 7 leaves, fewer than the 9 of this head",
        "beside.txt: the first 5 leaves of the log are not those of this head",
        "foreign.txt: the note has no signature of a trusted key",
    ])  # fmt: skip
    assert extends(below, beside, key=False)[1] == extends(below, beside)[1]
    with pytest.raises(Unproven, match="fewer than the 9"):
        consistency(below.note, LOG.verifier)


def test_who_rewrote_the_whole_log_with_its_key_is_caught_by_a_kept_head(store: Database) -> None:
    """All that verify asks of the database holds; whoever kept a head knows better."""
    add_leaves(1, 7)
    sealed()
    kept = KeptHead("kept.txt", last_head().note)
    tamper("habeas_leaf", "UPDATE {table} SET kind = 'notice' WHERE number = 3")
    for table in ("leafplace", "checkpoint"):
        tamper(f"habeas_{table}", "DELETE FROM {table}")
    sealed()
    report = verify(LOG.verifier, heads=[kept])
    wrong = {c.name: c.problems for c in report.checks}
    assert wrong["the tree gives every signed root"] == []
    assert wrong["checkpoints are signed"] == []
    assert wrong[EXTENDS] == ["kept.txt: the first 7 leaves of the log are not those of this head"]
    assert tree.size() == 7


def test_a_file_of_a_head_is_read_as_it_was_printed(tmp_path: Path) -> None:
    note, path = noted(tree_of(hashes(3))), tmp_path / "head.txt"
    path.write_text(str(note), encoding="utf-8")
    assert read_head(path) == KeptHead(str(path), note)
    with pytest.raises(NotFound, match="does not exist"):
        read_head(tmp_path / "none.txt")
    with pytest.raises(InvalidInput, match="is not a file"):
        read_head(tmp_path)


@pytest.mark.parametrize("text", [b"", b"\xff", b"a head", b"one\ntwo\nthree\n\n"])
def test_what_is_no_head_is_said(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "head.txt"
    path.write_bytes(text)
    with pytest.raises(InvalidInput, match="is no head of a log: ") as caught:
        read_head(path)
    assert caught.value.hint == "give what `habeas checkpoint` printed"


def test_a_note_that_is_no_checkpoint_is_said(tmp_path: Path) -> None:
    path = tmp_path / "head.txt"
    path.write_text(str(read_note("shop\nmany\nroot\n\n\N{EM DASH} shop AAAAAAAA\n")))
    with pytest.raises(InvalidInput, match="'many', is not the size of a log"):
        read_head(path)
