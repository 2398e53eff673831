"""What keeps Spark from running is told in one sentence, with a next step."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from habeas.core.errors import InvalidInput, Overflowed, Unavailable
from habeas.engine.cluster import REFUSED, check_needs, translated
from tests.engine.spread import MAIN, java_is_there


@pytest.mark.parametrize(
    "master",
    ["", "lokal", "local[0]", "local[x]", "local-cluster[2,1]", "spark://host", "http://host:1"],
)
def test_a_master_that_is_none(master: str) -> None:
    java_is_there()
    with pytest.raises(InvalidInput, match="is no master of Spark") as raised:
        check_needs(master)
    assert "local[2]" in raised.value.hint


@pytest.mark.parametrize(
    "master", ["local", "local[*]", "local[2]", "local[2,3]", "local-cluster[2,1,1024]", "yarn"]
)
def test_masters(master: str) -> None:
    java_is_there()
    check_needs(master)


def closed_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_a_master_that_does_not_answer() -> None:
    java_is_there()
    master = f"spark://127.0.0.1:{closed_port()}"
    with pytest.raises(Unavailable, match=f"the master '{master}' does not answer: ") as raised:
        check_needs(master)
    assert "--master" in raised.value.hint


def test_one_live_master_of_several_is_enough() -> None:
    java_is_there()
    with socket.create_server(("127.0.0.1", 0)) as live:
        check_needs(f"spark://127.0.0.1:{closed_port()},127.0.0.1:{live.getsockname()[1]}")


def test_java_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    java_is_there()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(Unavailable, match="needs Java, which was not found") as raised:
        check_needs("local")
    assert "Java 17" in raised.value.hint


@pytest.mark.parametrize("name", ["pyspark", "pandas", "google.protobuf"])
def test_a_package_is_missing(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for loaded in [name, *(m for m in sys.modules if m.startswith(f"{name}."))]:
        monkeypatch.delitem(sys.modules, loaded, raising=False)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Unavailable, match=f"needs the package {name}, which is not") as raised:
        check_needs("local")
    assert raised.value.hint == "pip install 'habeas[spark]'"


def put_java(folder: Path, version: str) -> None:
    """A Java that tells its version, and fails at anything else."""
    java = folder / "bin" / "java"
    java.parent.mkdir()
    java.write_text(
        f"#!/bin/sh\n[ $1 = -version ] && echo '{version}' >&2 && exit 0\n"
        "echo 'Error: no room for a machine' >&2; exit 1\n",
        encoding="utf-8",
    )
    java.chmod(0o755)


@pytest.mark.parametrize(
    ("version", "said"),
    [('openjdk version "11.0.2"', "is Java 11"), ("what?", "is no Java that works")],
)
def test_an_old_java(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, said: str
) -> None:
    java_is_there()
    put_java(tmp_path, version)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(Unavailable, match=f"needs Java 17; .*{said}"):
        check_needs("local")


def test_a_java_that_cannot_run_spark(tmp_path: Path) -> None:
    """Apart, since pyspark leaves a file open where it cannot start."""
    java_is_there()
    put_java(tmp_path, 'openjdk version "21.0.1"')
    code = "from habeas.engine.cluster import session\nwith session('local'): pass"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env=os.environ | {"JAVA_HOME": str(tmp_path), "TMPDIR": str(tmp_path)}, check=False,
    )  # fmt: skip
    said = "Unavailable: Spark did not start on 'local': no room for a machine"
    assert done.stderr.splitlines()[-1].endswith(said)
    assert [p.name for p in tmp_path.iterdir()] == ["bin"]


def test_what_a_worker_refused_is_raised_as_it_was() -> None:
    said = Overflowed("the fact `n` of account 'a' outgrew 64 bits", "look at the amounts")
    text = f"Traceback\nRuntimeError: {REFUSED}{json.dumps(said.as_json())}\n\tat java.Thread"
    error = translated(RuntimeError(text))
    assert isinstance(error, Overflowed)
    assert (error.message, error.hint) == (said.message, said.hint)


def test_anything_else_is_one_sentence() -> None:
    text = "Traceback (most recent call last):\n  File 'a'\nValueError: no\n\tat java.Thread"
    error = translated(RuntimeError(text))
    assert error.message == "Spark could not finish: ValueError: no"
    assert "\n" not in translated(RuntimeError("one\ntwo")).message
    assert "cannot read" in translated(RuntimeError("[FAILED_READ_FILE.X] a\nb")).message


def test_a_machine_that_ended_is_told() -> None:
    for error in (ConnectionRefusedError(111, "Connection refused"), EOFError()):
        told = translated(error)
        assert told.message == "Spark ended before the work did"
        assert "spark.driver.memory" in told.hint


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--engine", "spark", "--master", "nowhere"), 3, "'nowhere' is no master of Spark"),
        (("--engine", "fast", "--master", "local"), 2, "--master goes with --engine spark"),
        (("--engine", "sparc"), 2, "'sparc' is not one of: fast, python, spark"),
    ],
)
def test_the_command_says_so(words: tuple[str, ...], code: int, said: str, tmp_path: Path) -> None:
    java_is_there()
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "facts", "--policies", "p", "--events", "e", "--out", "o",
         *words, "--json"],
        cwd=tmp_path, env=dict(os.environ), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert done.stderr == ""
    assert said in json.loads(done.stdout)["message"]
