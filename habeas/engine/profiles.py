"""Accounts with their attributes, from columns of Arrow to numbers; and what a plan expects of
each account, in whole units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from habeas.core.wave.diagnosis import AttributeValue, LeftOut

MOST_NUMBERS = 1_000  # different decimals or times; with more of them hardly any is shared
UNITS = 2.0**52  # of all accounts together: their sums are exact, as whole numbers and as floats
FLOOR = 0.001  # of all expected hits, spread evenly: no account is expected never to be hit
RARE = 0.01  # below it, that an account can be hit only once changes nothing
CLOSE = 1e-4  # of the hits: how near those expected must come
MOST_STEPS = 100

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Attribute:
    """`codes` has the number of each account's value in `values`."""

    name: str
    codes: NDArray[np.int32]
    values: Sequence[AttributeValue]


def coded(name: str, column: pa.ChunkedArray) -> Attribute | LeftOut:
    """A column as numbers. NULL (and NaN) is a value of its own. What cannot tell accounts
    apart, or tells almost each from all others, is left out."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if not _is_plain(kind):
        return LeftOut.TYPE
    if pa.types.is_null(kind):
        return LeftOut.CONSTANT
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column.cast(kind)), pa.scalar(None, kind), column.cast(kind))
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    whole = column.unify_dictionaries().combine_chunks()
    codes = whole.indices.fill_null(len(whole.dictionary)).to_numpy().astype(np.int32)
    counts = np.bincount(codes)
    if np.count_nonzero(counts) < 2:
        return LeftOut.CONSTANT
    if counts.max() == 1:
        return LeftOut.UNIQUE
    if np.count_nonzero(counts) > MOST_NUMBERS and _is_measure(kind):
        return LeftOut.MEASURE
    return Attribute(name, codes, [*map(_value, whole.dictionary.to_pylist()), None])


def _is_measure(kind: pa.DataType) -> bool:
    """Whether values of this type are near or far from each other, more than the same or not."""
    tests = (pa.types.is_floating, pa.types.is_timestamp, pa.types.is_decimal)
    return any(test(kind) for test in tests)


def _is_plain(kind: pa.DataType) -> bool:
    return _is_measure(kind) or any(
        test(kind)
        for test in (
            pa.types.is_null, pa.types.is_string, pa.types.is_large_string,
            pa.types.is_string_view, pa.types.is_integer, pa.types.is_boolean, pa.types.is_date,
            pa.types.is_time, pa.types.is_duration,
        )
    )  # fmt: skip


def _value(value: object) -> AttributeValue:
    """As JSON can say it: times and decimals as text."""
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def expected_units(weights: Floats | None, accounts: int, hits: int) -> NDArray[np.int64]:
    """What is expected of each account, as parts of all hits. `weights` are probabilities or
    anything in proportion to them; without any, each account is as likely as the next."""
    if weights is None:
        chances = np.full(accounts, 1 / accounts)
    else:
        chances = _chances(weights, hits)
        chances = (1 - FLOOR) * chances / chances.sum() + FLOOR / accounts
    return np.round(chances * UNITS).astype(np.int64)


def _chances(weights: Floats, hits: int) -> Floats:
    """The probability of each account to be among the hits, when accounts are drawn one by one
    in proportion to their weights and none twice: a likely account uses itself up. Weights that
    are probabilities and add up to the hits are taken as they are."""
    total = float(weights.sum())
    drawn: Floats = weights / total
    likeliest = float(drawn.max())
    if likeliest * hits <= RARE or hits >= np.count_nonzero(drawn):
        return drawn
    if float(weights.max()) <= 1 and abs(total - hits) <= 4 * sqrt(hits):
        return weights
    # Newton from below: the sum is concave in the rate, so no step goes too far
    rate = float(hits)
    for _ in range(MOST_STEPS):
        missed = np.exp(-rate * drawn)
        short = hits - float((1 - missed).sum())
        if short < CLOSE * hits:
            break
        rate += short / float((drawn * missed).sum())
    return -np.expm1(-rate * drawn)
