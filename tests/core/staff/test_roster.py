"""The roster is what its moves say, and tells who is meant."""

from __future__ import annotations

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import NotAllowed, Unproven
from habeas.core.staff import Member, Role, Roster, StaffMove, folded
from habeas.core.staff.appointments import change_roles, join, leave
from habeas.core.staff.members import Joining, Leaving, RoleChange
from tests.core.samples import often
from tests.core.staff.offices import DAY, FIRST, NOW, OFFICE, lives, with_emil

REVIEWER = frozenset([Role.REVIEWER])


@often
@given(lives(), st.data())
def test_a_roster_is_a_fold_of_its_moves(moves: list[StaffMove], data: st.DataObject) -> None:
    whole = Roster.of(moves)
    assert whole == reduce(Roster.after, moves, Roster())
    cut = data.draw(st.integers(0, len(moves)))
    assert whole == Roster.of(moves[:cut]).after(*moves[cut:])


@often
@given(lives())
def test_no_two_who_were_ever_here_have_one_skeleton(moves: list[StaffMove]) -> None:
    members = Roster.of(moves).members
    assert len({folded(one) for one in members}) == len(members)
    assert all(one == member.id for one, member in members.items())


@often
@given(lives())
def test_whom_it_has_now_is_whom_it_had_at_the_last_move(moves: list[StaffMove]) -> None:
    roster = Roster.of(moves)
    end = max((move.time_us for move in moves), default=NOW)
    for member in roster.members.values():
        has = {role for role in Role if roster.role_at(member.id, role, end)}
        assert has == member.roles
        assert not any(roster.role_at(member.id, r, member.since_us - 1) for r in Role)
        assert (member in roster.present) == (member.left_us is None)


@often
@given(lives(), st.data())
def test_what_was_true_then_stays_true(moves: list[StaffMove], data: st.DataObject) -> None:
    """Roles at a time are those of the roster as it was at that time."""
    if moves:
        time_us = data.draw(st.integers(NOW - 1, moves[-1].time_us + 1))
        then = Roster.of(move for move in moves if move.time_us <= time_us)
        now = Roster.of(moves)
        for who in now.members:
            member = then.members.get(who)
            had = {role for role in Role if now.role_at(who, role, time_us)}
            assert had == (member.roles if member else frozenset())


def test_a_role_holds_from_its_move_until_before_that_which_takes_it() -> None:
    roster = with_emil(Role.REVIEWER)
    took = change_roles(roster, "emil", take=[Role.REVIEWER], by="dora", time_us=NOW + 3 * DAY)
    roster = roster.after(took)
    times = [NOW + DAY - 1, NOW + DAY, NOW + 3 * DAY - 1, NOW + 3 * DAY]
    had = [roster.role_at("emil", Role.REVIEWER, time) for time in times]
    assert had == [False, True, True, False]
    assert not roster.role_at("emil", Role.ADMIN, NOW + DAY)
    assert not roster.role_at("nobody", Role.ADMIN, NOW + DAY)


def test_a_clock_that_went_back_gives_no_role_again() -> None:
    roster = with_emil(Role.REVIEWER)
    roster = roster.after(leave(roster, "emil", by="dora", time_us=NOW))
    assert not roster.role_at("emil", Role.REVIEWER, NOW + 2 * DAY)


def test_who_left_has_no_roles_and_stays_known() -> None:
    roster = with_emil(Role.REVIEWER)
    roster = roster.after(leave(roster, "emil", by="dora", time_us=NOW + 2 * DAY))
    gone = Member("emil", "Emil Roth", None, frozenset(), NOW + DAY, NOW + 2 * DAY)
    assert roster.members.get("emil") == gone
    assert [member.id for member in roster.present] == ["dora"]
    assert roster.role_at("emil", Role.REVIEWER, NOW + DAY)


def test_two_people_of_one_name_are_told_apart() -> None:
    roster = OFFICE
    for who in ("maria", "maria.garcia"):
        move = join(roster, who, "Maria Garcia", REVIEWER, by="dora", time_us=NOW)
        roster = roster.after(move)
    assert [m.shown for m in roster.present][1:] == [
        "Maria Garcia (maria)",
        "Maria Garcia (maria.garcia)",
    ]
    assert set(roster.near("Maria Garcia")) == {"maria", "maria.garcia"}


@pytest.mark.parametrize(
    ("who", "near"),
    [
        ("dora", ("dora",)),
        ("DORA", ("dora",)),
        ("d\N{CYRILLIC SMALL LETTER O}ra", ("dora",)),
        ("dorra", ("dora",)),
        ("Emil Roth", ("emil",)),
        ("ernil", ("emil",)),
        ("xyz", ()),
    ],
)
def test_who_is_meant(who: str, near: tuple[str, ...]) -> None:
    assert with_emil(Role.REVIEWER).near(who) == near


def test_at_most_three_are_meant() -> None:
    roster = OFFICE
    for who in ("anna", "annas", "annat", "annau", "annax"):
        roster = roster.after(join(roster, who, who, REVIEWER, by="dora", time_us=NOW))
    assert len(roster.near("annaz")) == 3


@pytest.mark.parametrize(
    ("who", "said", "hint"),
    [
        ("DORA", "nobody here has the id 'DORA'", "did you mean `dora`?"),
        ("Dora Stein", "nobody here has the id 'Dora Stein'", "did you mean `dora`?"),
        ("do\u200bra", r"nobody here has the id 'do\u200bra'", "did you mean `dora`?"),
        ("xyz", "nobody here has the id 'xyz'", "`staff list` says who is here"),
        ("", "nobody here has the id ''", "`staff list` says who is here"),
    ],
)
def test_whoever_is_not_here_is_told_who_is_near(who: str, said: str, hint: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        OFFICE.require(who)
    assert (caught.value.message, caught.value.hint) == (said, hint)
    assert caught.value.exit_code == 13


def test_several_who_may_be_meant_are_all_named() -> None:
    with pytest.raises(NotAllowed) as caught:
        OFFICE.after(
            join(OFFICE, "doras", "Dora", REVIEWER, by="dora", time_us=NOW),
        ).require("doraz")
    assert caught.value.hint in (
        "did you mean `dora` or `doras`?",
        "did you mean `doras` or `dora`?",
    )


def test_nobody_is_near_on_an_empty_roster() -> None:
    with pytest.raises(NotAllowed) as caught:
        Roster().require("dora")
    assert caught.value.hint == "nobody is here yet"


def test_who_left_acts_no_more() -> None:
    roster = with_emil(Role.REVIEWER)
    roster = roster.after(leave(roster, "emil", by="dora", time_us=NOW + 2 * DAY))
    with pytest.raises(NotAllowed) as caught:
        roster.require("emil", Role.REVIEWER)
    assert caught.value.message == (
        "Emil Roth (emil) left on 2027-12-30 13:20 UTC and acts here no more"
    )


def test_a_role_that_is_asked_is_one_that_they_have() -> None:
    roster = with_emil(Role.REVIEWER, Role.AGENT)
    emil = roster.members.get("emil")
    assert roster.require("emil") == emil
    assert roster.require("emil", Role.LEAD, Role.REVIEWER) == emil
    with pytest.raises(NotAllowed) as caught:
        roster.require("emil", Role.LEAD, Role.TREASURY)
    assert caught.value.message == (
        "this takes the role lead or treasury, and Emil Roth (emil) has agent and reviewer"
    )


def test_who_has_no_role_is_told_so() -> None:
    roster = with_emil(Role.AGENT)
    move = change_roles(roster, "emil", take=[Role.AGENT], by="dora", time_us=NOW)
    with pytest.raises(NotAllowed, match="has no role"):
        roster.after(move).require("emil", Role.AGENT)


@pytest.mark.parametrize(
    ("move", "said"),
    [
        (Joining("dora", "D", None, REVIEWER, "dora", NOW), "'dora' join twice"),
        (Joining("d0ra", "D", None, REVIEWER, "dora", NOW), "'d0ra' join, which is 'dora' again"),
        (RoleChange("emil", REVIEWER, frozenset(), "dora", NOW), "'emil' change roles"),
        (Leaving("emil", "dora", NOW), "'emil' leave, who is not here"),
    ],
)
def test_a_record_that_nobody_can_have_made_is_refused(move: StaffMove, said: str) -> None:
    with pytest.raises(Unproven, match=said):
        Roster.of([FIRST, move])
    assert Roster.of([FIRST]) == OFFICE, "the roster before is what it was"


def test_after_leaving_nothing_more_is_recorded_of_somebody() -> None:
    roster = with_emil(Role.REVIEWER)
    gone = roster.after(Leaving("emil", "dora", NOW + 2 * DAY))
    for move in (
        Leaving("emil", "dora", NOW + 3 * DAY),
        RoleChange("emil", frozenset([Role.ADMIN]), frozenset(), "dora", NOW + 3 * DAY),
        Joining("emil", "Emil Roth", None, REVIEWER, "dora", NOW + 3 * DAY),
    ):
        with pytest.raises(Unproven):
            gone.after(move)
