"""The fast kernel gives what the kernel in plain Python gives: every fact at every event, in one
batch or in many, sorted by key or as the log has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import Overflowed
from habeas.core.policy import Event, Fact
from habeas.engine.columns import Column, Events
from habeas.engine.kernel import MOST_FACTS, Kernel
from habeas.engine.reading import clocks
from habeas.engine.replay import Engine, replay
from tests.engine.making import DAY, START, event, examples, facts, histories, logged, policy_with


def same(fact: Fact, one: Column, other: Column) -> None:
    assert one.known.tolist() == other.known.tolist(), fact
    known = one.known
    assert one.values[known].tolist() == other.values[known].tolist(), fact


def agrees(declared: Mapping[str, Any], made: Sequence[Event]) -> None:
    wanted, events = list(policy_with(declared).facts.values()), logged(made).events
    fast = replay(events, wanted, engine=Engine.FAST)
    plain = replay(events, wanted, engine=Engine.PYTHON)
    assert fast.keys() == plain.keys()
    for fact, column in plain.items():
        same(fact, fast[fact], column)


@examples(400)
@given(histories(60), facts(8))
def test_the_fast_kernel_equals_the_one_in_plain_python(
    made: list[Event], declared: dict[str, Any]
) -> None:
    agrees(declared, made)


@examples(200)
@given(histories(60), facts(6), st.lists(st.integers(1, 20), max_size=12))
def test_batches_of_any_size_give_what_one_gives(
    made: list[Event], declared: dict[str, Any], sizes: list[int]
) -> None:
    wanted, events = list(policy_with(declared).facts.values()), logged(made).events
    whole = replay(events, wanted, engine=Engine.PYTHON)
    kernel, start = Kernel(wanted), 0
    for size in [*sizes, len(events)]:
        rows = slice(start, start + size)
        found, moved = kernel.feed(events.part(rows))
        for fact, column in whole.items():
            same(fact, found[fact], column.take(rows))
        assert moved["account"].tolist() == clocks(events, "account")[rows].tolist()
        start += size


def test_more_facts_than_one_group_holds() -> None:
    made = [event(i, START + i * DAY, "ada", "order", points=i) for i in range(40)]
    declared = {f"f{i}": {"sum": "points", "over": f"{i + 1}d"} for i in range(MOST_FACTS + 8)}
    agrees(declared, made)


def test_the_tables_of_pairs_grow() -> None:
    made = [
        event(i, START + (i % 5) * DAY + i, f"a{i % 3}", "order", points=i % 4000)
        for i in range(9000)
    ]
    agrees({"some": {"distinct": "points", "over": "2d"}, "all": {"distinct": "points"}}, made)


def test_history_that_comes_in_two_late_files() -> None:
    late = [event(i, START + i * 1000, "ada", "order", points=1) for i in range(3000)]
    first = [event(5000 + i, START + DAY + i, "ada", "order", points=2) for i in range(3000)]
    agrees({"n": {"sum": "points", "over": "2d"}, "least": {"min": "points", "over": "1d"}},
           [*first, *late, *first[:0]])  # fmt: skip


def events_of(values: Sequence[int]) -> Events:
    return logged(
        [event(i, START + i, "ada", "order", points=v) for i, v in enumerate(values)]
    ).events


LARGEST = 2**63 - 1


def test_a_sum_that_outgrows_64_bits_is_named() -> None:
    wanted = policy_with({"spent": {"sum": "points", "over": "1d"}}).facts.values()
    with pytest.raises(Overflowed, match="`spent` of account 'ada' outgrew 64 bits at event 'e1'"):
        replay(events_of([LARGEST, 1]), wanted)


def test_a_sum_may_pass_beyond_64_bits_while_events_leave() -> None:
    """Two events leave at once; only what is left must fit, not the way to it."""
    big = [event(0, START, "ada", "order", points=-LARGEST)]
    big.append(event(1, START + 1, "ada", "order", points=LARGEST))
    big.append(event(2, START + 3 * DAY, "ada", "order", points=-LARGEST))
    agrees({"sum": {"sum": "points", "over": "1d"}}, big)


def test_an_empty_log_has_empty_facts() -> None:
    wanted = list(policy_with({"n": {"count": "order"}}).facts.values())
    (column,) = replay(logged([]).events, wanted).values()
    assert len(column) == 0
    assert column.values.dtype == np.int64
