"""Compiled: 64 bits of each text, and tables that find a text, or the row that has it, by them."""
# The compiled functions have no annotations: numba infers their types.
# mypy: disable-error-code="no-untyped-def, no-untyped-call, untyped-decorator, misc"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

NONE = -1
TOUCHED = 256  # texts
compiled: Any = njit(cache=True, nogil=True, _nrt=False)  # type: ignore[call-overload]


@compiled
def hash_text(data, start, end):
    """64 bits of a text: its bytes eight at a time, multiplied and folded (as in wyhash). Texts
    of one hash are told apart by their bytes. `texts.hashed` is the same in plain Python."""
    mixed = np.uint64(end - start) ^ np.uint64(0x9E3779B97F4A7C15)
    while start < end:
        word = np.uint64(0)
        for k in range(min(8, end - start)):
            word |= np.uint64(data[start + k]) << np.uint64(8 * k)
        mixed = (mixed ^ word) * np.uint64(0xFF51AFD7ED558CCD)
        mixed ^= mixed >> np.uint64(32)
        start += 8
    mixed *= np.uint64(0xC4CEB9FE1A85EC53)
    return mixed ^ (mixed >> np.uint64(29))


@compiled
def hash_texts(data, offsets, keep, out):
    """The bits `keep` of the hash of each text."""
    for i in range(len(offsets) - 1):
        out[i] = hash_text(data, offsets[i], offsets[i + 1]) & keep


@compiled
def look_up(found, hashes, count, table, earlier):
    """For each hash of `found` the row that has it already, or NONE: then it is given the next
    row, from `count` on, and put into the table. Returns how many rows there are now."""
    mask = np.uint64(len(table) - 1)
    for i in range(len(found)):
        place = found[i] & mask
        while table[place] != NONE and hashes[table[place]] != found[i]:
            place = (place + np.uint64(1)) & mask
        earlier[i] = table[place]
        if table[place] == NONE:
            table[place], hashes[count] = count, found[i]
            count += 1
    return count


@compiled
def intern(data, offsets, found, known, size, letters, ends, hashes, table, out):
    """The code of each text where it is known, NONE elsewhere; new texts get the next codes, from
    `size` on, and their bytes are added to `letters`. `found` are the hashes of the texts. Returns
    how many texts there are now, and a number of no use."""
    mask = np.uint64(len(table) - 1)
    touched = np.int64(0)
    for i in range(len(found)):
        if i % TOUCHED == 0:
            touched += _touch(found[i : i + TOUCHED], letters, ends, hashes, table)
        out[i] = NONE
        if not known[i]:
            continue
        start, end, own = offsets[i], offsets[i + 1], found[i]
        place = own & mask
        while True:
            code = table[place]
            if code == NONE:
                break
            if hashes[code] == own and _is(data, start, end, letters, ends[code], ends[code + 1]):
                break
            place = (place + np.uint64(1)) & mask
        if code == NONE:
            code = size
            table[place], hashes[code] = code, own
            ends[code + 1] = ends[code] + (end - start)
            for k in range(end - start):
                letters[ends[code] + k] = data[start + k]
            size += 1
        out[i] = code
    return size, touched


@compiled
def _touch(found, letters, ends, hashes, table):
    """Read what will be read for the next texts, each step for all of them: the processor then
    waits for many places of the memory at once, and not for one after the other, which is three
    times as long. The sum keeps the reading from being left out."""
    mask = np.uint64(len(table) - 1)
    total = np.int64(0)
    for own in found:
        code = table[own & mask]
        if code != NONE:
            total += np.int64(hashes[code]) + ends[code]
    for own in found:
        code = table[own & mask]
        if code != NONE:
            total += letters[ends[code]]
    return total


@compiled
def _is(data, start, end, letters, first, last):
    if end - start != last - first:
        return False
    for k in range(end - start):  # noqa: SIM110 - compiled, a loop is quicker than a generator
        if data[start + k] != letters[first + k]:
            return False
    return True


@compiled
def fill(hashes, count, table):
    """Put the rows below `count` into an empty table, whatever their hashes."""
    mask = np.uint64(len(table) - 1)
    for row in range(count):
        place = hashes[row] & mask
        while table[place] != NONE:
            place = (place + np.uint64(1)) & mask
        table[place] = row
