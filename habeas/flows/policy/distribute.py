"""Distribute: what `evaluate` does on one machine, done by a cluster; the files are the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from habeas.core.errors import InvalidInput
from habeas.core.policy import Fact, Policy
from habeas.core.policy.events import EARLIEST_US, LATEST_US
from habeas.core.policy.facts import types_of
from habeas.core.policy.policies import facts_of
from habeas.engine.cluster import check_needs, session
from habeas.engine.parts import POLICY, Work
from habeas.engine.spark import SparkWork
from habeas.flows.policy.check import check_folder, find_schema
from habeas.flows.policy.evaluate import by_policy
from habeas.ports.files import apart
from habeas.ports.tables import (
    FINDING_COLUMNS,
    events_file,
    findings_table,
    refuse_nulls,
    refuse_times,
    write_table,
)


@dataclass(frozen=True, slots=True)
class Distributed:
    """Checked policies, and the events on a cluster."""

    policies: Mapping[str, Policy]
    spread: SparkWork

    @property
    def facts(self) -> dict[str, Fact]:
        return facts_of(self.policies.values())

    def column(self, table: pa.Table, name: str) -> pa.ChunkedArray:
        """The column of a fact in a table that Spark made."""
        return table.column(self.spread.work.columns[self.facts[name].meaning])


@contextmanager
def distributed(
    policies: Path, events: Path, schema: Path | None, master: str
) -> Iterator[Distributed]:
    """Raises where the policies are not sound, the events do not fit, or Spark is not there."""
    check_needs(master)
    found = find_schema(policies, events, schema)
    checked = check_folder(policies, found).sound().policies
    facts = [f for policy in checked.values() for f in policy.facts.values()]
    work = Work(found, tuple(facts), tuple(checked.values()))
    rows = events_file(events, found).metadata.num_rows
    with session(master) as spark:
        spread = SparkWork(spark, events, work, rows)
        survey = spread.survey(EARLIEST_US, LATEST_US)
        refuse_nulls(events, survey.nulls)
        refuse_times(events, survey.outside)
        if survey.events != rows:
            message = f"Spark sees {survey.events:,} of the {rows:,} events of '{events}'"
            hint = "a name that begins with . or _ is hidden from Spark; the file must lie where "
            raise InvalidInput(message, hint + "every worker sees it")
        yield Distributed(checked, spread)


def write_facts(
    policies: Path, events: Path, out: Path, schema: Path | None, master: str
) -> dict[str, int]:
    """As `evaluate.write_facts`."""
    apart(out, [events, schema])
    with distributed(policies, events, schema, master) as one:
        found = one.spread.facts()
        named = {name: one.column(found, name) for name in one.facts}
        write_table(out, pa.table({"event_id": found.column("id"), **named}))
        return {"events": one.spread.rows, "facts": len(named)}


def write_findings(
    policies: Path, events: Path, out: Path, every: bool, schema: Path | None, master: str
) -> dict[str, object]:
    """As `evaluate.write_findings`."""
    apart(out, [events, schema])
    with distributed(policies, events, schema, master) as one:
        table = _held(one) if every else _findings(one)
        write_table(out, table)
        counts = by_policy(table, one.policies)
        return {"events": one.spread.rows, "rows": len(table), "policies": counts}


def _findings(one: Distributed) -> pa.Table:
    return findings_table(one.spread.findings(), types_of(one.facts))


def _held(one: Distributed) -> pa.Table:
    found = one.spread.held()
    tables = []
    for place, policy in enumerate(one.policies.values()):
        own = found.filter(pc.equal(found.column(POLICY), place))
        table = {
            "event_id": own.column("id"),
            "account": own.column("account"),
            "policy": pa.array([policy.name] * len(own), pa.string()),
            "version": pa.array([policy.version] * len(own), pa.int64()),
            "time_us": own.column("time_us"),
            **{name: one.column(own, name) for name in one.facts},
        }
        tables.append(pa.table(table).select([*(n for n, _ in FINDING_COLUMNS), *one.facts]))
    return pa.concat_tables(tables)
