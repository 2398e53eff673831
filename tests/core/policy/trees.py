"""Trees of conditions for hypothesis: every tree that a text can have, typed or not."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

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

NAMES = st.sampled_from("a b n returned_365d first order date value é Upper".split()).map(Name)
DECIMALS = st.builds(
    lambda sign, whole, part: Decimal(f"{sign}{whole}.{part.rstrip('0') or '0'}"),
    st.sampled_from(["", "-"]),
    st.integers(1, 10**30),
    st.text("0123456789", max_size=30),
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value or 0.0)
NUMBERS = (st.integers(-(10**40), 10**40) | DECIMALS | FLOATS).map(Literal)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8).map(Literal)
TRUTHS = st.booleans().map(Literal)


def flat(word: str, parts: list[Node]) -> Node:
    """As the parser has it: `a and b and c` is one of three, not two of two."""
    found: list[Node] = []
    for part in parts:
        found += part.parts if isinstance(part, Logic) and part.word == word else [part]
    return Logic(word, tuple(found))


def negated(inner: Node) -> Node:
    """A minus sign before a number is part of the number."""
    plain = isinstance(inner, Literal) and not isinstance(inner.value, bool | str)
    return inner if plain else Negate(inner)


def above(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    some = st.lists(inner, min_size=1, max_size=3).map(tuple)
    branches = st.lists(st.tuples(inner, inner), min_size=1, max_size=2).map(tuple)
    return st.one_of(
        st.builds(negated, inner),
        st.builds(Arithmetic, st.sampled_from("+-*/"), inner, inner),
        st.builds(Compare, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), inner, inner),
        st.builds(Between, inner, inner, inner),
        st.builds(In, inner, some),
        st.builds(IsNull, inner),
        st.builds(Not, inner),
        st.builds(flat, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)),
        st.builds(CaseWhen, branches, st.none() | inner),
        st.builds(Call, st.just("coalesce"), some),
        st.builds(Call, st.just("nullif"), st.tuples(inner, inner)),
        st.builds(Call, st.just("abs"), st.tuples(inner)),
    )


TREES = st.recursive(NAMES | NUMBERS | TEXTS | TRUTHS, above, max_leaves=8)
