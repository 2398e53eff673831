"""Proof files: one leaf, its path, a signed checkpoint. All that a stranger needs to check that a
decision is in the log, with examples/check_proof.py or by hand (docs/transparency.md).

`value` is the canonical text itself and not the value, so that a checker hashes what it reads and
needs no RFC 8785 of its own. The key in the file is there to be compared with the one that the
log publishes: by itself it proves nothing, so `check_proof` takes the trusted one. Each proof also
says how many moves its decision had at that head: who is handed fewer knows that some were left
out. The numbers of the moves are in their leaves; how many there were is the word of who made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from habeas.core.errors import InvalidInput, Unproven
from habeas.core.log import checkpoint
from habeas.core.log.leaves import Leaf, is_canonical
from habeas.core.log.merkle import Provable, check_inclusion

FORMAT = "habeas-proof-v1"
MOVE = "decision_move"  # the kind of leaf that has the `number` of a move, from 0


@dataclass(frozen=True, slots=True)
class Proof:
    """`path` leads from the leaf, at `index`, to the root in the checkpoint of `note`. The leaf is
    of `decision`, which had `moves` moves in the log then."""

    leaf: Leaf
    index: int
    path: tuple[bytes, ...]
    note: checkpoint.Note
    verifier: checkpoint.Verifier
    decision: str
    moves: int

    def as_json(self) -> dict[str, object]:
        """The file's value. `value` and `salt` are null once the value is erased."""
        leaf = self.leaf
        return {
            "format": FORMAT,
            "decision": self.decision,
            "moves": self.moves,
            "kind": leaf.kind,
            "value": leaf.text,
            "salt": None if leaf.salt is None else leaf.salt.hex(),
            "commitment": leaf.commitment.hex(),
            "leaf_hash": leaf.hash.hex(),
            "index": self.index,
            "path": [checkpoint.coded(one) for one in self.path],
            "checkpoint": str(self.note),
            "verifier_key": str(self.verifier),
        }


@dataclass(frozen=True, slots=True)
class Head:
    """What proofs lead up to: the tree, its signed note, and the log's key."""

    tree: Provable
    note: checkpoint.Note
    verifier: checkpoint.Verifier


def proofs_of(decision: str, placed: Sequence[tuple[Leaf, int]], head: Head) -> tuple[Proof, ...]:
    """The proofs that the leaves of a decision are in the log, each at its place, at the size of
    the checkpoint of `head`: all that the decision had by then.

    Raises NotFound where the checkpoint is older than a leaf, Unproven where leaves, tree or note
    do not fit each other or a move is missing: what does not hold is never handed out."""
    size = checkpoint.read_checkpoint(head.note.text).size
    moves = sum(leaf.kind == MOVE for leaf, _ in placed)
    made = tuple(
        Proof(leaf, index, tuple(head.tree.inclusion(index, size)), head.note, head.verifier,
              decision, moves)
        for leaf, index in placed
    )  # fmt: skip
    for proof in made:
        check_proof(proof, head.verifier)
    check_whole(made)
    return made


def check_whole(proofs: Sequence[Proof]) -> None:
    """Raises Unproven where a list of proofs of one decision lacks one of its moves."""
    found = [p.leaf for p in proofs if p.leaf.kind == MOVE and not p.leaf.is_erased]
    moves = max((p.moves for p in proofs), default=0)
    if lacking := sorted(set(range(moves)) - {leaf.value["number"] for leaf in found}):
        raise Unproven(
            f"of the {moves} moves of decision {proofs[0].decision}, "
            f"number {lacking[0]} (from 0) is missing",
            "run `habeas verify`, which names what is gone",
        )


def check_proof(proof: Proof, log: checkpoint.Verifier) -> None:
    """Raises Unproven with the reason where the proof does not hold for the log of this key.
    That the value belongs to the leaf was checked when the leaf was made."""
    if proof.verifier != log:
        raise Unproven("the proof is for another key than the one that is trusted")
    known = checkpoint.trusted(proof.note, log)
    check_inclusion(proof.leaf.hash, proof.index, known.size, proof.path, known.root)


def read_proof(value: object) -> Proof:
    """Reads a proof file's value. Raises InvalidInput where it has not this form, Unproven where
    value and salt do not give the commitment, or kind and commitment the leaf hash."""
    match value:
        case {
            "format": "habeas-proof-v1",
            "decision": str(decision),
            "moves": int(moves),
            "kind": str(kind),
            "value": str() | None as text,
            "salt": str() | None as salt,
            "commitment": str(commitment),
            "leaf_hash": str(stated),
            "index": int(index),
            "path": [*path],
            "checkpoint": str(note),
            "verifier_key": str(key),
        } if (
            not isinstance(index, bool)
            and not isinstance(moves, bool)
            and moves >= 0
            and all(isinstance(one, str) for one in path)
        ):
            pass
        case _:
            raise InvalidInput(f"this is not a proof file of the format {FORMAT}")
    if text is not None and not is_canonical(text):
        raise InvalidInput("the value is not canonical JSON (RFC 8785)")
    leaf = Leaf(kind, _hex(commitment), text, None if salt is None else _hex(salt))
    if _hex(stated) != leaf.hash:
        raise Unproven("the kind and the commitment do not give the leaf hash")
    hashes = tuple(checkpoint.decoded(one, "a hash of the path") for one in path)
    return Proof(
        leaf,
        index,
        hashes,
        checkpoint.read_note(note),
        checkpoint.read_verifier(key),
        decision,
        moves,
    )


def _hex(text: str) -> bytes:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    if data.hex() != text:
        raise InvalidInput(f"'{text[:40]}' is not lower-case hex")
    return data
