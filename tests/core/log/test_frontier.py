"""The right edge of a tree: the same roots and nodes as the whole tree's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from habeas.core.log.frontier import Frontier
from habeas.core.log.merkle import EMPTY_ROOT, leaf_hash
from tests.core.log.growing import Tree


@given(st.integers(0, 600))
def test_roots_and_nodes_are_those_of_the_tree(count: int) -> None:
    edge, tree = Frontier(), Tree()
    assert edge.root() == EMPTY_ROOT
    for i in range(count):
        one = leaf_hash(b"%d" % i)
        tree.append(one)
        for level, place, hashed in edge.push(one):
            assert hashed == tree.node(level, place)
    assert edge.root() == tree.root()
    assert edge.size == count
