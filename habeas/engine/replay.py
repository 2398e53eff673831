"""Replay: from events to facts, one pass over the log."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from habeas.core.policy import Fact
from habeas.core.policy.facts import by_meaning
from habeas.core.progress import Progress, silent
from habeas.engine.columns import ACCOUNT, DTYPES, Array, Column, Events
from habeas.engine.reading import Advance, clocks
from habeas.engine.twin import compute

if TYPE_CHECKING:
    from habeas.engine.kernel import Group

Facts = Mapping[Fact, Column]  # by meaning


class Engine(StrEnum):
    """What computes facts. Both give the same value for every fact at every event."""

    FAST = "fast"
    PYTHON = "python"


@dataclass(frozen=True, slots=True)
class ReplayPart:
    """All events of some accounts, each account's in log order: which rows of the log they are,
    the facts at each, and the clock of its account."""

    rows: Array
    events: Events
    facts: Facts
    clocks: Array


def parts(
    events: Events, facts: Iterable[Fact], progress: Progress = silent, engine: Engine = Engine.FAST
) -> Iterator[ReplayPart]:
    """The log, some accounts at a time. What is computed of a part stays in the memory's cache,
    and nothing as long as the log is kept but the facts by other keys. Raises Overflowed."""
    if engine is Engine.PYTHON:
        return iter([_plain_part(events, facts, progress)])
    return _fast_parts(events, facts, progress)


def _fast_parts(events: Events, facts: Iterable[Fact], progress: Progress) -> Iterator[ReplayPart]:
    from habeas.engine.kernel import Kernel, whole_keys  # numba takes half a second

    kernel = Kernel(facts)
    tell = _counting(progress, len(kernel.groups) * len(events))
    own = [group for group in kernel.groups if group.key == ACCOUNT]
    elsewhere: dict[Fact, Column] = {}
    for group in kernel.groups:
        if group.key != ACCOUNT:
            elsewhere |= _spread(group, events, tell)
    for rows in whole_keys(events, ACCOUNT):
        part = events.part(rows)
        found = {meaning: column.take(rows) for meaning, column in elsewhere.items()}
        for group in own:
            columns, clock = group.whole(part, tell)
            found |= group.named(columns)
        yield ReplayPart(rows, part, found, clock)


def _spread(group: Group, events: Events, tell: Advance) -> Facts:
    """Facts by a key other than the account, at every event of the log."""
    from habeas.engine.kernel import whole_keys

    found = {fact.meaning: _blank(fact, len(events)) for fact in group.facts}
    for rows in whole_keys(events, group.key):
        columns, _ = group.whole(events.part(rows), tell)
        _put(found, rows, group.named(columns))
    return found


def _blank(fact: Fact, size: int) -> Column:
    return Column(np.zeros(size, dtype=DTYPES[fact.type.base]), np.zeros(size, dtype=bool))


def _put(whole: Facts, rows: Array, columns: Facts) -> None:
    for meaning, column in columns.items():
        whole[meaning].values[rows] = column.values
        whole[meaning].known[rows] = column.known


def _plain_part(events: Events, facts: Iterable[Fact], progress: Progress) -> ReplayPart:
    named = by_meaning(facts)
    tell = _counting(progress, len(named) * len(events))
    found = {meaning: compute(fact, events, tell) for meaning, fact in named.items()}
    return ReplayPart(np.arange(len(events)), events, found, clocks(events, ACCOUNT))


def _counting(progress: Progress, total: int) -> Advance:
    done = 0

    def more(count: int) -> None:
        nonlocal done
        done += count
        progress(done, total)

    return more


def replay(
    events: Events, facts: Iterable[Fact], progress: Progress = silent, engine: Engine = Engine.FAST
) -> Facts:
    """Every fact at every event, in log order; facts of one meaning are computed once."""
    listed = list(facts)
    whole = {fact.meaning: _blank(fact, len(events)) for fact in listed}
    for part in parts(events, listed, progress, engine):
        _put(whole, part.rows, part.facts)
    return whole
