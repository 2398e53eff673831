"""Small made-up waves: accounts with attributes, some of them hit by causes, some by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from habeas.engine.candidates import Crowd
from habeas.engine.excess import Search
from habeas.engine.profiles import expected_units

SIZES = (2, 3, 5, 8, 20, 60)
Where = Mapping[int, int]  # attribute to value


@dataclass(frozen=True)
class Planted:
    codes: list[NDArray[np.int32]]
    weights: NDArray[np.float64]
    hits: NDArray[np.int64]

    def crowd(self) -> Crowd:
        units = expected_units(self.weights, len(self.weights), len(self.hits))
        values = [list(range(int(c.max()) + 1)) for c in self.codes]
        return Crowd(self.codes, values, units, self.hits)

    def causes(self) -> list[dict[int, int]]:
        """What the search finds, as attribute to value."""
        search = Search(self.crowd())
        values = search.candidates.values
        return [{a: int(values[a][b]) for a, b in one.pattern} for one in search.causes()]


def rows_of(codes: Sequence[NDArray[np.int32]], where: Where) -> NDArray[np.bool_]:
    return np.logical_and.reduce([codes[a] == v for a, v in where.items()])


def plant(
    seed: int,
    causes: Sequence[tuple[Where, int]] = (),
    background: int = 200,
    accounts: int = 20_000,
    weighed: bool = False,
    by_heads: bool = True,
) -> Planted:
    """A wave with so many hits of each cause. The second attribute mostly follows the third."""
    rng = np.random.default_rng(seed)
    codes = []
    for size in SIZES:
        odds = np.arange(1, size + 1) ** -0.7
        codes.append(rng.choice(size, accounts, p=odds / odds.sum()).astype(np.int32))
    codes[1] = np.where(rng.random(accounts) < 0.8, codes[2] % 3, codes[1]).astype(np.int32)
    weights = np.ones(accounts)
    if weighed:
        for number in (0, 3, 4):
            weights *= np.exp(rng.normal(0, 0.8, SIZES[number]))[codes[number]]
    hit = np.zeros(accounts, bool)
    for where, count in causes:
        own = np.flatnonzero(rows_of(codes, where) & ~hit)
        odds = np.ones(len(own)) if by_heads else weights[own]
        hit[rng.choice(own, count, replace=False, p=odds / odds.sum())] = True
    free = np.flatnonzero(~hit)
    odds = weights[free] / weights[free].sum()
    hit[rng.choice(free, background, replace=False, p=odds)] = True
    return Planted(codes, weights, np.flatnonzero(hit))
