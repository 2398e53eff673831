"""What no linter knows of names: nothing is dead, a class has one meaning, ours have one name.

Run by pytest through test_tidy_names.py; `python -m tests.tidy_names` prints what it finds."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests import ROOT

Trees = Mapping[str, ast.Module]  # by the path below the root

# What nothing in the house calls yet, and who will; each has a test.
AWAITED = {
    "renewed": "a new code of a case, where a letter was lost",
    "refusal_letter": "why an appeal is not taken, as a letter",
    "exempted": "an exemption that a ruling gives",
    "may": "whether an account may do this, asked by the platform",
    "check_consistency": "whoever keeps an older head asks for it",
    "read_proof": "a proof that comes from a file",
    "live_findings": "a platform's own Spark job calls it (docs/spark.md)",
    "is_erased": "a leaf whose text is gone, on the pages of the log",
    "next_charge_us": "charges that the platform reports",
    "resumed": "a membership that goes on again",
}
# Called by a framework, by name.
CALLED = frozenset({"handleInputRows", "StoreConfig", "ALARM"})
# Nouns, not forms of verbs, for values.
NO_NOUNS = frozenset({"told", "said", "kept", "tell", "say", "keep"})


def trees(folder: str) -> Trees:
    found = sorted((ROOT / folder).rglob("*.py"))
    return {str(p.relative_to(ROOT)): ast.parse(p.read_text(encoding="utf-8")) for p in found}


def definitions(house: Trees) -> Iterator[tuple[str, str]]:
    """Public functions, classes, methods and constants: path and name."""
    for path, tree in house.items():
        if "migrations" in path or "/cli/" in path:
            continue  # called by Django and by typer
        for node in tree.body:
            for name in _names(node):
                if not name.startswith("_"):
                    yield path, name
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                methods = (n for n in node.body if isinstance(n, ast.FunctionDef))
                yield from ((path, m.name) for m in methods if not m.name.startswith("_"))


def _names(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.Assign():
            return [t.id for t in node.targets if isinstance(t, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def uses(house: Trees) -> Counter[str]:
    """How often each name is read; an import alone, and where it is made, are no use."""
    found: Counter[str] = Counter()
    for tree in house.values():
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=name, ctx=ast.Load()):
                    found[name] += 1
                case ast.Attribute(attr=name):
                    found[name] += 1
    return found


def dead(house: Trees, awaited: Iterable[str] = tuple(AWAITED)) -> Iterator[str]:
    """Public definitions that nothing in the house uses."""
    used, known = uses(house), {*awaited, *CALLED}
    for path, name in definitions(house):
        if not used[name] and name not in known:
            yield f"{path}: nothing in the house uses {name}"


def awaited_in_vain(house: Trees, tests: Trees) -> Iterator[str]:
    """What is no longer there, is used by now, or has no test."""
    there, used, tried = {name for _, name in definitions(house)}, uses(house), uses(tests)
    for name in AWAITED:
        if name not in there:
            yield f"{name} is not there any more"
        elif used[name]:
            yield f"{name} is used by now"
        elif not tried[name]:
            yield f"{name} has no test"


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
        if "__all__" in _names(node) and isinstance(node, ast.Assign):
            return frozenset(ast.literal_eval(node.value))
    return frozenset()


def everything() -> list[str]:
    house, tests = trees("habeas"), trees("tests")
    both = {**house, **tests, **trees("bench"), **trees("examples")}
    return [
        *dead(house), *awaited_in_vain(house, tests), *two_meanings(house), *second_names(both),
        *no_nouns(house), *past_the_face(house), *undocumented(house),
    ]  # fmt: skip


if __name__ == "__main__":
    print("\n".join(everything()) or "tidy")
