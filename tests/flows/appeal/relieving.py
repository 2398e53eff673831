"""Accounts that one faulty policy hit, for the tests and the benchmark of relief."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from habeas.core.appeal.relief import ReliefCause
from habeas.core.appeal.reversal import Snapshot, proved, snapshot
from habeas.core.decision.decisions import Approve, Notify, TakeForce
from habeas.core.money import Money
from habeas.core.policy import Measure
from habeas.core.property import Entry, Holding
from habeas.core.property.holdings import Balance, Licence, Membership
from habeas.flows.appeal import relieve
from habeas.flows.appeal.foresee import foresee
from habeas.store import ledger
from habeas.store.accounts import accounts
from habeas.store.changes import Account, AccountChange
from habeas.store.commits import commit
from habeas.store.decisions import ended
from tests import cast
from tests.core.appeal.casework import DAY, DORA, EMIL, FAY, NOW, POLICY, decision, finding, reason
from tests.core.property.owned import YEAR, opening

TEXTS = {POLICY.text_hash: POLICY.text}
FORCE_US = NOW + 14 * DAY
RELIEF_US = FORCE_US + 3 * DAY
WHY = "a software fault counted every return twice"
CAUSE = ReliefCause(policy=POLICY.name, version=POLICY.version)
GUS = cast.GUS.actor
OWN: tuple[Holding, ...] = (
    Balance("wallet", "EUR", 20_00),
    Balance("card", "EUR", 50_00, card=True),
    Membership("prime", Money(49_00, "EUR"), YEAR, 200 * DAY, NOW - 100 * DAY),
    Licence("book", Money(9_99, "EUR")),
)
MEASURES = (Measure.SUSPEND, Measure.SUSPEND, Measure.CLOSE, Measure.LIMIT)


def names_of(count: int) -> list[str]:
    return [f"account {i:06}" for i in range(count)]


def measure_of(name: str) -> Measure:
    return MEASURES[int(name.split()[-1]) % len(MEASURES)]


def hit(names: Sequence[str]) -> None:
    """Each account is decided on once, and feels it: it was told, and it is in force."""
    for i in range(0, len(names), 500):
        some = names[i : i + 500]
        commit([_told(name) for name in some], TEXTS)
        read = accounts(some)
        commit([_in_force(AccountChange.of(read[name], FORCE_US)) for name in some])


def _told(name: str) -> AccountChange:
    events = tuple(f"{name} event {i}" for i in range(12))
    found = finding(2, name=f"f {name}", account=name, events=events)
    made = decision(
        measure_of(name), f"d {name}", account=name,
        reason=reason(f"f {name}", events),
    )  # fmt: skip
    return (
        AccountChange.of(Account(name), NOW)
        .found(found)
        .reported(OWN, opened(name))
        .proposed(made)
        .moved(made.id, Approve(NOW, DORA))
        .moved(made.id, Notify(NOW, f"n {name}"))
    )


def _in_force(change: AccountChange) -> AccountChange:
    return change.moved(f"d {change.before.name}", TakeForce(FORCE_US))


def opened(name: str) -> tuple[Entry, ...]:
    """The entries of what it had before; each account has its own."""
    return tuple(replace(e, id=f"{e.id} of {name}") for e in opening(list(OWN), name))


def planned(size: int = 1000, cause: ReliefCause = CAUSE) -> str:
    """The hash of a relief plan that two people approved."""
    name = foresee(cause, WHY, RELIEF_US, size=size).plan.hash
    for who in (EMIL, FAY):
        relieve.approve(name, who, RELIEF_US)
    return name


def differences(names: Sequence[str], now_us: int = RELIEF_US) -> list[str]:
    """Where an account, read back from the database, is not what it would be if it had never been
    hit: standing, holdings, ledger, place on the ladder."""
    found: list[str] = []
    for i in range(0, len(names), 500):
        for name, one in accounts(names[i : i + 500]).items():
            entries, every = ledger.entries(name), list(one.decisions.values())
            after = snapshot(name, every, one.custody.holdings, entries, now_us)
            found += (f"{name}: {told}" for told in proved(never_hit(name, now_us), after))
    return found


def owed() -> list[str]:
    """The decisions for which an apology is still to be written, by id."""
    found: list[str] = []
    while more := ended(0, found[-1] if found else ""):
        found += [name for name, _ in more]
    return found


def never_hit(name: str, now_us: int) -> Snapshot:
    """What it had when it was hit, from no database; its membership lost no time since, where it
    stood still."""
    still = measure_of(name) is not Measure.LIMIT
    return snapshot(name, [], OWN, opened(name), FORCE_US if still else now_us)
