"""The one compiler of conditions: from the typed tree to functions over columns.

Three-valued as SQL (ISO/IEC 9075-2, 8.1 to 8.22): every column carries which of its values are
known. Whole numbers and decimals are exact; `/` is floating division, and x / 0 is unknown.
DuckDB running the same text gives the same answer, row by row; the tests hold it to that.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import reduce
from typing import assert_never

import numpy as np

from habeas.core.policy.conditions import (
    Arithmetic,
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
)
from habeas.core.policy.parsing import UNROUNDED
from habeas.engine.columns import Array, Column
from habeas.engine.texts import Texts

Columns = Mapping[str, Column]
Program = Callable[[Columns], Column]
INT64 = 2**63 - 1
EXACT_FLOAT, EXACT_TENS = 2**53, 22  # up to here whole numbers and powers of ten are floats
COMPARE: Mapping[str, Callable[[Array, Array], Array]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compiled(node: Node, texts: Texts) -> Program:
    """A function from columns by name to the column of `node`, all of one length."""
    match node:
        case Name(name):
            return lambda columns: columns[name]
        case Literal(value):
            return _literal(value, texts)
        case Negate(inner):
            return _apply(_negated, compiled(inner, texts))
        case Arithmetic(sign, left, right):
            return _apply(ARITHMETIC[sign], compiled(left, texts), compiled(right, texts))
        case Compare(sign, left, right):
            return _comparison(sign, compiled(left, texts), compiled(right, texts))
        case Between(inner, low, high):
            least = Compare(">=", inner, low)
            return compiled(Logic("and", (least, Compare("<=", inner, high))), texts)
        case In(inner, items):
            parts = tuple(Compare("=", inner, item) for item in items)
            return compiled(parts[0] if len(parts) == 1 else Logic("or", parts), texts)
        case IsNull(inner):
            return _apply(_is_unknown, compiled(inner, texts))
        case Not(inner):
            return _apply(_negation, compiled(inner, texts))
        case Logic(word, parts):
            join = _both if word == "and" else _either
            return _apply(lambda *found: reduce(join, found), *(compiled(p, texts) for p in parts))
        case CaseWhen(branches, default):
            return _case(branches, default, texts)
        case Call(function, arguments):
            return _apply(CALLS[function], *(compiled(a, texts) for a in arguments))
        case _:
            assert_never(node)


def is_true(column: Column) -> Array:
    """Where a condition holds: true, and not unknown."""
    return column.values & column.known


def _apply(function: Callable[..., Column], *inner: Program) -> Program:
    return lambda columns: function(*(program(columns) for program in inner))


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values())))


def _literal(value: int | float | Decimal | str | bool, texts: Texts) -> Program:
    scale = 0
    if isinstance(value, str):
        value = texts.code(value)  # two texts that no event has are still two texts
    elif isinstance(value, Decimal):
        scale = -int(value.as_tuple().exponent)
        value = int(value.scaleb(scale, UNROUNDED))
    wide = isinstance(value, int) and abs(value) > INT64
    dtype = object if wide else np.array(value).dtype

    def program(columns: Columns) -> Column:
        length = _length(columns)
        return Column(np.full(length, value, dtype), np.ones(length, dtype=bool), scale)

    return program


def _floating(column: Column) -> Array:
    """The nearest floats; infinite where there are none so large."""
    values = column.values
    if values.dtype == np.float64:
        return values
    wide = values.dtype == object or (column.scale and _reach(values) > EXACT_FLOAT)
    if wide or column.scale > EXACT_TENS:
        whole = 10**column.scale
        return np.array([_quotient(v, whole) for v in values.tolist()], dtype=np.float64)
    return values.astype(np.float64) / 10.0**column.scale


def _quotient(top: int, bottom: int) -> float:
    try:
        return top / bottom  # Python rounds once, whatever the size of the two
    except OverflowError:
        return -math.inf if top < 0 else math.inf


def _is_floating(*columns: Column) -> bool:
    return any(c.values.dtype == np.float64 for c in columns)


def _reach(values: Array) -> int:
    """The largest magnitude in a column of integers, as a Python integer."""
    return max(abs(int(values.max())), abs(int(values.min()))) if len(values) else 0


def _exactly(function: Callable[[Array, Array], Array], a: Array, b: Array, bound: int) -> Array:
    """An integer operation that cannot overflow: beyond 64 bits it runs on Python integers."""
    if bound > INT64:
        return function(a.astype(object), b.astype(object))
    return function(a, b)


def _scaled(column: Column, scale: int) -> Array:
    factor = 10 ** (scale - column.scale)
    if factor == 1:
        return column.values
    ten = np.array(factor, dtype=object if factor > INT64 else np.int64)
    return _exactly(operator.mul, column.values, ten, _reach(column.values) * factor)


def _aligned(a: Column, b: Column) -> tuple[Array, Array, int]:
    """Two numeric columns on one scale, or both floating."""
    if a.values.dtype == np.bool_ or (a.scale == b.scale and not _is_floating(a, b)):
        return a.values, b.values, a.scale
    if _is_floating(a, b):
        return _floating(a), _floating(b), 0
    scale = max(a.scale, b.scale)
    return _scaled(a, scale), _scaled(b, scale), scale


def _known_where_finite(values: Array, known: Array, scale: int = 0) -> Column:
    """What left the range of float64 is unknown, and never makes a condition true."""
    if values.dtype != np.float64:
        return Column(values, known, scale)
    finite = np.isfinite(values)
    return Column(np.where(finite, values, 0.0), known & finite)


def _added(function: Callable[[Array, Array], Array]) -> Callable[[Column, Column], Column]:
    def run(a: Column, b: Column) -> Column:
        known = a.known & b.known
        left, right, scale = _aligned(a, b)
        if left.dtype == np.float64:
            with np.errstate(over="ignore", invalid="ignore"):
                return _known_where_finite(function(left, right), known)
        bound = _reach(left) + _reach(right)
        return Column(_exactly(function, left, right, bound), known, scale)

    return run


def _times(a: Column, b: Column) -> Column:
    known = a.known & b.known
    if _is_floating(a, b):
        with np.errstate(over="ignore", invalid="ignore"):
            return _known_where_finite(_floating(a) * _floating(b), known)
    bound = _reach(a.values) * _reach(b.values)
    return Column(_exactly(operator.mul, a.values, b.values, bound), known, a.scale + b.scale)


def _divided(a: Column, b: Column) -> Column:
    top, bottom = _floating(a), _floating(b)
    with np.errstate(all="ignore"):
        values = top / bottom
    return _known_where_finite(values, a.known & b.known & (bottom != 0))


ARITHMETIC: Mapping[str, Callable[[Column, Column], Column]] = {
    "+": _added(operator.add),
    "-": _added(operator.sub),
    "*": _times,
    "/": _divided,
}


def _widened(a: Column) -> Array:
    """Values whose sign can change: -2**63 has no opposite in 64 bits."""
    lowest = a.values.dtype == np.int64 and _reach(a.values) > INT64
    return a.values.astype(object) if lowest else a.values


def _negated(a: Column) -> Column:
    return Column(-_widened(a), a.known, a.scale)


def _comparison(sign: str, left: Program, right: Program) -> Program:
    compare = COMPARE[sign]

    def program(columns: Columns) -> Column:
        a, b = left(columns), right(columns)
        x, y, _ = _aligned(a, b)
        return Column(compare(x, y).astype(bool), a.known & b.known)

    return program


def ordered(left: Node, right: Node, texts: Texts) -> Program:
    """-1, 0 or 1 as the left side is less than, equal to or greater than the right."""
    first, second = compiled(left, texts), compiled(right, texts)

    def program(columns: Columns) -> Column:
        a, b = first(columns), second(columns)
        x, y, _ = _aligned(a, b)
        return Column((x > y).astype(np.int8) - (x < y).astype(np.int8), a.known & b.known)

    return program


def _is_unknown(a: Column) -> Column:
    return Column(~a.known, np.ones(len(a), dtype=bool))


def _negation(a: Column) -> Column:
    return Column(~a.values, a.known)


def _both(a: Column, b: Column) -> Column:
    false = (a.known & ~a.values) | (b.known & ~b.values)
    true = is_true(a) & is_true(b)
    return Column(true, true | false)


def _either(a: Column, b: Column) -> Column:
    true = is_true(a) | is_true(b)
    false = a.known & ~a.values & b.known & ~b.values
    return Column(true, true | false)


def _chosen(where: Array, a: Column, b: Column) -> Column:
    """`a` where the mask holds, else `b`."""
    x, y, scale = _aligned(a, b)
    return Column(np.where(where, x, y), np.where(where, a.known, b.known), scale)


def _first_known(*columns: Column) -> Column:
    return reduce(lambda a, b: _chosen(a.known, a, b), columns)


def _unless_equal(a: Column, b: Column) -> Column:
    x, y, _ = _aligned(a, b)
    return Column(a.values, a.known & ~((x == y) & b.known).astype(bool), a.scale)


def _absolute(a: Column) -> Column:
    return Column(np.abs(_widened(a)), a.known, a.scale)


CALLS: Mapping[str, Callable[..., Column]] = {
    "coalesce": _first_known,
    "nullif": _unless_equal,
    "abs": _absolute,
}


def _case(branches: tuple[tuple[Node, Node], ...], default: Node | None, texts: Texts) -> Program:
    conditions = [compiled(c, texts) for c, _ in branches]
    values = [compiled(v, texts) for _, v in branches]
    otherwise = compiled(default, texts) if default is not None else None

    def program(columns: Columns) -> Column:
        found = [value(columns) for value in values]
        last = otherwise(columns) if otherwise else _nothing_like(found[0])
        for condition, value in zip(reversed(conditions), reversed(found), strict=True):
            last = _chosen(is_true(condition(columns)), value, last)
        return last

    return program


def _nothing_like(column: Column) -> Column:
    return Column(column.values, np.zeros(len(column), dtype=bool), column.scale)
