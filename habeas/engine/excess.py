"""The search for what hit accounts share: causes one by one, each in what the others leave.

What the plan expects of every candidate is summed over the whole population once. From then on
only the accounts that a cause covers are summed again, to be taken off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from habeas.core.diagnosis import ALPHA, DECISIVE, MOST_CAUSES, MOST_CONDITIONS, Cell, Counted, beside_others, says_as_much
from habeas.engine.candidates import Candidates, Crowd, Ints, Mask, Pattern

CHILDREN = 24  # the most promising refinements of a pattern, which are looked at closely
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rest:
    """What some causes leave: the accounts they do not cover, and sums over these by candidate."""

    rows: Mask
    hits: Ints
    units: Ints
    all_hits: int
    all_units: int

    def counted(self, index: int) -> Counted:
        return Counted(int(self.hits[index]), int(self.units[index]) / self.all_units)

    def evidence(self) -> Floats:
        """`core.diagnosis.evidence` of every candidate at once."""
        if not self.all_hits or not self.all_units:
            return np.zeros(len(self.hits))
        seen, due = self.hits / self.all_hits, self.units / self.all_units
        with np.errstate(divide="ignore", invalid="ignore"):
            inside = np.where(seen > 0, seen * np.log(seen / due), 0.0)
            outside = np.where(seen < 1, (1 - seen) * np.log((1 - seen) / (1 - due)), 0.0)
        return np.where(seen > due, self.all_hits * (inside + outside), 0.0)


@dataclass(frozen=True, slots=True)
class Found:
    pattern: Pattern
    log_p: float


class Search:
    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.candidates = Candidates(crowd)
        self.hit = np.zeros(len(crowd.units), bool)
        self.hit[crowd.hits] = True
        self.weighed = bool(len(crowd.units)) and crowd.units.min() != crowd.units.max()

    def causes(self) -> list[Found]:
        """Most certain first."""
        found = list(self._explain(self._all(), MOST_CAUSES, True))
        return sorted(self._settled(found), key=lambda one: one.log_p)

    def _all(self) -> Rest:
        return self._sums(np.ones(len(self.crowd.units), bool))

    def _sums(self, rows: Mask) -> Rest:
        units = self.crowd.units if rows.all() else self.crowd.units[rows]
        columns = [c if rows.all() else c[rows] for c in self.candidates.columns]
        hit_rows = rows & self.hit
        own = [c[hit_rows] for c in self.candidates.columns]
        once = np.ones(int(hit_rows.sum()), np.int64)
        return Rest(
            rows,
            self.candidates.sums(own, once),
            self.candidates.sums(columns, units),
            len(once),
            int(units.sum()),
        )

    def _without(self, rest: Rest, covered: Mask) -> Rest:
        off = self._sums(rest.rows & covered)
        return Rest(
            rest.rows & ~covered,
            rest.hits - off.hits,
            rest.units - off.units,
            rest.all_hits - off.all_hits,
            rest.all_units - off.all_units,
        )

    def _explain(self, rest: Rest, most: int, look_ahead: bool) -> Iterator[Found]:
        """Causes one after the other. Where a first cause can be read in two ways, that reading
        is taken with which all causes together say most."""
        for left in range(most, 0, -1):
            readings = self._readings(rest)
            if not readings:
                return
            chosen = readings[0]
            if look_ahead and len(readings) > 1:
                chosen = max(readings, key=lambda one: self._worth(one, rest, left))
            yield chosen
            rest = self._without(rest, self.candidates.rows(chosen.pattern))

    def _worth(self, first: Found, rest: Rest, most: int) -> float:
        after = self._without(rest, self.candidates.rows(first.pattern))
        return -first.log_p - sum(f.log_p for f in self._explain(after, most - 1, False))

    def _readings(self, rest: Rest) -> list[Found]:
        """The most certain pattern, made as general as it can be; and where that is hit unevenly,
        the part of it that stands out."""
        scores = rest.evidence() - self.candidates.prices
        scores[rest.hits < self.candidates.least] = -np.inf
        if not len(scores) or (top := int(scores.argmax())) < 0 or scores[top] < -np.log(ALPHA):
            return []
        wide = self._generalised(rest, top, scores)
        found = [wide]
        narrow = self._specialised(rest, wide)
        if narrow != wide:
            found.append(narrow)
        return [Found(self.candidates.pattern(i), -float(scores[i])) for i in found]

    def _generalised(self, rest: Rest, index: int, scores: Floats) -> int:
        pattern = self.candidates.pattern(index)
        for size in range(1, len(pattern)):
            fitting = [
                wide
                for wide in map(self._index, combinations(pattern, size))
                if self._even(rest, wide, index)
            ]
            if fitting:
                return max(fitting, key=lambda i: scores[i])
        return index

    def _index(self, pattern: Pattern) -> int:
        places = self.candidates.having(pattern) & (self._orders == len(pattern))
        return int(places.argmax())

    @property
    def _orders(self) -> Ints:
        return (self.candidates.conditions[:, :, 0] != 255).sum(axis=1)

    def _even(self, rest: Rest, wide: int, narrow: int) -> bool:
        """Whether the narrow of two patterns says no more than the wide."""
        c = self.candidates
        inside = rest.rows & c.rows(c.pattern(wide))
        covered = inside & c.rows(c.pattern(narrow))
        heads = [int(mask.sum()) for mask in (rest.rows, inside, covered)]
        own, more = rest.counted(narrow), rest.counted(wide)
        cells = [
            (own.hits, own.mass, heads[2]),
            (more.hits - own.hits, more.mass - own.mass, heads[1] - heads[2]),
            (rest.all_hits - more.hits, 1 - more.mass, heads[0] - heads[1]),
        ]
        margin = float(c.prices[narrow] - c.prices[wide]) + DECISIVE
        few, others, around = (Cell(frozenset(), h, m, n / heads[0]) for h, m, n in cells)
        return says_as_much(few, others, around, margin, self.weighed)

    def _specialised(self, rest: Rest, index: int) -> int:
        c = self.candidates
        pattern = c.pattern(index)
        if len(pattern) == MOST_CONDITIONS:
            return index
        children = c.having(pattern) & (self._orders > len(pattern)) & (rest.hits >= c.least)
        whole = rest.counted(index)
        places = np.flatnonzero(children)
        if not len(places) or not whole.hits:
            return index
        inside = Rest(rest.rows, rest.hits[places], rest.units[places], whole.hits, int(rest.units[index]))
        gains = inside.evidence() - (c.prices[places] - c.prices[index])
        for place in places[np.argsort(-gains, kind="stable")[:CHILDREN]]:
            if not self._even(rest, index, int(place)):
                return int(place)
        return index

    def _settled(self, found: Sequence[Found]) -> list[Found]:
        """The causes that say something the others together do not, with what they say beside
        them; the overlap of two causes is none."""
        kept = list(found)
        while kept:
            cells = self._cells(kept)
            gains = beside_others(cells, len(kept), self.weighed)
            prices = [self.candidates.price(one.pattern) for one in kept]
            kept = [Found(f.pattern, prices[i] - gains[i]) for i, f in enumerate(kept)]
            weakest = max(kept, key=lambda one: one.log_p)
            if weakest.log_p <= np.log(ALPHA):
                break
            kept.remove(weakest)
        return kept

    def _cells(self, found: Sequence[Found]) -> list[Cell]:
        marks = np.zeros(len(self.crowd.units), np.int64)
        for number, one in enumerate(found):
            marks |= self.candidates.rows(one.pattern).astype(np.int64) << number
        size = 1 << len(found)
        hits = np.bincount(marks[self.crowd.hits], minlength=size)
        heads = np.bincount(marks, minlength=size)
        units = np.bincount(marks, self.crowd.units.astype(np.float64), minlength=size)
        return [
            Cell(
                frozenset(n for n in range(len(found)) if mark >> n & 1),
                int(hits[mark]),
                float(units[mark] / units.sum()),
                float(heads[mark] / heads.sum()),
            )
            for mark in range(size)
            if heads[mark]
        ]
