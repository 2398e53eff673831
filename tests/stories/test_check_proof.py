"""A stranger checks a proof file with examples/check_proof.py, which knows nothing of Habeas."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT
from tests.core.log.logs import LOG, OTHER, grown, moved, proved

SCRIPT = ROOT / "examples" / "check_proof.py"
KEY = str(LOG.verifier)
VALUE = '{"account":"A5","measure":"warn","share":0.7142857142857143}'


def run(folder: Path, file: object, *more: str) -> tuple[int, str]:
    """Exit code and the one sentence. -I: neither Habeas nor this folder can be imported."""
    path = folder / "proof.json"
    text = file if isinstance(file, str) else json.dumps(file)
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", str(SCRIPT), str(path), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    assert said.count("\n") == 1, said
    assert bool(done.stderr) == bool(done.returncode)
    return done.returncode, said.rstrip("\n")


def test_the_script_is_short_and_independent() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert len([line for line in text.splitlines() if line.strip()]) <= 150
    found = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module] if isinstance(node, ast.ImportFrom) else [node.names[0].name])
    }
    assert found - sys.stdlib_module_names == {"cryptography"}


def test_a_proof_holds_in_one_sentence(tmp_path: Path) -> None:
    assert run(tmp_path, proved().as_json(), KEY) == (
        0,
        "The proof holds: leaf 5 of 11 of shop.example/log, for decision d5, which had 0 moves "
        f"then, is the decision {VALUE}.",
    )


def test_without_a_key_nothing_is_checked(tmp_path: Path) -> None:
    """Also where the proof is broken: what is not checked is neither good nor bad."""
    for file in (proved().as_json(), proved().as_json() | {"index": 6}, {}):
        code, said = run(tmp_path, file)
        assert code == 2
        assert "proves nothing about who signed it" in said
    done = subprocess.run([sys.executable, "-I", str(SCRIPT)], capture_output=True, check=False)
    assert done.returncode == 2


def test_one_of_several_trusted_keys_is_enough(tmp_path: Path) -> None:
    assert run(tmp_path, proved().as_json(), str(OTHER.verifier), KEY)[0] == 0


def test_an_erased_value_still_proves_that_something_is_there(tmp_path: Path) -> None:
    code, said = run(tmp_path, proved(erased=True).as_json(), KEY)
    assert code == 0
    assert said.endswith("which had 0 moves then, is a decision whose text was erased.")


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
        "key": ({"verifier_key": str(OTHER.verifier)}, "it names another key than the one you"),
        "index as a fraction": ({"index": 5.0}, "'index' is not a whole number"),
        "moves as a truth": ({"moves": True}, "'moves' is not a whole number"),
        "moves beyond": ({"moves": 12}, "a log of 11 cannot have 12 moves"),
        "junk": ({"path": ["?" + path[0], *path[1:]]}, f"'?{path[0]}' is not base64"),
        "path missing": ({"path": None}, "the file cannot be read as a proof"),
    }


@pytest.mark.parametrize("name", tampered())
def test_each_change_is_told_from_the_others(tmp_path: Path, name: str) -> None:
    changed, said = tampered()[name]
    code, sentence = run(tmp_path, proved().as_json() | changed, KEY)
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
    code, sentence = run(tmp_path, proved().as_json() | changed, KEY)
    assert code == 1
    assert said in sentence


SPELLINGS = {
    "no padding": lambda text: text.rstrip("="),
    "other last bits": lambda text: text[:-2] + chr(ord(text[-2]) + 1) + "=",
    "a line end": lambda text: text + "\n",
    "url letters": lambda text: "-" + text[1:],
    "nothing": lambda text: text[:0],
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_hash_has_one_spelling(tmp_path: Path, name: str) -> None:
    file = proved().as_json()
    first, *rest = map(str, file["path"])  # type: ignore[call-overload]
    code, said = run(tmp_path, file | {"path": [SPELLINGS[name](first), *rest]}, KEY)
    assert code == 1
    assert said.startswith("The proof does not hold: ")
    assert "is not base64" in said


def test_true_is_no_index(tmp_path: Path) -> None:
    file = proved(1).as_json() | {"index": True}
    said = "The proof does not hold: 'index' is not a whole number."
    assert run(tmp_path, file, KEY) == (1, said)


def test_a_name_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    text = json.dumps(proved().as_json())
    for twice in (text.replace("{", '{"index": 6, ', 1), text[:-1] + ', "index": 5}'):
        code, said = run(tmp_path, twice, KEY)
        assert (code, said) == (
            1, "The proof does not hold: the file gives 'index' twice in one place.",
        )  # fmt: skip


@pytest.mark.parametrize("text", ["[" * 200_000, '{"a":' * 200_000])
def test_what_is_nested_too_deeply_is_refused(tmp_path: Path, text: str) -> None:
    said = "The proof does not hold: the file is nested too deeply."
    assert run(tmp_path, text, KEY) == (1, said)


def test_a_list_proves_every_move(tmp_path: Path) -> None:
    files = [one.as_json() for one in moved(3)]
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(files), encoding="utf-8")
    command = [sys.executable, "-I", str(SCRIPT), str(path), KEY]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.count("which had 3 moves then, is the ")) == (0, 4)


@pytest.mark.parametrize(
    ("left", "lacks"), [((0, 1, 2), "2"), ((0, 2, 3), "0"), ((0,), "0, 1, 2"), ((1, 3), "1")]
)
def test_a_list_that_lacks_moves_is_named(
    tmp_path: Path, left: tuple[int, ...], lacks: str
) -> None:
    files = [moved(3)[n].as_json() for n in left]
    said = f"of the 3 moves of decision d0 the list lacks {lacks} (from 0)"
    assert run(tmp_path, files, KEY) == (1, f"The proof does not hold: {said}.")


def test_a_move_of_another_decision_fills_no_gap(tmp_path: Path) -> None:
    files = [one.as_json() for one in moved(3)]
    files[2] = moved(3, "d1")[2].as_json() | {"decision": "d0"}
    said = "The proof does not hold: a move of d1 is given for d0."
    assert run(tmp_path, files, KEY) == (1, said)


def test_a_key_that_is_not_the_trusted_one_is_refused(tmp_path: Path) -> None:
    code, said = run(tmp_path, proved().as_json(), str(OTHER.verifier))
    assert (code, said) == (
        1,
        "The proof does not hold: it names another key than the one you trust.",
    )


def test_an_empty_list_proves_nothing(tmp_path: Path) -> None:
    assert run(tmp_path, [], KEY) == (1, "The proof does not hold: the file is empty.")


@pytest.mark.parametrize("file", [{}, "x", None, {"format": "habeas-proof-v1"}])
def test_what_is_no_proof_file_is_said_in_one_sentence(tmp_path: Path, file: object) -> None:
    code, said = run(tmp_path, file, KEY)
    assert code == 1
    assert "the file cannot be read as a proof" in said


@pytest.mark.parametrize(
    ("old", "new"), [(1, 2), (3, 7), (4, 7), (6, 8), (7, 7), (8, 8), (8, 100), (63, 100), (64, 65)]
)
def test_the_log_goes_on_from_a_head(tmp_path: Path, old: int, new: int) -> None:
    said = f"The proof holds: the log of {new} of shop.example/log goes on from that of {old}."
    assert run(tmp_path, grown(old, new).as_json(), KEY) == (0, said)


def broken_growth() -> dict[str, tuple[dict[str, object], str]]:
    file, beside = grown(6, 11).as_json(), grown(6, 11, other=2).as_json()
    path = [str(one) for one in grown(6, 11).as_json()["path"]]  # type: ignore[attr-defined]
    return {
        "beside": ({"old": beside["old"]}, "the path does not give the root that was signed for 6"),
        "grown beside": ({"new": beside["new"]}, "the path does not give the root that was signed"),
        "turned round": (
            {"old": file["new"], "new": file["old"]},
            "nothing proves a log of 6 to go on from 11",
        ),
        "short": ({"path": path[1:]}, "the path"),
        "long": ({"path": [*path, path[0]]}, "the path is not one of these sizes"),
        "no path": ({"path": []}, "the path is not one of these sizes"),
        "one head": ({"new": file["old"]}, "between two heads of one size there is no path"),
        "unsigned": (
            {"old": str(file["old"]).replace("shop.example/log ", "shop.example/lag ")},
            "the checkpoint has no signature of the key",
        ),
    }


@pytest.mark.parametrize("name", broken_growth())
def test_a_log_that_does_not_go_on_is_named(tmp_path: Path, name: str) -> None:
    changed, said = broken_growth()[name]
    code, sentence = run(tmp_path, grown(6, 11).as_json() | changed, KEY)
    assert code == 1
    assert sentence.startswith(f"The proof does not hold: {said}")


def test_both_heads_are_of_trusted_keys(tmp_path: Path) -> None:
    file = grown(6, 11).as_json()
    assert run(tmp_path, file)[0] == 2
    assert run(tmp_path, file, str(OTHER.verifier))[0] == 1
