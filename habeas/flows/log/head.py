"""Head: the last signed one, and the proof that it goes on from one that somebody kept."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.errors import NotFound
from habeas.core.log import Verifier
from habeas.core.log.checkpoint import Note, read_checkpoint, read_note
from habeas.core.log.consistency import Consistency, consistency_of
from habeas.core.log.cosignatures import cosigners_of
from habeas.core.log.rotations import KeyTerm
from habeas.core.times import iso
from habeas.flows.log.key_ring import key_ring
from habeas.ports.witnesses import Witnesses
from habeas.store import cosignatures, tree


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The head as it was signed, with its cosignatures, when, and for how many leaves; the log's
    keys where one is known, the first one first; how many of the witnesses that are asked cosigned
    it, and how many have to (0: nobody is asked)."""

    note: Note
    size: int
    time_us: int
    keys: tuple[KeyTerm, ...] = ()
    cosigned: int = 0
    quorum: int = 0

    @property
    def lacks(self) -> str:
        """What is said of a head without its quorum; nothing of one that has it."""
        if self.cosigned >= self.quorum:
            return ""
        return f"the head of {self.size} leaves has {self.cosigned} of {self.quorum} cosignatures"

    def as_json(self) -> dict[str, object]:
        return {
            "size": self.size, "time": iso(self.time_us), "checkpoint": str(self.note),
            "keys": self.keys, "cosigned": self.cosigned, "quorum": self.quorum,
        }  # fmt: skip


def last_head(known: Verifier | None = None, asked: Witnesses | None = None) -> SignedHead:
    """The last one, whoever signed it. Raises NotFound where nothing is sealed."""
    kept = tree.checkpoint()
    if kept is None:
        raise NotFound("the log has no signed head yet", "run `habeas seal`, then this")
    keys = key_ring(known).terms if known is not None else ()
    note = read_note(kept.note + cosignatures.lines_of(kept.size))
    asked = asked or Witnesses()
    cosigned = len(cosigners_of(note, asked.cosigners))
    return SignedHead(note, kept.size, kept.time_us, keys, cosigned, asked.quorum)


def consistency(old: Note, verifier: Verifier) -> Consistency:
    """The proof that the log goes on from `old`, both signed by the log. Raises NotFound, and
    Unproven where a signature is not the log's or the log does not go on from there."""
    last = last_head()
    for note in (old, last.note):
        key_ring(verifier).checked(note)
    size = read_checkpoint(last.note.text).size
    return consistency_of(old, tree.KeptTree(size), last.note)
