"""A new key is let in by the old one; each head counts by the key that signed then."""

from __future__ import annotations

import pytest

from habeas.core.errors import InvalidInput, Unproven
from habeas.core.log import Checkpoint, Signer
from habeas.core.log.checkpoint import Note, read_checkpoint
from habeas.core.log.rotations import HEADER, KeyTerm, key_ring, read_rotation, rotation

NAME = "shop.example/log"
A, B, C, D = (Signer(NAME, bytes([n]) * 32) for n in range(1, 5))


def note(old: Signer, new: Signer) -> str:
    return str(rotation(old, new).note)


def terms(known: Signer, *recorded: tuple[int | None, str]) -> list[tuple[Signer, int]]:
    ring = key_ring(known.verifier, recorded)
    named = {signer.verifier: signer for signer in (A, B, C, D)}
    return [(named[term.key], term.since) for term in ring.terms]


def test_a_rotation_reads_back() -> None:
    made = rotation(A, B)
    assert read_rotation(str(made.note)) == made
    assert made.note.text == f"{HEADER}\n{A.verifier}\n{B.verifier}\n"
    with pytest.raises(InvalidInput):
        read_checkpoint(made.note.text)


@pytest.mark.parametrize("known", [A, B, C])
def test_who_knows_one_key_knows_the_others(known: Signer) -> None:
    recorded = ((4, note(A, B)), (9, note(B, C)))
    assert terms(known, *recorded) == [(A, 0), (B, 5), (C, 10)]
    ring = key_ring(known.verifier, recorded)
    assert ring.void == ()
    signers = [(0, A), (4, A), (5, B), (9, B), (10, C), (2**62, C)]
    for size, signer in signers:
        assert ring.at(size) == signer.verifier
        head = Checkpoint(NAME, size, bytes(32))
        assert ring.checked(head.signed_by(signer)) == head
        other = B if signer is A else A
        with pytest.raises(Unproven, match="no signature of a trusted key"):
            ring.checked(head.signed_by(other))


def test_until_it_is_sealed_the_old_key_signs() -> None:
    ring = key_ring(A.verifier, [(None, note(A, B))])
    assert ring.at(2**62) == A.verifier
    assert ring.terms[-1].as_json() == {"verifier_key": str(B.verifier), "since": None}
    assert KeyTerm(5, B.verifier).as_json()["since"] == 5


def test_of_two_rotations_from_one_key_the_first_counts() -> None:
    recorded = ((4, note(A, B)), (6, note(A, C)), (9, note(B, D)))
    assert terms(A, *recorded) == [(A, 0), (B, 5), (D, 10)]
    (said,) = key_ring(A.verifier, recorded).void
    assert said == f"the rotation to {C.verifier} is not from the key that signed then"


@pytest.mark.parametrize(
    "recorded",
    [
        ((4, note(A, B)), (9, note(B, A))),  # back to a key that was given up
        ((4, note(A, B)), (9, note(A, B))),  # the same leaf again
        ((4, note(A, B)), (2, note(B, C))),  # before its key signed
        ((4, note(A, B)), (9, note(C, D))),  # of strangers
        ((4, note(A, B)), (9, "")),
        ((4, note(A, B)), (9, note(B, C).replace("\N{EM DASH}", "-"))),
        ((1, note(C, D)), (4, note(A, B))),
    ],
)
def test_what_does_not_count_is_named_and_stops_nothing(
    recorded: tuple[tuple[int | None, str], ...],
) -> None:
    for known in (A, B):
        assert terms(known, *recorded) == [(A, 0), (B, 5)]
        assert len(key_ring(known.verifier, recorded).void) == 1


def test_a_key_that_the_log_never_had_stays_alone() -> None:
    assert terms(D, (4, note(A, B))) == [(D, 0)]


def test_both_keys_sign_and_the_name_is_for_good() -> None:
    made = rotation(A, B).note
    for signatures in (made.signatures[:1], made.signatures[1:]):
        with pytest.raises(Unproven, match="lacks a signature"):
            read_rotation(str(Note(made.text, signatures)))
    changed = str(made).replace(str(B.verifier), str(C.verifier))
    with pytest.raises(Unproven, match="is not one of this text"):
        read_rotation(changed)
    with pytest.raises(InvalidInput, match="of the form habeas-rotation-v1"):
        read_rotation(str(Checkpoint(NAME, 1, bytes(32)).signed_by(A)))
    with pytest.raises(InvalidInput, match="a new key of its own name"):
        rotation(A, Signer("other.example/log", bytes(32)))
    with pytest.raises(InvalidInput, match="a new key of its own name"):
        rotation(A, A)
