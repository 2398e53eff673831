"""Nothing is dead: what is public in the house is used in the house, not by its tests alone.

A name is followed to the module that makes it, so that two of one name hide neither; a method is
known by its name. Run by pytest through test_tidy_uses.py; `python -m tests.tidy_uses` prints."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.tidy_names import Trees, names_of, trees

# What nothing in the house calls yet, and who will; each has a test.
AWAITED = {
    "habeas.store.outbox.bounced": "mail that came back, as a file of bounces",
    "habeas.core.appeal.cases.renewed": "a new code of a case, where a letter was lost",
    "habeas.core.letter.answers.refusal_letter": "why an appeal is not taken, as a letter",
    "habeas.core.property.custody.answer": "a person answers for a holding",
    "habeas.store.changes.AccountChange.exempted": "an exemption that a ruling gives",
    "habeas.core.decision.standing.Standing.may": "whether an account may do this",
    "habeas.core.log.proofs.read_proof": "a proof that comes from a file",
    "habeas.engine.spark_live.live_findings": "a platform's own Spark job calls it",
    "habeas.core.property.holdings.Membership.next_charge_us": "charges that are reported",
    "habeas.core.property.holdings.Membership.resumed": "a membership that goes on again",
}
# Called by a framework, by name.
CALLED = frozenset({"handleInputRows", "StoreConfig", "redirect_request"})
BY_DJANGO = ("habeas.store.models", "habeas.store.migrations")


@dataclass(frozen=True, slots=True)
class House:
    """Modules by their dotted names: what each defines, and what its names may mean elsewhere."""

    modules: dict[str, ast.Module]
    tops: dict[str, frozenset[str]]
    imports: dict[str, dict[str, set[tuple[str, str]]]]

    @classmethod
    def of(cls, found: Trees) -> House:
        modules = {_dotted(path): tree for path, tree in found.items()}
        tops = {m: frozenset(n for s in t.body for n in names_of(s)) for m, t in modules.items()}
        return cls(modules, tops, {m: _imports(t) for m, t in modules.items()})

    def meant(self, name: str, module: str) -> Iterator[str]:
        """Full names that a name may have in a module: its own, and by imports and faces."""
        if name in self.tops.get(module, ()):
            yield f"{module}.{name}"
        for source, original in self.imports.get(module, {}).get(name, ()):
            if f"{source}.{original}" in self.modules:
                yield f"{source}.{original}"
            if source != module:
                yield from self.meant(original, source)


@dataclass(slots=True)
class Uses:
    """Full names of what is read, and how often each attribute is, but of itself by a method."""

    names: set[str] = field(default_factory=set)
    attributes: Counter[str] = field(default_factory=Counter)

    def has(self, full: str, is_method: bool) -> bool:
        return self.attributes[full.rpartition(".")[2]] > 0 if is_method else full in self.names


def definitions(house: House) -> Iterator[tuple[str, bool]]:
    """Public functions, classes, constants and methods: the full name, and whether a method.
    A command is called by typer."""
    for module, tree in house.modules.items():
        if module.startswith(BY_DJANGO):
            continue
        for node in tree.body:
            if module.startswith("habeas.cli") and getattr(node, "decorator_list", ()):
                continue
            public = [name for name in names_of(node) if not name.startswith("_")]
            yield from ((f"{module}.{name}", False) for name in public)
            if public and isinstance(node, ast.ClassDef):
                for one in node.body:
                    function = isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
                    if function and not one.name.startswith("_"):
                        yield f"{module}.{node.name}.{one.name}", True


def uses(readers: Iterable[str], house: House) -> Uses:
    """What these modules read; an import alone is no use, nor is a name in what defines it."""
    found = Uses()
    for module in readers:
        for statement in house.modules[module].body:
            own = {f"{module}.{name}" for name in names_of(statement)}
            for node in ast.walk(statement):
                found.names |= set(_read(node, module, house, found)) - own
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    found.attributes[node.name] -= sum(map(node.name.__eq__, _of_self(node)))
    return found


def _read(node: ast.AST, module: str, house: House, found: Uses) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Load()):
            yield from house.meant(name, module)
        case ast.Attribute(value=value, attr=name):
            named = house.meant(value.id, module) if isinstance(value, ast.Name) else ()
            made = [full for one in named for full in house.meant(name, one)]
            found.attributes[name] += not made
            yield from made


def _of_self(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name):
                yield name


def dead(house: House, awaited: Iterable[str] = tuple(AWAITED)) -> Iterator[str]:
    """Public definitions that nothing in the house uses."""
    used, known = uses(house.modules, house), frozenset(awaited)
    for full, is_method in definitions(house):
        called = full in known or full.rpartition(".")[2] in CALLED
        if not called and not used.has(full, is_method):
            yield f"nothing in the house uses {full}"


def awaited_in_vain(house: House, tests: Trees, found: Trees) -> Iterator[str]:
    """What is no longer there, is used by now, or has no test."""
    both = House.of({**found, **tests})
    used, tried = uses(house.modules, house), uses(map(_dotted, tests), both)
    there = dict(definitions(house))
    for full in AWAITED:
        if full not in there:
            yield f"{full} is not there any more"
        elif used.has(full, there[full]):
            yield f"{full} is used by now"
        elif not tried.has(full, there[full]):
            yield f"{full} has no test"


def everything() -> list[str]:
    found = trees("habeas")
    house = House.of(found)
    return [*dead(house), *awaited_in_vain(house, trees("tests"), found)]


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imports(tree: ast.Module) -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                found[one.asname or one.name].add((node.module, one.name))
    return found


if __name__ == "__main__":
    print("\n".join(everything()) or "tidy")
