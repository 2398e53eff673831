"""Fetch, decide, commit: the way of every flow that works on accounts.

What is decided is worked out from accounts as they were read. Where somebody else committed on
one of them meanwhile, nothing was written, and the same accounts are read and decided anew.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from habeas.core.errors import Changed
from habeas.core.progress import Progress, silent
from habeas.store.accounts import accounts
from habeas.store.brakes import Answered
from habeas.store.changes import Account, AccountChange
from habeas.store.commits import commit

TOGETHER = 1000  # accounts of one transaction
TRIES = 5

Decide = Callable[[Mapping[str, Account]], Sequence[AccountChange]]
BrakeReader = Callable[[], Sequence[Answered]]  # asked after each decide: what is saved with it


def unbraked() -> Sequence[Answered]:
    return ()


def on_each(
    names: Iterable[str],
    decide: Decide,
    tell: Callable[[Sequence[AccountChange]], None],
    policies: Mapping[str, str] | None = None,
    progress: Progress = silent,
    brakes: BrakeReader = unbraked,
) -> None:
    """Decide about accounts, some hundreds at a time, and record it; `tell` hears of each time
    what was recorded.

    `decide` is pure but for what it reads; it is called again where an account has changed.
    `policies` are the texts that decisions name, by hash. Raises Changed where others are always
    quicker."""
    named = sorted(set(names))
    with uncollected():
        for i in range(0, len(named), TOGETHER):
            tell(_on_some(named[i : i + TOGETHER], decide, policies, brakes))
            progress(min(i + TOGETHER, len(named)), len(named))


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector of cycles: these values have none, and looking for them in hundreds
    of thousands of new ones takes a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _on_some(
    names: Sequence[str],
    decide: Decide,
    policies: Mapping[str, str] | None = None,
    brakes: BrakeReader = unbraked,
) -> Sequence[AccountChange]:
    for left in reversed(range(TRIES)):
        changes = decide(accounts(names))
        try:
            commit(changes, policies, brakes())
        except Changed:
            if not left:
                raise
        else:
            return changes
    raise AssertionError("the last try returns or raises")


def on_one(
    name: str, decide: Callable[[Account], AccountChange], brakes: BrakeReader = unbraked
) -> AccountChange:
    """The same for one account; the change that was recorded."""
    (change,) = _on_some([name], lambda found: [decide(found[name])], brakes=brakes)
    return change
