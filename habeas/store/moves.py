"""Moves: one event after the other of what lives, each a leaf and its row, numbered from 0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from habeas.store.changes import RecordedMove
from habeas.store.codec import decoded, read
from habeas.store.leaves import Records
from habeas.store.recorded import move_row, plain_move
from habeas.store.rows import Table, insert, name, select

TEXTS = (
    "SELECT t.text FROM {table} m JOIN habeas_leaftext t ON t.leaf = m.leaf "
    "WHERE m.subject = %s ORDER BY m.number"
)


def moves_of(table: Table, subject: str, kind: Any) -> list[Any]:
    """The events of a subject, values of `kind`, the first one first."""
    found = select(TEXTS.format(table=name(table)), [subject])
    return [decoded(read(text)["event"], kind) for (text,) in found]


def record_moves(
    made: Records, table: Table, noun: str, kind: Any, moves: Sequence[RecordedMove]
) -> None:
    """Within a transaction: the leaves of these moves, which `made.write` keeps, and their rows.
    `noun` is what the leaf calls their subject. Raises IntegrityError where one has its number."""
    leaves = [made.add(f"{noun}_move", plain_move(noun, one, kind)) for one in moves]
    insert(table, [move_row(one, leaf) for one, leaf in zip(moves, leaves, strict=True)])
