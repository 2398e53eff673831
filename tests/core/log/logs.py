"""Small logs that the tests of the log's rooms share, and the vectors beside the checkout."""

from __future__ import annotations

import pytest

from habeas.core.canon import canonical
from habeas.core.log import Leaf, Proof, Signer
from habeas.core.log.checkpoint import Note, checkpoint_of
from habeas.core.log.consistency import Consistency, consistency_of
from habeas.core.log.leaves import commitment
from habeas.core.log.merkle import leaf_hash
from habeas.core.log.proofs import Head, proofs_of
from tests import SHARED
from tests.core.log.growing import Tree

VECTORS = SHARED / "data" / "merkle_vectors"
LOG = Signer("shop.example/log", bytes(range(32)))
OTHER = Signer("witness.example/w1", bytes(range(1, 33)))

needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(), reason=f"the vectors are not beside the checkout: {VECTORS.name}"
)


def salt_of(number: int) -> bytes:
    """A salt like no other of the test; a real one is random."""
    return number.to_bytes(16)


def hashes(count: int) -> list[bytes]:
    return [leaf_hash(b"leaf %d" % number) for number in range(count)]


def tree_of(leaves: list[bytes]) -> Tree:
    tree = Tree()
    tree.extend(leaves)
    return tree


def decisions(count: int) -> list[Leaf]:
    return [
        leaf_of("decision", {"account": f"A{i}", "measure": "warn", "share": i / 7}, salt_of(i))
        for i in range(count)
    ]


def proved(index: int = 5, count: int = 11, erased: bool = False) -> Proof:
    """The proof of one decision among `count`, under a checkpoint that two keys signed."""
    leaves = decisions(count)
    tree = tree_of([leaf.hash for leaf in leaves])
    note = checkpoint_of(tree, LOG.name).signed_by(LOG, OTHER)
    leaf = leaves[index].erased() if erased else leaves[index]
    (proof,) = proofs_of(f"d{index}", [(leaf, index)], Head(tree, note, LOG.verifier))
    return proof


def moved(moves: int, name: str = "d0") -> list[Proof]:
    """The proofs of a decision and of its moves, between other leaves."""
    own = [
        leaf_of("decision_move", {"decision": name, "number": n}, salt_of(99 + n))
        for n in range(moves)
    ]
    leaves = [*decisions(3), *own, *decisions(2)]
    tree = tree_of([leaf.hash for leaf in leaves])
    head = Head(tree, checkpoint_of(tree, LOG.name).signed_by(LOG), LOG.verifier)
    placed = [(leaves[0], 0), *((leaf, 3 + n) for n, leaf in enumerate(own))]
    return list(proofs_of(name, placed, head))


def noted(tree: Tree) -> Note:
    return checkpoint_of(tree, LOG.name).signed_by(LOG)


def grown(old: int, new: int, other: int | None = None) -> Consistency:
    """The proof that a log of `new` leaves goes on from one of `old`; of which one is another."""
    leaves = hashes(new)
    if other is not None:
        leaves[other] = leaf_of("decision", {"account": "other"}, salt_of(1)).hash
    tree = tree_of(leaves)
    return consistency_of(noted(tree_of(leaves[:old])), tree, noted(tree))


def leaf_of(kind: str, value: object, salt: bytes) -> Leaf:
    """The leaf of a value. `salt` is random, 16 bytes or more, and used for this leaf alone.

    Raises TypeError or ValueError where the value has no canonical form, InvalidInput where kind
    or salt have no right form."""
    text = canonical(value)
    return Leaf(kind, commitment(text, salt), text, salt)
