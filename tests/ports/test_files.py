"""Files are read with clear errors, and written whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from habeas.core.errors import InvalidInput, NotFound, Unwritable
from habeas.ports.files import (
    Lines,
    apart,
    digest_of,
    existing,
    own_folder,
    read_text,
    write_text,
    written,
)


def test_a_text_is_read_without_its_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffé\r\n".encode())
    assert read_text(path, "the policy") == "é\r\n"


def test_what_is_not_utf8_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"one\ntwo\n\xe9\n")
    with pytest.raises(InvalidInput, match=r"is not UTF-8 text \(line 3\)"):
        read_text(path, "the policy")


@pytest.mark.parametrize(
    ("name", "kind", "said"),
    [
        ("none", NotFound, "the policy '.*none' does not exist"),
        ("folder", InvalidInput, "the policy '.*folder' is not a file"),
        ("loop", NotFound, "does not exist"),
        ("file/below", NotFound, "does not exist"),
        ("x" * 300, NotFound, "does not exist"),
    ],
)
def test_what_is_no_file_is_one_sentence(
    tmp_path: Path, name: str, kind: type[Exception], said: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(kind, match=said):
        existing(tmp_path / name, "the policy")


def test_a_link_to_a_file_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x", encoding="utf-8")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert read_text(tmp_path / "b", "the policy") == "x"


def test_a_file_appears_when_its_block_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old", encoding="utf-8")
    with written(path) as part:
        part.write_text("new", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "old"
    assert path.read_text(encoding="utf-8") == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "half \ud800")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["none/out", "file/out", "folder", "x" * 300, "", ".", ".."])
def test_a_place_that_cannot_be_written_is_one_sentence_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(Unwritable, match="cannot be written") as caught:
        write_text(Path(name), "text")
    assert caught.value.hint
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder"]


def test_an_output_takes_the_place_of_a_link_and_spares_its_target(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("precious", encoding="utf-8")
    (tmp_path / "out").symlink_to(tmp_path / "target")
    write_text(tmp_path / "out", "new")
    assert (tmp_path / "target").read_text(encoding="utf-8") == "precious"
    assert not (tmp_path / "out").is_symlink()


def test_nothing_is_written_over_what_is_read(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.write_text("x", encoding="utf-8")
    (tmp_path / "link").symlink_to(source)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    apart(tmp_path / "out", [source, None, tmp_path / "loop"])
    for same in (source, tmp_path / "link", tmp_path / "deep" / ".." / "in"):
        with pytest.raises(InvalidInput, match="would be written over"):
            apart(same, [None, source])


def test_the_digest_of_a_file_is_sha256_of_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc\n" * 100_000)
    assert digest_of(path) == hashlib.sha256(b"abc\n" * 100_000).hexdigest()


# Files that only grow


def test_lines_are_durable_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "findings.ndjson"
    lines = Lines(path, 0, "the findings")
    lines.append(["one", "é"])
    lines.append(iter(()))
    lines.append([""])
    assert path.read_bytes() == "one\né\n\n".encode()
    assert lines.size == path.stat().st_size == 8
    lines.close()


@pytest.mark.parametrize("left", ["", "t", "torn line", "whole line\n", "a\nb\n" * 3000, "\0" * 9])
def test_what_a_crash_left_behind_what_counts_is_cut(tmp_path: Path, left: str) -> None:
    path = tmp_path / "findings.ndjson"
    path.write_text("one\n" + left, encoding="utf-8")
    lines = Lines(path, 4, "the findings")
    assert path.read_bytes() == b"one\n"
    lines.append(["two"])
    assert path.read_bytes() == b"one\ntwo\n"
    lines.close()


@pytest.mark.parametrize("held", [None, b"", b"one", b"one\nt"])
def test_fewer_bytes_than_count_are_refused_and_nothing_is_changed(
    tmp_path: Path, held: bytes | None
) -> None:
    path = tmp_path / "findings.ndjson"
    if held is not None:
        path.write_bytes(held)
    there = f"has {len(held)} bytes" if held is not None else "is missing"
    with pytest.raises(InvalidInput, match=f"the findings '.*' {there}, and 6 were written"):
        Lines(path, 6, "the findings")
    assert path.exists() == (held is not None)
    assert held is None or path.read_bytes() == held


@pytest.mark.parametrize("place", ["none/a", "folder", "file/a"])
def test_lines_that_cannot_be_written_say_so(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(Unwritable, match="cannot be written: "):
        Lines(tmp_path / place, 0, "the findings")


def test_a_file_that_was_closed_underneath_is_one_error(tmp_path: Path) -> None:
    """Neither the lines nor taking them back works: still one sentence."""
    path = tmp_path / "a"
    lines = Lines(path, 0, "the findings")
    lines.append(["one"])
    with path.open("rb") as only_read:
        os.dup2(only_read.fileno(), lines.file)
    with pytest.raises(Unwritable, match="cannot be written: Bad file descriptor"):
        lines.append(["two"])
    assert (path.read_bytes(), lines.size) == (b"one\n", 4)
    lines.close()


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o277])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_what_is_of_the_working_folder_is_its_owners(tmp_path: Path, umask: int) -> None:
    below = tmp_path / ".habeas" / "plans" / "one"
    own_folder(below)
    write_text(below / "plan.json", "{}")
    assert [mode_of(f) for f in (below, below.parent, below.parent.parent)] == [0o700] * 3
    assert mode_of(below / "plan.json") == 0o600


def test_an_open_folder_is_closed_and_an_open_file_is_replaced(tmp_path: Path) -> None:
    folder = tmp_path / ".habeas"
    folder.mkdir(mode=0o755)
    (folder / "a").touch(mode=0o644)
    own_folder(folder)
    write_text(folder / "a", "b")
    assert (mode_of(folder), mode_of(folder / "a")) == (0o700, 0o600)


def test_elsewhere_a_file_is_as_open_as_the_umask_says(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "plan.html", "x")
        with written(tmp_path / "head", secret=True) as part:
            part.write_bytes(b"x")
    finally:
        os.umask(before)
    assert (mode_of(tmp_path / "plan.html"), mode_of(tmp_path / "head")) == (0o640, 0o600)
