"""What a worker of a cluster does with its part of the log: all events of some keys, in log order.

A part comes and goes as Arrow batches. Facts by other keys come first, each adding its column to
the events that pass through; facts by account come last, and with them the decisions. Nothing
here knows Spark."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from habeas.core.conditions import names
from habeas.core.events import Schema
from habeas.core.facts import Fact
from habeas.core.policies import Policy
from habeas.engine.arrow import ARROW_BASE, arrow_column, engine_column, events_of, events_schema
from habeas.engine.cluster import BATCH, refusing
from habeas.engine.columns import NO_TEXT, Array, Column, Events, Texts
from habeas.engine.conditions import is_true
from habeas.engine.evidence import evidence
from habeas.engine.kernel import ACCOUNT, Kernel
from habeas.engine.replay import edges, truth

# Columns of ours are in capitals, which no attribute of an event is.
SEQUENCE, POLICY, STEP, CAUSE, FACT, BEHIND = "SEQUENCE POLICY STEP CAUSE FACT BEHIND".split()
DECIDED = [(POLICY, pa.int64()), (STEP, pa.int64()), (CAUSE, pa.string())]
EVIDENCE = pa.schema([(SEQUENCE, pa.int64()), (FACT, pa.int64()), (BEHIND, pa.list_(pa.string()))])
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
        """Facts of one meaning are computed once, under the first one's name."""
        found: dict[Fact, Fact] = {}
        for fact in self.named:
            found.setdefault(fact.meaning, fact)
        return found

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
        columns = [(self.columns[f], ARROW_BASE[f.type.base]) for f in found]
        return pa.schema([(SEQUENCE, pa.int64()), *events_schema(own), *columns])


def whole(batches: Iterable[pa.RecordBatch]) -> pa.Table | None:
    """A part as one table, None where it is empty. Windows need all events of a key at once."""
    listed = [batch for batch in batches if batch.num_rows]
    return pa.Table.from_batches(listed) if listed else None


def add_facts(work: Work, key: str, batches: Batches) -> Batches:
    """The events of a part with the facts by one of the other keys."""
    table = whole(batches)
    if table is not None:
        texts = Texts()
        facts = work.of_key(key)
        with refusing():
            found, _ = Kernel(facts.values()).feed(
                events_of(table, work.reads(facts), texts), together=True
            )
        yield from with_columns(work, table, found, texts, work.carried(key))


def with_columns(
    work: Work, table: pa.Table, found: Mapping[Fact, Column], texts: Texts, schema: pa.Schema
) -> Batches:
    """`table` with the columns of facts beside it, as far as `schema` has them."""
    for meaning, column in found.items():
        made = arrow_column(column, meaning.type, texts)
        table = table.append_column(work.columns[meaning], made)
    yield from table.select(schema.names).to_batches(max_chunksize=BATCH)


def facts_of(work: Work, table: pa.Table, events: Events) -> dict[Fact, Column]:
    """Every fact of a part cut by account: those by account are computed here."""
    found = dict(Kernel(work.of_key(ACCOUNT).values()).feed(events, together=True)[0])
    for meaning, name in work.columns.items():
        if meaning.by != ACCOUNT:
            kind = ARROW_BASE[meaning.type.base]
            found[meaning] = engine_column(table.column(name), kind, events.texts)
    return found


def decide(work: Work, every: bool, batches: Batches) -> Batches:
    """The events at which policies find something, with all facts, the policy's number, the step
    and the cause; with `every`, all events at which a condition holds."""
    table = whole(batches)
    if table is None:
        return
    with refusing():
        events = events_of(table, work.reads(work.of_key(ACCOUNT)), Texts())
        found = facts_of(work, table, events)
    for place, policy in enumerate(work.policies):
        held = truth(policy, events, found)
        if every:
            rows, steps, causes = np.flatnonzero(is_true(held)), None, None
        else:
            made = edges(policy, events, held)
            rows = np.array([edge.row for edge in made], dtype=np.int64)
            steps, causes = [e.step for e in made], [str(e.cause) for e in made]
        if not len(rows):
            continue
        chosen = table.take(rows)
        at_rows = {meaning: column.take(rows) for meaning, column in found.items()}
        own = {meaning: c for meaning, c in at_rows.items() if meaning.by == ACCOUNT}
        decided = [[place] * len(rows), steps or [None] * len(rows), causes or [None] * len(rows)]
        for (name, kind), values in zip(DECIDED, decided, strict=True):
            chosen = chosen.append_column(name, pa.array(values, kind))
        yield from with_columns(work, chosen, own, events.texts, decisions(work))


def all_facts(work: Work, batches: Batches) -> Batches:
    """Every event of a part cut by account, with all facts."""
    table = whole(batches)
    if table is not None:
        with refusing():
            events = events_of(table, work.reads(work.of_key(ACCOUNT)), Texts())
            found, _ = Kernel(work.of_key(ACCOUNT).values()).feed(events, together=True)
        yield from with_columns(work, table, found, events.texts, work.carried(ACCOUNT))


def decisions(work: Work) -> pa.Schema:
    """The columns that `decide` gives."""
    return pa.schema([*work.carried(ACCOUNT), *DECIDED])


def gather(work: Work, key: str, wanted: Mapping[Fact, Array], batches: Batches) -> Batches:
    """The evidence of facts by one key: one row for each fact and each of its `wanted` sequences
    that lie in this part."""
    table = whole(batches)
    if table is None:
        return
    sequences = table.column(SEQUENCE).to_numpy()
    events = events_of(table, work.reads(wanted), Texts())
    there = events.key(key) != NO_TEXT
    order = list(work.columns)
    for meaning, asked in wanted.items():
        rows = np.flatnonzero(there & np.isin(sequences, asked))
        ids = evidence(work.facts[meaning], events, rows)
        columns = [sequences[rows], np.full(len(rows), order.index(meaning)), ids]
        made = [pa.array(c, t) for c, t in zip(columns, EVIDENCE.types, strict=True)]
        if len(rows):
            yield pa.RecordBatch.from_arrays(made, schema=EVIDENCE)
