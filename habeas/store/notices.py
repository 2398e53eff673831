"""Notices as they were sent, word for word."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from habeas.core.errors import NotFound, Unproven
from habeas.store.codec import read
from habeas.store.rows import select

COLUMNS = "n.id, n.account, n.decision, n.kind, n.lang, n.sha256, n.time_us, n.leaf, t.text"
FROM = f"SELECT {COLUMNS} FROM habeas_notice n LEFT JOIN habeas_leaftext t ON t.leaf = n.leaf "


@dataclass(frozen=True, slots=True)
class Told:
    """A notice: `text` is None once it was erased; `leaf` is its record in the log."""

    id: str
    account: str
    decision: str
    kind: str
    lang: str
    sha256: str
    time_us: int
    leaf: int
    text: str | None


def notice(name: str) -> Told:
    """Raises NotFound, and Unproven where the text is not that of its hash."""
    for row in select(f"{FROM} WHERE n.id = %s", [name]):
        return _told(row)
    raise NotFound(f"there is no notice {name}", "the decision names its notice")


def notices_of(account: str) -> list[Told]:
    """All that an account was told, the first one first."""
    return [_told(r) for r in select(f"{FROM} WHERE n.account = %s ORDER BY n.leaf", [account])]


def _told(row: tuple[Any, ...]) -> Told:
    name, account, decision, kind, lang, hashed, time_us, leaf, found = row
    text = None if found is None else str(read(found)["text"])
    if text is not None and sha256(text.encode()).hexdigest() != hashed:
        raise Unproven(f"notice {name} is not what was sent", "ask the log what it was")
    return Told(name, account, decision, kind, lang, hashed, time_us, leaf, text)
