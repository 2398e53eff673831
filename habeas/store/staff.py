"""The roster as it is recorded: one log of moves, in the order of their numbers."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from habeas.core.errors import Changed
from habeas.core.staff import Roster, StaffMove
from habeas.store import models
from habeas.store.changes import RecordedMove
from habeas.store.codec import decoded, read
from habeas.store.leaves import records
from habeas.store.recorded import move_row, plain_move
from habeas.store.rows import insert, select

MOVES = (
    "SELECT t.text FROM habeas_staffmove m JOIN habeas_leaftext t ON t.leaf = m.leaf "
    "ORDER BY m.number"
)
ROSTER = "staff"  # the one subject: who may follow depends on everybody before


def moves() -> list[StaffMove]:
    """All, the first one first."""
    return [decoded(read(text)["event"], StaffMove) for (text,) in select(MOVES)]


def roster() -> Roster:
    """Who works here now, and who did. Raises Unproven for a record that nobody can have made."""
    return Roster.of(moves())


def record(move: StaffMove, number: int) -> None:
    """The move that comes after so many. Raises Changed where another came first."""
    with transaction.atomic():
        made, one = records(1), RecordedMove(ROSTER, number, move)
        leaf = made.add("staff_move", plain_move("staff", one, StaffMove))
        try:
            insert(models.StaffMove, [move_row(one, leaf)])
        except IntegrityError:
            hint = "look at it again with `habeas staff list`; nothing was written"
            raise Changed("somebody else changed the staff meanwhile", hint) from None
        made.write()
