"""A Merkle tree that grows in memory: the reference for the one that is kept in the database."""

from __future__ import annotations

from collections.abc import Iterable

from habeas.core.errors import InvalidInput, NotFound, Unproven
from habeas.core.log.merkle import HASH, PAIR, consistency, inclusion, parents, root


class Tree:
    """A growing tree in memory. Appending costs one hash a leaf in the long run."""

    __slots__ = ("_levels",)

    def __init__(self, levels: Iterable[bytes] = ()) -> None:
        """Resumes from saved `levels`. Raises InvalidInput where their lengths are not a tree's;
        the hashes themselves are taken as they are (`check` computes them again)."""
        self._levels = [bytearray(level) for level in levels]
        size = self.size
        lengths = [(size >> h) * HASH for h in range(size.bit_length())]
        if [len(level) for level in self._levels] != lengths:
            raise InvalidInput(
                f"the saved levels are not those of a tree of {size} leaves",
                "a write was cut short: build the tree again from its leaf hashes, level 0",
            )

    @property
    def levels(self) -> tuple[bytes, ...]:
        """The whole state, to be saved."""
        return tuple(map(bytes, self._levels))

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self._levels[0]) // HASH if self._levels else 0

    def node(self, level: int, place: int) -> bytes:
        """The root of leaves place * 2**level up to (place + 1) * 2**level, 32 bytes."""
        return bytes(self._levels[level][place * HASH : (place + 1) * HASH])

    def append(self, leaf: bytes) -> int:
        """Adds one leaf hash of 32 bytes; gives its index."""
        self.extend((leaf,))
        return self.size - 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Adds leaf hashes of 32 bytes each, in order. All or none: InvalidInput comes first."""
        listed = list(leaves)
        if not set(map(len, listed)) <= {HASH}:
            raise InvalidInput(f"a leaf hash has {HASH} bytes", "append `leaf_hash(entry)`")
        fresh = b"".join(listed)
        level = 0
        while fresh:
            if level == len(self._levels):
                self._levels.append(bytearray())
            nodes = self._levels[level]
            # Complete pairs have their parent already; a last node without a brother has none.
            start = len(nodes) // PAIR * PAIR
            nodes += fresh
            fresh = parents(bytes(nodes[start : len(nodes) // PAIR * PAIR]))
            level += 1

    def root(self, size: int | None = None) -> bytes:
        """MTH(D[0:size]), 32 bytes; of all leaves where no size is given."""
        return root(self.node, self._at(size))

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """PATH(index, D[0:size]): the brothers from leaf to root, at most ceil(log2(size))."""
        return inclusion(self.node, index, self._at(size))

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """PROOF(old, D[0:size]), at most ceil(log2(size)) + 1 hashes."""
        return consistency(self.node, old, self._at(size))

    def check(self) -> None:
        """Hashes every node again. Raises Unproven naming the first that its children deny."""
        for level, nodes in enumerate(self._levels[:-1]):
            made, kept = parents(bytes(nodes[: len(nodes) // PAIR * PAIR])), self._levels[level + 1]
            if made != kept:
                places = range(len(kept) // HASH)
                wrong = next(p for p in places if self.node(level + 1, p) != _nth(made, p))
                raise Unproven(
                    f"node {wrong} of level {level + 1} is not the hash of the two below it",
                    "the log was changed after it was written: compare with a copy",
                )

    def _at(self, size: int | None) -> int:
        chosen = self.size if size is None else size
        if not 0 <= chosen <= self.size:
            raise NotFound(f"the tree has {self.size} leaves, not {chosen}", "ask for an old size")
        return chosen


def _nth(hashes: bytes, place: int) -> bytes:
    return hashes[place * HASH : (place + 1) * HASH]
