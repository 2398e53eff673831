"""Waves: read from the record, diagnosed, relieved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from habeas.core.appeal.relief import Foreseen
from habeas.core.brake import Closing
from habeas.core.brake.brakes import BrakeMove
from habeas.core.brake.terms import wave_id
from habeas.core.errors import NotFound, nearest
from habeas.core.listing import MOST, Listing, listing
from habeas.core.policy.plans import HOUR
from habeas.core.signal.feeds import Spell
from habeas.core.wave import Diagnosis, Judgement, Wave
from habeas.core.wave.hours import plainly
from habeas.core.wave.waves import AFTER_US, BEFORE_US, FOREVER, HELD_STATES, cause_of, end_of
from habeas.flows.appeal.foresee import foresee
from habeas.flows.brake.gate import BrakeGround
from habeas.flows.wave import hours
from habeas.flows.wave.diagnose import diagnose
from habeas.ports.folder import Folder
from habeas.store import brakes, feeds


def waves(folder: Folder | None, *, only_open: bool = False) -> list[Wave]:
    """All of them, or those that are open; the latest first."""
    known = _known(BrakeGround.of(folder))
    found = [one.read() for one in known if not (only_open and one.over)]
    return sorted(found, key=lambda wave: (-wave.opened_us, wave.id))


def listed(folder: Folder | None, after: str | None = None, limit: int = MOST) -> Listing[Wave]:
    """So many waves, from the one that follows `after`; open ones first, then the latest. Raises
    InvalidInput."""
    found = sorted(waves(folder), key=lambda wave: wave.until_us is not None)
    return listing(found, lambda wave: wave.id, after, limit)


def wave(name: str, folder: Folder | None) -> Wave:
    """Raises NotFound."""
    found = {one.id: one for one in _known(BrakeGround.of(folder))}
    if name not in found:
        raise NotFound(f"there is no wave '{name}'", nearest(name, found) or "`habeas waves`")
    return found[name].read()


def relieve(
    name: str,
    why: str,
    folder: Folder,
    now_us: int,
    events: Path | None,
    policy: str | None = None,
) -> Foreseen:
    """The relief plan of a wave's cause, in one step. Raises NotFound, InvalidInput."""
    found = wave(name, folder)
    cause = cause_of(found, policy)
    ground = BrakeGround.of(folder)
    given = (events or ground.events) if cause.shared else None
    return foresee(cause, why, now_us, events=given, segments=ground.facts)


def diagnosed(
    found: Wave, population: Path, weights: str | None = None
) -> tuple[Diagnosis, Judgement]:
    """What the accounts of a wave share that those of the population do not. Raises NotFound and
    InvalidInput."""
    accounts = sorted({one.account for one in (*found.told, *found.held)})
    return diagnose(accounts, population, weights)


@dataclass(frozen=True, slots=True)
class _Known:
    """A wave that there is; its decisions are read when they are asked for."""

    id: str
    over: bool
    read: Callable[[], Wave]


def _known(ground: BrakeGround) -> Iterator[_Known]:
    for policy in brakes.kept():
        yield from _closed(policy, ground)
    for spell in hours.all_spells():
        if spell.opens:
            yield _Known(spell.wave, spell.until_us is not None, partial(_heard, spell, ground))


def _closed(policy: str, ground: BrakeGround) -> Iterator[_Known]:
    turns = brakes.turns(policy)
    starts = [i for i, turn in enumerate(turns) if isinstance(turn, Closing)]
    for number, start in enumerate(starts, 1):
        end = starts[number] if number < len(starts) else len(turns)
        own, until = turns[start:end], end_of(turns[start:end], turns[end:])
        read = partial(_wave, policy, number, own, until, ground)
        yield _Known(wave_id(policy, number), until is not None, read)


def _wave(
    policy: str, number: int, own: Sequence[BrakeMove], until: int | None, ground: BrakeGround
) -> Wave:
    closing = own[0]
    assert isinstance(closing, Closing)  # noqa: S101 - its first turn is one
    since = min([closing.time_us, *(c.since_us for c in closing.causes if c.seen)])
    before = brakes.let_through(policy, since - BEFORE_US, closing.time_us + 1)
    told = [one for one in before if (one.told_us or 0) >= since]
    followed = until if until is not None else closing.time_us + BEFORE_US
    made = brakes.made(policy, since - BEFORE_US, max(followed, closing.time_us + 1))
    names = {one.decision for one in told}
    held = [one for one in made if one.decision not in names and one.state in HELD_STATES]
    heard = [k.end_us or 0 for n in feeds.names() if (k := feeds.feed(n).known)]
    latest = min(max([*heard, until or 0]), until or FOREVER, closing.time_us + AFTER_US)
    last = max([closing.time_us, latest, *(one.proposed_us for one in made)])
    span = (since - BEFORE_US, last // HOUR * HOUR + HOUR - 1)
    return Wave(
        wave_id(policy, number), policy, closing, tuple(own), since, until, tuple(told),
        tuple(held), tuple(hours.hours([policy], made, before, span, ground)),
        counts=hours.counts(*span),
        moments=hours.moments(hours.policies(ground), *span),
    )  # fmt: skip


def _heard(spell: Spell, ground: BrakeGround) -> Wave:
    """The wave that a burst opened. While it is open, up to the last row or decision."""
    since, names = spell.burst.start_us, hours.policies(ground)
    until = spell.until_us if spell.until_us is not None else FOREVER
    told = hours.let_through(names, since - BEFORE_US, until)
    made = hours.made(names, since - BEFORE_US, until)
    known = feeds.feed(spell.feed).known
    last = [one.told_us or 0 for one in told] + [known.end_us or 0 if known else 0, since]
    span = (since - BEFORE_US, min(until, max(last)))
    shares = hours.shares(told, span, ground)
    plain = plainly(shares, ground.settings.slack)
    return Wave(
        spell.wave, plain.policy if plain else "", None, (), since, spell.until_us, tuple(told),
        (), tuple(hours.hours(names, made, told, span, ground)),
        spell=spell,
        row_us=known.every_us if known else 0,
        shares=shares,
        counts=hours.counts(span[0], span[1] + 1),
        moments=hours.moments(names, span[0], span[1] + 1),
    )  # fmt: skip
