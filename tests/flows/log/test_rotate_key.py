"""A new key from the old one: broken anywhere and run again, and what verify and strangers see."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.errors import Changed, InvalidInput, Unproven
from habeas.core.log import Signer, Verifier
from habeas.core.log.rotations import KIND, rotation
from habeas.flows.audit.verify import verify
from habeas.flows.log.head import consistency, last_head
from habeas.flows.log.proof import proofs
from habeas.flows.log.rotate_key import rotate_key
from habeas.flows.log.seal import seal
from habeas.ports.heads import HeadFile
from habeas.ports.keys import GivenKey, KeyFile, secret_text
from habeas.store import leaves, rows, tree
from tests import ROOT
from tests.core.appeal.casework import EMIL, NOW, ROBOT
from tests.faults.test_store_faults import Broken, breaking
from tests.store.life import record_everything
from tests.store.sealing import LOG, OTHER, sealed
from tests.store.tampering import tamper

SCRIPT = ROOT / "examples" / "check_proof.py"


@pytest.fixture
def keys(store: Database, tmp_path: Path) -> KeyFile:
    """The key of a log that has something."""
    made = KeyFile(tmp_path / "keys" / "log.key")
    made.make(LOG)
    record_everything()
    sealed(kept=head_of(made))
    return made


def head_of(keys: KeyFile) -> HeadFile:
    return HeadFile(keys.path.with_name("log.key.head"))


def rotated(keys: KeyFile) -> None:
    rotate_key(keys, keys.next, EMIL, NOW, head_of(keys))


def problems(known: Verifier) -> dict[str, list[str]]:
    """Of the log and the tables; the lives of these tests break laws of their own."""
    return {c.name: c.problems for c in verify(known).checks if c.wrong and c.law is None}


def rotations() -> int:
    return int(rows.select("SELECT count(*) FROM habeas_leaf WHERE kind = %s", [KIND])[0][0])


def test_heads_count_by_the_key_of_then(keys: KeyFile) -> None:
    before = last_head()
    term = rotate_key(keys, keys.next, EMIL, NOW, head_of(keys))
    assert (term.key, term.since) == (keys.verifier(), before.size + 1)
    assert keys.signer() != LOG
    assert sorted(p.name for p in keys.path.parent.iterdir()) == sorted(
        ["log.key", "log.key.head", "log.key.pub", f"log.key.{LOG.verifier.key_id.hex()}"]
    )
    assert all(p.stat().st_mode & 0o077 == 0 for p in keys.path.parent.glob("log.key*[!b]"))
    record_everything("chen")
    seal(keys.signer(), NOW, head_of(keys))
    for known in (LOG.verifier, keys.verifier()):
        assert problems(known) == {}
        assert [t.since for t in last_head(known).keys] == [0, term.since]
        assert consistency(before.note, known).old == before.note
    assert "checkpoints are signed" in problems(OTHER.verifier)


def test_a_stranger_checks_with_the_keys_that_were_published(keys: KeyFile, tmp_path: Path) -> None:
    before = last_head().note
    rotated(keys)
    file = tmp_path / "proof.json"
    both = [str(LOG.verifier), str(keys.verifier())]
    proof = proofs("d boris", LOG.verifier)
    for value, trusted, code in (
        (proof.as_json(), both, 0),
        (proof.as_json(), both[1:], 0),
        (proof.as_json(), both[:1], 1),
        (consistency(before, LOG.verifier).as_json(), both, 0),
        (consistency(before, LOG.verifier).as_json(), both[:1], 1),
    ):
        file.write_text(json.dumps(value), encoding="utf-8")
        words = [sys.executable, "-I", str(SCRIPT), str(file), *trusted]
        assert subprocess.run(words, capture_output=True, check=False).returncode == code


def test_the_old_key_signs_no_more(keys: KeyFile) -> None:
    rotated(keys)
    record_everything("chen")
    size = tree.size()
    with pytest.raises(Changed, match="the log got another key: shop"):
        sealed(kept=head_of(keys))
    assert tree.size() == size
    given = GivenKey("HABEAS_LOG_KEY", secret_text(LOG))
    with pytest.raises(Changed, match="the log got another key already"):
        rotate_key(given, KeyFile(keys.path.with_name("third")), EMIL, NOW, head_of(keys))
    assert rotations() == 1
    assert problems(LOG.verifier) == {}


def test_a_key_from_the_environment_is_rotated_into_a_file(store: Database, tmp_path: Path) -> None:
    record_everything()
    sealed()
    given, file = GivenKey("HABEAS_LOG_KEY", secret_text(LOG)), KeyFile(tmp_path / "new.key")
    term = rotate_key(given, file, EMIL, NOW)
    assert term.key == file.verifier()
    assert rotate_key(given, file, EMIL, NOW) == term
    assert rotations() == 1
    assert problems(file.verifier()) == {}


def test_a_rotation_broken_before_each_statement_goes_on(keys: KeyFile) -> None:
    step = 0
    while True:
        step += 1
        try:
            with breaking(step):
                rotated(keys)
            break
        except Broken:
            assert rotations() <= 1
            assert keys.signer() == LOG  # it leaves its place last
            assert problems(LOG.verifier) == {}
    assert step > 15
    assert rotations() == 1
    assert keys.signer() != LOG
    assert not keys.next.path.exists()
    assert problems(keys.verifier()) == {}


def test_the_new_key_that_is_there_already_is_taken(keys: KeyFile) -> None:
    keys.next.make(OTHER)
    rotated(keys)
    assert keys.signer() == OTHER
    rotated(keys)
    assert keys.signer() not in (LOG, OTHER)
    assert [t.key for t in last_head(OTHER.verifier).keys] == [
        LOG.verifier, OTHER.verifier, keys.verifier(),
    ]  # fmt: skip
    assert problems(LOG.verifier) == {}


def test_a_key_for_another_log_or_a_program_is_refused(keys: KeyFile) -> None:
    keys.next.make(Signer("other.example/log", bytes(32)))
    with pytest.raises(InvalidInput, match="a new key of its own name"):
        rotated(keys)
    with pytest.raises(InvalidInput, match="a person rotates the key"):
        rotate_key(keys, keys.next, ROBOT, NOW)
    assert rotations() == 0


def test_rotations_that_an_insider_puts_in_are_named(keys: KeyFile) -> None:
    """They stop no seal and let no key in."""
    evil, worse = (Signer(LOG.name, bytes([n]) * 32) for n in (7, 8))
    leaves.record_rotation(str(rotation(evil, worse).note), EMIL, NOW)
    leaves.record_rotation("a note", EMIL, NOW)
    sealed(kept=head_of(keys))
    said = problems(LOG.verifier)["checkpoints are signed"]
    assert len(said) == 2
    assert f"the rotation to {worse.verifier} is not from the key that signed then" in said
    rotated(keys)
    assert [t.key for t in last_head(LOG.verifier).keys] == [LOG.verifier, keys.verifier()]
    record_everything("chen")
    with pytest.raises(Unproven, match="no signature of a trusted key"):
        seal(worse, NOW)


def test_a_rotation_whose_leaf_is_gone_is_named(keys: KeyFile) -> None:
    rotated(keys)
    tamper("habeas_leaftext", "DELETE FROM {table} WHERE text LIKE %s", "%habeas-rotation-v1%")
    said = problems(keys.verifier())
    assert said["checkpoints are signed"]
    assert any(KIND in one for one in said["texts are those of their leaves"])


def test_which_key_signs_is_found_by_an_index(store: Database) -> None:
    """However many leaves there are: each seal asks."""
    if rows.is_postgresql():
        rows.select("SELECT set_config('enable_seqscan', 'off', false)")
    plan = ("EXPLAIN " if rows.is_postgresql() else "EXPLAIN QUERY PLAN ") + leaves.ROTATIONS
    said = " ".join(str(part) for row in rows.select(plan) for part in row)
    assert "leaf_rotation" in said
