"""Cosignatures: a witness says when it saw that a head goes on from the last one it knew (C2SP
tlog-cosignature, Ed25519), and what it is asked with (C2SP tlog-witness, add-checkpoint).

A witness that is somebody else's keeps the largest head it has seen, so that whoever owns database
and key cannot show one log to one and another log to another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from habeas.core.errors import HabeasError, InvalidInput, Unproven
from habeas.core.log.checkpoint import (
    LARGEST,
    Note,
    Signature,
    Verifier,
    coded,
    key_id_of,
    read_note,
    read_vkey,
)

COSIGNATURE = b"\x04"  # tlog-cosignature, "Format": timestamped Ed25519
STAMP = 8  # bytes of the time before the signature
SIZE_TYPE = "text/x.tlog.size"  # tlog-witness: of a 409 that tells a size
SIZE = re.compile(r"(?:0|[1-9][0-9]{0,18})\n\Z")


@dataclass(frozen=True, slots=True)
class Cosigner:
    """The name and the public key of a witness. Its text is a C2SP vkey of type 4."""

    name: str
    key: bytes

    def __post_init__(self) -> None:
        Verifier(self.name, self.key)  # the same rules

    @property
    def key_id(self) -> bytes:
        return key_id_of(self.name, COSIGNATURE + self.key)

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{coded(COSIGNATURE + self.key)}"

    def signed(self, note: Note) -> Signature | None:
        """Its cosignature among those of a note; None where there is none. Raises Unproven where
        one of its name and id is wrong."""
        found = None
        for one in note.signatures:
            if (one.name, one.key_id) == (self.name, self.key_id):
                self._check(note.text, one.made)
                found = one
        return found

    def _check(self, text: str, made: bytes) -> None:
        stamp = int.from_bytes(made[:STAMP])
        try:
            if len(made) > STAMP and stamp <= LARGEST:
                key = Ed25519PublicKey.from_public_bytes(self.key)
                key.verify(made[STAMP:], cosigned(text, stamp).encode())
                return
        except InvalidSignature:
            pass
        raise Unproven(f"the cosignature of '{self.name}' is not one of this head")


def cosigned(text: str, stamp: int) -> str:
    """What a witness signs: the text of the note at a POSIX time, in seconds."""
    return f"cosignature/v1\ntime {stamp}\n{text}"


def read_cosigner(vkey: str) -> Cosigner:
    """Reads a vkey of type 4. Raises InvalidInput."""
    found = read_vkey(
        vkey, COSIGNATURE, "the key of a witness is not of type 4, timestamped Ed25519 cosignatures"
    )
    return Cosigner(found.name, found.key)


def request_body(old: int, path: Sequence[bytes], note: Note) -> str:
    """What add-checkpoint takes: the size that the witness knows, the consistency proof from
    there (RFC 6962 section 2.1.2, empty from 0), an empty line, the signed head."""
    lines = [f"old {old}", *map(coded, path), ""]
    return "".join(f"{line}\n" for line in lines) + str(note)


def read_cosignature(answer: str, note: Note, cosigner: Cosigner) -> Signature:
    """The cosignature in what a witness answers: lines of signatures, those of others ignored.
    Raises InvalidInput, Unproven."""
    found = cosigner.signed(read_note(f"{note.text}\n{answer}"))
    if found is None:
        raise Unproven(f"the answer has no cosignature of '{cosigner.name}'")
    return found


def read_size(answer: str) -> int:
    """The size that a 409 tells. Raises InvalidInput."""
    if not SIZE.match(answer):
        raise InvalidInput("the answer tells no size of a log")
    return int(answer)


def cosigners_of(note: Note, known: Iterable[Cosigner]) -> tuple[Cosigner, ...]:
    """Those of `known` whose cosignature of the note holds; a wrong one counts for nothing."""
    return tuple(one for one in known if _signed(one, note))


def _signed(cosigner: Cosigner, note: Note) -> bool:
    try:
        return cosigner.signed(note) is not None
    except HabeasError:
        return False
