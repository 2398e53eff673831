"""Appointments: who joins, may do more or less, and leaves; each is a move that says who made it.

An admin makes them all. The first of all is made by nobody and is an admin; from then on there is
always one. An admin may give a role to themselves as to anybody: the move says so for good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from habeas.core.errors import HabeasError, IllegalMove, InvalidInput, NotAllowed
from habeas.core.languages import enumeration
from habeas.core.staff.members import (
    HABEAS,
    Joining,
    Leaving,
    Member,
    Role,
    RoleChange,
    Roles,
    StaffMove,
)
from habeas.core.staff.roster import Roster
from habeas.core.staff.spelling import folded, parse_id, parse_name


def join(
    roster: Roster,
    who: str,
    name: str,
    roles: Iterable[Role],
    *,
    by: str | None,
    time_us: int,
    email: str | None = None,
) -> Joining:
    """The move by which somebody comes, at `time_us` (microseconds UTC). Whoever comes first is an
    admin beside the roles given, and no `by` is asked. The address is the caller's to check.
    Raises InvalidInput, NotAllowed, IllegalMove as `permit` does."""
    given = frozenset(roles)
    if not roster.members:
        given, by = given | {Role.ADMIN}, None if by == who else by
    move = Joining(who, parse_name(name), email, given, by, time_us)
    permit(roster, move)
    return move


def change_roles(
    roster: Roster,
    who: str,
    *,
    give: Iterable[Role] = (),
    take: Iterable[Role] = (),
    by: str,
    time_us: int,
) -> RoleChange:
    """The move by which somebody may do more, or less, at `time_us` (microseconds UTC). All may be
    taken from one who stays: the id is then still theirs. Raises NotAllowed, IllegalMove,
    InvalidInput as `permit` does."""
    move = RoleChange(who, frozenset(give), frozenset(take), by, time_us)
    permit(roster, move)
    return move


def leave(roster: Roster, who: str, *, by: str, time_us: int) -> Leaving:
    """The move by which somebody goes for good, at `time_us` (microseconds UTC). Raises NotAllowed,
    IllegalMove as `permit` does."""
    move = Leaving(who, by, time_us)
    permit(roster, move)
    return move


def permit(roster: Roster, move: StaffMove) -> None:
    """Whether the move may follow on this roster. Raises NotAllowed where `by` is no admin who is
    here or `id` nobody who is, IllegalMove for an id that was used before or the last admin,
    InvalidInput for an id, a name or roles that cannot be used."""
    _permit_by(roster, move)
    if isinstance(move, Joining):
        _permit_joining(roster, move)
        return
    member = roster.require(move.id)
    if isinstance(move, RoleChange):
        _permit_change(member, move)
    if isinstance(move, Leaving) or Role.ADMIN in move.took:
        _keep_an_admin(roster, member)


def unsound(moves: Iterable[StaffMove]) -> Iterator[tuple[int, str]]:
    """Which of the moves, by place from 0, no flow would have made where it stands, and why. They
    change nothing for what follows: what rests on one of them is named as well."""
    roster = Roster()
    for place, move in enumerate(moves):
        try:
            permit(roster, move)
        except HabeasError as error:
            yield place, error.message
        else:
            roster = roster.after(move)


def _permit_by(roster: Roster, move: StaffMove) -> None:
    if roster.members:
        if move.by is None:
            raise NotAllowed("this names nobody who makes it", "an admin says `--as` and their id")
        roster.require(move.by, Role.ADMIN)
    elif move.by is not None:
        roster.require(move.by)
    elif isinstance(move, Joining) and Role.ADMIN not in move.roles:
        raise IllegalMove("the first to join is an admin", "give the role admin")


def _permit_joining(roster: Roster, move: Joining) -> None:
    skeleton = folded(parse_id(move.id))
    if parse_name(move.name) != move.name:
        raise InvalidInput(f"the name {move.name!r} is not in its kept form", "take spaces off")
    if not move.roles:
        raise InvalidInput(f"'{move.id}' has no role", f"give one of {enumeration([*Role], 'en')}")
    hint = "choose an id that cannot be read as another"
    if skeleton == folded(HABEAS):
        raise IllegalMove(f"'{move.id}' could be read as {HABEAS}, the program itself", hint)
    twin = roster.twin(move.id)
    if twin is not None:
        gone = "" if twin.left_us is None else ", who left"
        reads = "is the id of" if twin.id == move.id else "could be read as"
        raise IllegalMove(f"'{move.id}' {reads} {twin.shown}{gone}", hint)


def _permit_change(member: Member, move: RoleChange) -> None:
    if not move.gave | move.took:
        raise InvalidInput("no role is given or taken", "name one")
    both = move.gave & move.took
    if both:
        raise InvalidInput(f"{_named(both)} cannot be both given and taken", "do one of the two")
    already = move.gave & member.roles
    if already:
        raise IllegalMove(f"{member.shown} has {_named(already)} already", "nothing was changed")
    missing = move.took - member.roles
    if missing:
        raise IllegalMove(f"{member.shown} does not have {_named(missing)}", "nothing was changed")


def _keep_an_admin(roster: Roster, member: Member) -> None:
    if [m.id for m in roster.present if Role.ADMIN in m.roles] == [member.id]:
        hint = "make somebody else an admin first"
        raise IllegalMove(f"{member.shown} is the last admin", hint)


def _named(roles: Roles) -> str:
    return f"the role{'s' if len(roles) > 1 else ''} {enumeration(sorted(roles), 'en')}"
