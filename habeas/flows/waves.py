"""Waves: a brake that closed opens one, or a burst of public signals while the brakes were quiet.
What belongs to it is read from the record.

A wave is no table of its own. Its opening, its people and its end are moves of the brake or of the
feed. Its decisions are those of the policy, told or proposed while the evidence grew; of a burst,
those of all policies that were told from two days before it to its end. So it cannot say anything
that the record does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from habeas.core import waves as core
from habeas.core.announcements import Figures
from habeas.core.baselines import POLICY, WHOLE, shown
from habeas.core.bursts import Source
from habeas.core.diagnosis import Diagnosis
from habeas.core.errors import InvalidInput, NotFound, nearest
from habeas.core.feeds import Spell
from habeas.core.plans import HOUR
from habeas.core.readings import Judgement
from habeas.core.shapes import Lang
from habeas.core.waves import Closing, Release, Request
from habeas.flows import hours
from habeas.flows.brake import Ground, wave_id
from habeas.flows.diagnose import diagnose
from habeas.flows.foresee import Cause, Foreseen, foresee
from habeas.flows.hours import Counts, Hour, Moment, Share
from habeas.ports.folder import Folder
from habeas.ports.tables import write_table
from habeas.store import brakes, feeds
from habeas.store.brakes import Passing
from habeas.store.changes import Turn

BEFORE_US = 48 * HOUR  # of the hours that a chart shows
AFTER_US = 14 * 24 * HOUR  # the most that a chart shows of a wave that is not released
FOREVER = 2**62
HELD_STATES = frozenset({"proposed", "approved", "noticed"})


@dataclass(frozen=True, slots=True)
class Wave:
    """Of a brake (`closing`) or of a feed (`spell`): one of the two is there.

    `turns` are its closing, requests and release, in order. `told` were told or declared before
    it closed; `held` are proposals of that time on which the brake closed. `until_us` is when two
    people opened the whole of it, the next wave began, or the burst was over. `policy` is that of
    the brake, or the one of which plainly more was told than foreseen, or ""; `shares` say that.
    `counts` and `moments` are what the feeds said and what happened in the same hours."""

    id: str
    policy: str
    closing: Closing | None
    turns: tuple[Turn, ...]
    since_us: int
    until_us: int | None
    told: tuple[Passing, ...]
    held: tuple[Passing, ...]
    hours: tuple[Hour, ...]
    spell: Spell | None = None
    row_us: int = 0  # of the feed
    shares: tuple[Share, ...] = ()
    counts: tuple[Counts, ...] = ()
    moments: tuple[Moment, ...] = ()

    @property
    def source(self) -> Source:
        return Source.SIGNAL if self.spell else Source.BRAKE

    @property
    def opened_us(self) -> int:
        """When the brake closed, or the burst was told."""
        if self.closing is not None:
            return self.closing.time_us
        return self.spell.told_us if self.spell else self.since_us

    @property
    def causes(self) -> tuple[core.Cause, ...]:
        """What the brake blames."""
        return self.closing.causes if self.closing else ()

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
        before the brake at one instant. Of a burst, over all hours that it is looked at."""
        counted, since, peak, usual = self.hours, self.since_us, None, 0.0
        if self.spell is not None:
            peak, usual = self.spell.burst.peak, self.spell.burst.expected
        else:
            start, closed = self.since_us - HOUR, self.opened_us
            counted = tuple(
                h for h in self.hours if start < h.start_us + HOUR and h.start_us <= closed
            )
            since = counted[0].start_us
        over = next((t for t in self.turns if isinstance(t, Release) and not t.streams), None)
        return Figures(
            since_us=since,
            closed_us=self.opened_us,
            told=len(self.told),
            undone=self.undone,
            held=len(self.held),
            seen=sum(h.made for h in counted),
            expected=sum(h.expected for h in counted),
            over_us=over.time_us if over else None,
            peak=peak,
            usual=usual,
            row_us=self.row_us,
        )

    def as_json(self) -> dict[str, object]:
        burst = {"feed": self.spell.feed, **self.spell.burst.as_json()} if self.spell else None
        return {
            "wave": self.id,
            "source": str(self.source),
            "policy": self.policy or None,
            "open": self.until_us is None,
            "since_us": self.since_us,
            "closed_us": self.closing.time_us if self.closing else None,
            "opened_us": self.opened_us,
            "until_us": self.until_us,
            "evidence_s": self.closing.evidence if self.closing else None,
            "causes": [cause.as_json() for cause in self.causes],
            "burst": burst,
            "policies": [share.as_json() for share in self.shares],
            "told": len(self.told), "undone": self.undone, "held": len(self.held),
            "decisions": [one.decision for one in (*self.told, *self.held)],
            "people": list(self.people),
            "timeline": [{"time_us": t, "what": what} for t, what in timeline(self)],
            "hours": [hour.as_json() for hour in self.hours],
            "feeds": [one.as_json() for one in self.counts],
            "marks": [one.as_json() for one in self.moments],
        }  # fmt: skip


SAY: dict[Lang, dict[str, str]] = {
    "en": {
        "first": "the first decision of the run of them that closed the brake",
        "closed": "the brake closed: {what}",
        "asked": "{who} asked to release it: {why}",
        "released": "{who} released {of}: {why}",
        "and": " and ",
        "all": "all decisions",
        "rose": "public signals rose, {what}",
        "other": "a brake closed, {what}",
        "told": "those who work here were told of it",
        "calm": "six hours had passed without a rare count: it is over",
    },
    "fr": {
        "first": "la première des décisions qui ont fermé le frein",
        "closed": "le frein s'est fermé : {what}",
        "asked": "{who} a demandé de le rouvrir : {why}",
        "released": "{who} ont rouvert pour {of} : {why}",
        "and": " et ",
        "all": "toutes les décisions",
        "rose": "les signaux publics ont monté, {what}",
        "other": "un frein s'est fermé, {what}",
        "told": "ceux qui travaillent ici en ont été informés",
        "calm": "six heures sont passées sans compte rare : c'est fini",
    },
}


def timeline(wave: Wave, lang: Lang = "en") -> list[tuple[int, str]]:
    """What happened, in order: microseconds and a sentence."""
    say, found = SAY[lang], list[tuple[int, str]]()
    if wave.closing is not None:
        found.append((wave.since_us, say["first"]))
    found += [(turn.time_us, _turned(turn, lang)) for turn in wave.turns]
    for one in wave.moments:
        if one.what != wave.closing:
            word = "rose" if one.source is Source.SIGNAL else "other"
            found.append((one.time_us, say[word].format(what=one.said(lang))))
    if wave.spell is not None:
        found.append((wave.spell.told_us, say["told"]))
        if wave.until_us is not None:
            found.append((wave.until_us, say["calm"]))
    return sorted(found, key=lambda one: one[0])


def _turned(turn: Turn, lang: Lang) -> str:
    say = SAY[lang]
    match turn:
        case Closing():
            return say["closed"].format(what=hours.closed(turn, lang) or "-")
        case Request():
            return say["asked"].format(who=turn.by.name, why=turn.why)
        case Release():
            names = say["and"].join(actor.name for actor in turn.by)
            of = ", ".join(map(shown, turn.streams)) or say["all"]
            return say["released"].format(who=names, of=of, why=turn.why)


def waves(folder: Folder | None, *, only_open: bool = False) -> list[Wave]:
    """All of them, or those that are open; the latest first."""
    known = _known(Ground.of(folder))
    found = [one.read() for one in known if not (only_open and one.over)]
    return sorted(found, key=lambda wave: (-wave.opened_us, wave.id))


def wave(name: str, folder: Folder | None) -> Wave:
    """Raises NotFound."""
    found = {one.id: one for one in _known(Ground.of(folder))}
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
    ground = Ground.of(folder)
    given = (events or ground.events) if cause.shared else None
    return foresee(cause, why, now_us, events=given, segments=ground.facts)


def cause_of(wave: Wave, policy: str | None = None) -> Cause:
    """What its decisions share, by what the brake blames: the policy's version where it names one,
    and the segments that carry more of the evidence than the version does. Of a burst, the policy
    of which plainly more was told than foreseen, or the one that is named."""
    if not wave.told:
        raise InvalidInput(
            f"no decision of wave {wave.id} reached a customer", "there is nothing to relieve"
        )
    if wave.closing is None:
        return _named(wave, policy)
    if policy not in (None, wave.policy):
        raise InvalidInput(f"wave {wave.id} is of {wave.policy}", "leave `--policy` out")
    version, shared = None, []
    for cause in wave.causes:
        attribute, value = cause.stream
        if attribute == POLICY and version is None:
            version = int(value.rpartition("@")[2])
    for cause in wave.causes:
        if cause.stream[0] in (POLICY, WHOLE[0]):
            break
        shared.append(cause.stream)
    first = min(one.proposed_us for one in wave.told)
    return Cause(wave.policy, version, shared=tuple(shared), from_us=first)


def _named(wave: Wave, policy: str | None) -> Cause:
    """All decisions since the first that the wave has: of the version that it plainly points to,
    or of the policy that a person names."""
    if policy is None and wave.policy:
        own = [one for one in wave.told if one.version == wave.shares[0].version]
    else:
        own = [*wave.told]
    name = policy or wave.policy
    own = [one for one in own if one.policy == name]
    if not own:
        known = ", ".join(dict.fromkeys(share.policy for share in wave.shares))
        what = f"tells of no decision of '{name}'" if name else "plainly points to no policy"
        raise InvalidInput(f"wave {wave.id} {what}", f"name one with --policy: {known}")
    versions = {one.version for one in own}
    version = versions.pop() if len(versions) == 1 else None
    return Cause(name, version, from_us=min(one.proposed_us for one in own))


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


@dataclass(frozen=True, slots=True)
class _Known:
    """A wave that there is; its decisions are read when they are asked for."""

    id: str
    over: bool
    read: Callable[[], Wave]


def _known(ground: Ground) -> Iterator[_Known]:
    for policy in brakes.kept():
        yield from _closed(policy, ground)
    for spell in hours.all_spells():
        if spell.opens:
            yield _Known(spell.wave, spell.until_us is not None, partial(_heard, spell, ground))


def _closed(policy: str, ground: Ground) -> Iterator[_Known]:
    turns = brakes.turns(policy)
    starts = [i for i, turn in enumerate(turns) if isinstance(turn, Closing)]
    for number, start in enumerate(starts, 1):
        end = starts[number] if number < len(starts) else len(turns)
        own, until = turns[start:end], _until(turns[start:end], turns[end:])
        read = partial(_wave, policy, number, own, until, ground)
        yield _Known(wave_id(policy, number), until is not None, read)


def _until(own: Sequence[Turn], later: Sequence[Turn]) -> int | None:
    """When the whole of it was released, or the next one began."""
    ends = [turn.time_us for turn in own if isinstance(turn, Release) and not turn.streams]
    return min([*ends, *(turn.time_us for turn in later[:1])], default=None)


def _wave(policy: str, number: int, own: Sequence[Turn], until: int | None, ground: Ground) -> Wave:
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


def _heard(spell: Spell, ground: Ground) -> Wave:
    """The wave that a burst opened. While it is open, up to the last row or decision."""
    since, names = spell.burst.start_us, hours.policies(ground)
    until = spell.until_us if spell.until_us is not None else FOREVER
    told = hours.let_through(names, since - BEFORE_US, until)
    made = hours.made(names, since - BEFORE_US, until)
    known = feeds.feed(spell.feed).known
    last = [one.told_us or 0 for one in told] + [known.end_us or 0 if known else 0, since]
    span = (since - BEFORE_US, min(until, max(last)))
    shares = hours.shares(told, span, ground)
    plain = hours.plainly(shares, ground.settings.slack)
    return Wave(
        spell.wave, plain.policy if plain else "", None, (), since, spell.until_us, tuple(told),
        (), tuple(hours.hours(names, made, told, span, ground)),
        spell=spell,
        row_us=known.every_us if known else 0,
        shares=shares,
        counts=hours.counts(span[0], span[1] + 1),
        moments=hours.moments(names, span[0], span[1] + 1),
    )  # fmt: skip
