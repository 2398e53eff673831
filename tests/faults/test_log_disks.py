"""A log on a disk that is full, fails, or may not be written: nothing acknowledged is lost."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from habeas.core.errors import InvalidInput, Unwritable
from habeas.core.policy import Schema
from habeas.core.policy.shapes import SchemaShape
from habeas.engine.log import Log
from habeas.engine.logged import Reader
from habeas.engine.segments import FrameKind, LogMark
from habeas.engine.snapshots import read_meta, write_snapshot
from habeas.ports.files import Lines
from habeas.ports.tables import events_table
from tests.engine.logs import append, contents, followed, made, opened, plain, rows_of, walked
from tests.engine.making import SCHEMA
from tests.faults.conftest import Disk

NO_MOUNT = "this machine lets us mount no small disk"


@pytest.fixture
def small(disk: Disk) -> Iterator[Disk]:
    if not disk.mounted:
        pytest.skip(NO_MOUNT)
    yield disk
    disk.make_room()


def wide() -> Schema:
    """A schema of more than one page of a disk."""
    told: Any = SCHEMA.as_json()
    more = {f"attribute_{n}": {"type": "integer"} for n in range(300)}
    told["attributes"] |= more
    return Schema(SchemaShape.model_validate(told))


# Full


@pytest.mark.parametrize("leave", [0, 4096, 20_000])
def test_an_append_onto_a_full_disk_takes_nothing_and_goes_on(small: Disk, leave: int) -> None:
    folder = small.root / "log"
    with opened(folder) as log:
        append(log, made(100))
        log.acknowledge(5)
        small.fill(leave)
        before = contents(folder)
        for _ in range(2):
            with pytest.raises(Unwritable, match="No space left on device"):
                append(log, made(2000, 100))
            assert contents(folder) == before
            assert len(log) == 100
        log.acknowledge(6)  # it has a place already
        with followed(folder) as reader:
            assert rows_of(reader) == plain(made(100))
            assert reader.mark.findings == 6
        small.make_room()
        append(log, made(2000, 100))
        assert rows_of(log, most=5000) == plain(made(2100))
    with opened(folder) as log:
        assert rows_of(log, most=5000) == plain(made(2100))


@pytest.mark.parametrize("leave", [0, 4096, 8192, 16_384])
def test_a_segment_that_a_full_disk_kept_from_being_begun_is_begun_later(
    small: Disk, leave: int
) -> None:
    folder, schema = small.root / "log", wide()
    with opened(folder, schema, segment_bytes=1) as log:
        log.append(events_table(made(3), schema), {})
        log.acknowledge()
        small.fill(leave)
        for _ in range(2):
            with pytest.raises(Unwritable, match="No space left on device"):
                log.append(events_table(made(2, 3), schema), {})
        with opened_copy(folder, small.root.parent / f"copy {leave}", schema) as crashed:
            assert len(crashed) == 3
        small.make_room()
        log.append_policies({"policies": {}})
        log.append(events_table(made(2, 3), schema), {})
        assert log.ids(range(5)) == [e.id for e in made(5)]
        log.acknowledge()
    told = walked(folder).told
    assert [kind for kind, _, _ in told if kind != 0].count(2) == 1
    with opened(folder, schema) as log, followed(folder, schema) as reader:
        for one in (log, reader):
            assert [row["id"] for row in rows_of(one)] == [e.id for e in made(5)]
            assert len(list(one.metas(FrameKind.POLICIES))) == 1


def opened_copy(folder: Path, copy: Path, schema: Schema) -> Any:
    """The log as a crash now would leave it, on another disk."""
    copy.mkdir()
    for name, data in contents(folder).items():
        (copy / name).write_bytes(data)
    return opened(copy, schema)


def test_a_log_is_begun_when_there_is_room(small: Disk) -> None:
    folder = small.root / "log"
    small.fill(0)
    for _ in range(2):
        with pytest.raises(Unwritable, match="No space left on device"):
            Log(folder, SCHEMA)
    small.make_room()
    with opened(folder) as log:
        append(log, made(2))
        assert rows_of(log) == plain(made(2))


def test_lines_on_a_full_disk_are_not_there(small: Disk) -> None:
    lines = Lines(small.root / "findings.ndjson", 0, "the findings")
    lines.append(["one"])
    small.fill(4096)
    with pytest.raises(Unwritable, match="No space left on device"):
        lines.append(f"line {n}" for n in range(10_000))
    assert (small.root / "findings.ndjson").read_bytes() == b"one\n"
    small.make_room()
    lines.append(["two"])
    lines.close()
    assert (small.root / "findings.ndjson").read_bytes() == b"one\ntwo\n"


def test_a_snapshot_on_a_full_disk_leaves_the_old_one_and_no_part(small: Disk) -> None:
    path = small.root / "snapshot"
    write_snapshot(path, {"old": 1}, {"some": np.arange(10)})
    small.fill(8192)
    with pytest.raises(OSError, match="No space left on device"):
        write_snapshot(path, {"new": 1}, {"some": np.arange(10_000)})
    assert read_meta(path) == {"old": 1}
    assert sorted(p.name for p in small.root.iterdir()) == ["filler", "snapshot"]


# Failing


class Failing:
    """`os.fdatasync` of a disk that fails so many times, beginning with the n-th."""

    def __init__(self, patch: pytest.MonkeyPatch, first: int, times: int) -> None:
        self.sync, self.calls = os.fdatasync, 0
        self.fails = range(first, first + times)
        patch.setattr(os, "fdatasync", self)

    def __call__(self, file: int) -> None:
        self.calls += 1
        if self.calls in self.fails:
            raise OSError(5, "Input/output error")
        self.sync(file)


def test_what_could_not_be_made_durable_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path / "log") as log:
        append(log, made(2))
        log.acknowledge()
        before = contents(log.folder)
        Failing(monkeypatch, 1, 1)
        with pytest.raises(Unwritable, match="Input/output error"):
            append(log, made(2, 2))
        assert contents(log.folder) == before
        append(log, made(3, 2))
        assert rows_of(log) == plain(made(5))
    with opened(tmp_path / "log") as log:
        assert rows_of(log) == plain(made(5))


@pytest.mark.parametrize("segment_bytes", [1, 1 << 20])
def test_where_it_cannot_be_taken_back_this_process_writes_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, segment_bytes: int
) -> None:
    with opened(tmp_path / "log", segment_bytes=1 << 20) as log:
        append(log, made(2))
        log.acknowledge()
        with monkeypatch.context() as patch:
            Failing(patch, 1, 2)
            with pytest.raises(Unwritable, match="Input/output error"):
                append(log, made(2, 2))
        before, log.segment_bytes = contents(log.folder), segment_bytes
        for _ in range(2):
            with pytest.raises(Unwritable, match="could not be written before"):
                append(log, made(2, 2))
            with pytest.raises(Unwritable, match="could not be written before"):
                log.append_policies({"policies": {}})
        assert contents(log.folder) == before
    with opened(tmp_path / "log") as log:
        assert rows_of(log) == plain(made(2))
        append(log, made(2, 2))


def test_a_file_that_takes_no_bytes_is_left_to_the_next_start(tmp_path: Path) -> None:
    with opened(tmp_path / "log") as log:
        append(log, made(2))
        with (tmp_path / "log" / f"{0:020}.log").open("rb") as only_read:
            os.dup2(only_read.fileno(), log.file)
        with pytest.raises(Unwritable):
            append(log, made(2, 2))
        with pytest.raises(Unwritable, match="could not be written before"):
            append(log, made(2, 2))
    with opened(tmp_path / "log") as log:
        append(log, made(2, 2))
        assert rows_of(log) == plain(made(4))


@pytest.mark.parametrize("call", [1, 2])
def test_a_segment_that_could_not_be_begun_is_begun_by_the_next_append(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    with opened(tmp_path / "log", segment_bytes=1) as log:
        append(log, made(2))
        with monkeypatch.context() as patch:
            Failing(patch, call, 1)
            with pytest.raises(Unwritable, match="Input/output error"):
                append(log, made(2, 2))
        log.segment_bytes = 1 << 20
        log.append_policies({"policies": {}})
        append(log, made(2, 2))
        assert rows_of(log) == plain(made(4))
    with opened(tmp_path / "log") as log:
        assert rows_of(log) == plain(made(4))
    assert walked(tmp_path / "log").rows == plain(made(4))


def test_a_mark_that_failed_never_costs_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path / "log") as log:
        append(log, made(2))
        log.acknowledge(1)
        good = walked(log.folder).marks[-1]
        place = good[0] % 2 * 512
        kept = contents(log.folder)["mark"][place : place + 52]
        Failing(monkeypatch, 1, 2)
        for findings in (2, 3):
            with pytest.raises(Unwritable, match="Input/output error"):
                log.acknowledge(findings)
            assert contents(log.folder)["mark"][place : place + 52] == kept
            assert log.mark == LogMark(2, 0, log.end[1], 1)
        log.acknowledge(4)
        assert [mark[4] for mark in walked(log.folder).marks] == [1, 4]


# Read-only


@pytest.fixture
def locked(mounts: Callable[..., Path | None], tmp_path: Path) -> Path:
    """A folder with a log that may not be written."""
    folder = tmp_path / "log"
    with opened(folder) as log:
        append(log, made(3))
        log.acknowledge()
    if os.geteuid() != 0:
        for path in (*folder.iterdir(), folder):
            path.chmod(0o555 if path.is_dir() else 0o444)
        return folder
    mounted = mounts("-o", "bind", str(folder))
    if mounted is None:
        pytest.skip(NO_MOUNT)
    subprocess.run(["mount", "-o", "remount,ro,bind", str(mounted)], check=True)
    return mounted


def test_a_folder_that_may_not_be_written_is_read(locked: Path) -> None:
    before = contents(locked)
    with pytest.raises(Unwritable, match=r"cannot be written: (Read-only file|Permission denied)"):
        Log(locked, SCHEMA)
    with pytest.raises(Unwritable, match="cannot be written: "):
        Log(locked / "inside", SCHEMA)
    with followed(locked) as reader:
        reader.refresh()
        assert rows_of(reader) == plain(made(3))
    assert contents(locked) == before


def test_a_file_in_the_place_of_a_log_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x")
    with pytest.raises(Unwritable, match="cannot be written: File exists"):
        Log(tmp_path / "log", SCHEMA)
    with pytest.raises(InvalidInput, match="cannot be read: Not a directory"):
        Reader(tmp_path / "log", SCHEMA)
