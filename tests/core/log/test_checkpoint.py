"""Signed notes and checkpoints are those of C2SP, and nothing that is malformed passes."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import Changed, InvalidInput, Unproven
from habeas.core.log import Checkpoint, Signer, Verifier
from habeas.core.log.checkpoint import (
    Note,
    Signature,
    checkpoint_of,
    decoded,
    read_checkpoint,
    read_note,
    read_verifier,
    trusted,
)
from habeas.core.log.merkle import EMPTY_ROOT
from tests.core.log.growing import Tree
from tests.core.log.logs import LOG, OTHER, VECTORS, hashes, needs_vectors, tree_of
from tests.core.samples import calm

LINES = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=32), min_size=1, max_size=20)
NAMES = LINES.filter(lambda name: "+" not in name and not any(c.isspace() for c in name))
SEEDS = st.binary(min_size=32, max_size=32)
POINT = Checkpoint(LOG.name, 7, bytes(range(32)))


def quoted(file: str) -> list[str]:
    """The blocks of a specification that stand between ``` lines."""
    text = (VECTORS / "c2sp" / file).read_text(encoding="utf-8")
    return re.findall(r"^```\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@needs_vectors
def test_the_signed_note_of_the_specification_is_verified() -> None:
    text = (VECTORS / "c2sp" / "signed-note.md").read_text(encoding="utf-8")
    (vkey,) = re.findall(r"^ {4}(example\.com/foo\+\S+)$", text, re.MULTILINE)
    _, example = quoted("signed-note.md")
    verifier, note = read_verifier(vkey), read_note(example)
    assert str(verifier) == vkey
    assert str(note) == example
    assert note.text == "This is an example message.\n"
    assert note.verified([verifier, LOG.verifier]) == (verifier,)
    with pytest.raises(Unproven, match=r"the signature of 'example.com/foo' is not one of this"):
        replace(note, text="This is an example message!\n").verified([verifier])


@needs_vectors
def test_the_note_with_empty_lines_of_the_specification_is_read() -> None:
    example, _ = quoted("signed-note.md")
    note = read_note(example.encode())
    assert note.text.endswith("raggio di sole:\n\ned è subito sera.\n")
    (signature,) = note.signatures
    assert signature.name == "quasimodo.example/salvatore"
    assert signature.key_id.hex() == "367ba04b"
    assert str(note) == example


@needs_vectors
def test_the_checkpoint_of_the_specification_is_read_and_written_alike() -> None:
    (example,) = quoted("tlog-checkpoint.md")
    note = read_note(example)
    point = read_checkpoint(note.text)
    assert (point.origin, point.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert point.root.hex().startswith("0ac5186a9186")
    assert point.text == note.text
    assert str(note) == example


@needs_vectors
def test_the_proof_of_the_specification_has_a_checkpoint_and_hashes() -> None:
    """Its signatures are abridged there, so its text and its hashes are what can be read."""
    (example,) = quoted("tlog-proof.md")
    head, text, _ = example.split("\n\n")
    point = read_checkpoint(f"{text}\n")
    assert (point.origin, point.size) == ("example.com/fancylog", 109_482)
    assert {len(decoded(line, "a hash")) for line in head.split("\n")[3:]} == {32}
    with pytest.raises(
        InvalidInput, match=r"the signature of 'example.com/fancylog' is not base64"
    ):
        read_note(example)


@calm
@given(NAMES, SEEDS)
def test_a_verifier_key_reads_back_and_verifies_its_signer(name: str, seed: bytes) -> None:
    signer = Signer(name, seed)
    assert read_verifier(str(signer.verifier)) == signer.verifier
    signature = signer.sign("text\n")
    assert signature == signer.sign("text\n")
    assert signature.key_id == signer.verifier.key_id
    assert signer.verifier.verifies("text\n", signature.made)
    assert not signer.verifier.verifies("text", signature.made)
    assert not signer.verifier.verifies("text\n", signature.made[:-1])
    own = Ed25519PrivateKey.from_private_bytes(seed)
    own.public_key().verify(signature.made, b"text\n")


def test_a_signer_does_not_show_its_seed() -> None:
    assert repr(LOG) == f"Signer(name='{LOG.name}')"


@calm
@given(st.lists(LINES | st.just(""), min_size=1, max_size=4), st.integers(0, 3))
def test_a_note_reads_back(lines: list[str], others: int) -> None:
    text = "".join(f"{line}\n" for line in lines)
    signers = [Signer(f"k{i}", bytes([i] * 32)) for i in range(others)]
    note = Note(text, ()).signed_by(LOG, *signers)
    assert read_note(str(note)) == read_note(str(note).encode()) == note
    everyone = [LOG.verifier, *(s.verifier for s in signers)]
    assert note.verified(reversed(everyone)) == tuple(everyone)


@calm
@given(st.integers(0), st.data())
def test_no_byte_of_a_signed_checkpoint_can_change(flip: int, data: st.DataObject) -> None:
    raw = bytearray(str(POINT.signed_by(LOG)).encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= 1 << flip % 8
    with pytest.raises((Unproven, InvalidInput)):
        trusted(read_note(bytes(raw)), LOG.verifier)


def test_signatures_of_unknown_keys_are_ignored_even_under_a_known_name_or_id() -> None:
    note = POINT.signed_by(LOG)
    real = note.signatures[0]
    foreign = (
        Signer(LOG.name, bytes(32)).sign("another text\n"),
        Signature("x", LOG.verifier.key_id, b"junk"),
        Signature(OTHER.name, b"abcd", bytes(5000)),
    )
    mixed = replace(note, signatures=(*foreign, real))
    assert read_note(str(mixed)).verified([LOG.verifier]) == (LOG.verifier,)
    for known in ([], [OTHER.verifier]):
        with pytest.raises(Unproven, match="no signature of a trusted key"):
            mixed.verified(known)


def test_a_wrong_signature_of_a_known_key_spoils_the_note() -> None:
    note = POINT.signed_by(LOG, OTHER)
    wrong = LOG.sign("another text\n")
    for signatures in ((wrong, note.signatures[1]), (*note.signatures, wrong)):
        spoilt = replace(note, signatures=signatures)
        assert spoilt.verified([OTHER.verifier]) == (OTHER.verifier,)
        with pytest.raises(Unproven, match=f"the signature of '{LOG.name}' is not one of this"):
            spoilt.verified([LOG.verifier, OTHER.verifier])


def test_a_key_that_signed_twice_counts_once() -> None:
    note = POINT.signed_by(LOG, LOG)
    assert note.verified([LOG.verifier, LOG.verifier]) == (LOG.verifier,)


def test_two_keys_of_one_name_and_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Verifier, "key_id", b"same")
    keys = [Verifier("k", bytes(32)), Verifier("k", bytes(31) + b"\x01")]
    with pytest.raises(InvalidInput, match="two keys of 'k' have the same id"):
        POINT.signed_by(LOG).verified(keys)


def test_a_checkpoint_needs_its_log_its_witnesses_and_its_origin() -> None:
    both = POINT.signed_by(LOG, OTHER)
    assert trusted(both, LOG.verifier) == trusted(both, LOG.verifier, [OTHER.verifier]) == POINT
    with pytest.raises(Unproven, match=f"lacks the signature of '{OTHER.name}'"):
        trusted(POINT.signed_by(LOG), LOG.verifier, [OTHER.verifier])
    with pytest.raises(Unproven, match=f"lacks the signature of '{LOG.name}'"):
        trusted(POINT.signed_by(OTHER), LOG.verifier, [OTHER.verifier])
    elsewhere = replace(POINT, origin="shop.example/second").signed_by(LOG)
    with pytest.raises(Unproven, match=r"of another log, 'shop.example/second'"):
        trusted(elsewhere, LOG.verifier)
    assert trusted(elsewhere, LOG.verifier, origin="shop.example/second").size == 7


@calm
@given(LINES, st.integers(0, 2**63 - 1), SEEDS, st.lists(LINES, max_size=2))
def test_a_checkpoint_reads_back(origin: str, size: int, root: bytes, more: list[str]) -> None:
    point = Checkpoint(origin, size, root, tuple(more))
    assert read_checkpoint(point.text) == point
    assert point.text.count("\n") == 3 + len(more)


ROOT = b64encode(bytes(32)).decode()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"log\n7\n{ROOT}", "three lines or more"),
        ("log\n7\n", "three lines or more"),
        (f"\n7\n{ROOT}\n", "none of them empty"),
        (f"log\n7\n{ROOT}\n\n", "none of them empty"),
        (f"log\n07\n{ROOT}\n", "line 2 of the checkpoint, '07', is not the size"),
        (f"log\n-7\n{ROOT}\n", "line 2"),
        (f"log\n+7\n{ROOT}\n", "line 2"),
        (f"log\n٧\n{ROOT}\n", "line 2"),
        (f"log\n{'9' * 5000}\n{ROOT}\n", "line 2"),
        (f"log\n{2**63}\n{ROOT}\n", "is not the size of a log"),
        ("log\n7\n\n", "none of them empty"),
        (f"log\n7\n{ROOT[:-4]}\n", "a root has 32 bytes, not 30"),
        (f"log\n7\n{ROOT[:-1]}\n", "line 3 of the checkpoint is not base64"),
        (f"log\n7\n{ROOT[:-2]}B=\n", "line 3 of the checkpoint is not base64"),
        (f"log\n7\n {ROOT}\n", "line 3 of the checkpoint is not base64"),
        (f"log\n7\n{ROOT.replace('A', 'é')}\n", "line 3 of the checkpoint is not base64"),
        (f"log\r\n7\n{ROOT}\n", "lines of text"),
        (f"log\n7\n{ROOT}\nx\ty\n", "lines of text"),
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(said)):
        read_checkpoint(text)


@pytest.mark.parametrize(
    "wrong",
    [{"size": -1}, {"size": 2**63}, {"origin": ""}, {"origin": "a\nb"}, {"root": b""}]
    + [{"extensions": (line,)} for line in ("", "a\n", "\x00", "\ud800")],
)
def test_no_malformed_checkpoint_is_made(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        replace(POINT, **wrong)


GOOD = str(POINT.signed_by(LOG))
BODY, LINE = GOOD.split("\n\n")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"\xff" + GOOD.encode(), "UTF-8"),
        (GOOD + "\ud800", "no control characters"),
        (GOOD.replace("\n", "\r\n"), "no control characters"),
        (GOOD + "\x00", "no control characters"),
        ("", "a text, an empty line"),
        (BODY + "\n" + LINE, "a text, an empty line"),
        (BODY + "\n\n", "a text, an empty line"),
        (GOOD[:-1], "a text, an empty line"),
        (GOOD + "\n", "a text, an empty line"),
        (GOOD + "x\n", "'x' is not a signature"),
        (GOOD.replace("— ", "- "), "is not a signature"),
        (GOOD.replace("— ", "—"), "is not a signature"),
        (f"{BODY}\n\n— name\n", "is not a signature"),
        (f"{BODY}\n\n— name \n", "is not a signature"),
        (f"{BODY}\n\n—  AAAAAAA=\n", "is not the name of a key"),
        (f"{BODY}\n\n— a+b AAAAAAA=\n", "is not the name of a key"),
        (f"{BODY}\n\n— a\u00a0b AAAAAAA=\n", "is not the name of a key"),
        (f"{BODY}\n\n— a\u2028b AAAAAAA=\n", "is not the name of a key"),
        (f"{BODY}\n\n— name AAAAAA==\n", "is too short"),
        (f"{BODY}\n\n— name AAAAAAB=\n", "is not base64"),
        (f"{BODY}\n\n— name AAAAAAA\n", "is not base64"),
        (f"{BODY}\n\n— name AAAAAAA= \n", "is not base64"),
        (f"{BODY}\n\n— name AAAA_-A=\n", "is not base64"),
        (BODY + "\n\n" + LINE * 65, "64 signatures or fewer"),
        ("x" * 1_000_001, "bytes or fewer"),
    ],
)
def test_a_malformed_note_is_refused(raw: bytes | str, said: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(said)):
        read_note(raw)


def test_as_many_signatures_as_the_specification_asks_are_read() -> None:
    assert len(read_note(BODY + "\n\n" + LINE * 64).signatures) == 64 > 16


@pytest.mark.parametrize("text", ["", "no newline", "a\tb\n", "\ud800\n"])
def test_no_malformed_note_is_made(text: str) -> None:
    with pytest.raises(InvalidInput, match="a note is lines of text"):
        Note(text, ())


VKEY = str(LOG.verifier)
NAME, ID, MATERIAL = VKEY.split("+", 2)


def material(kind: int, size: int) -> str:
    return b64encode(bytes([kind]) + bytes(size)).decode()


@pytest.mark.parametrize(
    ("vkey", "said"),
    [
        ("", "written name+id+key"),
        (NAME, "written name+id+key"),
        (f"{NAME}+{ID.upper()}x+{MATERIAL}", "written name+id+key"),
        (f"{NAME}+{ID[:-1]}+{MATERIAL}", "written name+id+key"),
        (f"{NAME}+{'0' * 8}+{MATERIAL}", f"the id of the verifier key is {ID}, not 00000000"),
        (f"other+{ID}+{MATERIAL}", "the id of the verifier key is"),
        (f"+{ID}+{MATERIAL}", "is not the name of a key"),
        (f"a b+{ID}+{MATERIAL}", "is not the name of a key"),
        (f"{NAME}+{ID}+", "the key of the verifier key is not base64"),
        (f"{NAME}+{ID}+{MATERIAL}\n", "the key of the verifier key is not base64"),
        (f"{NAME}+{ID}+{material(2, 32)}", "is not of type 1"),
        (f"{NAME}+{ID}+{material(4, 32)}", "is not of type 1"),
        (f"{NAME}+{ID}+{material(1, 31)}", "an Ed25519 public key has 32 bytes, not 31"),
    ],
)
def test_a_malformed_verifier_key_is_refused(vkey: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(said)):
        read_verifier(vkey)


def test_a_seed_has_32_bytes() -> None:
    with pytest.raises(InvalidInput, match="the seed of an Ed25519 key has 32 bytes, not 31"):
        Signer("k", bytes(31))


def test_a_checkpoint_is_of_the_whole_tree_and_follows_the_last() -> None:
    tree = Tree()
    first = checkpoint_of(tree, LOG.name)
    assert first == Checkpoint(LOG.name, 0, EMPTY_ROOT)
    tree.extend(hashes(9))
    second = checkpoint_of(tree, LOG.name, first)
    assert (second.size, second.root) == (9, tree.root())
    assert checkpoint_of(tree, LOG.name, second) == second
    tree.extend(hashes(3))
    assert checkpoint_of(tree, LOG.name, second).size == 12


def test_a_log_does_not_sign_what_forks_from_what_it_signed() -> None:
    signed = checkpoint_of(tree_of(hashes(9)), LOG.name)
    for forked in (tree_of(hashes(8)), tree_of(hashes(20)[::-1]), Tree()):
        with pytest.raises(Changed, match="no longer begins with the 9 leaves that were signed"):
            checkpoint_of(forked, LOG.name, signed)
    with pytest.raises(Changed, match=f"is of the log '{LOG.name}', not 'second'"):
        checkpoint_of(tree_of(hashes(9)), "second", signed)


def test_the_key_id_is_of_name_type_and_key() -> None:
    assert LOG.verifier.key_id.hex() == ID
    assert b64decode(MATERIAL) == b"\x01" + LOG.verifier.key
    assert replace(LOG.verifier, name="other").key_id != LOG.verifier.key_id
