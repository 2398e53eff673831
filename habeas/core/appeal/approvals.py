"""Approvals: two people say yes to a relief, and for each decision one of them had no part in it
(law 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from habeas.core.appeal.relief import ReliefPlan
from habeas.core.decision import Actor, Decision
from habeas.core.decision.decisions import may_rule
from habeas.core.errors import Changed, IllegalMove

PEOPLE = 2  # law 7


@dataclass(frozen=True, slots=True)
class Approval:
    """One person's yes to the plan of this hash."""

    by: Actor
    hash: str
    time_us: int


def people(plan: ReliefPlan, approvals: Iterable[Approval]) -> tuple[Actor, ...]:
    """The different people who said yes to this very plan, the first one first."""
    said = (a.by for a in approvals if a.by.person and a.hash == plan.hash)
    return tuple(dict.fromkeys(said))


def relievers(plan: ReliefPlan, approvals: Iterable[Approval]) -> tuple[Actor, ...]:
    """The two by whom its decisions are reversed. Raises IllegalMove while there is but one."""
    found = people(plan, approvals)
    if len(found) < PEOPLE:
        raise IllegalMove(f"{len(found)} of {PEOPLE} people approved this relief (law 7)")
    return found


def approve(
    plan: ReliefPlan,
    approvals: tuple[Approval, ...],
    approval: Approval,
    decisions: Iterable[Decision],
) -> tuple[Approval, ...]:
    """The approvals with one more. Law 7: two people, and for each decision one of them neither
    approved it nor declared its emergency. The same yes again changes nothing (law 10). Raises
    Changed for another plan's hash, IllegalMove where the laws say no."""
    if approval.hash != plan.hash:
        hint = "read the plan again and approve that"
        raise Changed("this is not the plan that was approved", hint)
    if not approval.by.person:
        raise IllegalMove("a program approves no relief (law 7)")
    said = people(plan, approvals)
    if approval.by in said:
        return approvals
    if len(said) >= PEOPLE:
        raise IllegalMove("two people have approved this relief already")
    both = (*said, approval.by)
    names = {r.decision for r in plan.relieved}
    if len(both) >= PEOPLE:
        for decision in decisions:
            if decision.id in names and not any(may_rule(decision, actor) for actor in both):
                raise IllegalMove(
                    f"both approved decision {decision.id} themselves (law 7)",
                    "ask a person who did not",
                )
    return (*approvals, approval)
