"""From the text of a condition to its tree. sqlglot reads the SQL; what is not in the subset is
refused here by name, with its place."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Context, Decimal

import sqlglot
from sqlglot import Token, exp
from sqlglot.errors import ParseError, TokenError

from habeas.core.policy.conditions import (
    Arithmetic,
    Between,
    Call,
    CaseWhen,
    Compare,
    ConditionProblem,
    In,
    IsNull,
    Literal,
    Logic,
    Name,
    Negate,
    Node,
    Not,
    children,
)

LONGEST = 10_000  # characters; a longer condition is a mistake
DEEPEST = 100  # levels of a tree; deeper ones would exhaust the stack
TOO_DEEP = "the condition is nested too deep"
MOST_DIGITS = 100  # of a number
NUMBER = re.compile(r"(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\Z", re.ASCII | re.IGNORECASE)
TEXT = re.compile(r"'(?:[^']|'')*('|\Z)")
UNROUNDED = Context(prec=LONGEST)  # for decimals: no text in a condition has more digits
ALLOWED = (
    "conditions are made of facts, numbers, texts, comparisons, and/or/not, in, between, "
    "+ - * /, case, coalesce, nullif, abs and is null"
)
REFUSED_PARTS = ("query", "unnest", "field", "symmetric")  # of forms that are allowed otherwise
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
        raise _empty()
    if len(text) > LONGEST:
        raise ConditionProblem(
            f"the condition is longer than {LONGEST} characters", "split the policy"
        )
    try:
        tokens = sqlglot.tokenize(text, read="duckdb")
        _refuse_parameters(tokens)
        # with the whole text as context, an error says where it is
        tree = sqlglot.parse_one(
            text, read="duckdb", into=exp.Condition, error_message_context=LONGEST
        )
        _place_words(tree, tokens)
        found = _node(tree)
    except ParseError as error:
        raise _syntax(error) from None
    except TokenError:
        raise _unclosed(text) from None
    except RecursionError:
        raise ConditionProblem(TOO_DEEP, "split the policy") from None
    if _is_too_deep(found):
        raise ConditionProblem(TOO_DEEP, "split the policy")
    return found


def _empty() -> ConditionProblem:
    return ConditionProblem("the condition is empty", "write for example `returns_30d > 3`")


def _syntax(error: ParseError) -> ConditionProblem:
    if not error.errors:  # nothing but a comment or `;`
        return _empty()
    first = error.errors[0]
    near = str(first["highlight"]).strip()
    return ConditionProblem(
        f"the condition cannot be read near `{near}`", ALLOWED, len(first["start_context"])
    )


def _refuse_parameters(tokens: list[Token]) -> None:
    """`@x` is ABS(x) to DuckDB and a parameter to sqlglot, which then takes any word for a name."""
    for token in tokens:
        if token.token_type.name == "PARAMETER":
            sentence = f"`{token.text}` is not allowed in a condition"
            raise ConditionProblem(sentence, ALLOWED, token.start)


def _unclosed(text: str) -> ConditionProblem:
    place = next((m.start() for m in TEXT.finditer(text) if not m[1]), 0)
    return ConditionProblem("a text has no closing quote", "texts stand in single quotes", place)


def _is_too_deep(tree: Node) -> bool:
    level = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in children(node)]
    return bool(level)


# Tokens that join values and are none themselves
JOINING = frozenset(
    "EQ NEQ LT LTE GT GTE PLUS DASH STAR SLASH AND OR NOT IS IN BETWEEN COMMA L_PAREN R_PAREN "
    "CASE WHEN THEN ELSE END".split()
)


def _place_words(tree: exp.Expr, tokens: list[Token]) -> None:
    """sqlglot keeps no place of null, true, false and of some forms that are refused: each stands
    at the first token after what comes before it that is no operator."""
    values = [token for token in tokens if token.token_type.name not in JOINING]
    reached = -1
    for node in tree.walk(bfs=False):
        if "start" not in node.meta and not any(node.iter_expressions()):
            token = next((t for t in values if t.start > reached), None)
            if token is not None:
                node.meta.update(start=token.start, end=token.end)
        reached = max(reached, node.meta.get("end", -1))


def _place(tree: exp.Expr) -> int:
    starts = [n.meta["start"] for n in tree.walk() if "start" in n.meta]
    return min(starts, default=0)


def _node(tree: exp.Expr) -> Node:
    make = MAKERS.get(type(tree))
    if make is None or any(tree.args.get(k) for k in REFUSED_PARTS):
        raise ConditionProblem(
            f"`{_first_line(tree)}` is not allowed in a condition", ALLOWED, _place(tree)
        )
    return make(tree)


def _first_line(tree: exp.Expr) -> str:
    return tree.sql(dialect="duckdb").splitlines()[0][:60]


def _name(tree: exp.Expr) -> Node:
    if not isinstance(tree.this, exp.Identifier) or tree.args.get("table"):
        raise ConditionProblem(f"`{_first_line(tree)}` is not a plain name", ALLOWED, _place(tree))
    if tree.this.args.get("quoted"):
        hint = "names stand without quotes, and texts in single quotes"
        raise ConditionProblem(f"`{_first_line(tree)}` is not a plain name", hint, _place(tree))
    return Name(tree.name, _place(tree))


def _literal(tree: exp.Expr) -> Node:
    text = str(tree.this)
    if tree.args["is_string"]:
        return Literal(text, _place(tree))
    if not NUMBER.match(text):  # the parser reads `. 0.5` as one
        raise ConditionProblem(f"`{text}` is not a number", "", _place(tree))
    if "e" in text.lower():
        if not math.isfinite(float(text)):
            raise ConditionProblem(f"`{text}` is too large a number", "", _place(tree))
        return Literal(float(text), _place(tree))
    if len(text) > MOST_DIGITS:
        raise ConditionProblem(f"`{text[:20]}...` is too long a number", "", _place(tree))
    if "." in text:
        return Literal(_plain(Decimal(text)), _place(tree))
    return Literal(int(text), _place(tree))


def _plain(value: Decimal) -> Decimal:
    """0.60 and 0.6 are one number, so they are one tree; 2.0 stays apart from the integer 2."""
    short = value.normalize(UNROUNDED)
    whole = int(short.as_tuple().exponent) >= 0
    return short.quantize(Decimal("0.1"), context=UNROUNDED) if whole else short


def _null(tree: exp.Expr) -> Node:
    raise ConditionProblem(
        "`null` stands alone", "nothing equals an unknown; write `... is null`", _place(tree)
    )


def _is(tree: exp.Expr) -> Node:
    if isinstance(tree.expression, exp.Null):
        return IsNull(_node(tree.this), _place(tree))
    raise ConditionProblem(
        f"`{_first_line(tree)}` is not allowed in a condition",
        "only `is null` and `is not null` are; compare with `=`",
        _place(tree),
    )


def _in(tree: exp.Expr) -> Node:
    items = tuple(_node(item) for item in tree.expressions)
    if not items:
        raise ConditionProblem("`in` has an empty list", "give at least one value", _place(tree))
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
    return CaseWhen(tuple(branches), None if default is None else _node(default), _place(tree))


def _negate(tree: exp.Expr) -> Node:
    inner = _node(tree.this)
    if isinstance(inner, Literal) and isinstance(inner.value, Decimal):
        return Literal(UNROUNDED.minus(inner.value), inner.place)
    if isinstance(inner, Literal) and not isinstance(inner.value, bool | str):
        return Literal(0 - inner.value, inner.place)  # unlike -0.0, 0 - 0.0 is written 0.0
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
