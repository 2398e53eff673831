"""The roster as it is recorded: one log of moves, in the order of their numbers."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from habeas.core.errors import Changed
from habeas.core.staff import Roster, StaffMove
from habeas.store import models
from habeas.store.changes import RecordedMove
from habeas.store.leaves import records
from habeas.store.moves import moves_of, record_moves

ROSTER = "staff"  # the one subject: who may follow depends on everybody before


def moves() -> list[StaffMove]:
    """All, the first one first."""
    return moves_of(models.StaffMove, ROSTER, StaffMove)


def roster() -> Roster:
    """Who works here now, and who did. Raises Unproven for a record that nobody can have made."""
    return Roster.of(moves())


def record(move: StaffMove, number: int) -> None:
    """The move that comes after so many. Raises Changed where another came first."""
    with transaction.atomic():
        made, one = records(1), RecordedMove(ROSTER, number, move)
        try:
            record_moves(made, models.StaffMove, "staff", StaffMove, [one])
        except IntegrityError:
            hint = "look at it again with `habeas staff list`; nothing was written"
            raise Changed("somebody else changed the staff meanwhile", hint) from None
        made.write()
