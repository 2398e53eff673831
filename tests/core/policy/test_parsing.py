"""From text to tree: every form that is allowed, every other refused by name at its place."""

from __future__ import annotations

import logging
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    walk,
    written,
)
from habeas.core.policy.parsing import ALLOWED, DEEPEST, LONGEST, MOST_DIGITS, parse
from tests.core.samples import thorough

A, B, C, ONE, TWO = Name("a"), Name("b"), Name("c"), Literal(1), Literal(2)

ALLOWED_FORMS: dict[str, Node] = {
    "a": A,
    "A": Name("A"),
    "1": ONE,
    "1_000": Literal(1000),
    "00012": Literal(12),
    "-1": Literal(-1),
    "- -1": ONE,
    "0.60": Literal(Decimal("0.6")),
    "2.00": Literal(Decimal("2.0")),
    ".5": Literal(Decimal("0.5")),
    "-0.5": Literal(Decimal("-0.5")),
    "1e3": Literal(1000.0),
    "-2.5E-1": Literal(-0.25),
    "'it''s'": Literal("it's"),
    "''": Literal(""),
    "'a\\b --c'": Literal("a\\b --c"),
    "TRUE": Literal(True),
    "false": Literal(False),
    "-true": Negate(Literal(True)),
    "-a": Negate(A),
    "+a": A,
    "((a))": A,
    "a + b": Arithmetic("+", A, B),
    "a - b": Arithmetic("-", A, B),
    "a * b": Arithmetic("*", A, B),
    "a / b": Arithmetic("/", A, B),
    "a - b - c": Arithmetic("-", Arithmetic("-", A, B), C),
    "a + b * c": Arithmetic("+", A, Arithmetic("*", B, C)),
    "a = b": Compare("=", A, B),
    "a == b": Compare("=", A, B),
    "a <> b": Compare("<>", A, B),
    "a != b": Compare("<>", A, B),
    "a < b": Compare("<", A, B),
    "a <= b": Compare("<=", A, B),
    "a > b": Compare(">", A, B),
    "a >= b": Compare(">=", A, B),
    "a BETWEEN 1 and 2": Between(A, ONE, TWO),
    "a not between 1 and 2": Not(Between(A, ONE, TWO)),
    "a between 1 and 2 and b": Logic("and", (Between(A, ONE, TWO), B)),
    "a in (1)": In(A, (ONE,)),
    "a in (1, b)": In(A, (ONE, B)),
    "a not in (1, 2)": Not(In(A, (ONE, TWO))),
    "a is null": IsNull(A),
    "a isnull": IsNull(A),
    "a is unknown": IsNull(A),
    "a is not null": Not(IsNull(A)),
    "a notnull": Not(IsNull(A)),
    "not a": Not(A),
    "not a = b": Not(Compare("=", A, B)),
    "a and b": Logic("and", (A, B)),
    "a or b or c": Logic("or", (A, B, C)),
    "a and (b and c)": Logic("and", (A, B, C)),
    "a or b and c": Logic("or", (A, Logic("and", (B, C)))),
    "(a or b) and c": Logic("and", (Logic("or", (A, B)), C)),
    "case when a then 1 end": CaseWhen(((A, ONE),), None),
    "case when a then 1 when b then 2 else c end": CaseWhen(((A, ONE), (B, TWO)), C),
    "case a when 1 then b end": CaseWhen(((Compare("=", A, ONE), B),), None),
    "coalesce(a)": Call("coalesce", (A,)),
    "COALESCE(a, b, 1)": Call("coalesce", (A, B, ONE)),
    "ifnull(a, 1)": Call("coalesce", (A, ONE)),
    "nullif(a, 1)": Call("nullif", (A, ONE)),
    "abs(a)": Call("abs", (A,)),
    "a -- a comment\n > 1 /* and\n another */": Compare(">", A, ONE),
    "a\u00a0>\u20281": Compare(">", A, ONE),
    "a > 1;": Compare(">", A, ONE),
    "order > 1": Compare(">", Name("order"), ONE),
    "date > first": Compare(">", Name("date"), Name("first")),
}


@pytest.mark.parametrize(("text", "tree"), ALLOWED_FORMS.items())
def test_an_allowed_form_is_its_tree(text: str, tree: Node) -> None:
    assert parse(text) == tree


def test_numbers_stay_exact() -> None:
    long = "1." + "0" * 50 + "1"
    assert parse(long) == Literal(Decimal(long))
    assert parse(f"-{long}") == Literal(Decimal(f"-{long}"))
    assert parse("1" + "0" * 40 + ".0") == Literal(Decimal("1" + "0" * 40 + ".0"))
    assert parse("99999999999999999999") == Literal(99999999999999999999)


NULL_HINT = "nothing equals an unknown; write `... is null`"
IS_HINT = "only `is null` and `is not null` are; compare with `=`"
QUOTES_HINT = "names stand without quotes, and texts in single quotes"

# the text, up to the place that is complained of and from there on; the sentence; the hint
REFUSED_FORMS: list[tuple[str, str, str, str]] = [
    ("", "", "the condition is empty", "write for example `returns_30d > 3`"),
    ("", " \n\t", "the condition is empty", "write for example `returns_30d > 3`"),
    ("", "-- a > 1", "the condition is empty", "write for example `returns_30d > 3`"),
    ("", ";", "the condition is empty", "write for example `returns_30d > 3`"),
    ("", "a" * (LONGEST + 1), f"the condition is longer than {LONGEST} char", "split the policy"),
    ("a = 'x' and b = ", "'it''s", "a text has no closing quote", "texts stand in single quotes"),
    ("", "a > 1 /* b", "a text has no closing quote", "texts stand in single quotes"),
    ("a > 1 and b = ", "null", "`null` stands alone", NULL_HINT),
    ("a is null and b > ", "null and c > null", "`null` stands alone", NULL_HINT),
    ("coalesce(a, ", "null) > 1", "`null` stands alone", NULL_HINT),
    ("case when a then 1 else ", "null end", "`null` stands alone", NULL_HINT),
    ("a in (1, ", "null)", "`null` stands alone", NULL_HINT),
    ("a > 1 and ", "b in ()", "`in` has an empty list", "give at least one value"),
    ("a and ", "b is true", "`b IS TRUE` is not allowed in a condition", IS_HINT),
    ("a and ", "b is not false", "`b IS FALSE` is not allowed in a condition", IS_HINT),
    ("a = ", '"b c"', '`"b c"` is not a plain name', QUOTES_HINT),
    ("a = ", '"b"', '`"b"` is not a plain name', QUOTES_HINT),
    ("a > ", "b.c", "`b.c` is not a plain name", ALLOWED),
    ("a > ", "b.c.d", "`b.c.d` is not a plain name", ALLOWED),
    ("a and ", "b in unnest(c)", "`CASE WHEN c IS NULL OR ARRAY_LENGTH(c) = 0", ALLOWED),
    ("a > ", "1e400", "`1e400` is too large a number", ""),
    ("a > ", "1" * 101, f"`{'1' * 20}...` is too long a number", ""),
    ("a > ", f"0.{'1' * 100}", f"`0.{'1' * 18}...` is too long a number", ""),
    *[
        (before, rest, f"`{shown}` is not allowed in a condition", ALLOWED)
        for before, rest, shown in [
            ("a and ", "b in (select 1)", "b IN (SELECT 1)"),
            ("a and ", "b in c", "b IN c"),
            ("a and ", "b between symmetric 2 and 1", "(b BETWEEN 2 AND 1 OR b BETWEEN 1 AND 2)"),
            ("a and ", "b like 'x%'", "b LIKE 'x%'"),
            ("a and ", "b ilike 'x'", "b ILIKE 'x'"),
            ("a and ", "b is distinct from c", "b IS DISTINCT FROM c"),
            ("a = ", "b || c", "b || c"),
            ("a = ", "b % 2", "b % 2"),
            ("a = ", "b // 2", "b // 2"),
            ("a = ", "b ** 2", "POWER(b, 2)"),
            ("a = ", "b & 2", "b & 2"),
            ("a = ", "b[1]", "b[1]"),
            ("a = ", "b::int", "CAST(b AS INT)"),
            ("a = ", "now()", "NOW()"),
            ("a = ", "current_date", "CURRENT_DATE"),
            ("a = ", "interval 1 day", "INTERVAL '1' DAY"),
            ("a = ", "sum(b)", "SUM(b)"),
            ("a = ", "count(*)", "COUNT(*)"),
            ("a = ", "frobnicate(b)", "FROBNICATE(b)"),
            ("a = ", "random()", "RANDOM()"),
            ("a = ", f"f({'x' * 60})", f"F({'x' * 58}"),
            ("a = ", "row_number() over ()", "ROW_NUMBER() OVER ()"),
            ("a = ", "greatest(b, c)", "GREATEST(b, c)"),
            ("a = ", "'x' 'y'", "CONCAT('x', 'y')"),
            ("a = ", "*", "*"),
            ("a = ", "?", "?"),
            ("a = ", "#1", "#1"),
            ("a = ", "$x$text$x$", "'text'"),
            ("a = ", "@b", "@"),
            ("a = ", "$1", "$"),
            ("a > 1 and b > 2 or c ", "@", "@"),
            ("a = (", "b, c)", "(b, c)"),
            ("a = [", "b, c]", "[b, c]"),
            ("a = if(", "b, 1, 2)", "CASE WHEN b THEN 1 ELSE 2 END"),
            ("a = cast(", "b as int)", "CAST(b AS INT)"),
            ("a = date ", "'2020-01-01'", "CAST('2020-01-01' AS DATE)"),
            ("a = (select ", "b)", "(SELECT b)"),
            ("a and exists (select ", "b)", "EXISTS(SELECT b)"),
            ("", "a > 1; b > 2", "a > 1; b > 2"),
            ("coalesce(a, ", "lower(b))", "LOWER(b)"),
            ("a in (1, ", "lower(b))", "LOWER(b)"),
            ("a between 1 and ", "lower(b)", "LOWER(b)"),
            ("case when a then ", "lower(b) end", "LOWER(b)"),
        ]
    ],
    *[
        (before, rest, f"the condition cannot be read near `{near}`", ALLOWED)
        for before, rest, near in [
            ("a ", ">", ">"),
            ("a > 1 ", "and", "and"),
            ("a > 1 ", "and ; b", "and"),
            ("a > ", "(", "("),
            ("(a > ", "1", "1"),
            ("a > 1", ")", ")"),
            ("a ", "b", "b"),
            ("a > 1 ", "as b", "as"),
            ("a > 1 ", "union select 1", "union"),
            ("a > 1 ", "limit 1", "limit"),
            ("a ", "=> 1", "=>"),
            ("a ", ":= 1", ":="),
            ("", "select a", "select"),
            ("", "drop table a", "drop"),
            ("set ", "a = 1", "a"),
            ("pragma ", "a", "a"),
            ("a ", "xor b", "xor"),
            ("coalesce(", ") > 1", ")"),
            ("abs(a, b", ") > 1", ")"),
            ("nullif(a", ") > 1", ")"),
            ("x", "'41' = a", "'41'"),
            ("0", "x10 = a", "x10"),
            ("a > 1\n and\n ", "then 2", "then"),
            (" and ".join(["a > 1"] * 40) + " ", "and", "and"),
        ]
    ],
]


@pytest.mark.parametrize(("before", "rest", "sentence", "hint"), REFUSED_FORMS)
def test_every_other_form_is_refused_by_name_at_its_place(
    before: str, rest: str, sentence: str, hint: str
) -> None:
    with pytest.raises(ConditionProblem) as raised:
        parse(before + rest)
    found = raised.value
    assert found.sentence.startswith(sentence)
    assert (found.hint, found.place) == (hint, len(before))


def test_a_statement_leaves_no_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(ConditionProblem):
        parse("set x")
    assert caplog.records == []


def test_each_part_of_a_tree_knows_its_place() -> None:
    text = "aa > 1 and flag = true or 'é😀' = bb and cc is null and dd = false"
    places = {written(node): node.place for node in walk(parse(text))}
    words = {"aa": "aa", "1": "1", "flag": "flag", "TRUE": "true", "'é😀'": "'é😀'", "bb": "bb"}
    words |= {"cc": "cc", "dd": "dd", "FALSE": "false", "cc IS NULL": "cc", "dd = FALSE": "dd"}
    for name, word in words.items():
        assert text[places[name] :].startswith(word)


DEEP = {
    "sums": lambda n: " + ".join(["a"] * n) + " > 1",
    "parentheses": lambda n: "(" * n + "a" + ")" * n,
    "negations": lambda n: "not " * n + "a",
    "signs": lambda n: "- " * n + "a > 1",
    "cases": lambda n: "case when a then " * n + "1" + " end" * n,
    "calls": lambda n: "abs(" * n + "a" + ")" * n,
}


@pytest.mark.parametrize("kind", DEEP)
@pytest.mark.parametrize("levels", [DEEPEST + 2, 300, 450, 1000])
def test_what_is_nested_too_deep_is_refused_whatever_the_stack(kind: str, levels: int) -> None:
    text = DEEP[kind](levels)
    if kind == "parentheses" or len(text) > LONGEST:
        levels = 2000
        text = DEEP[kind](2000)
    with pytest.raises(ConditionProblem) as raised:
        parse(text)
    too_long = len(text) > LONGEST
    assert raised.value.sentence.startswith(
        "the condition is longer than" if too_long else "the condition is nested too deep"
    )


def test_what_is_not_too_deep_is_read_with_stack_to_spare() -> None:
    tree = parse(" + ".join(["a"] * (DEEPEST - 1)) + " > 1")
    assert len(list(walk(tree))) == 2 * DEEPEST - 1
    assert parse(written(tree)) == tree
    long = parse(" and ".join(["a > 1"] * 150))
    assert isinstance(long, Logic)
    assert len(long.parts) == 150


def test_the_longest_number_is_still_a_number() -> None:
    digits = "1" * MOST_DIGITS
    assert parse(digits) == Literal(int(digits))


def test_two_numbers_that_run_together_are_none() -> None:
    with pytest.raises(ConditionProblem, match=r"`0\.0\.5` is not a number"):
        parse("a > . 0.5")


SOUP = (
    "a b 1 0.5 1e3 'x' 'it''s' ( ) , and or not = <> < >= + - * / % in between is null true case "
    "when then else end coalesce( nullif( abs( cast( as int :: [ ] { } . : ; ? @ # $ ! ~ ^ & | -> "
    'select from exists any interval date now() distinct over order set drop "q" -- /* */ \\ ` é'
).split(" ")


@thorough
@given(st.lists(st.sampled_from(SOUP), max_size=9).map(" ".join) | st.text(max_size=20))
def test_any_text_is_a_tree_that_reads_back_or_a_complaint_within_it(text: str) -> None:
    try:
        tree = parse(text)
    except ConditionProblem as complaint:
        sentence, place = complaint.sentence, complaint.place
        tree = None
    if tree is None:
        assert sentence
        assert 0 <= place <= len(text)
    else:
        assert parse(written(tree)) == tree
