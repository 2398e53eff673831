"""Logs to be sealed, for the tests of sealing, proofs and verification."""

from __future__ import annotations

from habeas.core.log import Leaf, Signer
from habeas.flows.log.seal import SealReport, seal
from habeas.ports.heads import HeadFile
from habeas.store import models, rows, tree
from tests.core.appeal.casework import NOW
from tests.core.log.growing import Tree

LOG = Signer("shop.example/log", bytes(range(32)))
OTHER = Signer("shop.example/log", bytes(range(1, 33)))


def add_leaves(first: int, count: int) -> None:
    """Leaves without texts, of the numbers from `first` on."""
    made = [(n, "decision", n.to_bytes(32)) for n in range(first, first + count)]
    rows.insert(models.Leaf, made)


def sealed(now_us: int = NOW, signer: Signer = LOG, kept: HeadFile | None = None) -> SealReport:
    return seal(signer, now_us, kept)


def numbers_in_place() -> list[int]:
    return [n for (n,) in rows.select("SELECT leaf FROM habeas_leafplace ORDER BY place")]


def tree_of_places() -> Tree:
    """From the leaves alone, as somebody else would make it."""
    made = Tree()
    found = rows.select(
        "SELECT l.kind, l.commitment FROM habeas_leafplace p JOIN habeas_leaf l "
        "ON l.number = p.leaf ORDER BY p.place"
    )
    made.extend(Leaf(kind, bytes(bound)).hash for kind, bound in found)
    return made


def assert_whole() -> None:
    """Places without a gap, no leaf twice, and every note signs what its leaves make."""
    from habeas.core.log.checkpoint import read_note, trusted

    size, made = tree.size(), tree_of_places()
    places = [p for (p,) in rows.select("SELECT place FROM habeas_leafplace ORDER BY place")]
    assert places == list(range(size))
    assert len(set(numbers_in_place())) == size
    for kept in tree.checkpoints():
        point = trusted(read_note(kept.note), LOG.verifier)
        assert (point.size, point.root) == (kept.size, made.root(kept.size))
