"""Erase: what a customer was told and has said, where they ask for it (GDPR article 17).

While an appeal is to be ruled on, nothing of it is erased: what is needed to establish a legal
claim stays (article 17(3)(e)), and the claim is the customer's own. While a ruling is to be told,
the address stays by which it is.

1. in one transaction: texts and salts, files, the contact, and the record of it
2. the letters in the mail folder, by the names that follow from their keys
A crash before the end of 1 leaves everything; one before the end of 2 leaves letters, and erasing
again deletes these.
"""

from __future__ import annotations

from habeas.core.appeal.appeals import UNANSWERED, UNRULED
from habeas.core.audit.erasures import ErasureReport, remainders
from habeas.core.decision import Actor
from habeas.core.errors import IllegalMove, InvalidInput, NotFound
from habeas.ports.mail import MailFolder
from habeas.store import erasing
from habeas.store.accounts import account
from habeas.store.appeals import case_of
from habeas.store.changes import Account


def erase(
    name: str | None,
    case: str | None,
    by: Actor,
    why: str,
    now_us: int,
    mail: MailFolder | None = None,
) -> ErasureReport:
    """Erase what is personal of an account, or of one of its cases; what was erased and what stays.
    `mail` is the folder of letters, where there is one. A second time erases nothing. Raises
    NotFound, InvalidInput, IllegalMove, Unwritable."""
    if not by.person or not why.strip():
        raise InvalidInput("a person erases, and says why")
    owner = case_of(case).account if case is not None else name
    if owner is None or name not in (None, owner):
        raise InvalidInput(f"case {case} is not of the account '{name}'" if case else "name whose")
    with erasing.alone():
        read = account(owner)
        _refuse(read, case)
        due = any(appeal.state in UNANSWERED for appeal in read.appeals.values())
        found = erasing.personal(owner, case, contact=case is None and not due)
        erasing.erase(found, by, why, read.from_now(now_us))
        there = erasing.there(owner)
    erased = {
        "letter": len(found.letters), "complaint": len(found.complaints),
        "file": len(found.files), "contact": int(found.contact),
        "mail": 0 if mail is None else mail.forget(found.mails),
    }  # fmt: skip
    stays = remainders(there, found.shared, due)
    return ErasureReport(owner, case, erased, found.leaves, found.files, stays)


def _refuse(read: Account, case: str | None) -> None:
    if not read.version:
        raise NotFound(f"nothing is recorded on the account '{read.name}'", "check its spelling")
    for appeal in read.appeals.values():
        if appeal.state in UNRULED and case in (None, appeal.reference):
            hint = "rule on it first, or let the customer withdraw it"
            raise IllegalMove(f"appeal {appeal.id} is not ruled on yet, and rests on this", hint)
