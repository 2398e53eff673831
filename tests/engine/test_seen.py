"""The ids seen: the same answers as a Python set, also where the bits of ids are the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.engine.columns import Array
from habeas.engine.seen import EVERY_BIT, FEWEST, SeenIds
from tests.engine.making import examples

LONG = "x" * 300
ODD = ["", "a", "b", "é", "\0", "\0\0", "a\0", LONG, LONG + "1", LONG + "2", "1" + LONG]
IDS = (
    st.sampled_from(ODD)
    | st.integers(0, 40).map(lambda n: f"event {n}")
    | st.integers(0, 9).map(lambda n: f"12345678{n}")
    | st.text(max_size=20)
)
BATCHES = st.lists(st.lists(IDS, max_size=25), max_size=6)
KEEPS = st.sampled_from([0, 1, 3, 15, EVERY_BIT, EVERY_BIT << 60 & EVERY_BIT])


class Plain:
    """Ids in a list: what a log would say of rows, and a set of all there are."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.known: set[str] = set()

    def ids(self, rows: Sequence[int]) -> list[str]:
        return [self.rows[row] for row in rows]

    def add(self, ids: Sequence[str]) -> list[bool]:
        fresh = []
        for one in ids:
            fresh.append(one not in self.known)
            self.known.add(one)
            if fresh[-1]:
                self.rows.append(one)
        return fresh


def column(ids: Sequence[str], kind: int) -> pa.Array:
    """Ids as Arrow may bring them: long or short offsets, whole or a slice of others."""
    if kind < 2:
        return pa.array(ids, pa.large_string() if kind else pa.string())
    around = pa.array(
        ["before", *ids, "after", "behind"], [pa.string(), pa.large_string()][kind % 2]
    )
    return around.slice(1, len(ids))


def restored(seen: SeenIds, plain: Plain, keep: int) -> SeenIds:
    again = SeenIds(plain.ids, keep)
    again.restore({name: array.copy() for name, array in seen.saved().items()})
    assert again.count == seen.count
    return again


@examples(300)
@given(batches=BATCHES, keep=KEEPS, seed=st.randoms(use_true_random=False))
def test_what_is_new_is_what_a_set_says(batches: list[list[str]], keep: int, seed: Any) -> None:
    plain = Plain()
    seen = SeenIds(plain.ids, keep)
    for ids in batches:
        given_ids = column(ids, seed.choice(range(4)))
        found = seen.add(given_ids)  # asks only for ids of earlier batches
        assert found.tolist() == plain.add(ids)
        assert seen.count == len(plain.rows)
        if seed.random() < 0.4:
            seen = restored(seen, plain, keep)


@pytest.mark.parametrize("keep", [EVERY_BIT, 255])
def test_it_grows(keep: int) -> None:
    plain = Plain()
    seen = SeenIds(plain.ids, keep)
    total = 3 * FEWEST if keep == EVERY_BIT else 700
    for start in range(0, total, total // 5):
        ids = [f"e{n}" for n in range(start, start + total // 5)]
        again = [f"e{n}" for n in range(0, start, 7)]
        assert seen.add(pa.array(ids + again)).tolist() == plain.add(ids + again)
        seen = restored(seen, plain, keep)
    assert seen.add(pa.array(plain.rows)).sum() == 0
    assert len(seen.table) >= 2 * seen.count or keep != EVERY_BIT


def test_growth_keeps_ids_with_the_bits_of_another() -> None:
    plain = Plain()
    seen = SeenIds(plain.ids, 15)
    few = [f"e{n}" for n in range(40)]
    assert seen.add(pa.array(few)).tolist() == plain.add(few)
    seen._make_room(3 * FEWEST)  # the table is made anew, with rows of the same bits in it
    assert seen.add(pa.array(few)).sum() == 0
    more = [f"f{n}" for n in range(40)]
    assert seen.add(pa.array(more + few)).tolist() == plain.add(more + few)


def test_ids_that_differ_late_or_in_length_have_bits_of_their_own() -> None:
    bases = ["", "a", "12345678", "1234567", LONG]
    ids = [base + end for base in bases for end in ("", "\0", "\0\0", "1", "12")]
    ids += ["y" * n for n in range(1, 40)]
    seen = SeenIds(Plain().ids)
    assert seen.add(pa.array(ids)).all()
    assert not seen.alike
    assert len(np.unique(seen.hashes[: seen.count])) == len(ids)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_no_ids_are_no_news(kind: pa.DataType) -> None:
    seen = SeenIds(Plain().ids)
    none: Array = seen.add(pa.array([], kind))
    assert none.tolist() == []
    assert seen.add(pa.array(["", ""], kind)).tolist() == [True, False]
    assert seen.add(pa.array(["a", "b"], kind).slice(2)).tolist() == []
    assert restored(SeenIds(Plain().ids), Plain(), EVERY_BIT).add(pa.array(["a"])).all()
