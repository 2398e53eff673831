"""The tree is RFC 6962's own recursive definition, and its proofs hold and nothing else does."""

from __future__ import annotations

import json
from base64 import b64decode
from hashlib import sha256
from math import ceil, log2
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import InvalidInput, NotFound, Unproven
from habeas.core.log import merkle
from habeas.core.log.merkle import (
    EMPTY_ROOT,
    HASH,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
)
from tests.core.log.growing import Tree
from tests.core.log.logs import VECTORS, hashes, needs_vectors, tree_of
from tests.core.samples import calm, few

INCLUSION = sorted((VECTORS / "proofs" / "inclusion").rglob("*.json"))
CONSISTENCY = sorted((VECTORS / "proofs" / "consistency").rglob("*.json"))
SIZES = st.integers(1, 200)


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word, over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = below(len(leaves))
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def below(n: int) -> int:
    return max(2**i for i in range(20) if 2**i < n)


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962 section 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = below(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], b: bool) -> list[bytes]:
    """RFC 6962 section 2.1.2, word for word."""
    if m == len(leaves):
        return [] if b else [mth(leaves)]
    k = below(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], b), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def read(file: Path) -> dict[str, object]:
    return {
        name: b64decode(value) if isinstance(value, str) and name != "desc" else value
        for name, value in json.loads(file.read_text(encoding="utf-8")).items()
    }


def bit_flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(changed)


def outcome(holds: bool, check: object, *given: object) -> None:
    if holds:
        check(*given)
    else:
        with pytest.raises(Unproven):
            check(*given)


@needs_vectors
def test_there_are_98_vectors_of_each_kind() -> None:
    assert (len(INCLUSION), len(CONSISTENCY)) == (98, 98)
    wanted = [read(file)["wantErr"] for file in INCLUSION + CONSISTENCY]
    assert wanted.count(False) == 12


@needs_vectors
@pytest.mark.parametrize("file", INCLUSION, ids=lambda f: f"{f.parent.name}-{f.stem}")
def test_an_inclusion_vector_does_what_it_says(file: Path) -> None:
    v = read(file)
    proof = [b64decode(one) for one in v["proof"] or []]
    args = (v["leafHash"], v["leafIdx"], v["treeSize"], proof, v["root"])
    outcome(not v["wantErr"], check_inclusion, *args)


@needs_vectors
@pytest.mark.parametrize("file", CONSISTENCY, ids=lambda f: f"{f.parent.name}-{f.stem}")
def test_a_consistency_vector_does_what_it_says(file: Path) -> None:
    v = read(file)
    proof = [b64decode(one) for one in v["proof"] or []]
    args = (v["size1"], v["size2"], v["root1"], v["root2"], proof)
    outcome(not v["wantErr"], check_consistency, *args)


def test_the_hashes_are_those_of_section_2_1() -> None:
    # printf '' | sha256sum; printf '\0' | sha256sum (as in the tests of Certificate Transparency)
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    leaf = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert EMPTY_ROOT.hex() == Tree().root().hex() == empty
    assert leaf_hash(b"").hex() == leaf
    one, two = leaf_hash(b"1"), leaf_hash(b"2")
    assert node_hash(one, two) == sha256(b"\x01" + one + two).digest() != node_hash(two, one)


def test_every_size_up_to_130_equals_the_definition() -> None:
    leaves = hashes(130)
    tree = Tree()
    for size in range(131):
        assert tree.size == size
        assert tree.root() == mth(leaves[:size])
        if size < 130:
            assert tree.append(leaves[size]) == size
    assert [tree.root(size) for size in range(131)] == [mth(leaves[:n]) for n in range(131)]


@calm
@given(st.lists(st.integers(0, 40), max_size=6))
def test_leaves_in_any_portions_make_the_same_tree(portions: list[int]) -> None:
    leaves = hashes(sum(portions))
    tree, done = Tree(), 0
    for portion in portions:
        tree.extend(iter(leaves[done : done + portion]))
        done += portion
    assert tree.levels == tree_of(leaves).levels
    assert tree.root() == mth(leaves)


@calm
@given(SIZES, st.data())
def test_an_inclusion_proof_is_path_and_holds_for_its_leaf_alone(
    size: int, data: st.DataObject
) -> None:
    leaves = hashes(200)
    tree = tree_of(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof, known = tree.inclusion(index, size), tree.root(size)
    assert proof == path(index, leaves[:size])
    assert len(proof) <= ceil(log2(size))
    check_inclusion(leaves[index], index, size, proof, known)
    other = data.draw(st.integers(-1, 210).filter(lambda i: i != index))
    with pytest.raises(Unproven):
        check_inclusion(leaves[index], other, size, proof, known)
    part, bit = data.draw(st.integers(-2, len(proof) - 1)), data.draw(st.integers(0, 255))
    given = [leaves[index], known, *proof]
    given[part + 2] = bit_flipped(given[part + 2], bit)
    with pytest.raises(Unproven):
        check_inclusion(given[0], index, size, given[2:], given[1])
    for wrong in ([*proof, known], [leaves[0], *proof], *([proof[1:], proof[:-1]] * bool(proof))):
        with pytest.raises(Unproven):
            check_inclusion(leaves[index], index, size, wrong, known)


@calm
@given(SIZES, st.data())
def test_a_consistency_proof_is_proof_and_holds_for_its_sizes(
    size: int, data: st.DataObject
) -> None:
    leaves = hashes(200)
    tree = tree_of(leaves)
    old = data.draw(st.integers(1, size))
    proof, roots = tree.consistency(old, size), [tree.root(old), tree.root(size)]
    assert proof == subproof(old, leaves[:size], True)
    assert len(proof) <= ceil(log2(size)) + 1
    check_consistency(old, size, *roots, proof)
    part, bit = data.draw(st.integers(-2, len(proof) - 1)), data.draw(st.integers(0, 255))
    given = [*roots, *proof]
    given[part + 2] = bit_flipped(given[part + 2], bit)
    with pytest.raises(Unproven):
        check_consistency(old, size, given[0], given[1], given[2:])
    for wrong in ([*proof, roots[1]], [roots[0], *proof], *([proof[1:]] * bool(proof))):
        with pytest.raises(Unproven):
            check_consistency(old, size, *roots, wrong)
    other = data.draw(st.integers(-1, 210).filter(lambda n: n != old))
    with pytest.raises(Unproven):
        check_consistency(other, size, tree_of(hashes(max(other, 0))).root(), roots[1], proof)


@few
@given(SIZES, st.data())
def test_a_proof_does_not_hold_for_another_size_of_the_same_log(
    size: int, data: st.DataObject
) -> None:
    """The shape of the path may fit another size; the root of that size never does."""
    tree = tree_of(hashes(200))
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(0, 200).filter(lambda n: n != size))
    proof = tree.inclusion(index, size)
    with pytest.raises(Unproven):
        check_inclusion(tree.node(0, index), index, other, proof, tree.root(other))


def test_a_rewritten_log_is_consistent_with_no_earlier_root() -> None:
    before, after = tree_of(hashes(100)), tree_of([*hashes(40), leaf_hash(b"!"), *hashes(100)])
    for old in range(41, 101):
        proof = after.consistency(old, 140)
        with pytest.raises(Unproven, match=f"does not give the old root, of {old} leaves|new root"):
            check_consistency(old, 140, before.root(old), after.root(140), proof)


def test_the_reasons_are_clear() -> None:
    tree = tree_of(hashes(8))
    leaf, proof, known = tree.node(0, 3), tree.inclusion(3), tree.root()
    for args, said in [
        ((leaf, 8, 8, proof, known), "there is no leaf 8 in a tree of 8"),
        ((leaf, 3, 8, [*proof, leaf], known), "more hashes than leaf 3 of 8"),
        ((leaf, 3, 8, proof[:2], known), "fewer hashes than leaf 3 of 8"),
        ((leaf, 3, 8, [*proof[:2], b""], known), "a hash of 32 bytes has another length"),
        ((leaf, 2, 8, proof, known), "does not lead from leaf 2 to the root of 8 leaves"),
    ]:
        with pytest.raises(Unproven, match=said):
            check_inclusion(*args)
    old, proof = tree.root(6), tree.consistency(6)
    for args, said in [
        ((0, 8, old, known, proof), "nothing proves a tree of 8 to grow from 0"),
        ((9, 8, old, known, proof), "nothing proves a tree of 8 to grow from 9"),
        ((8, 8, old, known, []), "the log has forked"),
        ((8, 8, known, known, proof), "the path should be empty"),
        ((6, 8, old, known, []), "the path from 6 to 8 leaves is empty"),
        ((6, 8, old, known, [*proof, old]), "more hashes than 6 to 8"),
        ((6, 8, old, known, [b"", *proof[1:]]), "a hash of 32 bytes has another length"),
        ((6, 8, b"", known, proof), "a hash of 32 bytes has another length"),
        ((6, 8, old, known, proof[:2]), "fewer hashes than 6 to 8"),
        ((6, 8, known, known, proof), "does not give the old root, of 6 leaves"),
        ((6, 8, old, old, proof), "does not give the new root, of 8 leaves"),
    ]:
        with pytest.raises(Unproven, match=said):
            check_consistency(*args)


@calm
@given(st.integers(0, 90), st.integers(0, 90))
def test_a_tree_resumes_from_its_saved_levels(size: int, more: int) -> None:
    leaves = hashes(size + more)
    saved = tree_of(leaves[:size]).levels
    assert [len(level) for level in saved] == [HASH * (size >> h) for h in range(size.bit_length())]
    tree = Tree(saved)
    tree.check()
    tree.extend(leaves[size:])
    assert tree.levels == tree_of(leaves).levels
    assert Tree(saved).levels == saved, "the saved value is not changed by what came after"


@pytest.mark.parametrize("level", range(4))
def test_levels_that_were_cut_short_are_refused(level: int) -> None:
    whole = tree_of(hashes(14)).levels
    for cut in (1, HASH):
        broken = [*whole[:level], whole[level][:-cut], *whole[level + 1 :]]
        with pytest.raises(InvalidInput, match="the saved levels are not those of a tree of"):
            Tree(broken)
    with pytest.raises(InvalidInput):
        Tree(whole[:level]) if level else Tree([b""])
    with pytest.raises(InvalidInput):
        Tree([*whole, b""])


@calm
@given(st.integers(2, 120), st.data())
def test_any_changed_node_is_found_and_named(size: int, data: st.DataObject) -> None:
    levels = list(tree_of(hashes(size)).levels)
    level = data.draw(st.integers(1, len(levels) - 1))
    place = data.draw(st.integers(0, (size >> level) - 1))
    bit = place * 256 + data.draw(st.integers(0, 255))
    levels[level] = bit_flipped(levels[level], bit)
    with pytest.raises(Unproven, match=f"node {place} of level {level} is not the hash of"):
        Tree(levels).check()


def test_a_changed_leaf_is_found_where_it_has_a_brother() -> None:
    levels = list(tree_of(hashes(13)).levels)
    levels[0] = bit_flipped(levels[0], 7 * 256)
    with pytest.raises(Unproven, match="node 3 of level 1"):
        Tree(levels).check()


@pytest.mark.parametrize("wrong", [b"", b"short", bytes(33)])
def test_what_is_no_hash_is_not_appended(wrong: bytes) -> None:
    tree = tree_of(hashes(3))
    before = tree.levels
    with pytest.raises(InvalidInput, match="a leaf hash has 32 bytes"):
        tree.extend([*hashes(2), wrong])
    with pytest.raises(InvalidInput, match="a leaf hash has 32 bytes"):
        tree.extend([bytes(31), bytes(33)])
    assert tree.levels == before


def test_what_the_tree_does_not_have_is_not_found() -> None:
    tree = tree_of(hashes(5))
    for ask in (
        lambda: tree.root(6),
        lambda: tree.root(-1),
        lambda: tree.inclusion(5),
        lambda: tree.inclusion(-1),
        lambda: tree.inclusion(3, 3),
        lambda: tree.inclusion(0, 6),
        lambda: tree.consistency(0),
        lambda: tree.consistency(4, 3),
        lambda: Tree().inclusion(0),
    ):
        with pytest.raises(NotFound):
            ask()


def test_the_levels_hold_the_tiles_of_the_c2sp_example() -> None:
    """tlog-tiles, "Partial Tiles": what a tree of 70,000 and one of 256 are represented by."""

    def tiles(size: int) -> list[tuple[int, int]]:
        levels = tree_of(hashes(size)).levels[::8]
        return [divmod(len(level) // HASH, 256) for level in levels]

    assert tiles(70_000) == [(273, 112), (1, 17), (0, 1)]
    assert tiles(256) == [(1, 0), (0, 1)]


def test_proofs_grow_with_the_logarithm() -> None:
    tree = tree_of(hashes(70_000))
    for size, most in [(10, 4), (100, 7), (1000, 10), (10_000, 14), (70_000, 17)]:
        assert max(len(tree.inclusion(i, size)) for i in range(0, size, 7)) == most
        assert max(len(tree.consistency(i, size)) for i in range(1, size, 7)) <= most + 1


def test_an_old_root_is_read_from_few_nodes() -> None:
    """A store gives nodes one by one: a proof asks for O(log n) of them, not for the leaves."""
    tree, asked = tree_of(hashes(70_000)), []

    def nodes(level: int, place: int) -> bytes:
        asked.append((level, place))
        return tree.node(level, place)

    assert merkle.root(nodes, 65_535) == tree.root(65_535)
    assert len(asked) == 16
    merkle.inclusion(nodes, 40_000, 69_999)
    merkle.consistency(nodes, 40_001, 69_999)
    assert len(asked) < 16 + 2 * 2 * 17
