"""Findings from a stream of events, by Spark's transformWithState: one stateful operator a key.

Events pass one operator after the other, by each key that facts are counted by, each adding its
facts; the last, by account, adds its own, decides the conditions and climbs the ladders. What an
operator remembers of a key is what `engine.twin` remembers: only what its windows still hold. Of
one key few events come at a time, and there the plain kernel is no slower than arrays would be.

Within a micro-batch events are taken in order of their sequence. That a later micro-batch brings
only later events is the caller's promise: what comes out of order gets the meaning of the order
in which it came.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, Row
from pyspark.sql import functions as sql
from pyspark.sql.streaming.stateful_processor import StatefulProcessor

from habeas.core.canon import digest
from habeas.core.errors import Changed
from habeas.core.ids import finding_id
from habeas.core.policy import Fact, Policy, Schema
from habeas.core.policy.conditions import BOOLEAN
from habeas.core.policy.facts import FactKind
from habeas.core.policy.findings import NOWHERE, FactValue, Position, advance
from habeas.core.policy.policies import facts_of
from habeas.core.policy.shapes import AttributeKind
from habeas.engine.arrow import events_of
from habeas.engine.cluster import refusing
from habeas.engine.columns import ACCOUNT, Column, Events, column_of, plain
from habeas.engine.judgement import truth
from habeas.engine.parts import ENVELOPE, SEQUENCE, Work, kind_of
from habeas.engine.reading import matching, overflow, read_values
from habeas.engine.spark import ddl
from habeas.engine.texts import Texts
from habeas.engine.twin import BEFORE_ALL, INT64, STATES, FactState

if TYPE_CHECKING:
    from pyspark.sql.streaming.stateful_processor import (
        StatefulProcessorHandle,
        TimerValues,
        ValueState,
    )

LACKING = "LACKING"  # the account of an event without the key, so that no group holds all of them
FOUND = {
    "sequence": pa.int64(), "event_id": pa.string(), "account": pa.string(),
    "time_us": pa.int64(), "policy": pa.string(), "version": pa.int64(), "outcome": pa.string(),
    "finding": pa.string(), "step": pa.int64(), "cause": pa.string(),
}  # fmt: skip
KeyValues = list[FactValue]


def live_findings(events: DataFrame, work: Work) -> DataFrame:
    """The findings of a stream of events, one row a finding: FOUND, then a column a fact.

    `events` has the columns of an events file and `sequence`, the place in the log. Write what
    comes out in append mode, with a checkpoint of its own for each set of policies."""
    stored = [name for name in work.carried(None).names if name != SEQUENCE]
    frame = events.select(sql.col("sequence").alias(SEQUENCE), *stored)
    for key in work.keys[:-1]:
        lacking = sql.when(sql.col(key).isNull(), sql.col(ACCOUNT))
        frame = (
            frame.withColumn(LACKING, lacking)
            .groupBy(key, LACKING)
            .transformWithState(Adding(work, key), ddl(work.carried(key)), "Append", "None")
        )
    return frame.groupBy(ACCOUNT).transformWithState(
        Deciding(work, ACCOUNT), ddl(found_schema(work)), "Append", "None"
    )


def found_schema(work: Work) -> pa.Schema:
    return pa.schema(
        [*FOUND.items(), *((n, kind_of(f)) for n, f in facts_of(work.policies).items())]
    )


@dataclass
class Memory:
    """What is remembered of one key: its clock, a state for each fact, and where it stands under
    each policy, if it is an account."""

    states: list[FactState]
    clock: int = BEFORE_ALL
    positions: dict[str, Position] = field(default_factory=dict)

    def take(self, facts: Sequence[Fact], events: Events) -> tuple[list[KeyValues], list[int]]:
        """The values of facts at events of this key, in log order, and its clock at each."""
        takes = [matching(fact, events).tolist() for fact in facts]
        reads = [_values(fact, events) for fact in facts]
        found: list[KeyValues] = [[] for _ in facts]
        clocks = []
        for row, time in enumerate(events.time_us.tolist()):
            self.clock = max(self.clock, time)
            clocks.append(self.clock)
            for i, fact in enumerate(facts):
                state: Any = self.states[i]
                limit = self.clock - fact.over_us if fact.over_us else BEFORE_ALL
                if takes[i][row] and time > limit:
                    state.add(time, reads[i][row])
                state.expire(limit)
                found[i].append(_said(fact, state.value(), self.clock, events, row))
        return found, clocks


def _values(fact: Fact, events: Events) -> Sequence[Any]:
    """What each event adds to a fact; texts as texts, since codes are of one batch only."""
    values = read_values(fact, events)
    if fact.value is None or not _is_text(fact.value, events.schema):
        # -0.0 is 0.0, as in the fast kernel
        return list((values + 0.0 if values.dtype == np.float64 else values).tolist())
    known = events.column(fact.value).known.tolist()
    texts = events.texts
    return [texts[v] if k else None for v, k in zip(values.tolist(), known, strict=True)]


def _is_text(name: str, schema: Schema) -> bool:
    return name in (ACCOUNT, "type") or schema.attributes[name].type is AttributeKind.TEXT


def _said(fact: Fact, value: Any, clock: int, events: Events, row: int) -> FactValue:
    if fact.kind is FactKind.SUM and not -INT64 - 1 <= value <= INT64:
        raise overflow(fact, events, row)
    if fact.kind is FactKind.AGE and value is not None:
        return int((clock - value) // fact.unit_us)
    said: FactValue = value
    return said


class Adding(StatefulProcessor):
    """Adds the facts by one key to the events that have it."""

    def __init__(self, work: Work, key: str) -> None:
        self.work, self.key = work, key
        self.facts = list(work.of_key(key).values())
        self.schema = work.reads(self.facts)
        self.stored = pa.schema([f for f in work.carried(None) if f.name in self._names()])
        self.state: ValueState | None = None

    def _names(self) -> set[str]:
        return {*ENVELOPE, *self.schema.attributes}

    def init(self, handle: StatefulProcessorHandle) -> None:
        self.state = handle.getValueState("memory", "meaning string, memory binary")

    def handleInputRows(  # noqa: N802 - the name is Spark's
        self,
        key: Any,
        rows: Iterator[Row],
        timerValues: TimerValues,  # noqa: ARG002, N803
    ) -> Iterator[Row]:
        """Spark's callback: the rows of one key in a micro-batch, in any order."""
        listed = sorted(rows, key=lambda row: row[SEQUENCE])
        with refusing():
            yield from self.lacking(listed) if key[0] is None else self.taken(listed)

    def lacking(self, rows: Sequence[Row]) -> Iterator[Row]:
        nothing = [[None] * len(rows) for _ in self.facts]
        return self.passed_on(rows, nothing)

    def taken(self, rows: Sequence[Row]) -> Iterator[Row]:
        memory = self.remembered()
        values, _ = memory.take(self.facts, self.events(rows))
        self.remember(memory)
        return self.passed_on(rows, values)

    def passed_on(
        self, rows: Sequence[Row], values: Sequence[Sequence[FactValue]]
    ) -> Iterator[Row]:
        """The rows with the values of this key's facts, one value a row and fact."""
        own = [self.work.columns[fact.meaning] for fact in self.facts]
        names = self.work.carried(self.key).names
        for i, row in enumerate(rows):
            told = row.asDict() | {name: one[i] for name, one in zip(own, values, strict=True)}
            yield Row(**{name: told[name] for name in names})

    def events(self, rows: Sequence[Row]) -> Events:
        columns = {n: [row[n] for row in rows] for n in self.stored.names}
        return events_of(pa.table(columns, schema=self.stored), self.schema, Texts())

    @property
    def meaning(self) -> str:
        """What the memory is of: other facts or ladders cannot go on from it."""
        policies = [policy.outcome for policy in self.work.policies]
        return digest([[fact.definition() for fact in self.facts], policies])

    def remembered(self) -> Memory:
        assert self.state is not None  # noqa: S101 - `init` comes first
        if not self.state.exists():
            return Memory([STATES[fact.kind](fact.cap) for fact in self.facts])
        meaning, memory = self.state.get() or ()
        if meaning != self.meaning:
            raise Changed(
                "the checkpoint of the stream is of other policies",
                "start with a new checkpoint, and with the log from its beginning",
            )
        found: Memory = pickle.loads(memory)  # noqa: S301 - written below, by this job
        return found

    def remember(self, memory: Memory) -> None:
        for state in memory.states:
            window = getattr(state, "window", None)
            if window is not None:  # what has left it is behind its cursor
                del window.entries[: window.cursor]
                window.cursor = 0
        assert self.state is not None  # noqa: S101
        self.state.update((self.meaning, pickle.dumps(memory)))

    def close(self) -> None:
        """Nothing is open."""


class Deciding(Adding):
    """Adds the facts by account, and gives the findings instead of the events."""

    def handleInputRows(  # noqa: N802 - the name is Spark's
        self,
        key: Any,  # noqa: ARG002
        rows: Iterator[Row],
        timerValues: TimerValues,  # noqa: ARG002, N803
    ) -> Iterator[Row]:
        """Spark's callback: the rows of one key in a micro-batch, in any order."""
        listed = sorted(rows, key=lambda row: row[SEQUENCE])
        with refusing():
            memory, events = self.remembered(), self.events(listed)
            values, clocks = memory.take(self.facts, events)
            columns = self.columns(listed, values, events.texts)
            for policy in self.work.policies:
                held = truth(policy, events, columns)
                told = plain(held, BOOLEAN, events.texts)
                yield from self.climbed(policy, listed, told, clocks, columns, memory, events.texts)
            self.remember(memory)

    def columns(
        self, rows: Sequence[Row], values: Iterable[KeyValues], texts: Texts
    ) -> dict[Fact, Column]:
        """Every fact at each of the rows: those by account, and those that the rows carry."""
        found = dict(zip(self.work.of_key(ACCOUNT), values, strict=True))
        for meaning, name in self.work.columns.items():
            if meaning.by != ACCOUNT:
                found[meaning] = [row[name] for row in rows]
        return {meaning: column_of(one, meaning.type, texts) for meaning, one in found.items()}

    def climbed(
        self, policy: Policy, rows: Sequence[Row], truths: Sequence[bool | None],
        clocks: Sequence[int], columns: Mapping[Fact, Column], memory: Memory, texts: Texts,
    ) -> Iterator[Row]:  # fmt: skip
        """The findings of one policy at these rows, by where each account stood."""
        said = {n: plain(columns[f.meaning], f.type, texts) for n, f in policy.facts.items()}
        outcome = policy.outcome
        for i, row in enumerate(rows):
            before = memory.positions.get(policy.name, NOWHERE)
            after, cause = advance(before, truths[i], clocks[i], policy.ladder)
            memory.positions[policy.name] = after
            if cause is None:
                continue
            name = finding_id(policy.name, policy.version, outcome, row["id"])
            made = (
                row[SEQUENCE], row["id"], row[ACCOUNT], row["time_us"], policy.name,
                policy.version, outcome, name, after.index + 1, str(cause),
            )  # fmt: skip
            facts = {
                name: said[name][i] if name in said else None
                for name in facts_of(self.work.policies)
            }
            yield Row(**dict(zip(FOUND, made, strict=True)), **facts)
