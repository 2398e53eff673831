"""Verify: everything that is recorded, asked again: the log, the tables, laws 1 to 11.

Nothing is written. Each check says what it looked at and what is wrong, as sentences that name the
record; accounts and leaves are read page by page, so that memory does not grow with them.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from habeas.core.audit import LAWS
from habeas.core.audit.records import AuditedErasure
from habeas.core.log import Verifier
from habeas.core.progress import Progress, silent
from habeas.flows.audit import verify_log, verify_staff
from habeas.flows.audit.verify_findings import MOST_NAMED, FindingSource, Result, recompute
from habeas.flows.log.head import last_head
from habeas.flows.log.key_ring import key_ring
from habeas.ports.heads import KeptHead
from habeas.ports.witnesses import Witnesses
from habeas.store import attachments, auditing, comparing, erasing, guards, rows, tree
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
    verifier: Verifier | None,
    given: FindingSource | None = None,
    progress: Progress = silent,
    heads: Sequence[KeptHead] = (),
    asked: Witnesses | None = None,
) -> VerifyReport:
    """All checks, also that the log goes on from `heads` that somebody kept, and whether the
    witnesses that are `asked` cosigned the last one. Without a key the notes are not verified,
    without events findings are not computed again; both are said in the report. Raises NotFound,
    InvalidInput for what is given."""
    erasures = erasing.erasures()
    erased = frozenset(leaf for one in erasures for leaf in one.leaves)
    report = VerifyReport(unsealed=verify_log.unsealed(), erased=len(erased))
    claims, made = Claims(), _Results()
    seen = Counter[rows.Table]()  # how many rows of each table were compared
    with _few_collections():
        _accounts(made, claims, seen, erasures, progress)
        _leaves(made, AuditedSubjects(claims, seen), erased)
    _taken(made.files, attachments.complaints({name for one in erasures for name in one.files}))
    made.law[5].take(1, guards.unguarded())
    made.law[7].take(0, auditing.released_alone())
    recompute(made.law[1], made.law[8], given, progress)
    report.checks = [*_log(verifier, progress, heads, asked), *made.all]
    return report


@contextmanager
def _few_collections() -> Iterator[None]:
    """The values of a page come and go together, and have no cycles: to look for some after every
    700 of them took a quarter of the time of `python -m bench.verify`."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Results:
    """The checks of accounts, rows and laws, in the order in which they are told."""

    def __init__(self) -> None:
        self.texts = Result("texts are those of their leaves")
        self.rows = Result("rows are as recorded")
        self.derived = Result("derived tables are what births and moves make")
        self.doors = Result("doors are as they were opened")
        self.files = Result("files are those that appeals name")
        self.times = Result("times are not before the seal before them")
        self.law = {number: Result(name, number) for number, (name, _) in LAWS.items()}
        self.law[8] = Result("same answer everywhere", 8)

    @property
    def all(self) -> list[Result]:
        laws = (self.law[number] for number in sorted(self.law))
        return [self.texts, self.rows, self.derived, self.doors, self.files, self.times, *laws]


def _log(
    verifier: Verifier | None,
    progress: Progress,
    heads: Sequence[KeptHead],
    asked: Witnesses | None,
) -> Iterator[Result]:
    ring = None if verifier is None else key_ring(verifier)
    if ring is None:
        yield Result("checkpoints are signed", skipped="no key is known here; give --key")
    else:
        signed = _taken(Result("checkpoints are signed"), verify_log.notes(ring))
        signed.take(0, ring.void)
        yield signed
    yield _taken(Result("the tree gives every signed root"), verify_log.whole(progress))
    extends = Result("the log goes on from every head that was kept")
    if not heads:
        extends.skipped = "no head is kept beside the key, and none was given; give --checkpoint"
    yield _taken(extends, verify_log.extends(heads, ring))
    yield _witnessed(asked)
    yield _numbered(Result("leaf numbers have no gap"))


def _witnessed(asked: Witnesses | None) -> Result:
    """A head that lacks its quorum is marked: a witness that was down makes no record unsound."""
    result = _taken(Result("cosignatures are of their heads"), verify_log.cosigned())
    if asked is None or not asked.quorum:
        result.skipped = "no witness is asked; name some in witnesses.yaml"
    elif tree.checkpoint() is not None:
        result.skipped = last_head(asked=asked).lacks
    return result


def _numbered(result: Result) -> Result:
    """SQLite's numbers go on from one to the next. PostgreSQL's are also lost with a transaction
    that was undone: there a gap is named, and proves nothing."""
    gaps = verify_log.gaps()
    result.take(verify_log.leaves(), () if rows.is_postgresql() else gaps)
    if gaps and rows.is_postgresql():
        undone = "of transactions that were undone, or of records deleted before they were sealed"
        result.skipped = f"{'; '.join(gaps[:MOST_NAMED])}: {undone}"
    return result


def _taken(result: Result, found: Iterable[tuple[int, list[str]]]) -> Result:
    for looked_at, problems in found:
        result.take(looked_at, problems)
    return result


def _accounts(
    made: _Results,
    claims: Claims,
    seen: Counter[rows.Table],
    erasures: Sequence[AuditedErasure],
    progress: Progress,
) -> None:
    """Accounts from their commits: their rows, and the laws."""
    total, done, excepted = auditing.count(), 0, 0
    known, problems = verify_staff.roster()
    applied, others = verify_staff.applied(known)
    made.law[7].take(0, [*problems, *others])
    given = auditing.ground(erasures, applied)
    made.rows.take(0, given.wrong)
    for page in auditing.pages(claims, given, seen):
        made.rows.take(page.accounts, page.rows)
        made.derived.take(page.accounts, page.derived)
        made.doors.take(page.cases, page.doors)
        made.times.take(page.commits, page.times)
        excepted += page.excepted
        made.law[4].take(0, page.ledger)
        for number, (_, check) in LAWS.items():
            for record in page.records:
                made.law[number].take(1, (f"{record.account}: {what}" for what in check(record)))
        for record in page.records:
            said = verify_staff.strangers(record, known)
            made.law[7].take(0, (f"{record.account}: {what}" for what in said))
        done += page.accounts
        progress(done, total)
    if excepted:
        made.times.skipped = f"commits that gave back under a wrong clock: {excepted:,}"
    for table, problem in comparing.strangers(claims, seen):
        into = made.law[4] if table in comparing.LEDGER else made.rows
        into.take(0, [problem])


def _leaves(made: _Results, subjects: AuditedSubjects, erased: frozenset[int]) -> None:
    """All leaves in their order: their texts, and that something stands for each."""
    for page in verify_log.texts(subjects, erased):
        made.texts.take(page.leaves, page.texts)
        made.rows.take(0, page.rows)
    made.texts.take(0, verify_log.late())
