"""The events behind a fact at an instant, read again from the log: whichever kernel made the
finding, its evidence is found in this one way (law 1)."""

from __future__ import annotations

import numpy as np

from habeas.core.facts import Fact
from habeas.engine.columns import NO_TEXT, Array, Events
from habeas.engine.reading import clocks, matching


def evidence(fact: Fact, events: Events, rows: Array) -> list[tuple[str, ...]]:
    """The ids of the events in the window of `fact` at each of `rows`, in log order."""
    keys = events.key(fact.by)
    takes = np.flatnonzero(matching(fact, events) & (keys != NO_TEXT))
    order = takes[np.argsort(keys[takes], kind="stable")]  # by key, then by sequence
    sorted_keys = keys[order]
    limits = clocks(events, fact.by)[rows] - (fact.over_us or 0)
    starts = np.searchsorted(sorted_keys, keys[rows], side="left")
    ends = np.searchsorted(sorted_keys, keys[rows], side="right")
    found = []
    for row, limit, start, end in zip(rows, limits, starts, ends, strict=True):
        own = order[start:end]
        own = own[: np.searchsorted(own, row, side="right")]
        if fact.over_us:
            own = own[events.time_us[own] > limit]
        found.append(tuple(events.id[i] for i in own.tolist()))
    return found
