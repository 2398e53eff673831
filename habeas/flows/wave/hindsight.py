"""Hindsight: would the version that was in force before have decided so, on the same events?

The one test of a wave's cause that is causal: all is the same but the version. The policy's text
is the one that was applied, the events are those up to each finding's own, and the engine is the
one that makes findings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from habeas.core.decision import Decision
from habeas.core.errors import HabeasError, InvalidInput
from habeas.core.policy import Finding, Measure, Policy
from habeas.core.policy.applications import AppliedPolicy
from habeas.core.policy.measures import harshness
from habeas.core.progress import Progress, silent
from habeas.core.wave.traces import Gap, Lacking, Persistence, Replay
from habeas.engine.columns import ACCOUNT, Array, Events
from habeas.engine.conditions import is_true
from habeas.engine.judgement import judge, truth
from habeas.engine.replay import ReplayPart, parts
from habeas.flows.policy.check import check_texts
from habeas.ports.folder import Folder
from habeas.ports.tables import read_events, rows_among, schema_within

Decided = Sequence[tuple[Decision, Finding]]
LEAST_EARLIER = 8  # decisions; fewer tell nothing of a version


def tried(
    decided: Decided,
    earlier: Decided,
    before: AppliedPolicy,
    folder: Folder,
    path: Path,
    progress: Progress = silent,
) -> Replay | Gap:
    """How many of these decisions of one version `before` would have made as well: its condition
    holds at the event of the finding, and its ladder has led to as harsh a measure by then. Those
    whose events the file does not have are not counted."""
    told = {"before": before.version, "path": str(path)}
    try:
        policy, events = _ground(before, folder, path)
        rows = rows_among(path, {own.event_id for _, own in (*decided, *earlier)})
    except HabeasError as error:
        return Gap(Lacking.UNFIT, told | {"why": error.message})
    known, others = _placed(decided, rows), _placed(earlier, rows)
    if not known:
        return Gap(Lacking.UNSEEN, told)
    again = _again(policy, events, np.array(sorted(rows.values())), progress)
    return Replay(
        version=decided[0][0].reason.version,
        before=before.version,
        wave=again.kept(known),
        earlier=again.kept(others) if len(others) >= LEAST_EARLIER else None,
    )


def _placed(decided: Decided, rows: Mapping[str, int]) -> list[tuple[int, Measure]]:
    return [(rows[own.event_id], one.measure) for one, own in decided if own.event_id in rows]


def _ground(before: AppliedPolicy, folder: Folder, path: Path) -> tuple[Policy, Events]:
    schema = schema_within(path)
    if schema is None:
        raise InvalidInput(f"'{path}' does not say what its events are")
    label = f"{before.policy} version {before.version}"
    checked = check_texts([(label, folder.text_of(before.text_hash))], schema, {})
    for problem in checked.errors:
        raise InvalidInput(f"the events are no longer those of {label}: {problem.sentence}")
    return checked.policies[before.policy], read_events(path, schema)


@dataclass(frozen=True, slots=True)
class Again:
    """What a policy makes of the events up to some rows of the log: whether its condition holds
    there, and the steps it has led each account to, with their rows, in order."""

    policy: Policy
    accounts: Array  # of all events, as codes
    holds: Mapping[int, bool]
    steps: Mapping[int, Sequence[tuple[int, int]]]

    def kept(self, decided: Sequence[tuple[int, Measure]]) -> Persistence:
        return Persistence(len(decided), sum(self.decides(*one) for one in decided))

    def decides(self, row: int, measure: Measure) -> bool:
        """Whether it finds the account of an event there, for such a measure or a harsher one."""
        steps = self.steps.get(int(self.accounts[row]), ())
        reached = [step for at_row, step in steps if at_row <= row]
        if not self.holds[row] or not reached:
            return False
        return harshness(self.policy.ladder[reached[-1]].measure) >= harshness(measure)


def _again(policy: Policy, events: Events, wanted: Array, progress: Progress) -> Again:
    """`wanted` are the rows, in order."""
    own = _needed(policy, events, wanted)
    some, places = events.part(own), np.searchsorted(own, wanted)
    holds: dict[int, bool] = {}

    def watched() -> Iterator[ReplayPart]:
        for part in parts(some, policy.facts.values(), progress):
            here = np.flatnonzero(np.isin(part.rows, places))
            held = is_true(truth(policy, part.events, part.facts))[here]
            holds.update(zip(own[part.rows[here]].tolist(), held.tolist(), strict=True))
            yield part

    (judged,), _ = judge([policy], watched())
    steps: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for edge in judged.edges:
        steps[int(some.account[edge.row])].append((int(own[edge.row]), edge.index))
    return Again(policy, events.account, holds, steps)


def _needed(policy: Policy, events: Events, wanted: Array) -> Array:
    """The rows on which the facts at the wanted ones depend: those of the same accounts, or all
    before them where a fact is of another key."""
    before = int(wanted[-1]) + 1
    if any(fact.by != ACCOUNT for fact in policy.facts.values()):
        return np.arange(before)
    accounts = events.account[:before]
    return np.flatnonzero(np.isin(accounts, accounts[wanted]))
