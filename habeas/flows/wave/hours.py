"""Hours: what was decided in each and what was expected, what the public said meanwhile, and
where a brake closed or a burst began: all on one axis of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from habeas.core.brake import Closing
from habeas.core.brake.baselines import POLICY, WHOLE, version_of
from habeas.core.brake.terms import wave_id
from habeas.core.policy.plans import HOUR
from habeas.core.signal.feeds import Spell, spells
from habeas.core.wave.hours import FeedCounts, Hour, VersionShare, WaveDecision, WaveMoment
from habeas.flows.brake.gate import BrakeGround
from habeas.store import brakes, feeds


def policies(ground: BrakeGround) -> list[str]:
    """Those that a brake was ever asked about, and those of the plan in force."""
    planned = [p.policy for p in ground.plan.policies if p.version] if ground.plan else []
    return sorted({*brakes.kept(), *planned})


def let_through(names: Iterable[str], from_us: int, until_us: int) -> list[WaveDecision]:
    """Restrictive decisions of these policies that were told in a time."""
    found = [one for name in names for one in brakes.let_through(name, from_us, until_us)]
    return sorted(found, key=lambda one: (one.told_us or 0, one.decision))


def made(names: Iterable[str], from_us: int, until_us: int) -> list[WaveDecision]:
    """Restrictive decisions of these policies that were proposed in a time."""
    return [one for name in names for one in brakes.made(name, from_us, until_us)]


def hours(
    names: Iterable[str],
    made: Iterable[WaveDecision],
    told: Iterable[WaveDecision],
    span: tuple[int, int],
    ground: BrakeGround,
) -> Iterator[Hour]:
    """Every hour from the one of the first time to the one of the last."""
    terms = [ground.terms(name) for name in names]
    proposed = Counter(one.proposed_us // HOUR for one in made)
    sent = Counter((one.told_us or 0) // HOUR for one in told)
    for hour in range(span[0] // HOUR, span[1] // HOUR + 1):
        expected = sum(own.expected(WHOLE, hour, 0.0)[0] for own in terms)
        yield Hour(hour * HOUR, proposed[hour], sent[hour], expected)


def counts(from_us: int, until_us: int) -> tuple[FeedCounts, ...]:
    """What each feed said in a time; those that said nothing are left out."""
    found = (FeedCounts(n, tuple(feeds.counts(n, from_us, until_us))) for n in feeds.names())
    return tuple(one for one in found if one.rows)


def all_spells() -> list[Spell]:
    """The bursts of all feeds that were told."""
    found = ((n, feeds.feed(n).known) for n in feeds.names())
    return [s for name, known in found for s in spells(name, feeds.swings(name), known)]


def moments(names: Iterable[str], from_us: int, until_us: int) -> tuple[WaveMoment, ...]:
    """Of both kinds in a time, in order; of the same instant, the brake first."""
    found = [WaveMoment(s.burst.start_us, s.feed, s.wave, s.burst) for s in all_spells()]
    for name in names:
        closings = [turn for turn in brakes.turns(name) if isinstance(turn, Closing)]
        found += [
            WaveMoment(closing.time_us, name, wave_id(name, number), closing)
            for number, closing in enumerate(closings, 1)
        ]
    inside = [one for one in found if from_us <= one.time_us < until_us]
    return tuple(sorted(inside, key=lambda one: (one.time_us, one.source, one.name)))


def shares(
    told: Iterable[WaveDecision], span: tuple[int, int], ground: BrakeGround
) -> tuple[VersionShare, ...]:
    """By policy and version, what is most above its forecast first."""
    found = []
    within = range(span[0] // HOUR, span[1] // HOUR + 1)
    for (policy, version), count in Counter((o.policy, o.version) for o in told).items():
        terms, stream = ground.terms(policy), (POLICY, version_of(policy, version))
        expected = sum(terms.expected(stream, hour, 0.0)[0] for hour in within)
        found.append(VersionShare(policy, version, count, expected))
    return tuple(sorted(found, key=lambda one: (-one.excess, one.policy, one.version)))
