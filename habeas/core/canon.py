"""Canonical JSON (RFC 8785): one value, one text, one hash, on any machine and in any language."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring

# RFC 8785 section 3.2.2.3 carries numbers as IEEE 754 doubles; beyond this, integers lose digits.
SAFE_INTEGER = 2**53 - 1


def canonical(value: object) -> str:
    """The RFC 8785 text of `value`: None, bool, int, float, str, and lists and mappings of them.

    Integers beyond 2**53 - 1 are written as strings, so that no reader rounds them.

    >>> canonical({"b": 1, "a": [True, None, 0.5]})
    '{"a":[true,null,0.5],"b":1}'
    """
    match value:
        case None | bool():
            return json.dumps(value)
        case str():
            return _text(value)
        case int():
            return str(value) if abs(value) <= SAFE_INTEGER else f'"{value}"'
        case float():
            return _number(value)
        case Mapping():
            # Section 3.2.3: keys sort by UTF-16 code units; those of ASCII are their code points.
            plain = "".join(value).isascii()
            keys = sorted(value) if plain else sorted(value, key=lambda k: k.encode("utf-16-be"))
            return "{" + ",".join(f"{_text(k)}:{canonical(value[k])}" for k in keys) + "}"
        case list() | tuple():
            return "[" + ",".join(map(canonical, value)) + "]"
        case _:
            raise TypeError(f"{type(value).__name__} has no canonical form")


def digest(value: object) -> str:
    """SHA-256 of the canonical text, 64 hex digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def _text(value: str) -> str:
    if not value.isascii():
        value.encode("utf-8")  # a lone surrogate raises here, as section 3.2.2.2 asks
    return encode_basestring(value)


def _number(value: float) -> str:
    """ECMAScript's Number::toString (ECMA-262, 6.1.6.1.20), which RFC 8785 prescribes."""
    if not math.isfinite(value):
        raise ValueError("NaN and Infinity have no canonical form")
    if value == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    point = len(digits) + int(exponent)
    text = "".join(map(str, digits))
    minus = "-" if sign else ""
    if 0 < point <= 21:
        whole = text[:point].ljust(point, "0")
        return minus + (f"{whole}.{text[point:]}" if len(text) > point else whole)
    if -6 < point <= 0:
        return f"{minus}0.{'0' * -point}{text}"
    mantissa = f"{text[0]}.{text[1:]}" if len(text) > 1 else text
    return f"{minus}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"
