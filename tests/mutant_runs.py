"""Runs of tests on changed modules, in copies of the tree: `tests.mutants` tells what to run.

A `Bench` has one copy for each process. What covers a line is found once, by pytest-cov with a
context for each test. A worker is a process in its copy that has loaded what takes long to load
(nothing of ours); for each mutant it forks, and the fork runs pytest: it ends at the first test
that fails, or when its time is over."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

# Not in a copy: what is no source, and the pages that runs leave.
LEFT = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", "demo", "__pycache__")
LOADED = ("numpy", "numba", "pyarrow.parquet", "duckdb", "sqlglot", "pydantic", "yaml", "rich",
          "django.db.models", "django.db.backends.sqlite3.base", "cryptography.fernet", "typer",
          "django.db.migrations.executor", "psycopg", "jsonschema", "typst")  # fmt: skip
QUICK = "not slow and not spark and not postgres and not lives"
SPARE_S, TIMES = 10.0, 5.0  # of a run: how long it may take more than the same tests did
LONGEST_S = 60.0  # of tests on one mutant, beside those of its own file
MOST_BYTES = 4 << 30  # of memory, since a loop may not end
PASSED, FAILED, INTERRUPTED = 0, 1, 2  # of pytest; the latter when a module cannot be loaded


@dataclass(slots=True)
class Cover:
    """Which tests ran a line of a module, and how long each test takes, seconds. A test is all
    cases of one function. `failed` fail without any change, and are left out."""

    lines: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def tests(self, module: str, lines: Iterable[int]) -> list[str]:
        """What runs one of these lines, its own file first, then its own folder, then the quickest;
        of what runs on import, all that runs the module, and all of its own folder: who reads a
        constant or makes a value of a class runs no line of it."""
        known, own = self.lines.get(module, {}), mirrored(module)
        of, folder = [known.get(n, set()) for n in lines], own.rpartition("/")[0]
        if not of:
            of = [*known.values(), {t for t in self.seconds if t.startswith(f"{folder}/")}]
        return sorted(
            set().union(*of) - self.failed,
            key=lambda t: (
                not _is_of(t, own),
                not t.startswith(f"{folder}/"),
                self.seconds.get(t, 0.0),
                t,
            ),
        )

    def chosen(self, module: str, lines: Iterable[int], longest_s: float = LONGEST_S) -> list[str]:
        """The same, but no more than may be run."""
        found, spent, own = [], 0.0, mirrored(module)
        for test in self.tests(module, lines):
            spent += self.seconds.get(test, 0.0)
            if spent <= longest_s or _is_of(test, own):
                found.append(test)
        return found


def mirrored(module: str) -> str:
    """How the names of a module's own tests begin: those of its file, and of files named after
    it with more behind."""
    path = Path(module)
    return Path("tests", *path.parts[1:-1], f"test_{path.stem}").as_posix()


def _is_of(test: str, own: str) -> bool:
    return test.startswith((f"{own}.py::", f"{own}_"))


def copied(root: Path, folder: Path) -> Path:
    """A copy of the tree to work in."""
    return Path(shutil.copytree(root, folder, ignore=LEFT))


def cover(copy: Path, modules: Iterable[str], tests: Sequence[str], jobs: int) -> Cover:
    """Run the tests once. Raises CalledProcessError where they cannot be run."""
    config = copy / "cover.ini"
    names = "\n  ".join(f"*/{m}" for m in modules)
    config.write_text(f"[run]\ninclude =\n  {names}\n", encoding="utf-8")
    words = [*tests, "-m", QUICK, "-n", str(jobs), "--cov", f"--cov-config={config}"]
    words += ["--cov-context=test", "--cov-report=", "-q"]
    command = [sys.executable, "-m", "tests.mutant_runs", "cover", json.dumps(words)]
    subprocess.run(command, cwd=copy, env=_environment(copy), check=True, stdout=subprocess.PIPE)
    told = json.loads((copy / "cover.json").read_text(encoding="utf-8"))
    return Cover(_contexts(copy / ".coverage"), told["seconds"], set(told["failed"]))


def _contexts(path: Path) -> dict[str, dict[int, set[str]]]:
    from coverage import CoverageData

    data, found = CoverageData(str(path)), {}
    data.read()
    for name in data.measured_files():
        relative = Path(name).relative_to(path.parent).as_posix()
        lines = data.contexts_by_lineno(name)
        found[relative] = {n: {test_of(c) for c in cs if c} for n, cs in lines.items()}
    return found


def test_of(context: str) -> str:
    """The function of one of its cases, as coverage and pytest name it: without `[x]|call`."""
    return context.partition("|")[0].partition("[")[0]


def _environment(copy: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(copy), "HABEAS_PROFILE": "mutants"}


class _Times:
    """A plugin: how long each test took, and which failed."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.failed: set[str] = set()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = test_of(report.nodeid)
        self.seconds[name] = self.seconds.get(name, 0.0) + report.duration
        if report.failed:
            self.failed.add(name)


class _Chosen:
    """A plugin: these tests alone, in this order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.place = {test: n for n, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        chosen = [item for item in items if test_of(item.nodeid) in self.place]
        items[:] = sorted(chosen, key=lambda item: self.place[test_of(item.nodeid)])


class Worker:
    """One process in its copy of the tree, made of one in which the tests ran: with its compiled
    modules."""

    def __init__(self, covered: Path, copy: Path) -> None:
        self.copy = Path(shutil.copytree(covered, copy))
        command = [sys.executable, "-m", "tests.mutant_runs", "work"]
        self._process = subprocess.Popen(
            command, cwd=copy, env=_environment(copy), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def run(self, module: str, source: str, tests: Sequence[str], limit_s: float) -> str:
        """Of a changed module: `passed`, `failed`, `broken` (it cannot be loaded), `late`; or what
        pytest said, where it could not run."""
        path = self.copy / module
        before = path.read_text(encoding="utf-8")
        path.write_text(source, encoding="utf-8")
        try:
            asked = {"tests": [*tests], "limit": limit_s}
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            print(json.dumps(asked), file=self._process.stdin, flush=True)
            return str(json.loads(self._process.stdout.readline()))
        finally:
            path.write_text(before, encoding="utf-8")

    def close(self) -> None:
        self._process.communicate()  # it ends when nothing more is asked


def _work() -> None:
    sys.dont_write_bytecode = True  # two changes within a second would be taken for one
    for name in LOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    out = os.dup(1)
    for line in sys.stdin:
        answer = _tried(json.loads(line))
        os.write(out, (json.dumps(answer) + "\n").encode())


def _tried(asked: Mapping[str, Any]) -> str:
    child = os.fork()
    if not child:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_DATA, (MOST_BYTES, MOST_BYTES))
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        said = os.open("said.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(said, 1)
        os.dup2(said, 2)
        code = _pytest(asked["tests"])
        sys.stdout.flush()
        os._exit(code)
    until = time.monotonic() + asked["limit"]
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return _answer(os.waitstatus_to_exitcode(status))
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "late"


def _answer(code: int) -> str:
    known = {PASSED: "passed", FAILED: "failed", INTERRUPTED: "broken"}
    if code < 0:
        return "broken"  # by a signal, as when memory is short
    return known.get(code) or f"pytest ended with {code}"


def _pytest(tests: Sequence[str]) -> int:
    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
    words = ["-q", "-x", "-p", "no:cacheprovider", "-m", QUICK, "--basetemp=tried", "--tb=line"]
    return int(pytest.main([*words, *files], plugins=[_Chosen(tests)]))


def _cover(words: list[str]) -> int:
    times = _Times()
    code = pytest.main(words, plugins=[times])
    told = {"seconds": times.seconds, "failed": sorted(times.failed)}
    Path("cover.json").write_text(json.dumps(told), encoding="utf-8")
    return 0 if code in (PASSED, FAILED) else int(code)


if __name__ == "__main__":
    if sys.argv[1] == "cover":
        raise SystemExit(_cover(json.loads(sys.argv[2])))
    _work()
