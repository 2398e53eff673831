"""Nothing is dead, and the rule can tell when something is."""

from __future__ import annotations

import ast

import pytest

from tests import tidy_uses
from tests.tidy_names import Trees, trees


def parsed(texts: dict[str, str]) -> Trees:
    return {path: ast.parse(text) for path, text in texts.items()}


def dead(*texts: str) -> list[str]:
    """What is dead in modules a, b and so on of the core, one a text."""
    house = parsed({f"habeas/core/{chr(97 + i)}.py": text for i, text in enumerate(texts)})
    said = tidy_uses.dead(tidy_uses.House.of(house))
    return [one.removeprefix("nothing in the house uses habeas.core.") for one in said]


def test_nothing_in_the_house_is_dead() -> None:
    assert len(trees("habeas")) > 200
    assert tidy_uses.everything() == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("def f():\n    return 1\n", "a.f"),
        ("def f(n):\n    return f(n - 1)\n", "a.f"),
        ("async def f():\n    return 1\n", "a.f"),
        ("LIMIT = 1\n", "a.LIMIT"),
        ("LIMIT: int = 1\n", "a.LIMIT"),
        ("class A:\n    x = 1\n", "a.A"),
        ("class A:\n    def f(self):\n        return A\nprint(A())\n", "a.A.f"),
        ("class A:\n    def f(self):\n        return self.f()\nprint(A())\n", "a.A.f"),
        ("class A:\n    @property\n    def f(self):\n        return 1\nprint(A())\n", "a.A.f"),
    ],
)
def test_what_nothing_uses_is_found(text: str, name: str) -> None:
    assert dead(text) == [name]


def test_an_import_alone_is_no_use() -> None:
    assert dead("def f():\n    return 1\n", "from habeas.core.a import f\n") == ["a.f"]


def test_a_name_is_followed_to_the_module_that_makes_it() -> None:
    twice = "LIMIT = 1\n"
    reader = "from habeas.core.b import LIMIT\n\nprint(LIMIT)\n"
    assert dead(twice, twice, reader) == ["a.LIMIT"]
    assert dead(twice, twice, "from habeas.core import b\n\nprint(b.LIMIT)\n") == ["a.LIMIT"]


def test_a_variable_uses_no_method_of_its_name() -> None:
    made = "class A:\n    def f(self):\n        return 1\nprint(A())\n"
    assert dead(made, "f = 1\nprint(f)\n") == ["a.A.f"]
    assert dead(made, "def _g(one):\n    return one.f()\n") == []


def test_a_command_is_called_by_its_decorator_and_nothing_else_of_the_command_line_is() -> None:
    text = "@app.command()\ndef seal():\n    return 1\n\ndef left():\n    return 2\n"
    found = tidy_uses.dead(tidy_uses.House.of(parsed({"habeas/cli/log.py": text})))
    assert list(found) == ["nothing in the house uses habeas.cli.log.left"]


def test_what_is_used_through_a_face_is_used() -> None:
    face = {"habeas/core/log/__init__.py": "from habeas.core.log.leaves import Leaf\n"}
    made = {"habeas/core/log/leaves.py": "class Leaf:\n    x = 1\n"}
    reader = {"habeas/flows/a.py": "from habeas.core.log import Leaf\n\nprint(Leaf())\n"}
    assert list(tidy_uses.dead(tidy_uses.House.of(parsed(face | made | reader)))) == []


def test_what_is_awaited_is_there_unused_and_tested() -> None:
    bare = {"habeas/core/appeal/cases.py": "def renewed():\n    return 1\n"}
    used = bare | {"habeas/flows/a.py": "from habeas.core.appeal.cases import renewed\nrenewed()\n"}
    test = {"tests/test_a.py": "from habeas.core.appeal import cases\n\ncases.renewed()\n"}
    name = "habeas.core.appeal.cases.renewed"

    def vain(house: dict[str, str], tests: dict[str, str]) -> list[str]:
        found = parsed(house)
        said = tidy_uses.awaited_in_vain(tidy_uses.House.of(found), parsed(tests), found)
        return [one for one in said if one.startswith(name)]

    assert vain({}, test) == [f"{name} is not there any more"]
    assert vain(used, test) == [f"{name} is used by now"]
    assert vain(bare, {}) == [f"{name} has no test"]
    assert vain(bare, test) == []
