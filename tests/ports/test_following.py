"""One file or pipe that is followed: every record once, whatever is cut, replaced or late."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from habeas.core.errors import InvalidInput, NotFound
from habeas.ports.arrivals import Arrivals, EventIntake
from habeas.ports.following import LONGEST_LINE, Pipe, ReadingPlan
from tests.core.samples import SCHEMA as TEXT
from tests.ports.growing import (
    NOW,
    SCHEMA,
    Position,
    add,
    feeding,
    ids,
    line,
    lines,
    now_us,
    parquet,
    some,
    whole,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "in.ndjson"


# one file of NDJSON


def test_a_file_is_read_to_its_end_in_batches(path: Path) -> None:
    path.write_bytes(lines(*range(7)))
    found = list(feeding(path, size=3))
    assert [ids(one) for one in found] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [one.behind for one in found] == [len(lines(3, 4, 5, 6)), len(line(6)), 0]
    assert [one.read for one in found] == [3, 3, 1]


def test_positions_add_up_and_say_only_what_changed(path: Path) -> None:
    path.write_bytes(b"\n" + lines(1, 2))
    (one,) = feeding(path)
    ((key, place),) = one.position.items()
    assert key == os.path.realpath(path)
    assert (place["bytes"], place["line"]) == (path.stat().st_size, 3)


@pytest.mark.parametrize("ending", [b"", b"\n", line(8)[:-1], line(8)[:20]])
@pytest.mark.parametrize("size", [1, 2, 3, 5000])
def test_resumed_from_every_position_each_record_comes_once(
    path: Path, ending: bytes, size: int
) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + lines(1) + b"nonsense\n\n" + lines(2, 3, 4) + ending)
    entire = list(feeding(path, size=size))
    for stopped in range(len(entire)):
        position: Position = {}
        first = list(islice(feeding(path, size=size), stopped))
        for one in first:
            position.update(one.position)
        found = [*first, *feeding(path, position, size=size)]
        assert [n for one in found for n in ids(one)] == [n for one in entire for n in ids(one)]
        assert [r for one in found for r in one.refused] == [r for o in entire for r in o.refused]
    assert whole(path, dict(entire[-1].position)) == []


def test_a_line_that_is_not_ended_waits_while_following(path: Path) -> None:
    path.write_bytes(lines(1) + line(2)[:10])
    source = feeding(path, follow=True)
    assert some(source) == [1]
    assert next(source) is None
    add(path, line(2)[10:-1])
    assert next(source) is None
    add(path, b"\n" + line(3))
    assert some(source) == [2, 3]
    assert next(source) is None


def test_a_last_line_is_taken_or_told_of_when_nobody_will_end_it(path: Path) -> None:
    path.write_bytes(lines(1) + line(2)[:-1])
    position: Position = {}
    assert whole(path, position) == [1, 2]
    add(path, b"\n" + line(3) + line(4)[:-5])
    (one,) = feeding(path, position)
    assert ids(one) == [3]
    assert [(r.line, r.reason) for r in one.refused] == [(4, "the last line is cut short")]


def test_what_a_thread_appends_bit_by_bit_comes_once_and_in_order(path: Path) -> None:
    path.touch()
    content = lines(*range(200))

    def append() -> None:
        for start in range(0, len(content), 501):
            add(path, content[start : start + 501])
            time.sleep(0.001)

    thread = threading.Thread(target=append)
    thread.start()
    found: list[int] = []
    source = feeding(path, follow=True, size=7, poll_s=0.001)
    while len(found) < 200:
        found += some(source)
    thread.join()
    assert found == list(range(200))
    assert next(source) is None


def test_an_empty_file_has_nothing(path: Path) -> None:
    path.touch()
    assert whole(path) == []
    assert next(feeding(path, follow=True)) is None


@pytest.mark.parametrize("follow", [True, False])
@pytest.mark.parametrize(
    ("then", "said"),
    [
        (lines(1), "got shorter"),
        (b"", "got shorter"),
        (lines(7, 8), "is not the file of which"),
        (lines(7, 8, 9), "is not the file of which"),
    ],
)
def test_a_file_that_was_cut_or_replaced_is_told_of(
    path: Path, then: bytes, said: str, follow: bool
) -> None:
    path.write_bytes(lines(1, 2))
    position: Position = {}
    whole(path, position)
    path.write_bytes(then)
    with pytest.raises(InvalidInput, match=said) as raised:
        list(feeding(path, position, follow=follow))
    assert str(path) in raised.value.message
    assert raised.value.hint


@pytest.mark.parametrize("then", [lines(1), lines(7, 8, 9)])
def test_a_file_that_is_cut_or_replaced_while_followed_is_told_of(path: Path, then: bytes) -> None:
    path.write_bytes(lines(1, 2))
    source = feeding(path, follow=True)
    assert some(source) == [1, 2]
    path.write_bytes(then)
    with pytest.raises(InvalidInput, match=r"got shorter|is not the file"):
        next(source)


def test_a_file_that_is_taken_away_while_followed_is_told_of(path: Path) -> None:
    path.write_bytes(lines(1, 2))
    source = feeding(path, follow=True)
    assert some(source) == [1, 2]
    path.unlink()
    with pytest.raises(NotFound, match="no longer there"):
        next(source)


def test_a_line_without_end_is_no_ndjson(path: Path) -> None:
    path.write_bytes(b"x" * (LONGEST_LINE + 1))
    with pytest.raises(InvalidInput, match=r"line 1 .* is longer than 64 MiB"):
        next(feeding(path, follow=True))


def test_a_line_of_more_than_one_read_is_a_record(path: Path) -> None:
    path.write_bytes(lines(1) + line(2)[:-2] + b',"u":"' + b"x" * 1_000_000 + b'"}\n' + line(3))
    assert whole(path) == [1, 2, 3]


# Parquet


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5000])
def test_parquet_is_resumed_from_every_row(tmp_path: Path, size: int) -> None:
    path = tmp_path / "in.parquet"
    parquet(path, list(range(8)))
    entire = list(feeding(path, size=size))
    assert all(one.read <= size for one in entire)
    for stopped in range(len(entire) + 1):
        position: Position = {}
        first = list(islice(feeding(path, size=size), stopped))
        for one in first:
            position.update(one.position)
        assert [n for one in first for n in ids(one)] + whole(path, position) == [*range(8)]


def test_rows_of_any_parquet_are_judged_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    raw = {"id": ["e1", "e2"], "time": ["2018-04-09 08:30", "x"], "account": [1, 2]}
    pq.write_table(pa.table(raw | {"type": ["order", "order"], "rank": ["1", "2"]}), path)
    (one,) = feeding(path)
    assert ids(one) == [1]
    assert [(r.line, r.field) for r in one.refused] == [(2, "time")]
    assert json.loads(one.refused[0].raw)["id"] == "e2"


def test_a_parquet_file_that_is_half_copied_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "b.parquet"
    parquet(path, [1, 2])
    content = path.read_bytes()
    path.write_bytes(content[:-20])
    (tmp_path / "c.ndjson").write_bytes(lines(3))
    source = feeding(tmp_path, follow=True, patience_s=60)
    assert next(source) is None
    (tmp_path / "a.ndjson").write_bytes(lines(0))
    assert some(source) == [0]
    path.write_bytes(content)
    assert some(source) == [1, 2]
    assert some(source) == [3]


def test_a_parquet_file_that_stays_unreadable_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    path.write_bytes(b"PAR1 and no more")
    with pytest.raises(InvalidInput, match="is no whole Parquet file"):
        list(feeding(path))
    with pytest.raises(InvalidInput, match="is no whole Parquet file"):
        list(feeding(path, follow=True, patience_s=0.02))


def test_parquet_that_was_replaced_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    parquet(path, [1, 2])
    position: Position = {}
    source = feeding(path, follow=True)
    position.update(next(source).position)
    path.touch()
    assert next(source) is None
    parquet(path, [3, 4])
    with pytest.raises(InvalidInput, match="is not the file of which 2 rows were read"):
        next(source)
    with pytest.raises(InvalidInput, match="is not the file of which 2 rows were read"):
        list(feeding(path, position))


def test_parquet_that_is_damaged_within_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    parquet(path, list(range(2000)), group=1000)
    content = bytearray(path.read_bytes())
    content[4 : len(content) // 3] = b"\x00" * (len(content) // 3 - 4)
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match=r"is damaged after row \d+"):
        list(feeding(path, size=100))


@pytest.mark.parametrize("column", ["id", "account", "type", "time_us"])
def test_parquet_without_a_column_of_the_envelope_is_refused(tmp_path: Path, column: str) -> None:
    path = tmp_path / "in.parquet"
    events = EventIntake(SCHEMA).lines("in", 1, line(1), NOW).events.drop_columns([column])
    pq.write_table(events, path)
    with pytest.raises(InvalidInput, match=f"no column `{column.removesuffix('_us')}`"):
        feeding(path)


# pipes and standard input


def piped(fd: int, **options: Any) -> Iterator[Arrivals | None]:
    reading = ReadingPlan(EventIntake(SCHEMA), now_us, options.get("size", 5000), True, 0)
    return Pipe(fd, "-", reading, 0.01).arrivals()


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue  # the test closed it


def test_a_trickle_comes_through_at_once(pipe: tuple[int, int]) -> None:
    out, into = pipe
    source = piped(out)
    assert next(source) is None
    os.write(into, lines(1, 2) + line(3)[:9])
    found = next(source)
    assert ids(found) == [1, 2]
    assert found is not None
    assert (found.position, found.behind) == ({"-": {"line": 2}}, None)
    assert next(source) is None
    os.write(into, line(3)[9:])
    assert some(source) == [3]
    os.write(into, b"\n" + line(4)[:9])
    os.close(into)
    last = [one for one in source if one is not None]
    assert [(r.line, r.reason) for one in last for r in one.refused] == [
        (5, "the last line is cut short")
    ]


def test_batches_of_a_pipe_are_no_longer_than_asked(pipe: tuple[int, int]) -> None:
    out, into = pipe
    os.write(into, lines(*range(7))[:-1])
    os.close(into)
    assert [ids(one) for one in piped(out, size=3)] == [[0, 1, 2], [3, 4, 5], [6]]


def test_a_pipe_that_cannot_be_read_is_told_of(pipe: tuple[int, int]) -> None:
    os.close(pipe[0])
    with pytest.raises(InvalidInput, match="cannot be read"):
        next(piped(pipe[0]))


CHILD = """
import sys
from pathlib import Path
from habeas.core.policy.yaml import read_document
from habeas.core.policy.schema import read_schema
from habeas.ports.feeds import feed
schema = read_schema(read_document(Path(sys.argv[1]).read_text(), "events.yaml"))
for arrivals in feed("-", schema, {"-": {"line": 9}}, lambda: 1_523_262_600_000_000, size=3):
    if arrivals is not None:
        print(arrivals.events.column("rank").to_pylist(), arrivals.position, flush=True)
"""


def test_standard_input_comes_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "events.yaml").write_text(TEXT, encoding="utf-8")
    command = [sys.executable, "-c", CHILD, str(tmp_path / "events.yaml")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin
        assert child.stdout
        said = []
        for numbers in ([1, 2], [3], [4, 5, 6]):
            child.stdin.write(lines(*numbers))
            child.stdin.flush()
            said.append(child.stdout.readline().decode().strip())
        child.stdin.close()
        assert child.stdout.read() == b""
    assert child.returncode == 0
    assert said == [
        "[1, 2] {'-': {'line': 2}}",
        "[3] {'-': {'line': 3}}",
        "[4, 5, 6] {'-': {'line': 6}}",
    ]
