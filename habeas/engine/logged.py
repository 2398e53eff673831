"""What stands in the event log, for those who only read it. On recovery anything that is not
whole, but for a torn tail that was never acknowledged, is named and nothing is touched (law 5)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pyarrow as pa

from habeas.core.errors import InvalidInput, Unwritable
from habeas.core.policy import Schema
from habeas.engine import segments
from habeas.engine.arrow import fitted, log_schema
from habeas.engine.columns import Array
from habeas.engine.texts import Texts, bytes_of

TEXT = pa.schema([("text", pa.string())])


class Reader:
    """The log as it stands, read-only. `frames` holds all that is whole, in order; `texts` all
    texts. A follower sees only what is acknowledged, and more of it at each `refresh`."""

    follows = True

    def __init__(self, folder: Path, schema: Schema) -> None:
        self.folder, self.schema, self.texts = folder, schema, Texts()
        self.segments: dict[int, segments.LogSegment] = {}
        self.schemas: dict[int, pa.Schema] = {}
        self.frames: list[segments.Frame] = []
        self.starts: list[int] = []  # the first sequence of each frame of events
        self.event_frames: list[segments.Frame] = []
        self.sequence = 0  # of the next event
        self.end = (0, 0)  # the segment and byte behind the last whole frame
        self.before = (0, 0)  # the same of the segment before the last
        self.batches: dict[int, pa.RecordBatch] = {}
        self.id_parts: dict[int, tuple[Array, Array]] = {}
        self.coded = 0  # texts of the log; compiled conditions may have added others to `texts`
        self.files = ExitStack()  # what is open
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        try:
            self.marks = segments.Marks(self.folder, writable=not self.follows)
            self.files.callback(self.marks.close)
            self.mark = self.marks.read() or segments.LogMark()
            self._recover()
        except FileNotFoundError:
            if segments.segments_in(self.folder):
                raise InvalidInput(
                    f"'{self.folder / 'mark'}' is missing", segments.RESTORE
                ) from None
            raise InvalidInput(f"'{self.folder}' holds no event log", "check the path") from None
        except OSError as error:
            raise self._failed(error) from None

    def _failed(self, error: OSError) -> InvalidInput | Unwritable:
        if self.follows:
            message = f"the log '{self.folder}' cannot be read: {error.strerror or error}"
            return InvalidInput(message, "check that it is a folder that you may read")
        return segments.unwritable(self.folder, error)

    def __len__(self) -> int:
        return self.sequence

    def refresh(self) -> None:
        """Take in what was acknowledged since. Raises InvalidInput."""
        self.mark = max(self.mark, self.marks.read() or self.mark)
        self._recover()

    def _recover(self) -> None:
        """Read from the end of what is known. The log ends at its last whole frame; that must be
        no earlier than the mark."""
        found = segments.segments_in(self.folder)
        acknowledged = (self.mark.segment, self.mark.offset)
        if self.follows:
            found = [segment for segment in found if segment.first <= acknowledged[0]]
        for segment in found:
            if segment.first < self.end[0]:
                continue
            if segment.first not in (self.sequence, self.end[0]):
                raise segments.gap(self.folder, self.sequence, segment.first)
            known = self.segments.setdefault(segment.first, segment)
            start = self.end[1] if segment.first == self.end[0] else 0
            last = segment is found[-1]
            self._take(known, start, last)
        if self.end < acknowledged:
            raise segments.short(self.folder, self.mark, self.sequence, self.end)

    def _take(self, segment: segments.LogSegment, start: int, last: bool) -> None:
        """The frames of one segment from byte `start` on."""
        acknowledged = (self.mark.segment, self.mark.offset)
        size = segment.size()
        if self.follows and segment.first == acknowledged[0]:
            size = min(size, self.mark.offset)
        if not start and size >= len(segments.MAGIC):
            new = last and acknowledged <= (segment.first, 0)
            if not (new and segment.is_blank()):
                segment.check_header()
                start = len(segments.MAGIC)
                self.before, self.end = self.end, (segment.first, start)
        why = "it is cut short" if size < start or not start else ""
        for frame in segment.frames(start, size) if start else ():
            if isinstance(frame, str):
                why = frame
                break
            self._keep(segment, frame)
        if why and (not last or self.end < acknowledged):
            raise self._damage(segment, why)
        if why:
            self._cut(segment, self.end[1] if self.end[0] == segment.first else 0)

    def _damage(self, segment: segments.LogSegment, why: str) -> InvalidInput:
        number = sum(frame.segment == segment.first for frame in self.frames) + 1
        offset = self.end[1] if self.end[0] == segment.first else 0
        return InvalidInput(
            f"frame {number} of '{segment.path}', at byte {offset:,}, is damaged: {why}; the "
            f"events from {self.sequence:,} on cannot be read",
            segments.RESTORE,
        )

    def _cut(self, segment: segments.LogSegment, end: int) -> None:
        """What a crash left of a frame that was never acknowledged: a reader leaves it alone."""

    def _keep(self, segment: segments.LogSegment, frame: segments.Frame) -> None:
        if frame.sequence != self.sequence:
            raise segments.gap(self.folder, self.sequence, frame.sequence)
        if frame.kind is segments.FrameKind.SCHEMA:
            told = segment.meta(frame)
            if tuple(told["before"]) != self.before:
                raise segments.ended(self.folder, self.before, told["before"], self.sequence)
            self.schemas[segment.first] = log_schema(Schema.of_json(told["schema"]))
        if frame.sizes[1]:
            batch = pa.ipc.read_record_batch(segment.part(frame, 1), TEXT)
            self.texts.codes(pa.chunked_array([batch.column(0)]))
            self.coded = len(self.texts)
        self._note(frame)

    def _note(self, frame: segments.Frame) -> None:
        self.frames.append(frame)
        self.end = (frame.segment, frame.end)
        if frame.count:
            self.starts.append(frame.sequence)
            self.event_frames.append(frame)
            self.sequence += frame.count

    # Events

    def batch(self, number: int) -> pa.RecordBatch:
        """The events of one frame, by its place in `event_frames`; they stay in the map."""
        if number not in self.batches:
            frame = self.event_frames[number]
            part = self.segments[frame.segment].part(frame, 2)
            self.batches[number] = pa.ipc.read_record_batch(part, self.schemas[frame.segment])
        return self.batches[number]

    def ids(self, rows: Sequence[int]) -> list[str]:
        """The ids of events, by their sequence."""
        found: list[str] = []
        start = stop = 0
        for row in rows:
            if not start <= row < stop:  # rows mostly come in order, some to a frame
                number = bisect_right(self.starts, row) - 1
                start = self.starts[number]
                bounds, text = self._texts_of_ids(number)
                stop = start + len(bounds) - 1
            place = row - start
            found.append(text[bounds[place] : bounds[place + 1]].tobytes().decode())
        return found

    def _texts_of_ids(self, number: int) -> tuple[Array, Array]:
        """The bounds and the bytes of the ids of one frame."""
        if number not in self.id_parts:
            self.id_parts[number] = bytes_of(self.batch(number).column(0))
        return self.id_parts[number]

    def tables(self, start: int = 0, most: int = 1) -> Iterator[tuple[int, pa.Table]]:
        """The events from sequence `start` on, frames of about `most` events together, with the
        sequence of the first. The columns are those of `log_schema`."""
        number = max(0, bisect_right(self.starts, start) - 1)
        while number < len(self.starts):
            first = self.starts[number]
            end = max(number + 1, bisect_right(self.starts, first + most - 1))
            table = pa.concat_tables(self._fitted(n) for n in range(number, end))
            number = end
            if first < start:
                table, first = table.slice(start - first), start
            yield first, table

    def _fitted(self, number: int) -> pa.Table:
        try:
            return fitted(self.batch(number), self.schema)
        except TypeError as error:
            message = f"the log '{self.folder}' has another kind of attribute: {error}"
            raise InvalidInput(message, "give the attribute of the new kind a new name") from None

    def metas(
        self, kind: segments.FrameKind, start: int = 0
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """What the frames of a kind that end at `start` or later say, and at which sequence."""
        for frame in self.frames:
            if frame.kind is kind and frame.sequence + frame.count >= start:
                yield frame.sequence, self.segments[frame.segment].meta(frame)

    def close(self) -> None:
        self.files.close()
