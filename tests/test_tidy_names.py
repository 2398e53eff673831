"""Names are tidy, and the rules can tell when they are not."""

from __future__ import annotations

import ast

import pytest

from tests import tidy_names


def house(texts: dict[str, str]) -> tidy_names.Trees:
    return {name: ast.parse(text) for name, text in texts.items()}


def test_the_names_of_the_house_are_tidy() -> None:
    assert len(tidy_names.trees("habeas")) > 200
    assert tidy_names.everything() == []


def test_two_classes_of_one_name_are_found() -> None:
    made = house(
        {"habeas/a.py": "class Report:\n    x = 1\n", "habeas/b.py": "class Report:\n    x = 1\n"}
    )
    assert list(tidy_names.two_meanings(made)) == [
        "Report has 2 meanings: habeas/a.py, habeas/b.py"
    ]


def test_a_second_name_is_found() -> None:
    made = house({"habeas/a.py": "from habeas.b import C as D\n"})
    assert list(tidy_names.second_names(made)) == ["habeas/a.py:1: C is called D here"]


def test_a_verb_for_a_value_is_found() -> None:
    made = house({"habeas/a.py": "class Told:\n    x = 1\n"})
    assert list(tidy_names.no_nouns(made)) == ["habeas/a.py:1: class Told is no noun"]


def test_what_goes_past_a_face_is_found() -> None:
    face = "from habeas.core.log.leaves import Leaf\n\n__all__ = ['Leaf']\n"
    made = house(
        {
            "habeas/core/log/__init__.py": face,
            "habeas/flows/a.py": "from habeas.core.log.leaves import Leaf\n",
            "habeas/core/log/proofs.py": "from habeas.core.log.leaves import Leaf\n",
        }
    )
    assert list(tidy_names.past_the_face(made)) == [
        "habeas/flows/a.py:1: Leaf comes by the face of habeas.core.log"
    ]


def test_what_says_nothing_is_found() -> None:
    made = house({"habeas/a.py": "def f(a, b):\n    return a\n\ndef g(a):\n    return a\n"})
    assert list(tidy_names.undocumented(made)) == ["habeas/a.py:1: f says nothing"]


@pytest.mark.parametrize(
    "text",
    [
        "def f(a, b):\n    print(a, b)\n",
        "def f(a, b): ...\n",
        "async def f(a, b):\n    return a\n",
        "def f(a, /, *, b):\n    return a\n",
        "def f(a, *b):\n    return a\n",
        "class C:\n    def f(self, a, b):\n        return a\n",
    ],
)
def test_every_kind_of_function_says_what_it_takes(text: str) -> None:
    for path in ("habeas/a.py", "habeas/cli/a.py"):
        assert [what[-14:] for what in tidy_names.undocumented(house({path: text}))] == [
            "f says nothing"
        ]


@pytest.mark.parametrize(
    "text",
    [
        'def f(a, b):\n    """Said."""\n',
        "def _f(a, b):\n    return a\n",
        "class C:\n    def f(self, a):\n        return a\n",
        "class _C:\n    def f(self, a, b):\n        return a\n",
        "def f(a):\n    def g(b, c):\n        return b\n    return g\n",
    ],
)
def test_what_need_not_say_anything_is_left(text: str) -> None:
    assert not list(tidy_names.undocumented(house({"habeas/a.py": text})))


def test_migrations_need_not_say_anything() -> None:
    made = house({"habeas/store/migrations/a.py": "def f(a, b):\n    return a\n"})
    assert not list(tidy_names.undocumented(made))
