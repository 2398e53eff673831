"""Verify: everything that is recorded, asked again: the log, the tables, laws 1 to 11.

Nothing is written. Each check says what it looked at and what is wrong, as sentences that name the
record; accounts and leaves are read page by page, so that memory does not grow with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from habeas.core.audit import LAWS, Record
from habeas.core.checkpoint import Verifier
from habeas.core.errors import HabeasError
from habeas.core.findings import Finding
from habeas.core.policies import Policy
from habeas.engine.columns import Events
from habeas.engine.judgement import findings
from habeas.engine.replay import Engine, Told, silent
from habeas.flows import verify_log
from habeas.flows.check import check_texts, find_schema
from habeas.ports.tables import read_events
from habeas.store import auditing, erasing

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
        self.looked_at += looked_at
        for problem in problems:
            self.wrong += 1
            if len(self.problems) < MOST_NAMED:
                self.problems.append(problem)


@dataclass(slots=True)
class Report:
    """`unsealed` records wait for the next seal, `erased` texts are gone as they should be."""

    checks: list[Result] = field(default_factory=list)
    unsealed: int = 0
    erased: int = 0

    @property
    def sound(self) -> bool:
        return not any(check.wrong for check in self.checks)

    def as_json(self) -> dict[str, object]:
        return {"sound": self.sound, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Given:
    """Events and the folder of policies beside which their schema lies."""

    events: Path
    policies: Path
    schema: Path | None = None


def verify(
    verifier: Verifier | None, given: Given | None = None, progress: Told = silent
) -> Report:
    """All checks. Without a key the notes are not verified, without events findings are not
    computed again; both are said in the report. Raises NotFound, InvalidInput for what is given."""
    report = Report(unsealed=verify_log.unsealed(), erased=len(erasing.erased()))
    report.checks += _log(verifier, progress)
    report.checks += _laws(given, progress)
    return report


def _log(verifier: Verifier | None, progress: Told) -> Iterator[Result]:
    if verifier is None:
        yield Result("checkpoints are signed", skipped="no key is known here; give --key")
    else:
        yield _taken(Result("checkpoints are signed"), verify_log.notes(verifier))
    yield _taken(Result("the tree gives every signed root"), verify_log.whole(progress))
    texts = _taken(Result("texts are those of their leaves"), verify_log.texts())
    texts.take(0, verify_log.late())
    yield texts
    rows = _taken(Result("rows are as recorded"), auditing.unlike())
    rows.take(0, auditing.strays())
    yield rows


def _taken(result: Result, found: Iterable[tuple[int, list[str]]]) -> Result:
    for looked_at, problems in found:
        result.take(looked_at, problems)
    return result


def _laws(given: Given | None, progress: Told) -> list[Result]:
    derived = Result("derived tables are what births and moves make")
    laws = {number: Result(name, number) for number, (name, _) in LAWS.items()}
    laws[5] = Result("nothing is erased", 5)
    laws[8] = Result("same answer everywhere", 8)
    total, done = auditing.count(), 0
    for page in auditing.records():
        read = [one for one in page if isinstance(one, Record)]
        derived.take(len(read), (one for one in page if isinstance(one, str)))
        derived.take(0, auditing.misplaced(read))
        for number, (_, check) in LAWS.items():
            for record in read:
                laws[number].take(1, (f"{record.account}: {what}" for what in check(record)))
        done += len(page)
        progress(done, total)
    laws[4].take(0, auditing.unbalanced())
    laws[5].take(1, auditing.unguarded())
    laws[7].take(0, auditing.released_alone())
    _recompute(laws[1], laws[8], given, progress)
    return [derived, *(laws[number] for number in sorted(laws))]


def _recompute(cause: Result, same: Result, given: Given | None, progress: Told) -> None:
    """Law 1: each finding follows from the events. Law 8: by another engine as well."""
    if given is None:
        cause.skipped = "findings were not computed again; give --events and --policies"
        same.skipped = cause.skipped
        return
    schema = find_schema(given.policies, given.events, given.schema)
    events = read_events(given.events, schema)
    policies: list[Policy] = []
    for text in auditing.policy_texts():
        try:
            policies += check_texts([("a kept policy", text)], schema, {}).sound().policies.values()
        except HabeasError as error:
            cause.take(0, [f"a policy that was kept cannot be evaluated: {error.message}"])
    fast, plain = (_made(policies, events, engine, progress) for engine in Engine if engine in BOTH)
    for name in fast.keys() | plain.keys():
        differing = fast.get(name) != plain.get(name)
        same.take(1, [f"two engines differ about finding {name}"] if differing else [])
    hashes = {(p.name, p.version, p.outcome) for p in policies}
    for finding in auditing.findings():
        if (finding.policy, finding.version, finding.outcome) not in hashes:
            continue  # it led to no decision, and its policy is kept in its plan alone
        cause.take(1, _differs(finding, fast.get(finding.id)))


BOTH = (Engine.FAST, Engine.PYTHON)


def _made(
    policies: list[Policy], events: Events, engine: Engine, progress: Told
) -> dict[str, Finding]:
    return {
        finding.id: finding
        for policy in policies
        for finding in findings([policy], events, progress, engine)
    }


def _differs(recorded: Finding, made: Finding | None) -> Iterator[str]:
    if made is None:
        yield f"{recorded.account}: finding {recorded.id} does not follow from the events"
        return
    for name in ("account", "event_id", "time_us", "step", "cause", "values", "evidence", "truths"):
        if getattr(recorded, name) != getattr(made, name):
            yield f"{recorded.account}: finding {recorded.id} has other {name} than the events give"
