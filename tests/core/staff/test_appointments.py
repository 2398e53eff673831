"""Who may make somebody what, and what the roster refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import HabeasError, IllegalMove, InvalidInput, NotAllowed
from habeas.core.staff import Role, Roster, StaffMove
from habeas.core.staff.appointments import change_roles, join, leave, permit, unsound
from habeas.core.staff.members import Joining, Leaving, RoleChange
from tests.core.samples import often
from tests.core.staff.offices import DAY, FIRST, IDS, NOW, OFFICE, lives, roles, with_emil

NONE: frozenset[Role] = frozenset()
REVIEWER = frozenset([Role.REVIEWER])
ADMIN = frozenset([Role.ADMIN])


def test_the_first_is_an_admin_and_made_by_nobody() -> None:
    for by in (None, "dora"):
        move = join(Roster(), "dora", " Dora Stein ", REVIEWER, by=by, time_us=NOW)
        assert move == Joining("dora", "Dora Stein", None, REVIEWER | ADMIN, None, NOW)
    bare = join(Roster(), "dora", "Dora", [], by=None, time_us=NOW, email="dora@shop.example")
    assert (bare.roles, bare.email) == (ADMIN, "dora@shop.example")


def test_on_an_empty_roster_nobody_can_have_made_it() -> None:
    with pytest.raises(NotAllowed, match="nobody here has the id 'emil'"):
        join(Roster(), "dora", "Dora", REVIEWER, by="emil", time_us=NOW)
    with pytest.raises(NotAllowed, match="nobody here has the id 'dora'"):
        leave(Roster(), "dora", by="dora", time_us=NOW)
    with pytest.raises(IllegalMove, match="the first to join is an admin"):
        permit(Roster(), Joining("dora", "Dora", None, REVIEWER, None, NOW))


def test_whoever_comes_later_is_made_by_an_admin() -> None:
    move = join(OFFICE, "emil", "Emil Roth", REVIEWER, by="dora", time_us=NOW + DAY)
    assert move == Joining("emil", "Emil Roth", None, REVIEWER, "dora", NOW + DAY)
    office = OFFICE.after(move)
    with pytest.raises(NotAllowed, match="names nobody who makes it"):
        join(office, "gus", "Gus", REVIEWER, by=None, time_us=NOW)
    for attempt in (
        lambda: join(office, "gus", "Gus", REVIEWER, by="emil", time_us=NOW),
        lambda: change_roles(office, "emil", give=ADMIN, by="emil", time_us=NOW),
        lambda: change_roles(office, "dora", take=ADMIN, by="emil", time_us=NOW),
        lambda: leave(office, "dora", by="emil", time_us=NOW),
        lambda: leave(office, "emil", by="emil", time_us=NOW),
    ):
        with pytest.raises(NotAllowed) as caught:
            attempt()
        assert "this takes the role admin, and Emil Roth (emil) has rev" in caught.value.message


def test_an_admin_who_left_makes_nobody() -> None:
    office = with_emil(Role.ADMIN)
    office = office.after(leave(office, "dora", by="dora", time_us=NOW + DAY))
    with pytest.raises(NotAllowed, match=r"Dora Stein \(dora\) left on"):
        join(office, "gus", "Gus", REVIEWER, by="dora", time_us=NOW)


@pytest.mark.parametrize("who", ["d0ra", "do.ra", "d-o-r-a", "d_ora"])
def test_an_id_that_reads_as_another_is_refused_with_the_other(who: str) -> None:
    with pytest.raises(IllegalMove) as caught:
        join(OFFICE, who, "Somebody", REVIEWER, by="dora", time_us=NOW)
    assert caught.value.message == f"'{who}' could be read as Dora Stein (dora)"
    assert caught.value.hint == "choose an id that cannot be read as another"


@pytest.mark.parametrize(
    "who", ["DORA", "d\N{CYRILLIC SMALL LETTER O}ra", "\uff44ora", "do\u200bra"]
)
def test_an_id_of_other_characters_is_none(who: str) -> None:
    with pytest.raises(InvalidInput, match="as character"):
        join(OFFICE, who, "Somebody", REVIEWER, by="dora", time_us=NOW)


def test_the_id_of_who_left_is_never_given_again() -> None:
    office = with_emil(Role.REVIEWER)
    office = office.after(leave(office, "emil", by="dora", time_us=NOW + DAY))
    for who, said in (("emil", "is the id of"), ("ernil", "could be read as")):
        with pytest.raises(IllegalMove) as caught:
            join(office, who, "Emil Roth", REVIEWER, by="dora", time_us=NOW)
        assert caught.value.message == f"'{who}' {said} Emil Roth (emil), who left"


@pytest.mark.parametrize("who", ["habeas", "habea.s", "ha-beas"])
def test_nobody_has_the_name_of_the_program(who: str) -> None:
    for roster, by in ((Roster(), None), (OFFICE, "dora")):
        with pytest.raises(IllegalMove, match="the program itself"):
            join(roster, who, "Somebody", REVIEWER, by=by, time_us=NOW)


def test_whoever_joins_is_here_for_something() -> None:
    with pytest.raises(InvalidInput) as caught:
        join(OFFICE, "emil", "Emil", [], by="dora", time_us=NOW)
    assert caught.value.message == "'emil' has no role"
    assert caught.value.hint == (
        "give one of agent, reviewer, author, lead, treasury, auditor and admin"
    )


def test_a_name_that_hides_something_is_refused() -> None:
    with pytest.raises(InvalidInput, match="cannot be seen"):
        join(OFFICE, "emil", "Emil\u202e", REVIEWER, by="dora", time_us=NOW)
    with pytest.raises(InvalidInput, match="not in its kept form"):
        permit(OFFICE, Joining("emil", "Emil ", None, REVIEWER, "dora", NOW))


def test_an_admin_may_give_and_take_their_own_roles_and_the_move_says_so() -> None:
    move = change_roles(
        OFFICE, "dora", give=[Role.LEAD], take=[Role.REVIEWER], by="dora", time_us=NOW
    )
    assert move == RoleChange("dora", frozenset([Role.LEAD]), REVIEWER, "dora", NOW)
    member = OFFICE.after(move).members.get("dora")
    assert member is not None
    assert member.roles == {Role.LEAD, Role.ADMIN}


def test_all_roles_may_be_taken_from_one_who_stays() -> None:
    office = with_emil(Role.REVIEWER)
    office = office.after(change_roles(office, "emil", take=REVIEWER, by="dora", time_us=NOW))
    assert office.require("emil").roles == NONE


@pytest.mark.parametrize(
    ("give", "take", "error", "said"),
    [
        (NONE, NONE, InvalidInput, "no role is given or taken"),
        (REVIEWER, REVIEWER, InvalidInput, "the role reviewer cannot be both given and taken"),
        (REVIEWER, NONE, IllegalMove, "Emil Roth (emil) has the role reviewer already"),
        (NONE, ADMIN, IllegalMove, "Emil Roth (emil) does not have the role admin"),
        (
            NONE,
            frozenset([Role.LEAD, Role.AGENT]),
            IllegalMove,
            "Emil Roth (emil) does not have the roles agent and lead",
        ),
    ],
)
def test_a_change_that_changes_nothing_is_refused(
    give: frozenset[Role], take: frozenset[Role], error: type[HabeasError], said: str
) -> None:
    with pytest.raises(error) as caught:
        change_roles(with_emil(Role.REVIEWER), "emil", give=give, take=take, by="dora", time_us=NOW)
    assert caught.value.message == said


def test_the_last_admin_stays() -> None:
    office = with_emil(Role.REVIEWER)
    for attempt in (
        lambda: change_roles(office, "dora", take=ADMIN, by="dora", time_us=NOW),
        lambda: leave(office, "dora", by="dora", time_us=NOW),
    ):
        with pytest.raises(IllegalMove) as caught:
            attempt()
        assert caught.value.message == "Dora Stein (dora) is the last admin"
        assert caught.value.hint == "make somebody else an admin first"


def test_an_admin_who_is_not_the_last_may_go() -> None:
    office = with_emil(Role.ADMIN)
    both: list[StaffMove] = [
        change_roles(office, "dora", take=ADMIN, by="dora", time_us=NOW),
        leave(office, "dora", by="emil", time_us=NOW),
    ]
    for move in both:
        after = office.after(move)
        with pytest.raises(IllegalMove, match="is the last admin"):
            leave(after, "emil", by="emil", time_us=NOW)


def test_nobody_leaves_twice_and_strangers_have_no_roles() -> None:
    office = with_emil(Role.REVIEWER)
    with pytest.raises(NotAllowed) as caught:
        change_roles(office, "emill", give=ADMIN, by="dora", time_us=NOW)
    assert caught.value.hint == "did you mean `emil`?"
    office = office.after(leave(office, "emil", by="dora", time_us=NOW))
    with pytest.raises(NotAllowed, match="acts here no more"):
        leave(office, "emil", by="dora", time_us=NOW)


@often
@given(lives())
def test_from_the_first_on_there_is_always_an_admin(moves: list[StaffMove]) -> None:
    roster = Roster()
    for move in moves:
        roster = roster.after(move)
        assert any(Role.ADMIN in member.roles for member in roster.present)
        assert move.by is None or roster.members.get(move.by)
    assert [move.by for move in moves[:1]] in ([], [None])
    assert all(move.by is not None for move in moves[1:])


@often
@given(lives())
def test_what_was_allowed_is_sound(moves: list[StaffMove]) -> None:
    assert list(unsound(moves)) == []


@often
@given(lives(), st.data())
def test_a_move_put_in_by_hand_is_what_a_flow_would_have_made_or_found(
    moves: list[StaffMove], data: st.DataObject
) -> None:
    """Of a move at any place: as a decision allows it or not, so the record is sound there or not;
    and one that is not changes nothing for those after it."""
    place = data.draw(st.integers(0, len(moves)))
    who, by = data.draw(st.sampled_from(IDS)), data.draw(st.sampled_from(IDS))
    gave = frozenset(data.draw(roles))
    attempts: list[StaffMove] = [
        Joining(who, "Somebody", None, gave, by, NOW),
        Joining(who, "Somebody", None, gave | ADMIN, None, NOW),
        RoleChange(who, gave, NONE, by, NOW),
        Leaving(who, by, NOW),
    ]
    forged = data.draw(st.sampled_from(attempts))
    before = Roster.of(moves[:place])
    found = dict(unsound([*moves[:place], forged, *moves[place:]]))
    if place in found:
        with pytest.raises(HabeasError) as caught:
            permit(before, forged)
        assert found == {place: caught.value.message}, "what was sound stays so"
    else:
        permit(before, forged)
        before.after(forged)


def test_an_admin_put_in_by_hand_is_found_and_what_rests_on_it() -> None:
    forged = Joining("mallory", "Mallory", None, ADMIN, "mallory", NOW)
    moves: list[StaffMove] = [FIRST, forged, Leaving("dora", "mallory", NOW + 1)]
    found = dict(unsound(moves))
    nobody = "nobody here has the id 'mallory'"
    assert found == {1: nobody, 2: nobody}
    by_another = replace(forged, by="dora", roles=REVIEWER)
    assert [place for place, _ in unsound([FIRST, by_another, moves[2]])] == [2]
