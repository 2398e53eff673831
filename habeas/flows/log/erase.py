"""Erase: what a customer was told and has said, where they ask for it (GDPR article 17).

While an appeal is to be ruled on, nothing of it is erased: what is needed to establish a legal
claim stays (article 17(3)(e)), and the claim is the customer's own.
"""

from __future__ import annotations

from habeas.core.appeal.appeals import UNRULED
from habeas.core.decision import Actor
from habeas.core.errors import IllegalMove, InvalidInput, NotFound
from habeas.store import erasing
from habeas.store.accounts import account
from habeas.store.appeals import case_of
from habeas.store.erasing import Personal


def erase(name: str | None, case: str | None, by: Actor, why: str, now_us: int) -> Personal:
    """Erase the personal texts and files of an account, or of one of its cases; what was erased.
    A second time erases nothing. Raises NotFound, InvalidInput, IllegalMove."""
    if not by.person or not why.strip():
        raise InvalidInput("a person erases, and says why")
    owner = case_of(case).account if case is not None else name
    if owner is None or name not in (None, owner):
        raise InvalidInput(f"case {case} is not of the account '{name}'" if case else "name whose")
    read = account(owner)
    if not read.version:
        raise NotFound(f"nothing is recorded on the account '{owner}'", "check its spelling")
    for appeal in read.appeals.values():
        if appeal.state in UNRULED and case in (None, appeal.reference):
            hint = "rule on it first, or let the customer withdraw it"
            raise IllegalMove(f"appeal {appeal.id} is not ruled on yet, and rests on this", hint)
    return erasing.erase(owner, case, by, why, read.from_now(now_us))
