"""Proof files: one leaf, its path, a signed checkpoint. All that a stranger needs to check that a
decision is in the log, with examples/check_proof.py or by hand (docs/transparency.md).

`value` is the canonical text itself and not the value, so that a checker hashes what it reads and
needs no RFC 8785 of its own. The key in the file is there to be compared with the one that the
log publishes: by itself it proves nothing, so `check_proof` takes the trusted one.
"""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.errors import InvalidInput, Unproven
from habeas.core.log import checkpoint
from habeas.core.log.leaves import Leaf, is_canonical
from habeas.core.log.merkle import Provable, check_inclusion

FORMAT = "habeas-proof-v1"


@dataclass(frozen=True, slots=True)
class Proof:
    """`path` leads from the leaf, at `index`, to the root in the checkpoint of `note`."""

    leaf: Leaf
    index: int
    path: tuple[bytes, ...]
    note: checkpoint.Note
    verifier: checkpoint.Verifier

    def as_json(self) -> dict[str, object]:
        """The file's value. `value` and `salt` are null once the value is erased."""
        leaf = self.leaf
        return {
            "format": FORMAT,
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


def proof_of(
    leaf: Leaf, index: int, tree: Provable, note: checkpoint.Note, verifier: checkpoint.Verifier
) -> Proof:
    """The proof that `leaf` is in the log, at the size of the checkpoint in `note`.

    Raises NotFound where the checkpoint is older than the leaf, Unproven where leaf, tree or note
    do not fit each other: a proof that does not hold is never handed out."""
    size = checkpoint.read_checkpoint(note.text).size
    proof = Proof(leaf, index, tuple(tree.inclusion(index, size)), note, verifier)
    check_proof(proof, verifier)
    return proof


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
            "kind": str(kind),
            "value": str() | None as text,
            "salt": str() | None as salt,
            "commitment": str(commitment),
            "leaf_hash": str(stated),
            "index": int(index),
            "path": [*path],
            "checkpoint": str(note),
            "verifier_key": str(key),
        } if not isinstance(index, bool) and all(isinstance(one, str) for one in path):
            pass
        case _:
            raise InvalidInput(f"this is not a proof file of the format {FORMAT}")
    if text is not None and not is_canonical(text):
        raise InvalidInput("the value is not canonical JSON (RFC 8785)")
    leaf = Leaf(kind, _hex(commitment), text, None if salt is None else _hex(salt))
    if _hex(stated) != leaf.hash:
        raise Unproven("the kind and the commitment do not give the leaf hash")
    hashes = tuple(checkpoint.decoded(one, "a hash of the path") for one in path)
    return Proof(leaf, index, hashes, checkpoint.read_note(note), checkpoint.read_verifier(key))


def _hex(text: str) -> bytes:
    try:
        data = bytes.fromhex(text)
    except ValueError:
        data = b""
    if data.hex() != text:
        raise InvalidInput(f"'{text[:40]}' is not lower-case hex")
    return data
