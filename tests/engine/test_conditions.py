"""The compiler of conditions equals DuckDB running the same text, row by row, three-valued."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import product
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.policy.conditions import (
    BOOLEAN,
    Base,
    ConditionProblem,
    Literal,
    Node,
    Type,
    names,
    type_of,
    written,
)
from habeas.core.policy.parsing import parse
from habeas.engine.columns import Column, column_of
from habeas.engine.conditions import compiled
from habeas.engine.texts import Texts
from tests.engine import oracle
from tests.engine.making import COLUMNS, EXACT_LEAVES, KNOWING, NUMBER_LEAVES, ROWS, examples, trees

Row = Mapping[str, Any]
SORTS = trees(3, NUMBER_LEAVES)


def evaluated(tree: Node, rows: Sequence[Row], types: Mapping[str, Type] = COLUMNS) -> list[Any]:
    """What the engine answers over `rows`, as Python values; whole numbers as they are."""
    texts = Texts()
    columns = {n: column_of([row[n] for row in rows], kind, texts) for n, kind in types.items()}
    found = compiled(tree, texts)(columns)
    pairs = zip(found.values.tolist(), found.known.tolist(), strict=True)
    return [_plain(value, found) if known else None for value, known in pairs]


def _plain(value: Any, column: Column) -> Any:
    return Decimal(value).scaleb(-column.scale) if column.scale else value


class Tally(Counter[str]):
    """How many examples were compared, and how many DuckDB refused (an overflow)."""

    def compare(self, tree: Node, rows: Sequence[Row]) -> None:
        try:
            expected = oracle.answers(oracle.sql(tree, COLUMNS), COLUMNS, rows)
        except (duckdb.OutOfRangeException, duckdb.ConversionException):
            self["refused"] += 1
            return
        self["compared"] += 1
        assert evaluated(tree, rows) == expected, written(tree)

    def close(self) -> None:
        assert self["compared"] > 20 * self["refused"], self


def test_conditions_equal_duckdb() -> None:
    tally = Tally()

    @examples(1200)
    @given(SORTS.truth, ROWS)
    def run(tree: Node, rows: list[Row]) -> None:
        assert type_of(tree, COLUMNS) == BOOLEAN
        tally.compare(tree, rows)

    run()
    tally.close()


def test_numbers_equal_duckdb() -> None:
    """Not only their comparisons: each digit of whole numbers, decimals and floats."""
    tally = Tally()

    @examples(600)
    @given(SORTS.number, ROWS)
    def run(tree: Node, rows: list[Row]) -> None:
        tally.compare(tree, rows)

    run()
    tally.close()


@examples(600)
@given(SORTS.any())
def test_a_tree_written_and_parsed_is_the_same_tree(tree: Node) -> None:
    text = written(tree)
    assert parse(text) == tree
    assert written(parse(text)) == text


# Texts as people write them: precedence and forms that `written` never uses.
TEXTS = (
    "not p and q",
    "not p = q",
    "p or q and r",
    "p = q is null",
    "p = q is not null",
    "not p is null",
    "a < b is null",
    "p = a in (0, 2)",
    "p = a between 0 and 2",
    "a not in (1, b) or p",
    "a not between 1 and b",
    "a between b and 2 and p",
    "not a = 1 or q",
    "p = not q",
    "p isnull or q notnull",
    "-a + b * 2 - 1 > 0",
    "- 2 * a < -b",
    "-a between -2 and 0",
    "a - b - 1 <> a - (b - 1)",
    "a / b / 2 = a / (b / 2)",
    "a * b / 2 > 0.5",
    "2 - -a > 1",
    "a == 1 or b != 2",
    "case a when 1 then p when 2 then q end",
    "case when p then a when q then b else 1 end > 1",
    "case when p then 'x' else 'y' end = 'x'",
    "coalesce(nullif(a, b), 7) = 7",
    "ifnull(a, 7) = 7",
    "abs(-a) = abs(a)",
    "a > 1_0 or a < .5 or b > 1.",
    "A > 1 and not P".lower(),
    "p in (q, true)",
    "p <> q",
    "a > 1\n  -- a remark\n  and p",
)


@pytest.mark.parametrize("text", TEXTS)
def test_texts_mean_what_they_mean_to_duckdb(text: str) -> None:
    types = dict.fromkeys("ab", COLUMNS["a"]) | dict.fromkeys("pqr", BOOLEAN)
    truths, wholes = (None, True, False), (None, 0, 1, 2, -3)
    used = names(parse(text))
    domains = [wholes if n in "ab" else truths for n in types if n in used]
    listed = [n for n in types if n in used]
    rows = [dict.fromkeys(types) | dict(zip(listed, v, strict=True)) for v in product(*domains)]
    expected = oracle.answers(f"({text}\n)", types, rows)
    assert evaluated(parse(text), rows, types) == expected


# Law 9

TELLING_NOTHING = trees(3, NUMBER_LEAVES, without=KNOWING)


@examples(400)
@given(TELLING_NOTHING.truth, ROWS, st.data())
def test_an_unknown_never_makes_a_condition_true(
    tree: Node, rows: list[Row], data: st.DataObject
) -> None:
    before = evaluated(tree, rows)
    forgotten = data.draw(st.sets(st.sampled_from(names(tree) or ["a"]), min_size=1))
    after = evaluated(tree, [dict(row) | dict.fromkeys(forgotten) for row in rows])
    for one, other in zip(before, after, strict=True):
        assert other is None or other == one


@pytest.mark.parametrize("text", ["a / b > 1", "a / b < 1", "a / b = 0", "not a / b > 1"])
def test_division_by_zero_is_unknown(text: str) -> None:
    rows = [{"a": a, "b": 0} for a in (-1, 0, 1)]
    assert evaluated(parse(text), rows, dict.fromkeys("ab", COLUMNS["a"])) == [None] * 3


@pytest.mark.parametrize("text", ["f * f > 1", "f / g > 1", "f + f > 1", "-f - f < 1"])
def test_beyond_the_range_of_floats_is_unknown(text: str) -> None:
    """DuckDB says `inf` here, which would be over any limit; in doubt it is for the customer."""
    rows = [{"f": 1.7e308, "g": 1e-300}]
    assert evaluated(parse(text), rows, dict.fromkeys("fg", COLUMNS["f"])) == [None]


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("coalesce(s, 'nowhere') = 'elsewhere'", False),
        ("case when s is null then 'one' else 'two' end = 'two'", False),
        ("'one' in ('two', 'three')", False),
        ("coalesce(s, 'nowhere') = 'nowhere'", True),
        ("nullif('one', 'two') = 'one'", True),
    ],
)
def test_texts_that_no_event_has_are_apart(text: str, held: bool) -> None:
    assert evaluated(parse(text), [{"s": None}], {"s": Type(Base.TEXT)}) == [held]


# Exactness

EDGES = [-(2**63), -(2**63) + 1, -(2**53) - 1, -1, 0, 1, 2**31, 2**53 + 1, 2**62, 2**63 - 1]
LARGE = st.none() | st.sampled_from(EDGES) | st.integers(-(2**63), 2**63 - 1)
LARGE_ROWS = st.lists(
    st.fixed_dictionaries(
        dict.fromkeys("abc", LARGE)
        | {n: st.just(None) for n in "fgst"}
        | dict.fromkeys("pq", st.sampled_from([None, True, False]))
    ),
    min_size=1,
    max_size=5,
)
EXACT = trees(3, EXACT_LEAVES | LARGE.filter(bool).map(Literal), "+-*", without=KNOWING)


@examples(500)
@given(EXACT.truth, LARGE_ROWS)
def test_whole_numbers_and_decimals_are_exact_beyond_64_bits(tree: Node, rows: list[Row]) -> None:
    assert evaluated(tree, rows) == [oracle.exact(tree, row) for row in rows], written(tree)


@pytest.mark.parametrize("sign", ["+", "-", "*"])
@pytest.mark.parametrize("against", ["0", "a", "0.5", "b * 10", str(2**63), str(-(2**64))])
def test_arithmetic_at_the_edges_of_64_bits(sign: str, against: str) -> None:
    """One row at a time: a column is calculated as widely as its largest value needs."""
    tree = parse(f"a {sign} b > {against}")
    types = dict.fromkeys("ab", Type(Base.INTEGER))
    for row in (dict(zip("ab", pair, strict=True)) for pair in product(EDGES, repeat=2)):
        assert evaluated(tree, [row], types) == [oracle.exact(tree, row)], row


A = {"a": Type(Base.INTEGER)}
TINY = f"0.{'0' * 90}1"  # four of them multiplied are less than any float but 0


@pytest.mark.parametrize(
    ("text", "value", "held"),
    [
        ("-a > 0", -(2**63), True),
        ("abs(a) > 0", -(2**63), True),
        ("a * a * a > a * a", 2**63 - 1, True),
        ("a + 0.1 > a", 2**63 - 1, True),
        ("a = 9007199254740993", 9007199254740992, False),
        ("a > 12345678901234567890123456789.0", 1, False),
        ("a < 12345678901234567890123456789.5", 1, True),
        ("a + 0.1234567890123456789012345678901 = 1.1234567890123456789012345678901", 1, True),
        ("a + 0.1234567890123456789012345678901 = 1.1234567890123456789012345678902", 1, False),
        (f"{' * '.join('a' * 20)} > 1e300", 2**62, True),
        (f"{' * '.join('a' * 20)} / 2 > 1", 2**62, None),  # beyond the range of floats
        (f"a / ({TINY} * {TINY} * {TINY} * {TINY}) > 1", 1, None),
        (f"a * {TINY} * {TINY} * {TINY} * {TINY} < 0.5e0", 1, True),
    ],
)
def test_numbers_of_any_size_are_compared(text: str, value: int, held: bool | None) -> None:
    assert evaluated(parse(text), [{"a": value}], A) == [held]


@pytest.mark.parametrize("text", ["a > 0.6", "a + 0.60 > 1", "a > -0.6", "a > 1e2", "a > 2.0"])
def test_one_number_has_one_text(text: str) -> None:
    tree = parse(text)
    assert parse(written(tree)) == tree


def test_decimals_become_floats_rounded_once() -> None:
    """0.1 + 0.2 is 0.3 as long as it is exact, and 17 digits fit no float."""
    assert evaluated(parse("0.1 + 0.2 = 0.3"), [{"a": 0}], A) == [True]
    for text in ("a * 0.01 / 1", "a * 0.1 / 1", "a * 0.001 / 3e0"):
        for value in (2**53 + 1, 10**17 + 1, 1234567890123456789, 2**63 - 1):
            row = {"a": value}
            places = Decimal(text.split()[2])
            divisor = float(text.split()[4])
            assert evaluated(parse(text), [row], A) == [float(value * places) / divisor]


# What DuckDB reads otherwise, or not at all, is refused


@pytest.mark.parametrize(
    "text", ["a between symmetric 5 and 1", "a > 1 limit 3", "a > 1; a < 1", "a > (select 1)"]
)
def test_what_would_be_read_otherwise_is_refused(text: str) -> None:
    with pytest.raises(ConditionProblem):
        parse(text)


def test_between_and_in_compare_pair_by_pair() -> None:
    """DuckDB casts all sides to float where one is; the whole numbers here differ by one."""
    row = {"a": 2**53}
    for text in ("a between 9007199254740993 and 1e300", "a in (9007199254740993, 1e0)"):
        assert evaluated(parse(text), [row], A) == [False]
        assert oracle.answers(text, A, [row]) == [True]
        assert oracle.answers(oracle.sql(parse(text), A), A, [row]) == [False]


def test_no_row_has_no_answer() -> None:
    assert evaluated(parse("a > 1 and a / 2 < 3 or abs(a) = 1"), [], A) == []
