"""Relieve: all decisions of one fault are reversed, as one plan.

A plan is frozen under its hash: whom it reaches, what it gives back, how many are owed an
apology. Two people approve that hash (law 7); then it is carried out in batches. What is done of
it is nowhere written down but in the decisions themselves, so that carrying it out again after a
crash, or twice at the same moment, does the rest and nothing twice (law 10).

Broken step and what a crash leaves: each batch is one commit, there as a whole or not at all. An
account that changes meanwhile is read and decided anew; one whose decision cannot be reversed
exactly is left, told, and keeps nothing from the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import islice

from habeas.core.appeal import ReliefPlan, approvals
from habeas.core.appeal.approvals import Approval
from habeas.core.appeal.relief import Preview
from habeas.core.appeal.reversal import owes_apology
from habeas.core.appeal.rulings import UNDONE
from habeas.core.decision import Actor, Decision
from habeas.core.decision.decisions import Reverse
from habeas.core.errors import HabeasError
from habeas.core.money import Money
from habeas.core.progress import Progress, silent
from habeas.core.property import SettlementRules
from habeas.core.property.rules import SAFE
from habeas.flows.appeal.reverse import undone
from habeas.flows.work import on_each, uncollected
from habeas.store import decisions, reliefs
from habeas.store.accounts import accounts
from habeas.store.changes import Account, AccountChange

TRIED = 200  # accounts of what is left that `show` looks into, to say why


@dataclass(slots=True)
class ReliefReport:
    """How far a relief is. `reversed`, `apologies` and `settlements` are of this run; `done` are
    the decisions of the plan that are reversed or never took force, `skipped` those among them
    that this run found so; `failed` says why, by account."""

    relief: str
    why: str
    decisions: int
    approvals: tuple[str, ...] = ()
    done: int = 0
    skipped: int = 0
    reversed: int = 0
    apologies: int = 0
    settlements: int = 0
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def left(self) -> int:
        return self.decisions - self.done

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "left": self.left, "complete": not self.left}


def previewed(plan: ReliefPlan) -> dict[str, object]:
    """A plan for people and programs, without its list of decisions."""
    shown: Preview = plan.preview
    return {
        "relief": plan.hash,
        "why": plan.why,
        "fault": asdict(plan.fault),
        "accounts": shown.accounts,
        "decisions": shown.decisions,
        "measures": {str(measure): count for measure, count in shown.measures},
        "freed": [Money(amount, currency) for currency, amount in shown.freed],
        "recalled": [Money(amount, currency) for currency, amount in shown.recalled],
        "notices": shown.notices,
        "batches": len(plan.batches),
    }


def approve(name: str, by: Actor, now_us: int) -> ReliefReport:
    """A person says yes to the plan of this hash. Raises NotFound, Changed, and IllegalMove where
    the laws say no: the same two approved the decisions themselves (law 7)."""
    kept = reliefs.relief(name)
    names = [one.decision for one in kept.plan.relieved]
    said = Approval(by, name, now_us)
    with uncollected():
        after = approvals.approve(kept.plan, kept.approvals, said, decisions.some(names))
    done = len(reliefs.undone(names))
    reliefs.approved(name, kept.approvals, after)
    return _report(name, reliefs.Relief(kept.plan, after), done)


def left(name: str) -> int:
    """How many decisions of a plan are still to be reversed. Raises NotFound, Changed."""
    names = [one.decision for one in reliefs.relief(name).plan.relieved]
    return len(names) - len(reliefs.undone(names))


def show(name: str, now_us: int, rules: SettlementRules = SAFE) -> ReliefReport:
    """How far it is, and of what is left the first that cannot be done and why: it is tried,
    and not written. Raises NotFound, Changed."""
    kept = reliefs.relief(name)
    done = reliefs.undone([one.decision for one in kept.plan.relieved])
    report = _report(name, kept, len(done))
    rest = {account: own for batch in _batches(kept.plan, done) for account, own in batch.items()}
    some = dict(islice(rest.items(), TRIED))
    by = approvals.people(kept.plan, kept.approvals)
    if len(by) >= approvals.PEOPLE:
        work = _Work(some, Reverse(now_us, by, kept.plan.why), rules)
        work.changes(accounts(some))
        report.failed = work.failed
    return report


def apply(
    name: str,
    now_us: int,
    rules: SettlementRules = SAFE,
    progress: Progress = silent,
    share: tuple[int, int] = (0, 1),
) -> ReliefReport:
    """Carry out a plan that two people approved, or the rest of it. `share` (i, n) is the i-th,
    from 0, of n parts, so that n processes can read and decide at once; their commits take turns.
    Raises NotFound, Changed, and IllegalMove while an approval is missing."""
    kept = reliefs.relief(name)
    event = Reverse(now_us, approvals.relievers(kept.plan, kept.approvals), kept.plan.why)
    done = reliefs.undone([one.decision for one in kept.plan.relieved])
    report = _report(name, kept, len(done))
    report.skipped = len(done)
    for batch in _batches(kept.plan, done, share):
        work = _Work(batch, event, rules)
        on_each(batch, work.changes, partial(_count, report))
        report.failed |= work.failed
        report.skipped += sum(work.others.values())
        report.done += sum(work.others.values())
        progress(report.done, report.decisions)
    return report


def _report(name: str, kept: reliefs.Relief, done: int) -> ReliefReport:
    said = tuple(actor.name for actor in approvals.people(kept.plan, kept.approvals))
    return ReliefReport(name, kept.plan.why, len(kept.plan.relieved), said, done)


def _batches(
    plan: ReliefPlan, done: frozenset[str], share: tuple[int, int] = (0, 1)
) -> Iterator[Mapping[str, Sequence[str]]]:
    """What is left of each batch, the decisions by account. A share is of the batches of the plan,
    whatever is done of them."""
    owners = {one.decision: one.account for one in plan.relieved}
    for batch in plan.batches[share[0] :: share[1]]:
        names: defaultdict[str, list[str]] = defaultdict(list)
        for name in batch:
            if name not in done:
                names[owners[name]].append(name)
        if names:
            yield names


@dataclass(slots=True)
class _Work:
    """One batch: its decisions by account. `failed` and `others` are of the last reading."""

    names: Mapping[str, Sequence[str]]
    event: Reverse
    rules: SettlementRules
    failed: dict[str, str] = field(default_factory=dict)
    others: dict[str, int] = field(default_factory=dict)

    def changes(self, read: Mapping[str, Account]) -> list[AccountChange]:
        return [self._change(account) for account in read.values()]

    def _change(self, account: Account) -> AccountChange:
        """All of an account or nothing of it: its settlements rest on each other."""
        event = replace(self.event, time_us=account.from_now(self.event.time_us))
        name, nothing = account.name, AccountChange.of(account, event.time_us, self.rules)
        self.failed.pop(name, None)
        try:
            own = [account.decision(decision) for decision in self.names[name]]
            left = [decision for decision in own if decision.state not in UNDONE]
            self.others[name] = len(own) - len(left)
            return _reversed(nothing, left, event)
        except HabeasError as error:
            self.failed[name] = error.message
            return nothing


def _reversed(change: AccountChange, left: Sequence[Decision], event: Reverse) -> AccountChange:
    for decision in left:
        change = undone(change, decision.id, event)
    return change


def _count(report: ReliefReport, changes: Sequence[AccountChange]) -> None:
    made = [c.account.decisions[move.subject] for c in changes for move in c.moves]
    report.reversed += len(made)
    report.done += len(made)
    report.apologies += sum(map(owes_apology, made))
    report.settlements += sum(len(change.settlements) for change in changes)
