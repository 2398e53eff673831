"""A stranger checks a proof file with examples/check_proof.py, which knows nothing of Habeas."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tests.core.log.logs import LOG, OTHER, proved

SCRIPT = ROOT / "examples" / "check_proof.py"
KEY = str(LOG.verifier)
VALUE = '{"account":"A5","measure":"warn","share":0.7142857142857143}'


def run(folder: Path, file: object, *more: str) -> tuple[int, str]:
    """Exit code and the one sentence. -I: neither Habeas nor this folder can be imported."""
    path = folder / "proof.json"
    path.write_text(json.dumps(file), encoding="utf-8")
    command = [sys.executable, "-I", str(SCRIPT), str(path), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert said.count("\n") == 1, said
    assert bool(done.stderr) == bool(done.returncode)
    return done.returncode, said.rstrip("\n")


def test_the_script_is_short_and_independent() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert len([line for line in text.splitlines() if line.strip()]) <= 72
    found = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [node.names[0].name])
    }
    assert found - sys.stdlib_module_names == {"cryptography"}


def test_a_proof_holds_in_one_sentence(tmp_path: Path) -> None:
    held = f"The proof holds: leaf 5 of 11 of shop.example/log is the decision {VALUE}, signed with"
    file = proved().as_json()
    assert run(tmp_path, file, KEY) == (0, f"{held} the key you gave.")
    assert run(tmp_path, file) == (0, f"{held} {KEY} (compare it with the published key).")


def test_an_erased_value_still_proves_that_something_is_there(tmp_path: Path) -> None:
    code, said = run(tmp_path, proved(erased=True).as_json(), KEY)
    assert code == 0
    assert "leaf 5 of 11 of shop.example/log is a decision whose text was erased, signed" in said


@pytest.mark.parametrize(("index", "count"), [(0, 1), (0, 2), (6, 7), (12, 13), (63, 100)])
def test_the_script_climbs_trees_of_other_shapes(tmp_path: Path, index: int, count: int) -> None:
    assert run(tmp_path, proved(index, count).as_json(), KEY)[0] == 0


def tampered() -> dict[str, tuple[dict[str, object], str]]:
    """What was changed in the file, and what the script says of it."""
    file = proved().as_json()
    path, note = list(file["path"]), str(file["checkpoint"])
    text, lines = note.split("\n\n")
    theirs = lines.split("\n")[1]
    return {
        "format": ({"format": "v0"}, "the file is not of the format habeas-proof-v1"),
        "kind": ({"kind": "notice"}, "the kind and the commitment do not give the leaf hash"),
        "value": (
            {"value": VALUE.replace("warn", "close")},
            "the value and the salt do not give the commitment",
        ),
        "salt dropped": ({"salt": None}, "of the value and its salt one is missing"),
        "index": ({"index": 6}, "the path does not lead from the leaf to the signed root"),
        "index beyond": ({"index": 11}, "there is no leaf 11 in a log of 11"),
        "index before": ({"index": -1}, "there is no leaf -1 in a log of 11"),
        "path short": ({"path": path[:-1]}, "the path is too short for leaf 5 of 11"),
        "path long": ({"path": [*path, path[0]]}, "the path is not one for leaf 5 of 11"),
        "size": (
            {"checkpoint": note.replace("\n11\n", "\n12\n")},
            "the signature of shop.example/log is not one of this checkpoint",
        ),
        "unsigned": (
            {"checkpoint": f"{text}\n\n{theirs}\n"},
            f"the checkpoint has no signature of the key {KEY}",
        ),
        "key": (
            {"verifier_key": KEY.replace("shop", "shoq")},
            "name, id and key of the verifier key do not fit",
        ),
        "other key": (
            {"verifier_key": str(OTHER.verifier)},
            "the checkpoint is of another log, shop.example/log",
        ),
        "path missing": ({"path": None}, "the file cannot be read as a proof"),
    }


@pytest.mark.parametrize("name", tampered())
def test_each_change_is_told_from_the_others(tmp_path: Path, name: str) -> None:
    changed, said = tampered()[name]
    code, sentence = run(tmp_path, proved().as_json() | changed)
    assert code == 1
    assert sentence.startswith(f"The proof does not hold: {said}")
    others = [reason for other, (_, reason) in tampered().items() if other != name]
    assert not any(reason in sentence for reason in others)


def other_ways() -> dict[str, tuple[dict[str, object], str]]:
    """Changes that no checker can tell from one above: only both parts together are wrong."""
    path = list(proved().as_json()["path"])
    note = str(proved().as_json()["checkpoint"])
    return {
        "salt": ({"salt": "ff" * 16}, "the value and the salt do not give the commitment"),
        "commitment": ({"commitment": "ff" * 32}, "the value and the salt do not give"),
        "leaf hash": ({"leaf_hash": "ff" * 32}, "the kind and the commitment do not give"),
        "path": ({"path": [path[1], path[0], *path[2:]]}, "the path does not lead from the leaf"),
        "root": (
            {"checkpoint": note.replace(note.split("\n")[2], "A" * 43 + "=")},
            "the signature of shop.example/log is not one of this checkpoint",
        ),
    }


@pytest.mark.parametrize("name", other_ways())
def test_changes_of_either_of_two_parts_are_told_alike(tmp_path: Path, name: str) -> None:
    changed, said = other_ways()[name]
    code, sentence = run(tmp_path, proved().as_json() | changed)
    assert code == 1
    assert said in sentence


def test_a_key_that_is_not_the_trusted_one_is_refused(tmp_path: Path) -> None:
    code, said = run(tmp_path, proved().as_json(), str(OTHER.verifier))
    assert (code, said) == (
        1,
        "The proof does not hold: it names another key than the one you trust.",
    )


def test_an_empty_list_proves_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, []) == (1, "The proof does not hold: the file is empty.")


@pytest.mark.parametrize("file", [{}, "x", None, {"format": "habeas-proof-v1"}])
def test_what_is_no_proof_file_is_said_in_one_sentence(tmp_path: Path, file: object) -> None:
    code, said = run(tmp_path, file)
    assert code == 1
    assert "the file cannot be read as a proof" in said
