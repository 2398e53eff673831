"""Sources: files of raw records, read in chunks. What cannot be read as a record is told apart,
with its line and its bytes, and never stops the rest."""

from __future__ import annotations

import csv
import json
from codecs import BOM_UTF8
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
NDJSON = (".ndjson", ".jsonl", ".json")
PER_UNIT = {"s": 1_000_000, "ms": 1000, "us": 1}  # microseconds


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
    def ragged(self) -> bool:
        """Whether a record may lack columns that others have."""
        return Path(self.file).suffix.lower() in NDJSON

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
            case suffix if suffix in NDJSON:
                yield from _ndjson(path, size)
            case ".parquet":
                yield from _parquet(path, size)
            case _:
                raise InvalidInput(
                    f"'{path}' is of a kind that cannot be imported",
                    "name it .csv, .ndjson, .jsonl or .parquet",
                )
    except (pa.ArrowException, UnicodeDecodeError) as error:
        reason = str(error).split(". ")[0]
        raise InvalidInput(
            f"'{path}' is not a whole Parquet file: {reason}", "make or copy it again"
        ) from None
    except OSError as error:
        raise unreadable(path, "the input", error) from None


def _parquet(path: Path, size: int) -> Iterator[Chunk]:
    source = pq.ParquetFile(path)
    refuse_twice(path, source.schema_arrow.names)
    line = 1
    for batch in source.iter_batches(batch_size=size):
        table = in_microseconds(pa.table(batch))
        columns = {name: values_of(table.column(name)) for name in table.column_names}
        lines = list(range(line, line + len(batch)))
        line += len(batch)
        yield Chunk(str(path), lines, columns, row_text(columns), [], table)


def in_microseconds(table: pa.Table) -> pa.Table:
    """Nanosecond times, which Python cannot hold, cut to microseconds; times with a zone in UTC,
    as that zone may not be known here."""
    for i, field in enumerate(table.schema):
        if pa.types.is_timestamp(field.type):
            unit = "us" if field.type.unit == "ns" else field.type.unit
            kind = pa.timestamp(unit, "UTC" if field.type.tz else None)
            table = table.set_column(i, field.name, table.column(i).cast(kind, safe=False))
    return table


def values_of(column: pa.ChunkedArray) -> list[Any]:
    try:
        listed: list[Any] = column.to_pylist()
    except (pa.ArrowException, ValueError, OverflowError):
        return [_value(cell) for cell in column]
    return listed


def _value(cell: pa.Scalar) -> Any:
    """The value of one cell; what Python cannot hold is taken as what no field will accept."""
    try:
        return cell.as_py()
    except (pa.ArrowException, ValueError, OverflowError):
        if pa.types.is_timestamp(cell.type):  # a year that no datetime has
            return cell.value * PER_UNIT[cell.type.unit]
        broken_text = isinstance(cell, pa.StringScalar | pa.LargeStringScalar)
        return cell.as_buffer().to_pybytes() if broken_text else str(cell.type).encode()


def row_text(columns: dict[str, list[Any]]) -> Callable[[int], str]:
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
    found = json_record(number, line)
    if isinstance(found, Broken):
        rows.broken.append(found)
    else:
        rows.add(number, *found)


def json_record(number: int, line: bytes) -> tuple[dict[str, Any], str] | Broken:
    """The record that line `number` of a file holds and its text, or why it holds none."""
    try:
        text = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        record = json.loads(text)
    except UnicodeDecodeError as error:
        return Broken(number, f"byte {error.start + 1} is not UTF-8", line)
    except (ValueError, RecursionError) as error:
        cut = not line.endswith(b"\n")
        reason = "the last line is cut short" if cut else f"is not JSON: {error}"
        return Broken(number, reason, line)
    if not isinstance(record, dict):
        return Broken(number, "is JSON, but no object", line)
    return flat(record), text


def flat(record: dict[str, Any]) -> dict[str, Any]:
    """An envelope may carry its attributes in an object of their own."""
    inner = record.get("attributes")
    if not isinstance(inner, dict):
        return record
    return {**inner, **{k: v for k, v in record.items() if k != "attributes"}}


def _csv(path: Path, delimiter: str, size: int) -> Iterator[Chunk]:
    rows = _Rows(str(path))
    with path.open("rb") as source:
        if source.read(len(BOM_UTF8)) != BOM_UTF8:
            source.seek(0)
        records = _csv_records(source, delimiter.encode())
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
        names = next(csv.reader([raw.decode("utf-8")], delimiter=delimiter), [])
    except UnicodeDecodeError:
        raise InvalidInput(f"the header of '{path}' is not UTF-8", "save it as UTF-8") from None
    except csv.Error as error:
        hint = "save it as CSV with a line feed after each record"
        raise InvalidInput(f"the header of '{path}' is not CSV: {error}", hint) from None
    if not any(names):
        raise InvalidInput(f"the header of '{path}' is empty", "name the columns in its first line")
    refuse_twice(path, names)
    return names


def refuse_twice(path: Path, names: list[str]) -> None:
    """Raises InvalidInput for a header that names a column twice."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        message = f"the header of '{path}' names `{twice[0]}` twice"
        raise InvalidInput(message, "give each column its own name")


def _csv_records(source: IO[bytes], delimiter: bytes) -> Iterator[tuple[int, bytes]]:
    """Whole CSV records: lines are joined while a quoted field is open (RFC 4180, 2.6). Where one
    never closes, only its first line is given up."""
    pending: list[bytes] = []
    number = 1
    inside = False
    for line in source:
        waiting = [line]
        while waiting:
            pending.append(waiting.pop(0))
            inside = _inside_after(pending[-1], delimiter, inside)
            if not inside:
                yield number, b"".join(pending)
                number += len(pending)
                pending = []
            elif len(pending) >= LONGEST_RECORD:
                yield number, pending[0]
                number += 1
                waiting, pending, inside = pending[1:] + waiting, [], False
    for i, line in enumerate(pending):
        yield number + i, line


def _inside_after(line: bytes, delimiter: bytes, inside: bool) -> bool:
    """Whether a quoted field is open after `line`. A quote opens one only as a field's first
    character; inside, a doubled quote is a quote."""
    place = line.find(b'"')
    while place >= 0:
        if not inside:
            inside = place == 0 or line.endswith(delimiter, 0, place)
        elif line.startswith(b'"', place + 1):
            place += 1
        else:
            inside = False
        place = line.find(b'"', place + 1)
    return inside


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
