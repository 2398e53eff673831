"""Clocks: whether the one that a command reads can be right, by what was recorded before it.

A wrong clock is not harmless: what is decided under one that is a year ahead lasts a year longer,
and nothing can be recorded after it. Times are microseconds UTC. Compared with records alone, and
with the database server's own clock where there is one: a weekend on which nothing happened is
normal, and so are events of long ago.
"""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.times import UNITS, iso

BEHIND_US = UNITS["h"]  # also how far two machines may be apart
AHEAD_US = 30 * UNITS["d"]  # a store that slept for a month is rare, a wrong clock is not


@dataclass(frozen=True, slots=True)
class ClockDoubt:
    """Why a clock cannot be right, as a sentence with both times; `ahead` of what there is, or
    behind it."""

    says: str
    ahead: bool


def doubt(now_us: int, newest_us: int | None, server_us: int | None = None) -> ClockDoubt | None:
    """What speaks against a clock: the time of the newest record, None where there is none yet,
    and the clock of the database server, None where the database is a file. None: nothing."""
    clock = f"the clock here says {iso(now_us)}, and"
    if newest_us is not None and now_us < newest_us - BEHIND_US:
        late = f"{clock} the newest record is of {iso(newest_us)}, more than an hour after that"
        return ClockDoubt(late, ahead=False)
    if server_us is not None and abs(now_us - server_us) > BEHIND_US:
        other = f"{clock} that of the database server {iso(server_us)}, more than an hour apart"
        return ClockDoubt(other, ahead=now_us > server_us)
    if newest_us is not None and now_us > newest_us + AHEAD_US:
        early = f"{clock} the newest record is of {iso(newest_us)}, more than 30 days before that"
        return ClockDoubt(early, ahead=True)
    return None
