"""Cosignatures as C2SP tlog-cosignature has them, made by a witness of the tests' own."""

from __future__ import annotations

import pytest

from habeas.core.errors import InvalidInput, Unproven
from habeas.core.log.checkpoint import Note, read_note
from habeas.core.log.cosignatures import (
    cosigned,
    cosigners_of,
    read_cosignature,
    read_cosigner,
    read_size,
    request_body,
)
from tests.core.log.logs import LOG, hashes, noted, tree_of
from tests.ports.witnessing import STAMP, LoopbackWitness

ONE = LoopbackWitness("witness.example/w1", bytes(range(2, 34)), {})
TWO = LoopbackWitness("witness.example/w2", bytes(range(3, 35)), {})
NOTE = noted(tree_of(hashes(9)))


def test_the_message_is_that_of_the_specification() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert cosigned(text, STAMP) == f"cosignature/v1\ntime 1679315147\n{text}"


def test_a_request_is_that_of_the_specification() -> None:
    path = tree_of(hashes(9)).consistency(5, 9)
    first, *lines = request_body(5, path, NOTE).split("\n")
    assert first == "old 5"
    assert lines[len(path)] == ""
    assert "\n".join(lines[len(path) + 1 :]) == str(NOTE)
    assert request_body(0, [], NOTE) == f"old 0\n\n{NOTE}"


def test_a_cosignature_is_found_among_others() -> None:
    cosigner = read_cosigner(ONE.vkey)
    assert str(cosigner) == ONE.vkey
    answer = TWO.line(NOTE.text) + ONE.line(NOTE.text)
    assert str(read_cosignature(answer, NOTE, cosigner)) == ONE.line(NOTE.text)
    whole = read_note(str(NOTE) + answer)
    assert cosigners_of(whole, map(read_cosigner, (ONE.vkey, TWO.vkey))) == (
        cosigner, read_cosigner(TWO.vkey),
    )  # fmt: skip
    assert cosigners_of(NOTE, [cosigner]) == ()
    assert LOG.verifier in whole.verified([LOG.verifier])


def test_a_cosignature_of_something_else_counts_for_nothing() -> None:
    cosigner, other = read_cosigner(ONE.vkey), noted(tree_of(hashes(8)))
    wrong = ONE.line(other.text)
    late = ONE.line(NOTE.text, 2**63)
    plain = Note(NOTE.text, ()).signed_by(LOG)
    short = f"\N{EM DASH} {ONE.name} {ONE.line(NOTE.text).split(' ')[2][:12]}\n"
    for answer in (wrong, late, short):
        with pytest.raises((Unproven, InvalidInput)):
            read_cosignature(answer, NOTE, cosigner)
        assert cosigners_of(read_note(f"{NOTE}{answer}"), [cosigner]) == ()
    with pytest.raises(Unproven, match="has no cosignature of"):
        read_cosignature(str(plain.signatures[0]), NOTE, cosigner)


@pytest.mark.parametrize("answer", ["", "hello\n", "\N{EM DASH} w !!!\n", "\0", "a\n\nb\n"])
def test_an_answer_that_is_none_is_refused(answer: str) -> None:
    with pytest.raises((InvalidInput, Unproven)):
        read_cosignature(answer, NOTE, read_cosigner(ONE.vkey))


@pytest.mark.parametrize("answer", ["", "5", "05\n", "-1\n", "5\n5\n", "5.0\n", "x\n", " 5\n"])
def test_what_is_no_size_is_refused(answer: str) -> None:
    assert read_size("0\n") == 0
    with pytest.raises(InvalidInput, match="tells no size"):
        read_size(answer)


def test_the_key_of_a_log_is_none_of_a_witness() -> None:
    with pytest.raises(InvalidInput, match="not of type 4"):
        read_cosigner(str(LOG.verifier))
    with pytest.raises(InvalidInput, match="the id of the verifier key is"):
        read_cosigner(ONE.vkey.replace("w1", "w2"))
