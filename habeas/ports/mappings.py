"""Mappings: which column or SQL expression of a table becomes which field of an event. DuckDB
evaluates the expressions, one chunk at a time, and reads nothing but that chunk."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from habeas.core.errors import InvalidInput, InvalidPolicy, Problem, nearest
from habeas.core.policy import Schema, yaml
from habeas.core.policy.events import LARGEST, Refusal
from habeas.core.policy.schema import ENVELOPE, read_schema
from habeas.core.policy.shapes import MappingShape, SqlShape, shaped
from habeas.core.policy.yaml import Document, read_document
from habeas.ports.files import read_text
from habeas.ports.sources import Chunk

Fields = dict[str, list[Any]]
Unbound = dict[str, list[tuple[list[int], str]]]  # by field: records its SQL does not fit, and why
LINE = "line"
RECORD = "record"  # what the table of a chunk is called
UNSPEAKABLE = "half a character"
UNFIT = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)


@dataclass(frozen=True, slots=True)
class EventMapping:
    """A checked mapping file with the schema it refers to."""

    document: Document
    shape: MappingShape
    schema: Schema
    zone: ZoneInfo

    @property
    def columns(self) -> dict[str, str]:
        """Fields that are columns as they stand."""
        return {f: c for f, c in self._all().items() if isinstance(c, str)}

    @property
    def expressions(self) -> dict[str, str]:
        """Fields that are computed, with their SQL."""
        return {f: c.sql for f, c in self._all().items() if isinstance(c, SqlShape)}

    def _all(self) -> dict[str, str | SqlShape]:
        own = self.shape.attributes
        attributes = {n: n for n in self.schema.attributes} if own is None else own
        return {**{name: getattr(self.shape.event, name) for name in ENVELOPE}, **attributes}

    def place(self, field: str) -> yaml.Path:
        return ("event", field) if field in ENVELOPE else ("attributes", field)

    def problem(self, field: str, sentence: str, hint: str) -> InvalidPolicy:
        """An error with the place of a field in the mapping."""
        found = self.document.problem(self.place(field), sentence, hint)
        return InvalidPolicy(str(found), problems=[found])


def read_mapping(path: Path, schema_path: Path | None = None) -> EventMapping:
    """Raises NotFound, InvalidInput or InvalidPolicy with every problem of the mapping."""
    document = read_document(read_text(path, "the mapping"), str(path))
    shape = shaped(document, MappingShape)
    where = schema_path or path.parent / shape.schema_
    schema = read_schema(read_document(read_text(where, "the schema"), str(where)))
    problems = [
        document.key_problem(
            ("attributes", name), f"the schema has no attribute `{name}`",
            nearest(name, schema.attributes),
        )
        for name in shape.attributes or ()
        if name not in schema.attributes
    ]  # fmt: skip
    try:
        zone = ZoneInfo(shape.timezone)
    except (KeyError, ValueError, OSError):
        hint = "for example UTC or Europe/Paris"
        problems.append(document.problem(("timezone",), "there is no such time zone", hint))
        zone = ZoneInfo("UTC")
    if shape.delimiter in '"\r\n':
        sentence = "a quote or a line end cannot stand between fields"
        problems.append(document.problem(("delimiter",), sentence, "for example ; or \\t"))
    mapping = EventMapping(document, shape, schema, zone)
    problems += list(_expression_problems(mapping))
    if problems:
        raise InvalidPolicy(f"{path} has problems", problems=problems)
    return mapping


def _expression_problems(mapping: EventMapping) -> Iterable[Problem]:
    for field, sql in mapping.expressions.items():
        try:
            tree = sqlglot.parse_one(sql, read="duckdb")
        except (SqlglotError, RecursionError):
            tree = None
        if tree is None or isinstance(
            tree, exp.Query | exp.Command | exp.DDL | exp.DML | exp.Block
        ):
            yield mapping.document.problem(
                (*mapping.place(field), "sql"), f"the SQL of `{field}` is not one expression",
                "write what would stand after `select`",
            )  # fmt: skip
        elif tree.find(exp.AggFunc, exp.Window, exp.Query, exp.Star, exp.Columns, exp.Explode):
            yield mapping.document.problem(
                (*mapping.place(field), "sql"), f"the SQL of `{field}` looks beyond its record",
                "use the columns of one record: no aggregate, window, subquery, unnest or *",
            )  # fmt: skip


class Mapper:
    """Applies one mapping to chunk after chunk."""

    def __init__(self, mapping: EventMapping) -> None:
        self.mapping = mapping
        self.bound: set[str] = set()  # fields whose SQL has fitted some record

    @cached_property
    def database(self) -> duckdb.DuckDBPyConnection:
        database = duckdb.connect(config={"threads": 2})
        # Not that of this machine: the same file must give the same events everywhere.
        database.execute(f"SET TimeZone = '{self.mapping.zone.key}'")
        # A mapping may come from anywhere; it must not read files or the network.
        database.execute("SET enable_external_access = false")
        database.execute("SET lock_configuration = true")
        return database

    def fields(self, chunk: Chunk) -> tuple[Fields, dict[int, Refusal]]:
        """The fields of each record, and the records whose SQL failed, by position."""
        found = {
            field: self._plain(chunk, field, column)
            for field, column in self.mapping.columns.items()
        }
        if not self.mapping.expressions or not chunk.lines:
            return found, {}
        computed, refused, unbound = self._computed(chunk)
        if unbound and chunk.table is None:
            computed, refused, unbound = self._computed(chunk, fine=True)
        self._refuse(unbound, refused)
        return found | computed, refused

    def _plain(self, chunk: Chunk, field: str, column: str) -> list[Any]:
        if column in chunk.columns:
            return chunk.columns[column]
        if column == LINE:
            return chunk.lines
        # NDJSON records need not all have all keys; in a table a missing column is a mistake.
        named = self.mapping.shape.attributes is not None or field in ENVELOPE
        if named and chunk.lines and not chunk.ragged:
            raise InvalidInput(
                f"'{chunk.file}' has no column `{column}`, which the mapping names for `{field}`",
                nearest(column, chunk.columns),
            )
        return [None] * len(chunk.lines)

    def _computed(
        self, chunk: Chunk, fine: bool = False
    ) -> tuple[Fields, dict[int, Refusal], Unbound]:
        found: Fields = {f: [None] * len(chunk.lines) for f in self.mapping.expressions}
        refused: dict[int, Refusal] = {}
        unbound: Unbound = {}
        for rows, table in self._tables(chunk, refused, fine):
            self.database.register("record", table)
            for field, values in self._values(rows, refused, unbound).items():
                for row, value in zip(rows, values, strict=True):
                    found[field][row] = value
            self.database.unregister("record")
        return found, refused, unbound

    def _refuse(self, unbound: Unbound, refused: dict[int, Refusal]) -> None:
        """Refuse the records that the SQL does not fit, or the mapping where it fits none."""
        for field, failures in unbound.items():
            if field not in self.bound:
                sentence = f"the SQL of `{field}` does not fit the file: {failures[0][1]}"
                raise self.mapping.problem(field, sentence, "name its columns and mind their types")
            for rows, reason in failures:
                for row in rows:
                    refused.setdefault(row, Refusal(field, f"its SQL does not fit: {reason}"))

    def _tables(
        self, chunk: Chunk, refused: dict[int, Refusal], fine: bool
    ) -> Iterator[tuple[list[int], pa.Table]]:
        """The records as tables whose columns have one type each: what an expression says of a
        record must not depend on the records around it. If `fine`, missing is a type as well."""
        every = list(range(len(chunk.lines)))
        if chunk.table is not None:
            columns = {n: chunk.table.column(n) for n in self._read(chunk)}
            yield every, _with_lines(columns, chunk.lines)
            return
        lists = {n: chunk.columns[n] for n in self._read(chunk)}
        uneven = {n: values for n, values in lists.items() if fine or not _even(values)}
        alike: dict[tuple[str, ...], list[int]] = {}
        for row in every:
            kinds = tuple(_kind(values[row]) for values in uneven.values())
            if UNSPEAKABLE in kinds:
                name = list(uneven)[kinds.index(UNSPEAKABLE)]
                refused[row] = Refusal(name, "holds a character that no text may have")
            else:
                alike.setdefault(kinds, []).append(row)
        for rows in alike.values():
            columns = {n: _array([values[i] for i in rows]) for n, values in lists.items()}
            if chunk.ragged:
                columns |= {n: pa.nulls(len(rows)) for n in self._roots() - columns.keys()}
            yield rows, _with_lines(columns, [chunk.lines[i] for i in rows])

    def _read(self, chunk: Chunk) -> list[str]:
        """The columns of a chunk that the expressions read; DuckDB minds no capitals."""
        roots = self._roots()
        folded = {name.lower() for name in roots - chunk.columns.keys()}
        return [n for n in chunk.columns if n != LINE and (n in roots or n.lower() in folded)]

    def _roots(self) -> set[str]:
        """The columns that the expressions name: `a` of `a`, `a.b` and `record.a`."""
        trees = (sqlglot.parse_one(s, read="duckdb") for s in self.mapping.expressions.values())
        paths = [[p.name for p in c.parts] for tree in trees for c in tree.find_all(exp.Column)]
        return {p[1] if p[0] == RECORD and len(p) > 1 else p[0] for p in paths} - {LINE}

    def _values(self, rows: list[int], refused: dict[int, Refusal], unbound: Unbound) -> Fields:
        expressions = self.mapping.expressions
        try:
            found = dict(zip(expressions, self._select(expressions.values(), rows), strict=True))
        except duckdb.Error:
            found = {}
            for field in expressions:
                try:
                    found[field] = self._careful(field, rows, refused)
                except UNFIT as error:
                    unbound.setdefault(field, []).append((rows, str(error).splitlines()[0]))
        self.bound |= found.keys()
        return found

    def _select(self, expressions: Iterable[str], rows: list[int]) -> list[list[Any]]:
        # An expression may end in a comment, so the bracket stands on a line of its own.
        listed = [f"({sql}\n) AS c{i}" for i, sql in enumerate(expressions)]
        # The expressions are the user's own, checked above to be expressions and nothing else.
        query = f"SELECT {', '.join(listed)} FROM {RECORD}"  # noqa: S608
        table = self.database.sql(query).to_arrow_table()
        if table.shape != (len(rows), len(listed)):
            raise duckdb.BinderException("it does not give one value for each record")
        return [column.to_pylist() for column in table.columns]

    def _careful(self, field: str, rows: list[int], refused: dict[int, Refusal]) -> list[Any]:
        """One expression, row by row where it fails: a failing row stops only itself."""
        sql = self.mapping.expressions[field]
        try:
            return self._select([sql], rows)[0]
        except UNFIT:
            raise
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
        try:
            tried = [f"TRY({sql}\n)", f"TRY(({sql}\n) IS NULL)"]
            values, computed = self._select(tried, rows)
        except duckdb.Error:
            raise self.mapping.problem(field, f"the SQL of `{field}` fails: {reason}", "") from None
        for row, known in zip(rows, computed, strict=True):
            if known is None:
                refused.setdefault(row, Refusal(field, f"its SQL fails here, as in: {reason}"))
        return values


def _with_lines(columns: dict[str, Any], lines: list[int]) -> pa.Table:
    return pa.table({**columns, LINE: pa.array(lines, pa.int64())})


def _even(values: list[Any]) -> bool:
    """Whether values of JSON make a column of one type as they stand."""
    if len(set(map(type, values)) - {type(None)}) > 1:
        return False
    try:
        pa.array(values)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _kind(value: object) -> str:
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return UNSPEAKABLE
    if isinstance(value, int) and abs(value) > LARGEST:
        return "beyond 64 bits"
    return type(value).__name__


def _array(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (TypeError, ValueError, OverflowError):
        # What has no type of its own, such as a list of several kinds, is text as JSON writes it.
        listed = (v if v is None or isinstance(v, str) else json.dumps(v) for v in values)
        return pa.array(listed, pa.string())
