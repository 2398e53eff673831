"""The ids seen, so that no event is taken twice (law 10): 64 bits of each id and the row that has
it. Where the bits of two ids are the same, the ids themselves are compared, so the answer is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from habeas.engine.columns import Array
from habeas.engine.interning import NONE, hash_texts, look_up
from habeas.engine.texts import bytes_of

FEWEST = 1 << 12
EVERY_BIT = 2**64 - 1


class SeenIds:
    """All ids of a log; their rows are their sequences. `ids` tells those of rows that an earlier
    batch brought; `keep` masks the bits that are kept."""

    def __init__(self, ids: Callable[[Sequence[int]], list[str]], keep: int = EVERY_BIT) -> None:
        self.ids, self.keep = ids, np.uint64(keep)
        self.count = 0
        self.hashes = np.zeros(FEWEST, dtype=np.uint64)
        self.table = np.full(2 * FEWEST, NONE, dtype=np.int32)
        self.alike: dict[str, int] = {}  # rows of ids that have the bits of an earlier id

    def add(self, column: pa.Array) -> Array:
        """Which ids of a batch (texts without nulls) are new; those get the next rows."""
        self._make_room(len(column))
        found, start = self._hashed(column), self.count
        earlier = np.empty(len(found), dtype=np.int32)
        self.count = look_up(found, self.hashes, start, self.table, earlier)
        fresh: Array = earlier == NONE
        again = np.flatnonzero(~fresh)
        if not len(again):
            return fresh
        listed = column.to_pylist()
        new = [listed[i] for i in np.flatnonzero(fresh).tolist()]
        known = self._ids(earlier[again].tolist(), start, new)
        if known == [listed[i] for i in again.tolist()]:
            return fresh
        return self._one_by_one(listed, found, start)

    def _ids(self, rows: Sequence[int], start: int, new: Sequence[str]) -> list[str]:
        """The ids of rows, of which those from `start` on are `new`."""
        old = iter(self.ids([row for row in rows if row < start]))
        return [next(old) if row < start else new[row - start] for row in rows]

    def _one_by_one(self, listed: list[str], found: Array, start: int) -> Array:
        """A batch in which two ids have the same bits: about one in 10**5 logs of 10**7 events."""
        self._rebuild(start)
        fresh = np.zeros(len(listed), dtype=bool)
        new: list[str] = []
        earlier = np.empty(1, dtype=np.int32)
        for i, own in enumerate(listed):
            count = self.count
            self.count = look_up(found[i : i + 1], self.hashes, count, self.table, earlier)
            if earlier[0] != NONE:
                if own in self.alike or self._ids([int(earlier[0])], start, new) == [own]:
                    continue
                self.alike[own] = count
                self.hashes[count] = found[i]
                self.count += 1
            fresh[i] = True
            new.append(own)
        return fresh

    def _rebuild(self, count: int) -> None:
        """The table as it was when there were `count` rows."""
        self.count = count
        self.table[:] = NONE
        every, earlier = self.hashes[:count].copy(), np.empty(count, dtype=np.int32)
        if look_up(every, self.hashes, 0, self.table, earlier) == count:
            return
        # a row with the bits of an earlier one must not take the number of the next
        self.hashes[:count] = every
        self.table[:] = NONE
        firsts = np.unique(every, return_index=True)[1]
        for row in np.sort(firsts).tolist():
            place = int(every[row]) & (len(self.table) - 1)
            while self.table[place] != NONE:
                place = (place + 1) & (len(self.table) - 1)
            self.table[place] = row

    def _hashed(self, column: pa.Array) -> Array:
        ends, letters = bytes_of(column)
        found = np.empty(len(column), dtype=np.uint64)
        hash_texts(letters, ends, self.keep, found)
        return found

    def _make_room(self, count: int) -> None:
        """The table gets no more than half full: look-ups stay short."""
        wanted = self.count + count
        if len(self.hashes) < wanted:
            larger = np.zeros(max(wanted, 2 * len(self.hashes)), dtype=np.uint64)
            larger[: self.count] = self.hashes[: self.count]
            self.hashes = larger
        if len(self.table) < 2 * wanted:
            self.table = np.full(1 << (4 * wanted - 1).bit_length(), NONE, dtype=np.int32)
            self._rebuild(self.count)

    def saved(self) -> dict[str, Array]:
        """All that is remembered, for a snapshot."""
        alike = np.array(sorted(self.alike.values()), dtype=np.int64)
        return {"hashes": self.hashes[: self.count], "table": self.table, "alike": alike}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        self.hashes, self.table = arrays["hashes"], arrays["table"]
        self.count = len(self.hashes)
        rows = arrays["alike"].tolist()
        self.alike = dict(zip(self.ids(rows), rows, strict=True))
