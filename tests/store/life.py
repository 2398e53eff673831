"""Something of everything that is recorded, for the tests of the store."""

from __future__ import annotations

from dataclasses import replace

from habeas.core.decision import Exemption
from habeas.core.decision.decisions import Approve, Notify, Reverse, TakeForce
from habeas.core.decision.proposals import PassedFinding, PassReason
from habeas.core.policy import Measure
from habeas.core.property import Entry
from habeas.store.accounts import account
from habeas.store.changes import Account, AccountChange, Message, Notice
from habeas.store.commits import commit
from tests.core.appeal.casework import DAY, DORA, EMIL, FAY, NOW, POLICY, decision, finding
from tests.core.property.owned import BORIS, opening

LATER = NOW + 14 * DAY
TEXTS = {POLICY.text_hash: POLICY.text}


def proposed(name: str = "boris") -> AccountChange:
    """A suspension, approved and told, of a customer who owns something of everything."""
    start = AccountChange.of(account(name), NOW)
    made = decision(Measure.SUSPEND, f"d {name}", account=name)
    told = Notice(
        f"n {name}",
        made.id,
        "statement",
        "fr",
        "Nous avons suspendu votre compte.",
        by_hand="at the counter (dora)",
    )
    return (
        start.found(finding(2, name=f"f {name}", account=name))
        .passes(PassedFinding(f"f {name}", name, POLICY.name, PassReason.SHADOW))
        .reported(tuple(BORIS), opened(name))
        .proposed(made)
        .moved(made.id, Approve(NOW, DORA))
        .told(told, Message(f"mail n {name}", "mail", {"notice": told.id}))
        .moved(made.id, Notify(NOW, told.id))
    )


def opened(name: str) -> tuple[Entry, ...]:
    """The entries of what he had before; each account has its own."""
    return tuple(replace(e, id=f"{e.id} of {name}") for e in opening(BORIS, name))


def suspended(read: Account) -> AccountChange:
    return AccountChange.of(read, LATER).moved(f"d {read.name}", TakeForce(LATER))


def reversed_(read: Account) -> AccountChange:
    now_us = LATER + DAY
    event = Reverse(now_us, (EMIL, FAY), "the terminal counted twice")
    change = AccountChange.of(read, now_us).moved(f"d {read.name}", event)
    return change.exempted(Exemption(read.name, POLICY.name, "a fault of ours", now_us + DAY))


def record_everything(name: str = "boris") -> None:
    commit([proposed(name)], TEXTS)
    commit([suspended(account(name))])
    commit([reversed_(account(name))])
