"""Seal: leaves get their places in the tree, in the order of their numbers, and the tree is signed.

| broken step                        | what is persisted   | what recovery does                 |
|------------------------------------|---------------------|------------------------------------|
| reading the kept head, comparing   | what was before     | compares again; a log that is      |
|                                    |                     | below or beside it is not signed   |
| reading leaves, nodes, the last note | what was before   | seals them                         |
| writing places, nodes              | what was before     | seals them at the same places      |
| signing, writing the checkpoint    | what was before     | signs the same tree; the note that |
|                                    |                     | was lost was shown to nobody       |
| after the end of the transaction,  | all of it; the kept | goes on from the kept head, which  |
| keeping the head                   | head is the last or | is one of the log's; keeps the new |
|                                    | the one before      |                                    |
| after that                         | all of it           | finds nothing more to seal         |

The head is kept after the database has it, never before: one that was kept and then lost with its
transaction would look like an older copy for ever, since a smaller number that came in late may
give the next seal another tree. The price is one head: where a crash comes between the two and the
database is put back to before that very seal, the kept head does not show it.
"""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.errors import Changed, Unproven
from habeas.core.log import Signer
from habeas.core.log.checkpoint import checkpoint_of, read_note
from habeas.core.log.consistency import check_extends
from habeas.core.log.merkle import Provable
from habeas.core.progress import Progress, silent
from habeas.flows.log.key_ring import key_ring
from habeas.ports.heads import HeadFile, KeptHead
from habeas.store import tree

TOGETHER = 100_000  # leaves of one checkpoint


@dataclass(frozen=True, slots=True)
class SealReport:
    """How many leaves were sealed, the size of the log, and its signed note if there is one."""

    sealed: int
    size: int
    checkpoint: str | None


def seal(
    signer: Signer,
    now_us: int,
    kept: HeadFile | None = None,
    *,
    everything: bool = False,
    progress: Progress = silent,
) -> SealReport:
    """Seal all that is recorded, and keep the head outside the database. `everything` also looks
    for what was recorded by a transaction that took longer than an hour; it reads the numbers of
    all leaves. Raises Changed and Unproven, and signs nothing, where the log is not the one that
    was signed before; Unwritable where all is sealed and the head could not be kept."""
    _go_on(signer, None if kept is None else kept.read())
    before = tree.checkpoint()
    # A seal under a wrong clock may lie ahead; none is dated before the one before it.
    now_us = now_us if before is None else max(now_us, before.time_us)

    def sign(now: Provable, before: str | None) -> str:
        ring = key_ring(signer.verifier)
        if ring.at(now.size) != signer.verifier:
            raise Changed(
                f"the log got another key: {ring.at(now.size)}",
                "sign with that one; where it is not in place yet, run `habeas rotate-key` again",
            )
        last = None if before is None else ring.checked(read_note(before))
        return str(checkpoint_of(now, signer.name, last, now_us).signed_by(signer))

    done = 0
    _keep(signer, kept)
    while made := tree.append(sign, now_us, TOGETHER, everything=everything):
        _keep(signer, kept)
        done += made
        progress(done, 0)
    last = tree.checkpoint()
    return SealReport(done, last.size if last else 0, last.note if last else None)


def _go_on(signer: Signer, head: KeptHead | None) -> None:
    if head is None:
        return
    try:
        check_extends(tree.KeptTree(tree.size()), key_ring(signer.verifier).checked(head.note))
    except Unproven as error:
        message = f"nothing is signed: {error.message}, which is kept in '{head.where}'"
        raise Unproven(message, error.hint) from None


def _keep(signer: Signer, kept: HeadFile | None) -> None:
    """Also what a crash kept from being kept; never a head that the log's key did not sign."""
    last = tree.checkpoint()
    if kept is not None and last is not None:
        note = read_note(last.note)
        key_ring(signer.verifier).checked(note)
        kept.keep(note)
