"""A head that was kept: the log goes on from it, or is below or beside it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import NotFound, Unproven
from habeas.core.log.checkpoint import Checkpoint, checkpoint_of, decoded, read_checkpoint
from habeas.core.log.consistency import check_extends, consistency_of
from habeas.core.log.merkle import EMPTY_ROOT, check_consistency
from tests.core.log.logs import LOG, grown, hashes, noted, tree_of
from tests.core.samples import few


@few
@given(st.integers(1, 70), st.integers(0, 70))
def test_a_log_goes_on_from_each_of_its_heads(old: int, more: int) -> None:
    file = grown(old, old + more).as_json()
    assert list(file) == ["format", "old", "new", "path"]
    before, after = (
        read_checkpoint(one.text) for one in (grown(old, old).new, grown(old, old + more).new)
    )
    path = [decoded(one, "a hash") for one in file["path"]]  # type: ignore[attr-defined]
    check_consistency(old, old + more, before.root, after.root, path)


def test_a_log_below_a_head() -> None:
    head = checkpoint_of(tree_of(hashes(9)), LOG.name)
    check_extends(tree_of(hashes(9)), head)
    with pytest.raises(Unproven, match="the log has 8 leaves, fewer than the 9 of this head"):
        check_extends(tree_of(hashes(8)), head)


def test_a_log_beside_a_head() -> None:
    head = checkpoint_of(tree_of(hashes(9)), LOG.name)
    for place in (0, 8):
        leaves = hashes(12)
        leaves[place] = hashes(20)[19]
        with pytest.raises(Unproven, match="the first 9 leaves of the log are not those"):
            check_extends(tree_of(leaves), head)
    leaves = hashes(12)
    leaves[9] = hashes(20)[19]
    check_extends(tree_of(leaves), head)


def test_no_proof_is_made_that_would_not_hold() -> None:
    tree = tree_of(hashes(9))
    with pytest.raises(Unproven, match="fewer than the 12"):
        consistency_of(noted(tree_of(hashes(12))), tree, noted(tree))
    other = Checkpoint("other.example/log", 4, tree.root(4)).signed_by(LOG)
    with pytest.raises(Unproven, match=r"of another log, 'other\.example/log'"):
        consistency_of(other, tree, noted(tree))
    nothing = Checkpoint(LOG.name, 0, EMPTY_ROOT).signed_by(LOG)
    with pytest.raises(NotFound, match="nothing proves a tree of 9 to grow from 0"):
        consistency_of(nothing, tree, noted(tree))
    false = replace(checkpoint_of(tree, LOG.name), root=bytes(32)).signed_by(LOG)
    with pytest.raises(Unproven, match="does not give the new root"):
        consistency_of(noted(tree_of(hashes(4))), tree, false)
