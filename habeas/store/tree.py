"""The tree as it is kept: the places of leaves, and the hash of every complete subtree of 256,
65,536... leaves. What lies between is hashed again when asked for, from 256 rows at most.

An append reads what the last one left open, 255 hashes on each kept level at most, whatever the
size; so does a proof, a few times. All rows only grow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from habeas.core.errors import Changed, Unproven
from habeas.core.log import Leaf, merkle
from habeas.core.times import UNITS
from habeas.store import models, rows

STRIDE = 8  # levels from one that is kept to the next
WIDE = 1 << STRIDE
# How long a transaction may take. PostgreSQL gives out numbers before it shows what has them, so a
# smaller number may come later: for so long, a seal looks for it. Then `everything` finds it.
LATE_US = UNITS["h"]

Sign = Callable[[merkle.Provable, str | None], str]  # the tree, the last note -> the new note


@dataclass(frozen=True, slots=True)
class KeptTree:
    """The first `size` leaves as a tree of which the nodes are in the database."""

    size: int

    def node(self, level: int, place: int) -> bytes:
        """The root of leaves place * 2**level up to (place + 1) * 2**level, 32 bytes. Raises
        Unproven where rows are missing."""
        below = level % STRIDE
        found = _kept(level - below, place << below, 1 << below)
        for _ in range(below):
            joined = merkle.parents(b"".join(found))
            found = [joined[i : i + merkle.HASH] for i in range(0, len(joined), merkle.HASH)]
        return found[0]

    def root(self, size: int | None = None) -> bytes:
        return merkle.root(self.node, self.size if size is None else size)

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """RFC 6962 section 2.1.1, for a leaf in the tree of a size: 32 bytes each."""
        return merkle.inclusion(self.node, index, self.size if size is None else size)

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """RFC 6962 section 2.1.2, from an older size to a size: 32 bytes each."""
        return merkle.consistency(self.node, old, self.size if size is None else size)


LEAVES = (
    "SELECT l.kind, l.commitment FROM habeas_leafplace p JOIN habeas_leaf l "
    "ON l.number = p.leaf WHERE p.place >= %s AND p.place < %s ORDER BY p.place"
)
NODES = (
    "SELECT hash FROM habeas_treenode WHERE level = %s AND place >= %s AND place < %s "
    "ORDER BY place"
)


def _kept(level: int, first: int, count: int) -> list[bytes]:
    """Hashes of a kept level; those of level 0 are made from the leaves."""
    if level:
        found = [bytes(h) for (h,) in rows.select(NODES, [level, first, first + count])]
    else:
        found = [leaf.hash for leaf in placed(first, count)]
    if len(found) != count:
        message = f"the tree lacks hashes of level {level} from {first} on"
        raise Unproven(message, "compare the database with a copy from before")
    return found


def placed(first: int, count: int) -> list[Leaf]:
    """Leaves in the order of the tree, from a place on, with no text."""
    found = rows.select(LEAVES, [first, first + count])
    return [Leaf(kind, bytes(bound)) for kind, bound in found]


def size() -> int:
    """How many leaves have a place."""
    return int(rows.select("SELECT coalesce(max(place), -1) + 1 FROM habeas_leafplace")[0][0])


def place_of(leaf: int) -> int | None:
    """The place of the leaf of a number; None until the next seal."""
    found = rows.select("SELECT place FROM habeas_leafplace WHERE leaf = %s", [leaf])
    return next((int(place) for (place,) in found), None)


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint as it is kept."""

    size: int
    time_us: int
    note: str


def checkpoint() -> StoredCheckpoint | None:
    """The last one."""
    last = "SELECT size, time_us, note FROM habeas_checkpoint ORDER BY id DESC LIMIT 1"
    return next((StoredCheckpoint(*row) for row in rows.select(last)), None)


def checkpoints() -> list[StoredCheckpoint]:
    """All, the first one first; a few hundred bytes each."""
    return [
        StoredCheckpoint(*row)
        for row in rows.select("SELECT size, time_us, note FROM habeas_checkpoint ORDER BY id")
    ]


# All numbers up to that of the leaf at the end of an old checkpoint have a place, or no leaf.
FLOOR = (
    "SELECT p.leaf FROM habeas_leafplace p JOIN habeas_checkpoint c ON p.place = c.size - 1 "
    "WHERE c.time_us < %s ORDER BY c.id DESC LIMIT 1"
)
UNPLACED = (
    "SELECT l.number, l.kind, l.commitment FROM habeas_leaf l WHERE l.number > %s AND NOT EXISTS "
    "(SELECT 1 FROM habeas_leafplace p WHERE p.leaf = l.number) ORDER BY l.number LIMIT %s"
)


def unplaced(after: int, limit: int) -> list[tuple[int, Leaf]]:
    """Leaves without a place beyond a number, in the order of numbers, with no text."""
    found = rows.select(UNPLACED, [after, limit])
    return [(number, Leaf(kind, bytes(bound))) for number, kind, bound in found]


def floor(now_us: int) -> int:
    """The number beyond which leaves may still be without a place."""
    found = rows.select(FLOOR, [now_us - LATE_US])
    return next((int(leaf) for (leaf,) in found), 0)


def append(sign: Sign, now_us: int, limit: int, *, everything: bool = False) -> int:
    """Give the next leaves their places and keep the signed note of it; how many these were.

    One transaction, in this order: places, nodes, checkpoint. A crash before its end leaves what
    was, and the note that was signed is lost with it: nobody has seen it. Raises Changed where
    somebody else sealed meanwhile."""
    try:
        with transaction.atomic():
            fresh = unplaced(0 if everything else floor(now_us), limit)
            if fresh:
                _append(fresh, sign, now_us)
            return len(fresh)
    except IntegrityError:
        hint = "seal again; nothing was written"
        raise Changed("another process sealed these leaves meanwhile", hint) from None


def _append(fresh: Sequence[tuple[int, Leaf]], sign: Sign, now_us: int) -> None:
    first, before = size(), checkpoint()
    rows.insert(models.LeafPlace, [(first + i, number) for i, (number, _) in enumerate(fresh)])
    rows.insert(models.TreeNode, grown(first, [leaf.hash for _, leaf in fresh], _kept))
    tree = KeptTree(first + len(fresh))
    note = sign(tree, None if before is None else before.note)
    rows.insert(models.Checkpoint, [(tree.size, now_us, note)])


def grown(
    first: int, hashes: Sequence[bytes], kept: Callable[[int, int, int], Sequence[bytes]]
) -> list[tuple[int, int, bytes]]:
    """The nodes (level, place, hash) that are complete once leaf hashes come in at the place
    `first`; `kept(level, first, count)` are hashes that were there before."""
    made: list[tuple[int, int, bytes]] = []
    level, fresh = 0, list(hashes)
    while fresh:
        start = first // WIDE * WIDE
        fresh = [*kept(level, start, first - start), *fresh] if start < first else fresh
        joined = _climbed(b"".join(fresh[: len(fresh) // WIDE * WIDE]))
        fresh = [joined[i : i + merkle.HASH] for i in range(0, len(joined), merkle.HASH)]
        level, first = level + STRIDE, start // WIDE
        made += [(level, first + i, one) for i, one in enumerate(fresh)]
    return made


def _climbed(hashes: bytes) -> bytes:
    for _ in range(STRIDE):
        hashes = merkle.parents(hashes)
    return hashes
