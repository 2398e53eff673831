"""Rosters to try: Dora, an admin, and whoever joins, changes roles and leaves after her."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import strategies as st

from habeas.core.errors import HabeasError
from habeas.core.staff import Role, Roster, StaffMove
from habeas.core.staff.appointments import change_roles, join, leave

NOW = 1_830_000_000_000_000
DAY = 86_400_000_000
FIRST = join(Roster(), "dora", "Dora Stein", [Role.REVIEWER], by=None, time_us=NOW)
OFFICE = Roster.of([FIRST])

# Few and alike, so that lives meet each other, and refusals.
IDS = ("dora", "d0ra", "do.ra", "emil", "ernil", "gus", "hugo", "l1", "li", "habeas")
roles = st.sets(st.sampled_from(Role), max_size=3)
ids = st.from_regex(r"[a-z0-9]([a-z0-9._-]{0,10}[a-z0-9])?", fullmatch=True)


def with_emil(*given: Role) -> Roster:
    """Dora's office, which Emil joins a day later."""
    move = join(OFFICE, "emil", "Emil Roth", given, by="dora", time_us=NOW + DAY)
    return OFFICE.after(move)


@st.composite
def lives(draw: st.DrawFn) -> list[StaffMove]:
    """Moves that were all allowed when they were made, on a clock that may stand still. Most are
    made by an admin of somebody who is here; what is refused is left out."""
    roster, moves, now = Roster(), list[StaffMove](), NOW
    for _ in range(draw(st.integers(0, 25))):
        now += draw(st.integers(0, 3))
        with suppress(HabeasError):
            move = draw(steps(roster, now))
            roster = roster.after(move)
            moves.append(move)
    return moves


@st.composite
def steps(draw: st.DrawFn, roster: Roster, now: int) -> StaffMove:
    """One move on this roster at this time. Raises as the decisions do."""
    who = draw(st.sampled_from(IDS))
    admins = [m.id for m in roster.present if Role.ADMIN in m.roles]
    by = draw(st.sampled_from(admins * 5 + [who]))
    verb = draw(st.sampled_from(["join", "change", "change", "leave"])) if admins else "join"
    if verb == "join":
        return join(roster, who, who.title(), draw(roles), by=by, time_us=now)
    member = draw(st.sampled_from(roster.present))
    if verb == "leave":
        return leave(roster, member.id, by=by, time_us=now)
    turned = draw(roles)
    give, take = turned - member.roles, turned & member.roles
    return change_roles(roster, member.id, give=give, take=take, by=by, time_us=now)
