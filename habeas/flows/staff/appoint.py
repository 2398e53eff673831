"""Appoint: somebody joins, may do more or less, or leaves; one record each, with who made it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from habeas.core.errors import InvalidInput, NotAllowed
from habeas.core.staff import Member, Role, Roster, StaffMove, parse_id
from habeas.core.staff.appointments import change_roles, join, leave
from habeas.flows.access import Duty, member
from habeas.ports.mail import is_address
from habeas.store import staff


def add(
    who: str,
    name: str,
    roles: Iterable[Role],
    by: str | None,
    now_us: int,
    email: str | None = None,
) -> Member:
    """Somebody joins under an id that nobody can take for another's. The first of all is an admin,
    and nobody says so. Raises InvalidInput, IllegalMove, NotAllowed, Changed."""
    parse_id(who)
    if email is not None and not is_address(email):
        raise InvalidInput(
            f"{email[:80]!r} is no e-mail address", "write for example a@shop.example"
        )

    def made(roster: Roster) -> StaffMove:
        admin = _admin(roster, by) if roster.members else None
        return join(roster, who, name, roles, by=admin, time_us=now_us, email=email)

    return _record(made, who)


def change(who: str, give: Iterable[Role], take: Iterable[Role], by: str, now_us: int) -> Member:
    """Somebody may do more, or less. Raises NotAllowed, IllegalMove, InvalidInput, Changed."""

    def made(roster: Roster) -> StaffMove:
        admin = _admin(roster, by)
        return change_roles(roster, who, give=give, take=take, by=admin, time_us=now_us)

    return _record(made, who)


def dismiss(who: str, by: str, now_us: int) -> Member:
    """Somebody leaves; the id is never given again. Raises NotAllowed, IllegalMove, Changed."""

    def made(roster: Roster) -> StaffMove:
        return leave(roster, who, by=_admin(roster, by), time_us=now_us)

    return _record(made, who)


def _record(made: Callable[[Roster], StaffMove], who: str) -> Member:
    moves = staff.moves()
    move = made(Roster.of(moves))
    staff.record(move, len(moves))
    return Roster.of([*moves, move]).members[who]


def _admin(roster: Roster, by: str | None) -> str:
    if not by:
        raise NotAllowed("it is not said who you are", "give `--as` with your id, or HABEAS_AS")
    return member(roster, by, Duty.STAFF).id


def people() -> list[Member]:
    """Everybody who works here or did, by id."""
    return [one for _, one in sorted(staff.roster().members.items())]
