"""Leaves of what is recorded: each record gets a number, a salt and a commitment (core/log/leaves).

The text that the leaf binds to is stored once, here. `seal` gives leaves their place in the tree.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.db import transaction

from habeas.core.decision import Actor
from habeas.core.errors import NotFound
from habeas.core.log import Leaf
from habeas.core.log.checkpoint import LARGEST
from habeas.core.log.leaves import LEAST_SALT, commitment
from habeas.core.log.rotations import KIND
from habeas.store import models, rows
from habeas.store.codec import encoded, read, written

# What names or quotes a customer, and can be erased while its leaf stays (law 5).
PERSONAL = frozenset({"letter", "complaint"})
NUMBERS = "SELECT nextval('habeas_leaf_number') FROM generate_series(1, %s)"


@dataclass(slots=True)
class Records:
    """The records of one transaction, in their order; `write` makes their leaves. A record is
    known by the number it gets, which other rows name."""

    numbers: Iterator[int]
    leaves: list[tuple[Any, ...]] = field(default_factory=list)
    texts: list[tuple[Any, ...]] = field(default_factory=list)

    def add(self, kind: str, plain: object) -> int:
        """The number of the leaf of a plain value."""
        number, salt, text = next(self.numbers), secrets.token_bytes(LEAST_SALT), written(plain)
        self.leaves.append((number, kind, commitment(text, salt)))
        self.texts.append((number, salt, text, kind in PERSONAL))
        return number

    def write(self) -> None:
        rows.insert(models.Leaf, self.leaves)
        rows.insert(models.LeafText, self.texts)


def records(most: int) -> Records:
    """For at most that many records. Call it within the transaction: on SQLite the numbers go on
    from the last one, which no other writer can move; PostgreSQL has a sequence."""
    if rows.is_postgresql():
        return Records(iter([number for (number,) in rows.select(NUMBERS, [most])]))
    ((last,),) = rows.select(f"SELECT coalesce(max(number), 0) FROM {rows.name(models.Leaf)}")
    return Records(iter(range(last + 1, last + most + 1)))


def record_state(
    made: Records, kind: str, name: str, version: int, state: str, **more: object
) -> None:
    """A leaf that says which state was saved, by its hash: the state itself is no record, but that
    it is another, or gone, can be told. `more` is what was saved with it, as plain values."""
    hashed = sha256(state.encode()).hexdigest()
    made.add(kind, {"name": name, "version": version, "sha256": hashed, **more})


def leaf(number: int) -> Leaf:
    """The leaf with its text, or without where that was erased. Raises NotFound, and Unproven
    where text and salt are not what the leaf binds to."""
    found = rows.select(
        "SELECT l.kind, l.commitment, t.text, t.salt FROM habeas_leaf l "
        "LEFT JOIN habeas_leaftext t ON t.leaf = l.number WHERE l.number = %s",
        [number],
    )
    if not found:
        raise NotFound(f"the log has no record {number}", "the records are numbered from 1")
    kind, bound, text, salt = found[0]
    return Leaf(kind, bytes(bound), text, None if salt is None else bytes(salt))


OF_DECISION = (
    "SELECT leaf FROM habeas_decision WHERE id = %s UNION "
    "SELECT leaf FROM habeas_decisionmove WHERE subject = %s UNION "
    "SELECT leaf FROM habeas_notice WHERE decision = %s UNION "
    "SELECT words FROM habeas_notice WHERE decision = %s UNION "
    "SELECT leaf FROM habeas_settlement WHERE decision = %s ORDER BY leaf"
)


def of_decision(name: str) -> list[int]:
    """The numbers of the leaves of a decision: its birth, moves, notices and settlements."""
    return [int(number) for (number,) in rows.select(OF_DECISION, [name] * 5)]


# The kind stands in the text of the statement: the partial index is for it alone.
ROTATIONS = (
    "SELECT p.place, t.text FROM habeas_leaf l JOIN habeas_leaftext t ON t.leaf = l.number "
    "LEFT JOIN habeas_leafplace p ON p.leaf = l.number WHERE l.kind = 'key_rotation' "
    "ORDER BY l.number"
)


def rotations() -> list[tuple[int | None, str]]:
    """Places in the tree and notes of the rotations of the log's key, those not sealed last."""
    found = [(place, _note(text)) for place, text in rows.select(ROTATIONS)]
    return sorted(found, key=lambda one: LARGEST if one[0] is None else one[0])


def _note(text: str) -> str:
    """Empty where the text has none: somebody put it in below the flows."""
    try:
        return str(read(text)["note"])
    except (ValueError, LookupError, TypeError):
        return ""


def record_rotation(note: str, by: Actor, now_us: int) -> None:
    """The note that lets a new key in, who asked for it and when."""
    with transaction.atomic():
        made = records(1)
        made.add(KIND, {"by": encoded(by), "note": note, "time_us": now_us})
        made.write()


def erase_leaf(number: int) -> None:
    """Drop text and salt of a personal record; its leaf stays. The database refuses any other."""
    rows.select("DELETE FROM habeas_leaftext WHERE leaf = %s RETURNING leaf", [number])
