"""Hits and population from files: joined by account, or one clear sentence why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from habeas.core.errors import HabeasError, InvalidInput, NotFound
from habeas.core.wave.diagnosis import LeftOut
from habeas.ports.populations import WavePopulation, read_wave

EVERYONE: dict[str, list[Any]] = {
    "account": ["a", "b", "c", "d"],
    "version": ["v1", "v2", "v1", None],
    "new": [True, False, False, True],
    "due": [0.1, 0.2, 0.0, 0.3],
}
HIT: dict[str, list[Any]] = {"account": ["d", "b"], "version": [None, "v2"], "new": [True, False]}


def read(
    folder: Path, hit: dict[str, Any] = HIT, everyone: dict[str, Any] = EVERYONE,
    weights: str | None = None,
) -> WavePopulation:  # fmt: skip
    pq.write_table(pa.table(hit), folder / "hits.parquet")
    pq.write_table(pa.table(everyone), folder / "all.parquet")
    return read_wave(folder / "hits.parquet", folder / "all.parquet", weights)


def test_each_hit_is_found_in_the_population(tmp_path: Path) -> None:
    found = read(tmp_path, weights="due")
    assert [a.name for a in found.attributes] == ["version", "new"]
    assert found.hits.tolist() == [1, 3]
    assert (found.accounts, found.repeated, found.left_out) == (4, 0, {})
    assert found.weights is not None
    assert found.weights.tolist() == EVERYONE["due"]


def test_an_account_hit_twice_counts_once(tmp_path: Path) -> None:
    twice = {name: [*values, values[0]] for name, values in HIT.items()}
    found = read(tmp_path, twice)
    assert (found.hits.tolist(), found.repeated) == ([1, 3], 1)


def test_hits_that_are_accounts_only_have_the_attributes_of_the_population(tmp_path: Path) -> None:
    found = read(tmp_path, {"account": ["b"]}, weights="due")
    assert [a.name for a in found.attributes] == ["version", "new"]


def test_what_only_one_file_has_is_left_out_and_told(tmp_path: Path) -> None:
    found = read(tmp_path, {**HIT, "hit_time": [5, 6]})
    assert found.left_out == {"hit_time": LeftOut.ONE_FILE, "due": LeftOut.ONE_FILE}


def test_one_value_for_each_account_or_one_for_all_is_left_out_and_told(tmp_path: Path) -> None:
    own = {"email": ["p", "q", "r", "s"], "shop": ["x"] * 4, "tags": [["t"]] * 4}
    hit = {"email": ["s", "q"], "shop": ["x"] * 2, "tags": [["t"]] * 2}
    assert read(tmp_path, HIT | hit, EVERYONE | own).left_out == {
        "due": LeftOut.ONE_FILE, "email": LeftOut.UNIQUE, "shop": LeftOut.CONSTANT,
        "tags": LeftOut.TYPE,
    }  # fmt: skip


@pytest.mark.parametrize("kind", [pa.int32(), pa.string(), pa.dictionary(pa.int8(), pa.string())])
def test_accounts_are_the_same_whatever_their_type(tmp_path: Path, kind: pa.DataType) -> None:
    hit = {"account": pa.array(["4", "2"]).cast(kind), "version": [None, "v2"]}
    everyone = {**EVERYONE, "account": pa.array([1, 2, 3, 4])}
    assert read(tmp_path, hit, everyone).hits.tolist() == [1, 3]


def test_the_same_values_in_another_type_are_the_same(tmp_path: Path) -> None:
    """pandas writes whole numbers with a gap among them as decimals."""
    everyone = {**EVERYONE, "size": [1.0, 2.0, float("nan"), float("nan")]}
    hit = {**HIT, "size": pa.array([None, 2])}
    names = [a.name for a in read(tmp_path, hit, everyone).attributes]
    assert names == ["version", "new", "size"]


def changed(columns: dict[str, list[Any]], **others: Any) -> dict[str, Any]:
    made = {**columns, **others}
    return {name: values for name, values in made.items() if values is not None}


BAD: dict[str, tuple[dict[str, Any], dict[str, Any], type[HabeasError], str]] = {
    "no hits": (
        {name: pa.array([], pa.string()) for name in HIT}, EVERYONE, InvalidInput, "has no row",
    ),
    "no account": (
        changed(HIT, account=None), EVERYONE, InvalidInput, "has no column `account`",
    ),
    "null account": (
        changed(HIT, account=["d", None]), EVERYONE, InvalidInput, "rows without an account",
    ),
    "odd account": (
        changed(HIT, account=[1.5, 2.5]), EVERYONE, InvalidInput, "is double, no text or integer",
    ),
    "elsewhere": (
        changed(HIT, account=["d", "z"]), EVERYONE, NotFound,
        "1 of the hit accounts, 'z' for one, are not in the population",
    ),
    "empty population": (
        HIT, {n: pa.array([], pa.string()) for n in EVERYONE}, NotFound, "2 of the hit accounts",
    ),
    "twice": (
        HIT, changed(EVERYONE, account=["a", "b", "b", "d"]), InvalidInput,
        "account 'b' is 2 times in the population",
    ),
    "differing": (
        changed(HIT, version=["v9", "v2"]), EVERYONE, InvalidInput,
        "`version` of account 'd' is v9 among the hits and None in the population",
    ),
    "other type": (
        changed(HIT, new=["maybe", "never"]), EVERYONE, InvalidInput,
        "the attribute `new` is string among the hits and bool in the population",
    ),
    "nothing shared": (
        {"account": ["d"], "shop": ["x"]}, EVERYONE, InvalidInput, "no attribute of",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_compared_is_said_in_a_sentence(tmp_path: Path, name: str) -> None:
    hit, everyone, error, said = BAD[name]
    with pytest.raises(error, match=said) as caught:
        read(tmp_path, hit, everyone)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("values", "error", "said"),
    [
        ([0.1, -0.2, 0.1, 0.1], InvalidInput, "of account 'b' is -0.2"),
        ([0.1, 0.2, float("nan"), 0.1], InvalidInput, "of account 'c' is nan"),
        ([0.1, 0.2, float("inf"), 0.1], InvalidInput, "of account 'c' is inf"),
        ([None, 0.2, 0.1, 0.1], InvalidInput, "of account 'a' is None"),
        ([0, 0, 0, 0], InvalidInput, "so no hit is expected of anyone"),
        (["x", "y", "x", "y"], InvalidInput, "are string, not numbers"),
        (None, NotFound, "has no column `due` of weights"),
    ],
)
def test_weights_must_be_numbers_of_0_or_more(
    tmp_path: Path, values: list[Any] | None, error: type[HabeasError], said: str
) -> None:
    with pytest.raises(error, match=said):
        read(tmp_path, HIT, changed(EVERYONE, due=values), weights="due")


@pytest.mark.parametrize("name", ["hits.parquet", "all.parquet"])
@pytest.mark.parametrize("damage", ["absent", "empty", "cut", "scratched"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, damage: str) -> None:
    read(tmp_path)
    path = tmp_path / name
    whole = path.read_bytes()
    match damage:
        case "absent":
            path.unlink()
        case "empty":
            path.write_bytes(b"")
        case "cut":
            path.write_bytes(whole[: len(whole) // 2])
        case _:
            path.write_bytes(whole[:4] + b"\xff" * 40 + whole[44:])
    with pytest.raises((InvalidInput, NotFound), match=name):
        read_wave(tmp_path / "hits.parquet", tmp_path / "all.parquet", None)


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    columns = [pa.array(["b"]), pa.array(["v2"]), pa.array(["v2"])]
    path = tmp_path / "twice.parquet"
    pq.write_table(pa.Table.from_arrays(columns, ["account", "version", "version"]), path)
    with pytest.raises(InvalidInput, match="has two columns `version`"):
        read_wave(path, path, None)
