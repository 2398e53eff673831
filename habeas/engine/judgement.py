"""Judgement: from facts to the truth of conditions, to findings with their reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from habeas.core.ids import finding_id
from habeas.core.policy import Fact, Finding, Policy
from habeas.core.policy.conditions import sub_conditions, written
from habeas.core.policy.findings import FactValue, UnknownCause
from habeas.core.progress import Progress, silent
from habeas.engine.columns import Array, Column, Events, joined, plain
from habeas.engine.conditions import compiled, is_true
from habeas.engine.counterfactuals import Counterfactuals
from habeas.engine.evidence import Behind, evidence
from habeas.engine.replay import Engine, Facts, ReplayPart, parts
from habeas.engine.texts import Texts
from habeas.engine.twin import CAUSES, PlainClimb

if TYPE_CHECKING:
    from habeas.engine.kernel import Climb


def columns_of(policy: Policy, facts: Facts) -> dict[str, Column]:
    """The columns of a policy's facts by the names that it gives them."""
    return {name: facts[meaning] for name, meaning in policy.meanings.items()}


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
    index: int
    cause: UnknownCause


def edges_of(rows: Array, steps: Array, causes: Array) -> list[Edge]:
    """From what a ladder's `feed` gives."""
    told = zip(rows.tolist(), steps.tolist(), causes.tolist(), strict=True)
    return [Edge(row, step, CAUSES[cause]) for row, step, cause in told]


@dataclass(frozen=True, slots=True)
class Judged:
    """A policy, the findings it makes in log order, its facts at each of them, and the last rows
    of the accounts for which the condition holds in the end."""

    policy: Policy
    edges: list[Edge]
    columns: Mapping[str, Column]
    holding: Array


class _Judge:
    """Gathers what one policy makes of part after part."""

    def __init__(self, policy: Policy, engine: Engine) -> None:
        self.policy = policy
        self.climb = _climb(policy, engine)
        self.made: list[tuple[Array, Array, Array]] = []
        self.columns: list[dict[str, Column]] = []
        self.holding: list[Array] = []

    def take(self, part: ReplayPart, last: Array) -> None:
        held = truth(self.policy, part.events, part.facts)
        rows, steps, causes = self.climb.feed(part.events, held, part.clocks)
        own = columns_of(self.policy, part.facts)
        self.made.append((part.rows[rows], steps, causes))
        self.columns.append({name: column.take(rows) for name, column in own.items()})
        self.holding.append(part.rows[last[is_true(held)[last]]])

    def judged(self) -> Judged:
        rows, steps, causes = (np.concatenate(own) for own in zip(*self.made, strict=True))
        order = np.argsort(rows)
        columns = {n: joined([c[n] for c in self.columns]).take(order) for n in self.columns[0]}
        made = edges_of(rows[order], steps[order], causes[order])
        return Judged(self.policy, made, columns, np.concatenate(self.holding))


def _climb(policy: Policy, engine: Engine) -> Climb | PlainClimb:
    if engine is Engine.PYTHON:
        return PlainClimb(policy.ladder)
    from habeas.engine.kernel import Climb  # numba takes half a second to load

    return Climb(policy.ladder)


def judge(
    policies: Iterable[Policy],
    parts: Iterable[ReplayPart],
    engine: Engine = Engine.FAST,
    at_end: Iterable[Fact] = (),
) -> tuple[list[Judged], Facts]:
    """What policies make of the parts of a log; and the facts `at_end`, at the last event of each
    account, in the order of `events.last_rows`. The parts hold all these facts."""
    judges = [_Judge(policy, engine) for policy in policies]
    final: dict[Fact, list[Column]] = {fact.meaning: [] for fact in at_end}
    for part in parts:
        last = part.events.last_rows
        for one in judges:
            one.take(part, last)
        for meaning, columns in final.items():
            columns.append(part.facts[meaning].take(last))
    return [one.judged() for one in judges], {m: joined(c) for m, c in final.items()}


def findings(
    policies: Iterable[Policy],
    events: Events,
    progress: Progress = silent,
    engine: Engine = Engine.FAST,
) -> list[Finding]:
    """The findings of policies with all they carry, in log order, then by policy."""
    listed = list(policies)
    wanted = [fact for policy in listed for fact in policy.facts.values()]
    made, _ = judge(listed, parts(events, wanted, progress, engine), engine)
    return in_log_order(finding for one in made for finding in explained(one, events))


def explained(judged: Judged, events: Events) -> list[Finding]:
    """The findings of one policy with all they carry."""
    policy = judged.policy
    rows = np.array([edge.row for edge in judged.edges], dtype=np.int64)
    if not len(rows):
        return []
    behind = evidence([policy.facts[n] for n in policy.used], events, rows)
    return Dresser(policy, events.texts).dressed(judged, events, behind)


class Dresser:
    """Gives the findings of one policy all that they carry; made ready once, for any number."""

    def __init__(self, policy: Policy, texts: Texts) -> None:
        self.policy = policy
        parts = sub_conditions(policy.condition, policy.types)
        self.parts = [(written(node), compiled(node, texts)) for node in parts]
        self.changes = Counterfactuals(policy.condition, policy.facts, policy.disclose, texts)

    def dressed(
        self, judged: Judged, events: Events, behind: Behind, start: int = 0
    ) -> list[Finding]:
        """Findings from where they were made, the facts there, and the evidence behind each.
        `start` is the sequence of the first of `events`."""
        policy, columns = self.policy, judged.columns
        values = _values(policy, events, columns)
        truths = self._truths(columns)
        changes = self.changes.of(columns)
        outcome = policy.outcome
        return [
            Finding(
                id=finding_id(policy.name, policy.version, outcome, events.id[edge.row]),
                event_id=events.id[edge.row],
                account=events.name_of(edge.row),
                time_us=int(events.time_us[edge.row]),
                policy=policy.name,
                version=policy.version,
                outcome=outcome,
                index=edge.index,
                cause=edge.cause,
                values=values[i],
                evidence={name: behind[name][i] for name in policy.used},
                truths=truths[i],
                changes=changes[i],
                sequence=start + edge.row,
            )
            for i, edge in enumerate(judged.edges)
        ]

    def _truths(self, columns: Mapping[str, Column]) -> list[tuple[tuple[str, bool | None], ...]]:
        held = [(text, _three_valued(program(columns))) for text, program in self.parts]
        size = len(next(iter(columns.values())))
        return [tuple((text, own[i]) for text, own in held) for i in range(size)]


def _values(
    policy: Policy, events: Events, columns: Mapping[str, Column]
) -> list[dict[str, FactValue]]:
    listed = {
        name: plain(column, policy.facts[name].type, events.texts)
        for name, column in columns.items()
    }
    size = len(next(iter(columns.values())))
    return [{name: listed[name][i] for name in policy.facts} for i in range(size)]


def _three_valued(column: Column) -> list[bool | None]:
    pairs = zip(column.values.tolist(), column.known.tolist(), strict=True)
    return [bool(value) if known else None for value, known in pairs]


def in_log_order(found: Iterable[Finding]) -> list[Finding]:
    """Findings of several policies in the order of their events, then by policy."""
    return sorted(found, key=lambda f: (f.sequence, f.policy))
