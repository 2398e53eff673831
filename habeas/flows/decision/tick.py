"""Tick: what time alone does. A notice period has run, a measure is over, an emergency lapsed.

It takes force now, however late this is seen, and ended when its time was over
(core/decision/decisions). What it does to holdings and money is in the same commit. A closed brake
holds what is restrictive: it stays due, and is asked about again. So does what a customer was to be
told of by a mail that has not gone: a notice that waits or is dead was not sent, and the period
runs from the moment it was (law 2)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from habeas.core.decision import Decision, DecisionMove
from habeas.core.decision.decisions import PENDING, TakeForce, due
from habeas.core.progress import Progress, silent
from habeas.core.property import SettlementRules
from habeas.core.property.rules import SAFE
from habeas.flows.brake.gate import Gate
from habeas.flows.work import on_each
from habeas.ports.folder import Folder
from habeas.store import decisions, notices
from habeas.store.changes import Account, AccountChange


@dataclass(slots=True)
class TickReport:
    """How many decisions made which move, and how many are held: by a closed brake, or by a notice
    that was not sent, or not for long enough."""

    moves: dict[str, int] = field(default_factory=dict)
    held: int = 0
    settlements: int = 0

    def count(self, changes: Sequence[AccountChange]) -> None:
        for change in changes:
            self.settlements += len(change.settlements)
            for move in change.moves:
                name = type(move.event).__name__
                self.moves[name] = self.moves.get(name, 0) + 1


def tick(
    now_us: int,
    rules: SettlementRules = SAFE,
    progress: Progress = silent,
    folder: Folder | None = None,
    *,
    back: bool = False,
) -> TickReport:
    """Make every move that is due, once; a crash between two batches leaves the rest due. `back`:
    only those that give back, since the clock is wrong (`flows/clock`). Without the working
    folder, a brake that was released for some segments holds all others it can tell only by policy
    and version."""
    report, after, gate = TickReport(), (0, ""), Gate(folder, now_us)
    while found := decisions.due(now_us, after):
        after = (found[-1].due_us or 0, found[-1].decision)
        due_of: defaultdict[str, list[str]] = defaultdict(list)
        for one in found:
            due_of[one.account].append(one.decision)
        made = partial(_changes, due_of=due_of, gate=gate, rules=rules, back=back)
        before = sum(report.moves.values())
        on_each(due_of, made, report.count, progress=progress, brakes=gate.answered)
        report.held += len(found) - (sum(report.moves.values()) - before)
    return report


def _changes(
    accounts: Mapping[str, Account],
    due_of: Mapping[str, Sequence[str]],
    gate: Gate,
    rules: SettlementRules,
    back: bool,
) -> list[AccountChange]:
    changes, now_us = [], gate.now_us
    found = [a.decision(one) for a in accounts.values() for one in due_of[a.name]]
    sent = notices.sent_us(d.notice for d in found if d.notice is not None)
    gate.begin(d for d in found if d.state in PENDING)
    for name, account in accounts.items():
        change = AccountChange.of(account, now_us, rules)
        for one in due_of[name]:
            decision = account.decision(one)
            braked = decision.state in PENDING and gate.holds(decision)
            event = due(decision, now_us, brake_closed=braked)
            if back and isinstance(event, TakeForce):
                continue
            if event is not None and not _untold(decision, event, sent):
                change = change.moved(one, event, brake_closed=braked)
        changes.append(change)
    return changes


def _untold(decision: Decision, event: DecisionMove, sent: Mapping[str, int]) -> bool:
    """Whether it may not take force yet: nothing says that its notice was sent, or not for its
    whole period. A row that should be there and is not says nothing (law 9)."""
    if not isinstance(event, TakeForce):
        return False
    sent_us = sent.get(decision.notice or "")
    return sent_us is None or event.time_us < sent_us + decision.period_us
