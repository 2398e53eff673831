"""The smallest change of disclosed facts after which a condition would not have held.

Along one fact, every comparison of the condition changes at most once in each direction as long
as its two sides differ by a monotone function of that fact. Sums and products of facts do, and
ratios do on either side of the value at which they divide by 0. So the points where some
comparison changes, found by doubling and halving, hold the nearest point where the whole
condition is false. All findings, directions and pieces are searched together; where the search
looks depends on nothing but the finding itself, so that any batch gives the same answer (law 8).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

import numpy as np

from habeas.core.policy import Fact, conditions
from habeas.core.policy.facts import FactKind
from habeas.core.policy.findings import FactChange, FactChanges
from habeas.engine.columns import Array, Column
from habeas.engine.conditions import Columns, Program, compiled, ordered
from habeas.engine.texts import Texts

FURTHEST = 2**50  # how far a fact is changed at most: 10**13 euros, or 35 years in microseconds
DOUBLED = 2 ** np.arange(53)
SPLIT = 16  # points tried between two others
ROWS, POINTS = 1 << 12, 1 << 16  # findings searched together, and values tried at once
LESS, GREATER = -1, 1
TOGETHER = 3  # at most so many facts are changed at once
NEVER_NEGATIVE = (FactKind.COUNT, FactKind.DISTINCT, FactKind.AGE)


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two sides that are compared. Where it is the fact alone with a number: the least values at
    which it is no longer less, and at which it is greater."""

    order: Program
    reads: tuple[str, ...]
    least: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _Ways:
    """Searches along one fact, an entry each: in which row, for a change of what (is the left
    side LESS, is it GREATER), in which direction, from which step on, up to which."""

    rows: Array
    asked: Array
    direction: Array
    origin: Array
    room: Array

    @classmethod
    def along(cls, down: Array, up: Array) -> _Ways:
        """All ways from where the facts are, with the room there is below and above: by what is
        asked, then by direction, then by row."""
        rows, room = np.arange(len(down)), np.concatenate([down, up])
        direction = np.repeat([-1, 1], len(down))
        asked = np.repeat([LESS, GREATER], len(room))
        start = np.zeros(2 * len(room), dtype=np.int64)
        return cls(np.tile(rows, 4), asked, np.tile(direction, 2), start, np.tile(room, 2))

    def after(self, steps: Array) -> _Ways:
        """Those that have somewhere to go, begun so many steps later."""
        later = replace(self, origin=np.minimum(steps, self.room))
        return later.only(np.flatnonzero(steps))

    def only(self, chosen: Array) -> _Ways:
        fields = (self.rows, self.asked, self.direction, self.origin, self.room)
        return _Ways(*(field[chosen] for field in fields))


@dataclass(frozen=True, slots=True)
class _Options:
    """Other values of one fact (option by row), the nearest first, and what each costs; the cost
    is infinite where a row has no further option."""

    fact: str
    instead: Array
    price: Array

    def only(self, rows: Array) -> _Options:
        return _Options(self.fact, self.instead[:, rows], self.price[:, rows])


class Counterfactuals:
    """The search along the disclosed facts of one condition, made ready once."""

    def __init__(
        self,
        condition: conditions.Node,
        facts: Mapping[str, Fact],
        disclosed: Sequence[str],
        texts: Texts,
    ) -> None:
        self.holds, self.reads = compiled(condition, texts), conditions.names(condition)
        whole = [n for n in disclosed if facts[n].type.base is conditions.Base.INTEGER]
        self.facts = {n: facts[n] for n in whole if n in self.reads}
        self.compared = {n: _ready(_compared(condition), n, texts) for n in self.facts}
        self.divisors = {n: _ready(_divisors(condition), n, texts) for n in self.facts}

    def of(self, columns: Columns) -> list[tuple[FactChanges, ...]]:
        """For each row of `columns` (fact values where the condition holds): changes that would
        have made it false, smallest relative change first. One fact alone where that is enough,
        else two or three together; () where no such change was found."""
        size = len(next(iter(columns.values())))
        found: list[tuple[FactChanges, ...]] = []
        for start in range(0, size, ROWS):
            part = slice(start, start + ROWS)
            own = {name: columns[name].take(part) for name in self.reads}
            found += self._searched(own, min(ROWS, size - start))
        return found

    def _searched(self, columns: Columns, size: int) -> list[tuple[FactChanges, ...]]:
        options = [self._options(name, columns) for name in self.facts]
        found: dict[int, list[FactChanges]] = {}
        rows = np.arange(size)
        for count in range(1, min(TOGETHER, len(options)) + 1):
            here = {name: column.take(rows) for name, column in columns.items()}
            for chosen in combinations(options, count):
                own = [one.only(rows) for one in chosen]
                for i, changes in self._best(own, here, len(rows)):
                    found.setdefault(int(rows[i]), []).append(changes)
            rows = np.array([row for row in rows.tolist() if row not in found], dtype=np.int64)
            if not len(rows):
                break
        return [tuple(sorted(found.get(row, ()), key=_cost)) for row in range(size)]

    def _options(self, name: str, columns: Columns) -> _Options:
        """The values of one fact at which some comparison changes, in both directions."""
        fact, start = self.facts[name], columns[name].values
        least = 0 if fact.kind in NEVER_NEGATIVE else -FURTHEST
        most = fact.cap if fact.kind is FactKind.DISTINCT else FURTHEST
        ways = _Ways.along(np.maximum(start - least, 0), np.maximum(most - start, 0))
        steps = np.array([*self._steps(name, ways, columns)], dtype=np.int64)
        steps = steps.reshape(-1, len(ways.rows))
        possible = columns[name].known[ways.rows] & (steps > 0) & (steps <= ways.room)
        price = np.where(possible, steps / np.maximum(1, np.abs(start[ways.rows])), np.inf)
        instead = start[ways.rows] + ways.direction * steps
        shape = (-1, len(start))
        return _nearest(name, instead.reshape(shape), price.reshape(shape))

    def _steps(self, name: str, ways: _Ways, columns: Columns) -> Iterator[Array]:
        """How far the fact must go for each comparison to change, 0 where it never does. What is
        divided by turns monotone pieces into others where it passes 0: each piece is searched."""
        passed = [
            np.tile(steps, 2)
            for pair in self.divisors[name]
            for steps in np.split(_turn(pair, name, ways, columns), 2)
        ]
        behind = [np.where(p > 0, p + more, 0) for p in passed for more in (0, 1)]
        yield from behind
        poles = [np.where(p > 0, p, ways.room + 1) for p in passed]
        pole = np.minimum.reduce([ways.room + 1, *poles])
        pieces = [(np.arange(len(pole)), replace(ways, room=pole - 1))]
        pieces += [(np.flatnonzero(steps), ways.after(steps)) for steps in behind]
        for pair in self.compared[name]:
            if pair.least is not None:
                yield _turn(pair, name, ways, columns)
            else:
                yield from _piecewise(pair, name, pieces, columns)

    def _best(
        self, options: Sequence[_Options], columns: Columns, size: int
    ) -> Iterator[tuple[int, FactChanges]]:
        """The cheapest pick, one of each fact's options, that makes the condition false, by row.
        False, not unknown: nobody is told to have ordered nothing so that a ratio is undefined."""
        shape = tuple(len(one.price) for one in options)
        picks = np.indices(shape).reshape(len(shape), -1)
        cost, best = np.full(size, np.inf), np.zeros(size, dtype=np.int64)
        together = max(1, POINTS // max(1, size))
        for start in range(0, picks.shape[1], together):
            part = picks[:, start : start + together]
            price = self._prices(options, part, columns, size)
            nearest = price.argmin(axis=0)
            lowest = price[nearest, np.arange(size)]
            best = np.where(lowest < cost, start + nearest, best)
            cost = np.minimum(cost, lowest)
        for row in np.flatnonzero(np.isfinite(cost)).tolist():
            own = zip(options, picks[:, best[row]].tolist(), strict=True)
            yield row, tuple(_change(one, pick, row, columns) for one, pick in own)

    def _prices(
        self, options: Sequence[_Options], picks: Array, columns: Columns, size: int
    ) -> Array:
        """What each pick costs in each row, infinite where it does not make the condition false."""
        count = picks.shape[1]
        tried = {
            name: Column(np.tile(c.values, count), np.tile(c.known, count))
            for name, c in columns.items()
        }
        price = np.zeros((count, size))
        for one, pick in zip(options, picks, strict=True):
            tried[one.fact] = Column(one.instead[pick].reshape(-1), tried[one.fact].known)
            price += one.price[pick]
        outcome = self.holds(tried)
        false = (outcome.known & ~outcome.values).reshape(count, size)
        return np.where(false, price, np.inf)


def _cost(changes: FactChanges) -> float:
    return sum(abs(c.instead - c.value) / max(1, abs(c.value)) for c in changes)


def _change(one: _Options, pick: int, row: int, columns: Columns) -> FactChange:
    return FactChange(one.fact, int(columns[one.fact].values[row]), int(one.instead[pick, row]))


def _nearest(name: str, instead: Array, price: Array) -> _Options:
    """Options in order of price in each row, each value once, and no more than some row has."""
    order = np.lexsort((instead, price), axis=0)
    instead, price = np.take_along_axis(instead, order, 0), np.take_along_axis(price, order, 0)
    price[1:][instead[1:] == instead[:-1]] = np.inf
    order = np.argsort(price, axis=0, kind="stable")
    most = int(np.isfinite(price).sum(axis=0).max(initial=0))
    instead, price = np.take_along_axis(instead, order, 0), np.take_along_axis(price, order, 0)
    return _Options(name, instead[:most], price[:most])


def _turn(pair: _Pair, name: str, ways: _Ways, columns: Columns) -> Array:
    """How far the fact must go until what is asked of a pair has another answer than at the
    origin; 0 where it stays the same for all of the room."""
    if pair.least is None:
        return _first_flip(pair, name, ways, columns)
    start = columns[name].values[ways.rows]
    least = np.where(ways.asked == LESS, *pair.least)
    below = start < least
    steps = np.where(below, least - start, start - least + 1)
    flips = below == (ways.direction > 0)
    return np.where(flips & (steps <= ways.room), steps, 0)


def _piecewise(
    pair: _Pair, name: str, pieces: Sequence[tuple[Array, _Ways]], columns: Columns
) -> Iterator[Array]:
    """`_turn` for pieces of the same ways, each piece with the places that it has among them."""
    own = ((w.rows, w.asked, w.direction, w.origin, w.room) for _, w in pieces)
    whole = _Ways(*map(np.concatenate, zip(*own, strict=True)))
    steps = _turn(pair, name, whole, columns)
    size, start = len(pieces[0][0]), 0
    for places, _ in pieces:
        found = np.zeros(size, dtype=np.int64)
        found[places] = steps[start : start + len(places)]
        start += len(places)
        yield found


def _first_flip(pair: _Pair, name: str, ways: _Ways, columns: Columns) -> Array:
    """`_turn` by doubling, then by splitting what lies between the last point before and the
    first after, several points at once: few ways take few rounds."""
    origin, room = ways.origin, ways.room
    before = _answers(pair, name, ways, columns, origin[:, None])
    points = np.minimum(origin[:, None] + DOUBLED, room[:, None])
    flips = _answers(pair, name, ways, columns, points) != before
    reached = flips.any(axis=1)
    near, far = _around(points, flips, origin)
    far = np.where(reached, far, near)
    while (near + 1 < far).any():
        points = near[:, None] + (far - near)[:, None] * np.arange(1, SPLIT + 1) // (SPLIT + 1)
        flips = _answers(pair, name, ways, columns, points) != before
        near, flip = _around(points, flips, near)
        far = np.where(flips.any(axis=1), flip, far)
    return np.where(reached, far, 0)


def _answers(pair: _Pair, name: str, ways: _Ways, columns: Columns, steps: Array) -> Array:
    """Whether what is asked is true on each way after each of the steps (ways by points)."""
    rows = np.repeat(ways.rows, steps.shape[1])
    own = {read: columns[read].take(rows) for read in pair.reads}
    moved = (ways.direction[:, None] * steps).reshape(-1)
    own[name] = Column(own[name].values + moved, own[name].known)
    order = pair.order(own)
    found = np.where(order.known, order.values, 0).reshape(steps.shape)
    answers: Array = found == ways.asked[:, None]
    return answers


def _around(points: Array, flips: Array, here: Array) -> tuple[Array, Array]:
    """In each row the last point before the first flip (`here`, if it is the first) and that flip;
    without a flip the last point of all, and any."""
    first, rows = flips.argmax(axis=1), np.arange(len(points))
    before = np.where(first > 0, points[rows, first - 1], here)
    return np.where(flips.any(axis=1), before, points[:, -1]), points[rows, first]


def _ready(
    pairs: Iterable[tuple[conditions.Node, conditions.Node]], name: str, texts: Texts
) -> list[_Pair]:
    """Of some pairs those that read the fact."""
    found = []
    for left, right in dict.fromkeys(pairs):
        reads = tuple(dict.fromkeys((*conditions.names(left), *conditions.names(right))))
        if name in reads:
            found.append(_Pair(ordered(left, right, texts), reads, _line(left, right, name)))
    return found


def _line(left: conditions.Node, right: conditions.Node, name: str) -> tuple[int, int] | None:
    """The least whole number of the fact alone that is not below the right side, and the least
    above it; None where the pair is not so simple."""
    if left != conditions.Name(name) or not isinstance(right, conditions.Literal):
        return None
    bound = right.value
    if not isinstance(bound, int | Decimal) or not -FURTHEST < bound < FURTHEST:
        return None
    return math.ceil(bound), math.floor(bound) + 1


def _divisors(condition: conditions.Node) -> Iterator[tuple[conditions.Node, conditions.Node]]:
    """All that is divided by, beside 0."""
    for node in conditions.walk(condition):
        if isinstance(node, conditions.Arithmetic) and node.sign == "/":
            yield node.right, conditions.Literal(0)


def _compared(condition: conditions.Node) -> Iterator[tuple[conditions.Node, conditions.Node]]:
    for node in conditions.walk(condition):
        match node:
            case conditions.Compare(_, left, right):
                yield left, right
            case conditions.Between(inner, low, high):
                yield from ((inner, low), (inner, high))
            case conditions.In(inner, items):
                yield from ((inner, item) for item in items)
            case _:
                pass
