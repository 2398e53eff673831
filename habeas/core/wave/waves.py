"""Waves: a brake that closed opens one, or a burst of public signals while the brakes were quiet.
What belongs to it is read from the record.

A wave is no table of its own. Its opening, its people and its end are moves of the brake or of the
feed. Its decisions are those of the policy, told or proposed while the evidence grew; of a burst,
those of all policies that were told from two days before it to its end. So it cannot say anything
that the record does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from habeas.core.appeal.relief import ReliefCause
from habeas.core.brake import Closing, Release, ReleaseRequest
from habeas.core.brake.baselines import POLICY, WHOLE, shown
from habeas.core.brake.brakes import BrakeCause, BrakeMove
from habeas.core.errors import InvalidInput
from habeas.core.languages import Lang, Texts, enumeration
from habeas.core.policy.plans import HOUR
from habeas.core.signal.bursts import WaveSource
from habeas.core.signal.feeds import Spell
from habeas.core.wave.hours import FeedCounts, Hour, VersionShare, WaveDecision, WaveMoment


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one wave: `told` restrictive decisions reached customers before the brake closed, of
    which `undone` are reversed by now; `held` were stopped. `since_us` is the first of them. Of one
    that the public noticed and no brake did: `closed_us` is when we heard of it, `peak` how many
    messages came in `row_us` at most, and `usual` how many do."""

    since_us: int
    closed_us: int
    told: int
    undone: int
    held: int
    seen: int
    expected: float
    over_us: int | None = None  # when two people opened the brake again
    peak: float | None = None
    usual: float = 0.0
    row_us: int = 0


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
    turns: tuple[BrakeMove, ...]
    since_us: int
    until_us: int | None
    told: tuple[WaveDecision, ...]
    held: tuple[WaveDecision, ...]
    hours: tuple[Hour, ...]
    spell: Spell | None = None
    row_us: int = 0  # of the feed
    shares: tuple[VersionShare, ...] = ()
    counts: tuple[FeedCounts, ...] = ()
    moments: tuple[WaveMoment, ...] = ()

    @property
    def source(self) -> WaveSource:
        return WaveSource.SIGNAL if self.spell else WaveSource.BRAKE

    @property
    def opened_us(self) -> int:
        """When the brake closed, or the burst was told."""
        if self.closing is not None:
            return self.closing.time_us
        return self.spell.told_us if self.spell else self.since_us

    @property
    def causes(self) -> tuple[BrakeCause, ...]:
        """What the brake blames."""
        return self.closing.causes if self.closing else ()

    @property
    def people(self) -> tuple[str, ...]:
        """Who asked for its release or gave it."""
        named = [t.by.name for t in self.turns if isinstance(t, ReleaseRequest)]
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
            "causes": self.causes,
            "burst": burst,
            "policies": self.shares,
            "told": len(self.told), "undone": self.undone, "held": len(self.held),
            "decisions": [one.decision for one in (*self.told, *self.held)],
            "people": list(self.people),
            "timeline": [{"time_us": t, "what": what} for t, what in timeline(self)],
            "hours": self.hours,
            "feeds": self.counts,
            "marks": self.moments,
        }  # fmt: skip


TEXTS: Texts = {
    "en": {
        "first": "the first decision of the run of them that closed the brake",
        "closed": "the brake closed: {what}",
        "asked": "{who} asked to release it: {why}",
        "released": "{who} released {of}: {why}",
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
        "rose": "les signaux publics ont monté, {what}",
        "other": "un frein s'est fermé, {what}",
        "told": "ceux qui travaillent ici en ont été informés",
        "calm": "six heures sont passées sans compte rare : c'est fini",
    },
}


def timeline(wave: Wave, lang: Lang = "en") -> list[tuple[int, str]]:
    """What happened, in order: microseconds and a sentence."""
    say, found = TEXTS[lang], list[tuple[int, str]]()
    if wave.closing is not None:
        found.append((wave.since_us, say["first"]))
    found += [(turn.time_us, _turned(turn, lang)) for turn in wave.turns]
    for one in wave.moments:
        if one.what != wave.closing:
            word = "rose" if one.source is WaveSource.SIGNAL else "other"
            found.append((one.time_us, say[word].format(what=one.words(lang))))
    if wave.spell is not None:
        found.append((wave.spell.told_us, say["told"]))
        if wave.until_us is not None:
            found.append((wave.until_us, say["calm"]))
    return sorted(found, key=lambda one: one[0])


def _turned(turn: BrakeMove, lang: Lang) -> str:
    say = TEXTS[lang]
    match turn:
        case Closing():
            return say["closed"].format(what=turn.words(lang) or "-")
        case ReleaseRequest():
            return say["asked"].format(who=turn.by.name, why=turn.why)
        case Release():
            names = enumeration([actor.name for actor in turn.by], lang)
            of = ", ".join(shown(one, lang) for one in turn.streams or (WHOLE,))
            return say["released"].format(who=names, of=of, why=turn.why)


def cause_of(wave: Wave, policy: str | None = None) -> ReliefCause:
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
    return ReliefCause(wave.policy, version, shared=tuple(shared), from_us=first)


def _named(wave: Wave, policy: str | None) -> ReliefCause:
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
    return ReliefCause(name, version, from_us=min(one.proposed_us for one in own))


def end_of(own: Sequence[BrakeMove], later: Sequence[BrakeMove]) -> int | None:
    """When the whole of it was released, or the next one began."""
    ends = [turn.time_us for turn in own if isinstance(turn, Release) and not turn.streams]
    return min([*ends, *(turn.time_us for turn in later[:1])], default=None)
