"""What a worker of a cluster does with its part of the log: all events of some keys, in log order.

A part comes and goes as Arrow batches. Facts by other keys come first, each adding its column to
the events that pass through; facts by account come last, and with them the decisions. Nothing
here knows Spark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from habeas.core.policy import Fact, Policy, Schema
from habeas.core.policy.conditions import names
from habeas.core.policy.facts import by_meaning
from habeas.engine.arrow import ARROW_BASE, arrow_column, engine_column, events_of, events_schema
from habeas.engine.cluster import BATCH, refusing
from habeas.engine.columns import ACCOUNT, Array, Column, Events
from habeas.engine.conditions import is_true
from habeas.engine.evidence import evidence
from habeas.engine.judgement import judge, truth
from habeas.engine.reading import matching
from habeas.engine.replay import ReplayPart, parts, replay
from habeas.engine.texts import Texts

# Columns of ours are in capitals, which no attribute of an event is.
SEQUENCE, POLICY, STEP, CAUSE = "SEQUENCE POLICY STEP CAUSE".split()
KEY, FACT, IDS, SPANS = "KEY FACT IDS SPANS".split()
DECIDED = [(POLICY, pa.int64()), (STEP, pa.int64()), (CAUSE, pa.string())]
EVIDENCE = pa.schema(
    [
        (KEY, pa.string()),
        (FACT, pa.int64()),
        (SEQUENCE, pa.int64()),
        (IDS, pa.list_(pa.string())),
        (SPANS, pa.list_(pa.int64())),
    ]
)
TOGETHER = 200  # rows whose evidence is written out at once
ENVELOPE = ("id", "time_us", "account", "type")
Batches = Iterator[pa.RecordBatch]


@dataclass(frozen=True)
class Work:
    """The facts to compute and the policies to decide, over events of `schema`."""

    schema: Schema
    named: tuple[Fact, ...]
    policies: tuple[Policy, ...]

    @cached_property
    def facts(self) -> dict[Fact, Fact]:
        return by_meaning(self.named)

    @cached_property
    def columns(self) -> dict[Fact, str]:
        """The column of each meaning."""
        return {meaning: f"F{i}" for i, meaning in enumerate(self.facts)}

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """What facts are counted by; the account is always there, and last."""
        others = dict.fromkeys(f.by for f in self.facts if f.by != ACCOUNT)
        return (*others, ACCOUNT)

    def of_key(self, key: str) -> dict[Fact, Fact]:
        return {meaning: fact for meaning, fact in self.facts.items() if fact.by == key}

    def reads(self, facts: Iterable[Fact]) -> Schema:
        """The schema, narrowed to the attributes that some facts read."""
        wanted: set[str] = set()
        for fact in facts:
            wanted |= {fact.by, fact.value or ACCOUNT, *fact.holders}
            wanted |= set(names(fact.where)) if fact.where is not None else set()
        return self.narrowed(wanted)

    def narrowed(self, wanted: Iterable[str]) -> Schema:
        kept = {n: a for n, a in self.schema.attributes.items() if n in set(wanted)}
        return Schema(self.schema.shape.model_copy(update={"attributes": kept}))

    def carried(self, key: str | None) -> pa.Schema:
        """The columns of the events that have passed the facts by `key`: what is still to be
        read, the keys, and the facts so far. None: before the first."""
        done = () if key is None else self.keys[: self.keys.index(key) + 1]
        ahead = [f for f in self.facts if f.by not in done]
        own = self.narrowed([*self.reads(ahead).attributes, *self.keys])
        found = [f for f in self.facts if f.by in done]
        columns = [(self.columns[f], kind_of(f)) for f in found]
        return pa.schema([(SEQUENCE, pa.int64()), *events_schema(own), *columns])


def whole(batches: Iterable[pa.RecordBatch]) -> pa.Table | None:
    """A part as one table, None where it is empty. Windows need all events of a key at once."""
    listed = [batch for batch in batches if batch.num_rows]
    return pa.Table.from_batches(listed) if listed else None


def add_facts(work: Work, key: str, batches: Batches) -> Batches:
    """The events of a part with the facts by one key."""
    table = whole(batches)
    if table is not None:
        facts, texts = work.of_key(key), Texts()
        with refusing():
            found = replay(events_of(table, work.reads(facts), texts), facts.values())
        for meaning, column in found.items():
            made = arrow_column(column, meaning.type, texts)
            table = table.append_column(work.columns[meaning], made)
        yield from batched(table, work.carried(key))


def batched(table: pa.Table, schema: pa.Schema) -> Batches:
    """A table in batches of at most BATCH rows, with the columns of a schema."""
    yield from table.select(schema.names).to_batches(max_chunksize=BATCH)


@dataclass(frozen=True)
class Accounts:
    """A part cut by account, which carries the facts by other keys."""

    work: Work
    table: pa.Table

    @cached_property
    def events(self) -> Events:
        return events_of(self.table, self.work.reads(self.work.of_key(ACCOUNT)), Texts())

    def parts(self) -> Iterator[ReplayPart]:
        """Some accounts at a time, with every fact: those by account are computed here."""
        others = {
            meaning: engine_column(self.table.column(name), kind_of(meaning), self.events.texts)
            for meaning, name in self.work.columns.items()
            if meaning.by != ACCOUNT
        }
        for part in parts(self.events, self.work.of_key(ACCOUNT).values()):
            found = {meaning: column.take(part.rows) for meaning, column in others.items()}
            yield replace(part, facts=found | dict(part.facts))

    def made(
        self, rows: Array, policy: int, steps: Sequence[int | None], causes: Sequence[str | None],
        facts: Mapping[Fact, Column],
    ) -> Batches:  # fmt: skip
        """The events at `rows` with what was decided there, and the facts there; null where they
        are not given."""
        table = self.table.select([n for n in self.table.column_names if n[0].islower()])
        table = table.append_column(SEQUENCE, self.table.column(SEQUENCE)).take(rows)
        for meaning, name in self.work.columns.items():
            kind = kind_of(meaning)
            given = facts.get(meaning)
            column = pa.nulls(len(rows), kind)
            if given is not None:
                column = arrow_column(given, meaning.type, self.events.texts)
            table = table.append_column(name, column)
        for (name, kind), values in zip(
            DECIDED, ([policy] * len(rows), steps, causes), strict=True
        ):
            table = table.append_column(name, pa.array(values, kind))
        yield from batched(table, decisions(self.work))


def decide(work: Work, batches: Batches) -> Batches:
    """Where policies make findings: the events with the policy's number, the step, the cause and
    the policy's facts."""
    table = whole(batches)
    if table is None:
        return
    part = Accounts(work, table)
    with refusing():
        found, _ = judge(work.policies, part.parts())
    for place, one in enumerate(found):
        rows = np.array([edge.row for edge in one.edges], dtype=np.int64)
        steps, causes = [e.index for e in one.edges], [str(e.cause) for e in one.edges]
        facts = {one.policy.facts[name].meaning: column for name, column in one.columns.items()}
        yield from part.made(rows, place, steps, causes, facts)


def hold(work: Work, batches: Batches) -> Batches:
    """The events at which a policy's condition holds, with the policy's number and all facts."""
    table = whole(batches)
    if table is None:
        return
    whole_part = Accounts(work, table)
    with refusing():
        for part in whole_part.parts():
            for place, policy in enumerate(work.policies):
                rows = np.flatnonzero(is_true(truth(policy, part.events, part.facts)))
                facts = {meaning: column.take(rows) for meaning, column in part.facts.items()}
                nothing = [None] * len(rows)
                yield from whole_part.made(part.rows[rows], place, nothing, nothing, facts)


def decisions(work: Work) -> pa.Schema:
    """The columns that `decide` and `hold` give."""
    return pa.schema([*work.carried(ACCOUNT), *DECIDED])


def gather(work: Work, key: str, wanted: Mapping[Fact, Array], batches: Batches) -> Batches:
    """The evidence of facts by the key that the part is cut by, at those of their `wanted`
    sequences that lie in it: the columns of EVIDENCE. Of each fact and key there is one row with
    the ids of all events that it reads; then one for each sequence, with the spans of that list
    which are its evidence. Written out,
    a hot key's evidence would come back many times."""
    table = whole(batches)
    if table is None:
        return
    sequences = table.column(SEQUENCE).to_numpy()
    events = events_of(table, work.reads(wanted), Texts())
    for meaning, asked in wanted.items():
        rows = np.flatnonzero(np.isin(sequences, asked))
        yield from _evidence(work, meaning, key, events, sequences, rows)


def _evidence(
    work: Work, meaning: Fact, key: str, events: Events, sequences: Array, rows: Array
) -> Batches:
    fact, number = work.facts[meaning], list(work.columns).index(meaning)
    codes = events.key(key)
    takes = np.flatnonzero(matching(fact, events) & np.isin(codes, codes[rows]))
    takes = takes[np.argsort(codes[takes], kind="stable")]
    ranks = np.zeros(len(events), dtype=np.int64)
    ranks[takes] = np.arange(len(takes))
    for code in np.unique(codes[rows]).tolist():
        first, last = np.searchsorted(codes[takes], [code, code + 1])
        ids = [events.id[i] for i in takes[first:last].tolist()]
        yield _told([events.texts[code]], number, [None], [ids], [None])
    begins = np.searchsorted(codes[takes], codes[rows])
    numbered: Any = range(len(events))  # places instead of ids
    for start in range(0, len(rows), TOGETHER):
        some = slice(start, start + TOGETHER)
        found: Any = evidence([fact], replace(events, id=numbered), rows[some])[fact.name]
        spans = [
            _spans(ranks[list(places)] - begin)
            for places, begin in zip(found, begins[some], strict=True)
        ]
        names = [events.texts[code] for code in codes[rows[some]].tolist()]
        yield _told(names, number, sequences[rows[some]], [None] * len(names), spans)


def _told(keys: Any, fact: int, sequences: Any, ids: Any, spans: Any) -> pa.RecordBatch:
    columns = [keys, [fact] * len(keys), sequences, ids, spans]
    made = [pa.array(c, t) for c, t in zip(columns, EVIDENCE.types, strict=True)]
    return pa.RecordBatch.from_arrays(made, schema=EVIDENCE)


def _spans(places: Array) -> list[int]:
    """Ascending numbers as the beginnings and ends of their runs: 3, 4, 5, 8 is 3, 6, 8, 9."""
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) != 1)
    begins = places[np.append(0, breaks + 1)]
    ends = places[np.append(breaks, len(places) - 1)] + 1
    spans: list[int] = np.stack([begins, ends], axis=1).ravel().tolist()
    return spans


def kind_of(fact: Fact) -> pa.DataType:
    return ARROW_BASE[fact.type.base]
