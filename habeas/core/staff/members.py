"""Members: who works here, with which roles, and the moves that made it so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

HABEAS = "habeas"  # the program, where it acts by itself; no person has this id


class Role(StrEnum):
    """What somebody is here for; one person may have several."""

    AGENT = "agent"
    REVIEWER = "reviewer"
    AUTHOR = "author"
    LEAD = "lead"
    TREASURY = "treasury"
    AUDITOR = "auditor"
    ADMIN = "admin"


Roles = frozenset[Role]


@dataclass(frozen=True, slots=True)
class Member:
    """One person. Who left (`left_us`, microseconds) has no roles any more."""

    id: str
    name: str
    email: str | None
    roles: Roles
    since_us: int
    left_us: int | None = None

    @property
    def shown(self) -> str:
        """`Maria Garcia (maria)`: names need not be unique, so the id is always beside."""
        return f"{self.name} ({self.id})"


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody comes. `by` is the id of the admin who says so; None only for the first of all."""

    id: str
    name: str
    email: str | None
    roles: Roles
    by: str | None
    time_us: int


@dataclass(frozen=True, slots=True)
class RoleChange:
    """Somebody may do more, or less."""

    id: str
    gave: Roles
    took: Roles
    by: str
    time_us: int


@dataclass(frozen=True, slots=True)
class Leaving:
    """Somebody goes, for good: an id is never given again."""

    id: str
    by: str
    time_us: int


StaffMove = Joining | RoleChange | Leaving
