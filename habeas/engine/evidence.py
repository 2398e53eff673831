"""The events behind facts at an instant, read again from the log: whichever kernel made the
finding, its evidence is found in this one way (law 1)."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from habeas.core.policy import Fact
from habeas.core.policy.findings import MOST_EVIDENCE
from habeas.engine.columns import Array, Events
from habeas.engine.reading import clocks, matching
from habeas.engine.texts import NO_TEXT

Behind = dict[str, list[tuple[str, ...]]]  # ids of events in log order, by fact, for each row


def evidence(facts: Iterable[Fact], events: Events, rows: Array) -> Behind:
    """The events in the window of each fact at each of `rows`."""
    by_key: dict[str, list[Fact]] = {}
    for fact in facts:
        by_key.setdefault(fact.by, []).append(fact)
    found: Behind = {}
    for key, own in by_key.items():
        history = _history(events, key, rows)
        part, places = events.part(history), np.searchsorted(history, rows)
        found |= {fact.name: _behind(fact, part, places) for fact in own}
    return found


def _history(events: Events, key: str, rows: Array) -> Array:
    """`rows`, and all events of the keys that they have."""
    keys = events.key(key)
    wanted = np.zeros(len(events.texts) + 1, dtype=bool)
    wanted[keys[rows]] = True
    wanted[NO_TEXT] = False  # the last place
    chosen = wanted[keys]
    chosen[rows] = True
    return np.flatnonzero(chosen)


def _behind(fact: Fact, events: Events, rows: Array) -> list[tuple[str, ...]]:
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
        if len(own) > MOST_EVIDENCE:
            latest = np.argsort(events.time_us[own], kind="stable")[-MOST_EVIDENCE:]
            own = own[np.sort(latest)]
        found.append(tuple(events.id[i] for i in own.tolist()))
    return found
