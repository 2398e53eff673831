"""Conditions alone, over facts already computed: `python -m bench.conditions WAY FACTS OUT`.

OUT is a Parquet file with a column of true or false for each condition (unknown is false), one
row for each row that the way was given. Prints processor seconds a row.
Start-up, reading, and putting the facts into the form that a way wants come before the clock.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench import translations
from bench.making import schema, write_events
from bench.peers import NOT_TRUE
from bench.translations import CONDITIONS
from bench.work import facts
from habeas.engine.kernel import BATCH

LEAST_SECONDS = 1.0  # passes are repeated for this long, so that a clock tick does not matter
Batches = list[pa.Table]
Pass = Callable[[], list[Any]]  # a list of tables by batch, or of twelve answers by row


def habeas(batches: Batches) -> Pass:
    """The one compiler of conditions, over NumPy columns."""
    from habeas.core.policy.parsing import parse
    from habeas.engine.columns import Column
    from habeas.engine.conditions import compiled, is_true
    from habeas.engine.texts import Texts

    def column(found: pa.ChunkedArray) -> Column:
        return Column(found.fill_null(0).to_numpy(), found.is_valid().to_numpy())

    programs = {name: compiled(parse(text), Texts()) for name, text in CONDITIONS.items()}
    given = [{n: column(batch.column(n)) for n in batch.column_names} for batch in batches]
    return lambda: [{n: is_true(p(columns)) for n, p in programs.items()} for columns in given]


def duckdb(batches: Batches) -> Pass:
    """SQL over DuckDB's own tables; the answers are fetched as Arrow."""
    import duckdb as db

    connection = db.connect(config={"threads": 2})
    connection.execute(NOT_TRUE)
    for number, batch in enumerate(batches):
        connection.register("given", batch)
        connection.execute(f"CREATE TABLE facts{number} AS FROM given")
    listed = ", ".join(f"coalesce({text}, false) AS {name}" for name, text in CONDITIONS.items())
    queries = [f"SELECT {listed} FROM facts{n}" for n in range(len(batches))]
    return lambda: [connection.sql(query).to_arrow_table() for query in queries]


def _rows(batches: Batches) -> list[dict[str, Any]]:
    return [row for batch in batches for row in batch.to_pylist()]


def python(batches: Batches) -> Pass:
    """One compiled lambda for all conditions, called with the facts of a row."""
    names = ", ".join(batches[0].column_names)
    decide = eval(f"lambda {names}: {translations.python()}")  # noqa: S307 - our own text
    rows = [tuple(row.values()) for row in _rows(batches)]
    return lambda: [decide(*row) for row in rows]


def zen(batches: Batches) -> Pass:
    """zen-engine: one compiled expression for all conditions."""
    import zen as engine

    decide = engine.compile_expression(translations.zen()).evaluate
    rows = _rows(batches)
    return lambda: [decide(row) for row in rows]


def zen_graph(batches: Batches) -> Pass:
    """zen-engine: a decision graph with one node of expressions, as its editor makes them."""
    import zen as engine

    listed = [{"id": n, "key": n, "value": text} for n, text in translations.GUARDED.items()]
    kinds = {"input": {}, "expression": {"expressions": listed}, "output": {}}
    place = {"x": 0, "y": 0}
    nodes = [
        {"id": kind, "name": kind, "type": f"{kind}Node", "position": place, "content": content}
        for kind, content in kinds.items()
    ]
    edges = [
        {"id": a, "sourceId": a, "targetId": b, "type": "edge"}
        for a, b in (("input", "expression"), ("expression", "output"))
    ]
    graph = {"nodes": nodes, "edges": edges}
    loader = {"type": "static", "content": {"policies": graph}}
    decide = engine.ZenEngine({"loader": loader}).evaluate_batch
    asked = [{"key": "policies", "context": row} for row in _rows(batches)]
    return lambda: [[one["data"]["result"][n] for n in CONDITIONS] for one in decide(asked)]


def cel_rust(batches: Batches) -> Pass:
    """CEL in Rust (common-expression-language): a context a row, a program a condition."""
    import cel

    programs = [cel.compile(text) for text in translations.cel()]
    rows = _rows(batches)

    def run() -> list[Any]:
        context, found = cel.Context(), []
        for row in rows:
            context.update(row)  # converts the row once, not once a program
            found.append([program.execute(context) for program in programs])
        return found

    return run


def rule_engine(batches: Batches) -> Pass:
    """rule-engine: a rule a condition."""
    import rule_engine as engine

    rules = [engine.Rule(text).matches for text in translations.GUARDED.values()]
    rows = _rows(batches)
    return lambda: [[matches(row) for matches in rules] for row in rows]


def cel_python(batches: Batches) -> Pass:
    """cel-python, compiled to Python: one list expression for all conditions."""
    import celpy

    environment = celpy.Environment(runner_class=celpy.CompiledRunner)
    decide = environment.program(environment.compile(translations.cel_python())).evaluate
    rows = _rows(batches)
    return lambda: [[bool(b) for b in decide(celpy.json_to_cel(row))] for row in rows]


@dataclass(frozen=True)
class Way:
    prepare: Callable[[Batches], Pass]
    most: int = 1_000_000_000  # rows it is given; for some, more would take minutes
    batch: int | None = None  # rows at a time; all, if not said


WAYS = {
    "habeas": Way(habeas, batch=BATCH),  # as a plan takes them, so that they stay in the cache
    "habeas, batches of 1,000": Way(habeas, batch=1000),
    "duckdb": Way(duckdb),
    "duckdb, batches of 1,000": Way(duckdb, most=200_000, batch=1000),
    "python lambda": Way(python),
    "zen-engine, expression": Way(zen, most=200_000),
    "zen-engine, graph": Way(zen_graph, most=50_000),
    "CEL in Rust": Way(cel_rust, most=200_000),
    "rule-engine": Way(rule_engine, most=50_000),
    "cel-python": Way(cel_python, most=5_000),
}


def chosen(table: pa.Table, way: Way) -> pa.Table:
    """The rows a way is given, spread over the whole log: its first days have small facts."""
    size = min(len(table), way.most)
    return table.take(np.arange(size) * len(table) // size)


def table_of(answers: list[Any]) -> pa.Table:
    if isinstance(answers[0], pa.Table | dict):
        return pa.concat_tables([a if isinstance(a, pa.Table) else pa.table(a) for a in answers])
    columns = zip(*answers, strict=True)
    return pa.table({name: list(c) for name, c in zip(CONDITIONS, columns, strict=True)})


def write_facts(path: Path, size: int) -> None:
    """The facts at each of `size` events, null where unknown; DuckDB and Habeas agree on them."""
    from habeas.engine.replay import replay
    from habeas.ports.tables import read_events

    with tempfile.TemporaryDirectory() as made:
        events = Path(made) / "events.parquet"
        write_events(events, size, rough=False)
        log, own = read_events(events, schema()), facts()
        found = replay(log, own.values())
    named = {name: found[fact.meaning] for name, fact in own.items()}
    columns = {name: pa.array(c.values, mask=~c.known) for name, c in named.items()}
    pq.write_table(pa.table(columns), path)


def refuse_difference(name: str, ours: pa.Table, theirs: pa.Table) -> None:
    """Ends the benchmark where a way decides any row differently than Habeas."""
    for condition in CONDITIONS:
        if ours.column(condition).to_pylist() != theirs.column(condition).to_pylist():
            sys.exit(f"habeas and {name} differ on {condition}; no time is worth quoting")


def unknown(path: Path) -> dict[str, int]:
    """How often each condition is unknown."""
    import duckdb as db

    connection = db.connect()
    connection.execute(NOT_TRUE)
    listed = ", ".join(f"count(*) FILTER (({t}) IS NULL)" for t in CONDITIONS.values())
    found = connection.sql(f"SELECT {listed} FROM '{path}'").fetchall()[0]
    return dict(zip(CONDITIONS, found, strict=True))


def measure(size: int, runs: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as made:
        path, out = Path(made) / "facts.parquet", Path(made) / "out.parquet"
        write_facts(path, size)
        ours: pa.Table = None
        taken: dict[str, list[float]] = {name: [] for name in WAYS}
        for _ in range(runs):
            for name, way in WAYS.items():
                command = [sys.executable, "-m", "bench.conditions", name, str(path), str(out)]
                done = subprocess.run(command, capture_output=True, text=True, check=True)
                taken[name].append(float(done.stdout))
                theirs = pq.read_table(out)
                ours = theirs if ours is None else ours
                refuse_difference(name, chosen(ours, way), theirs)
        holds = {c: sum(ours.column(c).to_pylist()) for c in CONDITIONS}
        if not all(holds.values()):
            sys.exit("a condition never holds, and tests nothing; take more events")
        rows = {
            name: {"rows": min(size, WAYS[name].most), "per_cpu_s": round(1 / median(own))}
            for name, own in taken.items()
        }
        return {
            "events": size,
            "runs": runs,
            "holds": holds,
            "unknown": unknown(path),
            "ways": rows,
        }


def table(result: dict[str, Any]) -> str:
    """Markdown, one row a way; the ratio is to Habeas in the same run."""
    lines = ["| way | rows | events a CPU second | CPU, times Habeas |", "|---|---|---|---|"]
    ours = result["ways"]["habeas"]["per_cpu_s"]
    for name, row in result["ways"].items():
        per = row["per_cpu_s"]
        lines.append(f"| {name} | {row['rows']:,} | {per:,} | {ours / per:,.1f} |")
    return "\n".join(lines)


def main() -> None:
    name, path, out = sys.argv[1:]
    way = WAYS[name]
    given = chosen(pq.read_table(path), way)
    step = way.batch or len(given)
    run = way.prepare([given.slice(n, step) for n in range(0, len(given), step)])
    pq.write_table(table_of(run()), out)  # also the warm-up: first allocations, compiled plans
    begin, passes = time.process_time(), 0
    while (used := time.process_time() - begin) < LEAST_SECONDS:
        run()
        passes += 1
    print(used / passes / len(given))


if __name__ == "__main__":
    main()
