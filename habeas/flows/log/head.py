"""Head: the last signed one, and the proof that it goes on from one that somebody kept."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.errors import NotFound
from habeas.core.log import Verifier
from habeas.core.log.checkpoint import Note, read_checkpoint, read_note, trusted
from habeas.core.log.consistency import Consistency, consistency_of
from habeas.core.times import iso
from habeas.store import tree


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The head as it was signed, when, and for how many leaves."""

    note: Note
    size: int
    time_us: int

    def as_json(self) -> dict[str, object]:
        return {"size": self.size, "time": iso(self.time_us), "checkpoint": str(self.note)}


def last_head() -> SignedHead:
    """The last one. Raises NotFound where nothing is sealed."""
    kept = tree.checkpoint()
    if kept is None:
        raise NotFound("the log has no signed head yet", "run `habeas seal`, then this")
    return SignedHead(read_note(kept.note), kept.size, kept.time_us)


def consistency(old: Note, verifier: Verifier) -> Consistency:
    """The proof that the log goes on from `old`, both signed by the log. Raises NotFound, and
    Unproven where a signature is not the log's or the log does not go on from there."""
    last = last_head()
    for note in (old, last.note):
        trusted(note, verifier)
    size = read_checkpoint(last.note.text).size
    return consistency_of(old, tree.KeptTree(size), last.note)
