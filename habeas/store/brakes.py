"""The brake of each policy: what it knows, saved with the decisions that it answered about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from habeas.core.brake import BrakeState
from habeas.core.brake.brakes import BrakeMove
from habeas.core.errors import Changed
from habeas.core.wave.hours import WaveDecision
from habeas.store import models
from habeas.store.codec import decoded, encoded, read
from habeas.store.leaves import Records, record_state
from habeas.store.moves import moves_of
from habeas.store.rows import execute_many, select


@dataclass(frozen=True, slots=True)
class StoredBrake:
    """A brake as it was read: its state, None before the first; how often it was saved; and how
    many moves it has."""

    policy: str
    state: BrakeState | None = None
    version: int = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """A brake to be saved: `version` and `number` are those that were read, `moves` are new."""

    policy: str
    state: BrakeState
    version: int
    number: int
    moves: tuple[BrakeMove, ...] = ()


ONE = (
    "SELECT state, version, (SELECT count(*) FROM habeas_brakemove m WHERE m.subject = b.policy) "
    "FROM habeas_brake b WHERE policy = %s"
)
SAVE = (
    "INSERT INTO habeas_brake (policy, version, closed, state) VALUES (%s, 1, %s, %s) "
    "ON CONFLICT (policy) DO UPDATE SET version = habeas_brake.version + 1, "
    "closed = excluded.closed, state = excluded.state WHERE habeas_brake.version = %s"
)


def brake(policy: str) -> StoredBrake:
    for text, version, number in select(ONE, [policy]):
        return StoredBrake(policy, decoded(read(text), BrakeState), version, number)
    return StoredBrake(policy)


def turns(policy: str) -> list[BrakeMove]:
    """Its closings, requests and releases, the first one first."""
    return moves_of(models.BrakeMove, policy, BrakeMove)


def closed() -> frozenset[str]:
    """The policies of which the brake is closed: nothing restrictive takes force (law 11)."""
    return frozenset(name for (name,) in select("SELECT policy FROM habeas_brake WHERE closed"))


KEPT = "SELECT policy FROM habeas_brake ORDER BY policy"
FOLLOWED = (
    "SELECT count(DISTINCT d.id) FROM habeas_decision d "
    "JOIN habeas_decisionmove m ON m.subject = d.id WHERE d.policy = %s AND d.measure <> 'warn' "
    "AND d.time_us <= %s AND m.kind IN ('Notify', 'Declare') AND m.time_us >= %s"
)
LET = (
    "SELECT d.id, d.account, d.time_us, min(m.time_us), n.state, d.policy, d.version "
    "FROM habeas_decision d "
    "JOIN habeas_decisionmove m ON m.subject = d.id JOIN habeas_decisionnow n ON n.id = d.id "
    "WHERE d.policy = %s AND d.measure <> 'warn' AND m.kind IN ('Notify', 'Declare') "
    "GROUP BY d.id, d.account, d.time_us, n.state, d.policy, d.version "
    "HAVING min(m.time_us) >= %s AND min(m.time_us) < %s ORDER BY 4, 1"
)
MADE = (
    "SELECT d.id, d.account, d.time_us, NULL, n.state, d.policy, d.version FROM habeas_decision d "
    "JOIN habeas_decisionnow n ON n.id = d.id WHERE d.policy = %s AND d.measure <> 'warn' "
    "AND d.time_us >= %s AND d.time_us < %s ORDER BY d.time_us, d.id"
)
HELD = (
    "SELECT count(*) FROM habeas_decisionnow WHERE policy = %s AND measure <> 'warn' "
    "AND state IN ('proposed', 'approved', 'noticed')"
)


def kept() -> list[str]:
    """The policies of which a brake was ever asked."""
    return [name for (name,) in select(KEPT)]


def followed(policy: str, release_us: int) -> int:
    """How many restrictive decisions that waited at a release were let through since."""
    ((count,),) = select(FOLLOWED, [policy, release_us, release_us])
    return int(count)


def let_through(policy: str, from_us: int, until_us: int) -> list[WaveDecision]:
    """Restrictive decisions that were told, or declared, in a time; in order."""
    return [WaveDecision(*row) for row in select(LET, [policy, from_us, until_us])]


def made(policy: str, from_us: int, until_us: int) -> list[WaveDecision]:
    """Restrictive decisions that were proposed in a time; in order."""
    return [WaveDecision(*row) for row in select(MADE, [policy, from_us, until_us])]


def held(policy: str) -> int:
    """How many restrictive decisions have not taken force, and could."""
    ((count,),) = select(HELD, [policy])
    return int(count)


def save(brakes: Sequence[Answered], made: Records) -> None:
    """Within the transaction of `commit`. Raises Changed where one is not as it was read. Its
    state has floats that must come back bit by bit, so it is plain JSON and no leaf."""
    saved = []
    for one in sorted(brakes, key=lambda b: b.policy):
        state = json.dumps(encoded(one.state))
        record_state(made, "brake_state", one.policy, one.version + 1, state)
        saved.append((one.policy, one.state.closing is not None, state, one.version))
    if execute_many(SAVE, saved) != len(saved):
        raise Changed("a brake has changed since it was read", "ask it again; nothing was written")
