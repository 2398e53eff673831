"""What facts read of events: which events, which values, and the clock of each key."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from habeas.core.errors import Overflowed
from habeas.core.policy import Fact
from habeas.core.policy.facts import FactKind
from habeas.engine.columns import Array, Events
from habeas.engine.conditions import compiled, is_true
from habeas.engine.texts import NO_TEXT

Advance = Callable[[int], None]  # events done since it was called last


def clocks(events: Events, key: str) -> Array:
    """The clock of each event's key: the highest time seen for it so far. Where an event lacks
    the key, its own time. Policies and facts ask for it again and again; it is found once."""
    if key not in events.clocks:
        events.clocks[key] = _clocks(events, key)
    return events.clocks[key]


def _clocks(events: Events, key: str) -> Array:
    codes = events.key(key)
    order = np.argsort(codes, kind="stable")
    sorted_codes, times = codes[order], events.time_us[order]
    # Ranking times lets one running maximum serve all keys: each key's ranks start above the
    # last key's. (A composite of key and microseconds would overflow int64.)
    ranks = np.argsort(np.argsort(times, kind="stable"), kind="stable")
    group = np.cumsum(np.append(False, sorted_codes[1:] != sorted_codes[:-1]))
    highest = np.maximum.accumulate(group * len(times) + ranks) - group * len(times)
    found = np.empty_like(events.time_us)
    found[order] = np.sort(times)[highest] if len(times) else times
    return np.where(codes == NO_TEXT, events.time_us, found)


def matching(fact: Fact, events: Events) -> Array:
    """Which events a fact reads: of its types, in its currency, with a value, where `where`."""
    chosen = np.ones(len(events), dtype=bool)
    if fact.of:
        # one comparison a type is ten times faster than np.isin
        chosen = np.logical_or.reduce([events.type == events.texts.find(t) for t in fact.of])
    for holder in fact.holders:
        column = events.attributes[holder]
        chosen &= column.known & (column.values == events.texts.find(fact.currency or ""))
    if fact.value is not None:
        chosen &= events.column(fact.value).known
    if fact.where is not None and len(events):
        chosen &= is_true(compiled(fact.where, events.texts)(events.columns))
    return chosen


def read_values(fact: Fact, events: Events) -> Array:
    """What each event adds to a fact."""
    match fact.kind:
        case FactKind.COUNT:
            return np.ones(len(events), dtype=np.int64)
        case FactKind.AGE:
            return events.time_us
        case _:
            return events.column(str(fact.value)).values


def overflow(fact: Fact, events: Events, row: int) -> Overflowed:
    """The error where a sum leaves 64 bits at a row of the events."""
    return Overflowed(
        f"the fact `{fact.name}` of account '{events.name_of(row)}' outgrew 64 bits at event "
        f"'{events.id[row]}'",
        "look at the amounts of that account; one of them is likely in the wrong unit",
    )
