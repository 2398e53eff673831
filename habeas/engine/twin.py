"""The kernel in plain Python: each fact as an incremental state per key, in log order.

It is written to be read. Every state takes what arrives, lets go of what leaves its window, and
says its value; a cursor walks each window once, so an event costs O(log n) whatever its history.
A key's clock never goes back, so what has left a window never comes again, and a late event that
would already have left never enters.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush
from typing import Protocol

import numpy as np

from habeas.core.policy import Fact, Step
from habeas.core.policy.facts import FactKind
from habeas.core.policy.findings import NOWHERE, Position, UnknownCause, advance
from habeas.engine.columns import DTYPES, Array, Column, Events
from habeas.engine.reading import Advance, clocks, matching, overflow, read_values
from habeas.engine.texts import NO_TEXT

INT64 = 2**63 - 1
CAUSES = (UnknownCause.BECAME_TRUE, UnknownCause.STAYED_TRUE)  # by their number in compiled code
BEFORE_ALL = -(2**63)
STRIDE = 16_384  # events between two reports of progress


class FactState(Protocol):
    """What one fact remembers of one key."""

    def add(self, time: int, value: int) -> None:
        """An event enters: its time in microseconds and its value."""
        ...

    def expire(self, limit: int) -> None:
        """Let go of everything with time <= limit."""
        ...

    def value(self) -> int | None: ...


class Window:
    """What is in a window, oldest time first, behind a cursor."""

    __slots__ = ("cursor", "entries")

    def __init__(self) -> None:
        self.entries: list[tuple[int, int]] = []
        self.cursor = 0

    def put(self, entry: tuple[int, int]) -> None:
        if not self.entries or self.entries[-1] <= entry:
            self.entries.append(entry)
        else:  # late: it goes to its place among those that have not left
            insort(self.entries, entry, lo=self.cursor)

    def leaving(self, limit: int) -> list[tuple[int, int]]:
        start = self.cursor
        while self.cursor < len(self.entries) and self.entries[self.cursor][0] <= limit:
            self.cursor += 1
        left = self.entries[start : self.cursor]
        if self.cursor > 1024 and self.cursor * 2 > len(self.entries):
            del self.entries[: self.cursor]
            self.cursor = 0
        return left


class Total:
    """count and sum; nothing counts 0."""

    __slots__ = ("total", "window")

    def __init__(self, _cap: int) -> None:
        self.window = Window()
        self.total = 0

    def add(self, time: int, value: int) -> None:
        """An event enters: its time in microseconds and its value."""
        self.window.put((time, value))
        self.total += value

    def expire(self, limit: int) -> None:
        for _, value in self.window.leaving(limit):
            self.total -= value

    def value(self) -> int:
        return self.total


class Different:
    """distinct: how often each value is in the window; exact as min(count, cap)."""

    __slots__ = ("cap", "seen", "window")

    def __init__(self, cap: int) -> None:
        self.window = Window()
        self.seen: dict[int, int] = {}
        self.cap = cap

    def add(self, time: int, value: int) -> None:
        """An event enters: its time in microseconds and its value."""
        self.window.put((time, value))
        self.seen[value] = self.seen.get(value, 0) + 1

    def expire(self, limit: int) -> None:
        for _, value in self.window.leaving(limit):
            self.seen[value] -= 1
            if not self.seen[value]:
                del self.seen[value]

    def value(self) -> int:
        return min(len(self.seen), self.cap)


class First:
    """The value with the lowest sequence in the window."""

    __slots__ = ("entries",)

    def __init__(self, _cap: int) -> None:
        self.entries: deque[tuple[int, int]] = deque()

    def add(self, time: int, value: int) -> None:
        """An event enters: its time in microseconds and its value."""
        self.entries.append((time, value))

    def expire(self, limit: int) -> None:
        while self.entries and self.entries[0][0] <= limit:
            self.entries.popleft()

    def value(self) -> int | None:
        return self.entries[0][1] if self.entries else None


class Last(First):
    """The value with the highest sequence in the window. An earlier one is kept only where it
    leaves the window later than those that came after it."""

    __slots__ = ()

    def add(self, time: int, value: int) -> None:
        """An event enters: its time in microseconds and its value."""
        while self.entries and self.entries[-1][0] <= time:
            self.entries.pop()
        self.entries.append((time, value))

    def expire(self, limit: int) -> None:
        while self.entries and self.entries[-1][0] <= limit:
            self.entries.pop()

    def value(self) -> int | None:
        return self.entries[-1][1] if self.entries else None


class Least:
    """min: the smallest value in the window."""

    __slots__ = ("heap",)

    def __init__(self, _cap: int) -> None:
        self.heap: list[tuple[int, int]] = []

    def add(self, time: int, value: int) -> None:
        """An event enters: its time in microseconds and its value."""
        heappush(self.heap, (value, time))

    def expire(self, limit: int) -> None:
        # what is below the top and has left the window goes when it gets to the top
        while self.heap and self.heap[0][1] <= limit:
            heappop(self.heap)

    def value(self) -> int | None:
        return self.heap[0][0] if self.heap else None


class Greatest(Least):
    """max: the largest value in the window."""

    __slots__ = ()

    def add(self, time: int, value: int) -> None:
        """An event enters: its time in microseconds and its value."""
        heappush(self.heap, (-value, time))

    def value(self) -> int | None:
        return -self.heap[0][0] if self.heap else None


STATES: dict[FactKind, Callable[[int], FactState]] = {
    FactKind.COUNT: Total,
    FactKind.SUM: Total,
    FactKind.DISTINCT: Different,
    FactKind.FIRST: First,
    FactKind.LAST: Last,
    FactKind.MIN: Least,
    FactKind.MAX: Greatest,
    FactKind.AGE: Least,  # of the times of the events
}


def compute(fact: Fact, events: Events, progress: Advance = lambda _: None) -> Column:
    """The value of `fact` at every event. Raises Overflowed where it leaves 64 bits."""
    size = len(events)
    keys = events.key(fact.by).tolist()
    clock = clocks(events, fact.by)
    limits = (clock - fact.over_us).tolist() if fact.over_us else [BEFORE_ALL] * size
    times = events.time_us.tolist()
    takes = matching(fact, events).tolist()
    values = read_values(fact, events).tolist()
    make, cap = STATES[fact.kind], fact.cap
    states: dict[int, FactState] = {}
    found: list[int | None] = [None] * size
    for row, key in enumerate(keys):
        if row % STRIDE == 0:
            progress(STRIDE if row else 0)
        if key == NO_TEXT:
            continue
        state = states.get(key)
        if state is None:
            state = states[key] = make(cap)
        if takes[row] and times[row] > limits[row]:
            state.add(times[row], values[row])
        state.expire(limits[row])
        found[row] = state.value()
    progress(size % STRIDE or min(size, STRIDE))
    return _column(fact, events, found, clock)


def _column(fact: Fact, events: Events, found: list[int | None], clock: Array) -> Column:
    known = np.array([v is not None for v in found], dtype=bool)
    filled = [0 if v is None else v for v in found]
    try:
        values = np.array(filled, dtype=DTYPES[fact.type.base])
    except OverflowError:
        row = next(i for i, v in enumerate(filled) if not -INT64 - 1 <= v <= INT64)
        raise overflow(fact, events, row) from None
    if fact.kind is FactKind.AGE:
        values = np.where(known, (clock - values) // fact.unit_us, 0)
    return Column(values, known)


class PlainClimb:
    """Where every account stands under one ladder; `kernel.Climb` written to be read."""

    def __init__(self, ladder: tuple[Step, ...]) -> None:
        self.ladder = ladder
        self.positions: dict[int, Position] = {}

    def feed(self, events: Events, held: Column, clocks: Array) -> tuple[Array, Array, Array]:
        """The rows at which findings are made, their steps, and their causes in CAUSES. `clocks`
        are those of the accounts."""
        found = []
        listed = (
            events.account.tolist(),
            held.values.tolist(),
            held.known.tolist(),
            clocks.tolist(),
        )
        for row, (account, holds, known, clock) in enumerate(zip(*listed, strict=True)):
            before = self.positions.get(account, NOWHERE)
            after, cause = advance(before, holds if known else None, clock, self.ladder)
            self.positions[account] = after
            if cause is not None:
                found.append((row, after.index, CAUSES.index(cause)))
        rows, steps, causes = np.array(found, dtype=np.int64).reshape(-1, 3).T
        return rows, steps, causes
