"""Core values as plain ones (what JSON holds) and back, from the types that they declare.

One codec for every frozen dataclass: tuples and frozensets are lists, mappings are objects, enums
their values, a union of dataclasses is told apart by `type`, the name of the class. Those names
and the names of fields are on disk for good: a class that is renamed keeps its old name here
(`tests/store/test_codec.py` holds what was written once).

Canonical JSON writes integers beyond 2**53 as text. Where a type says `int`, that text is read
back; where it allows text as well, such an integer is written as {"integer": "..."}.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from operator import attrgetter, itemgetter
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from habeas.core.canon import SAFE_INTEGER, canonical

PLAIN = frozenset({int, float, str, bool, NoneType})
Part = tuple[str, Callable[[Any], Any]]
TAG, LARGE = "type", "integer"


class Codec(NamedTuple):
    encode: Callable[[Any], Any]
    decode: Callable[[Any], Any]


def encoded(value: object, kind: Any = None) -> Any:
    """The plain value; `kind` is the declared type, where it says more than the class: a union,
    or a tuple. Raises TypeError for what no codec knows."""
    known: Any = type(value) if kind is None else kind
    return codec_of(known).encode(value)


def decoded(plain: object, kind: Any) -> Any:
    """The value of a type. Raises LookupError, TypeError or ValueError where it is none."""
    return codec_of(kind).decode(plain)


def written(plain: Any) -> str:
    """The canonical text (core/canon) of what this codec made, ten times as fast as `canonical`.

    The standard encoder writes the same but for numbers with an exponent, for whole ones with a
    fraction of zero, and for the order of keys beyond the letters of most languages: where any of
    these might be, `canonical` writes it."""
    text = FAST.encode(plain)
    if any(sign in text for sign in UNLIKE) or not (text.isascii() or FAR.search(text) is None):
        return canonical(plain)
    return text


FAST = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False,
    allow_nan=False,
)  # fmt: skip
UNLIKE = ("e-", "e+", ".0,", ".0]", ".0}")
FAR = re.compile("[\ud800-\U0010ffff]")
read = json.loads


@cache
def codec_of(kind: Any) -> Codec:
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in PLAIN:
        return NUMBERS.get(kind, SAME)
    if origin is Literal:
        return SAME
    if origin in (Union, UnionType):
        return _union(arguments)
    if origin is tuple:
        return _tuple(arguments)
    if origin is list:
        inner = codec_of(arguments[0])
        return Codec(lambda v: [*map(inner.encode, v)], lambda plain: [*map(inner.decode, plain)])
    if origin is frozenset:
        inner = codec_of(arguments[0])
        return Codec(
            lambda value: sorted(map(inner.encode, value)),
            lambda plain: frozenset(map(inner.decode, plain)),
        )
    if origin is not None and issubclass(origin, Mapping):
        return _mapping(codec_of(arguments[1]))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return Codec(lambda value: value.value, kind)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return Codec(lambda value: value.model_dump(mode="json"), kind.model_validate)
    if is_dataclass(kind):
        return _record(kind)
    raise TypeError(f"no codec knows {kind}")


def _same(value: Any) -> Any:
    return value


def _whole(value: int) -> int | str:
    return value if -SAFE_INTEGER <= value <= SAFE_INTEGER else str(value)


def _number(value: float) -> float:
    """A whole double is written as the integer it is."""
    return int(value) if value.is_integer() and abs(value) <= SAFE_INTEGER else value


SAME = Codec(_same, _same)
NUMBERS = {int: Codec(_whole, int), float: Codec(_number, float)}


def _tuple(arguments: tuple[Any, ...]) -> Codec:
    if arguments[-1] is Ellipsis:
        inner = codec_of(arguments[0])
        return Codec(
            lambda value: list(map(inner.encode, value)),
            lambda plain: tuple(map(inner.decode, plain)),
        )
    parts = [codec_of(argument) for argument in arguments]
    return Codec(
        lambda value: [c.encode(v) for c, v in zip(parts, value, strict=True)],
        lambda plain: tuple(c.decode(p) for c, p in zip(parts, plain, strict=True)),
    )


def _mapping(inner: Codec) -> Codec:
    return Codec(
        lambda value: {name: inner.encode(v) for name, v in value.items()},
        lambda plain: {name: inner.decode(p) for name, p in plain.items()},
    )


def _record(kind: Any) -> Codec:
    """Its codecs are made when first used, since a type may speak of itself."""
    names = tuple(f.name for f in fields(kind) if f.init)
    values = attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)

    pick = itemgetter(*names) if len(names) > 1 else lambda plain: (plain[names[0]],)

    @cache
    def parts() -> tuple[list[Part], list[tuple[int, Callable[[Any], Any]]]]:
        """What encodes by name and what decodes by place, where it is more than to leave it."""
        hints = get_type_hints(kind)
        codecs = [(name, codec_of(hints[name])) for name in names]
        return (
            [(name, codec.encode) for name, codec in codecs if codec.encode is not _same],
            [(i, codec.decode) for i, (_, codec) in enumerate(codecs) if codec.decode is not _same],
        )

    def encode(value: Any) -> dict[str, Any]:
        plain = dict(zip(names, values(value), strict=True))
        for name, of in parts()[0]:
            plain[name] = of(plain[name])
        return plain

    def decode(plain: Any) -> Any:
        try:
            given = [*pick(plain)]
        except KeyError:
            return late(plain)
        for place, of in parts()[1]:
            given[place] = of(given[place])
        return kind(*given)

    def late(plain: Any) -> Any:
        """One that was written before a field came: that has its default."""
        ways = {names[place]: of for place, of in parts()[1]}
        return kind(**{n: ways.get(n, _same)(plain[n]) for n in names if n in plain})

    return Codec(encode, decode)


def _union(arguments: tuple[Any, ...]) -> Codec:
    some = tuple(a for a in arguments if a is not NoneType)
    if len(some) > 1 and all(a in PLAIN for a in some):
        return _scalar(some)
    inner = codec_of(some[0]) if len(some) == 1 else _tagged(some)
    if len(some) == len(arguments):
        return inner
    return Codec(
        lambda value: None if value is None else inner.encode(value),
        lambda plain: None if plain is None else inner.decode(plain),
    )


def _scalar(some: tuple[Any, ...]) -> Codec:
    if int not in some:
        return SAME

    def encode(value: Any) -> Any:
        if type(value) is float:
            return _number(value)
        large = type(value) is int and abs(value) > SAFE_INTEGER
        return {LARGE: str(value)} if large else value

    def decode(plain: Any) -> Any:
        if type(plain) is int and abs(plain) > SAFE_INTEGER:
            return float(plain)  # a double that is whole
        return int(plain[LARGE]) if type(plain) is dict else plain

    return Codec(encode, decode)


def _tagged(some: tuple[Any, ...]) -> Codec:
    names = {kind.__name__: codec_of(kind) for kind in some}

    def encode(value: Any) -> dict[str, Any]:
        name = type(value).__name__
        plain: dict[str, Any] = names[name].encode(value)
        plain[TAG] = name
        return plain

    def decode(plain: Any) -> Any:
        return names[plain[TAG]].decode(plain)

    return Codec(encode, decode)
