"""Seal: leaves get their places in the tree, in the order of their numbers, and the tree is signed.

| broken step                        | what is persisted   | what recovery does                 |
|------------------------------------|---------------------|------------------------------------|
| reading leaves, nodes, the last note | what was before   | seals them                         |
| writing places, nodes              | what was before     | seals them at the same places      |
| signing, writing the checkpoint    | what was before     | signs the same tree; the note that |
|                                    |                     | was lost was shown to nobody       |
| after the end of the transaction   | all of it           | finds nothing more to seal         |
"""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.log import Signer
from habeas.core.log.checkpoint import checkpoint_of, read_note, trusted
from habeas.core.log.merkle import Provable
from habeas.core.progress import Progress, silent
from habeas.store import tree

TOGETHER = 100_000  # leaves of one checkpoint


@dataclass(frozen=True, slots=True)
class SealReport:
    """How many leaves were sealed, the size of the log, and its signed note if there is one."""

    sealed: int
    size: int
    checkpoint: str | None


def seal(
    signer: Signer, now_us: int, *, everything: bool = False, progress: Progress = silent
) -> SealReport:
    """Seal all that is recorded. `everything` also looks for what was recorded by a transaction
    that took longer than an hour; it reads the numbers of all leaves. Raises Changed and Unproven,
    and signs nothing, where the log is not the one that was signed before."""

    def sign(now: Provable, before: str | None) -> str:
        last = None if before is None else trusted(read_note(before), signer.verifier)
        return str(checkpoint_of(now, signer.name, last).signed_by(signer))

    done = 0
    while made := tree.append(sign, now_us, TOGETHER, everything=everything):
        done += made
        progress(done, 0)
    kept = tree.checkpoint()
    return SealReport(done, kept.size if kept else 0, kept.note if kept else None)
