"""Evaluate: policies and events in, facts or findings out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from habeas.core.policy import Fact, Policy
from habeas.core.policy.conditions import Type
from habeas.core.policy.facts import types_of
from habeas.core.policy.policies import facts_of
from habeas.core.progress import Progress, silent
from habeas.engine.arrow import arrow_column
from habeas.engine.columns import Array, Column, Events, joined
from habeas.engine.conditions import is_true
from habeas.engine.judgement import findings, truth
from habeas.engine.replay import Engine, parts, replay
from habeas.flows.policy.check import check_folder, find_schema
from habeas.ports.files import apart
from habeas.ports.tables import FINDING_COLUMNS, findings_table, read_events, write_table


@dataclass(frozen=True, slots=True)
class Loaded:
    """Checked policies and the events they are evaluated on."""

    policies: Mapping[str, Policy]
    events: Events

    @property
    def facts(self) -> dict[str, Fact]:
        return facts_of(self.policies.values())

    @property
    def types(self) -> dict[str, Type]:
        return types_of(self.facts)


def load(policies: Path, events: Path, schema: Path | None = None) -> Loaded:
    """Policies and events that fit one schema. Raises NotFound, InvalidInput, InvalidPolicy."""
    found = find_schema(policies, events, schema)
    checked = check_folder(policies, found).sound()
    return Loaded(checked.policies, read_events(events, found))


def write_facts(
    policies: Path,
    events: Path,
    out: Path,
    schema: Path | None = None,
    progress: Progress = silent,
    engine: Engine = Engine.FAST,
) -> dict[str, int]:
    """One row an event: event_id and every fact of every policy, null where unknown."""
    apart(out, [events, schema])
    loaded = load(policies, events, schema)
    facts = replay(loaded.events, loaded.facts.values(), progress, engine)
    table = {"event_id": pa.array(loaded.events.id, pa.string())}
    for name, fact in loaded.facts.items():
        table[name] = arrow_column(facts[fact.meaning], fact.type, loaded.events.texts)
    write_table(out, pa.table(table))
    return {"events": len(loaded.events), "facts": len(loaded.facts)}


def write_findings(
    policies: Path,
    events: Path,
    out: Path,
    every: bool = False,
    schema: Path | None = None,
    progress: Progress = silent,
    engine: Engine = Engine.FAST,
) -> dict[str, object]:
    """One row a finding; with `every`, one row an event and policy where the condition holds."""
    apart(out, [events, schema])
    loaded = load(policies, events, schema)
    if every:
        table = _held(loaded, progress, engine)
    else:
        made = findings(loaded.policies.values(), loaded.events, progress, engine)
        table = findings_table(made, loaded.types)
    write_table(out, table)
    counts = by_policy(table, loaded.policies)
    return {"events": len(loaded.events), "rows": len(table), "policies": counts}


def by_policy(table: pa.Table, names: Iterable[str]) -> dict[str, dict[str, int]]:
    """Rows and accounts of a table of findings, by the policies' names."""
    policies = np.array(table.column("policy").to_pylist(), dtype=object)
    accounts = np.array(table.column("account").to_pylist(), dtype=object)
    counts = {}
    for name in names:
        own = policies == name
        counts[name] = {"rows": int(own.sum()), "accounts": len(set(accounts[own]))}
    return counts


def _held(loaded: Loaded, progress: Progress, engine: Engine) -> pa.Table:
    """Where each policy's condition holds, and every fact there."""
    found: dict[str, list[tuple[Array, dict[str, Column]]]] = {n: [] for n in loaded.policies}
    for part in parts(loaded.events, loaded.facts.values(), progress, engine):
        for name, policy in loaded.policies.items():
            rows = np.flatnonzero(is_true(truth(policy, part.events, part.facts)))
            facts = {n: part.facts[f.meaning].take(rows) for n, f in loaded.facts.items()}
            found[name].append((part.rows[rows], facts))
    tables = [_held_by(policy, loaded, found[n]) for n, policy in loaded.policies.items()]
    return pa.concat_tables(tables)


def _held_by(
    policy: Policy, loaded: Loaded, found: list[tuple[Array, dict[str, Column]]]
) -> pa.Table:
    events = loaded.events
    rows = np.concatenate([own for own, _ in found])
    order = np.argsort(rows)
    listed = rows[order].tolist()
    table: dict[str, pa.Array] = {
        "event_id": pa.array([events.id[i] for i in listed], pa.string()),
        "account": pa.array([events.name_of(i) for i in listed], pa.string()),
        "policy": pa.array([policy.name] * len(rows), pa.string()),
        "version": pa.array([policy.version] * len(rows), pa.int64()),
        "time_us": pa.array(events.time_us[rows[order]], pa.int64()),
    }
    for name, fact in loaded.facts.items():
        column = joined([facts[name] for _, facts in found]).take(order)
        table[name] = arrow_column(column, fact.type, events.texts)
    return pa.table(table).select([*(n for n, _ in FINDING_COLUMNS), *loaded.facts])
