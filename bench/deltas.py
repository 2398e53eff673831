"""Facts by DuckDB on logs with ties, late events and hot keys, exact and in O(n log n).

The clock of a key never goes back. So an event enters a window once, at its own sequence, and
leaves it once: at the first sequence of its key whose clock is its time + W or more. Counts and
sums are running sums of what enters and leaves; a distinct count is the same over the spans in
which each value is there; without a window, everything is a running aggregate."""

# The SQL is made of names that this file and its callers chose.

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

Declaration = Mapping[str, Any]  # one fact, as in a policy file
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
UNITS = {"second": "1s", "minute": "1m", "hour": "1h", "day": "1d", "week": "1w"}
READS = ("sum", "distinct", "first", "last", "max", "min")
KINDS = ("count", "age", *READS)
SO_FAR = "OVER (PARTITION BY key ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
RUNNING = {
    "count": "count(value)",
    "sum": "sum(value)",
    "first": "first_value(value IGNORE NULLS)",
    "last": "last_value(value IGNORE NULLS)",
    "max": "max(value)",
    "min": "min(value)",
    "age": "min(value)",
}
WITHIN = {"first": "min_by(f.value, f.seq)", "last": "max_by(f.value, f.seq)",
          "max": "max(f.value)", "min": "min(f.value)"}  # fmt: skip


def microseconds(length: str) -> int:
    return int(length[:-1]) * SECONDS[length[-1]] * 1_000_000


class Deltas:
    """A log in DuckDB. Facts are columns of the table `facts`, one row an event."""

    def __init__(self, log: Path, threads: int = 2) -> None:
        self.own = duckdb.connect(config={"threads": threads})
        for name in ("ieee_floating_point_ops", "error_on_division_by_zero"):
            self.own.execute(f"SET {name}=false")
        self.own.execute(
            "CREATE TABLE log AS SELECT *, file_row_number AS seq "
            f"FROM read_parquet('{log}', file_row_number=true)"
        )
        self.own.execute("CREATE TABLE facts AS SELECT seq FROM log")

    def keyed(self, key: str) -> str:
        """The events that have a key, and the key's clock at each; a table, made once."""
        self.own.execute(
            f"CREATE TABLE IF NOT EXISTS by_{key} AS SELECT *, {key} AS key, "
            f"max(time_us) OVER (PARTITION BY {key} ORDER BY seq ROWS BETWEEN UNBOUNDED PRECEDING "
            f"AND CURRENT ROW) AS clock FROM log WHERE {key} IS NOT NULL"
        )
        return f"by_{key}"

    def add(self, name: str, one: Declaration) -> None:
        """Compute one fact."""
        (kind,) = set(one) & set(KINDS)
        source, takes = self.keyed(one.get("by", "account")), _takes(one, kind)
        if "over" not in one:
            found = _running(one, kind, source, takes)
        elif kind in ("count", "sum", "distinct"):
            found = _moving(one, kind, source, takes)
        else:
            found = _joined(one, kind, source, takes)
        self.own.execute(
            f"CREATE OR REPLACE TABLE facts AS SELECT facts.*, found.value AS {name} "
            f"FROM facts LEFT JOIN ({found}) found USING (seq)"
        )

    def column(self, expression: str) -> Any:
        """An Arrow column, in log order."""
        return self.own.sql(f"SELECT {expression} AS c FROM facts ORDER BY seq").to_arrow_table()[
            "c"
        ]

    def rises(self, condition: str) -> Any:
        """The sequences at which a condition becomes true for an account, after it was false or
        nothing; unknowns are passed over."""
        return self.own.sql(
            f"WITH t AS (SELECT seq, account, ({condition}) AS held FROM facts JOIN log USING "
            "(seq)), known AS (SELECT seq, held, lag(held, 1, false) OVER (PARTITION BY account "
            "ORDER BY seq) AS before FROM t WHERE held IS NOT NULL) "
            "SELECT seq FROM known WHERE held AND NOT before ORDER BY seq"
        ).to_arrow_table()["seq"]


def _takes(one: Declaration, kind: str) -> str:
    """Which events a fact reads."""
    wanted = [f"{one[kind]} IS NOT NULL"] if kind in READS else []
    types = one.get("of") if kind in READS else one[kind]
    if types:
        listed = [types] if isinstance(types, str) else types
        wanted.append("type IN ({})".format(", ".join(f"'{t}'" for t in listed)))
    return " AND ".join(wanted) or "true"


def _value(one: Declaration, kind: str) -> str:
    return "1" if kind == "count" else "time_us" if kind == "age" else str(one[kind])


def _running(one: Declaration, kind: str, source: str, takes: str) -> str:
    """All of a key's history: aggregates up to each row."""
    read = f"SELECT seq, key, clock, CASE WHEN {takes} THEN {_value(one, kind)} END AS value"
    if kind == "distinct":
        return (
            f"SELECT seq, least(count(*) FILTER (WHERE new) {SO_FAR}, {one.get('cap', 1000)}) "
            "AS value FROM (SELECT *, value IS NOT NULL AND min(seq) OVER (PARTITION BY key, "
            f"value) = seq AS new FROM ({read} FROM {source}))"
        )
    answer = f"{RUNNING[kind]} {SO_FAR}"
    if kind == "sum":
        answer = f"coalesce({answer}, 0)::BIGINT"
    if kind == "age":
        answer = f"(clock - {answer}) // {microseconds(UNITS[one['unit']])}"
    return f"SELECT seq, {answer} AS value FROM ({read} FROM {source})"


def _moving(one: Declaration, kind: str, source: str, takes: str) -> str:
    """A window: what enters and leaves, summed up."""
    over = microseconds(one["over"])
    spans = (
        f"steps AS (SELECT key, clock, min(seq) AS seq FROM {source} GROUP BY ALL), "
        f"f AS (SELECT seq, key, time_us + {over} AS ends, {_value(one, kind)} AS value "
        f"FROM {source} WHERE {takes} AND time_us > clock - {over}), "
        "spans AS (SELECT f.key, f.value, f.seq AS enters, steps.seq AS leaves "
        "FROM f ASOF LEFT JOIN steps ON f.key = steps.key AND f.ends <= steps.clock)"
    )
    weight = "value"
    if kind == "distinct":
        spans += _islands()
        weight = "1"
    answer = f"coalesce(sum(moved) {SO_FAR}, 0)::BIGINT"
    if kind == "distinct":
        answer = f"least({answer}, {one.get('cap', 1000)})"
    chosen = "islands" if kind == "distinct" else "spans"
    return (
        f"WITH {spans}, moves AS (SELECT seq, sum(w) AS moved FROM "
        f"(SELECT enters AS seq, {weight} AS w FROM {chosen} UNION ALL "
        f"SELECT leaves, -{weight} FROM {chosen} WHERE leaves IS NOT NULL) GROUP BY seq) "
        f"SELECT seq, {answer} AS value FROM {source} LEFT JOIN moves USING (seq)"
    )


def _islands() -> str:
    """Spans of one value that touch or overlap are one: it is there from the first to the last."""
    never = 2**62
    return (
        f", open AS (SELECT key, value, enters, coalesce(leaves, {never}) AS leaves FROM spans), "
        "marked AS (SELECT *, enters > coalesce(max(leaves) OVER (PARTITION BY key, value ORDER BY "
        "enters ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -1) AS starts FROM open), "
        "numbered AS (SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY key, value "
        "ORDER BY enters ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS island FROM marked), "
        f"islands AS (SELECT min(enters) AS enters, nullif(max(leaves), {never}) AS leaves "
        "FROM numbered GROUP BY key, value, island)"
    )


def _joined(one: Declaration, kind: str, source: str, takes: str) -> str:
    """Each event with all that its window holds: exact for any answer, but not for hot keys."""
    over = microseconds(one["over"])
    answer = WITHIN.get(kind, "")
    if kind == "age":
        answer = f"(e.clock - min(f.value)) // {microseconds(UNITS[one['unit']])}"
    return (
        f"SELECT e.seq, {answer} AS value FROM {source} e LEFT JOIN "
        f"(SELECT seq, key, time_us, {_value(one, kind)} AS value FROM {source} WHERE {takes}) f "
        f"ON f.key = e.key AND f.seq <= e.seq AND f.time_us > e.clock - {over} "
        "GROUP BY e.seq, e.clock"
    )
