"""The part of `habeas verify` that computes findings again, by both engines, from the events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from habeas.core.errors import HabeasError, NotFound
from habeas.core.policy import Finding, Policy
from habeas.core.progress import Progress
from habeas.engine.arrow import events_of, log_schema
from habeas.engine.columns import Events
from habeas.engine.judgement import findings
from habeas.engine.logged import Reader
from habeas.engine.replay import Engine
from habeas.engine.texts import Texts
from habeas.flows.policy.check import check_texts, find_schema
from habeas.ports.tables import read_events
from habeas.store import auditing

TOGETHER = 1_000_000  # events of the log that are read together
MOST_NAMED = 20  # problems of one check that are told word for word


@dataclass(slots=True)
class Result:
    """A check: its name, the number of its law (None where it is of the log or the tables), how
    many records it looked at, the first problems it found, and how many there are."""

    name: str
    law: int | None = None
    looked_at: int = 0
    problems: list[str] = field(default_factory=list)
    wrong: int = 0
    skipped: str = ""

    def take(self, looked_at: int, problems: Iterable[str]) -> None:
        """More was looked at; each problem is `row: what is wrong`."""
        self.looked_at += looked_at
        for problem in problems:
            self.wrong += 1
            if len(self.problems) < MOST_NAMED:
                self.problems.append(problem)

    def as_json(self) -> dict[str, object]:
        """`holds` is None where there was nothing to look at; `wrong` counts all problems, of
        which the first are named."""
        named = (problem.partition(": ") for problem in self.problems)
        return {
            "name": self.name,
            "law": self.law,
            "holds": False if self.wrong else True if self.looked_at else None,
            "looked_at": self.looked_at,
            "wrong": self.wrong,
            "problems": [
                {"row": row if says else None, "says": says or row} for row, _, says in named
            ],
            "not_asked": self.skipped or None,
        }


@dataclass(frozen=True, slots=True)
class FindingSource:
    """What findings are computed from again: the folder of policies beside which the schema of
    events lies, and a file of events or the folder of a log."""

    policies: Path
    events: Path | None = None
    log: Path | None = None
    schema: Path | None = None

    def read(self) -> Events:
        """Raises NotFound, InvalidInput."""
        schema = find_schema(self.policies, self.events, self.schema)
        if self.events is not None:
            return read_events(self.events, schema)
        if self.log is None or not self.log.is_dir():
            raise NotFound(f"there is no log in '{self.log}'", "name the folder of `habeas run`")
        with closing(Reader(self.log, schema)) as log:
            tables = [table for _, table in log.tables(most=TOGETHER)]
            whole = pa.concat_tables(tables) if tables else log_schema(schema).empty_table()
            return events_of(whole, schema, Texts())


def recompute(cause: Result, same: Result, given: FindingSource | None, progress: Progress) -> None:
    """Law 1: each finding follows from the events. Law 8: by another engine as well, and none of
    those that follow was left out."""
    if given is None:
        cause.skipped = "findings were not computed again; give --policies with --events or --log"
        same.skipped = cause.skipped
        return
    events = given.read()
    policies: list[Policy] = []
    for text in auditing.policy_texts():
        try:
            policies += (
                check_texts([("a kept policy", text)], events.schema, {}).sound().policies.values()
            )
        except HabeasError as error:
            cause.take(0, [f"a policy that was kept cannot be evaluated: {error.message}"])
    fast, plain = (_made(policies, events, engine, progress) for engine in BOTH)
    for name in fast.keys() | plain.keys():
        differing = fast.get(name) != plain.get(name)
        same.take(1, [f"two engines differ about finding {name}"] if differing else [])
    recorded, latest = set(), dict.fromkeys(map(_version, policies), -1)
    for finding in auditing.findings():
        if _version(finding) not in latest:
            continue  # it led to no decision, and its policy is kept in its plan alone
        cause.take(1, _differs(finding, fast.get(finding.id)))
        recorded.add(finding.id)
        latest[_version(finding)] = max(latest[_version(finding)], finding.sequence)
    for name, made in fast.items():
        if name not in recorded and made.sequence < latest[_version(made)]:
            said = f"{made.account}: finding {name} follows from the events, and is not recorded"
            same.take(0, [f"{said}, though later ones are"])


def _version(of: Policy | Finding) -> tuple[str, int, str]:
    name = of.policy if isinstance(of, Finding) else of.name
    return name, of.version, of.outcome


BOTH = (Engine.FAST, Engine.PYTHON)


def _made(
    policies: list[Policy], events: Events, engine: Engine, progress: Progress
) -> dict[str, Finding]:
    return {
        finding.id: finding
        for policy in policies
        for finding in findings([policy], events, progress, engine)
    }


COMPARED = "account event_id time_us index cause values evidence truths".split()


def _differs(recorded: Finding, made: Finding | None) -> Iterator[str]:
    if made is None:
        yield f"{recorded.account}: finding {recorded.id} does not follow from the events"
        return
    for name in COMPARED:
        if getattr(recorded, name) != getattr(made, name):
            yield f"{recorded.account}: finding {recorded.id} has other {name} than the events give"
