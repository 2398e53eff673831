"""YAML texts with places: every value, key and expression is found where the file says it."""

from __future__ import annotations

import string
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import InvalidPolicy, Level, Problem
from habeas.core.policy.conditions import ConditionProblem
from habeas.core.policy.yaml import MOST_NODES, Document, read_document
from tests.core.samples import calm


def refusal(text: str) -> Problem:
    with pytest.raises(InvalidPolicy) as raised:
        read_document(text, "f.yaml")
    (problem,) = raised.value.problems
    assert raised.value.message == str(problem)
    return problem


def word_at(document: Document, problem: Problem) -> str:
    """The rest of the line that a problem points at."""
    return document.text.split("\n")[problem.line - 1][problem.column - 1 :]


NESTED = """\
# a comment
policy: returns
facts:
  one: {count: order, over: 30d}
  "two":
    sum: amount
    of:
      - order
      - 'return'
"""


def test_a_value_is_found_at_its_path() -> None:
    document = read_document(NESTED, "f.yaml")
    places = {
        ("policy",): "returns",
        ("facts", "one"): "{count: order, over: 30d}",
        ("facts", "one", "over"): "30d}",
        ("facts", "two", "of", 0): "order",
        ("facts", "two", "of", 1): "'return'",
    }
    for path, word in places.items():
        assert word_at(document, document.problem(path, "wrong")) == word


def test_a_key_is_found_at_its_path() -> None:
    document = read_document(NESTED, "f.yaml")
    assert word_at(document, document.key_problem(("facts", "two"), "wrong")) == '"two":'
    assert (
        word_at(document, document.key_problem(("facts", "one", "over"), "wrong")) == "over: 30d}"
    )
    assert word_at(document, document.key_problem(("facts", "two", "of", 1), "x")) == "'return'"


def test_what_does_not_exist_is_placed_at_the_nearest_parent() -> None:
    document = read_document(NESTED, "f.yaml")
    for path in [("facts", "one", "cap"), ("facts", "one", 3), ("facts", "one", "over", "x")]:
        found = document.problem(path, "wrong")
        wanted = "30d}" if "over" in path else "{count: order, over: 30d}"
        assert word_at(document, found) == wanted
    assert word_at(document, document.problem(("facts", "two", "of", 9), "x")) == "- order"
    key = document.key_problem(("facts", "one", "cap"), "wrong")
    assert word_at(document, key) == "{count: order, over: 30d}"
    root = document.key_problem((), "wrong")
    assert (root.line, root.column) == (2, 1)


def test_a_problem_carries_its_sentence_hint_and_level() -> None:
    document = read_document("a: 1", "f.yaml")
    found = document.problem(("a",), "is wrong", "mend it", Level.WARNING)
    assert found == Problem("f.yaml", 1, 4, "is wrong", "mend it", Level.WARNING)


EXPRESSIONS = {
    "plain": "when: a > 1 and HERE > 2",
    "plain, after others": "x: 1\n\nwhen:   a > 1 and HERE > 2\ny: 1",
    "plain, folded": "when: a > 1\n   and b > 2\n\n     and HERE > 2\nx: 1",
    "plain, on the next line": "when:\n    a > 1\n    and HERE > 2",
    "plain, in a flow": "{x: [1, 2], when: a > 1 and HERE > 2, y: 1}",
    "plain, with texts": "when: a = 'é😀' and b = '\\n' and HERE > 2",
    "single quotes": "when: 'a = ''x'' and HERE > 2'",
    "single quotes, folded": "when: 'a > 1 and\n   b = ''it''''s''\n   and HERE > 2'",
    "double quotes": 'when: "a = \'\\u00e9\\"\' and HERE > 2"',
    "double quotes, folded": 'when: "a > 1 and \\\n   b > 2\n\n   and HERE > 2"',
    "double quotes, escaped blanks": 'when: "a > 1\\n\\tand\\ HERE > 2"',
    "literal block": "when: |\n  a > 1\n  and HERE > 2\nx: 1",
    "literal block, indented more": "when: |2-\n    a > 1\n\n     and HERE > 2",
    "folded block": "when: >- # not HERE\n  a > 1\n\n  and b = 'x'\n  and HERE > 2\n",
    "anchor and tag": "when: &cond !!str a > 1 and HERE > 2",
    "anchored block": "when: &cond |\n  a > 1\n  and HERE > 2",
    "windows line ends": "when: a > 1\r\n   and HERE > 2\r\n",
}


@pytest.mark.parametrize("text", EXPRESSIONS.values(), ids=EXPRESSIONS.keys())
def test_a_word_of_an_expression_is_found_in_every_style(text: str) -> None:
    document = read_document(text, "f.yaml")
    assert isinstance(document.value, dict)
    place = document.value["when"].index("HERE")
    found = document.complaint(("when",), ConditionProblem("is wrong", "mend it", place))
    assert (found.sentence, found.hint) == ("is wrong", "mend it")
    assert word_at(document, found).startswith("HERE > 2")
    start = document.complaint(("when",), ConditionProblem("is wrong"))
    assert word_at(document, start).startswith("a >") or word_at(document, start).startswith("a =")


def test_an_expression_that_is_empty_or_no_scalar_is_placed_at_its_start() -> None:
    document = read_document("a: ''\nb:\nc: [x]\nd: |", "f.yaml")
    places = [document.complaint((key,), ConditionProblem("wrong")) for key in "abcd"]
    assert [(p.line, p.column) for p in places] == [(1, 5), (2, 3), (3, 4), (4, 4)]


SCALARS = st.text(string.ascii_letters + string.digits + " '\"\\:é\n\t", min_size=1, max_size=40)


@calm
@given(SCALARS, st.sampled_from([None, "'", '"', "|", ">"]), st.integers(5, 80))
def test_any_word_of_any_scalar_is_found(value: str, style: str | None, width: int) -> None:
    text = yaml.safe_dump({"when": value}, default_style=style, width=width, allow_unicode=True)
    document = read_document(text, "f.yaml")
    for place, character in enumerate(value):
        if character in string.ascii_letters + string.digits:
            found = document.complaint((("when"),), ConditionProblem("wrong", "", place))
            assert word_at(document, found)[0] == character


REFUSED = [
    ("", 1, 1, "the file is empty"),
    ("# only a comment\n", 1, 1, "the file is empty"),
    ("\n- a\n", 2, 1, "the file is not a mapping of keys to values"),
    ("word", 1, 1, "the file is not a mapping of keys to values"),
    ("a: 1\na: 2", 2, 1, "`a` stands here twice"),
    ("x: {a: 1, 'a': 2}", 1, 11, "`a` stands here twice"),
    ("a: [{b: 1}, {b: 2, b: 3}]", 1, 20, "`b` stands here twice"),
    ("? [a]\n: 1", 1, 3, "a key is not a plain word"),
    ("a:\n  1: x", 2, 3, "the key `1` is no text in YAML"),
    ("on: x", 1, 1, "the key `on` is no text in YAML"),
    ("a: {null: x}", 1, 5, "the key `null` is no text in YAML"),
    ("2024-01-01: x", 1, 1, "the key `2024-01-01` is no text in YAML"),
    ("a: &x [1, *x]", 1, 4, "this part contains itself (a cyclic alias)"),
    ("a: &x {b: {c: *x}}", 1, 4, "this part contains itself (a cyclic alias)"),
    ("a: 1\nb: 2024-13-45", 2, 4, "the YAML cannot be read: `2024-13-45` is no timestamp"),
    ("a: !!bool maybe", 1, 4, "the YAML cannot be read: `maybe` is no bool"),
    ("a: !!int ''", 1, 4, "the YAML cannot be read: `` is no int"),
    ("a: !!timestamp x", 1, 4, "the YAML cannot be read: `x` is no timestamp"),
    (f"a: {'9' * 5000}", 1, 4, f"the YAML cannot be read: `{'9' * 40}` is no int"),
]
UNREADABLE = [
    ("a: 1\n---\nb: 2", 2, 1, "expected a single document in the stream, but found another"),
    ("a: !secret 1", 1, 4, "could not determine a constructor for the tag '!secret'"),
    ("a: !!python/name:os.system x", 1, 4, "could not determine a constructor for the tag"),
    ("a: 1\nb: x\x00", 2, 5, "unacceptable character #x0000"),
    ("a:\n\tb: 1", 2, 1, "found character '\\t' that cannot start any token"),
    ("a: *x", 1, 4, "found undefined alias 'x'"),
    ("a: &x 1\nb: &x 2", 2, 4, "found duplicate anchor 'x'; first occurrence, second occurrence"),
    ("a: [1, 2", 1, 9, "expected ',' or ']', but got '<stream end>'"),
    ("a: 'x", 1, 6, "while scanning a quoted scalar, found unexpected end of stream"),
    ("a: b: c", 1, 5, "mapping values are not allowed here"),
    ("a: \ud800", 1, 4, "unacceptable character #xd800"),
    ("a: @x", 1, 4, "found character '@' that cannot start any token"),
]


@pytest.mark.parametrize(("text", "line", "column", "sentence"), REFUSED)
def test_what_cannot_be_meant_is_refused_with_its_place(
    text: str, line: int, column: int, sentence: str
) -> None:
    found = refusal(text)
    assert (found.line, found.column, found.sentence) == (line, column, sentence)
    assert found.hint


@pytest.mark.parametrize(("text", "line", "column", "part"), UNREADABLE)
def test_what_is_no_yaml_is_refused_with_its_place(
    text: str, line: int, column: int, part: str
) -> None:
    found = refusal(text)
    assert (found.line, found.column) == (line, column)
    assert found.sentence.startswith("the YAML cannot be read: ")
    assert part in found.sentence
    assert found.hint


@pytest.mark.parametrize("text", [f"a: {'[' * 5000}{']' * 5000}", f"a: {'{a: ' * 3000}"])
def test_a_file_that_is_nested_too_deep_is_refused(text: str) -> None:
    assert refusal(text).sentence == "the YAML is nested too deep"


def test_aliases_that_unfold_without_end_are_refused_at_once() -> None:
    lines = ["a0: &a0 [1, 1]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60))]
    found = refusal("\n".join(lines))
    assert found.sentence == f"the file has more than {MOST_NODES:,} values, aliases unfolded"


def test_aliases_and_merges_are_what_they_stand_for() -> None:
    text = "base: &base {over: 30d, cap: 5}\none: *base\ntwo: {<<: *base, cap: 7}\n"
    document = read_document(text, "f.yaml")
    both = {"over": "30d", "cap": 5}
    assert document.value == {"base": both, "one": both, "two": {"over": "30d", "cap": 7}}
    assert word_at(document, document.problem(("two", "cap"), "wrong")) == "7}"
    assert word_at(document, document.problem(("two", "over"), "wrong")) == "30d, cap: 5}"


KEYS = st.text(string.ascii_lowercase, min_size=1, max_size=6).map(lambda key: f"k{key}")
TEXTS = st.text("aé€😀 '\":#-[]{}&*!|>%@,\n", max_size=8)
TREES = st.recursive(
    st.integers() | TEXTS | st.booleans() | st.none() | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)


@calm
@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=4), st.booleans())
def test_the_value_is_what_was_written(value: dict[str, Any], flow: bool) -> None:
    text = yaml.safe_dump(value, default_flow_style=flow, allow_unicode=True)
    assert read_document(text, "f.yaml").value == value


WORDS = (
    r"""a b :_ \n __ -_ [ ] { } , ' " | > &x *x !!int_ !!bool_ !!timestamp_ !t_ << 1 2024-01-32"""
    r""" # ?_ % ~ \t ---\n \ é @ = ... \x00 \ud800 !!set_ !!omap_ 0x_"""
)
MARKS = {"\\n": "\n", "\\t": "\t", "\\x00": "\x00", "\\ud800": "\ud800", "_": " "}


def piece(word: str) -> str:
    for mark, meant in MARKS.items():
        word = word.replace(mark, meant)
    return word


PIECES = st.lists(st.sampled_from([piece(word) for word in WORDS.split(" ")]), max_size=14)


@calm
@given(PIECES.map("".join))
def test_any_text_is_read_or_refused_at_a_place_that_exists(text: str) -> None:
    try:
        assert isinstance(read_document(text, "f.yaml").value, dict)
    except InvalidPolicy as error:
        for problem in error.problems:
            assert problem.sentence
            assert 1 <= problem.line <= text.count("\n") + 2
            assert problem.column >= 1
