"""Parquet: events in, facts and findings out."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from habeas.core.errors import InvalidInput
from habeas.core.policy import Event, Finding, Schema
from habeas.core.policy.conditions import Type
from habeas.core.policy.events import EARLIEST_US, LATEST_US
from habeas.core.policy.shapes import AttributeKind
from habeas.engine.arrow import ARROW_BASE, SCHEMA_KEY, Ids, events_from, events_schema
from habeas.engine.columns import Events
from habeas.engine.texts import Texts
from habeas.ports.files import existing, written

ENVELOPE_COLUMNS = ("id", "time_us", "account", "type")
DAMAGES = (pa.ArrowException, OSError, UnicodeDecodeError)  # what a damaged file can raise
# bytes of the texts of one column in one part of a file; above it they are written out one by one,
# which is several times slower to read
LARGEST_DICTIONARY = 64 << 20
TOGETHER = 1 << 22  # rows of one group; they are in memory until it is full
REMAKE = "make it with `habeas import`"


class EventsWriter:
    """Events into one file, `rows` of them to a row group however many come at once: each group
    holds the texts of its events once more, and reading those is most of reading a file."""

    def __init__(self, writer: pq.ParquetWriter, rows: int) -> None:
        self.writer, self.rows = writer, rows
        self.waiting: list[pa.Table] = []

    def write_table(self, table: pa.Table) -> None:
        self.waiting.append(table)
        while sum(map(len, self.waiting)) >= self.rows:
            whole = pa.concat_tables(self.waiting)
            self.writer.write_table(whole.slice(0, self.rows), row_group_size=self.rows)
            self.waiting = [whole.slice(self.rows)]

    def finish(self) -> None:
        rest = sum(map(len, self.waiting))
        if rest:
            self.writer.write_table(pa.concat_tables(self.waiting), row_group_size=rest)


@contextmanager
def events_writer(path: Path, schema: Schema, rows: int = TOGETHER) -> Iterator[EventsWriter]:
    """Writes events in groups of `rows`; the file is there whole or not at all."""
    coded = [n for n in events_schema(schema).names if _is_coded(n, schema)]
    with (
        written(path) as part,
        pq.ParquetWriter(
            part,
            events_schema(schema),
            compression="zstd",
            use_dictionary=coded,
            dictionary_pagesize_limit=LARGEST_DICTIONARY,
        ) as writer,
    ):
        events = EventsWriter(writer, rows)
        yield events
        events.finish()


def events_table(
    events: Sequence[Event], schema: Schema, fields: pa.Schema | None = None
) -> pa.Table:
    """`fields` is `events_schema(schema)`, where it is at hand: making it takes a millisecond."""
    columns: dict[str, list[Any]] = {
        "id": [e.id for e in events],
        "time_us": [e.time_us for e in events],
        "account": [e.account for e in events],
        "type": [e.type for e in events],
    }
    for name in schema.attributes:
        columns[name] = [e.attributes.get(name) for e in events]
    return pa.table(columns, schema=events_schema(schema) if fields is None else fields)


def open_parquet(path: Path, what: str, hint: str = REMAKE) -> pq.ParquetFile:
    """Raises NotFound, and InvalidInput where it is no whole Parquet file."""
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
        return Schema.of_json(json.loads(text)) if text else None
    except ValueError:
        message = f"the schema within '{path}' cannot be read"
        raise InvalidInput(message, f"{REMAKE}, or name a schema with --schema") from None


def events_file(path: Path, schema: Schema) -> pq.ParquetFile:
    """The file, its columns those of `schema`. Raises InvalidInput where they are not."""
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
    return source


def read_events(path: Path, schema: Schema) -> Events:
    """The events of a file in log order. Raises InvalidInput where it does not fit `schema`."""
    events_file(path, schema)
    coded = [n for n in events_schema(schema).names if _is_coded(n, schema)]
    source = pq.ParquetFile(path, read_dictionary=coded)

    def column(name: str) -> pa.ChunkedArray:
        with _damage_told(path):
            found = source.read(columns=[name]).column(0)
        if name in ENVELOPE_COLUMNS and found.null_count:
            refuse_nulls(path, [name])
        return found

    ids = Ids(source.metadata.num_rows, lambda: column("id"))
    if not _told_without_nulls(source, "id"):
        ids.column  # noqa: B018 - it is read here, where it can fail
    with _damage_told(path):
        events = events_from(column, ids, schema, Texts())
    outside = (events.time_us < EARLIEST_US) | (events.time_us > LATEST_US)
    refuse_times(path, int(outside.argmax()) if outside.any() else None)
    return events


def rows_among(path: Path, wanted: Collection[str], name: str = "id") -> dict[str, int]:
    """Which of some ids a file has, and in which row: of events, or `finding` of findings. Raises
    NotFound, InvalidInput."""
    what = "events" if name == "id" else "the findings file"
    source, ids = open_parquet(path, what), pa.array(sorted(wanted), pa.string())
    found: dict[str, int] = {}
    start = 0
    with _damage_told(path):
        for batch in source.iter_batches(columns=[name]):
            column = batch.column(0).cast(pa.string())
            there = pc.indices_nonzero(pc.is_in(column, ids))
            rows = (start + row for row in there.to_pylist())
            found |= zip(column.take(there).to_pylist(), rows, strict=True)
            start += len(batch)
    return found


def refuse_nulls(path: Path, columns: Sequence[str]) -> None:
    """Raises InvalidInput for the first of the columns that have nulls."""
    for name in columns:
        raise InvalidInput(f"the column `{name}` of '{path}' has nulls", REMAKE)


def refuse_times(path: Path, outside: int | None) -> None:
    """`outside` is the first row whose time cannot be, from 0."""
    if outside is not None:
        message = f"the time of row {outside + 1} of '{path}' lies outside the years 1980 to 2200"
        raise InvalidInput(message, f"times are microseconds since 1970; {REMAKE}")


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    try:
        yield
    except DAMAGES as error:
        reason = str(error).split(". ")[0]
        raise InvalidInput(f"the events file '{path}' is damaged: {reason}", REMAKE) from None


def _told_without_nulls(source: pq.ParquetFile, name: str) -> bool:
    """Whether the file itself says that a column has no null."""
    place = source.schema_arrow.names.index(name)
    groups = (source.metadata.row_group(i) for i in range(source.num_row_groups))
    told = [group.column(place).statistics for group in groups]
    return all(one is not None and one.has_null_count and not one.null_count for one in told)


def _is_coded(name: str, schema: Schema) -> bool:
    """Whether a column is read as codes of a dictionary, which Parquet keeps it as."""
    if name in ("account", "type"):
        return True
    return name in schema.attributes and schema.attributes[name].type is AttributeKind.TEXT


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.string() if pa.types.is_large_string(kind) else kind


def write_table(path: Path, table: pa.Table) -> None:
    """The file whole or not at all. Raises Unwritable."""
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
        "step": finding.index + 1,
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
    return finding_rows(path, facts, account, "the findings of the plan")[0]


@dataclass(frozen=True, slots=True)
class FindingMoment:
    """Of a finding: whose, by which policy, and when, microseconds UTC."""

    policy: str
    version: int
    account: str
    time_us: int


def finding_moments(path: Path) -> list[FindingMoment]:
    """Of all findings of a plan, without their reasons. Raises NotFound, InvalidInput."""
    again = "make it again with `habeas plan`"
    source = open_parquet(path, "the findings of the plan", again)
    names = [field.name for field in fields(FindingMoment)]
    try:
        return [FindingMoment(**row) for row in source.read(columns=names).to_pylist()]
    except (*DAMAGES, TypeError) as error:
        reason = str(error).split(". ")[0]
        raise InvalidInput(f"the findings '{path}' are damaged: {reason}", again) from None


def finding_rows(
    path: Path,
    facts: Mapping[str, Iterable[str]],
    account: str | None = None,
    what: str = "the findings file",
) -> tuple[list[Finding], int]:
    """The findings of the policies whose facts are given, of all accounts or of one, and how many
    there are of other policies."""
    again = "make it again with `habeas plan` or `habeas findings`"
    source = open_parquet(path, what, again)
    try:
        table = source.read()
        if account is not None:
            own = [name == account for name in table.column("account").to_pylist()]
            table = table.filter(pa.array(own, pa.bool_()))
        rows = table.to_pylist()
        found = [_finding(row, facts[row["policy"]]) for row in rows if row["policy"] in facts]
    except (*DAMAGES, LookupError) as error:
        reason = str(error).split(". ")[0]
        raise InvalidInput(f"the findings '{path}' are damaged: {reason}", again) from None
    return found, len(rows) - len(found)


def _finding(row: dict[str, Any], facts: Iterable[str]) -> Finding:
    """A row is the finding as JSON, with a column a fact and the evidence as pairs."""
    values = {name: row[name] for name in facts}
    evidence = {e["fact"]: e["event_ids"] for e in row["evidence"]}
    return Finding.of_json(row | {"facts": values, "evidence": evidence})
