"""Release: two people open a brake, of all decisions or of some segments (law 7).

The first one asks, the second one who says the same opens it: two moves of the brake, so that
each is recorded under the name of who made it. A closing between the two voids the request: what
is to be released is another wave then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from habeas.core.brake import BrakeStatus, Closing, ReleaseRequest
from habeas.core.brake.baselines import POLICY, WHOLE, Stream, shown
from habeas.core.brake.brakes import BrakeMove, check_release, waiting
from habeas.core.brake.releases import joined, stream_of
from habeas.core.brake.terms import pace_of, wave_id
from habeas.core.decision import Actor
from habeas.core.errors import InvalidInput, NotFound
from habeas.core.policy.plans import HOUR
from habeas.flows.brake.gate import BrakeGround
from habeas.ports.folder import Folder
from habeas.store import brakes
from habeas.store.brakes import Answered
from habeas.store.commits import commit


@dataclass(frozen=True, slots=True)
class Released:
    """What a release did. `waits` is who asked first, where a second person is still needed."""

    policy: str
    open: bool
    waits: str
    streams: tuple[Stream, ...]
    pace: float
    held: int

    def as_json(self) -> dict[str, object]:
        return {
            "policy": self.policy,
            "open": self.open,
            "waits_for_second": bool(self.waits),
            "first": self.waits,
            "segments": [shown(s) for s in self.streams],
            "per_hour": self.pace,
            "held": self.held,
        }


def release(
    policy: str,
    by: Actor,
    why: str,
    folder: Folder | None,
    now_us: int,
    *,
    segments: Sequence[str] = (),
    pace: float | None = None,
) -> Released:
    """One person's word; the second one opens it. `segments` are as `country=FR`, none is all;
    `pace` is how many of the held decisions follow in an hour. Raises NotFound, InvalidInput,
    IllegalMove, Changed."""
    kept, ground = brakes.brake(policy), BrakeGround.of(folder)
    if kept.state is None:
        raise NotFound(f"no brake of '{policy}' was ever asked", "`habeas brake` lists them")
    if pace is not None and not (isfinite(pace) and pace > 0):
        raise InvalidInput("a pace is a number of decisions an hour", "write for example 5")
    pace = None if pace is None else float(pace)
    streams = tuple(sorted({stream_of(s) for s in segments}))
    brake = ground.brake(kept)
    turns = brakes.turns(policy)
    first = waiting(turns, streams)
    asked = ReleaseRequest(now_us, by, why, streams, pace)
    check_release(brake, asked, first)
    moves: tuple[BrakeMove, ...] = (asked,)
    if first is not None:
        made = joined(first, asked)
        brake.release(made)
        moves, pace = (made,), made.pace
    state = kept.state if first is None else brake.state()
    commit([], brakes=[Answered(policy, state, kept.version, kept.number, moves)])
    return Released(
        policy,
        open=brake.closed is None,
        waits="" if first else by.name,
        streams=streams,
        pace=pace or pace_of(brake.terms),
        held=brakes.held(policy),
    )


def statuses(folder: Folder | None, now_us: int) -> list[BrakeStatus]:
    """The brakes that were ever asked, and those of the policies in force."""
    ground = BrakeGround.of(folder)
    planned = [p.policy for p in ground.plan.policies if p.version] if ground.plan else []
    return [_status(name, ground, now_us) for name in sorted({*brakes.kept(), *planned})]


def _status(policy: str, ground: BrakeGround, now_us: int) -> BrakeStatus:
    kept = brakes.brake(policy)
    brake, turns = ground.brake(kept), brakes.turns(policy)
    state, closings = brake.state(), sum(isinstance(turn, Closing) for turn in turns)
    learned = sum(n for w in state.wealth if w.stream == WHOLE for _, n in w.days) / (7 * 24)
    expected, basis = brake.terms.expected(WHOLE, now_us // HOUR, learned)
    last = turns[-1] if turns else None
    return BrakeStatus(
        policy=policy,
        closing=brake.closed,
        wave=wave_id(policy, closings) if brake.closed else "",
        evidence=brake.evidence if brake.closed else brake.look(now_us),
        promise=brake.terms.promise,
        basis=basis,
        expected=expected,
        held=brakes.held(policy) if brake.closed else 0,
        released=state.released,
        waits=last.by.name if isinstance(last, ReleaseRequest) else "",
        watched=tuple(n for n in brake.terms.attributes if n != POLICY),
        cap=brake.terms.caps[WHOLE[0]],
    )
