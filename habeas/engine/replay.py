"""From events to facts, to the truth of conditions, to findings: one pass over the log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from habeas.core.conditions import sub_conditions, written
from habeas.core.facts import Fact
from habeas.core.findings import NOWHERE, Cause, Finding, Position, Value, advance
from habeas.core.ids import finding_id
from habeas.core.policies import Policy
from habeas.engine.columns import Column, Events, Texts, plain
from habeas.engine.conditions import compiled, is_true
from habeas.engine.counterfactuals import counterfactuals
from habeas.engine.evidence import evidence
from habeas.engine.reading import Progress, clocks
from habeas.engine.twin import compute

Facts = Mapping[Fact, Column]  # by meaning


class Engine(StrEnum):
    """What computes facts. Both give the same value for every fact at every event."""

    FAST = "fast"
    PYTHON = "python"


Told = Callable[[int, int], None]  # how much is done, of how much


def silent(_done: int, _all: int) -> None:
    """No progress is shown."""


def replay(
    events: Events,
    facts: Iterable[Fact],
    progress: Told = silent,
    engine: Engine = Engine.FAST,
) -> Facts:
    """Every fact at every event; facts of one meaning are computed once."""
    if engine is Engine.FAST:
        from habeas.engine.kernel import Kernel  # numba takes half a second to load

        kernel = Kernel(facts)
        tell = _counting(progress, len(kernel.groups) * len(events))
        return kernel.feed(events, tell, together=True)[0]
    named: dict[Fact, Fact] = {}
    for fact in facts:
        named.setdefault(fact.meaning, fact)
    tell = _counting(progress, len(named) * len(events))
    return {meaning: compute(fact, events, tell) for meaning, fact in named.items()}


def _counting(progress: Told, total: int) -> Progress:
    done = 0

    def more(count: int) -> None:
        nonlocal done
        done += count
        progress(done, total)

    return more


def columns_of(policy: Policy, facts: Facts) -> dict[str, Column]:
    return {name: facts[fact.meaning] for name, fact in policy.facts.items()}


def truth(policy: Policy, events: Events, facts: Facts) -> Column:
    """Whether the policy's condition holds at each event: true, false or unknown."""
    if not len(events):
        empty = np.zeros(0, dtype=bool)
        return Column(empty, empty)
    return compiled(policy.condition, events.texts)(columns_of(policy, facts))


@dataclass(frozen=True, slots=True)
class Edge:
    """A row of the log at which a finding is made."""

    row: int
    step: int
    cause: Cause


def edges(policy: Policy, events: Events, held: Column) -> list[Edge]:
    """The findings of one policy, in log order, before they are dressed with their reasons."""
    ever = np.zeros(len(events.texts.texts), dtype=bool)
    ever[events.account[is_true(held)]] = True
    rows = np.flatnonzero(held.known & ever[events.account]) if len(events) else np.zeros(0, int)
    clock = clocks(events, "account")[rows].tolist()
    accounts = events.account[rows].tolist()
    truths = held.values[rows].tolist()
    positions: dict[int, Position] = {}
    found = []
    for i, row in enumerate(rows.tolist()):
        before = positions.get(accounts[i], NOWHERE)
        after, cause = advance(before, truths[i], clock[i], policy.ladder)
        positions[accounts[i]] = after
        if cause is not None:
            found.append(Edge(row, after.step, cause))
    return found


def findings(policy: Policy, events: Events, facts: Facts) -> list[Finding]:
    """The findings of one policy with all they carry."""
    made = edges(policy, events, truth(policy, events, facts))
    return explained(policy, events, facts, made) if made else []


@dataclass(frozen=True, slots=True)
class Moment:
    """The event of a finding."""

    event_id: str
    account: str
    time_us: int


def explained(policy: Policy, events: Events, facts: Facts, made: list[Edge]) -> list[Finding]:
    rows = np.array([edge.row for edge in made], dtype=np.int64)
    columns = {name: column.take(rows) for name, column in columns_of(policy, facts).items()}
    behind = {name: evidence(policy.facts[name], events, rows) for name in policy.used}
    moments = [
        Moment(events.id[row], events.name_of(row), int(events.time_us[row]))
        for row in rows.tolist()
    ]
    return dressed(policy, made, moments, columns, behind, events.texts)


def dressed(
    policy: Policy,
    made: Sequence[Edge],
    moments: Sequence[Moment],
    columns: Mapping[str, Column],
    behind: Mapping[str, Sequence[tuple[str, ...]]],
    texts: Texts,
) -> list[Finding]:
    """Findings with their reasons, from the facts and the evidence at each edge."""
    values = _values(policy, columns, texts)
    truths = _truths(policy, columns, texts)
    changes = counterfactuals(policy.condition, policy.facts, policy.disclose, columns, texts)
    outcome = policy.outcome
    return [
        Finding(
            id=finding_id(policy.name, policy.version, outcome, moment.event_id),
            event_id=moment.event_id,
            account=moment.account,
            time_us=moment.time_us,
            policy=policy.name,
            version=policy.version,
            outcome=outcome,
            step=edge.step,
            cause=edge.cause,
            values=values[i],
            evidence={name: behind[name][i] for name in policy.used},
            truths=truths[i],
            changes=changes[i],
            sequence=edge.row,
        )
        for i, (edge, moment) in enumerate(zip(made, moments, strict=True))
    ]


def _values(policy: Policy, columns: Mapping[str, Column], texts: Texts) -> list[dict[str, Value]]:
    listed = {
        name: plain(column, policy.facts[name].type, texts) for name, column in columns.items()
    }
    size = len(next(iter(columns.values())))
    return [{name: listed[name][i] for name in policy.facts} for i in range(size)]


def _truths(
    policy: Policy, columns: Mapping[str, Column], texts: Texts
) -> list[tuple[tuple[str, bool | None], ...]]:
    parts: list[tuple[str, list[bool | None]]] = []
    for node in sub_conditions(policy.condition, policy.types):
        found = compiled(node, texts)(columns)
        parts.append((written(node), _three_valued(found)))
    size = len(next(iter(columns.values())))
    return [tuple((text, held[i]) for text, held in parts) for i in range(size)]


def _three_valued(column: Column) -> list[bool | None]:
    pairs = zip(column.values.tolist(), column.known.tolist(), strict=True)
    return [bool(value) if known else None for value, known in pairs]


def in_log_order(found: Iterable[Finding]) -> list[Finding]:
    """Findings of several policies in the order of their events, then by policy."""
    return sorted(found, key=lambda f: (f.sequence, f.policy))
