"""Canonical JSON is RFC 8785: its own examples, then properties of any value."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.canon import SAFE_INTEGER, canonical, digest
from tests.core.samples import calm

# RFC 8785, appendix B: the bits of an IEEE 754 double, and its text
APPENDIX_B = """
0000000000000000 0
8000000000000000 0
0000000000000001 5e-324
8000000000000001 -5e-324
7fefffffffffffff 1.7976931348623157e+308
ffefffffffffffff -1.7976931348623157e+308
4340000000000000 9007199254740992
c340000000000000 -9007199254740992
4430000000000000 295147905179352830000
44b52d02c7e14af5 9.999999999999997e+22
44b52d02c7e14af6 1e+23
44b52d02c7e14af7 1.0000000000000001e+23
444b1ae4d6e2ef4e 999999999999999700000
444b1ae4d6e2ef4f 999999999999999900000
444b1ae4d6e2ef50 1e+21
3eb0c6f7a0b5ed8c 9.999999999999997e-7
3eb0c6f7a0b5ed8d 0.000001
41b3de4355555553 333333333.3333332
41b3de4355555554 333333333.33333325
41b3de4355555555 333333333.3333333
41b3de4355555556 333333333.3333334
41b3de4355555557 333333333.33333343
becbf647612f3696 -0.0000033333333333333333
43143ff3c1cb0959 1424953923781206.2
""".split("\n")[1:-1]

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-SAFE_INTEGER, SAFE_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def double(bits: str) -> float:
    (value,) = struct.unpack(">d", bytes.fromhex(bits))
    assert isinstance(value, float)
    return value


@pytest.mark.parametrize("row", APPENDIX_B)
def test_numbers_are_written_as_the_rfc_does(row: str) -> None:
    bits, text = row.split()
    assert canonical(double(bits)) == text


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
def test_nan_and_infinity_have_no_text(bits: str) -> None:
    with pytest.raises(ValueError, match="NaN and Infinity have no canonical form"):
        canonical(double(bits))


def test_the_example_of_section_3_2_2() -> None:
    value = {
        "numbers": [333333333.33333329, 1e30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }
    assert canonical(value) == (
        '{"literals":[null,true,false],'
        '"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],'
        '"string":"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )


def test_keys_sort_by_utf_16_code_units_as_in_section_3_2_3() -> None:
    names = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical(names)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]
    assert sorted(names) != sorted(names, key=lambda n: n.encode("utf-16-be"))


def test_a_lone_surrogate_is_refused_in_texts_and_in_keys() -> None:
    for value in ("\ud800", ["a\udfff"], {"\ud83d": 1}):
        with pytest.raises(UnicodeEncodeError):
            canonical(value)


def test_integers_that_a_double_cannot_hold_are_texts() -> None:
    assert canonical(SAFE_INTEGER) == "9007199254740991"
    assert canonical(SAFE_INTEGER + 1) == '"9007199254740992"'
    assert canonical([-(2**63), -SAFE_INTEGER]) == '["-9223372036854775808",-9007199254740991]'


def test_tuples_are_lists() -> None:
    assert canonical({"b": (1, ("x",)), "a": ()}) == '{"a":[],"b":[1,["x"]]}'


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", object()])
def test_what_is_not_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match=f"{type(value).__name__} has no canonical form"):
        canonical(value)


@calm
@given(VALUES)
def test_reading_the_text_back_gives_the_value_and_the_same_text(value: Any) -> None:
    text = canonical(value)
    back = json.loads(text, parse_int=float)  # to the RFC, as to JavaScript, numbers are doubles
    assert back == value
    assert canonical(back) == text


@calm
@given(st.dictionaries(st.text(), SCALARS, min_size=2, max_size=6))
def test_the_order_in_which_keys_were_put_changes_nothing(value: dict[str, Any]) -> None:
    turned = dict(reversed(value.items()))
    assert canonical(turned) == canonical(value)
    assert digest(turned) == digest(value)


def test_the_digest_is_sha_256_of_the_utf_8_text() -> None:
    # printf '{"a":"é"}' | sha256sum
    assert digest({"a": "é"}) == "b3a092a6af48807fa9482b2ee140105575daa26d5b24b3c0e60a7e2dee6683b1"


@calm
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_to_the_last_bit(value: float) -> None:
    back = float(canonical(value))
    assert struct.pack(">d", back) == struct.pack(">d", value or 0.0)
