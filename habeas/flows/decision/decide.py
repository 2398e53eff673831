"""Decide: findings become proposals, or a record of why they do not; people say yes or no.

Mode and policies are those in force here. A finding is decided once; what a shadow or a canary
passed over is looked at again when another plan is in force.

Broken step and what a crash leaves: the findings of some hundred accounts are committed with
their decisions, so each of these is there as a whole or not at all; the next run finds what is
done by the ids of the findings, and does the rest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from habeas.core.brake.terms import held_by
from habeas.core.decision import Actor, Decision
from habeas.core.decision.decisions import Approve, Declare, Refuse
from habeas.core.decision.proposals import (
    Circumstances,
    PassedFinding,
    PassReason,
    automatic,
    propose_all,
    propose_emergency,
)
from habeas.core.errors import IllegalMove, InvalidInput, NotFound
from habeas.core.policy import Finding, Policy, Schema
from habeas.core.policy.ladder import index_of
from habeas.core.policy.plans import Mode
from habeas.core.progress import Progress, silent
from habeas.flows.brake.gate import Gate
from habeas.flows.policy.plan import applied_policies
from habeas.flows.work import on_each, on_one
from habeas.ports.findings import read_all_findings
from habeas.ports.folder import Folder
from habeas.store import findings
from habeas.store.accounts import account_of
from habeas.store.changes import Account, AccountChange


@dataclass(frozen=True, slots=True)
class InForce:
    """The policies by which is decided, and how far the plan lets them go."""

    plan: str
    policies: Mapping[str, Policy]
    mode: Mode
    canary: int | None
    findings: Path  # that the plan was made with

    def given(self, account: Account, now_us: int) -> Circumstances:
        """What a proposal on an account depends on, by the plan in force."""
        decisions = tuple(account.decisions.values())
        return Circumstances(now_us, self.mode, self.canary, decisions, account.exemptions)

    def has(self, finding: Finding) -> bool:
        policy = self.policies.get(finding.policy)
        if policy is None:
            return False
        return (policy.version, policy.outcome) == (finding.version, finding.outcome)

    @property
    def texts(self) -> dict[str, str]:
        return {p.text_hash: p.text for p in self.policies.values()}


def in_force(folder: Folder) -> InForce:
    """Raises NotFound where nothing was applied."""
    name = folder.applied_plan()
    if name is None:
        raise NotFound(
            "no policy is in force in this working folder",
            "put some in force with `habeas apply`; nothing is decided by others",
        )
    frozen = folder.frozen(name)
    policies = applied_policies(folder, Schema.of_json(frozen.schema)).policies
    mode = Mode(frozen.plan["mode"])
    return InForce(frozen.hash, policies, mode, frozen.plan["canary"], frozen.findings)


@dataclass(slots=True)
class DecideReport:
    """What became of findings. `others` are of policies or versions that are not in force, and
    are left alone; `known` had their outcome before; `approved` are decisions that no person has
    to approve; `passed` counts the rest by why."""

    plan: str
    mode: str
    findings: int = 0
    others: int = 0
    known: int = 0
    decisions: int = 0
    approved: int = 0
    passed: dict[str, int] = field(default_factory=dict)


def decide(
    folder: Folder, now_us: int, source: Path | None = None, progress: Progress = silent
) -> DecideReport:
    """Decide about the findings of a file (Parquet, or NDJSON of `habeas run`), or about those of
    the plan in force. Raises NotFound, InvalidInput, Changed."""
    force = in_force(folder)
    facts = {name: list(policy.facts) for name, policy in force.policies.items()}
    found, strangers = read_all_findings(source or force.findings, facts)
    own = [finding for finding in found if force.has(finding)]
    report = DecideReport(force.plan, str(force.mode), len(found) + strangers)
    report.others = report.findings - len(own)
    by_account: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in own:
        by_account[finding.account].append(finding)

    def decided(accounts: Mapping[str, Account]) -> Sequence[AccountChange]:
        names = [f.id for name in accounts for f in by_account[name]]
        known = findings.outcomes(names)
        return [
            _change(account, by_account[name], known, force, now_us)
            for name, account in accounts.items()
        ]

    on_each(by_account, decided, partial(_count, report), force.texts, progress)
    report.known = len(own) - report.decisions - sum(report.passed.values())
    return report


def _change(
    account: Account,
    found: Sequence[Finding],
    known: Mapping[str, frozenset[PassReason]],
    force: InForce,
    now_us: int,
) -> AccountChange:
    change = AccountChange.of(account, now_us)
    fresh = {f.id: f for f in found if not findings.is_over(known.get(f.id))}
    results = propose_all(fresh.values(), force.policies, force.given(account, now_us))
    for finding, result in zip(fresh.values(), results, strict=True):
        if finding.id not in known:
            change = change.found(finding)
        if isinstance(result, PassedFinding):
            if result.why not in known.get(finding.id, ()):
                change = change.passes(result)
            continue
        change = change.proposed(result)
        if approval := automatic(result, now_us):
            change = change.moved(result.id, approval)
    return change


def _count(report: DecideReport, changes: Iterable[AccountChange]) -> None:
    passed = Counter(report.passed)
    for change in changes:
        passed.update(str(p.why) for p in change.passed)
        report.decisions += len(change.born)
        report.approved += len(change.moves)
    report.passed = dict(sorted(passed.items()))


def approve(name: str, by: Actor, now_us: int) -> Decision:
    """A person says yes; also the review of an emergency. Raises NotFound, IllegalMove."""
    change = on_one(
        account_of(name), lambda a: AccountChange.of(a, now_us).moved(name, Approve(now_us, by))
    )
    return change.account.decisions[name]


def refuse(name: str, by: Actor, why: str, now_us: int) -> Decision:
    """A person says no, and why. Raises NotFound, IllegalMove."""

    def kept_from(account: Account) -> AccountChange:
        event = Refuse(account.from_now(now_us), by, why)
        return AccountChange.of(account, event.time_us).moved(name, event)

    change = on_one(account_of(name), kept_from)
    return change.account.decisions[name]


def declare(finding: str, step: str, by: Actor, why: str, folder: Folder, now_us: int) -> Decision:
    """A person declares an emergency: the measure of a step takes force at once, and ends by
    itself unless it has its notice and the review of another person within 24 h. `step` is its
    number in the ladder, from 1, or its measure. Raises NotFound, InvalidInput, and IllegalMove
    where the laws do not allow it."""
    found, force = findings.finding(finding), in_force(folder)
    if not force.has(found):
        raise InvalidInput(
            f"finding {finding} is of {found.policy} version {found.version}, not in force here",
            "evaluate the events again with the policies in force",
        )

    def declared(account: Account) -> AccountChange:
        policy = force.policies[found.policy]
        index = index_of(step, policy.ladder)
        made = propose_emergency(found, policy, index, force.given(account, now_us))
        if isinstance(made, PassedFinding):
            raise IllegalMove(f"finding {finding} is no ground for an emergency: {made.why}")
        gate.begin([made])
        change = AccountChange.of(account, now_us)
        if not gate.lets(made):
            return gate.alarmed([change])[0]
        return change.proposed(made).moved(made.id, Declare(now_us, by, why))

    gate = Gate(folder, now_us)
    change = on_one(found.account, declared, gate.answered)
    if not change.born:
        raise held_by(found.policy)
    return change.account.decisions[change.born[0].id]
