"""Spark gives what one machine gives: every fact, every decision, every reason, row by row."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import strategies as st

from habeas.core.errors import Changed, InvalidInput, Overflowed
from habeas.core.policy import Event, Fact, Finding, Policy
from habeas.core.policy.conditions import Type
from habeas.engine.arrow import arrow_column
from habeas.engine.cluster import session, told
from habeas.engine.columns import Events
from habeas.engine.conditions import is_true
from habeas.engine.judgement import findings, truth
from habeas.engine.parts import POLICY, SEQUENCE, Work
from habeas.engine.replay import Engine, replay
from habeas.engine.spark import SparkWork, ddl
from habeas.flows.policy import distribute, evaluate
from habeas.ports.tables import findings_table, read_events
from tests.engine.making import SCHEMA, START, event, facts, policy, policy_text, policy_with
from tests.engine.spread import (
    MAIN,
    MASTER,
    drawn,
    java_is_there,
    joined,
    quickly,
    write_log,
    write_stream,
)
from tests.engine.test_findings import AFTERS, FACTS, WHENS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TOLD = "sequence event_id account time_us policy version outcome".split()
HISTORIES, SETS, POLICIES = 300, 40, 20


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    java_is_there()
    with quickly(), session(MASTER) as running:
        running.conf.set("spark.sql.shuffle.partitions", "2")
        running.conf.set("spark.sql.files.maxPartitionBytes", "15000")
        running.conf.set("spark.sql.files.openCostInBytes", "0")
        yield running


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("log") / "events [1].parquet", joined(HISTORIES, 1))


@pytest.fixture(scope="module")
def events(log: Path) -> Events:
    return read_events(log, SCHEMA)


def spread(spark: SparkSession, log: Path, named: list[Fact], *policies: Policy) -> SparkWork:
    rows = pq.read_metadata(log).num_rows
    return SparkWork(spark, log, Work(SCHEMA, tuple(named), policies), rows)


def test_the_sequence_is_the_place_in_the_file(spark: SparkSession, log: Path) -> None:
    """In a file of several row groups that is read in several splits."""
    one = spread(spark, log, [])
    assert pq.read_metadata(log).num_row_groups > 3
    assert one.events.rdd.getNumPartitions() > 2
    found = one.events.select(SEQUENCE, "id").toArrow().to_pydict()
    assert dict(zip(found[SEQUENCE], found["id"], strict=True)) == {
        i: f"e{i}" for i in range(one.rows)
    }


def test_facts_equal_both_kernels(spark: SparkSession, log: Path, events: Events) -> None:
    sets = drawn(facts(8), SETS, 2)
    declared = {f"f{i}": one for i, one in enumerate(d for made in sets for d in made.values())}
    named = list(policy_with(declared).facts.values())
    assert {f.by for f in named} == {"account", "device", "card"}
    one = spread(spark, log, named)
    table = one.facts()
    assert table.column(SEQUENCE).to_pylist() == list(range(len(events)))
    fast = replay(events, named, engine=Engine.FAST)
    plain = replay(events, named, engine=Engine.PYTHON)
    assert len(one.work.columns) == len(fast) == len(plain) > 60
    for meaning, name in one.work.columns.items():
        found = table.column(name).to_pylist()
        assert found == arrow_column(fast[meaning], meaning.type, events.texts).to_pylist()
        assert found == arrow_column(plain[meaning], meaning.type, events.texts).to_pylist()


def made_policies() -> list[Policy]:
    given = st.tuples(WHENS, st.none() | WHENS, AFTERS)
    return [policy(FACTS, *one) for one in drawn(given, POLICIES, 3)]


def types() -> dict[str, Type]:
    return {name: fact.type for name, fact in policy_with(FACTS).facts.items()}


def test_decisions_and_reasons_equal_one_machines(
    spark: SparkSession, log: Path, events: Events
) -> None:
    policies = made_policies()
    named = list(policies[0].facts.values())
    one = spread(spark, log, named, *policies)
    computed = replay(events, named, engine=Engine.PYTHON)
    held = one.held()
    place, sequences = held.column(POLICY).to_numpy(), held.column(SEQUENCE).to_numpy()
    for i, each in enumerate(policies):
        expected = is_true(truth(each, events, computed)).nonzero()[0]
        assert sequences[place == i].tolist() == expected.tolist()
    own = findings(policies, events, engine=Engine.PYTHON)
    assert findings(policies, events) == own
    found = one.findings()
    assert len(own) > 1000
    assert found == own
    assert findings_table(found, types()).equals(findings_table(own, types()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    return tmp_path


def put(folder: Path, made: list[Event], when: str, facts: dict[str, Any]) -> tuple[Path, Path]:
    text = (
        policy_text(facts, when, "tenure > 48", ["1h"])
        if facts is FACTS
        else policy_text(facts, when)
    )
    (folder / "policies" / "made.yaml").write_text(text, encoding="utf-8")
    return folder / "policies", write_log(folder / "events.parquet", made)


def test_the_files_are_the_same_byte_for_byte(spark: SparkSession, folder: Path) -> None:
    files = put(folder, joined(40, 4), "orders >= 1 or town = 'Lyon' or sharing >= 2", FACTS)
    for every in (False, True):
        told = evaluate.write_findings(*files, folder / "one", every)
        assert distribute.write_findings(*files, folder / "two", every, None, MASTER) == told
        assert (folder / "one").read_bytes() == (folder / "two").read_bytes()
    assert evaluate.write_facts(*files, folder / "one") == distribute.write_facts(
        *files, folder / "two", None, MASTER
    )
    assert (folder / "one").read_bytes() == (folder / "two").read_bytes()


def test_a_log_of_nothing_has_an_empty_file(spark: SparkSession, folder: Path) -> None:
    files = put(folder, [], "orders >= 1", FACTS)
    evaluate.write_findings(*files, folder / "one")
    told = distribute.write_findings(*files, folder / "two", False, None, MASTER)
    assert told["rows"] == 0
    assert (folder / "one").read_bytes() == (folder / "two").read_bytes()


def test_a_sum_that_outgrows_64_bits_is_named(spark: SparkSession, folder: Path) -> None:
    big = [event(i, START + i, "ada", "order", points=2**62, device="d1") for i in range(3)]
    facts = {"spent": {"sum": "points", "by": "device", "over": "1d"}}
    files = put(folder, big, "spent > 1", facts)
    with pytest.raises(Overflowed) as raised:
        distribute.write_findings(*files, folder / "out", False, None, MASTER)
    assert raised.value.message == (
        "the fact `spent` of account 'ada' outgrew 64 bits at event 'e1'"
    )
    assert "wrong unit" in raised.value.hint


def test_what_no_import_would_make_is_refused_as_on_one_machine(
    spark: SparkSession, folder: Path
) -> None:
    files = put(folder, joined(3, 5), "orders >= 1", FACTS)
    table = pq.read_table(files[1])
    for column, value in (("time_us", 5), ("account", None)):
        values = table.column(column).to_pylist()
        values[1] = value
        place = table.schema.get_field_index(column)
        damaged = table.set_column(place, table.schema.field(column), [values])
        pq.write_table(damaged, files[1])
        with pytest.raises(InvalidInput) as one:
            evaluate.write_findings(*files, folder / "out")
        with pytest.raises(InvalidInput) as two:
            distribute.write_findings(*files, folder / "out", False, None, MASTER)
        assert (one.value.message, one.value.hint) == (two.value.message, two.value.hint)


def live_policies() -> list[Policy]:
    given = st.tuples(WHENS, st.none() | WHENS, AFTERS)
    made = [policy(FACTS, *one) for one in drawn(given, 6, 6)]
    return [replace(one, name=f"p{i}") for i, one in enumerate(made)]


def run(spark: SparkSession, folder: Path, work: Work) -> list[dict[str, Any]]:
    """All that has arrived, one file a micro-batch, from where the checkpoint is. What was found
    so far, in order of sequence."""
    from habeas.engine.spark_live import live_findings  # it is made of pyspark's classes

    stored = pa.schema([f for f in work.carried(None) if f.name != SEQUENCE])
    source = spark.readStream.schema(f"sequence bigint, {ddl(stored)}")
    events = source.option("maxFilesPerTrigger", 1).parquet(f"file://{folder / 'in'}")
    writer = live_findings(events, work).writeStream.format("parquet").outputMode("append")
    writer = writer.option("checkpointLocation", str(folder / "checkpoint"))
    with told():
        query = writer.trigger(availableNow=True).start(str(folder / "out"))
        query.awaitTermination()
    found: list[dict[str, Any]] = pq.read_table(folder / "out").to_pylist()
    return sorted(found, key=lambda row: (row["sequence"], row["policy"]))


def row_of(one: Finding) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in TOLD}
    told |= {"step": one.index + 1, "cause": str(one.cause), "finding": one.id}
    return told | dict(one.values)


def test_a_stream_gives_the_findings_of_one_replay(spark: SparkSession, tmp_path: Path) -> None:
    """Over several micro-batches, and after a start from the checkpoint."""
    made, policies = joined(80, 7), live_policies()
    work = Work(SCHEMA, tuple(policies[0].facts.values()), tuple(policies))
    third = len(made) // 3
    log = read_events(write_log(tmp_path / "log.parquet", made), SCHEMA)
    expected = [row_of(one) for one in findings(policies, log)]
    assert len(expected) > 150
    first = write_stream(tmp_path / "in", made, 0, [third, third])
    assert run(spark, tmp_path, work) == [r for r in expected if r["sequence"] < first]
    write_stream(tmp_path / "in", made, first, [len(made) - first])
    assert run(spark, tmp_path, work) == expected


def test_a_checkpoint_of_other_policies_is_refused(spark: SparkSession, tmp_path: Path) -> None:
    made = [event(i, START + i, "ada", "order", points=1) for i in range(2)]
    for i, when in enumerate(("n > 0", "n > 1")):
        one = policy({"n": {"count": "order"}}, when)
        write_stream(tmp_path / "in", made, i, [1])
        work = Work(SCHEMA, tuple(one.facts.values()), (one,))
        if i == 0:
            assert len(run(spark, tmp_path, work)) == 1
        else:
            with pytest.raises(Changed, match="the checkpoint of the stream is of other policies"):
                run(spark, tmp_path, work)


def test_the_terminal_is_clean_and_nothing_is_left(spark: SparkSession, folder: Path) -> None:
    """The command itself, with a Spark of its own."""
    policies, events = put(folder, joined(3, 8), "orders >= 1", FACTS)
    room = folder / "room"
    room.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", MAIN, "findings", "--policies", str(policies), "--events",
         str(events), "--out", "out.parquet", "--engine", "spark", "--master", "local[1]",
         "--json"],
        cwd=room, env=os.environ | {"TMPDIR": str(room)}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert json.loads(done.stdout)["out"] == "out.parquet"
    assert [p.name for p in room.iterdir()] == ["out.parquet"]
