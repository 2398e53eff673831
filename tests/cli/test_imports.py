"""`habeas --help` is quick because it loads nothing heavy: a test of imports, not of time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.flows.shop import busy_shop

HEAVY = {"django", "duckdb", "numba", "numpy", "pandas", "pyarrow", "pydantic", "sqlglot", "yaml"}
LOADED = """
import atexit, json, sys
from habeas.cli import main
atexit.register(lambda: sys.stderr.write(json.dumps(sorted(sys.modules))))
main()
"""


def loaded(*words: str, inside: Path) -> set[str]:
    """The packages that a command has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *words], cwd=inside, capture_output=True, encoding="utf-8",
        timeout=60, check=False,
    )  # fmt: skip
    modules = json.loads(done.stderr.splitlines()[-1])
    return {name.split(".")[0] for name in modules}


@pytest.mark.parametrize(
    "words",
    [
        ("--help",), ("--version",), ("plan", "--help"), ("import", "--help"), ("why", "--help"),
        ("check",), ("nothing",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_help_and_usage_load_nothing_heavy(tmp_path: Path, words: tuple[str, ...]) -> None:
    found = loaded(*words, inside=tmp_path)
    assert "typer" in found
    # typer itself loads pydantic, where it is installed, to check what follows a command
    allowed = set() if words[0].startswith("--") else {"pydantic"}
    assert found & HEAVY <= allowed


def test_tables_of_rich_are_loaded_by_typer_only(tmp_path: Path) -> None:
    code = "import sys, habeas.cli.app; print([m for m in sys.modules if m.startswith('rich.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, encoding="utf-8",
        timeout=60, check=True,
    )  # fmt: skip
    own = "import sys, typer; print([m for m in sys.modules if m.startswith('rich.')])"
    typer = subprocess.run(
        [sys.executable, "-c", own], cwd=tmp_path, capture_output=True, encoding="utf-8",
        timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout == typer.stdout


def test_the_schema_of_a_file_needs_no_engine(tmp_path: Path) -> None:
    found = loaded("schema", "policy", inside=tmp_path)
    assert "pydantic" in found
    assert not found & {"duckdb", "pyarrow", "numpy", "pandas"}


def test_a_plan_loads_what_it_needs_and_no_more(tmp_path: Path) -> None:
    shop = busy_shop(tmp_path)
    words = ("plan", "--policies", "policies", "--events", "events.parquet")
    found = loaded(*words, inside=shop.root)
    assert {"numpy", "pyarrow", "sqlglot"} <= found
    assert "duckdb" not in found


def test_python_runs_it_as_a_module() -> None:
    run = [sys.executable, "-m", "habeas", "--help"]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.lstrip().startswith("Usage: habeas")
