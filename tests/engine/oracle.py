"""The oracle: what facts, conditions and findings are, said a second time.

Facts and conditions are DuckDB's SQL, made from the declarations as people write them and from
their meaning in DESIGN section 4; findings and exact numbers are plain Python. Nothing here calls
the engine, so an answer that both give was reached twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from habeas.core.policy.conditions import (
    Arithmetic,
    Base,
    Between,
    Call,
    CaseWhen,
    Compare,
    In,
    IsNull,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    Not,
    Type,
    walk,
    written,
)

Declaration = Mapping[str, Any]  # one fact, as in a policy file
READS = ("sum", "distinct", "first", "last", "max", "min")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
UNITS = {"second": "1s", "minute": "1m", "hour": "1h", "day": "1d", "week": "1w"}
ANSWERS = {
    "count": "count(f.seq)",
    "sum": "coalesce(sum(f.value), 0)::BIGINT",
    "distinct": "least(count(DISTINCT f.value), {cap})",
    "first": "min_by(f.value, f.seq)",
    "last": "max_by(f.value, f.seq)",
    "max": "max(f.value)",
    "min": "min(f.value)",
    "age": "(e.clock - min(f.time_us)) // {unit}",
}
EVIDENCE = "coalesce(list(f.id ORDER BY f.seq) FILTER (f.id IS NOT NULL), [])"


@cache
def connection() -> duckdb.DuckDBPyConnection:
    """One database for all questions; SQL's division, where x / 0 is unknown."""
    made = duckdb.connect()
    for name in ("ieee_floating_point_ops", "error_on_division_by_zero"):
        made.execute(f"SET GLOBAL {name}=false")
    return made


def microseconds(length: str) -> int:
    return int(length[:-1]) * SECONDS[length[-1]] * 1_000_000


class Oracle:
    """A log of events in DuckDB, its rows numbered as they lie in the file.

    `holders` names, for each amount without one fixed currency, the attribute that holds it.
    """

    def __init__(self, log: Path, holders: Mapping[str, str]) -> None:
        self.holders = holders
        self.own = connection().cursor()  # its temporary tables are seen by nobody else
        self.ask(
            "CREATE TEMP TABLE log AS SELECT *, file_row_number AS seq "
            f"FROM read_parquet('{log}', file_row_number=true)"
        )

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        return self.own.execute(question).fetchall()

    def column(self, question: str) -> list[Any]:
        return [row[0] for row in self.ask(question)]

    def fact(self, one: Declaration) -> list[Any]:
        """The value of a fact at every event, in log order."""
        return self.column(f"SELECT value FROM ({self._fact(one)}) ORDER BY seq")

    def evidence(self, one: Declaration) -> list[list[str]]:
        """The ids of the events in the window of a fact at every event, in log order."""
        return self.column(
            f"SELECT value FROM ({self._fact(one, EVIDENCE, missing='[]')}) ORDER BY seq"
        )

    def clocks(self, key: str = "account") -> list[int]:
        return self.column(f"SELECT clock FROM ({self._keyed(key)}) ORDER BY seq")

    def keep(self, facts: Mapping[str, Declaration]) -> None:
        """Compute facts once, for `kept` and `decide`."""
        self.ask(f"CREATE OR REPLACE TEMP TABLE facts AS {self._together(facts)}")

    def kept(self, name: str) -> list[Any]:
        return self.column(f"SELECT {name} FROM facts ORDER BY seq")

    def decide(self, when: str, unless: str | None = None) -> list[Any]:
        """The truth of a policy's condition at every event: True, False or None."""
        text = f"({when})" if unless is None else f"({when}) AND NOT ({unless})"
        return self.column(f"SELECT {text} FROM facts ORDER BY seq")

    def _together(self, facts: Mapping[str, Declaration]) -> str:
        """The question for all facts side by side, one row an event."""
        columns = ", ".join(f"{name}.value AS {name}" for name in facts)
        joined = " ".join(f"JOIN ({self._fact(f)}) {n} USING (seq)" for n, f in facts.items())
        return f"SELECT seq, {columns} FROM log {joined}"

    def _keyed(self, key: str) -> str:
        return (
            f"SELECT seq, {key} AS key, max(time_us) OVER (PARTITION BY {key} ORDER BY seq "
            "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS clock FROM log"
        )

    def _fact(self, one: Declaration, answer: str | None = None, missing: str = "NULL") -> str:
        """The events of a key up to each of its events, as far as the window reaches."""
        (kind,) = set(one) & set(ANSWERS)
        chosen = answer or ANSWERS[kind].format(
            cap=one.get("cap", 1000), unit=microseconds(UNITS[one.get("unit", "second")])
        )
        key = one.get("by", "account")
        read = self._read(one, kind, key, every=answer is not None)
        within = f"AND f.time_us > e.clock - {microseconds(one['over'])}" if "over" in one else ""
        return (
            f"SELECT e.seq, CASE WHEN e.key IS NULL THEN {missing} ELSE {chosen} END AS value "
            f"FROM ({self._keyed(key)}) e LEFT JOIN ({read}) f "
            f"ON f.key = e.key AND f.seq <= e.seq {within} GROUP BY e.seq, e.key, e.clock"
        )

    def _read(self, one: Declaration, kind: str, key: str, every: bool) -> str:
        """The events that a fact reads, and what it reads of each."""
        value = one[kind] if kind in READS else "NULL"
        wanted = [f"{value} IS NOT NULL"] if kind in READS else []
        types = one.get("of") if kind in READS else one[kind]
        if types:
            listed = [types] if isinstance(types, str) else types
            wanted.append(f"type IN ({', '.join(map(quoted, listed))})")
        if "where" in one:
            wanted.append(f"({one['where']})")
        for amount, holder in self.holders.items():
            if re.search(rf"\b{amount}\b", f"{value} {one.get('where', '')}"):
                wanted.append(f"{holder} = {quoted(one.get('currency', 'EUR'))}")
        chosen = " AND ".join(wanted) or "true"
        if kind == "distinct" and not every:
            # Of events alike in time, key and value the first tells all that a distinct count
            # needs; it makes millions of pairs out of a hundred million.
            columns, chosen = "min(seq) AS seq, time_us", f"{chosen} GROUP BY ALL"
        else:
            columns = "id, seq, time_us"
        return f"SELECT {columns}, {key} AS key, {value} AS value FROM log WHERE {chosen}"


def quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


ARROW = {
    Base.INTEGER: pa.int64(),
    Base.NUMBER: pa.float64(),
    Base.TEXT: pa.string(),
    Base.BOOLEAN: pa.bool_(),
}


def answers(text: str, types: Mapping[str, Type], rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """What DuckDB answers to the text of an expression over each of `rows`."""
    schema = pa.schema([(name, ARROW[kind.base]) for name, kind in types.items()])
    connection().register("given_rows", pa.Table.from_pylist([dict(r) for r in rows], schema))
    return [row[0] for row in connection().execute(f"SELECT {text} FROM given_rows").fetchall()]


def sql(tree: Node, types: Mapping[str, Type]) -> str:
    """The text of a tree for DuckDB.

    DuckDB casts all sides of BETWEEN and of IN to one type. Where one of them is floating,
    that takes digits from whole numbers beyond 2**53 that are compared with each other; the engine
    compares pair by pair (ISO/IEC 9075-2, 8.3), so there the pairs are written out.
    """
    return written(_paired(tree, types))


def _paired(node: Any, types: Mapping[str, Type]) -> Any:
    if isinstance(node, tuple):
        return tuple(_paired(part, types) for part in node)
    if not isinstance(node, Node):
        return node
    kept = {name: _paired(getattr(node, name), types) for name in node.__match_args__}
    made = type(node)(**kept)
    match made:
        case Between(inner, low, high) if _float_in((inner, low, high), types):
            return Logic("and", (Compare(">=", inner, low), Compare("<=", inner, high)))
        case In(inner, items) if _float_in((inner, *items), types):
            pairs = tuple(Compare("=", inner, item) for item in items)
            return pairs[0] if len(pairs) == 1 else Logic("or", pairs)
    return made


def _float_in(sides: Iterable[Node], types: Mapping[str, Type]) -> bool:
    return any(
        (isinstance(n, Literal) and isinstance(n.value, float))
        or (isinstance(n, Arithmetic) and n.sign == "/")
        or (isinstance(n, Name) and types[n.name].base is Base.NUMBER)
        for side in sides
        for n in walk(side)
    )


def exact(node: Node, row: Mapping[str, Any]) -> Any:
    """An expression of whole numbers and decimals (no division) in exact fractions: a Fraction,
    True, False or None."""
    match node:
        case Name(name):
            value = row[name]
            return _fraction(value)
        case Literal(value):
            return _fraction(value)
        case Negate(inner):
            return _strict(lambda x: -x, exact(inner, row))
        case Call("abs", (inner,)):
            return _strict(abs, exact(inner, row))
        case Arithmetic(sign, left, right) | Compare(sign, left, right):
            return _strict(SIGNS[sign], exact(left, row), exact(right, row))
        case Between(inner, low, high):
            parts = (Compare(">=", inner, low), Compare("<=", inner, high))
            return exact(Logic("and", parts), row)
        case In(inner, items):
            return exact(Logic("or", tuple(Compare("=", inner, i) for i in items)), row)
        case Not(inner):
            return _strict(lambda x: not x, exact(inner, row))
        case Logic(word, parts):
            held = [exact(part, row) for part in parts]
            decisive = word == "or"
            return decisive if decisive in held else None if None in held else not decisive
        case IsNull() | CaseWhen() | Call():
            raise AssertionError(f"not part of exact arithmetic: {written(node)}")


def _fraction(value: Any) -> Any:
    whole = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Fraction(value) if whole else value


SIGNS: Mapping[str, Any] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _strict(function: Any, *values: Any) -> Any:
    return None if None in values else function(*values)


def findings(
    accounts: Sequence[str],
    clocks: Sequence[int],
    truths: Sequence[bool | None],
    afters_us: Sequence[int],
) -> list[tuple[int, int, str]]:
    """(row, step, cause) of every finding: when the condition becomes true, and when the time of
    the next step has come while it stays true. What cannot be told is passed over."""
    found = []
    for account in set(accounts):
        told = [r for r, a in enumerate(accounts) if a == account and truths[r] is not None]
        step, since = -1, 0
        for before, row in zip([None, *told], told, strict=False):
            if not truths[row]:
                continue
            rises = before is None or not truths[before]
            more = step + 1 < len(afters_us)
            due = more and (step < 0 or clocks[row] >= since + afters_us[step + 1])
            if due:
                step, since = step + 1, clocks[row]
            if due or rises:
                found.append((row, step, "became_true" if rises else "stayed_true"))
    return sorted(found)
