"""A stream gives the findings of one replay, over many micro-batches and after a restart."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import strategies as st

from habeas.core.findings import Finding
from habeas.engine.cluster import session, told
from habeas.engine.judgement import findings
from habeas.engine.parts import SEQUENCE, Work
from habeas.engine.spark import ddl
from habeas.ports.tables import events_table, read_events
from tests.engine.making import SCHEMA, policy
from tests.engine.spread import MASTER, drawn, java_is_there, joined, quickly, write_log
from tests.engine.test_findings import AFTERS, FACTS, WHENS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

BATCHES = 5
POLICIES = 6


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    java_is_there()
    with contextmanager(quickly)(), session(MASTER) as running:
        running.conf.set("spark.sql.shuffle.partitions", "2")
        yield running


def work() -> Work:
    from dataclasses import replace

    given = st.tuples(WHENS, st.none() | WHENS, AFTERS)
    made = [policy(FACTS, *one) for one in drawn(given, POLICIES, 6)]
    named = tuple(replace(one, name=f"p{i}") for i, one in enumerate(made))
    return Work(SCHEMA, tuple(named[0].facts.values()), named)


def arrive(folder: Path, tables: dict[int, pa.Table]) -> None:
    """Files in the order of their numbers, which Spark takes from their times."""
    folder.mkdir(exist_ok=True)
    for number, table in tables.items():
        path = folder / f"{number}.parquet"
        pq.write_table(table, path)
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))


def run(spark: SparkSession, folder: Path, job: Work) -> None:
    """All that has arrived, one file a micro-batch; what was taken before is not taken again."""
    from habeas.engine.spark_live import live_findings

    stored = pa.schema([f for f in job.carried(None) if f.name != SEQUENCE])
    source = spark.readStream.schema(f"sequence bigint, {ddl(stored)}")
    events = source.option("maxFilesPerTrigger", 1).parquet(f"file://{folder / 'in'}")
    writer = live_findings(events, job).writeStream.format("parquet").outputMode("append")
    writer = writer.option("path", str(folder / "out"))
    query = (
        writer.option("checkpointLocation", str(folder / "checkpoint"))
        .trigger(availableNow=True)
        .start()
    )
    with told():
        query.awaitTermination()


def row_of(one: Finding) -> dict[str, Any]:
    return {
        "sequence": one.sequence, "event_id": one.event_id, "account": one.account,
        "time_us": one.time_us, "policy": one.policy, "version": one.version,
        "outcome": one.outcome, "finding": one.id, "step": one.step, "cause": str(one.cause),
        **one.values,
    }  # fmt: skip


def test_a_stream_gives_the_findings_of_one_replay(spark: SparkSession, tmp_path: Path) -> None:
    made, job = joined(60, 7), work()
    table = events_table(made, SCHEMA)
    table = table.append_column("sequence", pa.array(range(len(made)), pa.int64()))
    size = -(-len(made) // BATCHES)
    # within a file the rows lie in any order
    files = {
        i: table.slice(i * size, size).take(
            pa.array(reversed(range(len(table[i * size : (i + 1) * size]))))
        )
        for i in range(BATCHES)
    }
    arrive(tmp_path / "in", {i: files[i] for i in range(3)})
    run(spark, tmp_path, job)
    so_far = spark.read.parquet(str(tmp_path / "out")).count()
    arrive(tmp_path / "in", {i: files[i] for i in range(3, BATCHES)})
    run(spark, tmp_path, job)
    found = spark.read.parquet(str(tmp_path / "out")).toArrow().to_pylist()
    assert 0 < so_far < len(found)
    log = read_events(write_log(tmp_path / "log.parquet", made), SCHEMA)
    expected = [row_of(one) for one in findings(job.policies, log)]
    assert len(expected) > 200
    assert sorted(found, key=lambda r: (r["sequence"], r["policy"])) == expected
