"""Feeds of public signals: what is known of each, the bins that were counted, and its bursts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from habeas.core.errors import Changed
from habeas.core.signal.feeds import FeedState, Swing
from habeas.core.signal.signals import ScoredRow
from habeas.store import models
from habeas.store.changes import Message, RecordedMove
from habeas.store.codec import decoded, encoded, read
from habeas.store.leaves import record_state, records
from habeas.store.moves import moves_of, record_moves
from habeas.store.outbox import new_row
from habeas.store.rows import execute_many, insert, select

ONE = (
    "SELECT state, version, (SELECT count(*) FROM habeas_feedmove m WHERE m.subject = f.name) "
    "FROM habeas_feed f WHERE name = %s"
)
SAVE = (
    "INSERT INTO habeas_feed (name, version, state) VALUES (%s, 1, %s) "
    "ON CONFLICT (name) DO UPDATE SET version = habeas_feed.version + 1, state = excluded.state "
    "WHERE habeas_feed.version = %s"
)
COUNTS = (
    "SELECT time_us, value, expected, score FROM habeas_feedcount "
    "WHERE feed = %s AND time_us >= %s AND time_us < %s ORDER BY time_us"
)


@dataclass(frozen=True, slots=True)
class StoredFeed:
    """A feed as it was read: what is known, None before the first time; how often it was saved;
    and how many moves it has."""

    name: str
    known: FeedState | None = None
    version: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class FeedUpdate:
    """What is to be saved of a feed that was read as `kept`."""

    kept: StoredFeed
    known: FeedState
    rows: Sequence[ScoredRow] = ()
    swings: Sequence[Swing] = ()
    messages: Sequence[Message] = ()


def feed(name: str) -> StoredFeed:
    for text, version, number in select(ONE, [name]):
        return StoredFeed(name, decoded(read(text), FeedState), version, number)
    return StoredFeed(name)


def names() -> list[str]:
    """The feeds that were ever listened to."""
    return [name for (name,) in select("SELECT name FROM habeas_feed ORDER BY name")]


def swings(name: str) -> list[Swing]:
    """What happened to it, the first first."""
    return moves_of(models.FeedMove, name, Swing)


def counts(name: str, from_us: int, until_us: int) -> list[ScoredRow]:
    """The bins that start in a time, in order."""
    return [ScoredRow(*row) for row in select(COUNTS, [name, from_us, until_us])]


def commit(made: FeedUpdate, now_us: int) -> None:
    """What was counted, told and is known, together or not at all. Raises Changed, and writes
    nothing, where somebody else has counted meanwhile."""
    kept = made.kept
    state = json.dumps(encoded(made.known))
    with transaction.atomic():
        if not execute_many(SAVE, [(kept.name, state, kept.version)]):
            raise Changed(f"the feed '{kept.name}' was counted by another meanwhile", AGAIN)
        try:
            insert(
                models.FeedCount,
                [(kept.name, r.time_us, r.value, r.expected, r.score) for r in made.rows],
            )
            _record(made, state, now_us)
            insert(models.Outbox, [new_row(message, now_us) for message in made.messages])
        except IntegrityError as error:
            what = str(error).splitlines()[0]
            sentence = f"the feed '{kept.name}' has this already ({what})"
            raise Changed(sentence, AGAIN) from None


AGAIN = "run `habeas listen` again; nothing was written"


def _record(made: FeedUpdate, state: str, now_us: int) -> None:
    kept = made.kept
    leaves = records(len(made.swings) + 1)
    moves = [RecordedMove(kept.name, n, swing) for n, swing in enumerate(made.swings, kept.number)]
    record_moves(leaves, models.FeedMove, "feed", Swing, moves)
    messages = encoded(tuple(made.messages), tuple[Message, ...])
    version = kept.version + 1
    record_state(leaves, "feed_state", kept.name, version, state, messages=messages, time_us=now_us)
    leaves.write()
