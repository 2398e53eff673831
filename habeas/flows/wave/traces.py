"""Traces: what a wave left in the record that tells of its cause, fetched from applies, plans,
events and appeals; and the readings of the wave weighed with it.

What cannot be found out is told and speaks for nothing: a wave of the first version that there
was, of events that are gone, or of a folder in which nothing was applied.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from habeas.core.appeal import Verdict
from habeas.core.brake.baselines import WHOLE
from habeas.core.brake.terms import terms_of
from habeas.core.decision import Decision
from habeas.core.errors import HabeasError
from habeas.core.policy.applications import AppliedPolicy
from habeas.core.policy.plans import HOUR
from habeas.core.progress import Progress, silent
from habeas.core.times import UNITS
from habeas.core.wave import Diagnosis, Judgement, Traces, Wave
from habeas.core.wave.hours import WaveDecision
from habeas.core.wave.readings import judge
from habeas.core.wave.roles import AttributeRole, role_of
from habeas.core.wave.traces import Appealed, Foresight, Gap, Lacking, Onset, Replay
from habeas.flows.brake.gate import BrakeGround, plan_of
from habeas.flows.wave.hindsight import Decided, tried
from habeas.flows.wave.waves import diagnosed
from habeas.ports.files import existing
from habeas.ports.folder import Apply, Folder
from habeas.ports.origins import first_seen, read_origins, read_traits
from habeas.ports.tables import rows_among
from habeas.store import brakes, decisions, findings
from habeas.store.accounts import accounts

EARLY_US = UNITS["d"]  # after the closing: in which rulings on its decisions are heard
NEW_US = UNITS["w"]  # a version that was applied no longer ago can be what began with a wave
EARLIER_US, MOST_EARLIER = 4 * UNITS["w"], 500  # of the decisions that are compared else


def weighed(
    found: Wave,
    folder: Folder | None,
    *,
    population: Path | None = None,
    weights: str | None = None,
    events: Path | None = None,
    progress: Progress = silent,
) -> tuple[Diagnosis | None, Judgement]:
    """What the accounts of a wave share, where there is a population, and the four readings with
    all that the record says. `events` are read instead of those of the brake or the plan. Raises
    NotFound and InvalidInput."""
    if events is not None:
        existing(events, "the events file")
    diagnosis = diagnosed(found, population, weights)[0] if population else None
    said = traces_of(found, folder, diagnosis, events, progress)
    return diagnosis, judge(diagnosis, {}, said)


def traces_of(
    found: Wave,
    folder: Folder | None,
    diagnosis: Diagnosis | None = None,
    events: Path | None = None,
    progress: Progress = silent,
) -> Traces:
    """Replay, onset and plan are of the version that most of its decisions are of. Raises NotFound
    and InvalidInput where the folder cannot be read."""
    ground = BrakeGround.of(folder)
    path = events or ground.events
    decided = _decided((*found.told, *found.held))
    made = Traces(
        onsets=tuple(_deployed(found, diagnosis, decided, path)), appealed=_appealed(found)
    )
    rollout = _rollout(folder, decided)
    if folder is None or rollout is None:
        return replace(made, gaps=(Gap(Lacking.NO_FOLDER, {}),))
    own = [pair for pair in decided if _version(pair[0]) == rollout.version]
    first_us = _first_us(own)
    applied = Onset(str(rollout.version[1]), first_us - rollout.apply.time_us)
    told = (
        _replayed(own, rollout, folder, path, progress),
        _foresight(own, rollout, folder),
    )
    return replace(
        made,
        onsets=(applied, *made.onsets),
        replay=next((one for one in told if isinstance(one, Replay)), None),
        foresight=next((one for one in told if isinstance(one, Foresight)), None),
        gaps=tuple(one for one in told if isinstance(one, Gap)),
    )


def _decided(passing: Iterable[WaveDecision]) -> Decided:
    """Decisions, each with the finding that led to it."""
    made = list(decisions.some([one.decision for one in passing]))
    known = findings.findings(decision.reason.finding for decision in made)
    return [(one, known[one.reason.finding]) for one in made if one.reason.finding in known]


# What was released before it


VersionKey = tuple[str, int, str]  # of which policy, its number and the hash of its outcome


def _version(of: Decision | AppliedPolicy) -> VersionKey:
    reason = of.reason if isinstance(of, Decision) else of
    return reason.policy, reason.version, reason.outcome


@dataclass(frozen=True, slots=True)
class Rollout:
    """The version of most decisions of a wave: the apply that put it in force, and the last other
    version that was in force before."""

    version: VersionKey
    apply: Apply
    before: AppliedPolicy | None


def _rollout(folder: Folder | None, decided: Decided) -> Rollout | None:
    """None where nothing of it was applied here. An apply that goes from some accounts to all is
    one as well. Of several the last before the wave; by a wrong clock all may lie after it."""
    if folder is None or not decided:
        return None
    counted = Counter(_version(decision) for decision, _ in decided)
    wanted = counted.most_common(1)[0][0]
    first_us = _first_us([pair for pair in decided if _version(pair[0]) == wanted])
    found, before, last = None, None, None
    for line in folder.history():
        own = next((one for one in line.policies if one.policy == wanted[0]), None)
        now = (_version(own), line.mode) if own else None
        if own and _version(own) != wanted:
            before = own
        elif now and now != last and (found is None or line.time_us <= first_us):
            found = Rollout(wanted, line, before)
        last = now
    return found


def _deployed(
    found: Wave, diagnosis: Diagnosis | None, decided: Decided, path: Path | None
) -> Iterator[Onset]:
    """Of each deployment that the brake or the diagnosis blames and that events tell of."""
    if path is None or not path.is_file():
        return
    for name, value in _blamed(found, diagnosis):
        try:
            trait = read_traits(path, {name: value})[name]
            start_us = first_seen(path, name, trait)
            origins = read_origins(path, {own.event_id for _, own in decided}, [name])
        except HabeasError:  # an attribute of accounts, not of events
            continue
        has = {event for event, origin in origins.items() if origin.traits.get(name) == trait}
        hit = [own.time_us for _, own in decided if own.event_id in has]
        if start_us is not None and hit:
            yield Onset(value, min(hit) - start_us, name)


def _blamed(found: Wave, diagnosis: Diagnosis | None) -> Mapping[tuple[str, str], None]:
    """Attributes that tell of a release, with the values that the brake or the diagnosis blames;
    each once."""
    streams = [cause.stream for cause in found.causes]
    causes = diagnosis.causes if diagnosis else ()
    streams += [
        (n, str(v)) for c in causes for where in (c.where, *c.same) for n, v in where.items()
    ]
    return dict.fromkeys(
        stream for stream in streams if role_of(stream[0]) is AttributeRole.RELEASE
    )


# What each part of the record says


def _replayed(
    own: Decided, rollout: Rollout, folder: Folder, path: Path | None, progress: Progress
) -> Replay | Gap:
    if rollout.before is None:
        return Gap(Lacking.FIRST, {"version": rollout.version[1]})
    if path is None:
        return Gap(Lacking.NO_EVENTS, {"before": rollout.before.version})
    return tried(own, _earlier(own, rollout), rollout.before, folder, path, progress)


def _earlier(own: Decided, rollout: Rollout) -> Decided:
    """The last decisions of a version before the wave; none where it was new."""
    first_us, policy = _first_us(own), own[0][0].policy
    if first_us - rollout.apply.time_us <= NEW_US:
        return ()
    made = _decided(brakes.made(policy, first_us - EARLIER_US, first_us)[-MOST_EARLIER:])
    return [pair for pair in made if _version(pair[0]) == rollout.version]


def _first_us(decided: Decided) -> int:
    return min(decision.proposed_us for decision, _ in decided)


def _foresight(own: Decided, rollout: Rollout, folder: Folder) -> Foresight | Gap:
    """By the plan that people read before they put the version in force; a later plan may have
    been made from the wave itself."""
    try:
        frozen = folder.frozen(rollout.apply.plan)
        shown = rows_among(frozen.findings, {finding.id for _, finding in own}, "finding")
    except HabeasError as error:
        return Gap(Lacking.PLAN, {"why": error.message})
    terms = terms_of(own[0][0].policy, plan_of(frozen), BrakeGround.of(folder).settings)
    hours = [decision.proposed_us // HOUR for decision, _ in own]
    came = range(min(hours), max(hours) + 1)
    expected = sum(terms.expected(WHOLE, hour, 0.0)[0] for hour in came)
    return Foresight(len(own), len(shown), expected)


def _appealed(found: Wave) -> Appealed | None:
    told = {one.decision for one in found.told}
    until_us = found.figures().closed_us + EARLY_US
    read = accounts(one.account for one in found.told)
    verdicts = {
        ruling.decision: ruling.verdict
        for account in read.values()
        for appeal in account.appeals.values()
        if appeal.ruled_us is not None and appeal.ruled_us < until_us
        for ruling in appeal.rulings
        if ruling.decision in told
    }
    overturned = sum(verdict is Verdict.OVERTURN for verdict in verdicts.values())
    return Appealed(len(verdicts), overturned) if verdicts else None
