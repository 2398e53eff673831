"""`python -m bench.agree --size 1300000`: every fact and decision of the fast kernel, of the one in
plain Python, of Spark and of DuckDB, on a log with ties, late events, a hot device and events
without one. Prints what was compared and what differed; exits with 1 where anything did."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from bench.deltas import Deltas
from bench.making import schema, write_events
from bench.work import CAP, CONDITIONS, FACTS
from habeas.core.policy import Policy
from habeas.core.policy.findings import UnknownCause
from habeas.engine.arrow import arrow_column
from habeas.engine.cluster import session
from habeas.engine.columns import Events
from habeas.engine.judgement import judge, truth
from habeas.engine.parts import CAUSE, POLICY, SEQUENCE, STEP, Work
from habeas.engine.replay import Engine, parts, replay
from habeas.engine.spark import SparkWork
from habeas.flows.policy.check import check_texts
from habeas.ports.tables import read_events

MORE: dict[str, dict[str, Any]] = {  # the kinds that the benchmarks do not time
    "orders": {"count": "order"},
    "spent": {"sum": "amount", "of": "order"},
    "products": {"distinct": "product", "by": "device", "cap": 50},
    "first_here": {"first": "account", "by": "device"},
    "last_here": {"last": "account", "by": "device"},
    "largest": {"max": "amount", "of": "return"},
    "smallest": {"min": "amount", "by": "device"},
    "tenure": {"age": ["order", "login"], "unit": "day"},
    "product_30d": {"last": "product", "over": "30d"},
    "oldest_30d": {"first": "product", "of": "return", "over": "30d"},
    "largest_30d": {"max": "amount", "of": "return", "over": "30d"},
    "smallest_7d": {"min": "amount", "over": "7d"},
    "active_30d": {"age": "order", "over": "30d", "unit": "hour"},
}
ALSO = {
    "p10": "first_here <> last_here AND largest > 15000",
    "p11": "product_30d = oldest_30d OR active_30d > 700",
    "p12": "smallest / smallest_7d < 0.1 AND tenure BETWEEN 100 AND 300",
}
LADDER = [{"measure": "warn"}, {"measure": "limit", "capability": "returns", "after": "14d"}]


@dataclass(frozen=True)
class Answer:
    """What one way gives: a column a fact; for each policy the rows at which its condition holds,
    and (row, step, cause) of its findings; None where a way cannot tell."""

    facts: dict[str, pa.ChunkedArray]
    held: list[pa.Array]
    made: list[list[tuple[int, int, str]]] | None
    rises: list[list[int]]


def declared() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, (kind, attribute, of, by, days) in FACTS.items():
        one: dict[str, Any] = {kind: of if kind == "count" else attribute}
        one |= {"of": of} if kind != "count" and of else {}
        one |= {"cap": CAP} if kind == "distinct" else {}
        found[name] = one | {"by": by, "over": f"{days}d"}
    return found | MORE


def policies() -> list[Policy]:
    """One for each condition."""
    both = {"en": "made", "fr": "faite"}
    texts = []
    for name, condition in (CONDITIONS | ALSO).items():
        text = {
            "policy": name,
            "version": 1,
            "title": both,
            "clause": both | {"ref": "1"},
            "facts": declared(),
            "when": condition,
            "ladder": LADDER,
            "notice": "14d",
            "disclose": list(declared()),
            "dsa": {"ground": "incompatible", "category": "OTHER_VIOLATION_TC"},
        }
        texts.append((f"{name}.yaml", json.dumps(text)))
    return list(check_texts(texts, schema(), {}).sound().policies.values())


def by_kernel(engine: Engine) -> Callable[[Path], Answer]:
    def answer(path: Path) -> Answer:
        events, listed = read_events(path, schema()), policies()
        named = listed[0].facts
        computed = replay(events, named.values(), engine=engine)
        judged, _ = judge(listed, parts(events, named.values(), engine=engine), engine)
        made = [[(e.row, e.index, str(e.cause)) for e in one.edges] for one in judged]
        return Answer(
            {n: _arrow(computed[f.meaning], f.type, events) for n, f in named.items()},
            [_rows(p, events, computed) for p in listed],
            made,
            _rises(made),
        )

    return answer


def _arrow(column: Any, kind: Any, events: Events) -> pa.ChunkedArray:
    return pa.chunked_array([arrow_column(column, kind, events.texts)])


def _rows(policy: Policy, events: Events, computed: Any) -> pa.Array:
    held = truth(policy, events, computed)
    return pa.array((held.values & held.known).nonzero()[0], pa.int64())


def _rises(made: list[list[tuple[int, int, str]]]) -> list[list[int]]:
    return [[row for row, _, cause in own if cause == UnknownCause.BECAME_TRUE] for own in made]


def by_spark(path: Path) -> Answer:
    listed = policies()
    named = listed[0].facts
    rows = len(read_events(path, schema()))
    with session("local-cluster[2,1,1024]") as spark:
        one = SparkWork(spark, path, Work(schema(), tuple(named.values()), tuple(listed)), rows)
        facts, held, decided = one.facts(), one.held(), one.decisions()
    made = []
    for i in range(len(listed)):
        own = decided.filter(pc.equal(decided.column(POLICY), i))
        made.append(list(zip(*(own.column(n).to_pylist() for n in (SEQUENCE, STEP, CAUSE)),
                             strict=True)))  # fmt: skip
    return Answer(
        {n: facts.column(one.work.columns[f.meaning]) for n, f in named.items()},
        [_of(held, i).combine_chunks() for i in range(len(listed))],
        made,
        _rises(made),
    )


def _of(held: pa.Table, place: int) -> pa.ChunkedArray:
    return held.filter(pc.equal(held.column(POLICY), place)).column(SEQUENCE)


def by_duckdb(path: Path) -> Answer:
    """Facts, truths, and where a condition becomes true; the ladder is not SQL's work."""
    log = Deltas(path)
    for name, one in declared().items():
        log.add(name, one)
    texts = list((CONDITIONS | ALSO).values())
    held = [log.column(f"CASE WHEN {text} THEN seq END").drop_null() for text in texts]
    return Answer(
        {name: log.column(name) for name in declared()},
        [pa.array(own.to_pylist(), pa.int64()) for own in held],
        None,
        [log.rises(text).to_pylist() for text in texts],
    )


WAYS: dict[str, Callable[[Path], Answer]] = {
    "fast": by_kernel(Engine.FAST),
    "python": by_kernel(Engine.PYTHON),
    "duckdb": by_duckdb,
    "spark": by_spark,
}


@dataclass
class Count:
    """Cells that were compared, and of them those that differ."""

    compared: int = 0
    different: int = 0

    def __str__(self) -> str:
        return f"{self.compared:>12,} {self.different:>9,}"


def compare(one: Answer, other: Answer) -> dict[str, Count]:
    found = {what: Count() for what in ("facts", "decisions", "findings")}
    for name, column in one.facts.items():
        same = pc.equal(column, other.facts[name].cast(column.type)).fill_null(False)
        nulls = pc.and_(column.is_null(), other.facts[name].is_null())
        found["facts"].compared += len(column)
        found["facts"].different += len(column) - pc.sum(pc.or_(same, nulls)).as_py()
    size = len(next(iter(one.facts.values())))
    for own, others in zip(one.held, other.held, strict=True):
        apart = set(own.to_pylist()) ^ set(others.to_pylist())
        found["decisions"].compared += size
        found["decisions"].different += len(apart)
    pairs: Iterator[tuple[list[Any], list[Any]]] = zip(
        *((one.rises, other.rises) if other.made is None else (one.made, other.made)), strict=True
    )
    for mine, theirs in pairs:
        found["findings"].compared += len(mine)
        found["findings"].different += len(set(mine) ^ set(theirs)) + (mine != sorted(mine))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_300_000)
    parser.add_argument("--ways", nargs="+", default=list(WAYS)[1:], choices=list(WAYS)[1:])
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        write_events(path, asked.size, rough=True)
        fast, wrong = WAYS["fast"](path), 0
        print(f"{asked.size:,} events, {len(fast.facts)} facts, {len(fast.held)} policies")
        print(f"{'to fast':8} {'what':10} {'compared':>12} {'different':>9} {'seconds':>8}")
        for name in asked.ways:
            start = time.perf_counter()
            found = compare(fast, WAYS[name](path))
            taken = time.perf_counter() - start
            for what, count in found.items():
                print(f"{name:8} {what:10} {count} {taken:8.1f}", flush=True)
                wrong += count.different
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
