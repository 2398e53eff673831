"""Proofs of a decision, checked by a stranger, before and after erasure."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.errors import NotFound, Unproven
from habeas.core.log.proofs import check_proof, read_proof
from habeas.flows.log.erase import erase
from habeas.flows.log.proof import proofs
from habeas.store.accounts import account
from habeas.store.commits import commit
from tests import ROOT
from tests.core.appeal.casework import EMIL, NOW
from tests.store.life import proposed, record_everything, reversed_, suspended
from tests.store.sealing import LOG, OTHER, add_leaves, sealed
from tests.store.tampering import tamper

SCRIPT = ROOT / "examples" / "check_proof.py"


def checked(path: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-I", str(SCRIPT), str(path), str(LOG.verifier)]
    return subprocess.run(words, capture_output=True, encoding="utf-8", check=False)


def test_all_records_of_a_decision_are_proved(store: Database, tmp_path: Path) -> None:
    record_everything("chen")
    record_everything()
    sealed()
    add_leaves(1000, 300)
    sealed()
    found = proofs("d boris", LOG.verifier)
    kinds = sorted(p.leaf.kind for p in found.proofs)
    assert kinds == sorted(
        ["decision", *4 * ["decision_move"], "letter", "notice", *2 * ["settlement"]]
    )
    assert found.unsealed == 0
    assert {(p.decision, p.moves) for p in found.proofs} == {("d boris", 4)}
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(found.as_json()))
    for one in json.loads(file.read_text()):
        check_proof(read_proof(one), LOG.verifier)
    done = checked(file)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("The proof holds: ") == len(found.proofs)
    assert "Nous avons suspendu votre compte." in done.stdout


def test_what_is_recorded_after_the_seal_waits_for_the_next(store: Database) -> None:
    commit([proposed()])
    with pytest.raises(NotFound, match="decision d boris is not in the log yet"):
        proofs("d boris", LOG.verifier)
    sealed()
    whole = proofs("d boris", LOG.verifier)
    commit([suspended(account("boris"))])
    found = proofs("d boris", LOG.verifier)
    assert found.proofs == whole.proofs
    assert found.unsealed == 2
    assert {p.moves for p in found.proofs} == {2}
    sealed()
    assert {p.moves for p in proofs("d boris", LOG.verifier).proofs} == {3}
    with pytest.raises(NotFound, match="there is no decision d9"):
        proofs("d9", LOG.verifier)


def test_an_erased_notice_is_proved_to_have_been_there(store: Database, tmp_path: Path) -> None:
    record_everything()
    sealed()
    erase("boris", None, EMIL, "he asked", NOW)
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proofs("d boris", LOG.verifier).as_json()))
    done = checked(file)
    assert done.returncode == 0, done.stderr
    assert "is a letter whose text was erased" in done.stdout
    assert "Nous avons" not in done.stdout


def test_no_proof_of_what_was_changed_or_for_another_key(store: Database) -> None:
    commit([proposed()])
    commit([reversed_(account("boris"))])
    sealed()
    with pytest.raises(Unproven):
        proofs("d boris", OTHER.verifier)
    tamper("habeas_leaf", "UPDATE {table} SET commitment = %s WHERE number = 1", b"\0" * 32)
    with pytest.raises(Unproven, match="does not lead from leaf"):
        proofs("d boris", LOG.verifier)


def test_no_proof_where_a_move_is_gone(store: Database) -> None:
    record_everything()
    sealed()
    tamper("habeas_decisionmove", "DELETE FROM {table} WHERE number = 1")
    with pytest.raises(Unproven, match=r"number 1 .from 0. is missing"):
        proofs("d boris", LOG.verifier)
