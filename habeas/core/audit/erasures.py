"""Erasures: what was erased on demand (GDPR article 17), what stays, and why (docs/privacy.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class KeepReason(StrEnum):
    """Why something stays though the customer asked for its erasure."""

    CLAIM = "claim"  # article 17(3)(b) and (e): law asks for it, a legal claim may rest on it
    ANSWER_DUE = "answer_due"  # a ruling is still to be told, and by this way it is
    SENT_BY_ANOTHER = "sent_by_another"  # the very same file
    NOT_ASKED = "not_asked"  # one case was named, and this is of the account or of another case
    OUTSIDE = "outside"  # Habeas does not hold it: whoever does erases it
    EXPIRES = "expires"  # of no account, without names, for thirty days


# Of every account, and out of what an erasure reaches.
BEYOND: Mapping[str, KeepReason] = {
    "sent_mail": KeepReason.OUTSIDE,
    "exports": KeepReason.OUTSIDE,
    "events": KeepReason.OUTSIDE,
    "backups": KeepReason.OUTSIDE,
    "posts": KeepReason.EXPIRES,
}
ASKED = frozenset({"letter", "complaint", "file", "contact"})  # what an erasure is for


@dataclass(frozen=True, slots=True)
class Remainder:
    """What stays: a kind of record or of file, and how many, None where nobody here knows."""

    what: str
    why: KeepReason
    count: int | None = None


@dataclass(frozen=True, slots=True)
class ErasureReport:
    """What was erased of an account or of one of its cases, by kind: words of notices (`letter`)
    and of appeals (`complaint`), files, the contact, letters in the mail folder (`mail`); leaves by
    number and files by hash; and what stays."""

    account: str
    case: str | None
    erased: Mapping[str, int]
    leaves: tuple[int, ...]
    files: tuple[str, ...]
    stays: tuple[Remainder, ...]

    def __bool__(self) -> bool:
        """Whether there was anything to erase."""
        return any(self.erased.values())


def remainders(there: Mapping[str, int], shared: int, due: bool) -> tuple[Remainder, ...]:
    """What stays of what is `there`, by kind: `shared` files were sent by another as well, and a
    ruling is `due` to be told."""
    found = [Remainder(kind, _why(kind, due), count) for kind, count in there.items() if count]
    if shared:
        found.append(Remainder("file", KeepReason.SENT_BY_ANOTHER, shared))
    return (*found, *(Remainder(what, why) for what, why in BEYOND.items()))


def _why(kind: str, due: bool) -> KeepReason:
    if kind == "contact" and due:
        return KeepReason.ANSWER_DUE
    return KeepReason.NOT_ASKED if kind in ASKED else KeepReason.CLAIM
