"""Sources: files of raw records, read in chunks. What cannot be read as a record is told apart,
with its line and its bytes, and never stops the rest."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from habeas.core.errors import InvalidInput
from habeas.ports.files import existing, unreadable

CHUNK = 50_000  # records held in memory at once
LONGEST_RECORD = 200  # lines; a quote that is not closed by then was never meant to open


@dataclass(frozen=True, slots=True)
class Broken:
    """Something in a file that is no record: at which line, why, and its bytes."""

    line: int
    reason: str
    raw: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records in file order as columns of Python values, and what was broken between them."""

    file: str
    lines: list[int]
    columns: dict[str, list[Any]]
    raw: Callable[[int], str]  # the record as its source has it, by position in the chunk
    broken: list[Broken]
    table: pa.Table | None = None  # the same records, where the source is columnar already

    @property
    def read(self) -> int:
        return len(self.lines) + len(self.broken)


def chunks(path: Path, delimiter: str = ",", size: int = CHUNK) -> Iterator[Chunk]:
    """The records of an NDJSON, CSV or Parquet file. Raises InvalidInput, NotFound."""
    existing(path, "the input")
    if path.stat().st_size == 0:
        raise InvalidInput(f"the input '{path}' is empty", "check how it was made")
    try:
        match path.suffix.lower():
            case ".csv":
                yield from _csv(path, delimiter, size)
            case ".ndjson" | ".jsonl" | ".json":
                yield from _ndjson(path, size)
            case ".parquet":
                yield from _parquet(path, size)
            case _:
                raise InvalidInput(
                    f"'{path}' is of a kind that cannot be imported",
                    "name it .csv, .ndjson, .jsonl or .parquet",
                )
    except OSError as error:
        raise unreadable(path, "the input", error) from None


def _parquet(path: Path, size: int) -> Iterator[Chunk]:
    try:
        source = pq.ParquetFile(path)
    except pa.ArrowInvalid as error:
        reason = str(error).split(". ")[0]
        raise InvalidInput(
            f"'{path}' is not a whole Parquet file: {reason}", "make or copy it again"
        ) from None
    line = 1
    for batch in source.iter_batches(batch_size=size):
        table = _in_microseconds(pa.table(batch))
        columns = {name: table.column(name).to_pylist() for name in table.column_names}
        lines = list(range(line, line + len(batch)))
        line += len(batch)
        yield Chunk(str(path), lines, columns, _row_text(columns), [], table)


def _in_microseconds(table: pa.Table) -> pa.Table:
    """Nanosecond times, which Python cannot hold, cut to microseconds."""
    for i, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type) and field.type.unit == "ns":
            kind = pa.timestamp("us", field.type.tz)
            table = table.set_column(i, field.name, table.column(i).cast(kind, safe=False))
    return table


def _row_text(columns: dict[str, list[Any]]) -> Callable[[int], str]:
    def text(i: int) -> str:
        row = {name: values[i] for name, values in columns.items()}
        return json.dumps(row, ensure_ascii=False, default=str)

    return text


class _Rows:
    """Collects records until a chunk is full."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: list[int] = []
        self.rows: list[dict[str, Any]] = []
        self.texts: list[str] = []
        self.broken: list[Broken] = []

    def __len__(self) -> int:
        return len(self.lines) + len(self.broken)

    def add(self, line: int, row: dict[str, Any], text: str) -> None:
        self.lines.append(line)
        self.rows.append(row)
        self.texts.append(text)

    def chunk(self) -> Chunk:
        names = dict.fromkeys(name for row in self.rows for name in row)
        columns = {name: [row.get(name) for row in self.rows] for name in names}
        return Chunk(self.file, self.lines, columns, self.texts.__getitem__, self.broken)


def _ndjson(path: Path, size: int) -> Iterator[Chunk]:
    rows = _Rows(str(path))
    with path.open("rb") as source:
        for number, line in enumerate(source, 1):
            if line.strip():
                _take_json(rows, number, line)
            if len(rows) >= size:
                yield rows.chunk()
                rows = _Rows(str(path))
    if len(rows):
        yield rows.chunk()


def _take_json(rows: _Rows, number: int, line: bytes) -> None:
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        record = json.loads(text)
    except UnicodeDecodeError as error:
        rows.broken.append(Broken(number, f"byte {error.start + 1} is not UTF-8", line))
    except (ValueError, RecursionError) as error:
        reason = f"is not JSON: {error}"
        if not line.endswith(b"\n"):
            reason = "the last line is cut short"
        rows.broken.append(Broken(number, reason, line))
    else:
        if isinstance(record, dict):
            rows.add(number, _flat(record), text)
        else:
            rows.broken.append(Broken(number, "is JSON, but no object", line))


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    """An envelope may carry its attributes in an object of their own."""
    inner = record.get("attributes")
    if not isinstance(inner, dict):
        return record
    return {**inner, **{k: v for k, v in record.items() if k != "attributes"}}


def _csv(path: Path, delimiter: str, size: int) -> Iterator[Chunk]:
    rows = _Rows(str(path))
    with path.open("rb") as source:
        records = _csv_records(source)
        header = _header(path, records, delimiter)
        for number, raw in records:
            _take_csv(rows, header, number, raw, delimiter)
            if len(rows) >= size:
                yield rows.chunk()
                rows = _Rows(str(path))
    if len(rows):
        yield rows.chunk()


def _header(path: Path, records: Iterator[tuple[int, bytes]], delimiter: str) -> list[str]:
    _, raw = next(records, (1, b""))
    try:
        names = next(csv.reader([raw.decode("utf-8-sig")], delimiter=delimiter), [])
    except UnicodeDecodeError:
        raise InvalidInput(f"the header of '{path}' is not UTF-8", "save it as UTF-8") from None
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice or not any(names):
        what = f"names `{twice[0]}` twice" if twice else "is empty"
        raise InvalidInput(f"the header of '{path}' {what}", "give each column its own name")
    return names


def _csv_records(source: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Whole CSV records: lines are joined while a quote is open (RFC 4180: a record has an even
    number of quotes). Where one never closes, only its first line is given up."""
    pending: list[bytes] = []
    number = 1
    quotes = 0
    for line in source:
        waiting = [line]
        while waiting:
            pending.append(waiting.pop(0))
            quotes += pending[-1].count(b'"')
            if quotes % 2 == 0:
                yield number, b"".join(pending)
                number += len(pending)
                pending, quotes = [], 0
            elif len(pending) >= LONGEST_RECORD:
                yield number, pending[0]
                number += 1
                waiting, pending, quotes = pending[1:] + waiting, [], 0
    for i, line in enumerate(pending):
        yield number + i, line


def _take_csv(rows: _Rows, header: list[str], number: int, raw: bytes, delimiter: str) -> None:
    if not raw.strip():
        return
    try:
        text = raw.decode("utf-8").rstrip("\r\n")
        fields = next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except UnicodeDecodeError as error:
        rows.broken.append(Broken(number, f"byte {error.start + 1} is not UTF-8", raw))
        return
    except csv.Error as error:
        cut = not raw.endswith(b"\n")
        reason = "the last line is cut short" if cut else f"is not CSV: {error}"
        rows.broken.append(Broken(number, reason, raw))
        return
    if len(fields) != len(header):
        reason = f"has {len(fields)} fields where the header has {len(header)}"
        if len(fields) < len(header) and not raw.endswith(b"\n"):
            reason = "the last line is cut short"
        rows.broken.append(Broken(number, reason, raw))
        return
    values = (field if field != "" else None for field in fields)
    rows.add(number, dict(zip(header, values, strict=True)), text)
