"""Notices as they were sent, word for word."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from habeas.core.errors import NotFound, Unproven
from habeas.core.letter import Letter, delivery
from habeas.store import outbox
from habeas.store.codec import decoded, read
from habeas.store.rows import select, select_in

COLUMNS = (
    "n.id, n.account, n.decision, n.kind, n.lang, n.sha256, n.time_us, n.words, m.text, t.text"
)
FROM = (
    f"SELECT {COLUMNS} FROM habeas_notice n "
    "JOIN habeas_leaftext m ON m.leaf = n.leaf "
    "LEFT JOIN habeas_leaftext t ON t.leaf = n.words "
)


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A notice: `text` and `letter` are None once it was erased; `words` is the leaf of its
    text, `by_hand` is how it reached the customer where no mail brought it."""

    id: str
    account: str
    decision: str
    kind: str
    lang: str
    sha256: str
    time_us: int
    words: int
    text: str | None
    letter: Letter | None = None
    by_hand: str = ""


def notice(name: str) -> StoredNotice:
    """Raises NotFound, and Unproven where the text is not that of its hash."""
    for row in select(f"{FROM} WHERE n.id = %s", [name]):
        return _told(row)
    raise NotFound(f"there is no notice {name}", "the decision names its notice")


def mail_key(notice: str) -> str:
    """The key of the message that mails a notice: one for each notice (law 10)."""
    return f"mail {notice}"


HANDED = "SELECT id, time_us FROM habeas_notice WHERE by_hand AND id IN ({names})"


def sent_us(names: Iterable[str]) -> dict[str, int]:
    """When each of these notices was sent, or given into the customer's hand; those that were
    not, as far as anything says, are not there (law 2)."""
    asked = sorted(set(names))
    moves = outbox.moves_of(map(mail_key, asked))
    mailed = {name: delivery.sent_us(moves[mail_key(name)]) for name in asked}
    handed = dict(select_in(HANDED, asked))
    return {name: us for name, us in mailed.items() if us is not None} | handed


def there(names: Iterable[str]) -> frozenset[str]:
    """Which of these notices were made."""
    sql = "SELECT id FROM habeas_notice WHERE id IN ({names})"
    return frozenset(name for (name,) in select_in(sql, sorted(set(names))))


def notices_of(account: str) -> list[StoredNotice]:
    """All that an account was told, the first one first."""
    return [_told(r) for r in select(f"{FROM} WHERE n.account = %s ORDER BY n.leaf", [account])]


def _told(row: tuple[Any, ...]) -> StoredNotice:
    name, account, decision, kind, lang, hashed, time_us, words, made, found = row
    text = None if found is None else str(read(found)["text"])
    if text is not None and sha256(text.encode()).hexdigest() != hashed:
        raise Unproven(f"notice {name} is not what was sent", "ask the log what it was")
    letter = None if found is None else decoded(read(found)["letter"], Letter | None)
    hand = str(read(made)["by_hand"])
    return StoredNotice(
        name, account, decision, kind, lang, hashed, time_us, words, text, letter, hand
    )
