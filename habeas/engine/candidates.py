"""The combinations of attribute values that enough hit accounts have, and sums over accounts by
combination.

Of one set of attributes at most two hundred combinations can have enough hits. So a value of an
attribute, and a pair of values, is a byte; whatever has too few hits is 0. Counting three
attributes of a million accounts is then one pass over two columns of bytes, into a table that
stays in the nearest memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from habeas.core.wave.diagnosis import AttributeValue, least_hits, price
from habeas.engine.tallies import count_pairs, count_singles, pair_up

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Pattern = tuple[tuple[int, int], ...]  # (attribute, byte) of each condition, by attribute
WORKERS = 2
NOTHING = 255  # in place of a condition that a pattern does not have


@dataclass(frozen=True, slots=True)
class Crowd:
    """All accounts of a population, as numbers.

    `codes` has one array an attribute, of the number of each account's value in `values`; `units`
    what the plan expects of each account, as parts of `sum(units)`: whole numbers, so that sums do
    not depend on the order of accounts; `hits` the rows of the hit accounts.
    """

    codes: Sequence[NDArray[np.int32]]
    values: Sequence[Sequence[AttributeValue]]
    units: Ints
    hits: Ints


@dataclass(slots=True)
class Triple:
    third: int
    cells: Ints  # in a table of pairs by values of the third attribute
    start: int


@dataclass(slots=True)
class Pair:
    first: int
    second: int
    numbers: Bytes
    count: int  # pairs of values with enough hits; their numbers are 1 to count
    start: int
    triples: list[Triple] = field(default_factory=list)


class Candidates:
    """Candidates lie in a row: single values, then by pair of attributes the pairs of values and
    all that begins with them. `conditions` has for each up to three rows of (attribute, byte)."""

    def __init__(self, crowd: Crowd) -> None:
        self.least = least_hits(len(crowd.hits))
        self.values: list[Ints] = []  # of each attribute, by byte: the number of the value, or -1
        self.columns: list[Bytes] = []
        self.choices: list[int] = []  # values that an attribute could have been blamed for
        for codes, values in zip(crowd.codes, crowd.values, strict=True):
            self._add_attribute(codes, values, crowd.hits)
        self._hit = [column[crowd.hits] for column in self.columns]
        self._once = np.ones(len(crowd.hits), np.int64)
        self._made: list[Pattern] = []
        self.pairs = list(self._make_pairs())
        self.conditions = np.full((len(self._made), 3, 2), NOTHING, np.uint8)
        for index, pattern in enumerate(self._made):
            self.conditions[index, : len(pattern)] = pattern
        self.orders = np.array([len(pattern) for pattern in self._made], np.int64)
        self.prices = np.array([self.price(pattern) for pattern in self._made])
        self.hits = self.sums(self._hit, self._once)

    def __len__(self) -> int:
        return len(self._made)

    def pattern(self, index: int) -> Pattern:
        return self._made[index]

    def index(self, pattern: Pattern) -> int:
        return int((self.having(pattern) & (self.orders == len(pattern))).argmax())

    def price(self, pattern: Pattern) -> float:
        return price(len(self.columns), (self.choices[a] for a, _ in pattern))

    def _add_attribute(
        self, codes: NDArray[np.int32], values: Sequence[AttributeValue], hits: Ints
    ) -> None:
        enough = np.flatnonzero(np.bincount(codes[hits], minlength=len(values)) >= self.least)
        # in an order that does not depend on that of the accounts
        frequent = np.array(sorted(enough.tolist(), key=lambda n: repr(values[n])), np.int64)
        bytes_of = np.zeros(len(values), np.uint8)
        bytes_of[frequent] = np.arange(1, len(frequent) + 1)
        self.columns.append(bytes_of[codes])
        self.values.append(np.concatenate([[-1], frequent]))
        self.choices.append(max(1, int((np.bincount(codes) >= self.least).sum())))

    def _make_pairs(self) -> Iterator[Pair]:
        for a, values in enumerate(self.values):
            self._made += [((a, byte),) for byte in range(1, len(values))]
        for a, b in combinations(range(len(self.columns)), 2):
            width = len(self.values[b])
            counts = np.zeros(len(self.values[a]) * width, np.int64)
            count_pairs(self._hit[a], self._hit[b], width, self._once, counts)
            cells = self._enough(counts, width)
            if not len(cells):
                continue
            numbers = np.zeros(len(counts), np.uint8)
            numbers[cells] = np.arange(1, len(cells) + 1)
            pair = Pair(a, b, numbers, len(cells), len(self._made))
            found = [((a, int(c) // width), (b, int(c) % width)) for c in cells]
            self._made += found
            self._add_triples(pair, found)
            yield pair

    def _add_triples(self, pair: Pair, found: Sequence[Pattern]) -> None:
        pairs = np.empty(len(self._once), np.uint8)
        width = len(self.values[pair.second])
        pair_up(self._hit[pair.first], self._hit[pair.second], width, pair.numbers, pairs)
        for c in range(pair.second + 1, len(self.columns)):
            width = len(self.values[c])
            counts = np.zeros((pair.count + 1) * width, np.int64)
            count_pairs(pairs, self._hit[c], width, self._once, counts)
            cells = self._enough(counts, width)
            if len(cells):
                pair.triples.append(Triple(c, cells, len(self._made)))
                self._made += [(*found[i // width - 1], (c, i % width)) for i in cells.tolist()]

    def _enough(self, counts: Ints, width: int) -> Ints:
        """Cells with enough hits, those left out where either code is 0."""
        enough = counts.reshape(-1, width) >= self.least
        enough[0, :] = enough[:, 0] = False
        return np.flatnonzero(enough)

    def sums(self, columns: Sequence[Bytes], units: Ints) -> Ints:
        """The sum of `units` over the accounts of each candidate; `columns` are the bytes of the
        same accounts."""
        found = np.zeros(len(self), np.int64)
        start = 0
        for column, values in zip(columns, self.values, strict=True):
            table = np.zeros(len(values), np.int64)
            count_singles(column, units, table)
            found[start : start + len(table) - 1] = table[1:]
            start += len(table) - 1
        with ThreadPoolExecutor(WORKERS) as pool:  # each pair writes to places of its own
            sums = [pool.submit(self._sum_pair, p, columns, units, found) for p in self.pairs]
            for one in sums:
                one.result()
        return found

    def _sum_pair(self, pair: Pair, columns: Sequence[Bytes], units: Ints, found: Ints) -> None:
        width = len(self.values[pair.second])
        pairs = np.empty(len(units), np.uint8)
        pair_up(columns[pair.first], columns[pair.second], width, pair.numbers, pairs)
        table = np.zeros(pair.count + 1, np.int64)
        count_singles(pairs, units, table)
        found[pair.start : pair.start + pair.count] = table[1:]
        for triple in pair.triples:
            width = len(self.values[triple.third])
            table = np.zeros((pair.count + 1) * width, np.int64)
            count_pairs(pairs, columns[triple.third], width, units, table)
            found[triple.start : triple.start + len(triple.cells)] = table[triple.cells]

    def having(self, pattern: Pattern) -> Mask:
        """Which candidates have all conditions of a pattern."""
        keep = np.ones(len(self), bool)
        for attribute, byte in pattern:
            same = (self.conditions[:, :, 0] == attribute) & (self.conditions[:, :, 1] == byte)
            keep &= same.any(axis=1)
        return keep

    def rows(self, pattern: Pattern) -> Mask:
        """Which accounts have all conditions of a pattern."""
        keep = np.ones(len(self.columns[0]), bool)
        for attribute, byte in pattern:
            keep &= self.columns[attribute] == byte
        return keep
