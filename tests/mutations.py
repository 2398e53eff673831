"""Mutations of a module: small changes of its meaning, one at a time, that a test should notice.

A comparison changed, a number or bool changed, and/or swapped, not removed, a returned value
emptied, a statement deleted, an operator of arithmetic changed. Annotations, decorators, imports
and docstrings are left as they are: people and tools read them. `tests.mutants` tries what is here.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}  # fmt: skip
SWAPPED: dict[type[ast.boolop], type[ast.boolop]] = {ast.And: ast.Or, ast.Or: ast.And}
EMPTY = {"list": "[]", "tuple": "()", "str": "''", "int": "0", "float": "0.0", "bool": "False"}
EMPTY |= dict.fromkeys(("dict", "Mapping"), "{}")
EMPTY |= dict.fromkeys(("Sequence", "Iterable", "Collection"), "()")
EMPTY |= dict.fromkeys(("frozenset", "set"), "frozenset()")
UNTRIED = ("annotation", "returns", "decorator_list")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NAMED = (*FUNCTIONS, ast.ClassDef)
DELETED = (ast.Raise, ast.AugAssign, ast.Continue, ast.Break, ast.Delete)


@dataclass(frozen=True, slots=True)
class Mutation:
    """`function` is its qualified name, "" where it is in none. `before` and `after` are the
    source of the smallest part around the change that stands in its function once; else `after`
    ends with a count. `lines` are those of its statement: none where that runs on import. `number`
    is its place in the module."""

    module: str
    number: int
    function: str
    line: int
    kind: str
    before: str
    after: str
    lines: range

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.kind}: {self.before} -> {self.after}"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node hangs."""

    holder: ast.AST
    field: str
    index: int | None = None

    def get(self) -> object:
        found = getattr(self.holder, self.field)
        return found if self.index is None else found[self.index]

    def put(self, node: object) -> None:
        if self.index is None:
            setattr(self.holder, self.field, node)
        else:
            getattr(self.holder, self.field)[self.index] = node


@dataclass(frozen=True, slots=True)
class _Trail:
    """How the walk came to a node: by which names, in which function, whether in its body (what is
    outside runs on import), and by which nodes from its statement inwards."""

    names: tuple[str, ...] = ()
    function: ast.AST | None = None
    runs: bool = False
    nodes: tuple[ast.AST, ...] = ()


_Change = tuple[str, _Place, object, _Trail]


def mutations(module: str, source: str) -> Iterator[tuple[Mutation, ast.Module]]:
    """Each mutation, with the tree that has it: it is changed back when the next one is made."""
    tree = ast.parse(source)
    texts: dict[int, str] = {}
    seen: Counter[tuple[str, str, str]] = Counter()
    for number, (kind, place, new, trail) in enumerate([*_walk(tree, _Trail())]):
        around = trail.function or tree
        whole = texts.setdefault(id(around), ast.unparse(around))
        parts = [node for node in reversed(trail.nodes) if not isinstance(node, ast.Constant)]
        shown = next((node for node in parts if whole.count(_text(node)) == 1), trail.nodes[0])
        before, old = _text(shown), place.get()
        place.put(new)
        after = _text(new) if old is shown and isinstance(new, ast.AST) else _text(shown)
        line = getattr(trail.nodes[-1], "lineno", 0)
        lines = _lines(trail.nodes[0]) if trail.runs else range(0)
        names = ".".join(trail.names)
        seen[names, before, after] += 1
        if (times := seen[names, before, after]) > 1:
            after += f"  # {times}"
        yield Mutation(module, number, names, line, kind, before, after, lines), tree
        place.put(old)


def _walk(node: ast.AST, trail: _Trail) -> Iterator[_Change]:
    for place, child in _children(node):
        inner = trail
        if isinstance(node, FUNCTIONS) and place.field == "body":
            inner = replace(trail, function=node, runs=True)
        if isinstance(child, ast.stmt):
            inner = replace(inner, nodes=())
        if isinstance(child, NAMED):
            inner = replace(inner, names=(*inner.names, child.name))
        inner = replace(inner, nodes=(*inner.nodes, child))
        for kind, changed, new in _changes(place, child, inner):
            yield kind, changed, new, inner
        yield from _walk(child, inner)


def _children(node: ast.AST) -> Iterator[tuple[_Place, ast.AST]]:
    for name, value in ast.iter_fields(node):
        if name in UNTRIED:
            continue
        if isinstance(value, list):
            found = [(_Place(node, name, i), one) for i, one in enumerate(value)]
        else:
            found = [(_Place(node, name), value)]
        yield from ((p, one) for p, one in found if isinstance(one, ast.AST) and not _is_left(one))


def _is_left(node: ast.AST) -> bool:
    """Imports, docstrings, `__all__`, what only checks types; that a zip must be of one length."""
    match node:
        case ast.keyword(arg="strict"):
            return True
        case ast.Import() | ast.ImportFrom() | ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.If(test=ast.Name("TYPE_CHECKING")):
            return True
    return False


def _changes(place: _Place, node: ast.AST, trail: _Trail) -> Iterator[tuple[str, _Place, object]]:
    match node:
        case ast.Compare(ops=ops):
            for i, op in enumerate(ops):
                yield "comparison", _Place(node, "ops", i), COMPARED[type(op)]()
        case ast.BoolOp(op=both):
            yield "and/or", _Place(node, "op"), SWAPPED[type(both)]()
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "not", place, operand
        case ast.Constant(value=bool(value)):
            yield "constant", place, ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield "constant", place, ast.Constant(value + 1)
        case ast.Constant(value=float(amount)):
            yield "constant", place, ast.Constant(amount * 2 or 1.0)
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator) if type(operator) in COMPUTED:
            if trail.runs or not isinstance(operator, ast.BitOr):  # else a union of types
                yield "arithmetic", _Place(node, "op"), COMPUTED[type(operator)]()
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            empty = _empty(trail.function)
            if ast.unparse(value) != ast.unparse(empty):
                yield "return", _Place(node, "value"), empty
    if isinstance(node, ast.stmt) and trail.runs and _may_go(node, trail.function):
        yield "deleted", place, ast.Pass()


def _empty(function: ast.AST | None) -> ast.expr:
    """What a function returns that has nothing to tell, after its annotation."""
    told = getattr(function, "returns", None)
    told = told.value if isinstance(told, ast.Subscript) else told
    name = told.id if isinstance(told, ast.Name) else ""
    return ast.parse(EMPTY.get(name, "None"), mode="eval").body


def _may_go(node: ast.stmt, function: ast.AST | None) -> bool:
    """Whether the function can go on without a statement: what alone gives a name its value is
    missed in any case."""
    match node:
        case ast.Expr():
            return True
        case ast.Assign(targets=targets):
            whole = [*ast.walk(function or node)]
            given = Counter(_stored(whole))
            given.update(n.arg for n in whole if isinstance(n, ast.arg))
            return all(given[name] > 1 for t in targets for name in _stored(ast.walk(t)))
    return isinstance(node, DELETED)


def _stored(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """The names that are given a value."""
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _text(node: object) -> str:
    """The source of an expression or statement; of one with a body, its head."""
    if not isinstance(node, ast.expr | ast.stmt | ast.match_case | ast.ExceptHandler):
        return ""
    lines = ast.unparse(node).strip().splitlines()
    if isinstance(node, NAMED):
        return next(line for line in lines if not line.startswith("@"))
    return (
        lines[0] if hasattr(node, "body") and not isinstance(node, ast.expr) else "\n".join(lines)
    )


def _lines(statement: ast.AST) -> range:
    first, last = statement.lineno, statement.end_lineno  # type: ignore[attr-defined]
    body = getattr(statement, "body", None)
    if isinstance(body, list) and body:
        last = max(first, body[0].lineno - 1)
    return range(first, last + 1)
