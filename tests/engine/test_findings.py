"""Findings: the truth of every policy at every event is DuckDB's, and findings are made when it
becomes true, again after it has been false, and when the next step is due."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.policy import Event, Policy
from habeas.core.policy.findings import UnknownCause
from habeas.engine.columns import Column
from habeas.engine.judgement import columns_of, findings, truth
from habeas.engine.replay import Engine, replay
from habeas.flows.policy.evaluate import write_facts, write_findings
from habeas.ports.tables import events_table, events_writer
from tests.engine import oracle
from tests.engine.climbing import edges
from tests.engine.making import (
    DAY,
    HOUR,
    SCHEMA,
    START,
    event,
    examples,
    histories,
    logged,
    policy,
    policy_text,
)

FACTS: dict[str, Any] = {
    "orders": {"count": "order", "over": "2d"},
    "returned": {"sum": "fee", "of": "return", "over": "1w"},
    "spent": {"sum": "fee", "of": "order", "over": "1w"},
    "sharing": {"distinct": "account", "by": "device", "cap": 3, "over": "1w"},
    "newest": {"last": "points"},
    "town": {"first": "city", "over": "24h"},
    "tenure": {"age": ["order", "login"], "unit": "hour"},
    "heaviest": {"max": "weight"},
    "gifted": {"last": "gift", "of": "order"},
}
ATOMS = (
    "orders >= 2",
    "returned / spent > 0.3",
    "returned > spent",
    "sharing >= 2",
    "newest between 0 and 2",
    "newest in (1, 3)",
    "town = 'Lyon'",
    "town is null",
    "coalesce(town, 'nowhere') <> 'somewhere'",
    "tenure > 3",
    "heaviest * 2 - 0.5 > 0",
    "gifted",
    "case when gifted then orders else newest end > 1",
)
WHENS = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: (
        st.builds("({}) {} ({})".format, inner, st.sampled_from(["and", "or"]), inner)
        | inner.map("not ({})".format)
    ),
    max_leaves=4,
)
AFTERS = st.lists(st.sampled_from(["10s", "1h", "24h", "2d"]), max_size=3)


def history(one: Policy, made: Sequence[Event], truths: list[Any], clocks: list[int]) -> list[Any]:
    afters = [step.after_us for step in one.ladder]
    return oracle.findings([e.account for e in made], clocks, truths, afters)


@examples(200)
@given(histories(), WHENS, st.none() | WHENS, AFTERS)
def test_findings_equal_their_meaning(
    made: list[Event], when: str, unless: str | None, afters: list[str]
) -> None:
    log = logged(made)
    one = policy(FACTS, when, unless, afters)
    computed = replay(log.events, one.facts.values())
    held = truth(one, log.events, computed)
    log.oracle.keep({name: FACTS[name] for name in one.used})
    decided = log.oracle.decide(when, unless)
    assert [bool(v) if k else None for v, k in zip(held.values, held.known, strict=True)] == decided
    expected = history(one, made, decided, log.oracle.clocks())
    assert [(e.row, e.index, str(e.cause)) for e in edges(one, log.events, held)] == expected
    found = findings([one], log.events)
    assert findings([one], log.events, engine=Engine.PYTHON) == found
    assert [(f.event_id, f.index, f.account, f.time_us) for f in found] == [
        (made[row].id, step, made[row].account, made[row].time_us) for row, step, _ in expected
    ]
    for finding in found:
        assert finding.truths[0][1] is True
        assert finding.outcome == one.outcome
    assert len({f.id for f in found}) == len(found)


STEPS_US = st.sampled_from([0, 1, HOUR, DAY - 1, DAY, 2 * DAY, -HOUR, -DAY])


@examples(150)
@given(
    st.lists(
        st.tuples(st.sampled_from(["ada", "boris"]), STEPS_US, st.sampled_from([True, False, None]))
    ),
    AFTERS,
)
def test_findings_of_any_truths(moments: list[tuple[str, int, Any]], afters: list[str]) -> None:
    """Any order of true, false and unknown, for ladders of one to four steps."""
    one = policy(FACTS, "orders > 1", None, afters)
    times = np.cumsum([step for _, step, _ in moments]).tolist()
    made = [
        event(i, START + int(t), account, "login")
        for i, (t, (account, _, _)) in enumerate(zip(times, moments, strict=True))
    ]
    log, truths = logged(made), [held for _, _, held in moments]
    held = Column(
        np.array([t is True for t in truths], dtype=bool),
        np.array([t is not None for t in truths], dtype=bool),
    )
    found = edges(one, log.events, held)
    expected = history(one, made, truths, log.oracle.clocks())
    assert [(e.row, e.index, str(e.cause)) for e in found] == expected


@pytest.mark.parametrize(
    ("truths", "days", "expected"),
    [
        ("T", [0], [(0, 0, UnknownCause.BECAME_TRUE)]),
        ("TT", [0, 0], [(0, 0, UnknownCause.BECAME_TRUE)]),
        ("T?T", [0, 0, 0], [(0, 0, UnknownCause.BECAME_TRUE)]),  # unknown changes nothing
        ("TFT", [0, 0, 0], [(0, 0, UnknownCause.BECAME_TRUE), (2, 0, UnknownCause.BECAME_TRUE)]),
        ("TT", [0, 2], [(0, 0, UnknownCause.BECAME_TRUE), (1, 1, UnknownCause.STAYED_TRUE)]),
        (
            "T?TF",
            [0, 2, 1, 1],
            [(0, 0, UnknownCause.BECAME_TRUE), (2, 1, UnknownCause.STAYED_TRUE)],
        ),
        ("TFT", [0, 0, 2], [(0, 0, UnknownCause.BECAME_TRUE), (2, 1, UnknownCause.BECAME_TRUE)]),
        ("TTTT", [0, 9, 9, 20], [(0, 0, "became_true"), (1, 1, "stayed_true")]),
        ("??F", [0, 0, 0], []),
    ],
)
def test_a_finding_is_made_when(truths: str, days: list[int], expected: list[Any]) -> None:
    """Two steps, the second two days after the first. A late event does not set the clock back."""
    one = policy(FACTS, "orders > 1", None, ["2d"])
    log = logged([event(i, START + d * DAY, "ada", "login") for i, d in enumerate(days)])
    values = {"T": True, "F": False, "?": False}
    held = Column(
        np.array([values[t] for t in truths]), np.array([t != "?" for t in truths], dtype=bool)
    )
    found = [(e.row, e.index, e.cause) for e in edges(one, log.events, held)]
    assert found == expected
    told = [None if t == "?" else values[t] for t in truths]
    assert oracle.findings(["ada"] * len(days), log.oracle.clocks(), told, [0, 2 * DAY]) == found


@examples(30)
@given(histories(), WHENS, st.none() | WHENS)
def test_the_files_say_the_same(made: list[Event], when: str, unless: str | None) -> None:
    """`habeas findings --all` and `habeas facts`, by way of policy files and Parquet."""
    log = logged(made)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "policies").mkdir()
        text = policy_text(FACTS, when, unless)
        (folder / "policies" / "made.yaml").write_text(text, encoding="utf-8")
        with events_writer(folder / "events.parquet", SCHEMA) as writer:
            writer.write_table(events_table(made, SCHEMA))
        files = folder / "policies", folder / "events.parquet"
        write_findings(*files, folder / "held.parquet", every=True)
        write_facts(*files, folder / "facts.parquet")
        held = pq.read_table(folder / "held.parquet").to_pylist()
        written = pq.read_table(folder / "facts.parquet").to_pydict()
    log.oracle.keep(FACTS)
    decided = log.oracle.decide(when, unless)
    assert [row["event_id"] for row in held] == [
        e.id for e, true in zip(made, decided, strict=True) if true
    ]
    assert written.pop("event_id") == [e.id for e in made]
    expected = {name: log.oracle.kept(name) for name in FACTS}
    assert written == expected
    row_of = {e.id: i for i, e in enumerate(made)}
    for row in held:
        assert {n: row[n] for n in FACTS} == {
            n: expected[n][row_of[row["event_id"]]] for n in FACTS
        }


def test_a_policy_over_no_event_finds_nothing() -> None:
    log, one = logged([]), policy(FACTS, "orders > 1")
    computed = replay(log.events, one.facts.values())
    assert len(truth(one, log.events, computed)) == 0
    assert findings([one], log.events) == []


def test_facts_of_one_meaning_are_computed_once() -> None:
    declared = {
        "one": {"count": "order"},
        "same": {"count": ["order"]},
        "other": {"count": "login"},
    }
    one = policy(declared, "one > same")
    computed = replay(logged([event(0, START, "ada", "order")]).events, one.facts.values())
    assert len(computed) == 2
    assert columns_of(one, computed)["one"] is columns_of(one, computed)["same"]
