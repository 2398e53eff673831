"""Arrivals: raw records made into events as they come, many at a time.

core.policy.events.accept is the judge. Lines and rows in plain form are judged as whole columns,
with the same outcome; every other goes to `accept` one by one, in its place. Repeated ids are left
to the log."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from habeas.core.policy import Schema
from habeas.core.policy.events import Refusal, accept
from habeas.core.policy.schema import ENVELOPE
from habeas.engine.accepting import Acceptance
from habeas.engine.arrow import ARROW
from habeas.engine.columns import Array
from habeas.ports.sources import Broken, flat, in_microseconds, json_record, row_text, values_of
from habeas.ports.tables import events_table

FEW = 64  # rows; for so few, columns are no faster
ODD = 5  # times as many rows, where one of them may be odd
SAMPLE = 32  # lines that tell which columns are numbers and which are texts
SHORT_LINE = 600  # bytes; Python may refuse 640 digits, and nests no deeper than some hundred
DEEPEST = 200
DIGITS = re.compile(rb"[0-9]{600}")
AFTER_OBJECT = re.compile(rb"\}[ \t\r]*[^,\]} \t\r\n]")  # not the end of a line, nor JSON's , ] }
NO_NUMBER = re.compile(rb"[:,\[][ \t\r]*-?(?:NaN|Inf)")


@dataclass(frozen=True, slots=True)
class RefusedRecord:
    """A record that is no event: where it stood, which field, why, and its bytes."""

    source: str
    line: (
        int  # of the file from 1; the row in Parquet; the line since the start from standard input
    )
    field: str
    reason: str
    raw: bytes

    def as_json(self) -> dict[str, object]:
        """A line of the quarantine; bytes that are no UTF-8 are kept beside their escape."""
        entry: dict[str, object] = {
            "file": self.source,
            "line": self.line,
            "field": self.field,
            "reason": self.reason,
            "raw": self.raw.decode("utf-8", "backslashreplace").rstrip("\r\n"),
        }
        try:
            self.raw.decode("utf-8")
        except UnicodeDecodeError:
            entry["raw_base64"] = base64.b64encode(self.raw).decode()
        return entry


@dataclass(frozen=True, slots=True)
class JudgedRecords:
    """What became of some records, in their order. `read` = events + refused."""

    events: pa.Table  # the columns of an events file
    refused: list[RefusedRecord]
    read: int


@dataclass(frozen=True, slots=True)
class Arrivals(JudgedRecords):
    """One batch from a feed, and where the feed stands after it."""

    position: Mapping[str, Any] = field(default_factory=dict)  # JSON; only what this batch changed
    behind: int | None = None  # bytes known to be there and not yet read; None: cannot be known


class EventIntake:
    """Judges the records of one schema, up to `few` of them one by one."""

    def __init__(self, schema: Schema, few: int = FEW) -> None:
        self.schema, self.few = schema, few
        self.columns = Acceptance(schema)

    def lines(self, source: str, first: int, block: bytes, now_us: int) -> JudgedRecords:
        """The records of some lines of NDJSON, of which `first` is the number of the first."""
        return self._taken(_Lines(source, self.columns, first, block), now_us)

    def rows(self, source: str, first: int, table: pa.Table, now_us: int) -> JudgedRecords:
        """The records of a table with the columns of an events file, or `time` for `time_us`."""
        return self._taken(_Rows(source, self.columns, first, table), now_us)

    def _taken(self, batch: _Lines | _Rows, now_us: int) -> JudgedRecords:
        parts = list(self._parts(batch, 0, len(batch), now_us, self.few))
        events = [part.events for part in parts] or [self.columns.fields.empty_table()]
        refused = [refused for part in parts for refused in part.refused]
        table = pa.concat_tables(events).combine_chunks() if len(events) > 1 else events[0]
        return JudgedRecords(table, refused, sum(part.read for part in parts))

    def _parts(
        self, batch: _Lines | _Rows, low: int, high: int, now_us: int, few: int
    ) -> Iterator[JudgedRecords]:
        """Quarters what columns cannot take, so that an odd line slows down few others."""
        if high - low <= few:
            none = np.zeros(high - low, dtype=bool)
            yield self._settled(batch, low, self.columns.fields.empty_table(), none, now_us)
            return
        try:
            table, sure = batch.judged(low, high, now_us)
        except (pa.ArrowException, UnicodeDecodeError):
            bounds = np.linspace(low, high, 5).astype(int).tolist()
            for start, end in pairwise(bounds):
                yield from self._parts(batch, start, end, now_us, self.few * ODD or 1)
        else:
            events = table if sure.all() else table.filter(pa.array(sure))
            yield self._settled(batch, low, events, sure, now_us)

    def _settled(
        self, batch: _Lines | _Rows, low: int, events: pa.Table, sure: Array, now_us: int
    ) -> JudgedRecords:
        """The sure events, with the other records judged one by one and put in their places."""
        if sure.all():
            return JudgedRecords(events, [], len(events))
        found, places, refused = [], [], []
        odd = np.flatnonzero(~sure).tolist()
        for place, record in zip(odd, batch.records([low + p for p in odd]), strict=True):
            if record is None:
                continue
            try:
                if isinstance(record, Broken):
                    raise Refusal("record", record.reason)
                found.append(accept(record, self.schema, now_us))
                places.append(place)
            except Refusal as why:
                line, raw = batch.first + low + place, batch.raw(low + place)
                refused.append(RefusedRecord(batch.source, line, why.field, why.reason, raw))
        read = len(events) + len(found) + len(refused)
        if found:
            order = np.argsort(np.concatenate([np.flatnonzero(sure), places]), kind="stable")
            both = pa.concat_tables([events, events_table(found, self.schema, self.columns.fields)])
            events = both.take(pa.array(order)) if len(events) else both
        return JudgedRecords(events, refused, read)


class _Lines:
    """Lines of NDJSON, the last of which may lack its line feed."""

    def __init__(self, source: str, columns: Acceptance, first: int, block: bytes) -> None:
        self.source, self.columns, self.first, self.block = source, columns, first, block
        ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n")) + 1
        if len(block) and not block.endswith(b"\n"):
            ends = np.append(ends, len(block))
        self.bounds = np.concatenate([[0], ends])

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def raw(self, place: int) -> bytes:
        return self.block[self.bounds[place] : self.bounds[place + 1]]

    def records(self, places: list[int]) -> Iterator[dict[str, Any] | Broken | None]:
        """The fields of some records; None for a blank line."""
        for place in places:
            line = self.raw(place)
            if line.strip():
                found = json_record(self.first + place, line)
                yield found if isinstance(found, Broken) else found[0]
            else:
                yield None

    def judged(self, low: int, high: int, now_us: int) -> tuple[pa.Table, Array]:
        block = self.block[self.bounds[low] : self.bounds[high]]
        if not self._plain(block, low, high):
            raise pa.ArrowInvalid("Arrow and Python might not read these lines alike")
        # the name of that object cannot be written without one of these
        nested = b"attributes" in block or b"\\u" in block
        raw = _parsed(block, self._layout(low, high, nested))
        if len(raw) != high - low:
            raise pa.ArrowInvalid("there is not one record a line")
        clear = np.ones(high - low, dtype=bool)
        if nested:
            inner = pc.is_valid(raw.column("attributes")).to_numpy()
            raw = _merged(raw)
            if b"null" in block:  # Arrow cannot tell an outer null, which hides the inner value
                nulls = [b"null" in self.raw(place) for place in range(low, high)]
                clear = ~(inner & np.array(nulls))
        events, sure = self.columns.judged(raw, now_us)
        return events, sure & clear

    def _plain(self, block: bytes, low: int, high: int) -> bool:
        """Whether Arrow would read these lines as `json_record` does, if it reads them at all.

        Arrow takes objects over several lines or many on one, numbers and nesting without limit,
        -NaN and Inf; and a null outside of objects can end the process, so that none may be there:
        each line begins with { and ends with }, and what follows a } before its end is a part of
        an object still. Raises UnicodeDecodeError.
        """
        between = block.count(b"}\n{") + block.count(b"}\r\n{")
        if between != high - low - 1 or not block.startswith(b"{"):
            return False
        if not block.endswith((b"}\n", b"}\r\n")):
            return False
        if block.count(b"}") > high - low and AFTER_OBJECT.search(block):
            return False
        if (b"NaN" in block or b"Inf" in block) and NO_NUMBER.search(block):
            return False
        if "attributes" in self.columns.schema.attributes:  # the object, or the attribute?
            return False
        block.isascii() or block.decode("utf-8")
        long = np.flatnonzero(np.diff(self.bounds[low : high + 1]) > SHORT_LINE)
        return not any(_is_wild(self.raw(low + int(place))) for place in long)

    def _layout(self, low: int, high: int, nested: bool) -> pa.Schema:
        """The columns to read, as a sample of the lines has them: texts may be numbers."""
        places = np.linspace(low, high - 1, SAMPLE).astype(int).tolist()
        sample = [one for one in self.records(places) if isinstance(one, dict)]
        names = dict.fromkeys(ENVELOPE, pa.string()) | {"time": pa.int64()}
        attributes = self.columns.schema.attributes
        names |= {name: ARROW[attribute.type] for name, attribute in attributes.items()}
        fields = []
        for name, kind in names.items():
            kinds = {type(value) for record in sample if (value := record.get(name)) is not None}
            if kinds == {str}:
                kind = pa.string()
            elif kinds == {int} and kind == pa.string():
                kind = pa.int64()
            fields.append(pa.field(name, kind))
        return pa.schema([*fields, *([pa.field("attributes", pa.struct(fields))] * nested)])


def _is_wild(line: bytes) -> bool:
    return line.count(b"[") + line.count(b"{") > DEEPEST or DIGITS.search(line) is not None


def _parsed(block: bytes, layout: pa.Schema) -> pa.Table:
    return arrow_json.read_json(
        pa.BufferReader(block),
        read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(block) + 1),
        parse_options=arrow_json.ParseOptions(
            explicit_schema=layout, unexpected_field_behavior="ignore"
        ),
    )


def _merged(raw: pa.Table) -> pa.Table:
    """As `flat`: what stands outside of `attributes` goes before what stands inside."""
    inner = raw.column("attributes")
    names = [name for name in raw.column_names if name != "attributes"]
    columns = {n: pc.coalesce(raw.column(n), pc.struct_field(inner, n)) for n in names}
    return pa.table(columns)


class _Rows:
    """Rows of a table, judged as the values that Python would have of them."""

    def __init__(self, source: str, columns: Acceptance, first: int, table: pa.Table) -> None:
        self.source, self.columns, self.first = source, columns, first
        self.table = in_microseconds(table)
        names = self.table.column_names
        if "time_us" in names and "time" not in names:
            self.table = self.table.rename_columns(["time" if n == "time_us" else n for n in names])

    def __len__(self) -> int:
        return len(self.table)

    def raw(self, place: int) -> bytes:
        return row_text(_values(self.table.slice(place, 1)))(0).encode()

    def records(self, places: list[int]) -> Iterator[dict[str, Any]]:
        columns = _values(self.table.take(pa.array(places, pa.int64())))
        for values in zip(*columns.values(), strict=True):
            yield flat(dict(zip(columns, values, strict=True)))

    def judged(self, low: int, high: int, now_us: int) -> tuple[pa.Table, Array]:
        if "attributes" in self.table.column_names:
            raise pa.ArrowInvalid("attributes within attributes go row by row")
        return self.columns.judged(self.table.slice(low, high - low), now_us)


def _values(table: pa.Table) -> dict[str, list[Any]]:
    return {name: values_of(table.column(name)) for name in table.column_names}
