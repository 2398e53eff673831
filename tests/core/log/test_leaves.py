"""A leaf binds to its value, tells nothing of it without the salt, and outlives it."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.canon import canonical
from habeas.core.errors import InvalidInput, Unproven
from habeas.core.log import Leaf
from habeas.core.log.leaves import commitment, is_canonical
from habeas.core.log.merkle import check_inclusion
from tests.core.log.logs import decisions, leaf_of, tree_of
from tests.core.samples import calm
from tests.core.test_canon import VALUES

SALTS = st.binary(min_size=16, max_size=40)
SALT = bytes(range(16))
WARN = leaf_of("decision", {"measure": "warn", "account": "A1"}, SALT)
COMMITMENT = "709b25e33deaa4bbbfa51ab4866c1aa0f23ba97af33a07d2e912741de255b001"
HASH = "8c5bf46e9d4d70deddb1d2289e10b878ead3fd93e29cf64dd3737a63b00c8f15"


def test_a_leaf_is_what_sha256sum_says() -> None:
    # printf 'habeas-value-v1\n000102030405060708090a0b0c0d0e0f\n{"account":...}' | sha256sum
    # printf '\0habeas-leaf-v1\ndecision\nCOMMITMENT\n' | sha256sum
    assert WARN.text == '{"account":"A1","measure":"warn"}'
    assert WARN.commitment.hex() == COMMITMENT
    assert WARN.entry == f"habeas-leaf-v1\ndecision\n{COMMITMENT}\n".encode()
    assert WARN.hash.hex() == HASH


def test_an_erased_leaf_keeps_its_hash_and_nothing_of_the_value() -> None:
    gone = WARN.erased()
    assert (gone.text, gone.salt, gone.value) == (None, None, None)
    assert gone.is_erased
    assert not WARN.is_erased
    assert gone.hash == WARN.hash
    assert gone.erased() == gone
    assert "A1" not in repr(gone)


def test_the_log_stays_whole_when_any_of_its_texts_are_erased() -> None:
    leaves = decisions(20)
    tree = tree_of([leaf.hash for leaf in leaves])
    left = [leaf.erased() if i % 3 else leaf for i, leaf in enumerate(leaves)]
    assert tree_of([leaf.hash for leaf in left]).levels == tree.levels
    for index, leaf in enumerate(left):
        check_inclusion(leaf.hash, index, 20, tree.inclusion(index), tree.root())


@calm
@given(VALUES, SALTS)
def test_a_leaf_opens_with_its_value_and_salt_only(value: object, salt: bytes) -> None:
    leaf = leaf_of("notice", value, salt)
    assert canonical(leaf.value) == leaf.text == canonical(value)
    assert Leaf("notice", leaf.commitment, leaf.text, salt) == leaf
    for changed in (
        {"text": canonical([value])},
        {"salt": salt[::-1] + b"\x00"},
        {"commitment": sha256(leaf.commitment).digest()},
    ):
        with pytest.raises(Unproven, match="the value and the salt do not give the commitment"):
            replace(leaf, **changed)


@calm
@given(VALUES, SALTS, SALTS)
def test_equal_values_have_nothing_in_common_without_their_salts(
    value: object, one: bytes, two: bytes
) -> None:
    leaves = [leaf_of("notice", value, salt) for salt in (one, two)]
    assert (leaves[0].commitment == leaves[1].commitment) == (one == two)


def test_kinds_are_apart() -> None:
    assert replace(WARN, kind="notice").commitment == WARN.commitment
    assert replace(WARN, kind="notice").hash != WARN.hash


@calm
@given(SALTS, SALTS, st.text(max_size=4), st.text(max_size=4))
def test_no_two_salts_and_texts_run_together(one: bytes, two: bytes, a: str, b: str) -> None:
    pairs = [(canonical(a), one), (canonical(b), two)]
    same = commitment(*pairs[0]) == commitment(*pairs[1])
    assert same == (pairs[0] == pairs[1])


@pytest.mark.parametrize("size", [0, 15])
def test_a_salt_that_can_be_guessed_is_refused(size: int) -> None:
    with pytest.raises(InvalidInput, match=f"a salt has 16 bytes or more, not {size}"):
        leaf_of("decision", 1, bytes(size))
    with pytest.raises(InvalidInput, match="a salt has 16 bytes or more"):
        Leaf("decision", bytes(32), "1", bytes(size))


@pytest.mark.parametrize("kind", ["", "Decision", "a b", "a\n", "a\nb", "décision", "1a"])
def test_a_kind_is_a_name(kind: str) -> None:
    with pytest.raises(InvalidInput, match="is not the name of a kind of leaf"):
        leaf_of(kind, 1, SALT)


def test_half_a_leaf_is_refused() -> None:
    for changed in ({"text": None}, {"salt": None}):
        with pytest.raises(InvalidInput, match="kept together and erased together"):
            replace(WARN, **changed)
    with pytest.raises(InvalidInput, match="a commitment has 32 bytes, not 31"):
        Leaf("decision", bytes(31))


@calm
@given(VALUES)
def test_canonical_texts_are_known_from_others(value: object) -> None:
    text = canonical(value)
    assert is_canonical(text)
    assert not is_canonical(f" {text}")


@pytest.mark.parametrize(
    "text",
    ["", "{", '{"b":1,"a":2}', '{"a":1,"a":2}', "1.0", "1e400", "NaN", '"\\u0061"', "[" * 90_000],
)
def test_what_can_be_read_in_two_ways_is_not_canonical(text: str) -> None:
    assert not is_canonical(text)
