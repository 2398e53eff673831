"""Proposals: from a finding to a decision that is proposed, or a record of why there is none.

Every finding gives one or the other, so that no measure is without a record and none begins
without a reason (law 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from habeas.core.decision.decisions import (
    PENDING,
    Actor,
    Approve,
    Decision,
    DecisionState,
    Reason,
    restrictive,
)
from habeas.core.decision.exemptions import Exemption
from habeas.core.errors import InvalidInput
from habeas.core.ids import made_id
from habeas.core.policy import Finding, Policy, Step
from habeas.core.policy.measures import harshness
from habeas.core.policy.plans import Mode, in_canary
from habeas.core.times import UNITS

# How long a step counts after it is over, where a platform says nothing else.
MEMORY_US = 365 * UNITS["d"]


class PassReason(StrEnum):
    """Why a finding leads to no decision."""

    SHADOW = "shadow"  # its policies are only tried out
    NOT_IN_CANARY = "not_in_canary"
    EXEMPT = "exempt"
    KNOWN = "known"  # this finding has had its decision
    OVERRULED = "overruled"  # it rests on nothing but what a reversal found wrong
    RUNNING = "running"  # this step or a harsher one is pending or in force


@dataclass(frozen=True, slots=True)
class PassedFinding:
    """The record of a finding that leads to no decision."""

    finding: str
    account: str
    policy: str
    why: PassReason
    by: str = ""  # the exemption's reason, or the id of the decision that stands in the way


@dataclass(frozen=True, slots=True)
class Rung:
    """Where an account stands on a policy's ladder, by what took force and was not reversed:
    the index of the step (-1: none) and when it was last taken."""

    index: int = -1
    since_us: int = 0


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a proposal depends on besides finding and policy. `decisions` are all that there are
    on the account, in any order; `canary` is a percentage; `memory_us` is how long a step counts
    after it is over."""

    now_us: int
    mode: Mode
    canary: int | None = None
    decisions: Sequence[Decision] = ()
    exemptions: Sequence[Exemption] = ()
    memory_us: int = MEMORY_US


def decision_id(finding: str) -> str:
    """One finding, one decision (law 10); a person may declare one emergency for each step."""
    return made_id("decision", finding)


def emergency_id(finding: str, at_index: int) -> str:
    """The id of the emergency that a person declares at this index of the ladder, from 0 (law
    10)."""
    return made_id("emergency", finding, str(at_index))


def rung(
    account: str, policy: str, given: Circumstances, ladder: tuple[Step, ...] | None = None
) -> Rung:
    """The ladder position, with what is over for longer than `memory_us` forgotten. A reversed
    decision never was (law 6); an emergency that lapsed without review is no step. On `ladder` if
    it is given, otherwise as each decision's own version had it."""
    counted = [
        Rung(d.index if ladder is None else place(d, ladder), d.in_force_us or 0)
        for d in given.decisions
        if (d.account, d.policy) == (account, policy) and _counts(d, given.now_us, given.memory_us)
    ]
    taken = (one for one in counted if one.index >= 0)
    return max(taken, key=lambda one: (one.index, one.since_us), default=Rung())


def place(decision: Decision, ladder: tuple[Step, ...]) -> int:
    """The step of this ladder that a decision was, also one of another version: the very same
    step, or the first that takes the same away for another time. Where there is none, the last
    milder one, since that much at least is behind the customer; -1 where there is none either."""
    takes = decision.measure, decision.capability
    alike = [i for i, s in enumerate(ladder) if (s.measure, s.capability) == takes]
    same = [i for i in alike if ladder[i].for_us == decision.for_us]
    if decision.index in same:
        return decision.index
    most = harshness(decision.measure)
    milder = [i for i, s in enumerate(ladder) if harshness(s.measure) < most]
    return next(iter([*same, *alike, *reversed(milder)]), -1)


def _counts(decision: Decision, now_us: int, memory_us: int) -> bool:
    if decision.in_force_us is None or decision.state is DecisionState.REVERSED:
        return False
    if not decision.confirmed:
        return decision.active(now_us)
    if decision.active(now_us) and restrictive(decision):
        return True
    ended = [t for t in (decision.ended_us, decision.ends_us) if t is not None]
    # a warning has no end: it counts from when it was given
    return now_us - min(ended, default=decision.in_force_us) < memory_us


def propose(finding: Finding, policy: Policy, given: Circumstances) -> Decision | PassedFinding:
    """A decision at the step that the laws allow, or why there is none. The step is the finding's
    or an earlier one: each needs the one before it behind it, for its `after` (law 3). Raises
    InvalidInput where the finding is not of this very policy (law 1)."""
    _same(finding, policy)
    name = decision_id(finding.id)
    if passed := _passes(finding, name, given):
        return passed
    now = rung(finding.account, policy.name, given, policy.ladder)
    at_index = _next_step(finding.index, now, policy, given.now_us)
    for other in _own(finding, given):
        if place(other, policy.ladder) >= at_index and _running(other, given):
            return _passed(finding, PassReason.RUNNING, other.id)
    return _decision(finding, policy, at_index, given, name=name)


def propose_emergency(
    finding: Finding, policy: Policy, at_index: int, given: Circumstances
) -> Decision | PassedFinding:
    """The decision that a person wants to declare an emergency, at any step of the ladder. Mode,
    exemptions and what a reversal found wrong hold here as well."""
    _same(finding, policy)
    if not 0 <= at_index < len(policy.ladder):
        raise InvalidInput(f"{policy.name} has no step {at_index + 1}")
    name = emergency_id(finding.id, at_index)
    if passed := _passes(finding, name, given):
        return passed
    now = rung(finding.account, policy.name, given, policy.ladder)
    skips = at_index != _next_step(at_index, now, policy, given.now_us)
    return _decision(finding, policy, at_index, given, name=name, skips=skips)


def propose_all(
    findings: Iterable[Finding], policies: Mapping[str, Policy], given: Circumstances
) -> tuple[Decision | PassedFinding, ...]:
    """One record for each finding, in their order; each sees what the ones before it led to."""
    results: list[Decision | PassedFinding] = []
    for finding in findings:
        made = (r for r in results if isinstance(r, Decision))
        seen = replace(given, decisions=(*given.decisions, *made))
        results.append(propose(finding, policies[finding.policy], seen))
    return tuple(results)


def automatic(decision: Decision, now_us: int) -> Approve | None:
    """The approval by the policy itself, where neither law 2 nor the ladder asks for a person."""
    if decision.needs_person or decision.skips or decision.state is not DecisionState.PROPOSED:
        return None
    return Approve(now_us, Actor(f"{decision.policy} {decision.reason.version}", person=False))


def _same(finding: Finding, policy: Policy) -> None:
    mine = (policy.name, policy.version, policy.outcome)
    if (finding.policy, finding.version, finding.outcome) != mine:
        raise InvalidInput(
            f"finding {finding.id} is not of {policy.name} version {policy.version} as it is",
            "evaluate the events again with the policies in force",
        )


def _own(finding: Finding, given: Circumstances) -> list[Decision]:
    mine = (finding.account, finding.policy)
    return [d for d in given.decisions if (d.account, d.policy) == mine]


def _passed(finding: Finding, why: PassReason, by: str = "") -> PassedFinding:
    return PassedFinding(finding.id, finding.account, finding.policy, why, by)


def _running(decision: Decision, given: Circumstances) -> bool:
    """Pending, or in force and not forgotten: a warning of years ago is no bar to another."""
    if decision.state in PENDING:
        return True
    return decision.active(given.now_us) and _counts(decision, given.now_us, given.memory_us)


def _passes(finding: Finding, name: str, given: Circumstances) -> PassedFinding | None:
    match given.mode:
        case Mode.SHADOW:
            return _passed(finding, PassReason.SHADOW)
        case Mode.CANARY if not in_canary(finding.account, finding.policy, given.canary or 0):
            return _passed(finding, PassReason.NOT_IN_CANARY)
        case _:
            pass
    for exemption in given.exemptions:
        if exemption.covers(finding, given.now_us):
            return _passed(finding, PassReason.EXEMPT, exemption.why)
    if any(other.id == name for other in given.decisions):
        return _passed(finding, PassReason.KNOWN, name)
    wrong = _reversed(finding, given)
    if wrong and _events(finding) <= _overruled(wrong):
        return _passed(finding, PassReason.OVERRULED, wrong[-1].id)
    return None


def _reversed(finding: Finding, given: Circumstances) -> list[Decision]:
    return [d for d in _own(finding, given) if d.state is DecisionState.REVERSED]


def _overruled(wrong: Iterable[Decision]) -> frozenset[str]:
    """The events on which reversed decisions rested."""
    return frozenset(event for decision in wrong for event in decision.reason.events)


def _events(finding: Finding) -> frozenset[str]:
    return frozenset(e for ids in finding.evidence.values() for e in ids)


def _next_step(wanted: int, now: Rung, policy: Policy, now_us: int) -> int:
    """`wanted`, or the milder step that may be taken instead."""
    following = now.index + 1
    if wanted < following:
        return wanted
    if now.index >= 0 and now_us - now.since_us < policy.ladder[following].after_us:
        return now.index
    return following


def _decision(
    finding: Finding,
    policy: Policy,
    at_index: int,
    given: Circumstances,
    *,
    name: str,
    skips: bool = False,
) -> Decision:
    taken = policy.ladder[at_index]
    # what mixes new events with those of a reversal is for a person to tell apart
    tainted = bool(_events(finding) & _overruled(_reversed(finding, given)))
    return Decision(
        id=name,
        account=finding.account,
        reason=_reason(finding, policy),
        measure=taken.measure,
        capability=taken.capability,
        index=at_index,
        for_us=taken.for_us,
        notice_us=policy.notice_us,
        review=taken.review or tainted,
        proposed_us=given.now_us,
        skips=skips,
    )


def _reason(finding: Finding, policy: Policy) -> Reason:
    return Reason(
        finding=finding.id,
        policy=policy.name,
        version=policy.version,
        outcome=policy.outcome,
        text_hash=policy.text_hash,
        clause=policy.clause,
        values=finding.values,
        evidence=finding.evidence,
    )
