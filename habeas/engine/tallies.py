"""Counting accounts by combination of up to three attribute values, only where hits have them."""
# The compiled functions have no annotations: numba infers their types.
# mypy: disable-error-code="no-untyped-def, untyped-decorator"

from __future__ import annotations

import numpy as np
from numba import njit

compiled = njit(cache=True, nogil=True)  # threads of Python call these at the same time


@compiled
def count_singles(codes, units, table):
    """Add `units` of each row to `table` at the row's code."""
    for row in range(len(codes)):
        table[codes[row]] += units[row]


@compiled
def pair_up(left, right, width, numbers, pairs):
    """Write into `pairs` the number of each row's pair of codes; 0 is a pair few hits have.
    `numbers` has `width` places for each code of `left`."""
    for row in range(len(left)):
        pairs[row] = numbers[np.int64(left[row]) * width + right[row]]


@compiled
def count_pairs(left, right, width, units, table):
    """Add `units` of each row to `table`, which has `width` places for each code of `left`."""
    for row in range(len(left)):
        table[np.int64(left[row]) * width + right[row]] += units[row]
