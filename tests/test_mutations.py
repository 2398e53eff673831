"""Each kind of mutation is made, what people and tools read is left, and the list is sound."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests import mutants
from tests.mutant_runs import Cover
from tests.mutants import EQUIVALENT, GOALS, equivalents, goal_of, modules, unmatched
from tests.mutations import Mutation, mutations

PATH = "habeas/core/small.py"


def of(source: str) -> list[Mutation]:
    return [made for made, _ in mutations(PATH, source)]


def told(body: str, head: str = "def f(a, b):") -> set[tuple[str, str, str]]:
    return {(m.kind, m.before, m.after) for m in of(f"{head}\n    {body}\n")}


@pytest.mark.parametrize(
    ("body", "kind", "before", "after"),
    [
        ("return a < b", "comparison", "a < b", "a <= b"),
        ("return a in b", "comparison", "a in b", "a not in b"),
        ("return a is None", "comparison", "a is None", "a is not None"),
        ("return a + 1", "constant", "a + 1", "a + 2"),
        ("return a * 0.5", "constant", "a * 0.5", "a * 1.0"),
        ("return a or True", "constant", "a or True", "a or False"),
        ("return a or b", "and/or", "a or b", "a and b"),
        ("return not a", "not", "not a", "a"),
        ("return a", "return", "return a", "return None"),
        ("return a // b", "arithmetic", "a // b", "a * b"),
        ("a += b", "arithmetic", "a += b", "a -= b"),
        ("a += b", "deleted", "a += b", "pass"),
        ("a.clear()", "deleted", "a.clear()", "pass"),
        ("raise ValueError(a)", "deleted", "raise ValueError(a)", "pass"),
        ("a = b", "deleted", "a = b", "pass"),
        ("if a > b: print(a)", "comparison", "a > b", "a >= b"),
        ("if a == 1 and b == 1: print(a)", "constant", "a == 1", "a == 2"),
    ],
)
def test_a_kind_of_mutation_is_made(body: str, kind: str, before: str, after: str) -> None:
    assert (kind, before, after) in told(body)


@pytest.mark.parametrize(
    ("annotation", "after"),
    [("bool", "return False"), ("list[int]", "return []"), ("Sequence[int]", "return ()"),
     ("dict[str, int]", "return {}"), ("frozenset[str]", "return frozenset()"),
     ("str", "return ''"), ("int | None", "return None"), ("Decision", "return None")],
)  # fmt: skip
def test_what_is_returned_is_emptied_after_its_type(annotation: str, after: str) -> None:
    assert ("return", "return a", after) in told("return a", f"def f(a) -> {annotation}:")


@pytest.mark.parametrize(
    "source",
    [
        '"""A module, 1 > 0."""\n',
        "import a\nfrom b import c\n",
        '__all__ = ["a" if 1 > 0 else "b"]\n',
        "if TYPE_CHECKING:\n    limit = 1\n",
        "@dataclass(frozen=True)\nclass A:\n    b: Literal[1]\n",
        "A = B | C\n",  # a union of types
        "def f() -> Literal[1]:\n    '''1 > 0'''\n    found = g()\n",
        "def f():\n    return None\n",
        "def f():\n    made = zip(a, b, strict=True)\n",
    ],
)
def test_what_people_and_tools_read_is_left(source: str) -> None:
    assert of(source) == []


def test_a_mutation_is_in_the_tree_that_comes_with_it_and_in_no_later_one() -> None:
    source = "def f(a):\n    return a > 1 and a < 9\n"
    texts = [ast.unparse(tree) for _, tree in mutations(PATH, source)]
    assert len(set(texts)) == len(texts) == 6
    assert texts[0] == "def f(a):\n    return None"
    assert sorted(text.partition("return ")[2] for text in texts[1:]) == [
        "a > 1 and a < 10", "a > 1 and a <= 9", "a > 1 or a < 9", "a > 2 and a < 9",
        "a >= 1 and a < 9",
    ]  # fmt: skip


def test_a_mutation_says_where_it_is_and_when_its_line_runs() -> None:
    source = "LIMIT = 3\n\n\nclass A:\n    def f(self, n=1):\n        if (n >\n            2):\n"
    source += "            self.g()\n        self.g()\n"
    found = {(m.line, m.function, m.before, m.after): m.lines for m in of(source)}
    assert found == {
        (1, "", "LIMIT = 3", "LIMIT = 4"): range(0),
        (5, "A.f", "def f(self, n=1):", "def f(self, n=2):"): range(0),
        (6, "A.f", "n > 2", "n >= 2"): range(6, 8),
        (7, "A.f", "n > 2", "n > 3"): range(6, 8),
        (8, "A.f", "self.g()", "pass"): range(8, 9),
        (9, "A.f", "self.g()", "pass  # 2"): range(9, 10),
    }


ENTRY = "habeas/core/small.py f\n- return a\n+ return None\nnobody reads\nit\n"


def test_the_list_is_read() -> None:
    (one,) = equivalents(f"# a comment\n\n{ENTRY}\n\n")
    assert one.key == (PATH, "f", "return a", "return None")
    assert one.reason == "nobody reads it"
    with pytest.raises(ValueError, match="not place, before, after, reason"):
        equivalents("habeas/core/small.py f\n- a\n+ b\n")


def test_an_entry_that_matches_nothing_is_found(tmp_path: Path) -> None:
    path = tmp_path / PATH
    path.parent.mkdir(parents=True)
    path.write_text("def f(a):\n    return a\n", encoding="utf-8")
    assert unmatched(equivalents(ENTRY), tmp_path) == []
    path.write_text("def g(a):\n    return a\n", encoding="utf-8")
    (said,) = unmatched(equivalents(ENTRY), tmp_path)
    assert "no mutation is so" in said
    path.unlink()
    assert len(unmatched(equivalents(ENTRY), tmp_path)) == 1


def test_what_is_listed_as_equivalent_is_there() -> None:
    assert unmatched(equivalents(EQUIVALENT.read_text(encoding="utf-8"))) == []


def test_each_goal_is_of_a_module_that_is_there() -> None:
    names = modules(GOALS)
    assert {goal_of(name) for name in names} == {*GOALS.values()}
    assert goal_of("habeas/core/brake/bets.py") == 95
    assert goal_of("habeas/core/money.py") == mutants.USUAL_GOAL
    with pytest.raises(ValueError, match="no module is called habeas/nothing"):
        modules(["habeas/nothing.py"])


def test_the_tests_of_a_line_come_in_their_order() -> None:
    own = "tests/core/test_small.py::test_a"
    lines = {PATH: {1: {"tests/slow.py::test_s", own}, 2: {"tests/quick.py::test_q"}}}
    seconds = {own: 5.0, "tests/slow.py::test_s": 56.0, "tests/quick.py::test_q": 0.1}
    cover = Cover(lines, seconds)
    assert cover.tests(PATH, range(1, 2)) == [own, "tests/slow.py::test_s"]
    assert cover.tests(PATH, range(3, 4)) == []
    assert cover.tests(PATH, range(0)) == [own, "tests/quick.py::test_q", "tests/slow.py::test_s"]
    cover.seconds["tests/core/test_small_more.py::test_default"] = 0.1
    assert cover.tests(PATH, range(0))[0] == "tests/core/test_small_more.py::test_default"
    assert cover.chosen(PATH, range(1, 2)) == [own], "there is no time for more"
    cover.failed.add(own)
    assert cover.chosen(PATH, range(1, 2)) == ["tests/slow.py::test_s"]
