"""The smallest change of disclosed facts after which a condition would not have held.

Along one fact, every comparison of the condition changes at most once in each direction as long
as its two sides differ by a monotone function of that fact. Sums and products of facts do, and
ratios do on either side of the value at which they divide by 0. So the points where some
comparison changes, found by doubling and halving, hold the nearest point where the whole
condition is false. All findings are searched together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import combinations, product

import numpy as np

from habeas.core.conditions import (
    Arithmetic,
    Base,
    Between,
    Compare,
    In,
    Literal,
    Name,
    Node,
    names,
    walk,
)
from habeas.core.facts import Fact, Kind
from habeas.core.findings import Change, Changes
from habeas.engine.columns import Array, Column, Texts
from habeas.engine.conditions import Columns, Program, compiled, is_true

FURTHEST = 2**50  # how far a fact is changed at most: 10**13 euros, or 35 years in microseconds
CONDITIONS = 1024  # of which it is remembered what they compare
DOUBLINGS = 53
DOUBLED = 2 ** np.arange(DOUBLINGS)
WIDEST, POINTS = 64, 1 << 14  # points tried at once: in a row, and of all rows
TOGETHER = 3  # at most so many facts are changed at once
NEVER_NEGATIVE = (Kind.COUNT, Kind.DISTINCT, Kind.AGE)


def counterfactuals(
    condition: Node,
    facts: Mapping[str, Fact],
    disclosed: Sequence[str],
    columns: Columns,
    texts: Texts,
) -> list[tuple[Changes, ...]]:
    """For each row of `columns` (fact values where the condition holds): changes that would have
    made it false, smallest relative change first. One fact alone where that is enough, else two
    or three together; () where no such change was found."""
    whole = [n for n in disclosed if facts[n].type.base is Base.INTEGER]
    found: dict[int, list[Changes]] = {}
    rows = np.arange(len(next(iter(columns.values()))))
    for count in range(1, min(TOGETHER, len(whole)) + 1):
        search = _Search(condition, {n: c.take(rows) for n, c in columns.items()}, texts)
        options = {n: search.candidates(n, facts[n]) for n in whole}
        for chosen in combinations(whole, count):
            for i, changes in search.best([options[n] for n in chosen]).items():
                found.setdefault(int(rows[i]), []).append(changes)
        rows = np.array([row for row in rows.tolist() if row not in found], dtype=np.int64)
        if not len(rows):
            break
    size = len(next(iter(columns.values())))
    return [tuple(sorted(found.get(row, ()), key=_cost)) for row in range(size)]


def _cost(changes: Changes) -> float:
    return sum(abs(c.instead - c.value) / max(1, abs(c.value)) for c in changes)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Another value of one fact in each row, where `possible`."""

    fact: str
    instead: Array
    possible: Array
    price: Array


class _Search:
    """Rows of fact values, and what the condition makes of them when some are changed."""

    def __init__(self, condition: Node, columns: Columns, texts: Texts) -> None:
        self.condition, self.columns, self.texts = condition, columns, texts
        self.holds = compiled(condition, texts)
        self.repeated: dict[int, Columns] = {1: columns}

    def candidates(self, name: str, fact: Fact) -> list[_Candidate]:
        """The values of one fact at which some comparison changes, in each direction."""
        start = self.columns[name].values
        least = 0 if fact.kind in NEVER_NEGATIVE else -FURTHEST
        most = fact.cap if fact.kind is Kind.DISTINCT else FURTHEST
        found: list[_Candidate] = []
        for direction, room in ((-1, start - least), (1, most - start)):
            for step in self._steps(name, direction, np.maximum(room, 0)):
                possible = self.columns[name].known & (step > 0) & (step <= room)
                price = step / np.maximum(1, np.abs(start))
                found.append(_Candidate(name, start + direction * step, possible, price))
        return [c for c in found if c.possible.any()]

    def _steps(self, name: str, direction: int, room: Array) -> Iterator[Array]:
        """How far the fact must go for each comparison to change, 0 where it never does. What is
        divided by turns monotone pieces into others where it passes 0: each piece is searched."""
        here = np.zeros_like(room)
        passed = [
            self._first_flip(bottom, name, direction, here, room)
            for bottom in self._compiled(_divisors(self.condition, name))
        ]
        pole = np.min([np.where(p > 0, p, room + 1) for p in passed], axis=0, initial=2 * FURTHEST)
        behind = [p + more for p in passed for more in (0, 1)]
        yield from behind
        for node in _sides(self.condition, name):
            least = _line(node, name)
            if least is not None:
                yield self._crossing(least, name, direction, room)
                continue
            side = compiled(node, self.texts)
            yield self._first_flip(side, name, direction, here, np.minimum(room, pole - 1))
            for origin in behind:
                yield self._first_flip(side, name, direction, np.minimum(origin, room), room)

    def _compiled(self, nodes: Iterable[Node]) -> list[Program]:
        return [compiled(node, self.texts) for node in nodes]

    def _changed(self, changes: Mapping[str, Array]) -> Columns:
        other = {n: Column(v, self.columns[n].known) for n, v in changes.items()}
        return {**self.columns, **other}

    def _crossing(self, least: int, name: str, direction: int, room: Array) -> Array:
        """`_first_flip` where all that is asked is whether the fact is below `least`."""
        start = self.columns[name].values
        below = start < least
        steps = np.where(below, least - start, start - least + 1)
        flips = below == (direction > 0)
        return np.where(flips & (steps <= room), steps, 0)

    def _first_flip(
        self, side: Program, name: str, direction: int, origin: Array, room: Array
    ) -> Array:
        """How far the fact must go until `side` is other than at `origin` steps; 0 where it stays
        the same for all of `room`. Each round tries several points of each row, so that few rows
        take few rounds."""
        width = max(1, min(WIDEST, POINTS // max(1, len(room))))
        before = self._holds(side, name, direction, origin[:, None])
        near, far = origin, np.zeros_like(origin)
        for first in range(0, DOUBLINGS, width):  # the points 1, 2, 4, 8... away
            points = origin[:, None] + DOUBLED[first : first + width]
            points = np.minimum(points, room[:, None])
            flips = self._holds(side, name, direction, points) != before
            last, flip = _around(points, flips, near)
            near = np.where(far == 0, last, near)
            far = np.where((far == 0) & flips.any(axis=1), flip, far)
            if ((far > 0) | (points[:, -1] >= room)).all():
                break
        reached = far > 0
        far = np.where(reached, far, near)
        while (near + 1 < far).any():
            points = near[:, None] + (far - near)[:, None] * np.arange(1, width + 1) // (width + 1)
            flips = self._holds(side, name, direction, points) != before
            near, flip = _around(points, flips, near)
            far = np.where(flips.any(axis=1), flip, far)
        return np.where(reached, far, 0)

    def _holds(self, side: Program, name: str, direction: int, steps: Array) -> Array:
        """Whether `side` is true in each row after each of the steps (rows by points)."""
        width = steps.shape[1]
        if width not in self.repeated:
            rows = np.repeat(np.arange(len(steps)), width)
            self.repeated[width] = {n: c.take(rows) for n, c in self.columns.items()}
        columns = self.repeated[width]
        own = columns[name]
        values = own.values + direction * steps.reshape(-1)
        return is_true(side({**columns, name: Column(values, own.known)})).reshape(steps.shape)

    def best(self, options: list[list[_Candidate]]) -> dict[int, Changes]:
        """The cheapest pick, one candidate of each list, that makes the condition false, by row.
        False, not unknown: nobody is told to have ordered nothing so that a ratio is undefined."""
        cost = np.full(len(next(iter(self.columns.values()))), np.inf)
        chosen: dict[int, Changes] = {}
        for pick in product(*options):
            outcome = self.holds(self._changed({c.fact: c.instead for c in pick}))
            possible = np.logical_and.reduce([c.possible for c in pick])
            price = np.sum([c.price for c in pick], axis=0)
            better = possible & outcome.known & ~outcome.values & (price < cost)
            cost = np.where(better, price, cost)
            for row in np.flatnonzero(better).tolist():
                chosen[row] = tuple(self._change(c, row) for c in pick)
        return chosen

    def _change(self, one: _Candidate, row: int) -> Change:
        return Change(one.fact, int(self.columns[one.fact].values[row]), int(one.instead[row]))


def _around(points: Array, flips: Array, here: Array) -> tuple[Array, Array]:
    """In each row the last point before the first flip (`here`, if it is the first) and that flip;
    without a flip the last point of all, and any."""
    first, rows = flips.argmax(axis=1), np.arange(len(points))
    before = np.where(first > 0, points[rows, first - 1], here)
    return np.where(flips.any(axis=1), before, points[:, -1]), points[rows, first]


@lru_cache(CONDITIONS)
def _sides(condition: Node, name: str) -> tuple[Node, ...]:
    """For each comparison that reads `name`: is its left side less, is it greater."""
    pairs = dict.fromkeys(pair for node in walk(condition) for pair in _compared(node))
    read = [pair for pair in pairs if any(name in names(side) for side in pair)]
    return tuple(Compare(sign, *pair) for pair in read for sign in "<>")


def _line(node: Node, name: str) -> int | None:
    """The whole number `least` for which a comparison says of the fact `name` alone that it is
    below `least`, or that it is not; None where it says something else."""
    match node:
        case Compare("<", Name(own), Literal(int() | Decimal() as bound)) if own == name:
            least = math.ceil(bound)
        case Compare(">", Name(own), Literal(int() | Decimal() as bound)) if own == name:
            least = math.floor(bound) + 1
        case _:
            return None
    return least if abs(least) <= FURTHEST else None


@lru_cache(CONDITIONS)
def _divisors(condition: Node, name: str) -> tuple[Node, ...]:
    """For each division by something that reads `name`: is that below 0, is it above."""
    bottoms = [n.right for n in walk(condition) if isinstance(n, Arithmetic) and n.sign == "/"]
    read = [bottom for bottom in dict.fromkeys(bottoms) if name in names(bottom)]
    return tuple(Compare(sign, bottom, Literal(0)) for bottom in read for sign in "<>")


def _compared(node: Node) -> list[tuple[Node, Node]]:
    match node:
        case Compare(_, left, right):
            return [(left, right)]
        case Between(inner, low, high):
            return [(inner, low), (inner, high)]
        case In(inner, items):
            return [(inner, item) for item in items]
        case _:
            return []
