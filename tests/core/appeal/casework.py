"""Findings and decisions for the tests of decisions, proposals and standing."""

from __future__ import annotations

from dataclasses import replace

from habeas.core.decision import Actor, Decision, DecisionMove, Reason
from habeas.core.decision.decisions import Approve, Declare, Notify, TakeForce, step
from habeas.core.policy import Finding, Measure, Policy
from habeas.core.policy.findings import UnknownCause
from habeas.core.policy.measures import GRAVE
from tests import cast
from tests.core.samples import policy_from

DAY = 86_400_000_000
HOUR = DAY // 24
NOW = 1000 * DAY
POLICY = policy_from()
DORA, EMIL, FAY = (person.actor for person in (cast.DORA, cast.EMIL, cast.FAY))
ROBOT = Actor("returns-abuse 3", person=False)


def finding(
    step: int = 0,
    *,
    name: str = "f1",
    events: tuple[str, ...] = ("e1", "e2"),
    account: str = "boris",
    policy: Policy = POLICY,
) -> Finding:
    return Finding(
        id=name,
        event_id=events[-1] if events else "e0",
        account=account,
        time_us=NOW,
        policy=policy.name,
        version=policy.version,
        outcome=policy.outcome,
        index=step,
        cause=UnknownCause.BECAME_TRUE,
        values={"orders_365d": 30},
        evidence={"orders_365d": events},
        truths=(("orders_365d >= 20", True),),
        changes=(),
    )


def reason(name: str = "f1", events: tuple[str, ...] = ("e1", "e2")) -> Reason:
    return Reason(
        finding=name,
        policy=POLICY.name,
        version=POLICY.version,
        outcome=POLICY.outcome,
        text_hash=POLICY.text_hash,
        clause=POLICY.clause,
        values={"orders_365d": 30},
        evidence={"orders_365d": events},
    )


LENGTHS = {Measure.LIMIT: 90 * DAY, Measure.SUSPEND: 30 * DAY}


def decision(measure: Measure, name: str = "d1", **changes: object) -> Decision:
    """A proposal of the example's ladder."""
    rungs = list(Measure)
    made = Decision(
        id=name,
        account="boris",
        reason=reason(),
        measure=measure,
        capability="returns" if measure is Measure.LIMIT else None,
        index=rungs.index(measure),
        for_us=LENGTHS.get(measure),
        notice_us=14 * DAY,
        review=False,
        proposed_us=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


OPEN, CLOSED = False, True  # the brake


def after(start: Decision, *events: DecisionMove, brake_closed: bool = OPEN) -> Decision:
    for event in events:
        start = step(start, event, brake_closed=brake_closed)
    return start


def in_force(measure: Measure, *, start: int = NOW) -> Decision:
    """By the book: approved by Dora, noticed, its period run."""
    wait = 14 * DAY if measure in GRAVE else 0
    made = decision(measure, proposed_us=start)
    told = (Approve(start, DORA), Notify(start, "n1"))
    return after(made, *told, TakeForce(start + wait))


def declared(measure: Measure = Measure.CLOSE, by: Actor = DORA) -> Decision:
    return after(decision(measure), Declare(NOW, by, "a stolen card is in use"))
