"""The kernel on a cluster, in batch: the log is cut by key, each part is one worker's, and the same
kernel, conditions and ladder run in it as on one machine.

Events pass one cut after the other: by each key that facts are counted by, then by account. A row
that lacks a key lies in any part, where it gets unknown for the facts by that key; it is spread by
its account, so that no part gets all of them. One hot key is one part: its worker must hold it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial, reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from habeas.core.policy import Fact, Finding, Policy
from habeas.core.policy.findings import UnknownCause
from habeas.engine import parts
from habeas.engine.arrow import engine_column, events_of
from habeas.engine.columns import ACCOUNT, Array
from habeas.engine.judgement import Dresser, Edge, Judged, in_log_order
from habeas.engine.parts import CAUSE, ENVELOPE, FACT, IDS, KEY, POLICY, SEQUENCE, SPANS, STEP, Work
from habeas.engine.texts import Texts

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

NOBODY = np.zeros(0, dtype=np.int64)
MOST = 400_000  # events of one part, on average
SPARK_TYPES = {
    pa.string(): "string",
    pa.int64(): "bigint",
    pa.float64(): "double",
    pa.bool_(): "boolean",
    pa.list_(pa.string()): "array<string>",
    pa.list_(pa.int64()): "array<bigint>",
}
Task = Callable[[parts.Batches], parts.Batches]


@dataclass(frozen=True, slots=True)
class Survey:
    """What a look at every event of a file found."""

    events: int
    nulls: tuple[str, ...]  # columns of the envelope that have some
    outside: int | None  # the first sequence whose time is out of range


def ddl(schema: pa.Schema) -> str:
    """The columns of an Arrow schema as Spark writes them."""
    return ", ".join(f"`{field.name}` {SPARK_TYPES[field.type]}" for field in schema)


@dataclass(frozen=True)
class SparkWork:
    """One events file, some work, and the session that does it."""

    spark: SparkSession
    path: Path
    work: Work
    rows: int  # events in the file

    @cached_property
    def events(self) -> DataFrame:
        """The columns that the work reads, and the place of each event in the log."""
        from pyspark.sql import functions as sql

        stored = pa.schema([field for field in self.work.carried(None) if field.name != SEQUENCE])
        # the name is taken as it is, not as a pattern of names
        source = self.spark.read.option("__globPaths__", "false").schema(ddl(stored))
        frame = source.parquet(f"file://{self.path.resolve()}")
        place = sql.col("_metadata.row_index").alias(SEQUENCE)
        return frame.select(place, *(sql.col(n) for n in stored.names))

    @cached_property
    def count(self) -> int:
        """Into how many parts the log is cut."""
        return max(self.spark.sparkContext.defaultParallelism, -(-self.rows // MOST))

    def survey(self, earliest_us: int, latest_us: int) -> Survey:
        """One pass over the events: how many, which columns have nulls, the first time outside."""
        from pyspark.sql import functions as sql

        outside = ~sql.col("time_us").between(earliest_us, latest_us)
        asked = [sql.count_if(sql.col(n).isNull()) for n in ENVELOPE]
        asked += [sql.min(sql.when(outside, sql.col(SEQUENCE))), sql.count(sql.lit(1))]
        *nulls, first, count = self.events.agg(*asked).collect()[0]
        missing = tuple(n for n, some in zip(ENVELOPE, nulls, strict=True) if some)
        return Survey(count, missing, first)

    def facts(self) -> pa.Table:
        """Every event with every fact, in log order."""
        task = partial(parts.add_facts, self.work, ACCOUNT)
        return self._by_account(task, self.work.carried(ACCOUNT))

    def decisions(self) -> pa.Table:
        """The events at which policies find something, in log order: the columns of
        `parts.decisions`."""
        return self._by_account(partial(parts.decide, self.work), parts.decisions(self.work))

    def held(self) -> pa.Table:
        """The events at which a policy's condition holds, alike."""
        return self._by_account(partial(parts.hold, self.work), parts.decisions(self.work))

    def _by_account(self, task: Task, schema: pa.Schema) -> pa.Table:
        frame = self.events
        for key in self.work.keys[:-1]:
            adding = partial(parts.add_facts, self.work, key)
            frame = self._cut(frame, key).mapInArrow(adding, ddl(self.work.carried(key)))
        found = self._cut(frame, ACCOUNT).mapInArrow(task, ddl(schema)).toArrow()
        return found.take(pc.sort_indices(found.column(SEQUENCE)))

    def _cut(self, frame: DataFrame, key: str) -> DataFrame:
        """All events of each key in one part, in log order."""
        return frame.repartition(self.count, _spread_by(key)).sortWithinPartitions(SEQUENCE)

    def findings(self) -> list[Finding]:
        """The findings of all policies with all they carry, in log order."""
        found, policies = self.decisions(), self.work.policies
        own = [found.filter(pc.equal(found.column(POLICY), i)) for i in range(len(policies))]
        behind = self.evidence(list(zip(policies, own, strict=True)))
        made = zip(policies, own, strict=True)
        return in_log_order(f for p, rows in made for f in self._dressed(p, rows, behind))

    def _dressed(
        self, policy: Policy, found: pa.Table, behind: Mapping[tuple[str, int], tuple[str, ...]]
    ) -> list[Finding]:
        if not len(found):
            return []
        events = events_of(found, self.work.narrowed(()), Texts())
        named = {name: self.work.columns[fact.meaning] for name, fact in policy.facts.items()}
        columns = {
            name: engine_column(found.column(c), parts.kind_of(policy.facts[name]), events.texts)
            for name, c in named.items()
        }
        decided = zip(found.column(STEP).to_pylist(), found.column(CAUSE).to_pylist(), strict=True)
        made = [Edge(row, step, UnknownCause(cause)) for row, (step, cause) in enumerate(decided)]
        sequences = found.column(SEQUENCE).to_pylist()
        ids = {n: [behind.get((named[n], s), ()) for s in sequences] for n in policy.used}
        judged = Judged(policy, made, columns, NOBODY)
        dressed = Dresser(policy, events.texts).dressed(judged, events, ids)
        # the rows of `events` are those found; the sequence is the place in the whole log
        return [replace(finding, sequence=sequences[finding.sequence]) for finding in dressed]

    def evidence(
        self, decided: Sequence[tuple[Policy, pa.Table]]
    ) -> dict[tuple[str, int], tuple[str, ...]]:
        """The ids behind each fact at each finding, by the fact's column and the sequence."""
        asked: dict[Fact, list[Array]] = {}
        for policy, found in decided:
            for name in policy.used:
                sequences = asked.setdefault(policy.facts[name].meaning, [])
                sequences.append(found.column(SEQUENCE).to_numpy())
        frames = []
        for key in self.work.keys:
            wanted = {f: np.unique(np.concatenate(s)) for f, s in asked.items() if f.by == key}
            keys = pa.concat_arrays([c for _, t in decided for c in t.column(key).chunks])
            if any(map(len, wanted.values())):
                frames.append(self._gathered(key, wanted, keys.drop_null().unique()))
        if not frames:
            return {}
        table = reduce(lambda one, other: one.unionAll(other), frames).toArrow()
        lists = table.filter(table.column(SEQUENCE).is_null())
        ids = {(f, key): own for key, f, own in _columns(lists, KEY, FACT, IDS)}
        found = table.filter(table.column(SEQUENCE).is_valid())
        return {
            (f"F{f}", sequence): _written_out(ids[f, key], spans)
            for key, f, sequence, spans in _columns(found, KEY, FACT, SEQUENCE, SPANS)
        }

    def _gathered(self, key: str, wanted: Mapping[Fact, Array], keys: pa.Array) -> DataFrame:
        """Only the events of keys that something was found of go through the workers."""
        from pyspark.sql import functions as sql

        found = self.spark.createDataFrame(pa.table({key: keys}))
        own = self.events.join(sql.broadcast(found), key, "left_semi")
        task = partial(parts.gather, self.work, key, wanted)
        return self._cut(own, key).mapInArrow(task, ddl(parts.EVIDENCE))


def _columns(table: pa.Table, *names: str) -> Iterable[Any]:
    return zip(*(table.column(name).to_pylist() for name in names), strict=True)


def _written_out(ids: list[str], spans: list[int]) -> tuple[str, ...]:
    pairs = zip(spans[::2], spans[1::2], strict=True)
    return tuple(one for begin, end in pairs for one in ids[begin:end])


def _spread_by(key: str) -> Column:
    from pyspark.sql import functions as sql

    return sql.coalesce(sql.col(key), sql.col(ACCOUNT))
