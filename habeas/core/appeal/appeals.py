"""Appeals: a customer's complaint against decisions, and the reasoned answer (DSA article 20).

    open ─▶ in review ─▶ ruled ─▶ answered        withdrawn: by the customer, until it is ruled

Only its own events move an appeal. No new measure, no end and no reversal of a decision closes
it: the customer asked, and is answered. A ruling is told only once what it gives back is back.
Times are microseconds UTC; what arrives with an appeal is in `core/appeal/complaints`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from habeas.core.appeal.complaints import Attachment, Complaint, against_attachments
from habeas.core.appeal.deadlines import NORMAL, URGENT, AppealTerms, appealable
from habeas.core.appeal.rulings import (
    NOTHING,
    UNDONE,
    Ruling,
    RulingOutcome,
    Verdict,
    against_ruling,
    follows,
)
from habeas.core.decision import Actor, Decision
from habeas.core.decision.decisions import may_rule
from habeas.core.errors import IllegalMove
from habeas.core.ids import made_id
from habeas.core.policy import Measure


class AppealState(StrEnum):
    OPEN = "open"
    IN_REVIEW = "in_review"
    RULED = "ruled"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


UNRULED = frozenset({AppealState.OPEN, AppealState.IN_REVIEW})
UNANSWERED = UNRULED | {AppealState.RULED}  # the customer is still to be told something


@dataclass(frozen=True, slots=True)
class Interim:
    """A suspension is lifted while the appeal is heard, since its hardship would outlast it."""

    time_us: int
    by: Actor
    why: str


@dataclass(frozen=True, slots=True)
class Appeal:
    """A complaint on its way. `decisions` are ids; `reminded` and `escalated` count how far time
    has taken it in its present state; `restored` are the decisions whose reversal was proved."""

    id: str
    reference: str
    account: str
    decisions: tuple[str, ...]
    text: str
    opened_us: int
    hardship: bool = False
    terms: AppealTerms = NORMAL
    state: AppealState = AppealState.OPEN
    attachments: tuple[Attachment, ...] = ()
    interim: Interim | None = None
    reviewer: Actor | None = None
    reminded: int = 0
    escalated: int = 0
    rulings: tuple[Ruling, ...] = ()
    restored: frozenset[str] = frozenset()
    notice: str | None = None
    ruled_us: int | None = None
    moved_us: int = 0  # its latest event; 0 before the first

    @property
    def latest_us(self) -> int:
        return max(self.opened_us, self.moved_us)

    @property
    def due_us(self) -> int:
        """The day by which it is to be ruled on."""
        return self.opened_us + min(self.terms.escalations)

    @property
    def granted(self) -> frozenset[str]:
        """The decisions that do not stay as they were."""
        return frozenset(r.decision for r in self.rulings if r.verdict is not Verdict.UPHOLD)


@dataclass(frozen=True, slots=True)
class Attach:
    """The customer adds a file."""

    time_us: int
    attachment: Attachment


@dataclass(frozen=True, slots=True)
class Assign:
    """Also to another reviewer."""

    time_us: int
    reviewer: Actor


@dataclass(frozen=True, slots=True)
class Remind:
    """The reviewer is reminded for the `number`th time."""

    time_us: int
    number: int


@dataclass(frozen=True, slots=True)
class Escalate:
    """It is late, and goes to whoever answers for it at `level`, from 1."""

    time_us: int
    level: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One ruling for each decision of the appeal."""

    time_us: int
    by: Actor
    rulings: tuple[Ruling, ...]


@dataclass(frozen=True, slots=True)
class Restore:
    """What the ruling gives back for a decision is back. `differences` is what the proof found
    (`reversal.proved`); there must be none."""

    time_us: int
    decision: str
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The notice of the ruling was sent; `notice` is its id."""

    time_us: int
    notice: str


@dataclass(frozen=True, slots=True)
class Withdraw:
    """By the customer, who may appeal again in time."""

    time_us: int


AppealMove = Attach | Assign | Interim | Remind | Escalate | Rule | Restore | Answer | Withdraw


class DeclineReason(StrEnum):
    """Why a decision is not heard."""

    UNKNOWN = "unknown"  # there is no such decision on the account
    OPEN_ALREADY = "open_already"  # add to the appeal that there is
    RULED = "ruled"  # a second appeal; what is left is the redress of DSA article 21
    UNDONE = "undone"  # it was reversed or never took force
    LATE = "late"  # more than six months since the customer was informed, and it is over
    NOT_TOLD = "not_told"  # nothing was decided yet that the customer was told of


@dataclass(frozen=True, slots=True)
class DeclinedDecision:
    """A decision that is not heard, and the appeal that stands in the way if one does."""

    decision: str
    why: DeclineReason
    appeal: str | None = None


def opened(
    complaint: Complaint,
    decisions: Sequence[Decision],
    appeals: Sequence[Appeal],
    now_us: int,
    *,
    normal: AppealTerms = NORMAL,
    urgent: AppealTerms = URGENT,
) -> tuple[Appeal | None, tuple[DeclinedDecision, ...]]:
    """The appeal against all that can be heard, None where nothing can, and why the rest is not.

    `decisions` and `appeals` are all that there are on the account. Hardship makes it urgent."""
    found = {d.id: d for d in decisions if d.account == complaint.account}
    mine = [a for a in appeals if a.account == complaint.account]
    named = tuple(dict.fromkeys(complaint.decisions))
    declined = tuple(
        refusal for name in named if (refusal := _refusal(name, found.get(name), mine, now_us))
    )
    heard = tuple(n for n in named if n not in {d.decision for d in declined})
    if not heard:
        return None, declined
    earlier = sum(a.reference == complaint.reference for a in mine)
    made = Appeal(
        id=made_id("appeal", complaint.reference, str(earlier)),
        reference=complaint.reference,
        account=complaint.account,
        decisions=heard,
        text=complaint.text,
        opened_us=now_us,
        hardship=complaint.hardship,
        terms=urgent if complaint.hardship else normal,
        attachments=complaint.attachments,
    )
    return made, declined


def _refusal(
    name: str, decision: Decision | None, appeals: Sequence[Appeal], now_us: int
) -> DeclinedDecision | None:
    if decision is None:
        return DeclinedDecision(name, DeclineReason.UNKNOWN)
    for appeal in appeals:
        if name in appeal.decisions and appeal.state is not AppealState.WITHDRAWN:
            why = DeclineReason.OPEN_ALREADY if appeal.state in UNRULED else DeclineReason.RULED
            return DeclinedDecision(name, why, appeal.id)
    if decision.state in UNDONE:
        return DeclinedDecision(name, DeclineReason.UNDONE)
    if appealable(decision, now_us):
        return None
    return DeclinedDecision(
        name, DeclineReason.NOT_TOLD if decision.noticed_us is None else DeclineReason.LATE
    )


def advance(appeal: Appeal, event: AppealMove, decisions: Iterable[Decision]) -> Appeal:
    """The appeal after an event. `decisions` are all that there are on the account, as they are
    now: whoever approved one of them a moment ago does not rule on it (law 7). Raises
    IllegalMove, and says why; the appeal given is never changed."""
    for why in _objections(appeal, event, tuple(decisions)):
        name = type(event).__name__
        raise IllegalMove(f"appeal {appeal.id} is {appeal.state}, not open to {name}: {why}")
    return moved(appeal, event)


def moved(appeal: Appeal, event: AppealMove) -> Appeal:
    """What an event made of the appeal. Read back, it is not asked again whether it was possible:
    the decisions that it depended on have moved on."""
    now = replace(appeal, moved_us=event.time_us)
    match event:
        case Attach(attachment=attachment):
            return replace(now, attachments=(*appeal.attachments, attachment))
        case Assign(reviewer=reviewer):
            return replace(now, state=AppealState.IN_REVIEW, reviewer=reviewer)
        case Interim():
            return replace(now, interim=event)
        case Remind(number=number):
            return replace(now, reminded=number)
        case Escalate(level=level):
            return replace(now, escalated=level)
        case Rule(rulings=rulings):
            ruled = replace(now, state=AppealState.RULED, rulings=rulings, ruled_us=event.time_us)
            return replace(ruled, escalated=0, reminded=0)
        case Restore(decision=decision):
            return replace(now, restored=appeal.restored | {decision})
        case Answer(notice=notice):
            return replace(now, state=AppealState.ANSWERED, notice=notice)
        case Withdraw():
            return replace(now, state=AppealState.WITHDRAWN)
        case _:
            assert_never(event)


def _objections(appeal: Appeal, event: AppealMove, decisions: Sequence[Decision]) -> Iterator[str]:
    """Why an event is not possible, the first reason first."""
    if event.time_us < appeal.latest_us:
        yield "it lies before its latest move"
    match event:
        case Restore() | Answer():
            if appeal.state is not AppealState.RULED:
                yield "there is no ruling to carry out"
        case Escalate():
            if appeal.state not in UNRULED | {AppealState.RULED}:
                yield "it is over"
        case Attach() | Assign() | Interim() | Remind() | Rule() | Withdraw():
            if appeal.state not in UNRULED:
                yield "it is no longer open"
    yield from _against(appeal, event, decisions)


def _against(appeal: Appeal, event: AppealMove, decisions: Sequence[Decision]) -> Iterator[str]:
    match event:
        case Attach(attachment=attachment):
            yield from against_attachments((*appeal.attachments, attachment))
        case Assign(reviewer=reviewer):
            yield from _barred(appeal, reviewer, decisions)
        case Interim():
            if appeal.interim is not None:
                yield "it has its interim relief"
            if not event.by.person or not event.why.strip():
                yield "a person grants it, and says why"
        case Remind(number=number):
            if not appeal.reminded < number <= _passed(appeal, event.time_us)[0]:
                yield "no reminder is due"
        case Escalate(level=level):
            if not appeal.escalated < level <= _passed(appeal, event.time_us)[1]:
                yield "no escalation is due"
        case Rule():
            yield from _against_rule(appeal, event, decisions)
        case Restore():
            yield from _against_restore(appeal, event, decisions)
        case Answer(notice=notice):
            if not notice:
                yield "it names no notice"
            if missing := sorted(appeal.granted - appeal.restored):
                yield f"{missing[0]} was not restored yet; restore it, then tell"
        case Withdraw():
            pass
        case _:
            assert_never(event)


def _barred(appeal: Appeal, actor: Actor, decisions: Iterable[Decision]) -> Iterator[str]:
    """Law 7, asked of the decisions as they are now."""
    found = {d.id: d for d in decisions}
    for name in appeal.decisions:
        if name not in found:
            yield f"the decision {name} is not there"
        elif not may_rule(found[name], actor):
            yield f"{actor.name} approved {name} or is no person (law 7)"


def _against_rule(appeal: Appeal, event: Rule, decisions: Sequence[Decision]) -> Iterator[str]:
    if appeal.reviewer != event.by:
        yield "it is ruled on by the reviewer it was assigned to"
    yield from _barred(appeal, event.by, decisions)
    if sorted(r.decision for r in event.rulings) != sorted(appeal.decisions):
        yield "each of its decisions needs one ruling"
    found = {d.id: d for d in decisions}  # all of them are there, or that was said before
    for ruling in event.rulings:
        yield from against_ruling(ruling, found[ruling.decision], decisions, event.time_us)


def _against_restore(
    appeal: Appeal, event: Restore, decisions: Sequence[Decision]
) -> Iterator[str]:
    if event.decision not in appeal.granted:
        yield f"nothing of {event.decision} was to be restored"
    if not any(d.id == event.decision and d.state in UNDONE for d in decisions):
        yield f"{event.decision} is not reversed yet"
    if event.differences:
        yield f"{event.decision} is not as it was: {event.differences[0]}"


def _passed(appeal: Appeal, now_us: int) -> tuple[int, int]:
    """How many reminders and escalations time has brought in its present state."""
    if appeal.state in UNRULED:
        for_us = now_us - appeal.opened_us
        terms = appeal.terms
        return sum(t <= for_us for t in terms.reminders), sum(
            t <= for_us for t in terms.escalations
        )
    if appeal.state is AppealState.RULED and appeal.ruled_us is not None:
        return 0, int(now_us >= appeal.ruled_us + appeal.terms.carry_out_us)
    return 0, 0


def due(appeal: Appeal, now_us: int) -> Remind | Escalate | None:
    """What time alone does to it now. After a pause one message tells all that was missed, and
    who is told that it is late needs no reminder."""
    reminders, escalations = _passed(appeal, now_us)
    if escalations > appeal.escalated:
        return Escalate(now_us, escalations)
    if reminders > appeal.reminded and not appeal.escalated:
        return Remind(now_us, reminders)
    return None


def outcome(appeal: Appeal, decision: Decision, now_us: int) -> RulingOutcome:
    """What the ruling does to a decision as it is now, to be committed with the ruling; nothing
    where it was done already. Later it is still possible: what was lifted since can be reversed."""
    for ruling in appeal.rulings:
        if ruling.decision == decision.id and appeal.reviewer is not None:
            return follows(appeal.id, ruling, decision, appeal.reviewer, now_us)
    return NOTHING


def binding(decisions: Iterable[Decision], appeals: Iterable[Appeal]) -> tuple[Decision, ...]:
    """The decisions from which the standing follows: all but the suspensions that an interim
    relief lifts until the ruling. Holdings follow the standing (`core/property/custody`), so that
    their money is free meanwhile; a closing is not lifted, its money is paid out already."""
    eased = {name for a in appeals if a.interim and a.state in UNRULED for name in a.decisions}
    return tuple(d for d in decisions if d.id not in eased or d.binding is not Measure.SUSPEND)
