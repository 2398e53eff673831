"""From the text of a condition to its tree. sqlglot reads the SQL; what is not in the subset is
refused here by name, with its place."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import Decimal

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from habeas.core.conditions import (
    Arithmetic,
    Between,
    Call,
    Case,
    Compare,
    Complaint,
    In,
    IsNull,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    Not,
)

LONGEST = 10_000  # characters; a longer condition is a mistake, and would exhaust the stack
ALLOWED = (
    "conditions are made of facts, numbers, texts, comparisons, and/or/not, in, between, "
    "+ - * /, case, coalesce, nullif, abs and is null"
)
ARITHMETIC: dict[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


def parse(text: str) -> Node:
    """The tree of `text`. Raises Complaint: what is wrong, at which offset, and a next step."""
    if not text.strip():
        raise Complaint("the condition is empty", "write for example `returns_30d > 3`")
    if len(text) > LONGEST:
        raise Complaint(f"the condition is longer than {LONGEST} characters", "split the policy")
    try:
        return _node(sqlglot.parse_one(text, read="duckdb"))
    except ParseError as error:
        raise _syntax(text, error) from None
    except TokenError:
        raise Complaint("a text has no closing quote", "texts stand in single quotes") from None
    except RecursionError:
        raise Complaint("the condition is nested too deep", "split the policy") from None


def _syntax(text: str, error: ParseError) -> Complaint:
    first = error.errors[0] if error.errors else {}
    near = str(first.get("highlight") or "").strip()
    before = str(first.get("start_context") or "")
    sentence = f"the condition cannot be read near `{near}`" if near else "the condition ends early"
    return Complaint(sentence, ALLOWED, text.find(before + near) + len(before) if near else 0)


def _place(tree: exp.Expr) -> int:
    starts = [n.meta["start"] for n in tree.walk() if "start" in n.meta]
    return min(starts, default=0)


def _node(tree: exp.Expr) -> Node:
    make = MAKERS.get(type(tree))
    if make is None or any(tree.args.get(k) for k in ("query", "unnest", "field")):
        raise Complaint(
            f"`{_first_line(tree)}` is not allowed in a condition", ALLOWED, _place(tree)
        )
    return make(tree)


def _first_line(tree: exp.Expr) -> str:
    return tree.sql(dialect="duckdb").splitlines()[0][:60]


def _name(tree: exp.Expr) -> Node:
    if not isinstance(tree.this, exp.Identifier) or tree.args.get("table"):
        raise Complaint(f"`{_first_line(tree)}` is not a plain name", ALLOWED, _place(tree))
    return Name(tree.name, _place(tree))


def _literal(tree: exp.Expr) -> Node:
    text = str(tree.this)
    if tree.args["is_string"]:
        return Literal(text, _place(tree))
    if "e" in text.lower():
        if not math.isfinite(float(text)):
            raise Complaint(f"`{text}` is too large a number", "", _place(tree))
        return Literal(float(text), _place(tree))
    if "." in text:
        return Literal(_plain(Decimal(text)), _place(tree))
    return Literal(int(text), _place(tree))


def _plain(value: Decimal) -> Decimal:
    """0.60 and 0.6 are one number, so they are one tree; 2.0 stays apart from the integer 2."""
    short = value.normalize()
    return short if int(short.as_tuple().exponent) < 0 else short.quantize(Decimal("0.1"))


def _null(tree: exp.Expr) -> Node:
    raise Complaint(
        "`null` stands alone", "nothing equals an unknown; write `... is null`", _place(tree)
    )


def _is(tree: exp.Expr) -> Node:
    if isinstance(tree.expression, exp.Null):
        return IsNull(_node(tree.this), _place(tree))
    raise Complaint(
        f"`{_first_line(tree)}` is not allowed in a condition",
        "only `is null` and `is not null` are; compare with `=`",
        _place(tree),
    )


def _in(tree: exp.Expr) -> Node:
    items = tuple(_node(item) for item in tree.expressions)
    if not items:
        raise Complaint("`in` has an empty list", "give at least one value", _place(tree))
    return In(_node(tree.this), items, _place(tree))


def _logic(word: str) -> Callable[[exp.Expr], Node]:
    def make(tree: exp.Expr) -> Node:
        parts: list[Node] = []
        for side in (tree.this, tree.expression):
            part = _node(side)
            # `a and b and c` is one sentence of three parts, not two of two
            parts += part.parts if isinstance(part, Logic) and part.word == word else [part]
        return Logic(word, tuple(parts), _place(tree))

    return make


def _case(tree: exp.Expr) -> Node:
    subject = tree.this
    branches = []
    for one in tree.args["ifs"]:
        condition = _node(one.this)
        if subject is not None:
            condition = Compare("=", _node(subject), condition, condition.place)
        branches.append((condition, _node(one.args["true"])))
    default = tree.args.get("default")
    return Case(tuple(branches), None if default is None else _node(default), _place(tree))


def _negate(tree: exp.Expr) -> Node:
    inner = _node(tree.this)
    if isinstance(inner, Literal) and isinstance(inner.value, int | float | Decimal):
        return Literal(-inner.value, inner.place)
    return Negate(inner, _place(tree))


def _call(function: str) -> Callable[[exp.Expr], Node]:
    def make(tree: exp.Expr) -> Node:
        rest = [tree.expression] if tree.args.get("expression") else tree.expressions
        return Call(function, tuple(_node(a) for a in [tree.this, *rest]), _place(tree))

    return make


def _arithmetic(tree: exp.Expr) -> Node:
    sign = ARITHMETIC[type(tree)]
    return Arithmetic(sign, _node(tree.this), _node(tree.expression), _place(tree))


def _compare(tree: exp.Expr) -> Node:
    sign = COMPARISONS[type(tree)]
    return Compare(sign, _node(tree.this), _node(tree.expression), _place(tree))


MAKERS: dict[type[exp.Expr], Callable[[exp.Expr], Node]] = {
    exp.Column: _name,
    exp.Literal: _literal,
    exp.Boolean: lambda tree: Literal(bool(tree.this), _place(tree)),
    exp.Null: _null,
    exp.Paren: lambda tree: _node(tree.this),
    exp.Neg: _negate,
    exp.Between: lambda tree: Between(
        _node(tree.this), _node(tree.args["low"]), _node(tree.args["high"]), _place(tree)
    ),
    exp.In: _in,
    exp.Is: _is,
    exp.Not: lambda tree: Not(_node(tree.this), _place(tree)),
    exp.And: _logic("and"),
    exp.Or: _logic("or"),
    exp.Case: _case,
    exp.Coalesce: _call("coalesce"),
    exp.Nullif: _call("nullif"),
    exp.Abs: _call("abs"),
    **dict.fromkeys(ARITHMETIC, _arithmetic),
    **dict.fromkeys(COMPARISONS, _compare),
}
