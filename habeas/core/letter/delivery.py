"""Delivery: by which channel a message goes, when it is tried again, what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from habeas.core.times import UNITS

# Channels: mail to a customer, mail to those who work here, a call of their webhook.
MAIL, STAFF, WEBHOOK = "mail", "staff", "webhook"


MOST_ATTEMPTS = 8


# After the first attempt, the second...: about three days in all.
WAITS_US = tuple(n * UNITS["m"] for n in (1, 5, 30, 2 * 60, 6 * 60, 12 * 60, 24 * 60))


class BounceKind(StrEnum):
    """Whether it may still arrive: RFC 3463 has 5.x.x for never, 4.x.x for not yet."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class Sent:
    """A server took a message, by a channel, and said so; microseconds UTC."""

    time_us: int
    channel: str
    answer: str


@dataclass(frozen=True, slots=True)
class Bounced:
    """It came back: whoever it was for does not have it."""

    time_us: int
    kind: BounceKind
    why: str


MessageMove = Sent | Bounced


def sent_us(moves: Sequence[MessageMove]) -> int | None:
    """When a server first took what has not come back for good since; None where none did (law 2:
    a bounced notice was not sent)."""
    came: int | None = None
    for move in moves:
        if isinstance(move, Sent):
            came = move.time_us if came is None else came
        elif move.kind is BounceKind.HARD:
            came = None
    return came
