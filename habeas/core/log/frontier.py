"""A tree of which only the right edge is kept: roots at any moment, in memory of log2(n) hashes.

For who reads a whole log once, leaf by leaf (`habeas verify`); proofs need a `merkle.Tree`.
"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.log.merkle import EMPTY_ROOT, node_hash


class Frontier:
    """The roots of the complete subtrees of what came in, the largest first."""

    __slots__ = ("_edge", "size")

    def __init__(self) -> None:
        self._edge: list[tuple[int, bytes]] = []
        self.size = 0

    def push(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Takes one leaf hash; gives the nodes (level, place, hash) that it completes, the leaf
        itself left out."""
        level, hashed = 0, leaf
        while self._edge and self._edge[-1][0] == level:
            hashed = node_hash(self._edge.pop()[1], hashed)
            level += 1
            yield level, self.size >> level, hashed
        self._edge.append((level, hashed))
        self.size += 1

    def root(self) -> bytes:
        """MTH of all that came in, RFC 6962 section 2.1; 32 bytes."""
        if not self._edge:
            return EMPTY_ROOT
        made = self._edge[-1][1]
        for _, left in reversed(self._edge[:-1]):
            made = node_hash(left, made)
        return made
