"""Event logs for tests: written, read back as plain values, and read without any of our code."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from habeas.core.policy import Event, Schema
from habeas.engine.log import Log
from habeas.engine.logged import Reader
from habeas.ports.tables import events_table
from tests.engine.making import HOUR, SCHEMA, START, event

Row = dict[str, Any]


def made(count: int, first: int = 0) -> list[Event]:
    """Events of which each brings a text of its own."""
    return [
        event(
            row, START + row * HOUR, f"account {row % 7}", "order", city=f"city {row}", pieces=row
        )
        for row in range(first, first + count)
    ]


def append(log: Log, events: Sequence[Event], **meta: Any) -> None:
    log.append(events_table(events, SCHEMA), meta)


def plain(events: Sequence[Event]) -> list[Row]:
    """What a log should say of events."""
    rows: list[Row] = events_table(events, SCHEMA).to_pylist()
    return [{name: row[name] for name in sorted(row)} for row in rows]


def rows_of(log: Reader, start: int = 0, most: int = 1) -> list[Row]:
    """All that a log says of its events, with texts for their codes."""
    found: list[Row] = []
    for first, table in log.tables(start, most):
        assert first == start + len(found)
        found += decoded(table, texts_of(log))
    return found


def texts_of(log: Reader) -> list[str]:
    listed: list[str] = log.texts.listed().to_pylist()
    return listed


def decoded(table: pa.Table, texts: Sequence[str]) -> list[Row]:
    coded = {f.name for f in table.schema if f.type == pa.int32()}
    return [
        {
            name: (texts[v] if v >= 0 else None) if name in coded else v
            for name, v in sorted(row.items())
        }
        for row in table.to_pylist()
    ]


@contextmanager
def opened(folder: Path, schema: Schema = SCHEMA, segment_bytes: int = 1 << 20) -> Iterator[Log]:
    log = Log(folder, schema, segment_bytes)
    try:
        yield log
    finally:
        log.close()


@contextmanager
def followed(folder: Path, schema: Schema = SCHEMA) -> Iterator[Reader]:
    reader = Reader(folder, schema)
    try:
        yield reader
    finally:
        reader.close()


def contents(folder: Path) -> dict[str, bytes]:
    """Every file but the lock, which is always empty."""
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.name != "lock"}


# A reader of its own: what docs/log.md says of the bytes, and no more

ARROW = {"text": pa.int32(), "integer": pa.int64(), "money": pa.int64(), "number": pa.float64(),
         "boolean": pa.bool_()}  # fmt: skip


@dataclass(frozen=True)
class Walked:
    """A log as the bytes say: events, JSON texts by kind, where each frame lies, both marks."""

    rows: list[Row] = field(default_factory=list)
    told: list[tuple[int, int, Row]] = field(default_factory=list)  # kind, first sequence, JSON
    frames: list[tuple[str, int, int]] = field(default_factory=list)  # file, first byte, end
    marks: list[tuple[int, ...]] = field(default_factory=list)  # the newest last


def walked(folder: Path) -> Walked:
    found, texts, columns = Walked(), [""] * 0, pa.schema([])
    for path in sorted(folder.glob("*.log")):
        data, place = path.read_bytes(), 8
        assert data[:8] == b"HABEAS\x00\x01"
        assert int(path.stem) == len(found.rows)
        while place < len(data):
            size, crc = struct.unpack_from("<II", data, place)
            body = data[place + 8 : place + 8 + size]
            assert zlib.crc32(data[place : place + 4] + body) == crc
            kind, count, sequence, *sizes = struct.unpack_from("<B3xIQ3I4x", body)
            assert sequence == len(found.rows)
            parts, start = [], 32
            for length in sizes:
                parts.append(body[start : start + length])
                start += length + -length % 8
            assert start == size
            assert size % 8 == 0
            found.told.append((kind, sequence, json.loads(parts[0])))
            found.frames.append((path.name, place, place + 8 + size))
            if kind == 0:
                columns = _columns(found.told[-1][2]["schema"]["attributes"])
            if parts[1]:
                texts += _batch(parts[1], pa.schema([("text", pa.string())])).column(0).to_pylist()
            if parts[2]:
                found.rows.extend(decoded(_batch(parts[2], columns), texts))
            assert len(found.rows) == sequence + count
            place += 8 + size
    data = (folder / "mark").read_bytes()
    for place in (0, 512):
        own = data[place : place + 52]
        if own[:8] == b"HABEASMK" and zlib.crc32(own[:48]) == int.from_bytes(own[48:], "little"):
            found.marks.append(struct.unpack_from("<5Q", own, 8))
    found.marks.sort()
    return found


def _batch(message: bytes, columns: pa.Schema) -> pa.Table:
    return pa.Table.from_batches([pa.ipc.read_record_batch(pa.py_buffer(message), columns)])


def _columns(attributes: Mapping[str, Row]) -> pa.Schema:
    first = [("id", pa.string()), ("time_us", pa.int64()), ("account", pa.int32()),
             ("type", pa.int32())]  # fmt: skip
    return pa.schema(
        first + [(name, ARROW[attributes[name]["type"]]) for name in sorted(attributes)]
    )
