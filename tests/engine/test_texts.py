"""The dictionary of texts: as a Python dict would have it, however texts come."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.engine.interning import hash_texts
from habeas.engine.texts import BLOCK, EVERY, NO_TEXT, Texts, bytes_of, hashed
from tests.engine.making import examples

WORDS = st.text(st.characters(codec="utf-8"), max_size=20)
COLUMNS = st.lists(
    st.none() | WORDS | st.sampled_from(["", "a", "ab", "é", "12345678", "123456789"])
)


def plainly(seen: dict[str, int], texts: list[str | None]) -> list[int]:
    return [NO_TEXT if t is None else seen.setdefault(t, len(seen)) for t in texts]


@examples(200)
@given(st.lists(st.tuples(COLUMNS, st.booleans(), st.integers(0, 3)), max_size=6))
def test_codes_are_those_of_a_dict(columns: list[tuple[list[str | None], bool, int]]) -> None:
    texts, seen = Texts(), dict[str, int]()
    for listed, encoded, skipped in columns:
        array = pa.array(listed, pa.string())[skipped:]
        column = pa.chunked_array([array.dictionary_encode() if encoded else array])
        assert texts.codes(column).tolist() == plainly(seen, listed[skipped:])
    for text, code in seen.items():
        assert (texts.find(text), texts.code(text), texts[code]) == (code, code, text)
    assert texts.listed().to_pylist() == list(seen)
    half = len(seen) // 2
    assert texts.listed(half).to_pylist() == list(seen)[half:]


def test_one_by_one_and_many_at_once_share_one_table() -> None:
    texts = Texts()
    made = [f"t{i % 30_000}" for i in range(BLOCK + 5)]
    for text in made[:2000:3]:
        texts.code(text)
    before = {text: texts.find(text) for text in made[:2000:3]}
    codes = texts.codes(pa.chunked_array([pa.array(made)])).tolist()
    assert len(texts) == 30_000
    assert [texts[code] for code in codes] == made
    assert all(texts.find(text) == code for text, code in before.items())
    assert texts.find("never") == NO_TEXT


@examples(200)
@given(st.lists(WORDS, min_size=1))
def test_the_two_hashes_are_one(words: list[str]) -> None:
    ends, letters = bytes_of(pa.array(words))
    found = np.empty(len(words), dtype=np.uint64)
    hash_texts(letters, ends, np.uint64(EVERY), found)
    assert found.tolist() == [hashed(word.encode()) for word in words]


def test_bytes_that_are_no_text_are_refused() -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(np.array([0, 1], np.int32)), pa.py_buffer(b"\xff")]
    )
    with pytest.raises(pa.ArrowInvalid):
        Texts().codes(pa.chunked_array([broken]))
