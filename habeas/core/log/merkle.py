"""The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1), with SHA-256.

A tree is its levels: `levels[h]` holds, one after the other, the 32-byte hashes of the complete
subtrees of 2**h leaves, so `levels[0]` are the leaf hashes and a tree of n leaves has n >> h nodes
on level h. Nodes never change once written: a root or a proof at any earlier size can be given
for ever, and a store may keep the levels as files or rows that only grow. What is not on a level
(the ragged right edge) is hashed again when asked for, at most log2(n) hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Protocol

from habeas.core.errors import NotFound, Unproven

HASH = 32  # bytes of a SHA-256
PAIR = 2 * HASH
# Section 2.1: the first byte of what is hashed tells a leaf from a node, so that no node can be
# passed off as a leaf (a second preimage).
LEAF, NODE = b"\x00", b"\x01"
EMPTY_ROOT = sha256(b"").digest()  # MTH({}): the root of no leaves

Nodes = Callable[[int, int], bytes]  # level, place on it (from 0) -> the 32 bytes


class Provable(Protocol):
    """What proofs are made of: a `Tree`, or one of which the nodes are elsewhere."""

    @property
    def size(self) -> int: ...

    def root(self, size: int | None = None) -> bytes: ...

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """RFC 6962 section 2.1.1, for a leaf (from 0) in the tree of a size: 32 bytes each."""
        ...

    def consistency(self, old: int, size: int | None = None) -> list[bytes]:
        """RFC 6962 section 2.1.2, from an older size to a size: 32 bytes each."""
        ...


def leaf_hash(entry: bytes) -> bytes:
    """MTH({d(0)}) = SHA-256(0x00 || d(0)), 32 bytes."""
    return sha256(LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """MTH(D[n]) = SHA-256(0x01 || MTH(D[0:k]) || MTH(D[k:n])), 32 bytes."""
    return sha256(NODE + left + right).digest()


def parents(pairs: bytes) -> bytes:
    """The hashes of nodes two by two; `pairs` is a whole number of them."""
    # The hot loop of bulk appending: one hash, one slice and one join of bytes a pair.
    return b"".join(
        [sha256(NODE + pairs[i : i + PAIR]).digest() for i in range(0, len(pairs), PAIR)]
    )


def root(nodes: Nodes, size: int) -> bytes:
    """MTH(D[0:size]) from the nodes of complete subtrees."""
    return _span(nodes, 0, size) if size else EMPTY_ROOT


def inclusion(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """PATH(index, D[0:size]) of RFC 6962 section 2.1.1. Raises NotFound beyond the size."""
    if not 0 <= index < size:
        raise NotFound(f"there is no leaf {index} in a tree of {size}", "leaves count from 0")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_span(nodes, middle, end))
            end = middle
        else:
            path.append(_span(nodes, start, middle))
            start = middle
    return path[::-1]


def consistency(nodes: Nodes, old: int, size: int) -> list[bytes]:
    """PROOF(old, D[0:size]) of RFC 6962 section 2.1.2; empty where both sizes are the same.

    Raises NotFound where `old` is 0 (any log is consistent with nothing) or beyond the size."""
    if not 0 < old <= size:
        raise NotFound(f"nothing proves a tree of {size} to grow from {old}", "choose 1 or more")
    path, start, end = [], 0, size
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_span(nodes, middle, end))
            end = middle
        else:
            path.append(_span(nodes, start, middle))
            start = middle
    # SUBPROOF's `b`: the verifier has this subtree's hash only if it is the whole old tree.
    if start:
        path.append(_span(nodes, start, end))
    return path[::-1]


def check_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], known: bytes
) -> None:
    """RFC 9162 section 2.1.3.2: `leaf` (a leaf hash) is at `index` in the tree of `size` leaves
    whose root is `known`. Raises Unproven with the reason."""
    if not 0 <= index < size:
        raise Unproven(f"there is no leaf {index} in a tree of {size}")
    _all_hashes([leaf, *path])
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            raise Unproven(f"the path has more hashes than leaf {index} of {size} needs")
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            fn, sn = _climb(fn, sn)
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise Unproven(f"the path has fewer hashes than leaf {index} of {size} needs")
    if r != known:
        raise Unproven(f"the path does not lead from leaf {index} to the root of {size} leaves")


def check_consistency(
    old: int, size: int, old_root: bytes, known: bytes, path: Sequence[bytes]
) -> None:
    """RFC 9162 section 2.1.4.2: the tree of `size` leaves and root `known` begins with the `old`
    leaves whose root is `old_root`. Raises Unproven with the reason."""
    if not 0 < old <= size:
        raise Unproven(f"nothing proves a tree of {size} to grow from {old}")
    if old == size:
        if path:
            raise Unproven("the sizes are the same, so the path should be empty")
        if old_root != known:
            raise Unproven(f"there are two roots for the same {size} leaves: the log has forked")
        return
    _all_hashes([old_root, *path])
    if not path:
        raise Unproven(f"the path from {old} to {size} leaves is empty")
    # A whole old tree is a node of the new one, so the path leaves it out (step 2).
    first, *rest = [old_root, *path] if old & (old - 1) == 0 else path
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = first
    for c in rest:
        if sn == 0:
            raise Unproven(f"the path has more hashes than {old} to {size} leaves need")
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            fn, sn = _climb(fn, sn)
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise Unproven(f"the path has fewer hashes than {old} to {size} leaves need")
    if fr != old_root:
        raise Unproven(f"the path does not give the old root, of {old} leaves")
    if sr != known:
        raise Unproven(f"the path does not give the new root, of {size} leaves")


def _climb(fn: int, sn: int) -> tuple[int, int]:
    """Up while the node is a last one without a brother: its hash is its parent's too."""
    while fn and not fn & 1:
        fn, sn = fn >> 1, sn >> 1
    return fn, sn


def _all_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(one) != HASH for one in hashes):
        raise Unproven(f"a hash of {HASH} bytes has another length")


def _split(count: int) -> int:
    """k of section 2.1: the largest power of two smaller than `count` (2 or more)."""
    return 1 << ((count - 1).bit_length() - 1)


def _span(nodes: Nodes, start: int, end: int) -> bytes:
    """MTH(D[start:end]) for a range that the splits of section 2.1 make (it is not empty)."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append(nodes(level, start >> level))
        start += 1 << level
    *lefts, last = found
    for left in reversed(lefts):
        last = node_hash(left, last)
    return last
