"""A dictionary of texts: code by text and text by code, as bytes in a row and not as objects, since
a log has millions. Codes are given in the order in which texts first come."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

NO_TEXT = -1
FEWEST = 1 << 10
BLOCK = 1 << 16  # texts for which there is room before they are looked at
EVERY = 2**64 - 1
Codes = npt.NDArray[np.int32]


class Texts:
    """`letters[ends[code] : ends[code + 1]]` are the bytes of a text in UTF-8."""

    def __init__(self) -> None:
        self.size = 0
        self.letters = np.zeros(16 * FEWEST, dtype=np.uint8)
        self.ends = np.zeros(FEWEST + 1, dtype=np.int64)
        self.hashes = np.zeros(FEWEST, dtype=np.uint64)
        self.table = np.full(2 * FEWEST, NO_TEXT, dtype=np.int32)

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, code: int) -> str:
        return bytes(self.letters[self.ends[code] : self.ends[code + 1]]).decode()

    def find(self, text: str) -> int:
        """The code of `text`, or NO_TEXT where it has none."""
        return int(self.table[self._place(text.encode())])

    def code(self, text: str) -> int:
        """The code of `text`, made if it is new."""
        own = text.encode()
        self._make_room(1, len(own))
        place = self._place(own)
        if self.table[place] == NO_TEXT:
            start = int(self.ends[self.size])
            self.letters[start : start + len(own)] = np.frombuffer(own, dtype=np.uint8)
            self.ends[self.size + 1] = start + len(own)
            self.hashes[self.size], self.table[place] = hashed(own), self.size
            self.size += 1
        return int(self.table[place])

    def _place(self, own: bytes) -> int:
        """Where the table has a text, or would have it."""
        mask, wanted = len(self.table) - 1, hashed(own)
        place = wanted & mask
        while (code := int(self.table[place])) != NO_TEXT:
            first, last = self.ends[code], self.ends[code + 1]
            if self.hashes[code] == wanted and bytes(self.letters[first:last]) == own:
                break
            place = (place + 1) & mask
        return place

    def codes(self, column: pa.ChunkedArray) -> Codes:
        """The codes of a column of texts, plain or as a dictionary, made where they are new;
        NO_TEXT where it has none."""
        found = np.empty(len(column), dtype=np.int32)
        start = 0
        for chunk in column.chunks:
            if pa.types.is_dictionary(chunk.type):
                own = np.append(self._interned(chunk.dictionary), np.int32(NO_TEXT))
                local = chunk.indices.fill_null(-1).to_numpy(zero_copy_only=False)
                found[start : start + len(chunk)] = own[local]  # -1 is the last
            else:
                found[start : start + len(chunk)] = self._interned(chunk)
            start += len(chunk)
        return found

    def _interned(self, texts: pa.Array) -> Codes:
        from habeas.engine.interning import hash_texts, intern  # numba takes half a second to load

        found = np.empty(len(texts), dtype=np.int32)
        if not len(texts):
            return found
        texts.validate(full=True)  # what a file calls text may be none, and is never read as one
        known = pc.is_valid(texts).to_numpy(zero_copy_only=False)
        ends, letters = bytes_of(texts)
        hashes = np.empty(len(texts), dtype=np.uint64)
        hash_texts(letters, ends, np.uint64(EVERY), hashes)
        for start in range(0, len(texts), BLOCK):
            stop = min(start + BLOCK, len(texts))
            self._make_room(stop - start, int(ends[stop] - ends[start]))
            self.size, _ = intern(
                letters, ends[start : stop + 1], hashes[start:stop], known[start:stop], self.size,
                self.letters, self.ends, self.hashes, self.table, found[start:stop],
            )  # fmt: skip
        return found

    def _make_room(self, count: int, letters: int) -> None:
        """For so many texts more, of so many bytes. The table gets no more than half full."""
        wanted, used = self.size + count, int(self.ends[self.size])
        if len(self.letters) < used + letters:
            larger = np.zeros(2 * (used + letters), dtype=np.uint8)
            larger[:used] = self.letters[:used]
            self.letters = larger
        if len(self.hashes) < wanted:
            ends, hashes = self.ends[: self.size + 1], self.hashes[: self.size]
            self.ends = np.zeros(2 * wanted + 1, dtype=np.int64)
            self.hashes = np.zeros(2 * wanted, dtype=np.uint64)
            self.ends[: self.size + 1], self.hashes[: self.size] = ends, hashes
        if len(self.table) < 2 * wanted:
            from habeas.engine.interning import fill

            self.table = np.full(1 << (4 * wanted - 1).bit_length(), NO_TEXT, dtype=np.int32)
            fill(self.hashes, self.size, self.table)

    def listed(self, start: int = 0) -> pa.Array:
        """The texts from code `start` on."""
        first, last = int(self.ends[start]), int(self.ends[self.size])
        ends = self.ends[start : self.size + 1] - first
        letters = self.letters[first:last].copy()
        buffers = [None, pa.py_buffer(ends), pa.py_buffer(letters)]
        return pa.Array.from_buffers(pa.large_string(), self.size - start, buffers)


def hashed(own: bytes) -> int:
    """`interning.hash_text` in plain Python, for a text now and then."""
    mixed = len(own) ^ 0x9E3779B97F4A7C15
    for start in range(0, len(own), 8):
        word = int.from_bytes(own[start : start + 8], "little")
        mixed = ((mixed ^ word) * 0xFF51AFD7ED558CCD) & EVERY
        mixed ^= mixed >> 32
    mixed = (mixed * 0xC4CEB9FE1A85EC53) & EVERY
    return mixed ^ (mixed >> 29)


def bytes_of(texts: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Where each text of an Arrow array starts and ends, and the bytes of all."""
    whole = texts.cast(pa.large_string()) if pa.types.is_string(texts.type) else texts
    _, offsets, data = whole.buffers()
    ends = np.frombuffer(offsets, dtype=np.int64)[whole.offset : whole.offset + len(whole) + 1]
    return ends, np.frombuffer(data, dtype=np.uint8) if data else np.zeros(0, dtype=np.uint8)
