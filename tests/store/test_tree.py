"""The tree as it is kept: the same roots and proofs as of a tree in memory."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.config import Database
from habeas.core.errors import NotFound, Unproven
from habeas.core.log.merkle import leaf_hash
from habeas.store import rows, tree
from habeas.store.tree import KeptTree, grown
from tests.core.log.growing import Tree
from tests.store.sealing import add_leaves, sealed, tree_of_places

HASHES = [leaf_hash(b"%d" % i) for i in range(66_000)]


@given(st.lists(st.integers(0, 700), max_size=8))
def test_nodes_do_not_depend_on_how_leaves_come_in(counts: list[int]) -> None:
    kept: dict[int, list[bytes]] = {0: []}
    for count in counts:
        first = len(kept[0])
        fresh = HASHES[first : first + count]
        made = grown(first, fresh, lambda level, start, n: kept[level][start : start + n])
        kept[0] += fresh
        for level, place, one in made:
            assert place == len(kept.setdefault(level, []))
            kept[level].append(one)
    whole = Tree()
    whole.extend(kept[0])
    assert b"".join(kept.get(8, [])) == (whole.levels[8] if len(whole.levels) > 8 else b"")


def test_nodes_of_two_kept_levels() -> None:
    made = grown(0, HASHES, lambda *_: [])
    whole = Tree()
    whole.extend(HASHES)
    assert [n for n in made if n[0] == 16] == [(16, 0, whole.node(16, 0))]
    assert [n[2] for n in made if n[0] == 8] == [whole.node(8, i) for i in range(257)]


def test_roots_and_proofs_are_those_of_a_tree_in_memory(store: Database) -> None:
    for first, count in ((1, 3), (4, 700), (704, 1), (705, 300)):
        add_leaves(first, count)
        sealed()
    kept, whole = KeptTree(tree.size()), tree_of_places()
    assert kept.size == 1004
    for size in (1, 2, 255, 256, 257, 511, 512, 703, 1003, 1004):
        assert kept.root(size) == whole.root(size)
        assert kept.inclusion(size // 2, size) == whole.inclusion(size // 2, size)
        assert kept.consistency(size) == whole.consistency(size)
    assert tree.place_of(704) == 703
    assert tree.place_of(9999) is None
    with pytest.raises(NotFound):
        kept.inclusion(1004)


def test_a_node_that_is_gone_is_named(store: Database) -> None:
    add_leaves(1, 600)
    sealed()
    with pytest.raises(Unproven, match="the tree lacks hashes of level 8 from 2 on"):
        KeptTree(600).node(8, 2)
    (count,) = rows.select("SELECT count(*) FROM habeas_treenode")[0]
    assert count == 2
