"""Relief plans, by their hash, and the approvals of each. What is done of a plan is not written
down: it follows from the decisions (`undone`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from habeas.core.appeal import ReliefPlan
from habeas.core.appeal.approvals import Approval
from habeas.core.appeal.relief import Fault
from habeas.core.errors import Changed, NotFound, nearest
from habeas.store import models
from habeas.store.changes import RecordedMove
from habeas.store.codec import decoded, encoded, read
from habeas.store.leaves import records
from habeas.store.moves import moves_of, record_moves
from habeas.store.rows import insert, select, select_in

ONE = "SELECT t.text FROM habeas_relief r JOIN habeas_leaftext t ON t.leaf = r.leaf WHERE r.id = %s"
UNDONE = (
    "SELECT id FROM habeas_decisionnow WHERE state IN ('reversed', 'refused') AND id IN ({names})"
)


@dataclass(frozen=True, slots=True)
class Relief:
    """A plan and who said yes to it so far."""

    plan: ReliefPlan
    approvals: tuple[Approval, ...]


def keep(plan: ReliefPlan, now_us: int) -> None:
    """Keeping a plan twice is keeping it once (law 10)."""
    name = plan.hash
    with transaction.atomic():
        if select("SELECT 1 FROM habeas_relief WHERE id = %s", [name]):
            return
        made = records(1)
        leaf = made.add("relief", {**encoded(plan), "time_us": now_us})
        insert(models.Relief, [(name, now_us, leaf)])
        made.write()


def relief(name: str) -> Relief:
    """Raises NotFound, and Changed where the plan is not the one of its hash."""
    for (text,) in select(ONE, [name]):
        plan: ReliefPlan = decoded(read(text), ReliefPlan)
        if plan.hash != name:
            hint = "make the plan again, and look into who changed the database"
            raise Changed(f"the relief plan {name[:12]} is not as it was made", hint)
        return Relief(plan, tuple(moves_of(models.ReliefMove, name, Approval)))
    known = [str(n) for (n,) in select("SELECT id FROM habeas_relief ORDER BY time_us DESC")]
    raise NotFound(f"there is no relief plan {name}", nearest(name, known))


def approved(name: str, before: Sequence[Approval], after: Sequence[Approval]) -> None:
    """Record the approvals that `core/appeal/approvals.approve` added. Raises Changed where
    somebody else approved meanwhile."""
    with transaction.atomic():
        made = records(len(after) - len(before))
        more = enumerate(after[len(before) :], len(before))
        moves = [RecordedMove(name, number, approval) for number, approval in more]
        try:
            record_moves(made, models.ReliefMove, "relief", Approval, moves)
        except IntegrityError:
            hint = "read the plan and its approvals again; nothing was written"
            raise Changed("somebody else approved this relief meanwhile", hint) from None
        made.write()


def hit(fault: Fault) -> list[tuple[str, str]]:
    """Account and id of each decision that may share a fault and can be reversed, sorted. What
    its event tells is not asked here."""
    parts = {
        "policy = %s": fault.policy, "version = %s": fault.version,
        "proposed_us >= %s": fault.from_us, "proposed_us < %s": fault.until_us,
    }  # fmt: skip
    said = {part: value for part, value in parts.items() if value is not None}
    where = " AND ".join(["state NOT IN ('reversed', 'refused')", *said])
    found = select(f"SELECT account, id FROM habeas_decisionnow WHERE {where}", [*said.values()])
    return sorted((str(account), str(name)) for account, name in found)


def undone(decisions: Sequence[str]) -> frozenset[str]:
    """Those among these that are reversed or never took force: what is done of a plan."""
    return frozenset(name for (name,) in select_in(UNDONE, decisions))
