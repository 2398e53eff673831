"""Hear: customers complain without the closed account, a person who did not decide rules, and what
the ruling gives back is back before anyone is told (DSA article 20).

Broken step and what a crash leaves: a try of a code is counted before anything else is read of
it; the appeal, its files and the use of its code are one commit, so that what is refused leaves no
file behind. A ruling, the reversals that follow from it and the proof
that they are exact are one commit: a granted appeal that gave nothing back cannot be written.
Where a person must first answer for a holding, the appeal stays ruled, is escalated when that
takes long, and is carried out with `overdue` as soon as that is done.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from habeas.core.appeal import Appeal, AppealState, Case, Ruling, Verdict, appeals
from habeas.core.appeal.appeals import (
    Assign,
    Attach,
    DeclinedDecision,
    DeclineReason,
    Escalate,
    Interim,
    Restore,
    Rule,
    Withdraw,
    opened,
    outcome,
)
from habeas.core.appeal.cases import Entrance, tried, used
from habeas.core.appeal.complaints import Attachment, Complaint, attached
from habeas.core.appeal.hearings import Pack, pack
from habeas.core.appeal.rulings import Lesser
from habeas.core.decision import Actor
from habeas.core.errors import Forbidden, NotFound
from habeas.core.letter.delivery import STAFF
from habeas.flows.letter.export import export
from habeas.flows.work import on_one
from habeas.ports.tables import rows_among
from habeas.store import accounts, decisions, notices
from habeas.store.accounts import account_of_appeal
from habeas.store.appeals import due, entered, in_state
from habeas.store.changes import Account, AccountChange, Message
from habeas.store.notices import StoredNotice


@dataclass(frozen=True, slots=True)
class AppealForm:
    """What came in by the door of a notice; `files` are names with their bytes. Without
    `decisions` it is against all that the notice told."""

    reference: str
    code: str
    text: str
    files: tuple[tuple[str, bytes], ...] = ()
    decisions: tuple[str, ...] = ()
    hardship: bool = False


@dataclass(frozen=True, slots=True)
class AppealIntake:
    """The appeal against what can be heard, None where nothing can, and why the rest is not."""

    appeal: Appeal | None
    declined: tuple[DeclinedDecision, ...]


def complain(sent: AppealForm, now_us: int) -> AppealIntake:
    """Open an appeal. Raises Forbidden where the code does not open the case, InvalidInput."""
    case, entrance = _entered(sent.reference, sent.code, now_us)
    if entrance is Entrance.USED:
        raise Forbidden(
            f"the code of case {sent.reference} has opened its appeal",
            "add to that appeal with the same code, or ask for a new code",
        )
    files = [attached(name, content) for name, content in sent.files]
    complaint = Complaint(
        reference=case.reference,
        account=case.account,
        decisions=sent.decisions or case.decisions,
        text=sent.text,
        attachments=tuple(files),
        hardship=sent.hardship,
    )
    declined: tuple[DeclinedDecision, ...] = ()

    def filed(account: Account) -> AccountChange:
        nonlocal declined
        known = tuple(account.decisions.values()), tuple(account.appeals.values())
        appeal, declined = _within(case, *opened(complaint, *known, now_us))
        change = AccountChange.of(account, now_us)
        if appeal is None:
            return change
        change = change.appealed(appeal).keeps(*(content for _, content in sent.files))
        return change.opens(used(case, now_us)).sends(_news(appeal, "opened"))

    change = on_one(case.account, filed)
    return AppealIntake(change.appeals[0] if change.appeals else None, declined)


def _within(
    case: Case, appeal: Appeal | None, declined: tuple[DeclinedDecision, ...]
) -> tuple[Appeal | None, tuple[DeclinedDecision, ...]]:
    """A code opens the decisions of its own notice; of any other it tells nothing."""
    strange = [n for n in (appeal.decisions if appeal else ()) if n not in case.decisions]
    declined = tuple(
        d if d.decision in case.decisions else DeclinedDecision(d.decision, DeclineReason.UNKNOWN)
        for d in declined
    )
    if appeal is None or not strange:
        return appeal, declined
    own = tuple(n for n in appeal.decisions if n in case.decisions)
    rest = (*declined, *(DeclinedDecision(name, DeclineReason.UNKNOWN) for name in strange))
    return replace(appeal, decisions=own) if own else None, rest


def _entered(reference: str, code: str, now_us: int) -> tuple[Case, Entrance]:
    """The case that a right code opens, and whether it has opened an appeal already. What is said
    of a wrong one is the same whether there is such a case or not."""
    try:
        case, entrance = entered(reference, lambda case: tried(case, code, now_us))
    except NotFound:
        entrance = Entrance.WRONG
    if entrance is Entrance.SHUT:
        raise Forbidden(
            f"too many wrong codes were tried for case {reference}", "try again in an hour"
        )
    if entrance is Entrance.WRONG:
        raise Forbidden(
            f"this code does not open case {reference}",
            "type both as they stand in the notice; after five wrong codes wait for an hour",
        )
    return case, entrance


def attach(
    reference: str, code: str, files: Sequence[tuple[str, bytes]], now_us: int
) -> tuple[Attachment, ...]:
    """The customer adds files to the appeal of a case. Raises Forbidden, NotFound, InvalidInput,
    IllegalMove."""
    case, _ = _entered(reference, code, now_us)
    added = tuple(attached(name, content) for name, content in files)

    def grown(account: Account) -> AccountChange:
        appeal = _of_case(account, reference)
        time_us = max(now_us, appeal.latest_us)
        change = AccountChange.of(account, time_us)
        for one in added:
            change = change.heard(appeal.id, Attach(time_us, one))
        return change.keeps(*(content for _, content in files)) if files else change

    on_one(case.account, grown)
    return added


def withdraw(reference: str, code: str, now_us: int) -> Appeal:
    """The customer takes the appeal back. Raises Forbidden, NotFound, IllegalMove."""
    case, _ = _entered(reference, code, now_us)

    def taken_back(account: Account) -> AccountChange:
        appeal = _of_case(account, reference)
        time_us = max(now_us, appeal.latest_us)
        return AccountChange.of(account, time_us).heard(appeal.id, Withdraw(time_us))

    account = on_one(case.account, taken_back).account
    return _of_case(account, reference)


@dataclass(frozen=True, slots=True)
class CaseView:
    """What a customer sees by the door of a notice: what was told of its decisions, word for word,
    and the appeals against them, the oldest first."""

    case: Case
    notices: tuple[StoredNotice, ...]
    appeals: tuple[Appeal, ...]


def look(reference: str, code: str, now_us: int, out: Path | None = None) -> CaseView:
    """The statement and what became of an appeal, without logging in (law 4); with `out`, all that
    can be taken along as well, as a zip. Raises Forbidden, and Unwritable for `out`."""
    case, _ = _entered(reference, code, now_us)
    if out is not None:
        export(case.account, out)
    told = (n for n in notices.notices_of(case.account) if n.decision in case.decisions)
    every = accounts.account(case.account).appeals.values()
    mine = (appeal for appeal in every if appeal.reference == reference)
    return CaseView(case, tuple(told), tuple(sorted(mine, key=lambda a: a.opened_us)))


def _of_case(account: Account, reference: str) -> Appeal:
    """The latest appeal of a case."""
    mine = [a for a in account.appeals.values() if a.reference == reference]
    if not mine:
        raise NotFound(f"there is no appeal yet in case {reference}", "open one first")
    return max(mine, key=lambda a: a.opened_us)


# Those who rule


def assign(name: str, reviewer: Actor, now_us: int) -> Appeal:
    """A person takes the appeal. Raises NotFound, and IllegalMove above all where that person
    approved a decision of it (law 7)."""
    return _heard(name, Assign(now_us, reviewer))


def take(name: str, reviewer: Actor, now_us: int, events: Path | None = None) -> Pack:
    """A person takes the appeal, and is given all that there is on it. Raises as `assign` and
    `evidence`."""
    assign(name, reviewer, now_us)
    return evidence(name, events)


def ease(name: str, by: Actor, why: str, now_us: int) -> Appeal:
    """Interim relief: the suspension is lifted while the appeal is heard, and its holdings are
    free. Raises NotFound, IllegalMove."""
    return _heard(name, Interim(now_us, by, why))


def _heard(name: str, event: Assign | Interim) -> Appeal:
    def heard(account: Account) -> AccountChange:
        at_us = max(event.time_us, account.appeal(name).latest_us)
        if isinstance(event, Interim):  # it settles, after all that was settled before
            at_us = account.from_now(at_us)
        return AccountChange.of(account, at_us).heard(name, replace(event, time_us=at_us))

    return on_one(account_of_appeal(name), heard).account.appeal(name)


def evidence(name: str, events: Path | None = None) -> Pack:
    """All that a reviewer needs. `events` is the file that the evidence is looked for in; without
    one, no event is said to be missing. Raises NotFound, InvalidInput."""
    account = accounts.account(account_of_appeal(name))
    appeal, every = account.appeal(name), tuple(account.decisions.values())
    sent = notices.notices_of(account.name)
    told = {notice.id: notice.text for notice in sent if notice.text is not None}
    named = frozenset(e for d in every for e in d.reason.events)
    there = named if events is None else rows_among(events, named)
    return pack(appeal, every, tuple(account.appeals.values()), told, there)


@dataclass(frozen=True, slots=True)
class Ruled:
    """The appeal after the ruling. `left` are sentences on what a person must do before what was
    granted is back; `alike` counts the other decisions that stand by the same version of a policy
    of which a decision was overturned, by the overturned decision."""

    appeal: Appeal
    left: tuple[str, ...]
    alike: dict[str, int]


def rule(name: str, rulings: Sequence[Ruling], by: Actor, now_us: int) -> Ruled:
    """Rule on each decision of an appeal, and carry it out in the same commit. Raises NotFound,
    and IllegalMove where the laws or the case do not allow it."""
    left: tuple[str, ...] = ()

    def ruled(account: Account) -> AccountChange:
        nonlocal left
        event = Rule(account.from_now(now_us), by, tuple(rulings))
        ruling = AccountChange.of(account, event.time_us).heard(name, event)
        change, left = _carried_out(ruling, name)
        return change

    account = on_one(account_of_appeal(name), ruled).account
    appeal = account.appeal(name)
    overturned = [account.decision(n) for n in sorted(appeal.granted)]
    alike = {d.id: decisions.alike(d.policy, d.reason.version) for d in overturned}
    return Ruled(appeal, left, alike)


def rule_whole(
    name: str,
    verdict: Verdict,
    reasons: str,
    by: Actor,
    now_us: int,
    *,
    lesser: Lesser | None = None,
    upheld: Collection[str] = (),
) -> Ruled:
    """One verdict on all decisions of an appeal, but for those that are `upheld`. Raises as
    `rule`."""
    whole = accounts.account(account_of_appeal(name)).appeal(name).decisions
    rulings = [
        Ruling(one, Verdict.UPHOLD, reasons)
        if one in upheld
        else Ruling(one, verdict, reasons, lesser)
        for one in whole
    ]
    return rule(name, rulings, by, now_us)


def _carried_out(change: AccountChange, name: str) -> tuple[AccountChange, tuple[str, ...]]:
    """The reversals that follow from a ruling, each proved from the record; and what is left."""
    left: list[str] = []
    for decision in change.account.appeal(name).decisions:
        # two moves of an account are never of the same moment
        change = replace(change, time_us=change.time_us + 1)
        change, differences = _restored(change, name, decision)
        left += differences
    if not left:
        change = change.sends(_news(change.account.appeal(name), "ruled"))
    return change, tuple(left)


def _restored(
    change: AccountChange, name: str, decision: str
) -> tuple[AccountChange, tuple[str, ...]]:
    appeal, now_us = change.account.appeal(name), change.time_us
    made = outcome(appeal, change.account.decision(decision), now_us)
    if made.event is not None:
        change = change.moved(decision, made.event)
    if made.proposed is not None:
        change = change.proposed(made.proposed)
    if decision not in appeal.granted - appeal.restored:
        return change, ()
    if differences := change.account.unrestored(decision, now_us):
        return change, differences
    return change.heard(name, Restore(now_us, decision, ())), ()


# Time


@dataclass(slots=True)
class OverdueReport:
    """How many appeals were reminded of, escalated, and carried out at last."""

    reminded: int = 0
    escalated: int = 0
    carried_out: int = 0


def overdue(now_us: int) -> OverdueReport:
    """What time alone does to appeals: people are told, once, who must act and is late."""
    report = OverdueReport()
    waiting = {one.appeal: one.account for one in due(now_us)}
    waiting |= {one.appeal: one.account for one in in_state([AppealState.RULED])}
    for name, account in waiting.items():
        change = on_one(account, partial(_late, name=name, now_us=now_us))
        for move in change.hearings:
            report.escalated += isinstance(move.event, Escalate)
            report.reminded += not isinstance(move.event, Escalate | Restore)
            report.carried_out += isinstance(move.event, Restore)
    return report


def _late(account: Account, *, name: str, now_us: int) -> AccountChange:
    appeal = account.appeal(name)
    to_restore = appeal.state is AppealState.RULED and appeal.granted - appeal.restored
    at_us = account.from_now(now_us) if to_restore else now_us
    change = AccountChange.of(account, at_us)
    if at_us < appeal.latest_us:  # a clock that was set back keeps nothing else from being done
        return change
    if event := appeals.due(appeal, at_us):
        what = (
            f"escalated {event.level}"
            if isinstance(event, Escalate)
            else f"reminded {event.number}"
        )
        change = change.heard(name, event).sends(_news(appeal, f"{what} {appeal.state}"))
    if to_restore:
        change, _ = _carried_out(change, name)
    return change


def _news(appeal: Appeal, what: str) -> Message:
    """A word to those who work here; each once."""
    payload = {"appeal": appeal.id, "what": what.split()[0]}
    return Message(f"appeal {appeal.id} {what}", STAFF, payload)
