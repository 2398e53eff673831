"""A reversal as one value, from the decision and all that there is: the reference for the flows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from habeas.core.appeal.appeals import Appeal, binding
from habeas.core.appeal.relief import Fault, ReliefPlan, foreseen, joined
from habeas.core.appeal.reversal import OPEN, owes_apology
from habeas.core.decision import Actor, Decision
from habeas.core.decision.decisions import Reverse, step
from habeas.core.decision.standing import standing
from habeas.core.property import Custody, Entry, Settlement, SettlementRules
from habeas.core.property.custody import following, lasting
from habeas.core.property.rules import SAFE


def reversal_of(
    decision: Decision,
    others: Iterable[Decision],
    custody: Custody,
    *,
    by: tuple[Actor, ...],
    why: str,
    time_us: int,
    rules: SettlementRules = SAFE,
    appeals: Iterable[Appeal] = (),
) -> Reversal:
    """The reversal of a decision. `others` are the other decisions on the account, `appeals` all
    appeals on it, for their interim relief. Raises IllegalMove where the decision cannot be
    reversed, above all when it is reversed already."""
    event = Reverse(time_us, by, why)
    after = step(decision, event, brake_closed=OPEN)
    rest = [d for d in others if d.account == decision.account and d.id != decision.id]
    every = [*rest, after]
    stands = standing(decision.account, binding(every, appeals), time_us)
    settlements = following(custody, every, stands, rules)
    left = lasting((*custody.recorded, *settlements))
    return Reversal(
        decision=decision.id,
        account=decision.account,
        event=event,
        settlements=settlements,
        staying=tuple(s.id for s in left if s.occasion.decision == decision.id),
        overruled=tuple(sorted(decision.reason.events)),
        apology=owes_apology(decision),
    )


def relief_plan(
    fault: Fault,
    relieved: Sequence[Decision],
    decisions: Sequence[Decision],
    custodies: Mapping[str, Custody],
    *,
    why: str,
    size: int,
    time_us: int,
    rules: SettlementRules = SAFE,
    appeals: Sequence[Appeal] = (),
) -> ReliefPlan:
    """The plan to reverse `relieved`, in batches of `size` accounts. `decisions` and `appeals` are
    all that there are on their accounts, `custodies` what these hold, by account. The order in
    which decisions are given makes no difference. Raises InvalidInput."""
    part = foreseen(
        relieved, decisions, custodies, time_us=time_us, rules=rules, appeals=appeals
    )  # fmt: skip
    return joined(fault, [part], why=why, size=size)


@dataclass(frozen=True, slots=True)
class Reversal:
    """What undoes a decision. `settlements` are to be applied in this order, together with
    `event`; `staying` are the ids of those made under it that stay, since what else stands on the
    account asks for the same. `overruled` are the events on which the decision rested, sorted:
    what rests on nothing else proposes nothing again. `apology` says that the customer was told
    of the decision or felt it, and is owed a word."""

    decision: str
    account: str
    event: Reverse
    settlements: tuple[Settlement, ...]
    staying: tuple[str, ...]
    overruled: tuple[str, ...]
    apology: bool

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(e for s in self.settlements for e in s.entries)
