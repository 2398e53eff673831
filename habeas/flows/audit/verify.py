"""Verify: everything that is recorded, asked again: the log, the tables, laws 1 to 11.

Nothing is written. Each check says what it looked at and what is wrong, as sentences that name the
record; accounts and leaves are read page by page, so that memory does not grow with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from habeas.core.audit import LAWS, Record
from habeas.core.log import Verifier
from habeas.core.progress import Progress, silent
from habeas.flows.audit import verify_log
from habeas.flows.audit.verify_findings import MOST_NAMED, FindingSource, Result, recompute
from habeas.flows.log.head import last_head
from habeas.flows.log.key_ring import key_ring
from habeas.ports.heads import KeptHead
from habeas.ports.witnesses import Witnesses
from habeas.store import auditing, erasing, rows, tree


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
    witnesses that are `asked` cosigned the last one. Without a key the
    notes are not verified, without events findings are not computed again; both are said in the
    report. Raises NotFound, InvalidInput for what is given."""
    report = VerifyReport(unsealed=verify_log.unsealed(), erased=len(erasing.erased()))
    report.checks += _log(verifier, progress, heads)
    report.checks.insert(3, _witnessed(asked))
    report.checks += _laws(given, progress)
    return report


def _log(
    verifier: Verifier | None, progress: Progress, heads: Sequence[KeptHead]
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
    yield _numbered(Result("leaf numbers have no gap"))
    texts = _taken(Result("texts are those of their leaves"), verify_log.texts())
    texts.take(0, verify_log.late())
    yield texts
    recorded = _taken(Result("rows are as recorded"), auditing.unlike())
    recorded.take(0, auditing.strays())
    yield recorded


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


def _laws(given: FindingSource | None, progress: Progress) -> list[Result]:
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
    recompute(laws[1], laws[8], given, progress)
    return [derived, *(laws[number] for number in sorted(laws))]
