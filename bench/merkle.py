"""The Merkle log alone: `python -m bench.merkle [--leaves 1000000] [--peer-leaves 100000]`.

The same leaves for everyone; roots are compared before a time is printed. Times are processor
time, the median of RUNS. Peers do the first `--peer-leaves` leaves, because they are slow: the
definition of RFC 6962 section 2.1 as one writes it down, and pymerkle if it is installed (it
hashes the entry of a leaf itself, so it is compared with our way that does so too).
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from statistics import median
from typing import Any

from habeas.core.log.merkle import check_consistency, check_inclusion, leaf_hash
from tests.core.log.growing import Tree
from tests.core.log.logs import leaf_of

RUNS = 3
BATCH = 1000  # leaves that one sealing takes
PROOFS = 1000
Timed = tuple[float, Any]


def timed(work: Callable[[], Any]) -> Timed:
    """Median processor seconds, and the last answer."""
    taken = []
    for _ in range(RUNS):
        gc.collect()
        start = time.process_time()
        answer = work()
        taken.append(time.process_time() - start)
    return median(taken), answer


def at_once(hashes: list[bytes]) -> Tree:
    tree = Tree()
    tree.extend(hashes)
    return tree


def in_batches(hashes: list[bytes]) -> Tree:
    tree = Tree()
    for start in range(0, len(hashes), BATCH):
        tree.extend(hashes[start : start + BATCH])
    return tree


def one_by_one(hashes: list[bytes]) -> Tree:
    tree = Tree()
    for one in hashes:
        tree.append(one)
    return tree


def from_entries(entries: list[bytes]) -> Tree:
    return at_once([leaf_hash(entry) for entry in entries])


def recursive(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, as it stands there."""
    if len(hashes) == 1:
        return hashes[0]
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01" + recursive(hashes[:k]) + recursive(hashes[k:])).digest()


def pymerkle(entries: list[bytes]) -> Any:
    from pymerkle import InmemoryTree

    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    return tree


def proofs(tree: Tree) -> int:
    """PROOFS inclusion and as many consistency proofs, made and verified; the longest of them."""
    size, known, longest = tree.size, tree.root(), 0
    for number in range(PROOFS):
        index = number * (size - 1) // PROOFS
        path, shown = tree.inclusion(index), tree.consistency(index + 1)
        check_inclusion(tree.node(0, index), index, size, path, known)
        check_consistency(index + 1, size, tree.root(index + 1), known, shown)
        longest = max(longest, len(path), len(shown))
    return longest


def salted(count: int) -> Tree:
    """From the values: canonical text, commitment, leaf, tree."""
    made = (
        leaf_of("decision", {"account": f"A{i}", "measure": "warn", "step": i % 4}, i.to_bytes(16))
        for i in range(count)
    )
    return at_once([leaf.hash for leaf in made])


def told(name: str, count: int, seconds: float, unit: str = "leaves") -> None:
    print(f"{name:<44}{count:>10,} {unit:<8}{count / seconds:>12,.0f} a CPU second")


def ours(entries: list[bytes], hashes: list[bytes]) -> None:
    ways = {
        "habeas, leaf hashes at once": partial(at_once, hashes),
        f"habeas, leaf hashes {BATCH} at a time": partial(in_batches, hashes),
        "habeas, leaf hashes one by one": partial(one_by_one, hashes),
        "habeas, entries hashed and appended": partial(from_entries, entries),
    }
    found = {name: timed(work) for name, work in ways.items()}
    roots = {tree.root() for _, tree in found.values()}
    if roots != {recursive(hashes)}:
        raise SystemExit("the roots differ")
    for name, (seconds, _) in found.items():
        told(name, len(hashes), seconds)
    tree = at_once(hashes)
    told("habeas, every node verified", len(hashes), timed(tree.check)[0])
    told("habeas, resumed from saved levels", len(hashes), timed(lambda: Tree(tree.levels))[0])
    seconds, longest = timed(lambda: proofs(tree))
    told(f"habeas, proofs made and verified (<= {longest})", 2 * PROOFS, seconds, "proofs")


def peers(entries: list[bytes], hashes: list[bytes]) -> None:
    known = at_once(hashes).root()
    mine, _ = timed(lambda: at_once(hashes))
    with_entries, _ = timed(lambda: from_entries(entries))
    seconds, root = timed(lambda: recursive(hashes))
    if root != known:
        raise SystemExit("the recursive root differs")
    told("habeas, leaf hashes at once", len(hashes), mine)
    told("recursive, one root and no proofs", len(hashes), seconds)
    told("habeas, entries hashed and appended", len(hashes), with_entries)
    try:
        seconds, tree = timed(lambda: pymerkle(entries))
    except ImportError:
        print("pymerkle is not installed: pip install pymerkle")
        return
    if tree.get_root() != known:
        raise SystemExit("the root of pymerkle differs")
    told("pymerkle, entries hashed and appended", len(hashes), seconds)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--leaves", type=int, default=1_000_000)
    asked.add_argument("--peer-leaves", type=int, default=100_000)
    given = asked.parse_args()
    entries = [b"habeas-leaf-v1\ndecision\n%064x\n" % number for number in range(given.leaves)]
    hashes = [leaf_hash(entry) for entry in entries]
    ours(entries, hashes)
    seconds, _ = timed(lambda: salted(given.peer_leaves))
    told("habeas, from values: canonical, salted, appended", given.peer_leaves, seconds)
    print("the same work by peers:")
    peers(entries[: given.peer_leaves], hashes[: given.peer_leaves])


if __name__ == "__main__":
    main()
