"""One way to do the work, in a process of its own: `python -m bench.peers NAME EVENTS OUT`.

OUT is a Parquet file with a column of true or false for each condition, one row an event, in log
order (unknown is written as false: it does not fire). Prints the seconds of processor time.
"""

from __future__ import annotations

import resource
import sys
from collections import defaultdict, deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.making import DAY, schema
from bench.work import CONDITIONS, FACTS, facts

SEQUENCE = "sequence"  # of the row, where a table is not in log order
NOT_TRUE = "SET ieee_floating_point_ops=false; SET error_on_division_by_zero=false"


def habeas(events: Path, engine: str = "fast") -> pa.Table:
    """Facts and conditions, account by account; the row of each event comes with its decisions."""
    from habeas.core.policy.parsing import parse
    from habeas.engine.conditions import compiled, is_true
    from habeas.engine.replay import Engine, parts
    from habeas.ports.tables import read_events

    log, own = read_events(events, schema()), facts()
    decided = {n: compiled(parse(text), log.texts) for n, text in CONDITIONS.items()}
    found = []
    for part in parts(log, own.values(), engine=Engine(engine)):
        columns = {name: part.facts[fact.meaning] for name, fact in own.items()}
        holds = {n: is_true(condition(columns)) for n, condition in decided.items()}
        found.append(pa.table({SEQUENCE: part.rows, **holds}))
    return pa.concat_tables(found)


def python(events: Path) -> pa.Table:
    """The same with the kernel in plain Python."""
    return habeas(events, "python")


def duckdb(events: Path) -> pa.Table:
    """SQL windows: RANGE frames by account and by device."""
    import duckdb as db

    connection = db.connect(config={"threads": 2, "memory_limit": "14GB"})
    connection.execute(NOT_TRUE)
    listed = ", ".join(_over(name) for name in FACTS)
    windows = ", ".join(
        f"{key}{days} AS (PARTITION BY {key} ORDER BY time_us RANGE BETWEEN {days * DAY - 1} "
        "PRECEDING AND CURRENT ROW)"
        for key, days in sorted({(by, days) for *_, by, days in FACTS.values()})
    )
    decided = ", ".join(f"coalesce({text}, false) AS {name}" for name, text in CONDITIONS.items())
    # `device` is null for some events: those have no value, not one group of their own
    query = f"""
        WITH e AS (SELECT row_number() OVER () AS sequence, * FROM '{events}'),
        f AS (SELECT sequence, {listed} FROM e WINDOW {windows})
        SELECT sequence - 1 AS sequence, {decided} FROM f
    """
    return connection.sql(query).to_arrow_table()


def _over(name: str) -> str:
    kind, attribute, of, by, days = FACTS[name]
    chosen = f" FILTER (WHERE type = '{of}')" if of else ""
    match kind:
        case "count":
            value = f"count(*){chosen}"
        case "sum":
            value = f"sum({attribute}){chosen}"
        case _:
            value = f"count(DISTINCT {attribute}){chosen}"
    told = f"{value} OVER {by}{days}"
    told = f"coalesce({told}, 0)" if kind == "sum" else told
    return f"CASE WHEN {by} IS NOT NULL THEN {told} END AS {name}"


def loop(events: Path) -> pa.Table:
    """A dict of deques a fact, as a stream processor's user would write it (sums, counts)."""
    table = pq.read_table(events).to_pydict()
    values: dict[str, list[Any]] = {}
    for name, (kind, attribute, of, by, days) in FACTS.items():
        values[name] = _walk(table, kind, attribute, of, by, days * DAY)
    columns = {n: np.array([np.nan if v is None else v for v in c]) for n, c in values.items()}
    return decided(columns)


def _walk(
    table: dict[str, list[Any]],
    kind: str,
    attribute: str | None,
    of: str | None,
    by: str,
    over: int,
) -> list[Any]:
    queues: dict[str, deque[tuple[int, Any]]] = defaultdict(deque)
    totals: dict[str, int] = defaultdict(int)
    seen: dict[str, dict[Any, int]] = defaultdict(lambda: defaultdict(int))
    read = table[attribute] if attribute else [1] * len(table["type"])
    found: list[Any] = []
    for key, time, type_, value in zip(
        table[by], table["time_us"], table["type"], read, strict=True
    ):
        if key is None:
            found.append(None)
            continue
        queue, values = queues[key], seen[key]
        if (of is None or type_ == of) and value is not None:
            queue.append((time, value))
            totals[key] += value if kind != "distinct" else 0
            values[value] += kind == "distinct"
        while queue and queue[0][0] <= time - over:
            _, left = queue.popleft()
            totals[key] -= left if kind != "distinct" else 0
            if kind == "distinct":
                values[left] -= 1
                if not values[left]:
                    del values[left]
        found.append(len(values) if kind == "distinct" else totals[key])
    return found


def decided(columns: dict[str, Any]) -> pa.Table:
    """The conditions over NumPy columns (NaN: unknown), by DuckDB."""
    import duckdb as db

    connection = db.connect(config={"threads": 2})
    connection.execute(NOT_TRUE)
    connection.register(
        "raw", pa.table({n: pa.array(c, from_pandas=True) for n, c in columns.items()})
    )
    listed = ", ".join(f"coalesce({text}, false) AS {name}" for name, text in CONDITIONS.items())
    return connection.sql(f"SELECT {listed} FROM raw").to_arrow_table()


def polars(events: Path) -> pa.Table:
    """Rolling windows by group."""
    import polars as pl

    frame = pl.read_parquet(events).with_row_index("sequence")
    columns: dict[str, Any] = {}
    for name, (kind, attribute, of, by, days) in FACTS.items():
        chosen = pl.lit(True) if of is None else pl.col("type") == of
        read = pl.col(attribute).fill_null(0) if kind == "sum" else pl.lit(1, pl.Int64)
        if kind == "distinct":
            value = pl.when(chosen).then(pl.col(attribute)).drop_nulls().n_unique()
        else:
            value = pl.when(chosen).then(read).otherwise(0).sum()
        rolled = (
            frame.filter(pl.col(by).is_not_null())
            .sort(by, "sequence")
            .rolling("time_us", period=f"{days * DAY}i", group_by=by)
            .agg(value.alias(name), pl.col("sequence").last())
        )
        out = np.full(len(frame), np.nan)
        out[rolled["sequence"].to_numpy()] = rolled[name].to_numpy()
        columns[name] = out
    return decided(columns)


def pandas(events: Path) -> pa.Table:
    """groupby().rolling() for counts and sums; distinct counts stay with the loop above."""
    import pandas as pd

    raw = pq.read_table(events)
    table, frame = raw.to_pydict(), raw.to_pandas()
    frame["time"] = pd.to_datetime(frame["time_us"], unit="us")
    columns: dict[str, Any] = {}
    for name, (kind, attribute, of, by, days) in FACTS.items():
        if kind == "distinct":
            own = _walk(table, kind, attribute, of, by, days * DAY)
            columns[name] = np.array([np.nan if v is None else v for v in own])
            continue
        chosen = frame["type"] == of
        frame["v"] = np.where(chosen, frame[attribute].fillna(0) if kind == "sum" else 1, 0)
        rolled = frame.groupby(by).rolling(f"{days}D", on="time")["v"].sum()
        codes = pd.factorize(frame[by], sort=True)[0]  # the groups come in order of their key
        order = np.argsort(codes, kind="stable")[np.count_nonzero(codes < 0) :]
        out = np.full(len(frame), np.nan)
        out[order] = rolled.to_numpy()
        columns[name] = np.rint(out)
    return decided(columns)


def bytewax(events: Path) -> pa.Table:
    """A stream processor: the loop's windows as the state of each key."""
    from bench.stream import streamed

    return decided(streamed(events))


PEERS: dict[str, Callable[[Path], pa.Table]] = {
    "habeas": habeas,
    "duckdb": duckdb,
    "polars": polars,
    "pandas": pandas,
    "loop": loop,
    "bytewax": bytewax,
    "python": python,
}


def main() -> None:
    name, events, out = sys.argv[1:]
    table = PEERS[name](Path(events))
    used = resource.getrusage(resource.RUSAGE_SELF)
    pq.write_table(table, out)
    print(used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)


if __name__ == "__main__":
    main()
