"""What no linter knows of names: a class has one meaning, ours have one name.

Run by pytest through test_tidy_names.py; `python -m tests.tidy_names` prints what it finds."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests import ROOT

Trees = Mapping[str, ast.Module]  # by the path below the root

# Nouns, not forms of verbs, for values.
NO_NOUNS = frozenset({"told", "said", "kept", "tell", "say", "keep"})


def trees(folder: str) -> Trees:
    found = sorted((ROOT / folder).rglob("*.py"))
    return {str(p.relative_to(ROOT)): ast.parse(p.read_text(encoding="utf-8")) for p in found}


def names_of(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign():
            return [t.id for t in node.targets if isinstance(t, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def two_meanings(house: Trees) -> Iterator[str]:
    """Classes of one name. Django's models are only used behind `models`."""
    places = defaultdict(list)
    for path, tree in house.items():
        if path.endswith("store/models.py") or "migrations" in path:
            continue
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path)
    for name, paths in sorted(places.items()):
        if len(paths) > 1:
            yield f"{name} has {len(paths)} meanings: {', '.join(paths)}"


def second_names(house: Trees) -> Iterator[str]:
    """Names of ours that are imported under another one."""
    for path, tree in house.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("habeas"):
                for one in node.names:
                    if one.asname is not None:
                        yield f"{path}:{node.lineno}: {one.name} is called {one.asname} here"


def no_nouns(house: Trees) -> Iterator[str]:
    """Public classes that are called by a form of a verb."""
    for path, tree in house.items():
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and node.name.lower() in NO_NOUNS:
                yield f"{path}:{node.lineno}: class {node.name} is no noun"


def past_the_face(house: Trees) -> Iterator[str]:
    """Imports from inside another room of the core of what its face has."""
    faces = {
        path.removesuffix("/__init__.py").replace("/", "."): _listed(tree)
        for path, tree in house.items()
        if path.startswith("habeas/core/") and path.endswith("/__init__.py") and _listed(tree)
    }
    for path, tree in house.items():
        own = ".".join(Path(path).parts[:3])
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or node.module is None:
                continue
            room = ".".join(node.module.split(".")[:3])
            if room == own or room == node.module or room not in faces:
                continue
            for one in node.names:
                if one.name in faces[room]:
                    yield f"{path}:{node.lineno}: {one.name} comes by the face of {room}"


def undocumented(house: Trees) -> Iterator[str]:
    """Public functions of two or more parameters that do not say what they take and give."""
    for path, tree in house.items():
        if "migrations" in path:
            continue
        classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name[0] != "_"]
        for node in [*tree.body, *(one for made in classes for one in made.body)]:
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name[0] == "_":
                continue
            if len(_taken(node.args)) > 1 and not ast.get_docstring(node):
                yield f"{path}:{node.lineno}: {node.name} says nothing"


def _taken(given: ast.arguments) -> list[str]:
    """The names of all parameters but the object or class itself."""
    rest = [one for one in (given.vararg, given.kwarg) if one is not None]
    names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs, *rest)]
    return [name for name in names if name not in ("self", "cls")]


def _listed(tree: ast.Module) -> frozenset[str]:
    for node in tree.body:
        if "__all__" in names_of(node) and isinstance(node, ast.Assign):
            return frozenset(ast.literal_eval(node.value))
    return frozenset()


def everything() -> list[str]:
    house = trees("habeas")
    both = {**house, **trees("tests"), **trees("bench"), **trees("examples")}
    return [
        *two_meanings(house), *second_names(both), *no_nouns(house), *past_the_face(house),
        *undocumented(house),
    ]  # fmt: skip


if __name__ == "__main__":
    print("\n".join(everything()) or "tidy")
