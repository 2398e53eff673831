"""Head: the last signed one, and the proof that it goes on from one that somebody kept."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.errors import NotFound
from habeas.core.log import Verifier
from habeas.core.log.checkpoint import Note, read_checkpoint, read_note
from habeas.core.log.consistency import Consistency, consistency_of
from habeas.core.log.rotations import KeyTerm
from habeas.core.times import iso
from habeas.flows.log.key_ring import key_ring
from habeas.store import tree


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The head as it was signed, when, and for how many leaves; the log's keys where one is known,
    the first one first."""

    note: Note
    size: int
    time_us: int
    keys: tuple[KeyTerm, ...] = ()

    def as_json(self) -> dict[str, object]:
        return {
            "size": self.size, "time": iso(self.time_us), "checkpoint": str(self.note),
            "keys": self.keys,
        }  # fmt: skip


def last_head(known: Verifier | None = None) -> SignedHead:
    """The last one, whoever signed it. Raises NotFound where nothing is sealed."""
    kept = tree.checkpoint()
    if kept is None:
        raise NotFound("the log has no signed head yet", "run `habeas seal`, then this")
    keys = key_ring(known).terms if known is not None else ()
    return SignedHead(read_note(kept.note), kept.size, kept.time_us, keys)


def consistency(old: Note, verifier: Verifier) -> Consistency:
    """The proof that the log goes on from `old`, both signed by the log. Raises NotFound, and
    Unproven where a signature is not the log's or the log does not go on from there."""
    last = last_head()
    for note in (old, last.note):
        key_ring(verifier).checked(note)
    size = read_checkpoint(last.note.text).size
    return consistency_of(old, tree.KeptTree(size), last.note)
