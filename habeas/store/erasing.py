"""Erasing personal text (GDPR article 17): text and salt go, the leaf stays (law 5), and a record
of its own says what was erased, by whom and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from habeas.core.audit.records import AuditedErasure
from habeas.core.decision import Actor
from habeas.store import rows
from habeas.store.accounts import accounts
from habeas.store.codec import decoded, encoded, read
from habeas.store.leaves import erase_leaf, records

NOTICES = "SELECT words, decision FROM habeas_notice WHERE account = %s"
APPEALS = "SELECT id, reference, words FROM habeas_appeal WHERE account = %s"
# Whoever else sent the very same file, and has not erased it, still has it.
NAMED = (
    "SELECT 1 FROM habeas_appeal a JOIN habeas_leaftext w ON w.leaf = a.words "
    "WHERE a.id NOT IN ({names}) AND EXISTS (SELECT 1 FROM habeas_leaftext t "
    "WHERE t.text LIKE %s AND (t.leaf = a.leaf OR t.leaf IN "
    "(SELECT leaf FROM habeas_appealmove WHERE subject = a.id))) LIMIT 1"
)
TEXTS = "SELECT leaf FROM habeas_leaftext WHERE leaf IN ({names})"
FILES = "SELECT sha256 FROM habeas_attachment WHERE sha256 IN ({names})"
RECORDS = (
    "SELECT t.text FROM habeas_leaf l JOIN habeas_leaftext t ON t.leaf = l.number "
    "WHERE l.kind = 'erasure'"
)


@dataclass(frozen=True, slots=True)
class Personal:
    """What can be erased of an account: leaves by number, files by hash."""

    account: str
    leaves: tuple[int, ...]
    files: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.leaves or self.files)


def personal(account: str, case: str | None = None) -> Personal:
    """All of an account, or of one case: its appeals, and the notices of their decisions."""
    known = accounts([account])[account].appeals
    listed = [
        (name, words)
        for name, reference, words in rows.select(APPEALS, [account])
        if case in (None, reference)
    ]
    about = {d for name, _ in listed for d in known[name].decisions}
    told = [
        leaf
        for leaf, decision in rows.select(NOTICES, [account])
        if case is None or decision in about
    ]
    numbers = [*told, *(words for _, words in listed)]
    still = sorted(number for (number,) in rows.select_in(TEXTS, numbers))
    sent = {a.sha256 for name, _ in listed for a in known[name].attachments}
    own = [name for name, _ in listed]
    files = tuple(f for f in _there(sorted(sent)) if not _named_elsewhere(f, own))
    return Personal(account, tuple(still), files)


def _there(files: Sequence[str]) -> list[str]:
    return sorted(name for (name,) in rows.select_in(FILES, files))


def _named_elsewhere(file: str, appeals: Sequence[str]) -> bool:
    names = ", ".join(["%s"] * len(appeals))
    return bool(rows.select(NAMED.format(names=names), [*appeals, f'%"{file}"%']))


def erase(account: str, case: str | None, by: Actor, why: str, now_us: int) -> Personal:
    """Erase in one transaction, with the record of it; nothing where nothing is left."""
    if not rows.is_postgresql():  # what is deleted is overwritten, not only forgotten
        rows.select("PRAGMA secure_delete = ON")
    with transaction.atomic():
        found = personal(account, case)
        if found:
            _erase(found, case, by, why, now_us)
    if not rows.is_postgresql():
        rows.select("PRAGMA wal_checkpoint(TRUNCATE)")
    return found


def _erase(found: Personal, case: str | None, by: Actor, why: str, now_us: int) -> None:
    for number in found.leaves:
        erase_leaf(number)
    rows.execute_many(
        "DELETE FROM habeas_attachment WHERE sha256 = %s", [(name,) for name in found.files]
    )
    made = records(1)
    said = AuditedErasure(found.account, case, found.leaves, found.files, by, why, now_us)
    made.add("erasure", encoded(said))
    made.write()


def erasures() -> list[AuditedErasure]:
    """All records of what was erased; one that cannot be read is none (`subjects` names it)."""
    found = (_erasure(text) for (text,) in rows.select(RECORDS))
    return [one for one in found if one is not None]


def _erasure(text: str) -> AuditedErasure | None:
    try:
        found: AuditedErasure = decoded(read(text), AuditedErasure)
    except (LookupError, TypeError, ValueError, AttributeError):
        return None
    return found
