"""The clock, asked once where a command begins that records (`core/clocks`).

What takes is refused under a wrong clock. What gives back is not: it is recorded, at the later of
now and the latest move of its account, with what speaks against the clock beside it, for `verify`.
A person who knows better says so with HABEAS_CLOCK_IS_RIGHT=1.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from habeas.core.clocks import ClockDoubt, doubt
from habeas.core.errors import Unavailable
from habeas.store import dates
from habeas.store.ways import CLOCK

VARIABLE = "HABEAS_CLOCK_IS_RIGHT"
NEXT = f"set the clock right, or say that it is with {VARIABLE}=1; what gives back always goes"


def doubted(now_us: int) -> ClockDoubt | None:
    """What speaks against a clock, microseconds UTC."""
    return doubt(now_us, dates.newest_us(), dates.server_us())


def refused(found: ClockDoubt) -> Unavailable:
    return Unavailable(found.says, NEXT)


def require(now_us: int, *, sealing: bool = False) -> None:
    """Raises Unavailable where a clock cannot be right. A seal is asked only whether it is ahead:
    what was recorded ahead of the clock is sealed all the same (`flows/log/seal`)."""
    found = doubted(now_us)
    if found is not None and (found.ahead or not sealing):
        raise refused(found)


@contextmanager
def excepted(found: ClockDoubt | None) -> Iterator[None]:
    """While what gives back is recorded, its commits say what speaks against the clock."""
    token = CLOCK.set("" if found is None else found.says)
    try:
        yield
    finally:
        CLOCK.reset(token)
