"""Parquet: events in, facts and findings out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from habeas.core.canon import canonical
from habeas.core.conditions import Base, Type
from habeas.core.errors import InvalidInput
from habeas.core.events import EARLIEST_US, LATEST_US, Event, Schema
from habeas.core.findings import Cause, Change, Finding
from habeas.core.shapes import AttributeKind, SchemaShape
from habeas.engine.columns import NO_TEXT, Column, Events, Texts
from habeas.ports.files import existing, written

SCHEMA_KEY = b"habeas.schema"
ARROW = {
    AttributeKind.TEXT: pa.string(),
    AttributeKind.INTEGER: pa.int64(),
    AttributeKind.MONEY: pa.int64(),
    AttributeKind.NUMBER: pa.float64(),
    AttributeKind.BOOLEAN: pa.bool_(),
}
ARROW_BASE = {
    Base.TEXT: pa.string(),
    Base.INTEGER: pa.int64(),
    Base.NUMBER: pa.float64(),
    Base.BOOLEAN: pa.bool_(),
}
ENVELOPE_COLUMNS = ("id", "time_us", "account", "type")
DAMAGES = (pa.ArrowException, OSError, UnicodeDecodeError)  # what a damaged file can raise
REMAKE = "make it with `habeas import`"


def events_schema(schema: Schema) -> pa.Schema:
    """The columns of an events file. The schema of the events travels in its metadata."""
    envelope = [("id", pa.string()), ("time_us", pa.int64())]
    envelope += [("account", pa.string()), ("type", pa.string())]
    own = [(name, ARROW[a.type]) for name, a in schema.attributes.items()]
    return pa.schema(envelope + own, metadata={SCHEMA_KEY: canonical(schema.as_json()).encode()})


@contextmanager
def events_writer(path: Path, schema: Schema) -> Iterator[pq.ParquetWriter]:
    with (
        written(path) as part,
        pq.ParquetWriter(part, events_schema(schema), compression="zstd") as writer,
    ):
        yield writer


def events_table(events: Sequence[Event], schema: Schema) -> pa.Table:
    columns: dict[str, list[Any]] = {
        "id": [e.id for e in events],
        "time_us": [e.time_us for e in events],
        "account": [e.account for e in events],
        "type": [e.type for e in events],
    }
    for name in schema.attributes:
        columns[name] = [e.attributes.get(name) for e in events]
    return pa.table(columns, schema=events_schema(schema))


def open_parquet(path: Path, what: str, hint: str = REMAKE) -> pq.ParquetFile:
    existing(path, what)
    try:
        source = pq.ParquetFile(path)
        source.schema_arrow  # noqa: B018 - it is read here, where it can fail
    except DAMAGES as error:
        reason = "it is empty" if path.stat().st_size == 0 else str(error).split(". ")[0]
        raise InvalidInput(f"{what} '{path}' is no whole Parquet file: {reason}", hint) from None
    return source


def schema_within(path: Path) -> Schema | None:
    """The schema that the events were imported with, where the file tells."""
    metadata = open_parquet(path, "the events file").schema_arrow.metadata or {}
    text = metadata.get(SCHEMA_KEY)
    try:
        return Schema(SchemaShape.model_validate(json.loads(text))) if text else None
    except ValueError:
        message = f"the schema within '{path}' cannot be read"
        raise InvalidInput(message, f"{REMAKE}, or name a schema with --schema") from None


def read_events(path: Path, schema: Schema) -> Events:
    """The events of a file in log order. Raises InvalidInput where it does not fit `schema`."""
    source = open_parquet(path, "the events file")
    found = source.schema_arrow
    for field in events_schema(schema):
        if found.names.count(field.name) != 1:
            has = "two columns" if field.name in found.names else "no column"
            raise InvalidInput(f"the events file '{path}' has {has} `{field.name}`", REMAKE)
        kind = found.field(field.name).type
        if _plain_type(kind) != field.type:
            message = f"the column `{field.name}` of '{path}' is {kind}, not {field.type}"
            raise InvalidInput(message, REMAKE)
    try:
        coded = [n for n in events_schema(schema).names if _is_coded(n, schema)]
        source = pq.ParquetFile(path, read_dictionary=coded)
        table = source.read(columns=events_schema(schema).names)
        for name in ENVELOPE_COLUMNS:
            if table.column(name).null_count:
                raise InvalidInput(f"the column `{name}` of '{path}' has nulls", REMAKE)
        events = _events(table, schema)
    except DAMAGES as error:
        reason = str(error).split(". ")[0]
        raise InvalidInput(f"the events file '{path}' is damaged: {reason}", REMAKE) from None
    outside = (events.time_us < EARLIEST_US) | (events.time_us > LATEST_US)
    if outside.any():
        row = int(outside.argmax()) + 1
        message = f"the time of row {row} of '{path}' lies outside the years 1980 to 2200"
        raise InvalidInput(message, f"times are microseconds since 1970; {REMAKE}")
    return events


def _is_coded(name: str, schema: Schema) -> bool:
    """Whether a column is read as codes of a dictionary, which Parquet keeps it as."""
    if name in ("account", "type"):
        return True
    return name in schema.attributes and schema.attributes[name].type is AttributeKind.TEXT


class Ids(Sequence[str]):
    """The ids of events, made into Python texts only where one is asked for."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self.column = column

    def __len__(self) -> int:
        return len(self.column)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        found = self.column[place]
        return Ids(found) if isinstance(place, slice) else str(found.as_py())

    def __iter__(self) -> Iterator[str]:
        return iter(self.column.to_pylist())


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.string() if pa.types.is_large_string(kind) else kind


def _events(table: pa.Table, schema: Schema) -> Events:
    texts = Texts()
    attributes = {}
    for name, attribute in schema.attributes.items():
        column = table.column(name)
        if attribute.type is AttributeKind.TEXT:
            codes = _codes(column, texts)
            attributes[name] = Column(codes, codes != NO_TEXT)
        else:
            known = pc.is_valid(column).to_numpy()
            zero = pa.scalar(0).cast(ARROW[attribute.type])
            attributes[name] = Column(pc.fill_null(column, zero).to_numpy(), known)
    return Events(
        schema=schema,
        texts=texts,
        id=Ids(table.column("id").combine_chunks()),
        time_us=table.column("time_us").to_numpy(),
        account=_codes(table.column("account"), texts),
        type=_codes(table.column("type"), texts),
        attributes=attributes,
    )


def _codes(column: pa.ChunkedArray, texts: Texts) -> np.ndarray[Any, np.dtype[np.int64]]:
    if not len(column):
        return np.zeros(0, dtype=np.int64)
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    encoded = column.unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    own = np.array([texts.code(t) for t in encoded.dictionary.to_pylist()] or [NO_TEXT])
    local = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return np.where(local >= 0, own[local], NO_TEXT).astype(np.int64)


def arrow_column(column: Column, kind: Type, texts: Texts) -> pa.Array:
    values = column.values
    if kind.base is Base.TEXT:
        names = pa.array(texts.texts, pa.string())
        codes = pa.array(values, mask=~column.known)
        return names.take(codes) if len(names) else pa.nulls(len(codes), pa.string())
    return pa.array(values, ARROW_BASE[kind.base], mask=~column.known)


def write_table(path: Path, table: pa.Table) -> None:
    with written(path) as part:
        pq.write_table(table, part, compression="zstd")


CHANGE = pa.struct([("fact", pa.string()), ("value", pa.int64()), ("instead", pa.int64())])
EVIDENCE = pa.struct([("fact", pa.string()), ("event_ids", pa.list_(pa.string()))])
TRUTH = pa.struct([("condition", pa.string()), ("holds", pa.bool_())])
FINDING_COLUMNS = [
    ("event_id", pa.string()),
    ("account", pa.string()),
    ("policy", pa.string()),
    ("version", pa.int64()),
    ("time_us", pa.int64()),
]
REASON_COLUMNS = [
    ("sequence", pa.int64()),
    ("finding", pa.string()),
    ("outcome", pa.string()),
    ("step", pa.int64()),
    ("cause", pa.string()),
    ("evidence", pa.list_(EVIDENCE)),
    ("truths", pa.list_(TRUTH)),
    ("changes", pa.list_(pa.list_(CHANGE))),
]


def findings_table(findings: Sequence[Finding], facts: Mapping[str, Type]) -> pa.Table:
    """One row a finding: who, when, which policy, one column a fact, and the reasons."""
    kinds = {name: ARROW_BASE[kind.base] for name, kind in facts.items()}
    schema = pa.schema([*FINDING_COLUMNS, *kinds.items(), *REASON_COLUMNS])
    rows = [_row(finding, facts) for finding in findings]
    return pa.Table.from_pylist(rows, schema=schema)


def _row(finding: Finding, facts: Iterable[str]) -> dict[str, Any]:
    return {
        **{name: finding.values.get(name) for name in facts},
        **{name: getattr(finding, name) for name, _ in FINDING_COLUMNS},
        "sequence": finding.sequence,
        "finding": finding.id,
        "outcome": finding.outcome,
        "step": finding.step,
        "cause": finding.cause,
        "evidence": [{"fact": n, "event_ids": ids} for n, ids in finding.evidence.items()],
        "truths": [{"condition": text, "holds": held} for text, held in finding.truths],
        "changes": [
            [{"fact": c.fact, "value": c.value, "instead": c.instead} for c in one]
            for one in finding.changes
        ],
    }


def read_findings(path: Path, account: str, facts: Mapping[str, Iterable[str]]) -> list[Finding]:
    """The findings of one account in a file; `facts` names the facts of each policy."""
    again = "make the plan again with `habeas plan`"
    source = open_parquet(path, "the findings of the plan", again)
    try:
        table = source.read()
        own = [name == account for name in table.column("account").to_pylist()]
        rows = table.filter(pa.array(own, pa.bool_())).to_pylist()
        return [_finding(row, facts[row["policy"]]) for row in rows]
    except (*DAMAGES, LookupError) as error:
        reason = str(error).split(". ")[0]
        raise InvalidInput(f"the findings '{path}' are damaged: {reason}", again) from None


def _finding(row: dict[str, Any], facts: Iterable[str]) -> Finding:
    return Finding(
        id=row["finding"],
        sequence=row["sequence"],
        event_id=row["event_id"],
        account=row["account"],
        time_us=row["time_us"],
        policy=row["policy"],
        version=row["version"],
        outcome=row["outcome"],
        step=row["step"],
        cause=Cause(row["cause"]),
        values={name: row[name] for name in facts},
        evidence={e["fact"]: tuple(e["event_ids"]) for e in row["evidence"]},
        truths=tuple((t["condition"], t["holds"]) for t in row["truths"]),
        changes=tuple(tuple(Change(**c) for c in one) for one in row["changes"]),
    )
