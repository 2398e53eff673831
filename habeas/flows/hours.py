"""Hours: what was decided in each and what was expected, what the public said meanwhile, and
where a brake closed or a burst began: all on one axis of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from habeas.core.baselines import POLICY, WHOLE, shown, version_of
from habeas.core.bursts import Burst, Source
from habeas.core.feeds import Spell, spells
from habeas.core.money import punctuated
from habeas.core.plans import HOUR
from habeas.core.shapes import Lang
from habeas.core.signals import Heard
from habeas.core.waves import Closing
from habeas.flows.brake import Ground, wave_id
from habeas.store import brakes, feeds
from habeas.store.brakes import Passing


@dataclass(frozen=True, slots=True)
class Hour:
    """`made` restrictive decisions were proposed in it and `told` told; `expected` by the plan."""

    start_us: int
    made: int
    told: int
    expected: float

    def as_json(self) -> dict[str, object]:
        return {
            "start_us": self.start_us, "made": self.made, "told": self.told,
            "expected": self.expected,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Counts:
    """What a feed said: its rows in order."""

    feed: str
    rows: tuple[Heard, ...]

    def as_json(self) -> dict[str, object]:
        rows = [
            {"time_us": r.time_us, "value": r.value, "expected": r.expected, "score": r.score}
            for r in self.rows
        ]
        return {"feed": self.feed, "rows": rows}


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the brake of a policy closed, or a burst of a feed began. `wave` is the one that it
    opened or belongs to."""

    time_us: int
    name: str
    wave: str
    what: Closing | Burst

    @property
    def source(self) -> Source:
        return Source.SIGNAL if isinstance(self.what, Burst) else Source.BRAKE

    def said(self, lang: Lang = "en") -> str:
        what = self.what.said(lang) if isinstance(self.what, Burst) else closed(self.what, lang)
        return f"{self.name} : {what}" if lang == "fr" else f"{self.name}: {what}"

    def as_json(self) -> dict[str, object]:
        return {
            "time_us": self.time_us, "source": str(self.source), "name": self.name,
            "wave": self.wave, "what": str(self.what),
        }  # fmt: skip


def closed(closing: Closing, lang: Lang) -> str:
    """Why a brake closed; in French, what carries most of the evidence."""
    if lang == "en" or not closing.causes:
        return str(closing)
    first = closing.causes[0]
    stream = "toutes les décisions" if first.stream == WHOLE else shown(first.stream)
    numbers = f"{first.seen:,}", f"{first.expected:.3g}", f"{first.times:,.0f}"
    seen, expected, times = (punctuated(number, lang) for number in numbers)
    return f"{stream}, {seen} décisions au lieu de {expected} prévues, {times} fois plus"


@dataclass(frozen=True, slots=True)
class Share:
    """Of one version of a policy: how many were told, and how many its forecast has."""

    policy: str
    version: int
    told: int
    expected: float

    @property
    def excess(self) -> float:
        return self.told - self.expected

    def as_json(self) -> dict[str, object]:
        return {
            "policy": self.policy, "version": self.version, "told": self.told,
            "expected": self.expected,
        }  # fmt: skip


def policies(ground: Ground) -> list[str]:
    """Those that a brake was ever asked about, and those of the plan in force."""
    planned = [p.policy for p in ground.plan.policies if p.version] if ground.plan else []
    return sorted({*brakes.kept(), *planned})


def let_through(names: Iterable[str], from_us: int, until_us: int) -> list[Passing]:
    """Restrictive decisions of these policies that were told in a time."""
    found = [one for name in names for one in brakes.let_through(name, from_us, until_us)]
    return sorted(found, key=lambda one: (one.told_us or 0, one.decision))


def made(names: Iterable[str], from_us: int, until_us: int) -> list[Passing]:
    """Restrictive decisions of these policies that were proposed in a time."""
    return [one for name in names for one in brakes.made(name, from_us, until_us)]


def hours(
    names: Iterable[str],
    made: Iterable[Passing],
    told: Iterable[Passing],
    span: tuple[int, int],
    ground: Ground,
) -> Iterator[Hour]:
    """Every hour from the one of the first time to the one of the last."""
    terms = [ground.terms(name) for name in names]
    proposed = Counter(one.proposed_us // HOUR for one in made)
    sent = Counter((one.told_us or 0) // HOUR for one in told)
    for hour in range(span[0] // HOUR, span[1] // HOUR + 1):
        expected = sum(own.expected(WHOLE, hour, 0.0)[0] for own in terms)
        yield Hour(hour * HOUR, proposed[hour], sent[hour], expected)


def counts(from_us: int, until_us: int) -> tuple[Counts, ...]:
    """What each feed said in a time; those that said nothing are left out."""
    found = (Counts(n, tuple(feeds.counts(n, from_us, until_us))) for n in feeds.names())
    return tuple(one for one in found if one.rows)


def all_spells() -> list[Spell]:
    """The bursts of all feeds that were told."""
    found = ((n, feeds.feed(n).known) for n in feeds.names())
    return [s for name, known in found for s in spells(name, feeds.swings(name), known)]


def moments(names: Iterable[str], from_us: int, until_us: int) -> tuple[Moment, ...]:
    """Of both kinds in a time, in order; of the same instant, the brake first."""
    found = [Moment(s.burst.start_us, s.feed, s.wave, s.burst) for s in all_spells()]
    for name in names:
        closings = [turn for turn in brakes.turns(name) if isinstance(turn, Closing)]
        found += [
            Moment(closing.time_us, name, wave_id(name, number), closing)
            for number, closing in enumerate(closings, 1)
        ]
    inside = [one for one in found if from_us <= one.time_us < until_us]
    return tuple(sorted(inside, key=lambda one: (one.time_us, one.source, one.name)))


def shares(told: Iterable[Passing], span: tuple[int, int], ground: Ground) -> tuple[Share, ...]:
    """By policy and version, what is most above its forecast first."""
    found = []
    within = range(span[0] // HOUR, span[1] // HOUR + 1)
    for (policy, version), count in Counter((o.policy, o.version) for o in told).items():
        terms, stream = ground.terms(policy), (POLICY, version_of(policy, version))
        expected = sum(terms.expected(stream, hour, 0.0)[0] for hour in within)
        found.append(Share(policy, version, count, expected))
    return tuple(sorted(found, key=lambda one: (-one.excess, one.policy, one.version)))


def plainly(found: Sequence[Share], slack: float) -> Share | None:
    """The one that is above what the slack allows, and has more than half of all excess."""
    if not found or found[0].told <= slack * found[0].expected:
        return None
    rest = sum(max(one.excess, 0.0) for one in found[1:])
    return found[0] if found[0].excess > rest else None
