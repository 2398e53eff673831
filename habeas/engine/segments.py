"""Segments: the files of the event log, and how bytes stand in them.

    <first sequence, 20 digits>.log    HABEAS, a zero, a version byte; then frames
    a frame                            bytes of its body (u32), CRC-32 of these four bytes and the
                                       body (u32), the body
    a body                             kind (u8), three zeros, events (u32), first sequence (u64),
                                       bytes of each of three parts (u32 each), a zero (u32);
                                       then the parts, each filled up to a multiple of 8
    the parts                          canonical JSON; new texts; events; the last two as messages
                                       of the Arrow IPC format (a record batch, uncompressed)
    mark                               two places of 512 bytes, in turn: what is acknowledged

All numbers are little-endian. The kind says what the JSON holds: the schema of the events (the
first frame of each segment) and where the segment before ended, where the sources stood after
these events, or the policies that are in force, and from which event on. Texts have their codes in
the order in which they stand in the log. More is told in docs/log.md.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

import pyarrow as pa

from habeas.core.errors import InvalidInput, Unwritable
from habeas.engine.durable import put

VERSION = 1
MAGIC = b"HABEAS\x00" + bytes([VERSION])
FRAME = struct.Struct("<II")
BODY = struct.Struct("<BxxxIQIIIxxxx")
MARK = struct.Struct("<8sQQQQQ")
MARK_MAGIC = b"HABEASMK"
PLACE = 512  # bytes between the two marks: a disk writes a sector whole or not at all
RESTORE = "restore the folder from a copy; nothing was changed"


class FrameKind(IntEnum):
    """What a frame's JSON holds."""

    SCHEMA = 0
    EVENTS = 1
    POLICIES = 2


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a frame stands: `offset` is the byte of its body in the file of `segment`, whose
    first event has that sequence. Events from `sequence` on, `count` of them."""

    segment: int
    offset: int
    kind: FrameKind
    sequence: int
    count: int
    sizes: tuple[int, int, int]

    @property
    def end(self) -> int:
        return self.offset + BODY.size + sum(_filled(size) for size in self.sizes)


@dataclass(frozen=True, slots=True, order=True)
class LogMark:
    """What is acknowledged: the events below `sequence`, the log up to byte `offset` of
    `segment`, and so many bytes of the findings."""

    sequence: int = 0
    segment: int = 0
    offset: int = 0
    findings: int = 0


def _filled(size: int) -> int:
    return size + -size % 8


def framed(frame: Frame, parts: Sequence[memoryview]) -> bytes:
    """The bytes of a frame with its three parts, from its size on."""
    pieces: list[bytes | memoryview] = [
        BODY.pack(frame.kind, frame.count, frame.sequence, *frame.sizes)
    ]
    for part in parts:
        pieces += [part, bytes(-len(part) % 8)]
    body = b"".join(pieces)
    size = struct.pack("<I", len(body))
    return size + struct.pack("<I", zlib.crc32(body, zlib.crc32(size))) + body


def name_of(first: int) -> str:
    return f"{first:020}.log"


class LogSegment:
    """One file of the log, read through a map of its bytes."""

    def __init__(self, path: Path) -> None:
        self.path, self.first = path, int(path.stem)
        self.map: pa.Buffer | None = None

    def bytes_to(self, end: int) -> pa.Buffer:
        """The file's bytes, at least up to `end`, mapped again where it has grown."""
        if self.map is None or self.map.size < end:
            with pa.memory_map(str(self.path)) as source:
                self.map = source.read_buffer()
        return self.map

    def size(self) -> int:
        return self.path.stat().st_size

    def part(self, frame: Frame, number: int) -> pa.Buffer:
        """One of the three parts of a frame's body."""
        before = sum(_filled(size) for size in frame.sizes[:number])
        start = frame.offset + BODY.size + before
        return self.bytes_to(frame.end).slice(start, frame.sizes[number])

    def meta(self, frame: Frame) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.part(frame, 0).to_pybytes())
        return found

    def frames(self, start: int, end: int) -> Iterator[Frame | str]:
        """The whole frames from byte `start` on. Where one is not whole, why, and no more."""
        if end <= start:
            return
        data = memoryview(self.bytes_to(end))[:end]
        while start < end:
            if end - start < FRAME.size:
                yield "it is cut short"
                return
            size, crc = FRAME.unpack_from(data, start)
            body = data[start + FRAME.size : start + FRAME.size + size]
            if len(body) < size or size < BODY.size:
                yield "it is cut short"
                return
            if zlib.crc32(body, zlib.crc32(data[start : start + 4])) != crc:
                yield "its CRC-32 does not agree"
                return
            kind, count, sequence, meta, texts, events = BODY.unpack_from(body)
            if kind not in set(FrameKind):
                yield f"its kind {kind} is unknown"
                return
            place, sizes = start + FRAME.size, (meta, texts, events)
            yield Frame(self.first, place, FrameKind(kind), sequence, count, sizes)
            start += FRAME.size + size

    def is_blank(self) -> bool:
        """Whether it begins with zeros: a crash came before its first bytes were on the disk."""
        return not any(memoryview(self.bytes_to(len(MAGIC)))[: len(MAGIC)])

    def check_header(self) -> None:
        """Raises InvalidInput where the file is none of ours, or of a later version."""
        head = memoryview(self.bytes_to(len(MAGIC)))[: len(MAGIC)].tobytes()
        if head[:-1] != MAGIC[:-1]:
            raise InvalidInput(f"'{self.path}' is no segment of an event log", RESTORE)
        if head[-1] != VERSION:
            raise InvalidInput(
                f"'{self.path}' has version {head[-1]} of the format, and this Habeas reads "
                f"version {VERSION}",
                "read it with the Habeas that wrote it",
            )


def segments_in(folder: Path) -> list[LogSegment]:
    """The segments of a folder in order; none where there is no folder."""
    paths = sorted(p for p in folder.glob("*.log") if len(p.stem) == 20 and p.stem.isdigit())
    return [LogSegment(path) for path in paths]


class Marks:
    """The file of the two marks. The newer whole one counts; a crash tears at most one."""

    def __init__(self, folder: Path, writable: bool) -> None:
        self.path = folder / "mark"
        self.begun = bool(segments_in(folder))  # no segment without a mark
        create = 0 if self.begun else os.O_CREAT
        self.file = os.open(self.path, os.O_RDWR | create if writable else os.O_RDONLY, 0o644)
        self.turn = 0

    def read(self) -> LogMark | None:
        """The newest mark; None in a new folder, which has no segment before its first mark is
        durable. Raises InvalidInput where both are damaged."""
        data = os.pread(self.file, 2 * PLACE, 0)
        if not self.begun and not any(data):
            return None
        found: list[tuple[int, LogMark]] = []
        for place in (0, PLACE):
            own = data[place : place + MARK.size + 4]
            if len(own) == MARK.size + 4 and own[MARK.size :] == _sum(own[: MARK.size]):
                magic, turn, *numbers = MARK.unpack(own[: MARK.size])
                if magic == MARK_MAGIC:
                    found.append((turn, LogMark(*numbers)))
        if not found and not segments_in(self.path.parent):
            return None
        if not found:
            raise InvalidInput(f"'{self.path}' is damaged: neither mark is whole", RESTORE)
        self.turn, newest = max(found, key=lambda pair: pair[0])
        return newest

    def write(self, mark: LogMark) -> None:
        """Durable when it returns."""
        turn = self.turn + 1  # until this one is whole, the next must not overwrite the other
        data = MARK.pack(MARK_MAGIC, turn, mark.sequence, mark.segment, mark.offset, mark.findings)
        put(self.file, data + _sum(data), turn % 2 * PLACE)
        os.fdatasync(self.file)
        self.turn = turn

    def close(self) -> None:
        os.close(self.file)


def _sum(data: bytes) -> bytes:
    return struct.pack("<I", zlib.crc32(data))


def gap(folder: Path, wanted: int, found: int) -> InvalidInput:
    """The error where events from `wanted` to before `found` are in no segment."""
    return InvalidInput(
        f"a segment of the log '{folder}' is missing: '{name_of(wanted)}', with the "
        f"events from {wanted:,} to {found - 1:,}",
        RESTORE,
    )


def short(folder: Path, mark: LogMark, sequence: int, end: tuple[int, int]) -> InvalidInput:
    """The log of a folder ends with this event and this byte of a segment, before its mark."""
    return InvalidInput(
        f"the log '{folder}' ends at event {sequence:,}, and events below {mark.sequence:,} were "
        f"acknowledged: '{name_of(mark.segment)}' is missing or cut short at byte "
        f"{end[1] if end[0] == mark.segment else 0:,}",
        RESTORE,
    )


def ended(folder: Path, end: tuple[int, int], wanted: list[int], sequence: int) -> InvalidInput:
    """A segment ends before the byte at which the next one was begun."""
    return InvalidInput(
        f"'{folder / name_of(wanted[0])}' is cut short at byte {end[1]:,}: it had {wanted[1]:,} "
        f"bytes when '{name_of(sequence)}' was begun, the next",
        RESTORE,
    )


def unwritable(folder: Path, error: OSError) -> Unwritable:
    """The error where the log's folder does not take what is written."""
    return Unwritable(
        f"the log '{folder}' cannot be written: {error.strerror or error}",
        "check that you may write there, and the free space; nothing acknowledged is lost",
    )
