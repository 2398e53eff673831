"""Tick: what time alone does. A notice period has run, a measure is over, an emergency lapsed.

It takes force now, however late this is seen, and ended when its time was over (core/decisions).
What it does to holdings and money is in the same commit. A closed brake holds what is
restrictive: it stays due, and is asked about again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from habeas.core.decisions import due
from habeas.core.settling import SAFE, Rules
from habeas.engine.replay import Told, silent
from habeas.flows.work import on_each
from habeas.store import brakes, decisions
from habeas.store.changes import Account, Change


@dataclass(slots=True)
class Report:
    """How many decisions made which move, and how many a closed brake holds."""

    moves: dict[str, int] = field(default_factory=dict)
    held: int = 0
    settlements: int = 0

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def tick(now_us: int, rules: Rules = SAFE, progress: Told = silent) -> Report:
    """Make every move that is due, once; a crash between two batches leaves the rest due."""
    moves: Counter[str] = Counter()
    report, after = Report(), (0, "")
    closed = brakes.closed()
    while found := decisions.due(now_us, after):
        after = (found[-1].due_us or 0, found[-1].decision)
        names: defaultdict[str, list[str]] = defaultdict(list)
        for one in found:
            names[one.account].append(one.decision)

        def moved(
            accounts: Mapping[str, Account], names: Mapping[str, list[str]] = names
        ) -> Sequence[Change]:
            return [
                _change(account, names[name], closed, now_us, rules)
                for name, account in accounts.items()
            ]

        done = on_each(names, moved, progress=progress)
        made = [move for change in done for move in change.moves]
        moves.update(type(move.event).__name__ for move in made)
        report.held += len(found) - len(made)
        report.settlements += sum(len(change.settlements) for change in done)
    report.moves = dict(sorted(moves.items()))
    return report


def _change(
    account: Account, names: Sequence[str], closed: frozenset[str], now_us: int, rules: Rules
) -> Change:
    change = Change.of(account, now_us, rules)
    for name in names:
        decision = account.decision(name)
        braked = decision.policy in closed
        if event := due(decision, now_us, brake_closed=braked):
            change = change.moved(name, event, brake_closed=braked)
    return change
