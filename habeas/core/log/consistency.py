"""Consistency: a log at one head goes on from an earlier one (RFC 6962 section 2.1.2).

Whoever keeps a signed head can ask for this; `examples/check_proof.py` checks the file against both
signatures. A head that the log does not go on from is evidence: both notes are signed.
"""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.errors import Unproven
from habeas.core.log.checkpoint import Checkpoint, Note, coded, read_checkpoint
from habeas.core.log.merkle import Provable, check_consistency

FORMAT = "habeas-consistency-v1"


@dataclass(frozen=True, slots=True)
class Consistency:
    """`path` leads from the root in the checkpoint of `old` to that of `new`."""

    old: Note
    new: Note
    path: tuple[bytes, ...]

    def as_json(self) -> dict[str, object]:
        """The file's value; the notes are there word for word, so that both can be verified."""
        return {
            "format": FORMAT,
            "old": str(self.old),
            "new": str(self.new),
            "path": [coded(one) for one in self.path],
        }


def consistency_of(old: Note, tree: Provable, new: Note) -> Consistency:
    """The proof that the log at `new` goes on from `old`; whoever signed them.

    Raises Unproven where it does not, NotFound where `old` is of no leaves: that proves nothing."""
    before, after = read_checkpoint(old.text), read_checkpoint(new.text)
    if before.origin != after.origin:
        raise Unproven(f"the head is of another log, '{before.origin}'")
    check_extends(tree, before)
    path = tuple(tree.consistency(before.size, after.size))
    check_consistency(before.size, after.size, before.root, after.root, path)
    return Consistency(old, new, path)


def check_extends(tree: Provable, head: Checkpoint) -> None:
    """Raises Unproven where the log is shorter than a head that was signed ("below"), or began
    otherwise ("beside")."""
    if head.size > tree.size:
        raise Unproven(
            f"the log has {tree.size} leaves, fewer than the {head.size} of this head",
            "leaves were lost, or this is an older copy; look for one from after the head",
        )
    if tree.root(head.size) != head.root:
        raise Unproven(
            f"the first {head.size} leaves of the log are not those of this head",
            "the log was rewritten, or sealed apart; keep both signed heads, they are the evidence",
        )
