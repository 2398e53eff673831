"""The search for what hit accounts share: causes one by one, each in what the others leave.

What the plan expects of every candidate is summed over the whole population once. From then on
only the accounts that a cause covers are summed again, to be taken off; as what is taken off never
comes back, all of these sums together cost about as much as the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log

import numpy as np
from numpy.typing import NDArray

from habeas.core.wave.diagnosis import (
    ALPHA,
    DECISIVE,
    LEAST_RATE,
    MOST_CAUSES,
    MOST_CONDITIONS,
    NARROW,
    WIDE,
    Cell,
    beside_others,
    says_as_much,
)
from habeas.engine.candidates import Candidates, Crowd, Ints, Mask, Pattern

CHILDREN = 24  # the most promising refinements of a pattern, which are looked at closely
SIGNIFICANT = -log(ALPHA)
MOST_SAME = 3  # patterns of the same accounts that are told
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rest:
    """What some causes leave: the accounts they do not cover, and sums over these by candidate."""

    rows: Mask
    hits: Ints
    units: Ints
    all_hits: int
    all_units: int


@dataclass(frozen=True, slots=True)
class ExcessPattern:
    """A pattern in excess, and the logarithm of its corrected p."""

    pattern: Pattern
    log_p: float


def evidence(hits: Ints, units: Ints, all_hits: int, all_units: int) -> Floats:
    """The log likelihood ratio that each part of one whole is hit more than its units allow; 0
    where it is hit less. exp(-evidence) bounds the probability of so many hits; the hits of the
    whole are not 0."""
    seen, due = hits / all_hits, units / all_units
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = np.where(seen > 0, seen * np.log(seen / due), 0.0)
        outside = np.where(seen < 1, (1 - seen) * np.log((1 - seen) / (1 - due)), 0.0)
    return np.where(seen > due, all_hits * (inside + outside), 0.0)


class Search:
    """The causes of one wave. Raises nothing: a wave without any has none."""

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.candidates = Candidates(crowd)
        self.hit = np.zeros(len(crowd.units), bool)
        self.hit[crowd.hits] = True
        self.weighed = bool(crowd.units.min() != crowd.units.max())

    def causes(self) -> list[ExcessPattern]:
        """Most certain first."""
        if not len(self.candidates):
            return []
        everyone = self._sums(np.ones(len(self.crowd.units), bool))
        found = self._beside_others(list(self._explain(everyone, MOST_CAUSES, look_ahead=True)))
        return sorted(found, key=lambda one: one.log_p)

    def same(self, pattern: Pattern) -> list[Pattern]:
        """Other patterns of exactly the same accounts, with no more conditions."""
        everyone, own = self.candidates.rows(pattern), self.candidates.index(pattern)
        alike = self.candidates.hits == self.candidates.hits[own]
        alike &= self.candidates.orders <= len(pattern)
        alike[own] = False
        others = map(self.candidates.pattern, np.flatnonzero(alike).tolist())
        found = [one for one in others if (self.candidates.rows(one) == everyone).all()]
        return found[:MOST_SAME]

    def _explain(self, rest: Rest, most: int, look_ahead: bool) -> Iterator[ExcessPattern]:
        """Causes one after the other. Where the next can be told in two ways, that is taken
        with which all causes together say most."""
        for left in range(most, 0, -1):
            found = self._alternatives(rest)
            if not found:
                return
            chosen = found[0]
            if look_ahead and len(found) > 1:
                chosen = max(found, key=lambda one: self._worth(one, rest, left))
            yield chosen
            rest = self._without(rest, chosen)

    def _worth(self, first: ExcessPattern, rest: Rest, most: int) -> float:
        after = self._explain(self._without(rest, first), most - 1, look_ahead=False)
        return -first.log_p - sum(one.log_p for one in after)

    def _alternatives(self, rest: Rest) -> list[ExcessPattern]:
        """The most certain pattern, made as general as it can be; and where that is hit unevenly,
        the part of it that stands out."""
        scores = self._scores(rest)
        top = int(scores.argmax())
        if scores[top] < SIGNIFICANT:
            return []
        wide = self._generalised(rest, top, scores)
        found = dict.fromkeys([wide, self._specialised(rest, wide, scores)])
        return [ExcessPattern(self.candidates.pattern(i), -float(scores[i])) for i in found]

    def _scores(self, rest: Rest) -> Floats:
        """What each candidate says, less the price of having picked it."""
        if not rest.all_hits:
            return np.full(len(self.candidates), -np.inf)
        told = evidence(rest.hits, rest.units, rest.all_hits, rest.all_units)
        outside = (rest.all_hits - rest.hits) * rest.units.astype(float)
        inside = rest.hits * (rest.all_units - rest.units).astype(float)
        few = (rest.hits < self.candidates.least) | (inside < LEAST_RATE * outside)
        return np.where(few, -np.inf, told - self.candidates.prices)

    def _generalised(self, rest: Rest, index: int, scores: Floats) -> int:
        pattern = self.candidates.pattern(index)
        for size in range(1, len(pattern)):
            wider = map(self.candidates.index, combinations(pattern, size))
            fitting = [
                wide
                for wide in wider
                if scores[wide] >= SIGNIFICANT and self._says_as_much(rest, wide, index)
            ]
            if fitting:
                return max(fitting, key=lambda i: scores[i])
        return index

    def _specialised(self, rest: Rest, wide: int, scores: Floats) -> int:
        """The most telling pattern within a wide one that says more, or the wide itself."""
        c = self.candidates
        pattern = c.pattern(wide)
        if len(pattern) == MOST_CONDITIONS:
            return wide
        within = c.having(pattern) & (c.orders > len(pattern))
        places = np.flatnonzero(within & (scores >= SIGNIFICANT))
        whole = int(rest.hits[wide]), int(rest.units[wide])
        told = evidence(rest.hits[places], rest.units[places], *whole) - c.prices[places]
        for place in places[np.argsort(-told, kind="stable")[:CHILDREN]].tolist():
            if not self._says_as_much(rest, wide, place):
                return int(place)
        return wide

    def _says_as_much(self, rest: Rest, wide: int, narrow: int) -> bool:
        """Whether the wide of two patterns, one within the other, explains the hits as well."""
        c = self.candidates
        covered = c.rows(c.pattern(wide)) & rest.rows
        heads = [
            int((covered & c.rows(c.pattern(narrow))).sum()),
            int(covered.sum()),
            int(rest.rows.sum()),
        ]
        hits = [int(rest.hits[narrow]), int(rest.hits[wide]), rest.all_hits]
        units = [int(rest.units[narrow]), int(rest.units[wide]), rest.all_units]
        parts = [np.diff(counts, prepend=0).tolist() for counts in (hits, units, heads)]
        covers = frozenset({NARROW, WIDE}), frozenset({WIDE}), frozenset[int]()
        cells = [
            Cell(cover, hit, unit / rest.all_units, head / heads[-1])
            for cover, hit, unit, head in zip(covers, *parts, strict=True)
        ]
        margin = float(c.prices[narrow] - c.prices[wide]) + DECISIVE
        return says_as_much(cells, margin, self.weighed)

    def _beside_others(self, found: Sequence[ExcessPattern]) -> list[ExcessPattern]:
        """The causes that say something the others together do not, with what they say beside
        them. The overlap of two causes, where their rates add up, is none."""
        kept = list(found)
        while kept:
            gains = beside_others(self._cells(kept), len(kept), self.weighed)
            prices = [self.candidates.price(one.pattern) for one in kept]
            kept = [ExcessPattern(f.pattern, prices[i] - gains[i]) for i, f in enumerate(kept)]
            weakest = max(kept, key=lambda one: one.log_p)
            if -weakest.log_p >= SIGNIFICANT:
                break
            kept.remove(weakest)
        return kept

    def _cells(self, found: Sequence[ExcessPattern]) -> list[Cell]:
        """The population by which of the causes cover an account."""
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
            for mark in np.flatnonzero(heads).tolist()
        ]

    def _without(self, rest: Rest, cause: ExcessPattern) -> Rest:
        covered = self.candidates.rows(cause.pattern)
        off = self._sums(rest.rows & covered)
        return Rest(
            rest.rows & ~covered,
            rest.hits - off.hits,
            rest.units - off.units,
            rest.all_hits - off.all_hits,
            rest.all_units - off.all_units,
        )

    def _sums(self, rows: Mask) -> Rest:
        """Sums over some accounts, by candidate."""
        columns, units = self.candidates.columns, self.crowd.units
        hit = rows & self.hit
        own = [column[hit] for column in columns]
        if not rows.all():
            columns, units = [column[rows] for column in columns], units[rows]
        hits = self.candidates.sums(own, np.ones(int(hit.sum()), np.int64))
        due = self.candidates.sums(columns, units)
        return Rest(rows, hits, due, int(hit.sum()), int(units.sum()))
