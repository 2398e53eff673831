"""Reverse: a decision was wrong and is undone, as if it had never been (law 6).

Standing, holdings, ledger and ladder follow from what was recorded, in the commit of the move. It
is proved from the record before anything is written: what cannot be undone exactly is refused.
The events that it rested on propose nothing again (`core/decision/proposals`). That an apology is
owed follows from the record as well; `habeas notify` writes and sends it, once
(`flows/letter/notify`).

Broken step and what a crash leaves: there is one commit, so there is all of it or nothing; a
second try finds it reversed and says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.appeal.reversal import awaiting, owes_apology, proved, snapshot
from habeas.core.decision import Actor, Decision
from habeas.core.decision.decisions import Reverse
from habeas.core.errors import IllegalMove
from habeas.core.property import SettlementRules
from habeas.core.property.rules import SAFE
from habeas.flows.work import on_one
from habeas.store.accounts import account_of
from habeas.store.changes import Account, AccountChange


@dataclass(frozen=True, slots=True)
class Reversed:
    """A decision that was reversed, how much was given back for it, whether its customer is owed
    an apology, and which holdings a person has to look at first, as sentences."""

    decision: Decision
    settlements: int
    apology: bool
    awaiting: tuple[str, ...]


def reverse(
    name: str, by: tuple[Actor, ...], why: str, now_us: int, rules: SettlementRules = SAFE
) -> Reversed:
    """Undo one decision. Raises NotFound, and IllegalMove where the laws do not allow it: it is
    reversed already, or nobody among `by` may rule on it."""

    def back(account: Account) -> AccountChange:
        event = Reverse(account.from_now(now_us), by, why)
        return undone(AccountChange.of(account, event.time_us, rules), name, event)

    change = on_one(account_of(name), back)
    recorded = change.account.custody.recorded
    return Reversed(
        decision=change.account.decisions[name],
        settlements=len(change.settlements),
        apology=owes_apology(change.account.decisions[name]),
        awaiting=awaiting(recorded),
    )


def undone(change: AccountChange, name: str, event: Reverse) -> AccountChange:
    """The change that reverses one decision more, proved: by a person, or by a relief. Raises
    NotFound, IllegalMove."""
    after = change.moved(name, event)
    for difference in _differences(after.account, name, event.time_us):
        raise IllegalMove(
            f"decision {name} cannot be reversed exactly: {difference}",
            "nothing was written; compare the account with the ledger (`habeas verify`)",
        )
    return after


def _differences(account: Account, name: str, now_us: int) -> tuple[str, ...]:
    """Between the account and what it would be without the decision, by what is recorded; not
    what a person has to answer, since that keeps the rest from nobody."""
    every = tuple(account.decisions.values())
    without = [d for d in every if d.id != name]
    # what a customer has is compared holding by holding, with what was recorded of each
    before, after = (snapshot(account.name, own, (), (), now_us) for own in (without, every))
    missing = account.unrestored(name, now_us)
    waits = awaiting(account.custody.recorded) if missing else ()
    return (*proved(before, after), *(m for m in missing if m not in waits))
