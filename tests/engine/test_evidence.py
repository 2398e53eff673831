"""The evidence of a fact is the events in its window, and from it alone the fact follows again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from hypothesis import given

from habeas.core.policy import Event, Fact
from habeas.core.policy.facts import FactKind
from habeas.core.policy.findings import UnknownCause
from habeas.engine.evidence import evidence
from habeas.engine.judgement import Edge, Judged, columns_of, explained
from habeas.engine.replay import replay
from tests.engine import oracle
from tests.engine.making import (
    DAY,
    KINDS,
    START,
    event,
    examples,
    facts,
    histories,
    logged,
    policy,
    policy_with,
)


@examples(150)
@given(histories(), facts(4))
def test_evidence_is_the_events_in_the_window(made: list[Event], declared: dict[str, Any]) -> None:
    log = logged(made)
    rows = np.arange(len(made))
    for name, fact in policy_with(declared).facts.items():
        found = evidence([fact], log.events, rows)[name]
        assert found == [tuple(ids) for ids in log.oracle.evidence(declared[name])], declared[name]


@examples(60)
@given(histories(), facts(1))
def test_evidence_of_some_rows_is_theirs(made: list[Event], declared: dict[str, Any]) -> None:
    log = logged(made)
    rows = np.arange(len(made))[::-2]
    (fact,) = policy_with(declared).facts.values()
    every = evidence([fact], log.events, np.arange(len(made)))[fact.name]
    assert evidence([fact], log.events, rows)[fact.name] == [every[row] for row in rows]


def read(one: Event, name: str) -> Any:
    return getattr(one, name) if name in ("account", "type") else one.attributes.get(name)


def again(fact: Fact, behind: Sequence[Event], clock_us: int) -> Any:
    """A fact from its evidence alone, as anyone would compute it by hand (law 1)."""
    values: list[Any] = [read(e, str(fact.value)) for e in behind]
    match fact.kind:
        case FactKind.COUNT:
            return len(behind)
        case FactKind.SUM:
            return sum(values)
        case FactKind.DISTINCT:
            return min(len(set(values)), fact.cap)
        case FactKind.FIRST:
            return values[0] if values else None
        case FactKind.LAST:
            return values[-1] if values else None
        case FactKind.MIN:
            return min(values, default=None)
        case FactKind.MAX:
            return max(values, default=None)
        case FactKind.AGE:
            first = min((e.time_us for e in behind), default=None)
            return None if first is None else (clock_us - first) // fact.unit_us


@examples(120)
@given(histories(), facts(5))
def test_a_finding_follows_from_its_evidence_alone(
    made: list[Event], declared: dict[str, Any]
) -> None:
    """As if every event made a finding; nothing but the finding and its evidence is read."""
    log, by_id = logged(made), {e.id: e for e in made}
    one = policy(declared, " or ".join(f"{name} is null" for name in declared))
    computed = replay(log.events, one.facts.values())
    clocks = {fact.by: log.oracle.clocks(fact.by) for fact in one.facts.values()}
    made_of = [Edge(row, 0, UnknownCause.BECAME_TRUE) for row in range(len(made))]
    judged = Judged(one, made_of, columns_of(one, computed), np.zeros(0, dtype=np.int64))
    for row, found in enumerate(explained(judged, log.events)):
        assert found.event_id == made[row].id
        assert set(found.evidence) == set(one.used)
        for name, ids in found.evidence.items():
            fact = one.facts[name]
            if read(made[row], fact.by) is None:
                assert (ids, found.values[name]) == ((), None)
                continue
            behind = [by_id[i] for i in ids]
            assert found.values[name] == again(fact, behind, clocks[fact.by][row]), name


def every_kind() -> Mapping[str, Any]:
    reading = {"count": "order", "age": "order", "distinct": "city"}
    one = {k: {k: reading.get(k, "points"), "over": "24h"} for k in KINDS}
    one["age"]["unit"] = "minute"
    return {f"f_{kind}": declared for kind, declared in one.items()}


def test_evidence_names_the_events_in_order_of_the_log() -> None:
    made = [event(i, START + t, "ada", "order", points=i, city="Lyon") for i, t in
            enumerate((0, DAY, DAY, 1, DAY - 1))]  # fmt: skip
    log = logged(made)
    for fact in policy_with(every_kind()).facts.values():
        assert evidence([fact], log.events, np.array([4]))[fact.name] == [("e1", "e2", "e3", "e4")]


def test_the_oracle_tells_no_evidence_without_a_key() -> None:
    """The comparison above must not be one of nothing with nothing."""
    log = logged([event(0, START, "ada", "order", device="d1"), event(1, START, "ada", "order")])
    one: oracle.Declaration = {"count": "order", "by": "device"}
    assert log.oracle.evidence(one) == [["e0"], []]
