"""Mappings: which column or SQL expression of a table becomes which field of an event. DuckDB
evaluates the expressions, one chunk at a time, and reads nothing but that chunk."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from habeas.core.documents import Document, read_document
from habeas.core.documents import Path as Place
from habeas.core.errors import InvalidInput, InvalidPolicy, Problem, nearest
from habeas.core.events import ENVELOPE, Refusal, Schema, read_schema
from habeas.core.shapes import MappingShape, SqlShape, shaped
from habeas.ports.files import read_text
from habeas.ports.sources import Chunk

Fields = dict[str, list[Any]]
LINE = "line"


@dataclass(frozen=True, slots=True)
class Mapping:
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

    def place(self, field: str) -> Place:
        return ("event", field) if field in ENVELOPE else ("attributes", field)

    def problem(self, field: str, sentence: str, hint: str) -> InvalidPolicy:
        found = self.document.problem(self.place(field), sentence, hint)
        return InvalidPolicy(str(found), problems=[found])


def read_mapping(path: Path, schema_path: Path | None = None) -> Mapping:
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
    mapping = Mapping(document, shape, schema, zone)
    problems += list(_expression_problems(mapping))
    if problems:
        raise InvalidPolicy(f"{path} has problems", problems=problems)
    return mapping


def _expression_problems(mapping: Mapping) -> Iterable[Problem]:
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


class Mapper:
    """Applies one mapping to chunk after chunk."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.database = duckdb.connect(config={"threads": 2})
        # A mapping may come from anywhere; it must not read files or the network.
        self.database.execute("SET enable_external_access = false")
        self.database.execute("SET lock_configuration = true")

    def fields(self, chunk: Chunk) -> tuple[Fields, dict[int, Refusal]]:
        """The fields of each record, and the records whose SQL failed, by position."""
        found = {
            field: self._plain(chunk, field, column)
            for field, column in self.mapping.columns.items()
        }
        refused: dict[int, Refusal] = {}
        if self.mapping.expressions and chunk.lines:
            self.database.register("record", self._table(chunk))
            found |= self._computed(refused)
            self.database.unregister("record")
        return found, refused

    def _plain(self, chunk: Chunk, field: str, column: str) -> list[Any]:
        if column in chunk.columns:
            return chunk.columns[column]
        if column == LINE:
            return chunk.lines
        # NDJSON records need not all have all keys; in a table a missing column is a mistake.
        named = self.mapping.shape.attributes is not None or field in ENVELOPE
        if named and chunk.lines and not chunk.file.endswith(("json", "jsonl")):
            raise InvalidInput(
                f"'{chunk.file}' has no column `{column}`, which the mapping names for `{field}`",
                nearest(column, chunk.columns),
            )
        return [None] * len(chunk.lines)

    def _table(self, chunk: Chunk) -> pa.Table:
        if chunk.table is not None:
            table = chunk.table
        else:
            table = pa.table({n: _array(values) for n, values in chunk.columns.items()})
            for name in self._read() - set(table.column_names) - {LINE}:
                table = table.append_column(name, pa.nulls(len(chunk.lines), pa.string()))
        if LINE in table.column_names:
            table = table.drop_columns([LINE])
        return table.append_column(LINE, pa.array(chunk.lines, pa.int64()))

    def _read(self) -> set[str]:
        """The columns that the expressions read."""
        trees = (sqlglot.parse_one(s, read="duckdb") for s in self.mapping.expressions.values())
        return {column.name for tree in trees for column in tree.find_all(exp.Column)}

    def _computed(self, refused: dict[int, Refusal]) -> Fields:
        expressions = self.mapping.expressions
        try:
            return dict(zip(expressions, self._select(expressions.values()), strict=True))
        except duckdb.Error:
            return {field: self._careful(field, refused) for field in expressions}

    def _select(self, expressions: Iterable[str]) -> list[list[Any]]:
        listed = ", ".join(f"({sql}) AS c{i}" for i, sql in enumerate(expressions))
        # The expressions are the user's own, checked above to be expressions and nothing else.
        table = self.database.sql(f"SELECT {listed} FROM record").to_arrow_table()  # noqa: S608
        return [column.to_pylist() for column in table.columns]

    def _careful(self, field: str, refused: dict[int, Refusal]) -> list[Any]:
        """One expression, row by row where it fails: a failing row stops only itself."""
        sql = self.mapping.expressions[field]
        try:
            return self._select([sql])[0]
        except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as error:
            reason = str(error).splitlines()[0]
            raise self.mapping.problem(
                field, f"the SQL of `{field}` does not fit the file: {reason}", "name its columns"
            ) from None
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
        try:
            values, computed = self._select([f"TRY({sql})", f"TRY(({sql}) IS NULL)"])
        except duckdb.Error:
            raise self.mapping.problem(field, f"the SQL of `{field}` fails: {reason}", "") from None
        for row, known in enumerate(computed):
            if known is None:
                refused.setdefault(row, Refusal(field, f"its SQL fails here, as in: {reason}"))
        return values


def _array(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        # A column of several kinds is text, as JSON writes it.
        listed = (v if v is None or isinstance(v, str) else json.dumps(v) for v in values)
        return pa.array(listed, pa.string())
