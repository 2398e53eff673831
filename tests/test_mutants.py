"""The tool tells a test that notices from one that does not, on a tree of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import mutant_runs, mutants
from tests.mutant_runs import Worker, copied

SMALL = """\
def adult(age: int) -> bool:
    return age >= 18

def blind(age: int) -> bool:
    return age >= 18

def equivalent(age: int) -> int:
    return abs(age)

def unread(age: int) -> int:
    return age
"""
SEEN = "def doubled(n: int) -> int:\n    return n + n\n"
TESTS = """\
from habeas.seen import doubled
from habeas.small import adult, blind

def test_adult():
    assert adult(18) and not adult(17)

def test_blind():
    blind(18)

def test_doubled():
    assert doubled(2) == 4

def test_that_fails_anyway():
    assert adult(1)
"""
LISTED = "\n".join(
    ("habeas/small.py equivalent", "- return abs(age)", "+ return 0", "all are newborn here")
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    for name in ("habeas", "tests"):
        (root / name).mkdir(parents=True)
        (root / name / "__init__.py").touch()
    files = {"habeas/small.py": SMALL, "habeas/seen.py": SEEN, "tests/test_small.py": TESTS}
    files["tests/mutant_runs.py"] = Path(mutant_runs.__file__).read_text(encoding="utf-8")
    files["listed.txt"] = LISTED
    for path, text in files.items():
        (root / path).write_text(text, encoding="utf-8")
    return root


def test_what_is_noticed_what_survives_and_how_it_ends(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mutants, "ROOT", tree)
    monkeypatch.setattr(mutants, "EQUIVALENT", tree / "listed.txt")
    words = ["--module", "habeas/*.py", "--tests", "tests", "--jobs", "2"]
    before = {p: p.read_bytes() for p in tree.rglob("*") if p.is_file()}
    assert mutants.main(words) == 1
    said = capsys.readouterr().out
    seen, small = (" ".join(line.split()) for line in said.splitlines() if " % of " in line)
    assert seen == "habeas/seen.py 100.0 % of 90 % noticed 2, survived 0, equivalent 0"
    assert small == "habeas/small.py 42.9 % of 90 % noticed 3, survived 4, equivalent 1"
    survivors = [line for line in said.splitlines() if line.startswith("survived")]
    place = "survived  habeas/small.py:5: comparison: age >= 18 -> age > 18  (in blind)"
    assert place in survivors
    assert len(survivors) == 4
    assert all("(in blind)" in line or "(in unread)" in line for line in survivors)
    assert "it fails without any change: tests/test_small.py::test_that_fails_anyway" in said
    assert {p: p.read_bytes() for p in tree.rglob("*") if p.is_file()} == before
    assert mutants.main(["--module", "habeas/seen.py", *words[2:], "--sample", "1"]) == 0
    assert "noticed 1, survived 0" in capsys.readouterr().out
    (tree / "listed.txt").write_text(LISTED.replace("abs(age)", "age"), encoding="utf-8")
    assert mutants.main(["--module", "habeas/seen.py", *words[2:], "--sample", "1"]) == 1
    assert "no mutation is so" in capsys.readouterr().out


def test_a_worker_says_what_became_of_a_change(tree: Path, tmp_path: Path) -> None:
    worker = Worker(copied(tree, tmp_path / "covered"), tmp_path / "worker")
    path, tests = "habeas/small.py", ["tests/test_small.py::test_adult"]
    changes = {
        SMALL: "passed",
        SMALL.replace(">=", ">"): "failed",
        SMALL.replace("age >= 18", "1 / 0"): "failed",
        f"{SMALL}\nadult(None)\n": "broken",
        SMALL.replace("return age >= 18", "while True: pass"): "late",
    }
    try:
        for text, answer in changes.items():
            limit_s = 3.0 if answer == "late" else 120.0  # the machine may be shared
            assert worker.run(path, text, tests, limit_s) == answer
            assert (worker.copy / path).read_text(encoding="utf-8") == SMALL
        gone = ["tests/test_small.py::test_gone"]
        assert worker.run(path, SMALL, gone, 120.0) == "pytest ended with 5"
    finally:
        worker.close()


def test_a_module_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        mutants.main(["--module", "habeas/nothing.py"])
    assert ended.value.code == 2
    assert "no module is called habeas/nothing.py" in capsys.readouterr().err
