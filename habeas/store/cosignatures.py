"""Cosignatures of heads, as witnesses gave them. They are proof by themselves: no leaf tells them,
and one that is gone is one fewer."""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.log.checkpoint import Signature
from habeas.store import models, rows

OF_HEAD = "SELECT line FROM habeas_cosignature WHERE size = %s ORDER BY cosigner"
LAST = "SELECT coalesce(max(size), 0) FROM habeas_cosignature WHERE cosigner = %s"
THERE = "SELECT 1 FROM habeas_cosignature WHERE size = %s AND cosigner = %s"
ALL = (
    "SELECT s.size, s.cosigner, s.line, c.note FROM habeas_cosignature s "
    "LEFT JOIN habeas_checkpoint c ON c.size = s.size ORDER BY s.size, s.cosigner"
)


def keep(size: int, cosigner: str, line: Signature) -> None:
    """Once for a head and a witness: the first one stays."""
    if not rows.select(THERE, [size, cosigner]):
        rows.insert(models.Cosignature, [(size, cosigner, str(line))])


def lines_of(size: int) -> str:
    """The lines of all cosignatures of the head of a size."""
    return "".join(line for (line,) in rows.select(OF_HEAD, [size]))


def last_size(cosigner: str) -> int:
    """Of the largest head that a witness cosigned; 0 where it never did."""
    return int(rows.select(LAST, [cosigner])[0][0])


def cosignatures() -> Iterator[tuple[int, str, str, str | None]]:
    """All: size, vkey, line, and the note that is kept for the size."""
    yield from rows.select(ALL)
