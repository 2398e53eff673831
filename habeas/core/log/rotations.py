"""Rotation: the log gets a new key, which the old one signs in.

The statement is a note of three lines (what it is, the old key, the new one) that both keys signed:
the old one lets the new one in, the new one shows that somebody holds it. It is a leaf of the log;
heads that have this leaf are signed by the new key. Who trusts one key of a log knows the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from habeas.core.errors import HabeasError, InvalidInput, Unproven
from habeas.core.log.checkpoint import (
    LARGEST,
    Checkpoint,
    Note,
    Signer,
    Verifier,
    read_checkpoint,
    read_note,
    read_verifier,
    trusted,
)

KIND = "key_rotation"  # of the leaf
HEADER = "habeas-rotation-v1"  # no checkpoint: the second line of one is a number


@dataclass(frozen=True, slots=True)
class Rotation:
    """From one key to the next, signed by both."""

    old: Verifier
    new: Verifier
    note: Note


@dataclass(frozen=True, slots=True)
class KeyTerm:
    """A key of the log, and the size from which on heads are signed by it; `LARGEST` where its
    rotation is not sealed yet."""

    since: int
    key: Verifier

    def as_json(self) -> dict[str, object]:
        return {"verifier_key": str(self.key), "since": self.since if self.is_sealed else None}

    @property
    def is_sealed(self) -> bool:
        return self.since < LARGEST


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of a log, one after the other, and what is wrong with rotations that count for
    nothing: a sentence each."""

    terms: tuple[KeyTerm, ...]
    void: tuple[str, ...] = ()

    def at(self, size: int) -> Verifier:
        """The key that signs a head of this size."""
        return next(term.key for term in reversed(self.terms) if term.since <= size)

    def checked(self, note: Note) -> Checkpoint:
        """The checkpoint of a note that the key of its size signed. Raises Unproven,
        InvalidInput."""
        return trusted(note, self.at(read_checkpoint(note.text).size))


def rotation(old: Signer, new: Signer) -> Rotation:
    """Raises InvalidInput where the new key is for another log, or the old one once more."""
    _check(old.verifier, new.verifier)
    text = f"{HEADER}\n{old.verifier}\n{new.verifier}\n"
    return Rotation(old.verifier, new.verifier, Note(text, ()).signed_by(old, new))


def read_rotation(text: str) -> Rotation:
    """Reads a note and verifies both signatures. Raises InvalidInput, Unproven."""
    note = read_note(text)
    lines = note.text.split("\n")
    if len(lines) != 4 or lines[0] != HEADER:
        raise InvalidInput(f"this is no rotation of the form {HEADER}")
    old, new = read_verifier(lines[1]), read_verifier(lines[2])
    _check(old, new)
    if {*note.verified((old, new))} != {old, new}:
        raise Unproven("the rotation lacks a signature: the old key and the new one sign it")
    return Rotation(old, new, note)


def key_ring(known: Verifier, recorded: Iterable[tuple[int | None, str]]) -> KeyRing:
    """The keys of a log of which one is known: those before it that lead to it, and those that it
    let in. `recorded` are places (None until sealed) and notes in the order of the leaves; of two
    rotations from one key the first counts, and none ever leads back."""
    open_, void = list[tuple[int, Rotation]](), list[str]()
    for place, text in recorded:
        try:
            open_.append((LARGEST if place is None else place + 1, read_rotation(text)))
        except HabeasError as error:
            void.append(f"the rotation at place {place}: {error.message}")
    terms = [KeyTerm(0, known)]
    while joined := next((one for one in open_ if _join(terms, *one)), None):
        open_.remove(joined)
    void += [f"the rotation to {r.new} is not from the key that signed then" for _, r in open_]
    return KeyRing(tuple(terms), tuple(void))


def _join(terms: list[KeyTerm], since: int, one: Rotation) -> bool:
    """Whether the rotation goes on from the last key, or led to the first; then the other key has
    its term too."""
    keys = [term.key for term in terms]
    ends = terms[1].since if len(terms) > 1 else since  # the term of the first key
    if one.old == keys[-1] and one.new not in keys and since >= terms[-1].since:
        terms.append(KeyTerm(since, one.new))
        return True
    if one.new == keys[0] and one.old not in keys and since <= ends:
        terms[:1] = [KeyTerm(0, one.old), KeyTerm(since, one.new)]
        return True
    return False


def _check(old: Verifier, new: Verifier) -> None:
    if old.name != new.name or old == new:
        raise InvalidInput(
            "a log gets a new key of its own name", f"make one for '{old.name}', which is for good"
        )
