"""Who put which plan in force: one log of requests and applications, in the order of their
numbers."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from habeas.core.errors import Changed
from habeas.core.policy.applications import Application, ApplyMove
from habeas.store import models
from habeas.store.changes import RecordedMove
from habeas.store.codec import decoded, read
from habeas.store.commits import keep_texts
from habeas.store.leaves import records
from habeas.store.recorded import move_row, plain_move
from habeas.store.rows import insert, select

MOVES = (
    "SELECT t.text FROM habeas_applymove m JOIN habeas_leaftext t ON t.leaf = m.leaf "
    "ORDER BY m.number"
)
PLANS = "plans"  # the one subject: what is in force rests on all before


def moves() -> list[ApplyMove]:
    """All, the first one first."""
    return [decoded(read(text)["event"], ApplyMove) for (text,) in select(MOVES)]


def applied_texts() -> frozenset[str]:
    """The hashes of all policy texts that were ever put in force."""
    found = (m for m in moves() if isinstance(m, Application))
    return frozenset(p.text_hash for m in found for p in m.policies)


def record(move: ApplyMove, number: int, texts: Mapping[str, str]) -> None:
    """The move that comes after so many, with the texts of its policies by hash. Raises Changed
    where another came first."""
    with transaction.atomic():
        made, one = records(1), RecordedMove(PLANS, number, move)
        leaf = made.add("apply_move", plain_move("apply", one, ApplyMove))
        try:
            insert(models.ApplyMove, [move_row(one, leaf)])
        except IntegrityError:
            hint = "look at what is in force and apply again; nothing was written"
            raise Changed("somebody else applied a plan meanwhile", hint) from None
        keep_texts(texts)
        made.write()
