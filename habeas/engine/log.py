"""The event log: append-only, each batch durable before it is acknowledged (format: `segments`).

Written by one process; any number may read. On recovery a torn tail that was never acknowledged is
cut; anything else that is not whole is named and nothing is touched (law 5).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from habeas.core.canon import canonical
from habeas.core.errors import Unwritable
from habeas.core.policy import Schema
from habeas.engine.arrow import coded, events_of, log_schema
from habeas.engine.columns import Events
from habeas.engine.durable import put, sync_folder
from habeas.engine.logged import TEXT, Reader
from habeas.engine.segments import (
    FRAME,
    MAGIC,
    Frame,
    FrameKind,
    LogMark,
    LogSegment,
    framed,
    name_of,
)
from habeas.engine.texts import bytes_of

SEGMENT_BYTES = 256 << 20  # a segment longer than this is followed by a new one
RECENT = 1000  # frames of which the ids stay in memory


class Log(Reader):
    """The log, written. One process holds it at a time."""

    follows = False

    def __init__(self, folder: Path, schema: Schema, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.segment_bytes = segment_bytes
        self.file, self.broken = -1, ""
        self.recent: list[int] = []
        self.disk = ThreadPoolExecutor(1)
        super().__init__(folder, schema)

    def _open(self) -> None:
        with self._told():
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        self.files.callback(os.close, lock)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Unwritable(
                f"another process writes the log '{self.folder}'",
                "stop it first, or give this one a folder of its own",
            ) from None
        super()._open()
        with self._told():
            self._open_last()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._failed(error) from None

    def _cut(self, segment: LogSegment, end: int) -> None:
        if end:
            os.truncate(segment.path, end)
        else:  # not even its header was whole: the file is as if it had never been made
            self.segments.pop(segment.first).path.unlink()

    def _open_last(self) -> None:
        """Go on in the last segment, if it holds events of this schema; else begin another."""
        if self.mark == LogMark() and not self.segments:
            self.marks.write(self.mark)  # from here on a log without a mark is a damaged log
            sync_folder(self.folder)
        if self.segments:
            last = max(self.segments)
            self.file = os.open(self.segments[last].path, os.O_WRONLY)
            if self.schemas.get(last) == log_schema(self.schema) and self.end[0] == last:
                return
        self._rotate()

    def _rotate(self) -> None:
        """Begin a segment. A crash in here leaves a file without events, which recovery cuts or
        goes on with."""
        if self.end[0] == self.sequence and self.sequence in self.segments:
            self._tell_schema()  # the last has no event yet: it is told once more
            return
        path = self.folder / name_of(self.sequence)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            put(file, MAGIC, 0)
            sync_folder(self.folder)
        except OSError:
            os.close(file)
            raise
        if self.file >= 0:
            os.close(self.file)
        self.file = file
        self.segments[self.sequence] = LogSegment(path)
        self.before, self.end = self.end, (self.sequence, len(MAGIC))
        self._tell_schema()

    def _tell_schema(self) -> None:
        self._write(FrameKind.SCHEMA, {"schema": self.schema.as_json(), "before": self.before})

    def append(self, table: pa.Table, meta: Mapping[str, Any]) -> Events:
        """Write events (the columns of `events_schema`) and what is to be known behind them. They
        are durable, and numbered from `sequence` on, when this returns. Raises Unwritable; then
        the log is as it was."""
        with self.appending(table, meta) as events:
            return events

    @contextmanager
    def appending(self, table: pa.Table, meta: Mapping[str, Any]) -> Iterator[Events]:
        """`append`, with time for something else while the disk works: the events are numbered
        and can be read at once, and are durable when the context ends."""
        self._make_ready(self.end[1] >= self.segment_bytes)
        events = events_of(table, self.schema, self.texts)
        batch = coded(table, events)
        new = pa.record_batch([self.texts.listed(self.coded).cast(pa.string())], schema=TEXT)
        messages = (new.serialize() if len(new) else b"", batch.serialize())
        size = len(self.texts)
        with self._told(), self._writing(FrameKind.EVENTS, meta, *messages, count=len(table)):
            if len(batch):
                self._keep_ids(batch.column(0))
            yield events
        self.coded = size

    def _keep_ids(self, column: pa.Array) -> None:
        """The ids of the latest frames stay in memory: reading them from the file would need a
        new map of it for each frame, and a process may only have so many."""
        if len(self.recent) == RECENT:
            for number in self.recent:
                self.id_parts.pop(number, None)
            self.recent.clear()
        self.recent.append(len(self.event_frames) - 1)
        self.id_parts[self.recent[-1]] = bytes_of(column)

    def _make_ready(self, full: bool) -> None:
        """Begin another segment where the last is full; where a full disk kept the schema out of
        it, tell it now."""
        if full or self.end[0] not in self.schemas:
            self._check_whole()
            with self._told():
                self._rotate()

    def append_policies(self, policies: Mapping[str, Any]) -> None:
        """Write which policies are in force, and from which event on."""
        self._make_ready(full=False)
        with self._told():
            self._write(FrameKind.POLICIES, policies)

    def _write(
        self, kind: FrameKind, meta: Mapping[str, Any], *messages: bytes | pa.Buffer, count: int = 0
    ) -> None:
        """One frame at the end of the log, durable when this returns."""
        with self._writing(kind, meta, *messages, count=count):
            pass

    @contextmanager
    def _writing(
        self, kind: FrameKind, meta: Mapping[str, Any], *messages: bytes | pa.Buffer, count: int = 0
    ) -> Iterator[None]:
        """One frame at the end of the log, durable when the context ends. Where the disk does not
        take all of it, what it took is taken back."""
        self._check_whole()
        parts = [memoryview(part) for part in (canonical(meta).encode(), *messages)]
        parts += [memoryview(b"")] * (3 - len(parts))
        segment, start = self.end
        sizes = (len(parts[0]), len(parts[1]), len(parts[2]))
        frame = Frame(segment, start + FRAME.size, kind, self.sequence, count, sizes)
        try:
            put(self.file, framed(frame, parts), start)
        except OSError:
            self._take_back(start)
            raise
        durable = self.disk.submit(os.fdatasync, self.file)
        if kind is FrameKind.SCHEMA:
            self.schemas[segment] = log_schema(self.schema)
        self._note(frame)
        try:
            yield
        finally:
            self._settle(frame, start, durable)

    def _settle(self, frame: Frame, start: int, durable: Future[None]) -> None:
        """Wait until a frame is durable; where it never is, nobody shall have seen it."""
        try:
            durable.result()
        except OSError:
            self._forget(frame, start)
            self._take_back(start)
            raise

    def _forget(self, frame: Frame, start: int) -> None:
        self.frames.remove(frame)
        self.end = (frame.segment, start)
        if frame.kind is FrameKind.SCHEMA:
            del self.schemas[frame.segment]
        if frame.count:
            self.starts.pop()
            self.event_frames.pop()
            self.sequence -= frame.count
            self.id_parts.pop(self.recent.pop(), None)

    def _check_whole(self) -> None:
        if self.broken:
            raise Unwritable(self.broken, "start again: what was acknowledged is whole")

    def _take_back(self, start: int) -> None:
        """Cut what was written of a frame. Where that fails too nobody knows what the disk holds:
        this process writes no more, and the next one recovers."""
        self.broken = f"the log '{self.folder}' could not be written before"
        os.ftruncate(self.file, start)
        os.fdatasync(self.file)
        self.broken = ""

    def acknowledge(self, findings: int = 0) -> None:
        """Everything up to here is done: the events, and so many bytes of their findings."""
        with self._told():
            mark = LogMark(self.sequence, *self.end, findings)
            self.marks.write(mark)
        self.mark = mark

    def close(self) -> None:
        self.disk.shutdown()
        if self.file >= 0:
            os.close(self.file)
            self.file = -1
        super().close()
