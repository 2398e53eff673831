"""Conditions: a subset of SQL's boolean expressions as a typed tree.

The tree means what SQL says it means, three-valued: a comparison with an unknown is unknown,
`x / 0` is unknown, and unknown is not true (law 9). `engine.conditions` is its one compiler.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from habeas.core.errors import nearest


class ConditionProblem(Exception):
    """What is wrong in an expression, at which offset of its text, and the next step."""

    def __init__(self, sentence: str, hint: str = "", place: int = 0) -> None:
        super().__init__(sentence)
        self.sentence, self.hint, self.place = sentence, hint, place


class Base(StrEnum):
    INTEGER = "whole number"
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "true or false"


ANY = "any"  # the unit of a bare number: it takes the unit of what it stands beside


@dataclass(frozen=True, slots=True)
class Type:
    """What a value is. `unit` is a currency, a unit such as `day`, None (a plain number) or ANY."""

    base: Base
    unit: str | None = None

    @property
    def numeric(self) -> bool:
        return self.base in (Base.INTEGER, Base.NUMBER)

    def __str__(self) -> str:
        return f"{self.base} in {self.unit}" if self.unit not in (None, ANY) else str(self.base)


BOOLEAN = Type(Base.BOOLEAN)
PLAIN = "plain numbers"  # what stands without a unit


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Literal:
    """An int, an exact Decimal (`0.6`), a float (`1e3`), a text or a truth value. To Python 1, 1.0
    and True are equal; as literals they are three."""

    value: int | float | Decimal | str | bool
    place: int = field(default=0, compare=False)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and self._compared == other._compared

    def __hash__(self) -> int:
        return hash(self._compared)

    @property
    def _compared(self) -> tuple[type, int | float | Decimal | str | bool]:
        return type(self.value), self.value


@dataclass(frozen=True, slots=True)
class Negate:
    inner: Node
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Arithmetic:
    sign: str  # + - * /
    left: Node
    right: Node
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Compare:
    sign: str  # = <> < <= > >=
    left: Node
    right: Node
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Between:
    inner: Node
    low: Node
    high: Node
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class In:
    inner: Node
    items: tuple[Node, ...]
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class IsNull:
    inner: Node
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    inner: Node
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Logic:
    word: str  # and, or
    parts: tuple[Node, ...]
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class CaseWhen:
    """`branches` are (condition, value) pairs; without a default, what fits none is unknown."""

    branches: tuple[tuple[Node, Node], ...]
    default: Node | None
    place: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    function: str  # coalesce, nullif, abs
    arguments: tuple[Node, ...]
    place: int = field(default=0, compare=False)


Node = (
    Name
    | Literal
    | Negate
    | Arithmetic
    | Compare
    | Between
    | In
    | IsNull
    | Not
    | Logic
    | CaseWhen
    | Call
)


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below `node`, left to right."""
    for one in fields(node):
        yield from _nodes_in(getattr(node, one.name))


def _nodes_in(value: object) -> Iterator[Node]:
    if isinstance(value, tuple):
        for item in value:
            yield from _nodes_in(item)
    elif isinstance(value, Node):
        yield value


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything below it, in reading order."""
    yield node
    for child in children(node):
        yield from walk(child)


def names(node: Node) -> tuple[str, ...]:
    """The names a tree uses, each once, in reading order."""
    return tuple(dict.fromkeys(n.name for n in walk(node) if isinstance(n, Name)))


def sub_conditions(node: Node, types: Mapping[str, Type]) -> tuple[Node, ...]:
    """Every part of a condition that is itself true, false or unknown, the whole first."""
    found = (n for n in walk(node) if not isinstance(n, Literal) and type_of(n, types) == BOOLEAN)
    return tuple(dict.fromkeys(found))


# How tightly each form binds, loosest first; written() puts parentheses only where they matter.
_OR, _AND, _NOT, _COMPARE, _ADD, _MULTIPLY, _NEGATE, _ATOM = range(8)


def written(node: Node) -> str:
    """The one canonical text of a tree: same tree, same text; parsing it gives the tree back."""
    return _written(node)[0]


def _within(node: Node, least: int) -> str:
    text, binding = _written(node)
    return text if binding >= least else f"({text})"


def _written(node: Node) -> tuple[str, int]:
    match node:
        case Name(name):
            return name, _ATOM
        case Literal(value):
            return _literal(value), _ATOM
        case Negate(inner):
            return f"-{_within(inner, _ATOM)}", _NEGATE
        case Arithmetic(sign, left, right):
            binding = _ADD if sign in "+-" else _MULTIPLY
            return f"{_within(left, binding)} {sign} {_within(right, binding + 1)}", binding
        case Compare(sign, left, right):
            return f"{_within(left, _ADD)} {sign} {_within(right, _ADD)}", _COMPARE
        case Between(inner, low, high):
            inside = f"{_within(low, _ADD)} AND {_within(high, _ADD)}"
            return f"{_within(inner, _ADD)} BETWEEN {inside}", _COMPARE
        case In(inner, items):
            return f"{_within(inner, _ADD)} IN ({', '.join(map(written, items))})", _COMPARE
        case IsNull(inner):
            return f"{_within(inner, _ADD)} IS NULL", _COMPARE
        case Not(inner):
            return f"NOT {_within(inner, _COMPARE)}", _NOT
        case Logic(word, parts):
            binding = _AND if word == "and" else _OR
            return f" {word.upper()} ".join(_within(p, binding + 1) for p in parts), binding
        case CaseWhen(branches, default):
            inside = " ".join(f"WHEN {written(c)} THEN {written(v)}" for c, v in branches)
            end = f" ELSE {written(default)}" if default is not None else ""
            return f"CASE {inside}{end} END", _ATOM
        case Call(function, arguments):
            return f"{function.upper()}({', '.join(map(written, arguments))})", _ATOM
        case _:
            assert_never(node)


def _literal(value: int | float | Decimal | str | bool) -> str:
    match value:
        case bool():
            return str(value).upper()
        case str():
            quoted = value.replace("'", "''")
            return f"'{quoted}'"
        case float():
            # An `e` keeps it a float when it is read back; 0.6 would come back as exact Decimal.
            text = repr(value)
            return text if "e" in text else f"{text}e0"
        case _:
            return f"{value:f}" if isinstance(value, Decimal) else str(value)


def type_of(node: Node, types: Mapping[str, Type]) -> Type:
    """The type of `node` where names have `types`. Raises Complaint where parts do not fit."""
    match node:
        case Name(name, place):
            if name not in types:
                raise ConditionProblem(
                    f"`{name}` is not a name known here", nearest(name, types), place
                )
            return types[name]
        case Literal(value):
            return _literal_type(value)
        case Negate(inner):
            return _numeric(inner, types, "a minus sign")
        case Arithmetic():
            return _arithmetic_type(node, types)
        case Compare(sign, left, right):
            _comparable(sign, left, right, types)
        case Between(inner, low, high):
            _comparable(">=", inner, low, types)
            _comparable("<=", inner, high, types)
        case In(inner, items):
            for item in items:
                _comparable("=", inner, item, types)
        case IsNull(inner):
            type_of(inner, types)
        case Not(inner):
            _boolean(inner, types, "`not`")
        case Logic(word, parts):
            for part in parts:
                _boolean(part, types, f"`{word}`")
        case CaseWhen(branches, default):
            for condition, _ in branches:
                _boolean(condition, types, "`case when`")
            values = [v for _, v in branches] + ([default] if default is not None else [])
            return _common(values, types)
        case Call("abs", (inner,)):
            return _numeric(inner, types, "`abs`")
        case Call(_, arguments):
            return _common(list(arguments), types)
        case _:
            assert_never(node)
    return BOOLEAN


def _literal_type(value: int | float | Decimal | str | bool) -> Type:
    match value:
        case bool():
            return BOOLEAN
        case str():
            return Type(Base.TEXT)
        case int():
            return Type(Base.INTEGER, ANY)
        case _:
            return Type(Base.NUMBER, ANY)


def _numeric(node: Node, types: Mapping[str, Type], where: str) -> Type:
    found = type_of(node, types)
    if not found.numeric:
        raise ConditionProblem(
            f"{where} needs a number, and `{written(node)}` is {found}", "", node.place
        )
    return found


def _boolean(node: Node, types: Mapping[str, Type], where: str) -> None:
    found = type_of(node, types)
    if found != BOOLEAN:
        hint = f"compare it with something, for example `{written(node)} > 0`"
        raise ConditionProblem(
            f"{where} needs a condition, and `{written(node)}` is a {found}",
            hint if found.numeric else "",
            node.place,
        )


def _common(nodes: list[Node], types: Mapping[str, Type]) -> Type:
    found = type_of(nodes[0], types)
    for node in nodes[1:]:
        found = _unified(found, type_of(node, types), node)
    return found


def _unified(one: Type, other: Type, node: Node) -> Type:
    if one.numeric != other.numeric or (not one.numeric and one.base != other.base):
        raise ConditionProblem(f"`{written(node)}` is {other} where {one} stands", "", node.place)
    unit = _unit(one.unit, other.unit, node)
    wider = Base.NUMBER if Base.NUMBER in (one.base, other.base) else one.base
    return Type(wider, unit)


def _unit(one: str | None, other: str | None, node: Node) -> str | None:
    if ANY in (one, other):
        return other if one == ANY else one
    if one != other:
        raise ConditionProblem(
            f"`{written(node)}` is in {other or PLAIN} where {one or PLAIN} are wanted",
            "amounts of different units are never added or compared; divide each by its own kind",
            node.place,
        )
    return one


def _arithmetic_type(node: Arithmetic, types: Mapping[str, Type]) -> Type:
    left = _numeric(node.left, types, f"`{node.sign}`")
    right = _numeric(node.right, types, f"`{node.sign}`")
    base = Base.NUMBER if node.sign == "/" else _wider(left, right)
    if node.sign in "+-":
        return Type(base, _unit(left.unit, right.unit, node.right))
    bare = (None, ANY)
    if node.sign == "*" and left.unit in bare:
        return Type(base, right.unit if right.unit != ANY else left.unit)
    if right.unit in bare:
        return Type(base, left.unit)
    if node.sign == "/" and left.unit == right.unit:
        return Type(base)
    raise ConditionProblem(
        f"`{written(node)}` mixes {PLAIN if left.unit in bare else left.unit} with {right.unit}",
        "multiply or divide a unit by a plain number, or divide it by its own kind",
        node.place,
    )


def _wider(left: Type, right: Type) -> Base:
    return Base.NUMBER if Base.NUMBER in (left.base, right.base) else Base.INTEGER


def _comparable(sign: str, left: Node, right: Node, types: Mapping[str, Type]) -> None:
    kind = _unified(type_of(left, types), type_of(right, types), right)
    if not kind.numeric and sign not in ("=", "<>"):
        raise ConditionProblem(
            f"`{sign}` orders numbers, and `{written(left)}` is {kind}",
            "use `=`, `<>` or `in`",
            left.place,
        )
