"""Sources that are followed: in order, and nothing passed over in silence."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import pytest

from habeas.core.errors import HabeasError, InvalidInput
from tests.ports.growing import Position, add, feeding, ids, line, lines, parquet, some, whole

# a folder


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_bytes(lines(3, 4))
    (tmp_path / "a.ndjson").write_bytes(lines(1, 2))
    parquet(tmp_path / "c.parquet", [5, 6])
    for left in (".d.ndjson", "d.ndjson.part", "d.ndjson.tmp", "README.md"):
        (tmp_path / left).write_bytes(b"nonsense\n")
    (tmp_path / "e.ndjson").mkdir()
    position: Position = {}
    assert whole(tmp_path, position) == [1, 2, 3, 4, 5, 6]
    assert {Path(key).name for key in position} == {"a.ndjson", "b.jsonl", "c.parquet"}
    assert whole(tmp_path, position) == []


def test_a_folder_gives_what_is_new_in_any_file(tmp_path: Path) -> None:
    source = feeding(tmp_path, follow=True)
    assert next(source) is None
    (tmp_path / "b.ndjson").write_bytes(lines(1))
    assert some(source) == [1]
    (tmp_path / "a.ndjson").write_bytes(lines(2))
    assert some(source) == [2]
    add(tmp_path / "b.ndjson", lines(3))
    assert some(source) == [3]
    assert next(source) is None


def test_a_folder_is_resumed_from_every_position(tmp_path: Path) -> None:
    for i, name in enumerate(("a.ndjson", "b.ndjson")):
        (tmp_path / name).write_bytes(lines(*range(5 * i, 5 * i + 5)))
    parquet(tmp_path / "c.parquet", list(range(10, 20)))
    for stopped in range(11):
        position: Position = {}
        first = list(islice(feeding(tmp_path, size=2), stopped))
        for one in first:
            position.update(one.position)
        assert [n for one in first for n in ids(one)] + whole(tmp_path, position) == [*range(20)]


def test_how_far_a_folder_is_behind_counts_all_its_files(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(lines(1, 2))
    parquet(tmp_path / "b.parquet", [3, 4, 5, 6])
    bytes_of_rows = (tmp_path / "b.parquet").stat().st_size
    found = [one.behind for one in feeding(tmp_path, size=2)]
    assert found == [bytes_of_rows, bytes_of_rows // 2, 0]


def test_a_file_that_was_read_may_be_taken_away_and_come_back(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(lines(1))
    source = feeding(tmp_path, follow=True)
    assert some(source) == [1]
    away = path.rename(tmp_path / ".away")
    assert next(source) is None
    away.rename(path)
    assert next(source) is None
    add(path, lines(2))
    assert some(source) == [2]


def test_a_file_taken_away_unread_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "a.ndjson"
    path.write_bytes(lines(1) + line(2)[:9])
    source = feeding(tmp_path, follow=True)
    assert some(source) == [1]
    path.unlink()
    with pytest.raises(InvalidInput, match="taken away before its last 9 bytes were read"):
        next(source)


# what cannot be followed


@pytest.mark.parametrize("follow", [True, False])
@pytest.mark.parametrize(
    ("name", "said", "hint"),
    [
        ("in.csv", "of a kind that cannot be followed", "habeas import"),
        ("in.ndjson.gz", "of a kind that cannot be followed", "unpack"),
        ("in.txt", "of a kind that cannot be followed", "name it"),
        ("missing", "does not exist", "check"),
        ("pipe", "neither a file nor a folder", "--events -"),
        ("x" * 300, "cannot be read", "check"),
    ],
)
def test_other_sources_are_refused_at_once(
    tmp_path: Path, name: str, said: str, hint: str, follow: bool
) -> None:
    path = tmp_path / name
    if name.startswith("in"):
        path.write_bytes(b"a,b\n")
    if name == "pipe":
        os.mkfifo(path)
    with pytest.raises(HabeasError, match=said) as raised:
        feeding(path, follow=follow)
    assert hint in raised.value.hint
    assert "\n" not in raised.value.message


def test_a_folder_with_nothing_is_waited_for_or_refused(tmp_path: Path) -> None:
    assert next(feeding(tmp_path, follow=True)) is None
    with pytest.raises(InvalidInput, match=r"has no \.ndjson"):
        feeding(tmp_path)


def test_a_folder_with_csv_is_refused_since_it_would_be_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_bytes(lines(1))
    source = feeding(tmp_path, follow=True)
    assert some(source) == [1]
    (tmp_path / "b.csv").write_bytes(b"id\n1\n")
    with pytest.raises(InvalidInput, match=r"b\.csv"):
        next(source)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
@pytest.mark.parametrize("name", ["a.ndjson", "a.parquet", ""])
def test_what_may_not_be_read_is_told_of(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.ndjson").write_bytes(lines(1))
    parquet(tmp_path / "a.parquet", [1])
    (tmp_path / name).chmod(0)
    try:
        with pytest.raises(InvalidInput):
            list(feeding(tmp_path / name))
    finally:
        (tmp_path / name).chmod(0o700)
