"""The fast kernel's memory: growing arrays around the compiled functions of `engine.cursors`.

Facts by one key share a group: one row a key, one record an event. A batch of events goes in, the
value of every fact at every event comes out; what is remembered stays for the next batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from habeas.core.policy import Fact, Step
from habeas.core.policy.conditions import Base
from habeas.core.policy.facts import FactKind
from habeas.core.policy.findings import MOST_EVIDENCE
from habeas.engine import cursors
from habeas.engine.columns import ACCOUNT, Array, Column, Events
from habeas.engine.cursors import BEFORE_ALL, CHAINS, CURSORS, NONE, VALUES
from habeas.engine.reading import Advance, matching, overflow
from habeas.engine.texts import NO_TEXT

CODES = {
    FactKind.COUNT: cursors.COUNT,
    FactKind.SUM: cursors.SUM,
    FactKind.DISTINCT: cursors.DISTINCT,
    FactKind.FIRST: cursors.FIRST,
    FactKind.LAST: cursors.LAST,
    FactKind.MIN: cursors.LEAST,
    FactKind.MAX: cursors.GREATEST,
    FactKind.AGE: cursors.LEAST,  # of the times of the events
}
MOST_FACTS = 62  # of one group: a record marks the facts that read it in one 64-bit word
LOWEST_BITS = 0x7FFF_FFFF_FFFF_FFFF
FEWEST = 1024  # rows, keys or pairs an array starts with
BATCH = 1 << 17  # events handled at once, so that what is read and written stays in the cache


def ordered_bits(bits: Array) -> Array:
    """The bits of floats as integers in the same order; and back: it is its own inverse."""
    ordered: Array = bits ^ ((bits >> 63) & LOWEST_BITS)
    return ordered


def words(values: Array) -> Array:
    """Values as the int64 that the kernel keeps and compares."""
    if values.dtype == np.float64:
        return ordered_bits((values + 0.0).view(np.int64))  # -0.0 is 0.0
    return values.astype(np.int64, copy=False)


def _column(fact: Fact, out: Array, known: Array, clocks: Array) -> Column:
    if fact.kind is FactKind.AGE:
        return Column(np.where(known, (clocks - out) // fact.unit_us, 0), known)
    match fact.type.base:
        case Base.NUMBER:
            return Column(ordered_bits(out).view(np.float64), known)
        case Base.BOOLEAN:
            return Column(out.astype(bool), known)
        case _:
            return Column(out, known)


class Group:
    """The facts by one key, and all that is remembered of its keys and their events."""

    def __init__(self, key: str, facts: Sequence[Fact]) -> None:
        self.key, self.facts = key, tuple(facts)
        self.sources = list(dict.fromkeys(f.value for f in facts if f.value is not None))
        self.windows = np.array(
            sorted({f.over_us or 0 for f in facts if _walks(f)}), dtype=np.int64
        )
        self.places = {fact.meaning: place for place, fact in enumerate(self.facts)}
        self.readers = _readers(self.facts)
        self.table, chains, self.pair_facts = self._described()
        self.rows = 0
        self.records = np.zeros((FEWEST, VALUES + len(self.sources)), dtype=np.int64)
        self.links = np.zeros((FEWEST, CHAINS + chains), dtype=np.int32)
        self.numbers = np.full(FEWEST, NONE, dtype=np.int32)  # from a key's code to its row
        self.keys = 0
        self.fresh = self._fresh()
        self.keyed = np.tile(self.fresh, (FEWEST, 1))
        self.pairs = np.full((len(self.pair_facts), FEWEST), NONE, dtype=np.int32)
        self.used = np.zeros(len(self.pair_facts), dtype=np.int64)

    def _described(self) -> tuple[Array, int, list[Fact]]:
        chains, rows = 0, []
        pair_facts: list[Fact] = []
        for fact in self.facts:
            code, over = CODES[fact.kind], fact.over_us or 0
            value = cursors.TIME
            if fact.value is not None:
                value = VALUES + self.sources.index(fact.value)
            window = int(np.searchsorted(self.windows, over)) if _walks(fact) else NONE
            most = fact.cap if fact.kind is FactKind.DISTINCT else LOWEST_BITS
            rows.append([code, over, value, most, chains, len(pair_facts), window])
            if code >= cursors.FIRST and over:
                chains += 2 if code >= cursors.LEAST else 1
            if fact.kind is FactKind.DISTINCT:
                pair_facts.append(fact)
        return np.array(rows, dtype=np.int64).reshape(-1, 7), chains, pair_facts

    def _fresh(self) -> Array:
        """The state of a key that no event has named."""
        state = np.full(CURSORS + len(self.windows) + 2 * len(self.facts), NONE, dtype=np.int64)
        state[cursors.CLOCK] = BEFORE_ALL
        for f, fact in enumerate(self.facts):
            if CODES[fact.kind] <= cursors.DISTINCT:
                low = CURSORS + len(self.windows) + 2 * f
                state[low : low + 2] = 0
        return state

    def feed(self, events: Events, progress: Advance) -> tuple[list[Column], Array]:
        """The column of each fact, and the clock of each event's key. Raises Overflowed."""
        keys = self._numbered(events)
        out = np.empty((len(self.facts) + 1, len(keys)), dtype=np.int64)
        known = np.empty((len(self.facts), len(keys)), dtype=bool)
        self.keyed = _grown(self.keyed, self.keys, self.fresh)
        self._remember(events)
        self._advance(keys, events, out, known, progress)
        self.rows += len(keys)
        *values, clocks = out
        told = zip(self.facts, values, known, strict=True)
        return [_column(fact, value, some, clocks) for fact, value, some in told], clocks

    def whole(self, events: Events, progress: Advance) -> tuple[list[Column], Array]:
        """`feed` for events that are all there ever was of their keys, each key's together:
        nothing that was remembered before is of use."""
        self.keyed[: self.keys] = self.fresh
        self.rows = self.keys = 0
        self.pairs[:] = NONE
        self.used[:] = 0
        found = self.feed(events, progress)
        self.numbers[events.key(self.key)] = NONE  # there may be millions of codes
        return found

    def behind(self, meaning: Fact, key: int, row: int, clock: int) -> list[int]:
        """The rows behind a fact at a row fed lately, in log order: those of `evidence`. `key` is
        the code of its key there, `clock` the key's clock."""
        if key == NO_TEXT:
            return []
        fact, over = self.places[meaning], meaning.over_us
        found = np.empty(MOST_EVIDENCE, dtype=np.int64)
        tail = self.keyed[self.numbers[key], cursors.TAIL]
        limit = clock - over if over else BEFORE_ALL
        count = cursors.behind(row, limit, fact, tail, self.records, self.links, found)
        return sorted(found[:count].tolist())

    def saved(self) -> dict[str, Array]:
        return {
            "records": self.records[: self.rows],
            "links": self.links[: self.rows],
            "numbers": self.numbers,
            "keyed": self.keyed[: self.keys],
            "pairs": self.pairs,
            "used": self.used,
        }

    def restore(self, arrays: Mapping[str, Array]) -> None:
        self.rows, self.keys = len(arrays["records"]), len(arrays["keyed"])
        for name, array in arrays.items():
            setattr(self, name, array)

    def named(self, columns: Iterable[Column]) -> dict[Fact, Column]:
        """Columns in the order of the facts, by the meaning of each."""
        return {f.meaning: column for f, column in zip(self.facts, columns, strict=True)}

    def _advance(
        self, keys: Array, events: Events, out: Array, known: Array, progress: Advance
    ) -> None:
        room = np.empty_like(self.windows)
        for start in range(0, len(keys), BATCH):
            part = slice(start, min(start + BATCH, len(keys)))
            event, fact = cursors.advance(
                self.rows + start, keys[part], self.records, self.links, self.keyed, self.table,
                self.windows, room, self.pairs, self.used, out[:, part], known[:, part],
            )  # fmt: skip
            if event != NONE:
                raise overflow(self.facts[fact], events, start + event)
            progress(part.stop - part.start)

    def _numbered(self, events: Events) -> Array:
        """The row of each event's key in `keyed`."""
        codes = events.key(self.key)
        keys = np.empty(len(codes), dtype=np.int32)
        self.numbers = _grown(self.numbers, len(events.texts), NONE)
        self.keys = cursors.number_keys(codes, self.numbers, self.keys, keys)
        return keys

    def _remember(self, events: Events) -> None:
        """Append a record for each event, and make room for the pairs that it may bring."""
        end = self.rows + len(events)
        self.records = _grown(self.records, end, 0)
        self.links = _grown(self.links, end, 0)  # what was not written is never read
        new = self.records[self.rows : end]
        new[:, cursors.TIME] = events.time_us
        marks = np.zeros(len(events), dtype=np.int64)
        for one, bits in self.readers:
            marks |= np.where(matching(one, events), bits, 0)
        new[:, cursors.MARKS] = new[:, cursors.READ] = marks
        for i, source in enumerate(self.sources):
            new[:, VALUES + i] = words(events.column(source).values)
        self._make_room(len(events))

    def _make_room(self, count: int) -> None:
        """No table of pairs gets more than half full: look-ups stay short."""
        size = self.pairs.shape[1] if len(self.pair_facts) else 0
        wanted = size
        while len(self.used) and 2 * (int(self.used.max()) + count) > wanted:
            wanted *= 2
        if wanted == size:
            return
        larger = np.full((len(self.pair_facts), wanted), NONE, dtype=np.int32)
        for i, fact in enumerate(self.pair_facts):
            column = VALUES + self.sources.index(str(fact.value))
            cursors.rehash(self.pairs, larger, i, self.records, self.links, column)
        self.pairs = larger


def _readers(facts: Sequence[Fact]) -> list[tuple[Fact, np.int64]]:
    """One fact of all that read the same events, and a bit for each of these."""
    found: dict[object, tuple[Fact, np.int64]] = {}
    for place, fact in enumerate(facts):
        same = (frozenset(fact.of), fact.holders, fact.currency, fact.value, fact.where)
        one, bits = found.get(same, (fact, np.int64(0)))
        found[same] = one, bits | (np.int64(1) << np.int64(place))
    return list(found.values())


def _walks(fact: Fact) -> bool:
    """Whether a cursor takes out of a fact what leaves its window."""
    return fact.over_us is not None and CODES[fact.kind] <= cursors.DISTINCT


def _grown(array: Array, size: int, fill: Array | int) -> Array:
    """The array with room for `size` rows, at least doubled where it must grow."""
    if len(array) >= size:
        return array
    larger = np.zeros((max(size, 2 * len(array)), *array.shape[1:]), dtype=array.dtype)
    larger[: len(array)] = array
    if np.any(fill):  # memory that nobody has written is not there yet, and is 0 when it comes
        larger[len(array) :] = fill
    return larger


class Kernel:
    """All facts of some policies. `feed` it the log in order, in batches of any size."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        by_key: dict[str, dict[Fact, Fact]] = {ACCOUNT: {}}
        for fact in facts:  # facts of one meaning are computed once, under the first one's name
            by_key.setdefault(fact.by, {}).setdefault(fact.meaning, fact)
        self.groups = [
            Group(key, list(own.values())[i : i + MOST_FACTS])
            for key, own in by_key.items()
            for i in range(0, max(1, len(own)), MOST_FACTS)
        ]
        # groups share nothing that they write, and compiled code runs beside other threads
        self.threads = ThreadPoolExecutor(max(1, len(self.groups) - 1))

    def feed(
        self, events: Events, progress: Advance = lambda _: None
    ) -> tuple[Mapping[Fact, Column], Mapping[str, Array]]:
        """Every fact at every event, by meaning; and the clock of each event's key, by key."""
        found: dict[Fact, Column] = {}
        clocks = {}
        others = [self.threads.submit(g.feed, events, progress) for g in self.groups[1:]]
        fed = [self.groups[0].feed(events, progress), *(other.result() for other in others)]
        for group, (columns, clock) in zip(self.groups, fed, strict=True):
            clocks[group.key] = clock
            found |= group.named(columns)
        return found, clocks

    def group_of(self, meaning: Fact) -> Group:
        return next(group for group in self.groups if meaning in group.places)

    def saved(self) -> dict[str, Array]:
        """All that is remembered, for a snapshot."""
        return {f"{i}.{n}": a for i, g in enumerate(self.groups) for n, a in g.saved().items()}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Remember what a kernel of the same facts had saved."""
        for i, group in enumerate(self.groups):
            group.restore({name: arrays[f"{i}.{name}"] for name in group.saved()})


class Climb:
    """Where every account stands under one ladder, by the account's code."""

    def __init__(self, ladder: Sequence[Step]) -> None:
        self.afters = np.array([step.after_us for step in ladder], dtype=np.int64)
        self.held = np.zeros(0, dtype=bool)
        self.steps = np.zeros(0, dtype=np.int32)
        self.since = np.zeros(0, dtype=np.int64)

    def saved(self) -> dict[str, Array]:
        """All that is remembered, for a snapshot."""
        return {"held": self.held, "steps": self.steps, "since": self.since}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        for name, array in arrays.items():
            setattr(self, name, array)

    def feed(self, events: Events, held: Column, clocks: Array) -> tuple[Array, Array, Array]:
        """The rows at which findings are made, their steps, and their causes in CAUSES. `clocks`
        are those of the accounts."""
        size, accounts = len(events.texts), events.account
        self.held = _grown(self.held, size, False)
        self.steps = _grown(self.steps, size, NONE)
        self.since = _grown(self.since, size, 0)
        rows, steps, causes = (np.empty(len(accounts), dtype=np.int64) for _ in range(3))
        count = cursors.climb(
            accounts, held.values, held.known, clocks, self.afters, self.held, self.steps,
            self.since, rows, steps, causes,
        )  # fmt: skip
        return rows[:count].copy(), steps[:count].copy(), causes[:count].copy()


def whole_keys(events: Events, key: str) -> Iterator[Array]:
    """The rows of the events that have `key`, some keys at a time: each key's together, in log
    order. At least one array, though it be empty."""
    codes = events.key(key)
    order = np.empty(len(codes), dtype=np.int32)
    ends = np.zeros(len(events.texts) + 2, dtype=np.int64)
    cursors.order_by_key(codes, ends, order)
    start = int(ends[0])
    while True:
        end = int(ends[min(int(np.searchsorted(ends, start + BATCH)), len(ends) - 1)])
        yield order[start:end].astype(np.int64)
        start = end
        if start == len(order):
            return
