"""Decisions: a measure on an account, its reason, its times, and the only moves it can make.

    proposed ─▶ approved ─▶ noticed ─▶ in force ─▶ ended        refused: never took force
        └────────── emergency ───────────▲          reversed: from any of them, even ended

Law 2: suspend and close take force only after a notice was sent, its period has run and a person
approved. An emergency says why, takes force at once, and has its notice and the review of another
person within 24 h, or it ends by itself. Law 11: while the brake of its policy is closed, nothing
restrictive takes force; reversals always pass. Times are microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from habeas.core.errors import IllegalMove
from habeas.core.policy import Measure
from habeas.core.policy.findings import FactValue
from habeas.core.policy.measures import GRAVE
from habeas.core.policy.shapes import Clause
from habeas.core.staff.members import HABEAS
from habeas.core.times import UNITS

EMERGENCY_US = 24 * UNITS["h"]
# A pending decision that nobody moves for so long is refused by itself: what was told or proposed
# a month ago is no reason to act today.
STALE_US = 30 * UNITS["d"]


class DecisionState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    NOTICED = "noticed"
    IN_FORCE = "in_force"
    ENDED = "ended"
    REVERSED = "reversed"
    REFUSED = "refused"


PENDING = frozenset({DecisionState.PROPOSED, DecisionState.APPROVED, DecisionState.NOTICED})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who makes a move: a person, or a program by its name."""

    name: str
    person: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """Law 1: the finding, the policy in the version it had, the clause word for word, the fact
    values and the ids of the events. DSA article 17(3) asks for these in the notice."""

    finding: str
    policy: str
    version: int
    outcome: str  # hash of what decides, as in the finding
    text_hash: str  # of the policy's file
    clause: Clause
    values: Mapping[str, FactValue]
    evidence: Mapping[str, tuple[str, ...]]

    @property
    def events(self) -> frozenset[str]:
        """The ids of all events it rests on."""
        return frozenset(e for ids in self.evidence.values() for e in ids)


@dataclass(frozen=True, slots=True)
class Emergency:
    """Why it could not wait, and who said so."""

    why: str
    by: Actor
    time_us: int


@dataclass(frozen=True, slots=True)
class Decision:
    """A measure on an account. `step` is its rung of the ladder, from 0; `skips` says that the
    rungs before it were not taken, so that only an emergency can put it in force (law 3). `review`
    asks for a person; `approvers` are all who said yes, and never rule on its appeal (law 7)."""

    id: str
    account: str
    reason: Reason
    measure: Measure
    capability: str | None
    index: int
    for_us: int | None
    notice_us: int
    review: bool
    proposed_us: int
    skips: bool = False
    state: DecisionState = DecisionState.PROPOSED
    approvers: tuple[Actor, ...] = ()
    emergency: Emergency | None = None
    approved_us: int | None = None
    noticed_us: int | None = None
    notice: str | None = None
    in_force_us: int | None = None
    ended_us: int | None = None
    why: str = ""  # it was refused, lifted or reversed

    @property
    def policy(self) -> str:
        return self.reason.policy

    @property
    def needs_person(self) -> bool:
        """A person approves suspend, close, and what the ladder or the case asks it for."""
        return self.review or self.measure in GRAVE

    @property
    def confirmed(self) -> bool:
        """Not an emergency, or one with its notice and its review."""
        return self.emergency is None or None not in (self.noticed_us, self.approved_us)

    @property
    def period_us(self) -> int:
        """How long after its notice it may take force; only law 2's two measures wait."""
        return self.notice_us if self.measure in GRAVE else 0

    @property
    def ends_us(self) -> int | None:
        """When it ends by itself, from when it took force; None where it does not."""
        if self.in_force_us is None:
            return None
        ends = [] if self.for_us is None else [self.in_force_us + self.for_us]
        if not self.confirmed:
            ends.append(self.in_force_us + EMERGENCY_US)
        return min(ends, default=None)

    @property
    def binding(self) -> Measure:
        """The measure as it binds now, also for the settlement: an emergency closes nothing that
        could not be given back within a day, so until it is confirmed it suspends."""
        lapses = self.measure is Measure.CLOSE and not self.confirmed
        return Measure.SUSPEND if lapses else self.measure

    @property
    def latest_us(self) -> int:
        """The time of its latest move."""
        moves = (self.approved_us, self.noticed_us, self.in_force_us, self.ended_us)
        return max([self.proposed_us, *(t for t in moves if t is not None)])

    def active(self, now_us: int) -> bool:
        """Whether it binds the account now, even before anyone has recorded its end."""
        ends_us = self.ends_us
        return self.state is DecisionState.IN_FORCE and (ends_us is None or now_us < ends_us)


@dataclass(frozen=True, slots=True)
class Approve:
    """Also the review of an emergency."""

    time_us: int
    by: Actor


@dataclass(frozen=True, slots=True)
class Refuse:
    """It shall not take force, or an emergency shall not stay. A program refuses what is pending
    only: it never takes anything from a customer."""

    time_us: int
    by: Actor
    why: str


@dataclass(frozen=True, slots=True)
class Notify:
    """The statement of reasons was sent; `notice` is its id."""

    time_us: int
    notice: str


@dataclass(frozen=True, slots=True)
class Declare:
    """An emergency, and why it cannot wait."""

    time_us: int
    by: Actor
    why: str


@dataclass(frozen=True, slots=True)
class TakeForce:
    time_us: int


@dataclass(frozen=True, slots=True)
class End:
    """Its time is over."""

    time_us: int


@dataclass(frozen=True, slots=True)
class Lift:
    """A person ends it early; it was right until then."""

    time_us: int
    by: Actor
    why: str


@dataclass(frozen=True, slots=True)
class Reverse:
    """It was wrong: a ruling on an appeal by one person, or a relief by several."""

    time_us: int
    by: tuple[Actor, ...]
    why: str


DecisionMove = Approve | Refuse | Notify | Declare | TakeForce | End | Lift | Reverse


def step(decision: Decision, event: DecisionMove, *, brake_closed: bool) -> Decision:
    """The decision after an event. Raises IllegalMove, and says why, for every move that the
    laws do not allow; the decision given is never changed."""
    for why in _objections(decision, event, brake_closed):
        name = type(event).__name__
        raise IllegalMove(f"decision {decision.id} is {decision.state}, not open to {name}: {why}")
    return moved(decision, event)


def moved(decision: Decision, event: DecisionMove) -> Decision:
    """What an event makes of the decision; `habeas verify` asks whether the laws allowed it."""
    now_us = event.time_us
    match event:
        case Approve():
            approvers = (*decision.approvers, event.by)
            state = _onward(decision, DecisionState.APPROVED)
            return replace(decision, state=state, approvers=approvers, approved_us=now_us)
        case Refuse():
            state = DecisionState.REFUSED if decision.state in PENDING else DecisionState.REVERSED
            return replace(decision, state=state, ended_us=now_us, why=event.why)
        case Notify():
            state = _onward(decision, DecisionState.NOTICED)
            return replace(decision, state=state, noticed_us=now_us, notice=event.notice)
        case Declare():
            said = Emergency(event.why, event.by, now_us)
            # what was approved and told for later was not for now: review and notice are to come
            now = replace(decision, approved_us=None, noticed_us=None, notice=None)
            return replace(now, state=DecisionState.IN_FORCE, emergency=said, in_force_us=now_us)
        case TakeForce():
            return replace(decision, state=DecisionState.IN_FORCE, in_force_us=now_us)
        case End():
            return replace(decision, state=DecisionState.ENDED, ended_us=now_us)
        case Lift():
            return replace(decision, state=DecisionState.ENDED, ended_us=now_us, why=event.why)
        case Reverse():
            return replace(decision, state=DecisionState.REVERSED, ended_us=now_us, why=event.why)
        case _:
            assert_never(event)


def _onward(decision: Decision, state: DecisionState) -> DecisionState:
    """An emergency is in force already; its review and its notice leave it there."""
    return decision.state if decision.state is DecisionState.IN_FORCE else state


def _objections(decision: Decision, event: DecisionMove, brake_closed: bool) -> Iterator[str]:
    """Why the laws do not allow a move, the first one first."""
    if event.time_us < decision.latest_us:
        yield "it lies before its latest move"
    if isinstance(event, Refuse | Declare | Lift | Reverse) and not event.why.strip():
        yield "it gives no reason"
    match event:
        case Approve():
            yield from _against_approval(decision, event)
        case Refuse():
            pending = decision.state in PENDING
            if not pending and not _unconfirmed(decision, event.time_us):
                yield "it has taken force; lift or reverse it"
            if not pending and not event.by.person:
                yield "a person reviews an emergency"
        case Notify():
            if not event.notice:
                yield "it names no notice"
            unsent = decision.noticed_us is None and _unconfirmed(decision, event.time_us)
            if decision.state is not DecisionState.APPROVED and not unsent:
                yield "a notice is sent once, when it is approved"
        case Declare():
            if decision.state not in PENDING:
                yield "it is no longer pending"
            yield from _braked(decision, brake_closed)
        case TakeForce():
            yield from _against_force(decision, event.time_us)
            yield from _braked(decision, brake_closed)
        case End():
            ends_us = decision.ends_us
            if (
                decision.state is not DecisionState.IN_FORCE
                or ends_us is None
                or event.time_us < ends_us
            ):
                yield "its time is not over"
        case Lift():
            if decision.state is not DecisionState.IN_FORCE or not event.by.person:
                yield "a person lifts what is in force"
        case Reverse():
            if decision.state in (DecisionState.REVERSED, DecisionState.REFUSED):
                yield "there is nothing to reverse"
            if not any(may_rule(decision, actor) for actor in event.by):
                yield "whoever approved it does not rule on it (law 7)"
        case _:
            assert_never(event)


def _against_approval(decision: Decision, event: Approve) -> Iterator[str]:
    reviews = decision.approved_us is None and _unconfirmed(decision, event.time_us)
    if decision.state is not DecisionState.PROPOSED and not reviews:
        yield "it is approved once"
    if decision.skips and not reviews:
        yield "earlier steps of its ladder are not behind it (law 3)"
    if (decision.needs_person or reviews) and not event.by.person:
        yield "a person must approve it (law 2)"
    if reviews and decision.emergency and event.by == decision.emergency.by:
        yield "another person than the one who declared it reviews an emergency"


def _against_force(decision: Decision, time_us: int) -> Iterator[str]:
    if decision.state is not DecisionState.NOTICED or decision.noticed_us is None:
        yield "no notice was sent (law 2)"
    elif time_us < decision.noticed_us + decision.period_us:
        yield "its notice period has not run (law 2)"


def _braked(decision: Decision, brake_closed: bool) -> Iterator[str]:
    if brake_closed and restrictive(decision):
        yield f"the brake of {decision.policy} is closed (law 11)"


def _unconfirmed(decision: Decision, time_us: int) -> bool:
    """An emergency that still can be reviewed and noticed."""
    return decision.active(time_us) and not decision.confirmed


def restrictive(decision: Decision) -> bool:
    """All but a warning takes something away."""
    return decision.measure is not Measure.WARN


def may_rule(decision: Decision, actor: Actor) -> bool:
    """Law 7: a person who neither approved the decision nor declared its emergency. The DSA
    wants qualified staff, not machines alone: article 20(6)."""
    declared = decision.emergency is not None and decision.emergency.by == actor
    return actor.person and actor not in decision.approvers and not declared


def stale_us(decision: Decision) -> int | None:
    """When a pending decision is refused by itself: STALE_US after its latest move, or after the
    day on which it was told that it would take force."""
    if decision.state not in PENDING:
        return None
    wait_us = decision.period_us if decision.state is DecisionState.NOTICED else 0
    return decision.latest_us + wait_us + STALE_US


def due_us(decision: Decision) -> int | None:
    """When time alone moves it next; None where it is over or has no end."""
    if decision.state is DecisionState.NOTICED and decision.noticed_us is not None:
        return decision.noticed_us + decision.period_us
    return decision.ends_us if decision.state is DecisionState.IN_FORCE else stale_us(decision)


def due(decision: Decision, now_us: int, *, brake_closed: bool) -> DecisionMove | None:
    """What time alone does to it now. It takes force now, however late, since a customer was
    promised at least that long; it ended when its time was over, however late this is seen; and
    what has waited too long is refused, in doubt for the customer."""
    when, stale = due_us(decision), stale_us(decision)
    if when is None or now_us < when:
        return None
    if decision.state is DecisionState.IN_FORCE:
        return End(when)
    if stale is not None and now_us >= stale:
        days = STALE_US // UNITS["d"]
        return Refuse(now_us, Actor(HABEAS, person=False), f"nothing was done for {days} days")
    if brake_closed and restrictive(decision):
        return None
    return TakeForce(now_us)
