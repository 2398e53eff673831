"""The outbox: what is to be sent was committed with what it tells, and is sent by a worker.

A worker claims a message by a conditional UPDATE, counts the attempt before it tries, and says
afterwards how it went. A crash between leaves it claimed; when the claim lapses it can be claimed
again, so that a message can be sent twice after a crash and is never lost: whoever is sent to
tells two of the same key apart. One that crashes its worker each time is dead after as many
attempts as one that is refused each time, and a person sees it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import transaction

from habeas.core.errors import NotFound
from habeas.core.letter.delivery import MOST_ATTEMPTS, WAITS_US, Bounced, MessageMove, Sent
from habeas.core.times import UNITS
from habeas.store import models, rows
from habeas.store.changes import Message, RecordedMove
from habeas.store.codec import decoded, read, written
from habeas.store.leaves import records
from habeas.store.moves import record_moves

CLAIM_US = 5 * UNITS["m"]


class MessageStatus(StrEnum):
    UNSENT = "unsent"
    CLAIMED = "claimed"
    SENT = "sent"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in a worker's hand; `attempt` counts from 1 and names this claim. `made_us` is
    when it was recorded, microseconds UTC."""

    id: int
    message: Message
    attempt: int
    made_us: int


@dataclass(frozen=True, slots=True)
class Dead:
    """A message that was given up; a person decides."""

    id: int
    message: Message
    attempts: int
    error: str


def new_row(message: Message, now_us: int) -> rows.Row:
    """In the order of the columns of `Outbox`, but for the id."""
    payload = written(dict(message.payload))
    return (
        message.key, message.channel, payload, str(MessageStatus.UNSENT), 0, now_us, now_us,
        None, "",
    )  # fmt: skip


# Materialized: PostgreSQL may otherwise ask for the LIMIT again and again, and take them all.
CLAIM = """
WITH open AS MATERIALIZED (
    SELECT id FROM habeas_outbox
    WHERE state IN ('unsent', 'claimed') AND next_try_us <= %s AND attempts < %s
    ORDER BY next_try_us, id LIMIT %s{skip}
)
UPDATE habeas_outbox SET state = 'claimed', attempts = attempts + 1, next_try_us = %s
WHERE state IN ('unsent', 'claimed') AND next_try_us <= %s AND id IN (SELECT id FROM open)
RETURNING id, key, channel, payload, attempts, made_us
"""
BURY = """
UPDATE habeas_outbox SET state = 'dead',
    error = CASE error WHEN '' THEN 'its worker stopped each time' ELSE error END
WHERE state IN ('unsent', 'claimed') AND next_try_us <= %s AND attempts >= %s RETURNING id
"""
SENT = """
UPDATE habeas_outbox SET state = 'sent', sent_us = %s, error = ''
WHERE id = %s AND attempts = %s AND state = 'claimed' RETURNING id
"""
FAILED = """
UPDATE habeas_outbox SET state = %s, next_try_us = %s, error = %s
WHERE id = %s AND attempts = %s AND state = 'claimed' RETURNING id
"""
ALSO = """
INSERT INTO habeas_outbox (key, channel, payload, state, attempts, next_try_us, made_us, error)
SELECT %s, %s, payload, 'unsent', 0, %s, made_us, '' FROM habeas_outbox WHERE id = %s
ON CONFLICT (key) DO NOTHING RETURNING id
"""
REVIVE = """
UPDATE habeas_outbox SET state = 'unsent', attempts = 0, next_try_us = %s
WHERE id = %s AND state = 'dead' RETURNING id
"""


def claim(now_us: int, limit: int = 100) -> list[Claimed]:
    """Take what can be sent now; nobody else gets it before the claim lapses."""
    rows.select(BURY, [now_us, MOST_ATTEMPTS])
    skip = " FOR UPDATE SKIP LOCKED" if rows.is_postgresql() else ""
    bound = [now_us, MOST_ATTEMPTS, limit, now_us + CLAIM_US, now_us]
    found = rows.select(CLAIM.format(skip=skip), bound)
    return [
        Claimed(name, _message(key, channel, payload), attempts, made_us)
        for name, key, channel, payload, attempts, made_us in sorted(found)
    ]


def sent(claimed: Claimed, answer: str, now_us: int) -> bool:
    """It went, and that is in the record with what the server said. False where the claim has
    lapsed and another worker has it."""
    message = claimed.message
    with transaction.atomic():
        if not rows.select(SENT, [now_us, claimed.id, claimed.attempt]):
            return False
        _record(message.key, Sent(now_us, message.channel, answer))
    return True


def bounced(key: str, event: Bounced) -> None:
    """A message came back. Raises NotFound where none of this key was sent."""
    with transaction.atomic():
        if not moves_of([key])[key]:
            hint = "`key` is that of the message in the outbox"
            raise NotFound(f"no message {key} was sent from here", hint)
        _record(key, event)


def _record(key: str, event: MessageMove) -> None:
    made = records(1)
    move = RecordedMove(key, len(moves_of([key])[key]), event)
    record_moves(made, models.MessageMove, "message", MessageMove, [move])
    made.write()


MOVES = (
    "SELECT m.subject, t.text FROM habeas_messagemove m JOIN habeas_leaftext t ON t.leaf = m.leaf "
    "WHERE m.subject IN ({names}) ORDER BY m.subject, m.number"
)


def moves_of(keys: Iterable[str]) -> defaultdict[str, list[MessageMove]]:
    """What became of messages, by key, the first move first."""
    found: defaultdict[str, list[MessageMove]] = defaultdict(list)
    for key, text in rows.select_in(MOVES, sorted(set(keys))):
        found[key].append(decoded(read(text)["event"], MessageMove))
    return found


def failed(claimed: Claimed, error: str, now_us: int, *, for_good: bool = False) -> bool:
    """It did not go; it is tried again later, or never where that is for good or too often."""
    over = for_good or claimed.attempt >= MOST_ATTEMPTS
    state = MessageStatus.DEAD if over else MessageStatus.UNSENT
    next_us = now_us + WAITS_US[min(claimed.attempt, len(WAITS_US)) - 1]
    return bool(rows.select(FAILED, [str(state), next_us, error, claimed.id, claimed.attempt]))


def also(claimed: Claimed, channel: str, now_us: int) -> bool:
    """The same by another channel, as a message with attempts of its own. False where it is there
    already: however often the first is tried, the second is made once."""
    key = f"{channel} {claimed.message.key}"
    return bool(rows.select(ALSO, [key, channel, now_us, claimed.id]))


def dead() -> list[Dead]:
    """What was given up, the oldest first."""
    found = rows.select(
        "SELECT id, key, channel, payload, attempts, error FROM habeas_outbox "
        "WHERE state = 'dead' ORDER BY id"
    )
    return [Dead(i, _message(k, c, p), attempts, error) for i, k, c, p, attempts, error in found]


def revive(name: int, now_us: int) -> bool:
    """A person lets a dead message be tried again from the start."""
    return bool(rows.select(REVIVE, [now_us, name]))


def _message(key: str, channel: str, payload: str) -> Message:
    plain: Mapping[str, Any] = json.loads(payload)
    return Message(key, channel, dict(plain))
