"""Who put which plan in force: one log of requests and applications, in the order of their
numbers."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from habeas.core.errors import Changed
from habeas.core.policy.applications import ApplyMove
from habeas.store import models
from habeas.store.changes import RecordedMove
from habeas.store.commits import keep_texts
from habeas.store.leaves import records
from habeas.store.moves import moves_of, record_moves

PLANS = "plans"  # the one subject: what is in force rests on all before


def moves() -> list[ApplyMove]:
    """All, the first one first."""
    return moves_of(models.ApplyMove, PLANS, ApplyMove)


def record(move: ApplyMove, number: int, texts: Mapping[str, str]) -> None:
    """The move that comes after so many, with the texts of its policies by hash. Raises Changed
    where another came first."""
    with transaction.atomic():
        made, one = records(1), RecordedMove(PLANS, number, move)
        try:
            record_moves(made, models.ApplyMove, "apply", ApplyMove, [one])
        except IntegrityError:
            hint = "look at what is in force and apply again; nothing was written"
            raise Changed("somebody else applied a plan meanwhile", hint) from None
        keep_texts(texts)
        made.write()
