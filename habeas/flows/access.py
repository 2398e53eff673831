"""Access: who may do what, in one table. Every record of a person's act passes here."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from habeas.core.decision import Actor
from habeas.core.errors import NotAllowed
from habeas.core.staff import Member, Role, Roster
from habeas.store import staff


class Duty(StrEnum):
    """What a person does that is recorded."""

    APPLY = "put policies in force"
    DECIDE = "approve or refuse a decision"
    DECLARE = "declare an emergency"
    HAND = "hand a notice to a customer"
    HEAR = "hear an appeal"
    REVERSE = "reverse a decision"
    RELIEVE = "approve a relief"
    RELEASE = "release a brake"
    ERASE = "erase what was told and said"
    KEY = "give the log a new key"
    STAFF = "change the staff"


A, R, W, L, T, G, X = (
    Role.AGENT, Role.REVIEWER, Role.AUTHOR, Role.LEAD, Role.TREASURY, Role.AUDITOR, Role.ADMIN,
)  # fmt: skip
MAY: Mapping[Duty, frozenset[Role]] = {
    Duty.APPLY: frozenset({W, L, G}),  # whoever wrote it, and one of those who answer for it
    Duty.DECIDE: frozenset({R, L}),
    Duty.DECLARE: frozenset({R, L}),
    Duty.HAND: frozenset({A, R, L}),
    Duty.HEAR: frozenset({R, L}),
    Duty.REVERSE: frozenset({R, L}),
    Duty.RELIEVE: frozenset({R, L}),
    Duty.RELEASE: frozenset({R, L}),
    Duty.ERASE: frozenset({L, X}),
    Duty.KEY: frozenset({X}),
    Duty.STAFF: frozenset({X}),
}


def actor(who: str, duty: Duty) -> Actor:
    """The person of an id, as a record names them. Raises NotAllowed where there is none, who left,
    or who may not do this."""
    return Actor(member(staff.roster(), who, duty).id, person=True)


def member(roster: Roster, who: str, duty: Duty) -> Member:
    """Raises NotAllowed."""
    if not who.strip():
        raise NotAllowed("it is not said who you are", "give `--as` with your id, or HABEAS_AS")
    return roster.require(who, *sorted(MAY[duty]))


def could(roster: Roster, one: Actor, duty: Duty, time_us: int) -> bool:
    """Whether somebody had a role for it at a time, microseconds UTC."""
    return any(roster.role_at(one.name, role, time_us) for role in MAY[duty])
