"""The people of the sample: one for each kind of work, so that a newcomer can act at once."""

from __future__ import annotations

from habeas.core.staff import Member, Role
from habeas.flows.staff import appoint
from habeas.store import staff

ADMIN = "ada"
PEOPLE = (
    (ADMIN, "Ada", (Role.ADMIN, Role.LEAD)),
    ("dora", "Dora", (Role.REVIEWER, Role.AGENT)),
    ("emil", "Emil", (Role.REVIEWER, Role.AGENT)),
    ("fay", "Fay", (Role.AUTHOR,)),
    ("gus", "Gus", (Role.AUDITOR,)),
    ("tess", "Tess", (Role.TREASURY,)),
)


def hire(now_us: int) -> list[Member]:
    """Those of the sample who are not here yet join; an empty roster gets its admin first. Raises
    NotAllowed where somebody else made this roster."""
    there = staff.roster().members
    for who, name, roles in PEOPLE:
        if who not in there:
            appoint.add(who, name, roles, ADMIN, now_us)
    return appoint.people()
