"""One source that is followed: NDJSON that grows, Parquet once it is whole, or a pipe.

A file is read on from its place, where its content is known again by a digest: a file that was cut
or replaced is an error, since its records would be skipped, or read twice."""

from __future__ import annotations

import hashlib
import os
import select
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from habeas.core.errors import InvalidInput
from habeas.ports.arrivals import Arrivals, EventIntake, JudgedRecords
from habeas.ports.files import unreadable
from habeas.ports.sources import refuse_twice
from habeas.ports.tables import DAMAGES, REMAKE

READ = 1 << 18  # bytes read at once
LONGEST_LINE = 1 << 26  # bytes; what goes on for longer is no NDJSON, and no batch is larger
KNOWN_BY = 1024  # bytes before the place reached, by which an NDJSON file is known again
RENAMED = "give each file a name of its own, only ever add to it, and follow their folder"
COLUMNS = ("id", "account", "type")

Place = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """How the files of a feed are read."""

    intake: EventIntake
    now_us: Callable[[], int]  # microseconds UTC
    size: int  # records of a batch, at most
    follow: bool
    patience_s: float  # how long a Parquet file that does not grow may be unreadable


def whole_lines(block: bytes | bytearray, size: int) -> int:
    """Where the last of at most `size` whole lines ends; 0 where there is none."""
    if block.count(b"\n") <= size:
        return block.rfind(b"\n") + 1
    return int(np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n"))[size - 1]) + 1


def _refuse_endless(source: object, line: int, block: bytes | bytearray) -> None:
    if len(block) > LONGEST_LINE and b"\n" not in block:
        message = f"line {line} of '{source}' is longer than {LONGEST_LINE >> 20} MiB"
        raise InvalidInput(message, "check that each record is on a line of its own")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


class LineFile:
    """NDJSON. Its place: `bytes` and whole `line`s taken, and a digest of the `last` bytes."""

    unready = False  # whether the files after it must wait

    def __init__(self, path: Path, position: Mapping[str, Any], reading: ReadingPlan) -> None:
        self.path, self.reading, self.key = path, reading, os.path.realpath(path)
        place = position.get(self.key, {})
        self.bytes, self.line = place.get("bytes", 0), place.get("line", 0)
        self.last = place.get("last", _digest(b""))
        self.there = self.bytes  # bytes of the file when last looked at
        self.fruitless = -1  # bytes of the file when it had no whole line to give
        self.checked = False

    @property
    def behind(self) -> int:
        return int(self.there - self.bytes)

    def refresh(self) -> None:
        """Look how long the file is. Raises InvalidInput where it is not the file that was read."""
        try:
            self.there = self.path.stat().st_size
            if not self.checked:
                with self.path.open("rb") as file:
                    self._read(file, 0)
        except FileNotFoundError:
            self.gone()
        except OSError as error:
            raise unreadable(self.path, "the file", error) from None
        self.checked = True
        self._refuse_shorter(self.there)

    def gone(self) -> None:
        """The file is no longer there, as one that is read may be."""
        if self.behind:
            message = f"'{self.path}' was taken away before its last {self.behind} bytes were read"
            raise InvalidInput(message, "put it back; take files away only when they are read")

    def passed(self) -> Iterator[tuple[JudgedRecords, Place]]:
        while self.behind and self.there != self.fruitless:
            known, block = self._block()
            end = whole_lines(block, self.reading.size)
            complete = self.bytes + len(block) >= self.there
            if not self.reading.follow and complete and block.count(b"\n") < self.reading.size:
                end = len(block)  # nobody will end the last line any more
            if not end:
                _refuse_endless(self.path, self.line + 1, block)
                self.fruitless = self.there
                return
            yield self._take(known, block[:end])

    def _take(self, known: bytes, block: bytes) -> tuple[JudgedRecords, Place]:
        now_us = self.reading.now_us()
        taken = self.reading.intake.lines(str(self.path), self.line + 1, block, now_us)
        self.line += block.count(b"\n")
        self.bytes += len(block)
        self.last = _digest((known + block[-KNOWN_BY:])[-KNOWN_BY:])
        return taken, {"bytes": self.bytes, "line": self.line, "last": self.last}

    def _block(self) -> tuple[bytes, bytes]:
        """What was read last, and what comes next: up to the wanted lines, if they are there."""
        try:
            with self.path.open("rb") as file:
                known, block = self._read(file, READ)
                lines = block.count(b"\n")
                parts = [block]
                while lines < self.reading.size and len(parts) * READ <= LONGEST_LINE:
                    parts.append(part := file.read(READ))
                    lines += part.count(b"\n")
                    if not part:
                        break
        except FileNotFoundError:
            self.gone()
            return b"", b""
        except OSError as error:
            raise unreadable(self.path, "the file", error) from None
        block = b"".join(parts)
        self.there = max(self.there, self.bytes + len(block))
        return known, block

    def _read(self, file: IO[bytes], count: int) -> tuple[bytes, bytes]:
        known = min(self.bytes, KNOWN_BY)
        file.seek(self.bytes - known)
        content = file.read(known + count)
        self._refuse_shorter(self.bytes - known + len(content))
        if _digest(content[:known]) != self.last:
            message = f"'{self.path}' is not the file of which {self.bytes} bytes were read"
            raise InvalidInput(f"{message}: what stands before them is other", RENAMED)
        return content[:known], content[known:]

    def _refuse_shorter(self, there: int) -> None:
        if there < self.bytes:
            message = f"'{self.path}' got shorter: {self.bytes} bytes were read, {there} are there"
            raise InvalidInput(message, RENAMED)


class RowFile:
    """Parquet. Its place: `rows` taken, and a digest of the `last` bytes of the file, its footer,
    which says what is where."""

    def __init__(self, path: Path, position: Mapping[str, Any], reading: ReadingPlan) -> None:
        self.path, self.reading, self.key = path, reading, os.path.realpath(path)
        place = position.get(self.key, {})
        self.rows: int = place.get("rows", 0)
        self.last: str | None = place.get("last")
        self.total: int = 0
        self.bytes: int = 0
        self.seen: tuple[int, int] | None = None  # bytes and time of change, when last opened
        self.since_s = 0.0  # when it was first seen so
        self.unready = True

    @property
    def behind(self) -> int:
        """In bytes: the share of the rows that are not yet taken."""
        if self.unready:
            return self.bytes
        return self.bytes * (self.total - self.rows) // max(self.total, 1)

    def refresh(self) -> None:
        """Open the file where it changed. Raises InvalidInput where it is not the file that was
        read, is damaged, or has no column for an event's id, time, account or type."""
        try:
            state = self.path.stat()
        except FileNotFoundError:
            self.gone()
            return
        except OSError as error:
            raise unreadable(self.path, "the file", error) from None
        self.bytes, seen = state.st_size, (state.st_size, state.st_mtime_ns)
        if seen != self.seen:
            self.seen, self.since_s, self.unready = seen, time.monotonic(), True
        if self.unready:
            self._open()

    def gone(self) -> None:
        if self.rows < self.total:
            message = f"'{self.path}' was taken away after {self.rows} of its {self.total} rows"
            raise InvalidInput(message, "put it back; take files away only when they are read")
        self.bytes = 0

    def _open(self) -> None:
        try:
            footer = _footer(self.path)
            with pq.ParquetFile(self.path) as source:
                self.total, names = source.metadata.num_rows, source.schema_arrow.names
        except PermissionError as error:
            raise unreadable(self.path, "the file", error) from None
        except DAMAGES as error:
            patient = time.monotonic() - self.since_s < self.reading.patience_s
            if self.reading.follow and patient:
                return
            reason = "it is empty" if not self.bytes else str(error).split(". ")[0]
            message = f"'{self.path}' is no whole Parquet file: {reason}"
            raise InvalidInput(
                message, "make it under a name in .part, and then rename it"
            ) from None
        if self.last not in (None, _digest(footer)):
            message = f"'{self.path}' is not the file of which {self.rows} rows were read"
            raise InvalidInput(message, RENAMED)
        self.last, self.unready = _digest(footer), False
        self._check_columns(names)

    def _check_columns(self, names: list[str]) -> None:
        refuse_twice(self.path, names)
        missing = [name for name in COLUMNS if name not in names]
        missing += ["time"] * ("time" not in names and "time_us" not in names)
        if missing:
            raise InvalidInput(f"'{self.path}' has no column `{missing[0]}`", REMAKE)

    def passed(self) -> Iterator[tuple[JudgedRecords, Place]]:
        if self.unready or self.rows >= self.total:
            return
        try:
            with pq.ParquetFile(self.path) as source:
                for table in _batches(source, self.rows, self.reading.size):
                    yield self._take(table)
        except FileNotFoundError:
            self.gone()
        except DAMAGES as error:
            reason = str(error).split(". ")[0]
            message = f"'{self.path}' is damaged after row {self.rows}: {reason}"
            raise InvalidInput(message, "make or copy it again") from None

    def _take(self, table: pa.Table) -> tuple[JudgedRecords, Place]:
        now_us = self.reading.now_us()
        taken = self.reading.intake.rows(str(self.path), self.rows + 1, table, now_us)
        self.rows += len(table)
        return taken, {"rows": self.rows, "last": self.last}


def _footer(path: Path) -> bytes:
    """The bytes of the metadata at the end of a Parquet file, with their length and mark."""
    with path.open("rb") as file:
        there = file.seek(0, os.SEEK_END)
        file.seek(max(there - 8, 0))
        length = int.from_bytes(file.read(4), "little") + 8
        file.seek(max(there - length, 0))
        return file.read()


def _batches(source: pq.ParquetFile, skip: int, size: int) -> Iterator[pa.Table]:
    """The rows after `skip`, without reading the row groups that lie before."""
    groups = list(range(source.metadata.num_row_groups))
    while groups and skip >= (rows := source.metadata.row_group(groups[0]).num_rows):
        skip -= rows
        groups.pop(0)
    for batch in source.iter_batches(batch_size=size, row_groups=groups, use_threads=False):
        if skip < len(batch):
            yield pa.table(batch.slice(skip))
        skip = max(skip - len(batch), 0)


class Pipe:
    """Lines of NDJSON that come through a file descriptor, for example standard input."""

    def __init__(self, fd: int, source: str, reading: ReadingPlan, poll_s: float) -> None:
        self.fd, self.source, self.reading, self.poll_s = fd, source, reading, poll_s
        self.waiting = bytearray()
        self.lines = 0  # whole lines that wait
        self.line = 0  # lines taken
        self.ended = False

    def arrivals(self) -> Iterator[Arrivals | None]:
        while not self.ended or self.waiting:
            self._fill()
            end = whole_lines(self.waiting, self.reading.size)
            if self.ended and self.lines < self.reading.size:
                end = len(self.waiting)
            if end:
                yield self._take(end)
            elif not self.ended:
                _refuse_endless(self.source, self.line + 1, self.waiting)
                yield None

    def _fill(self) -> None:
        """Wait for something, then take all that is there, up to the wanted lines."""
        wait_s = self.poll_s
        try:
            while not self.ended and self.lines < self.reading.size:
                if not select.select([self.fd], [], [], 0 if self.lines else wait_s)[0]:
                    return
                part = os.read(self.fd, READ)
                self.ended = not part
                self.waiting += part
                self.lines += part.count(b"\n")
                if len(self.waiting) > LONGEST_LINE:
                    return
                wait_s = 0
        except OSError as error:
            raise unreadable(Path(self.source), "the source", error) from None

    def _take(self, end: int) -> Arrivals:
        block = bytes(self.waiting[:end])
        del self.waiting[:end]
        now_us = self.reading.now_us()
        taken = self.reading.intake.lines(self.source, self.line + 1, block, now_us)
        lines = block.count(b"\n")
        self.line += lines
        self.lines -= lines
        position = {self.source: {"line": self.line}}
        return Arrivals(taken.events, taken.refused, taken.read, position, None)
