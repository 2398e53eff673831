"""What breaks an event log, what that leaves on the disk, and what the next start makes of it.

| broken                               | what is persisted               | recovery                |
|--------------------------------------|---------------------------------|-------------------------|
| a crash while a frame is written     | a part of it, or zeros          | it is cut; go on        |
| a crash while a segment is begun     | its name; a part of its header  | it is taken away; go on |
| a flip behind the mark               | a frame never acknowledged      | it is cut; go on        |
| a cut or flip before the mark        | less than was acknowledged      | named; nothing changed  |
| a segment is missing                 | the others                      | named; nothing changed  |
| the newer mark is torn or flipped    | the older mark, all frames      | the older one; go on    |
| both marks are damaged, or none left | all frames                      | named; nothing changed  |
| the disk is full, fdatasync fails    | what was acknowledged           | make room; append again |
| a folder that may not be written     | what was acknowledged           | followers still read    |

The last two are in test_log_disks.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from habeas.core.errors import HabeasError, InvalidInput
from habeas.engine.log import Log
from habeas.engine.logged import Reader
from tests.engine.logs import append, contents, followed, made, opened, plain, rows_of, walked
from tests.engine.making import SCHEMA

LATER = made(4, 500)


@dataclass(frozen=True)
class Written:
    """A log of three segments: its bytes, where its frames lie, and where its mark is."""

    bytes: Mapping[str, bytes]
    frames: list[tuple[str, int, int]]
    segment: str  # the last, in which the mark is
    offset: int
    acknowledged: int  # events
    events: int

    def names(self) -> list[str]:
        return [name for name in self.bytes if name.endswith(".log")]

    def lay(self, folder: Path) -> Path:
        folder.mkdir(exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
        for name, data in self.bytes.items():
            (folder / name).write_bytes(data)
        (folder / "lock").touch()
        return folder

    def frame_at(self, name: str, place: int) -> tuple[int, int]:
        """The number and the first byte of the frame of a byte."""
        own = [(start, end) for n, start, end in self.frames if n == name]
        number = next(i for i, (_, end) in enumerate(own) if place < end)
        return number + 1, own[number][0]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Written:
    folder = tmp_path_factory.mktemp("log") / "log"
    with opened(folder, segment_bytes=4000) as made_log:
        for first in range(0, 12, 3):
            append(made_log, made(3, first), place=first)
        made_log.append_policies({"policies": {"made": "1"}})
    with opened(folder, segment_bytes=4000) as made_log:
        append(made_log, made(3, 12), place=12)
        made_log.acknowledge(10)
        made_log.acknowledge(20)
        offset = made_log.end[1]
    with opened(folder) as made_log:
        append(made_log, made(3, 15), place=15)
        made_log.append_policies({"policies": {}})
        append(made_log, made(2, 18), place=18)
    found = contents(folder)
    last = max(name for name in found if name.endswith(".log"))
    whole = Written(found, walked(folder).frames, last, offset, 15, 20)
    assert len(whole.names()) == 3
    assert 8 < offset < len(found[last])
    return whole


def flipped(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1 << (place % 8)
    path.write_bytes(data)


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


def goes_on(folder: Path, least: int) -> int:
    """All that was acknowledged is there, and more can be appended. Returns how many events."""
    with opened(folder) as log:
        events = len(log)
        assert events >= least
        assert rows_of(log, most=1000) == plain(made(events))
        append(log, LATER)
        assert log.ids([events, 0, events + 3]) == ["e500", "e0" if events else "e500", "e503"]
        log.acknowledge(30)
    with followed(folder) as reader:
        assert rows_of(reader, most=1000) == plain([*made(events), *LATER])
    assert len(walked(folder).rows) == events + 4
    return events


def refusal(folder: Path, kinds: tuple[type[Reader], ...] = (Log, Reader)) -> str:
    """What writers and followers say alike; nothing is changed."""
    before, said = contents(folder), set()
    for kind in kinds:
        with pytest.raises(HabeasError) as caught:
            kind(folder, SCHEMA)
        assert isinstance(caught.value, InvalidInput)
        assert caught.value.hint
        said.add(caught.value.message)
        assert contents(folder) == before
    (message,) = said
    return message


# Cut short


def test_a_cut_behind_the_mark_loses_nothing_acknowledged(log: Written, tmp_path: Path) -> None:
    ends = {end for n, _, end in log.frames if n == log.segment and end >= log.offset}
    counts = set()
    for size in sorted({*range(log.offset, len(log.bytes[log.segment]), 23), *ends}):
        log.lay(tmp_path / "log")
        cut(tmp_path / "log" / log.segment, size)
        with followed(tmp_path / "log") as reader:
            assert len(reader) == log.acknowledged
        counts.add(goes_on(tmp_path / "log", log.acknowledged))
    assert counts == {15, 18, 20}


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_cut_before_the_mark_is_named(log: Written, tmp_path: Path, number: int) -> None:
    name = log.names()[number]
    end = log.offset if name == log.segment else len(log.bytes[name])
    starts = [start for n, start, _ in log.frames if n == name and start < end]
    for size in sorted({*range(0, end, 17), 7, 8, 9, *starts, end - 1}):
        folder = log.lay(tmp_path / "log")
        cut(folder / name, size)
        said = refusal(folder)
        start = 0 if size < 8 else log.frame_at(name, size)[1]
        if size in starts:  # between two frames: what follows them tells
            assert "is missing" in said or "cut short" in said
        else:
            assert f"'{folder / name}', at byte {start:,}, is damaged: it is cut short" in said
            assert "; the events from " in said


def test_a_segment_that_lost_frames_without_events_is_named(log: Written, tmp_path: Path) -> None:
    """The last frame of the second segment tells policies only."""
    folder, name = log.lay(tmp_path / "log"), log.names()[1]
    start = max(start for n, start, _ in log.frames if n == name)
    assert [kind for kind, *_ in walked(folder).told].count(2) == 2
    cut(folder / name, start)
    said = refusal(folder)
    assert f"'{folder / name}' is cut short at byte {start:,}" in said
    assert f"it had {len(log.bytes[name]):,} bytes" in said


def test_zeros_behind_the_end_are_cut(log: Written, tmp_path: Path) -> None:
    for count in (1, 7, 8, 31, 4096):
        folder = log.lay(tmp_path / "log")
        (folder / log.segment).write_bytes(log.bytes[log.segment] + bytes(count))
        assert goes_on(folder, log.acknowledged) == log.events


# Flipped


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_flip_before_the_mark_is_named(log: Written, tmp_path: Path, number: int) -> None:
    name = log.names()[number]
    end = log.offset if name == log.segment else len(log.bytes[name])
    heads = {s + k for n, s, _ in log.frames if n == name for k in range(0, 40, 3) if s + k < end}
    folder = log.lay(tmp_path / "log")
    for place in sorted({*range(8, end, 13), *heads, end - 1}):
        flipped(folder / name, place)
        said = refusal(folder, (Log, Reader) if place % 3 == 0 else (Log,))
        frame, start = log.frame_at(name, place)
        assert f"frame {frame} of '{folder / name}', at byte {start:,}, is damaged: " in said
        (folder / name).write_bytes(log.bytes[name])
    assert goes_on(folder, log.events) == log.events


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_flip_of_a_header_is_named(log: Written, tmp_path: Path, number: int) -> None:
    folder, name = log.lay(tmp_path / "log"), log.names()[number]
    for place in range(8):
        flipped(folder / name, place)
        said = refusal(folder)
        assert f"'{folder / name}' " in said
        assert ("is no segment of an event log" in said) == (place < 7)
        assert ("has version 129 of the format" in said) == (place == 7)
        (folder / name).write_bytes(log.bytes[name])


def test_a_flip_behind_the_mark_is_cut(log: Written, tmp_path: Path) -> None:
    for place in range(log.offset, len(log.bytes[log.segment]), 53):
        folder = log.lay(tmp_path / "log")
        flipped(folder / log.segment, place)
        assert log.acknowledged <= goes_on(folder, log.acknowledged) < log.events


# Missing


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_missing_segment_is_named(log: Written, tmp_path: Path, number: int) -> None:
    folder, name = log.lay(tmp_path / "log"), log.names()[number]
    (folder / name).unlink()
    said = refusal(folder)
    assert f"'{name}'" in said
    assert "is missing" in said
    first = int(name.removesuffix(".log"))
    assert f"{first:,}" in said


def test_where_every_segment_is_missing_it_is_said(log: Written, tmp_path: Path) -> None:
    folder = log.lay(tmp_path / "log")
    for name in log.names():
        (folder / name).unlink()
    assert "ends at event 0, and events below 15 were acknowledged" in refusal(folder)


# A segment that was just begun


@pytest.mark.parametrize("head", [b"", b"H", b"HABEAS\0", bytes(8), bytes(4096)])
def test_a_segment_that_a_crash_left_without_a_header_is_begun_again(
    log: Written, tmp_path: Path, head: bytes
) -> None:
    folder = log.lay(tmp_path / "log")
    (folder / f"{log.events:020}.log").write_bytes(head)
    before = contents(folder)
    with followed(folder) as reader:
        assert len(reader) == log.acknowledged
    assert contents(folder) == before
    assert goes_on(folder, log.events) == log.events


def test_a_segment_of_a_header_and_half_a_frame_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path / "log", segment_bytes=1) as log:
        append(log, made(2))
        log.acknowledge()
        append(log, made(2, 2))
    second = tmp_path / "log" / f"{2:020}.log"
    whole = second.read_bytes()
    for size in sorted({0, 1, 7, 8, 9, 16, 40, *range(48, len(whole), 101)}):
        second.write_bytes(whole[:size])
        with opened(tmp_path / "log", segment_bytes=1) as log:
            assert rows_of(log) == plain(made(2))
            append(log, made(2, 2))
            assert rows_of(log) == plain(made(4))
        assert walked(tmp_path / "log").rows == plain(made(4))


def test_a_file_that_is_none_of_ours_is_not_touched(log: Written, tmp_path: Path) -> None:
    folder = log.lay(tmp_path / "log")
    (folder / f"{log.events:020}.log").write_bytes(b"my own diary of the day")
    with pytest.raises(InvalidInput, match="is no segment of an event log"):
        Log(folder, SCHEMA)
    assert (folder / f"{log.events:020}.log").read_bytes() == b"my own diary of the day"


# The marks


def places(log: Written) -> Iterator[tuple[int, int]]:
    """The first bytes of the newer and of the older mark, and every fifth byte of a mark."""
    turns = [int.from_bytes(log.bytes["mark"][p + 8 : p + 16], "little") for p in (0, 512)]
    newer = 0 if turns[0] > turns[1] else 512
    yield from ((newer, byte) for byte in range(0, 52, 5))


def test_where_the_newer_mark_is_flipped_the_older_counts(log: Written, tmp_path: Path) -> None:
    for start, byte in places(log):
        folder = log.lay(tmp_path / "log")
        flipped(folder / "mark", start + byte)
        with followed(folder) as reader:
            assert (reader.mark.sequence, reader.mark.findings) == (15, 10)
        assert goes_on(folder, log.acknowledged) == log.events
        assert [mark[4] for mark in walked(folder).marks] == [10, 30]


@pytest.mark.parametrize("size", [512, 512 + 8, 512 + 51])
def test_where_the_newer_mark_is_cut_the_older_counts(
    log: Written, tmp_path: Path, size: int
) -> None:
    folder = log.lay(tmp_path / "log")
    with opened(folder) as one:  # so that the newer stands behind the older
        for findings in (40, 41) if next(places(log))[0] == 512 else (40,):
            one.acknowledge(findings)
    kept = contents(folder)["mark"]
    first, second = (int.from_bytes(kept[p + 8 : p + 16], "little") for p in (0, 512))
    assert first < second
    cut(folder / "mark", size)
    assert goes_on(folder, log.events) == log.events


def test_a_follower_that_read_a_mark_never_goes_back(log: Written, tmp_path: Path) -> None:
    folder = log.lay(tmp_path / "log")
    with opened(folder, segment_bytes=1) as writer, followed(folder) as reader:
        append(writer, LATER)
        writer.acknowledge()
        append(writer, LATER)
        writer.acknowledge()
        reader.refresh()
        seen = len(reader)
        turns = [mark[0] for mark in walked(folder).marks]
        flipped(folder / "mark", 512 * (turns[-1] % 2) + 20)
        reader.refresh()
        assert len(reader) == seen == 28


@pytest.mark.parametrize("mark", [None, b"", bytes(1024), b"HABEASMK" * 128, b"\xff" * 7])
def test_without_a_whole_mark_it_is_said(log: Written, tmp_path: Path, mark: bytes | None) -> None:
    folder = log.lay(tmp_path / "log")
    if mark is None:
        (folder / "mark").unlink()
    else:
        (folder / "mark").write_bytes(mark)
    said = refusal(folder)
    assert f"'{folder / 'mark'}' is " in said
    assert ("missing" if mark is None else "neither mark is whole") in said


@pytest.mark.parametrize("mark", [b"", bytes(512), bytes(600)])
def test_a_crash_before_the_first_mark_leaves_a_new_log(tmp_path: Path, mark: bytes) -> None:
    folder = tmp_path / "log"
    folder.mkdir()
    (folder / "mark").write_bytes(mark)
    assert goes_on(folder, 0) == 0


def test_after_a_refusal_the_same_process_may_open_the_restored_log(
    log: Written, tmp_path: Path
) -> None:
    folder = log.lay(tmp_path / "log")
    cut(folder / log.segment, 100)
    refusal(folder)
    (folder / log.segment).write_bytes(log.bytes[log.segment])
    assert goes_on(folder, log.events) == log.events
