"""Erasing what is personal (GDPR article 17): text and salt go, the leaf stays (law 5), files and
the contact go as a whole, and a record of its own says what was erased, by whom and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from habeas.core.audit.records import AuditedErasure
from habeas.core.decision import Actor
from habeas.store import contacts, rows
from habeas.store.accounts import accounts
from habeas.store.codec import decoded, encoded, read
from habeas.store.leaves import erase_leaf, records
from habeas.store.notices import mail_key
from habeas.store.recorded import Commit

NOTICES = "SELECT id, words, decision FROM habeas_notice WHERE account = %s"
APPEALS = "SELECT id, reference, words FROM habeas_appeal WHERE account = %s"
# Whoever else sent the very same file, and has not erased it, still has it.
NAMED = (
    "SELECT 1 FROM habeas_appealfile f JOIN habeas_appeal a ON a.id = f.appeal "
    "JOIN habeas_leaftext w ON w.leaf = a.words "
    "WHERE f.sha256 = %s AND a.id NOT IN ({names}) LIMIT 1"
)
ADDED = (
    "SELECT t.text FROM habeas_appealmove m JOIN habeas_leaftext t ON t.leaf = m.leaf "
    "WHERE m.kind = 'Attach' AND m.subject IN ({names})"
)
TEXTS = "SELECT leaf FROM habeas_leaftext WHERE leaf IN ({names})"
FILES = "SELECT sha256 FROM habeas_attachment WHERE sha256 IN ({names})"
# What a server said of a message may quote the address.
ERRORS = "UPDATE habeas_outbox SET error = 'its text was erased' WHERE key = %s AND error <> ''"
COMMITS = (
    "SELECT c.leaf, t.text FROM habeas_commit c JOIN habeas_leaftext t ON t.leaf = c.leaf "
    "WHERE c.account IN ({names})"
)
KINDS = (
    "SELECT l.kind FROM habeas_leaf l JOIN habeas_leaftext t ON t.leaf = l.number "
    "WHERE l.number IN ({names})"
)
RECORDS = (
    "SELECT t.text FROM habeas_leaf l JOIN habeas_leaftext t ON t.leaf = l.number "
    "WHERE l.kind = 'erasure'"
)


@dataclass(frozen=True, slots=True)
class Personal:
    """What can be erased of an account, or of one of its cases: words of notices and of appeals by
    leaf, files by hash, the contact. `shared` counts the files that somebody else sent as well;
    `mails` are the keys of the messages that told the notices."""

    account: str
    case: str | None
    letters: tuple[int, ...]
    complaints: tuple[int, ...]
    files: tuple[str, ...]
    contact: bool
    shared: int
    mails: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.leaves or self.files or self.contact)

    @property
    def leaves(self) -> tuple[int, ...]:
        return tuple(sorted((*self.letters, *self.complaints)))


@contextmanager
def alone() -> Iterator[None]:
    """One transaction; while it lasts nobody commits on an account, so that no appeal is opened on
    what is being erased. On SQLite what is deleted is overwritten, not only forgotten."""
    if not rows.is_postgresql():
        rows.select("PRAGMA secure_delete = ON")
    with transaction.atomic():
        if rows.is_postgresql():
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE habeas_commit IN SHARE MODE")
        yield
    if not rows.is_postgresql():
        rows.select("PRAGMA wal_checkpoint(TRUNCATE)")


def personal(account: str, case: str | None = None, *, contact: bool = False) -> Personal:
    """All of an account, or of one case: its appeals, and the notices of their decisions; with
    `contact`, where the customer is reached as well."""
    known = accounts([account])[account].appeals
    listed = [
        (name, words)
        for name, reference, words in rows.select(APPEALS, [account])
        if case in (None, reference)
    ]
    own = [name for name, _ in listed]
    about = {d for name in own for d in known[name].decisions}
    told = [
        (name, leaf)
        for name, leaf, decision in rows.select(NOTICES, [account])
        if case is None or decision in about
    ]
    said = [words for _, words in listed]
    said += [read(text)["words"] for (text,) in rows.select_in(ADDED, own)]
    files = _there(FILES, [a.sha256 for name in own for a in known[name].attachments])
    alone_ = tuple(file for file in files if not _named_elsewhere(file, own))
    return Personal(
        account=account,
        case=case,
        letters=tuple(_there(TEXTS, [leaf for _, leaf in told])),
        complaints=tuple(_there(TEXTS, said)),
        files=alone_,
        contact=contact and bool(contacts.contacts([account])),
        shared=len(files) - len(alone_),
        mails=tuple(mail_key(name) for name, _ in told),
    )


def _there(sql: str, names: Sequence[Any]) -> list[Any]:
    return sorted(name for (name,) in rows.select_in(sql, sorted(set(names))))


def _named_elsewhere(file: str, appeals: Sequence[str]) -> bool:
    names = ", ".join(["%s"] * len(appeals))
    return bool(rows.select(NAMED.format(names=names), [file, *appeals]))


def erase(found: Personal, by: Actor, why: str, now_us: int) -> None:
    """Erase what was found, with the record of it; within `alone`."""
    rows.execute_many(ERRORS, [(key,) for key in found.mails])
    if not found:
        return
    for number in found.leaves:
        erase_leaf(number)
    rows.execute_many(
        "DELETE FROM habeas_attachment WHERE sha256 = %s", [(name,) for name in found.files]
    )
    if found.contact:
        contacts.erase(found.account)
    made = records(1)
    said = AuditedErasure(
        found.account, found.case, found.leaves, found.files, by, why, now_us, found.contact
    )
    made.add("erasure", encoded(said))
    made.write()


def there(account: str) -> Mapping[str, int]:
    """What is recorded on an account and was not erased: how many leaves of each kind, and whether
    there is a contact."""
    numbers: list[int] = []
    for leaf, text in rows.select_in(COMMITS, [account]):
        made: Commit = decoded(read(text), Commit)
        numbers += [leaf, *made.leaves]
    found = Counter(kind for (kind,) in rows.select_in(KINDS, numbers))
    return {**dict(sorted(found.items())), "contact": len(contacts.contacts([account]))}


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
