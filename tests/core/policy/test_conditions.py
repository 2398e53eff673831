"""Conditions as trees: one text each, and a type or a complaint that names the part."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given

from habeas.core.policy.conditions import (
    ANY,
    BOOLEAN,
    Arithmetic,
    Base,
    Call,
    CaseWhen,
    Compare,
    ConditionProblem,
    Literal,
    Logic,
    Name,
    Node,
    Not,
    Type,
    children,
    names,
    sub_conditions,
    type_of,
    walk,
    written,
)
from habeas.core.policy.parsing import parse
from tests.core.policy.trees import TREES
from tests.core.samples import TYPES, calm, thorough


@thorough
@given(TREES)
def test_a_tree_is_what_its_text_says(tree: Node) -> None:
    text = written(tree)
    assert parse(text) == tree
    assert written(parse(text)) == text


@calm
@given(TREES, TREES)
def test_two_trees_are_equal_when_their_texts_are(one: Node, two: Node) -> None:
    assert (one == two) is (written(one) == written(two))
    assert one != two or hash(one) == hash(two)


@calm
@given(TREES)
def test_walking_meets_every_node_once_and_parents_first(tree: Node) -> None:
    def count(node: Node) -> int:
        return 1 + sum(count(child) for child in children(node))

    found = list(walk(tree))
    assert found[0] is tree
    assert len(found) == count(tree)
    positions = {id(node): place for place, node in reversed(list(enumerate(found)))}
    assert all(positions[id(n)] <= positions[id(c)] for n in found for c in children(n))


@calm
@given(TREES)
def test_the_names_of_a_tree_are_those_that_its_text_reads(tree: Node) -> None:
    found = names(tree)
    assert len(set(found)) == len(found)
    assert set(found) == {n.name for n in walk(tree) if isinstance(n, Name)}


def test_names_come_in_reading_order() -> None:
    assert names(parse("b > 1 and (a > b or case when c then d else e end > 1)")) == tuple("bacde")
    assert names(parse("coalesce(x, y) in (z, 1) and w between v and u")) == tuple("xyzwvu")


def test_literals_of_different_kinds_are_apart_though_python_calls_them_equal() -> None:
    ones: list[Node] = [Literal(1), Literal(1.0), Literal(Decimal("1.0")), Literal(True)]
    assert len(set(ones)) == 4
    assert Literal(1, place=3) == Literal(1, place=8)
    assert Literal(1) != Name("1")


TEXTS = {
    "a=1 AND b=2 OR c=3": "a = 1 AND b = 2 OR c = 3",
    "(a = 1 and (b = 2 or c = 3))": "a = 1 AND (b = 2 OR c = 3)",
    "not (a = 1) and b = 2": "NOT a = 1 AND b = 2",
    "not (a = 1 and b = 2)": "NOT (a = 1 AND b = 2)",
    "not not a = 1": "NOT (NOT a = 1)",
    "a not in (1,2)": "NOT a IN (1, 2)",
    "a not between 1 and 2": "NOT a BETWEEN 1 AND 2",
    "a is not null": "NOT a IS NULL",
    "(a > 1) is null": "(a > 1) IS NULL",
    "(a + b) * c > 1": "(a + b) * c > 1",
    "a + (b * c) > 1": "a + b * c > 1",
    "a * (b - -1) / c > 1": "a * (b - -1) / c > 1",
    "a - (b - c) > 1": "a - (b - c) > 1",
    "(a - b) - c > 1": "a - b - c > 1",
    "a / (b / c) > -1": "a / (b / c) > -1",
    "-(a + b) > - -c": "-(a + b) > -(-c)",
    "a != 'it''s'": "a <> 'it''s'",
    "a > 0.60": "a > 0.6",
    "a > 2.000": "a > 2.0",
    "a > -0.0 or a > -0e0": "a > 0.0 OR a > 0.0e0",
    "a > 1e3": "a > 1000.0e0",
    "a > 1e-30": "a > 1e-30",
    "a > .5 and b > 5.": "a > 0.5 AND b > 5.0",
    "case a when 1 then 'x' end = 'x'": "CASE WHEN a = 1 THEN 'x' END = 'x'",
    "coalesce(a,0) > abs(b) / nullif(c,0)": "COALESCE(a, 0) > ABS(b) / NULLIF(c, 0)",
    "case when a then b else c end > 1": "CASE WHEN a THEN b ELSE c END > 1",
    "true or false": "TRUE OR FALSE",
}


@pytest.mark.parametrize(("text", "canonical"), TEXTS.items())
def test_a_condition_has_one_canonical_text(text: str, canonical: str) -> None:
    assert written(parse(text)) == canonical


NUMBER, TEXT = Type(Base.NUMBER), Type(Base.TEXT)
TYPED = {
    "n": Type(Base.INTEGER),
    "1": Type(Base.INTEGER, ANY),
    "0.5": Type(Base.NUMBER, ANY),
    "1e3": Type(Base.NUMBER, ANY),
    "'x'": TEXT,
    "true": BOOLEAN,
    "-eur": Type(Base.INTEGER, "EUR"),
    "abs(-kg)": Type(Base.NUMBER, "kg"),
    "n + 1": Type(Base.INTEGER),
    "n + x": NUMBER,
    "n * m": Type(Base.INTEGER),
    "n / m": NUMBER,
    "1 / 2": Type(Base.NUMBER, ANY),
    "eur + cents": Type(Base.INTEGER, "EUR"),
    "eur - 100": Type(Base.INTEGER, "EUR"),
    "eur * 2": Type(Base.INTEGER, "EUR"),
    "2 * eur": Type(Base.INTEGER, "EUR"),
    "n * eur": Type(Base.INTEGER, "EUR"),
    "2 * n": Type(Base.INTEGER),
    "eur / n": Type(Base.NUMBER, "EUR"),
    "eur / cents": NUMBER,
    "0.5 * kg": Type(Base.NUMBER, "kg"),
    "eur > 100 and days > 3": BOOLEAN,
    "eur between 1 and cents": BOOLEAN,
    "text in ('a', word)": BOOLEAN,
    "flag = true": BOOLEAN,
    "flag in (other, true)": BOOLEAN,
    "text is null": BOOLEAN,
    "not flag or other": BOOLEAN,
    "coalesce(n, 0.5)": NUMBER,
    "coalesce(text, 'x')": TEXT,
    "coalesce(flag, false)": BOOLEAN,
    "nullif(eur, 0)": Type(Base.INTEGER, "EUR"),
    "case when flag then 0 else days end": Type(Base.INTEGER, "day"),
    "case when flag then 'x' end": TEXT,
}


@pytest.mark.parametrize(("text", "kind"), TYPED.items())
def test_a_condition_has_a_type(text: str, kind: Type) -> None:
    assert type_of(parse(text), TYPES) == kind


# text; sentence; hint; from where it stands in the text
UNITS_HINT = "amounts of different units are never added or compared; divide each by its own kind"
MIX_HINT = "multiply or divide a unit by a plain number, or divide it by its own kind"
ORDER_HINT = "use `=`, `<>` or `in`"
COMPLAINTS = [
    ("n > 1 and mm > 2", "`mm` is not a name known here", "did you mean `m`?", "mm > 2"),
    ("-text = 'x'", "a minus sign needs a number, and `text` is text", "", "text = 'x'"),
    ("abs(flag) > 1", "`abs` needs a number, and `flag` is true or false", "", "flag) > 1"),
    ("n + 'x' > 1", "`+` needs a number, and `'x'` is text", "", "'x' > 1"),
    ("n - true > 1", "`-` needs a number, and `TRUE` is true or false", "", "true > 1"),
    ("n > -true", "a minus sign needs a number, and `TRUE` is true or false", "", "true"),
    ("eur + jpy > 1", "`jpy` is in JPY where EUR are wanted", UNITS_HINT, "jpy > 1"),
    ("eur > days", "`days` is in day where EUR are wanted", UNITS_HINT, "days"),
    ("eur - n > 1", "`n` is in plain numbers where EUR are wanted", UNITS_HINT, "n > 1"),
    ("n > eur", "`eur` is in EUR where plain numbers are wanted", UNITS_HINT, "eur"),
    ("n in (1, eur)", "`eur` is in EUR where plain numbers are wanted", UNITS_HINT, "eur)"),
    ("eur between 1 and n", "`n` is in plain numbers where EUR are wanted", UNITS_HINT, "n"),
    ("eur * jpy > 1", "`eur * jpy` mixes EUR with JPY", MIX_HINT, "eur * jpy"),
    ("eur * cents > 1", "`eur * cents` mixes EUR with EUR", MIX_HINT, "eur * cents"),
    ("n > 1 or eur / jpy > 1", "`eur / jpy` mixes EUR with JPY", MIX_HINT, "eur / jpy"),
    ("n / eur > 1", "`n / eur` mixes plain numbers with EUR", MIX_HINT, "n / eur"),
    ("2 / eur > 1", "`2 / eur` mixes plain numbers with EUR", MIX_HINT, "2 / eur"),
    ("n = 'x'", "`'x'` is text where whole number stands", "", "'x'"),
    ("text = 1", "`1` is whole number where text stands", "", "1"),
    ("text = flag", "`flag` is true or false where text stands", "", "flag"),
    ("n = true", "`TRUE` is true or false where whole number stands", "", "true"),
    ("eur in (1, 'x')", "`'x'` is text where whole number in EUR stands", "", "'x')"),
    ("n < 1 or text < 'x'", "`<` orders numbers, and `text` is text", ORDER_HINT, "text <"),
    ("flag >= other", "`>=` orders numbers, and `flag` is true or false", ORDER_HINT, "flag >="),
    ("text between 'a' and 'b'", "`>=` orders numbers, and `text` is", ORDER_HINT, "text betw"),
    (
        "flag and n",
        "`and` needs a condition, and `n` is a whole number",
        "compare it with something, for example `n > 0`",
        "n",
    ),
    ("flag or text", "`or` needs a condition, and `text` is a text", "", "text"),
    (
        "not eur",
        "`not` needs a condition, and `eur` is a whole number in EUR",
        "compare it with something, for example `eur > 0`",
        "eur",
    ),
    (
        "case when x then 1 end > 1",
        "`case when` needs a condition, and `x` is a number",
        "compare it with something, for example `x > 0`",
        "x then",
    ),
    ("case when flag then 1 else 'x' end = 1", "`'x'` is text where whole", "", "'x' end"),
    ("case when flag then eur when other then jpy end > 1", "`jpy` is in JPY", UNITS_HINT, "jpy"),
    ("coalesce(text, n) = 'x'", "`n` is whole number where text stands", "", "n) ="),
    ("nullif(eur, jpy) > 1", "`jpy` is in JPY where EUR are wanted", UNITS_HINT, "jpy) >"),
    ("(mm > 1) is null", "`mm` is not a name known here", "did you mean `m`?", "mm > 1"),
]


@pytest.mark.parametrize(("text", "sentence", "hint", "rest"), COMPLAINTS)
def test_what_does_not_fit_is_named_at_its_place(
    text: str, sentence: str, hint: str, rest: str
) -> None:
    with pytest.raises(ConditionProblem) as raised:
        type_of(parse(text), TYPES)
    found = raised.value
    assert found.sentence.startswith(sentence)
    assert (str(found), found.hint) == (found.sentence, hint)
    assert text[found.place :].startswith(rest)


def typed(tree: Node, types: dict[str, Type]) -> Type | ConditionProblem:
    try:
        return type_of(tree, types)
    except ConditionProblem as complaint:
        return complaint


@calm
@given(TREES)
def test_a_tree_has_a_type_or_a_complaint_within_its_text(tree: Node) -> None:
    text = written(tree)
    types = {"a": TYPES["n"], "b": TYPES["eur"], "n": TYPES["flag"], "first": TYPES["text"]}
    found = typed(parse(text), types)
    assert isinstance(found, Type) or 0 <= found.place < len(text)


def test_types_are_said_with_their_unit() -> None:
    assert str(Type(Base.INTEGER, "EUR")) == "whole number in EUR"
    assert str(Type(Base.NUMBER)) == str(Type(Base.NUMBER, ANY)) == "number"
    assert BOOLEAN.numeric is TEXT.numeric is False


def said(nodes: tuple[Node, ...]) -> Iterator[str]:
    return (written(node) for node in nodes)


def test_sub_conditions_are_all_that_can_be_true_the_whole_first() -> None:
    tree = parse("n > 1 and (not flag or text in ('a')) and coalesce(other, flag) and true")
    assert list(said(sub_conditions(tree, TYPES))) == [
        "n > 1 AND (NOT flag OR text IN ('a')) AND COALESCE(other, flag) AND TRUE",
        "n > 1",
        "NOT flag OR text IN ('a')",
        "NOT flag",
        "flag",
        "text IN ('a')",
        "COALESCE(other, flag)",
        "other",
    ]


def test_sub_conditions_stand_in_case_and_appear_once() -> None:
    tree = parse("case when n > 1 then eur else cents end > 5 or n > 1 or n is null")
    assert list(said(sub_conditions(tree, TYPES))) == [
        "CASE WHEN n > 1 THEN eur ELSE cents END > 5 OR n > 1 OR n IS NULL",
        "CASE WHEN n > 1 THEN eur ELSE cents END > 5",
        "n > 1",
        "n IS NULL",
    ]


def test_a_tree_can_be_built_by_hand() -> None:
    half = Arithmetic("/", Name("a"), Literal(2))
    tree = Logic("and", (Compare(">", half, Literal(Decimal("0.5"))), Not(Name("n"))))
    assert written(tree) == "a / 2 > 0.5 AND NOT n"
    assert parse("a / 2 > 0.5 and not n") == tree
    assert CaseWhen(((Name("n"), half),), None) != Call("abs", (half,))
