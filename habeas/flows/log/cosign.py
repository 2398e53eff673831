"""Cosign: witnesses are asked for the last head, after it was sealed.

| broken step                   | what is persisted       | what recovery does                     |
|-------------------------------|-------------------------|----------------------------------------|
| asking a witness              | the sealed head         | the next seal asks for the head of then|
| after its answer, before it   | the sealed head; the    | asks again, from the size it tells     |
| is kept                       | witness knows it        |                                        |
| after that                    | the cosignature         | asks no more for this head             |

Nothing that a witness answers, or does not, undoes a seal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from habeas.core.errors import HabeasError
from habeas.core.log.checkpoint import Note, read_note
from habeas.core.log.cosignatures import SIZE_TYPE, read_cosignature, read_size, request_body
from habeas.ports.witnesses import HttpReply, Witness
from habeas.store import cosignatures, tree

TURNS = 3  # others may ask the same witness meanwhile
SAYS = {
    403: "it does not know the key that signed the head; give its operator `checkpoint --keys`",
    404: "it does not know this log; ask its operator to take it up",
}


class Outcome(StrEnum):
    """What came of asking. CONTRADICTED: it has seen a log that this one does not go on from."""

    COSIGNED = "cosigned"
    NOT_COSIGNED = "not_cosigned"
    CONTRADICTED = "contradicted"


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """What came of asking one witness, and why where it did not cosign."""

    address: str
    outcome: Outcome
    says: str = ""


def cosign(witnesses: Iterable[Witness]) -> list[WitnessAnswer]:
    """Ask each for the last head, where it has not cosigned it yet, and keep what it gives. Raises
    nothing for what a witness does."""
    last = tree.checkpoint()
    if last is None:
        return []
    found = []
    for witness in witnesses:
        try:
            found.append(_asked(witness, last.size, read_note(last.note)))
        except HabeasError as error:
            found.append(WitnessAnswer(witness.address, Outcome.NOT_COSIGNED, error.message))
    return found


def _asked(witness: Witness, size: int, note: Note) -> WitnessAnswer:
    cosigner = witness.cosigner
    old, kept = cosignatures.last_size(str(cosigner)), tree.KeptTree(size)
    if old == size:
        return WitnessAnswer(witness.address, Outcome.COSIGNED)
    for _ in range(TURNS):
        reply = witness.ask(request_body(old, kept.consistency(old) if old else [], note))
        if reply.status == 200:
            line = read_cosignature(reply.text, note, cosigner)
            cosignatures.keep(size, str(cosigner), line)
            return WitnessAnswer(witness.address, Outcome.COSIGNED)
        known = _told(reply)
        if known is None or known == old or known > size:
            return WitnessAnswer(witness.address, *_refused(reply, known, size))
        old = known
    return WitnessAnswer(witness.address, Outcome.NOT_COSIGNED, "others ask it at the same time")


def _told(reply: HttpReply) -> int | None:
    """The size of the last head that it cosigned, where it says that it is another."""
    if reply.status != 409 or reply.content != SIZE_TYPE:
        return None
    return read_size(reply.text)


def _refused(reply: HttpReply, known: int | None, size: int) -> tuple[Outcome, str]:
    if known is not None and known > size:
        says = f"it has seen a head of {known} leaves, and the log has {size}"
        return Outcome.CONTRADICTED, says
    if reply.status == 422 or (reply.status == 409 and known is not None):
        says = "it has seen a head that this log does not go on from"
        return Outcome.CONTRADICTED, says
    return Outcome.NOT_COSIGNED, SAYS.get(reply.status, f"it answers {reply.status}")
