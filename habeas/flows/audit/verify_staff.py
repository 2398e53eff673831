"""The part of `habeas verify` that asks who acted: people are on the staff, and had a role for what
they did when they did it (law 7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from habeas.core.appeal.appeals import Assign, Interim, Rule
from habeas.core.audit import Record
from habeas.core.decision import Actor
from habeas.core.decision.decisions import Approve, Declare, Lift, Refuse, Reverse
from habeas.core.errors import HabeasError
from habeas.core.policy.applications import texts, too_few
from habeas.core.staff import Roster
from habeas.core.staff.appointments import unsound
from habeas.core.times import minute
from habeas.flows.access import Duty, could
from habeas.store import plans, staff
from habeas.store.comparing import UNREADABLE

Move = TypeVar("Move")
DUTIES: Mapping[type, Duty] = {
    Approve: Duty.DECIDE,
    Refuse: Duty.DECIDE,
    Lift: Duty.DECIDE,
    Declare: Duty.DECLARE,
    Reverse: Duty.REVERSE,
    Assign: Duty.HEAR,
    Interim: Duty.HEAR,
    Rule: Duty.HEAR,
}


def _readable(read: Callable[[], list[Move]], where: str) -> tuple[list[Move], list[str]]:
    """The moves, or none and why: one that cannot be read stops no other check."""
    try:
        return read(), []
    except UNREADABLE as error:
        return [], [f"{where}: a move cannot be read: {error}"]


def roster() -> tuple[Roster, list[str]]:
    """Who works here and did, as far as the record can be believed, and what is wrong with it."""
    moves, said = _readable(staff.moves, "habeas_staffmove staff")
    wrong = dict(unsound(moves))
    said += [f"habeas_staffmove staff {place}: {why}" for place, why in wrong.items()]
    try:
        return Roster.of(m for i, m in enumerate(moves) if i not in wrong), said
    except HabeasError as error:
        return Roster(), [*said, f"habeas_staffmove staff: {error.message}"]


def applied(known: Roster) -> tuple[frozenset[str], list[str]]:
    """The hashes of the policy texts that were put in force, and what came in force by too few
    people, or by some who had no role for it."""
    moves, said = _readable(plans.moves, "habeas_applymove plans")
    said += [f"habeas_applymove plans: {why}" for why in too_few(moves)]
    for move in moves:
        what = f"habeas_applymove plans: plan {move.plan[:12]}"
        for who in (move.by,) if isinstance(move.by, str) else move.by:
            said += _asked(what, Actor(who, person=True), Duty.APPLY, move.time_us, known)
    return texts(moves), said


def strangers(record: Record, known: Roster) -> Iterator[str]:
    """Who acted on an account and was nobody, or had no role for it then."""
    for name, life in record.lives.items():
        yield from _of(f"decision {name}", life.events, known)
    for name, hearing in record.hearings.items():
        yield from _of(f"appeal {name}", hearing.events, known)
    for one in record.erasures:
        yield from _asked(record.account, one.by, Duty.ERASE, one.time_us, known)


def _of(what: str, events: Iterable[Any], known: Roster) -> Iterator[str]:
    for event in events:
        duty = DUTIES.get(type(event))
        if duty is None:
            continue
        given = event.reviewer if isinstance(event, Assign) else event.by
        for one in given if isinstance(given, tuple) else (given,):
            yield from _asked(what, one, duty, event.time_us, known)


def _asked(what: str, one: Actor, duty: Duty, time_us: int, known: Roster) -> Iterator[str]:
    if one.person and not could(known, one, duty, time_us):
        when = f"{minute(time_us)} UTC"
        yield f"{what}: '{one.name}' had no role on the staff to {duty} on {when}"
