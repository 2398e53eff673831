"""Verify: everything that is recorded, asked again: the log, the tables, laws 1 to 11.

Nothing is written. Each check says what it looked at and what is wrong, as sentences that name the
record; accounts and leaves are read page by page, so that memory does not grow with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from habeas.core.audit import LAWS
from habeas.core.audit.records import AuditedErasure
from habeas.core.log import Verifier
from habeas.core.progress import Progress, silent
from habeas.flows.audit import verify_log, verify_staff
from habeas.flows.audit.verify_findings import FindingSource, Result, recompute
from habeas.store import auditing, comparing, erasing, guards, rows
from habeas.store.claims import Claims
from habeas.store.subjects import AuditedSubjects


@dataclass(slots=True)
class VerifyReport:
    """`unsealed` records wait for the next seal, `erased` texts are gone as they should be."""

    checks: list[Result] = field(default_factory=list)
    unsealed: int = 0
    erased: int = 0

    @property
    def sound(self) -> bool:
        return not any(check.wrong for check in self.checks)

    def as_json(self) -> dict[str, object]:
        return {
            "sound": self.sound, "checks": self.checks,
            "unsealed": self.unsealed, "erased": self.erased,
        }  # fmt: skip


def verify(
    verifier: Verifier | None, given: FindingSource | None = None, progress: Progress = silent
) -> VerifyReport:
    """All checks. Without a key the notes are not verified, without events findings are not
    computed again; both are said in the report. Raises NotFound, InvalidInput for what is given."""
    erasures = erasing.erasures()
    erased = frozenset(leaf for one in erasures for leaf in one.leaves)
    report = VerifyReport(unsealed=verify_log.unsealed(), erased=len(erased))
    claims, made = Claims(), _Results()
    _accounts(made, claims, erasures, progress)
    _leaves(made, claims, erased)
    made.law[5].take(1, guards.unguarded())
    made.law[7].take(0, auditing.released_alone())
    recompute(made.law[1], made.law[8], given, progress)
    report.checks = [*_log(verifier, progress), *made.all]
    return report


class _Results:
    """The checks of accounts, rows and laws, in the order in which they are told."""

    def __init__(self) -> None:
        self.texts = Result("texts are those of their leaves")
        self.rows = Result("rows are as recorded")
        self.derived = Result("derived tables are what births and moves make")
        self.doors = Result("doors are as they were opened")
        self.times = Result("times are not before the seal before them")
        self.law = {number: Result(name, number) for number, (name, _) in LAWS.items()}
        self.law[8] = Result("same answer everywhere", 8)

    @property
    def all(self) -> list[Result]:
        laws = (self.law[number] for number in sorted(self.law))
        return [self.texts, self.rows, self.derived, self.doors, self.times, *laws]


def _log(verifier: Verifier | None, progress: Progress) -> Iterator[Result]:
    if verifier is None:
        yield Result("checkpoints are signed", skipped="no key is known here; give --key")
    else:
        yield _taken(Result("checkpoints are signed"), verify_log.notes(verifier))
    yield _taken(Result("the tree gives every signed root"), verify_log.whole(progress))


def _taken(result: Result, found: Iterable[tuple[int, list[str]]]) -> Result:
    for looked_at, problems in found:
        result.take(looked_at, problems)
    return result


def _accounts(
    made: _Results, claims: Claims, erasures: Sequence[AuditedErasure], progress: Progress
) -> None:
    """Accounts from their commits: their rows, and the laws."""
    total, done = auditing.count(), 0
    known, problems = verify_staff.roster()
    made.law[7].take(0, problems)
    seen: dict[rows.Table, int] = {}
    for page in auditing.pages(claims, auditing.ground(erasures), seen):
        made.rows.take(page.accounts, page.rows)
        made.derived.take(page.accounts, page.derived)
        made.doors.take(page.cases, page.doors)
        made.times.take(page.commits, page.times)
        made.law[4].take(0, page.ledger)
        for number, (_, check) in LAWS.items():
            for record in page.records:
                made.law[number].take(1, (f"{record.account}: {what}" for what in check(record)))
        for record in page.records:
            said = verify_staff.strangers(record, known)
            made.law[7].take(0, (f"{record.account}: {what}" for what in said))
        done += page.accounts
        progress(done, total)
    for table, problem in comparing.strangers(claims, seen):
        into = made.law[4] if table in comparing.LEDGER else made.rows
        into.take(0, [problem])


def _leaves(made: _Results, claims: Claims, erased: frozenset[int]) -> None:
    """All leaves in their order: their texts, and that something stands for each."""
    for page in verify_log.texts(AuditedSubjects(claims), erased):
        made.texts.take(page.leaves, page.texts)
        made.rows.take(0, page.rows)
    made.texts.take(0, verify_log.late())
