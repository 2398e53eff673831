"""Waves: a brake that closed opens one, and what belongs to it is read from the record.

A wave is no table of its own: its closing, its people and its end are moves of the brake, its
decisions are those of the policy, told or proposed while the evidence grew. So it cannot say
anything that the record does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from habeas.core.announcements import Figures
from habeas.core.baselines import POLICY, WHOLE, shown
from habeas.core.diagnosis import Diagnosis
from habeas.core.errors import InvalidInput, NotFound, nearest
from habeas.core.plans import HOUR
from habeas.core.readings import Judgement
from habeas.core.waves import Closing, Release, Request
from habeas.flows.brake import Ground, wave_id
from habeas.flows.diagnose import diagnose
from habeas.flows.foresee import Cause, Foreseen, foresee
from habeas.ports.folder import Folder
from habeas.ports.tables import write_table
from habeas.store import brakes
from habeas.store.brakes import Passing
from habeas.store.changes import Turn

BEFORE_US = 48 * HOUR  # of the hours that a chart shows
HELD_STATES = frozenset({"proposed", "approved", "noticed"})


@dataclass(frozen=True, slots=True)
class Hour:
    """`made` restrictive decisions were proposed in it and `told` told; `expected` by the plan."""

    start_us: int
    made: int
    told: int
    expected: float


@dataclass(frozen=True, slots=True)
class Wave:
    """`turns` are its closing, requests and release, in order. `told` were told or declared before
    it closed; `held` are proposals of that time on which the brake closed. `until_us` is when two
    people opened the whole of it, or the next wave began."""

    id: str
    policy: str
    closing: Closing
    turns: tuple[Turn, ...]
    since_us: int
    until_us: int | None
    told: tuple[Passing, ...]
    held: tuple[Passing, ...]
    hours: tuple[Hour, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """Who asked for its release or gave it."""
        named = [t.by.name for t in self.turns if isinstance(t, Request)]
        named += [a.name for t in self.turns if isinstance(t, Release) for a in t.by]
        return tuple(dict.fromkeys(named))

    @property
    def undone(self) -> int:
        """How many of those told are reversed or refused by now."""
        return sum(one.state in ("reversed", "refused") for one in self.told)

    def figures(self) -> Figures:
        """Counted over whole hours up to the closing: what was decided an hour ago may have come
        before the brake at one instant."""
        closed = self.closing.time_us
        start = self.since_us - HOUR
        hours = [h for h in self.hours if start < h.start_us + HOUR and h.start_us <= closed]
        over = next((t for t in self.turns if isinstance(t, Release) and not t.streams), None)
        return Figures(
            since_us=hours[0].start_us,
            closed_us=closed,
            told=len(self.told),
            undone=self.undone,
            held=len(self.held),
            seen=sum(h.made for h in hours),
            expected=sum(h.expected for h in hours),
            over_us=over.time_us if over else None,
        )

    def as_json(self) -> dict[str, object]:
        return {
            "wave": self.id,
            "policy": self.policy,
            "open": self.until_us is None,
            "since_us": self.since_us,
            "closed_us": self.closing.time_us,
            "until_us": self.until_us,
            "evidence_s": self.closing.evidence,
            "causes": [
                {"segment": shown(c.stream), "seen": c.seen, "expected": c.expected,
                 "times": c.times, "share": c.share, "basis": str(c.basis), "capped": c.capped}
                for c in self.closing.causes
            ],
            "told": len(self.told), "undone": self.undone, "held": len(self.held),
            "decisions": [one.decision for one in (*self.told, *self.held)],
            "people": list(self.people),
            "timeline": [{"time_us": t, "what": what} for t, what in timeline(self)],
            "hours": [
                {"start_us": h.start_us, "made": h.made, "told": h.told, "expected": h.expected}
                for h in self.hours
            ],
        }  # fmt: skip


def timeline(wave: Wave) -> list[tuple[int, str]]:
    """What happened, in order: microseconds and a sentence."""
    found = [(wave.since_us, "the first decision of the run of them that closed the brake")]
    for turn in wave.turns:
        match turn:
            case Closing():
                told = f"the brake closed: {turn}" if turn.causes else "the brake closed"
                found.append((turn.time_us, told))
            case Request():
                found.append((turn.time_us, f"{turn.by.name} asked to release it: {turn.why}"))
            case Release():
                names = " and ".join(actor.name for actor in turn.by)
                of = ", ".join(map(shown, turn.streams)) or "all decisions"
                found.append((turn.time_us, f"{names} released {of}: {turn.why}"))
    return found


def waves(folder: Folder | None) -> list[Wave]:
    """All of them, the latest first."""
    ground = Ground.of(folder)
    found = [wave for policy in brakes.kept() for wave in _waves(policy, ground)]
    return sorted(found, key=lambda wave: (-wave.closing.time_us, wave.id))


def wave(name: str, folder: Folder | None) -> Wave:
    """Raises NotFound."""
    found = {one.id: one for one in waves(folder)}
    if name not in found:
        raise NotFound(f"there is no wave '{name}'", nearest(name, found) or "`habeas waves`")
    return found[name]


def relieve(name: str, why: str, folder: Folder, now_us: int, events: Path | None) -> Foreseen:
    """The relief plan of a wave's cause, in one step. Raises NotFound, InvalidInput."""
    found = wave(name, folder)
    cause = cause_of(found)
    ground = Ground.of(folder)
    given = (events or ground.events) if cause.shared else None
    return foresee(cause, why, now_us, events=given, segments=ground.facts)


def cause_of(wave: Wave) -> Cause:
    """What its decisions share, by what the brake blames: the policy's version where it names one,
    and the segments that carry more of the evidence than the version does."""
    if not wave.told:
        raise InvalidInput(
            f"no decision of wave {wave.id} reached a customer", "there is nothing to relieve"
        )
    version, shared = None, []
    for cause in wave.closing.causes:
        attribute, value = cause.stream
        if attribute == POLICY and version is None:
            version = int(value.rpartition("@")[2])
    for cause in wave.closing.causes:
        if cause.stream[0] in (POLICY, WHOLE[0]):
            break
        shared.append(cause.stream)
    first = min(one.proposed_us for one in wave.told)
    return Cause(wave.policy, version, shared=tuple(shared), from_us=first)


def diagnosed(
    found: Wave, population: Path, weights: str | None = None
) -> tuple[Diagnosis, Judgement]:
    """What the accounts of a wave share that those of the population do not. Raises NotFound and
    InvalidInput."""
    accounts = sorted({one.account for one in (*found.told, *found.held)})
    with TemporaryDirectory() as place:
        hits = Path(place) / "hits.parquet"
        write_table(hits, pa.table({"account": accounts}))
        return diagnose(hits, population, weights)


def _waves(policy: str, ground: Ground) -> Iterable[Wave]:
    turns = brakes.turns(policy)
    starts = [i for i, turn in enumerate(turns) if isinstance(turn, Closing)]
    for number, start in enumerate(starts, 1):
        end = starts[number] if number < len(starts) else len(turns)
        yield _wave(policy, number, turns[start:end], turns[end:], ground)


def _wave(
    policy: str, number: int, own: Sequence[Turn], later: Sequence[Turn], ground: Ground
) -> Wave:
    closing = own[0]
    assert isinstance(closing, Closing)  # noqa: S101 - its first turn is one
    since = min([closing.time_us, *(c.since_us for c in closing.causes if c.seen)])
    ends = [t.time_us for t in own if isinstance(t, Release) and not t.streams]
    until = min([*ends, *(t.time_us for t in later[:1])], default=None)
    told = brakes.let_through(policy, since, closing.time_us + 1)
    followed = until if until is not None else closing.time_us + BEFORE_US
    made = brakes.made(policy, since - BEFORE_US, max(followed, closing.time_us + 1))
    names = {one.decision for one in told}
    held = [one for one in made if one.decision not in names and one.state in HELD_STATES]
    one = Wave(
        wave_id(policy, number), policy, closing, tuple(own), since, until, tuple(told),
        tuple(held), (),
    )  # fmt: skip
    return replace(one, hours=tuple(_hours(one, made, ground)))


def _hours(wave: Wave, made: Sequence[Passing], ground: Ground) -> Iterable[Hour]:
    terms = ground.terms(wave.policy)
    proposed = Counter(one.proposed_us // HOUR for one in made)
    before = brakes.let_through(wave.policy, wave.since_us - BEFORE_US, wave.closing.time_us + 1)
    told = Counter((one.told_us or 0) // HOUR for one in before)
    start = (wave.since_us - BEFORE_US) // HOUR
    end = max([wave.closing.time_us // HOUR, *proposed])
    for hour in range(start, end + 1):
        expected, _ = terms.expected(WHOLE, hour, 0.0)
        yield Hour(hour * HOUR, proposed[hour], told[hour], expected)
