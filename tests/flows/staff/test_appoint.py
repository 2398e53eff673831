"""Who joins, what each may do, who leaves: recorded with who made it, and asked again."""

from __future__ import annotations

import pytest

from habeas.config import Database
from habeas.core.errors import Changed, IllegalMove, InvalidInput, NotAllowed
from habeas.core.staff import Role, StaffMove
from habeas.core.staff.members import Joining
from habeas.flows import access
from habeas.flows.access import Duty
from habeas.flows.audit.verify import verify
from habeas.flows.staff import appoint, sample
from habeas.store import models, staff
from habeas.store.changes import RecordedMove
from habeas.store.leaves import records
from habeas.store.recorded import move_row, plain_move
from habeas.store.rows import insert
from tests.staffing import hire
from tests.store.sealing import LOG

NOW = 1000


def test_the_first_is_an_admin_and_needs_nobody(store: Database) -> None:
    made = appoint.add("maria", "Maria Garcia", [Role.REVIEWER], None, NOW)
    assert made.roles == {Role.REVIEWER, Role.ADMIN}
    with pytest.raises(NotAllowed, match="it is not said who you are"):
        appoint.add("maria.garcia", "Maria Garcia", [Role.AGENT], None, NOW)
    other = appoint.add("maria.g", "Maria Garcia", [Role.AGENT], "maria", NOW)
    assert [m.shown for m in appoint.people()] == ["Maria Garcia (maria)", other.shown]


@pytest.mark.parametrize("email", ["x", "a b@c.example", "<a@b.example>"])
def test_an_address_that_is_none(store: Database, email: str) -> None:
    with pytest.raises(InvalidInput, match="is no e-mail address"):
        appoint.add("maria", "Maria", [Role.AGENT], None, NOW, email)
    assert appoint.people() == []


def test_roles_come_and_go_and_are_asked(store: Database) -> None:
    hire()
    with pytest.raises(NotAllowed, match="this takes the role"):
        access.actor("gus", Duty.DECIDE)
    appoint.change("gus", [Role.REVIEWER], [], "ada", NOW)
    assert access.actor("gus", Duty.DECIDE).name == "gus"
    appoint.change("gus", [], [Role.REVIEWER, Role.AUDITOR], "ada", NOW + 1)
    with pytest.raises(NotAllowed, match="has no role"):
        access.actor("gus", Duty.APPLY)
    with pytest.raises(NotAllowed, match="admin"):
        appoint.change("gus", [Role.ADMIN], [], "dora", NOW + 2)
    assert not [c.problems for c in verify(LOG.verifier).checks if c.wrong]


def test_who_leaves_is_gone_for_good(store: Database) -> None:
    hire()
    assert appoint.dismiss("emil", "ada", NOW).left_us == NOW
    with pytest.raises(IllegalMove, match="who left"):
        appoint.add("emil", "Emil", [Role.REVIEWER], "ada", NOW + 1)
    with pytest.raises(IllegalMove, match="last admin"):
        appoint.dismiss("ada", "ada", NOW + 1)


@pytest.mark.parametrize("who", ["hugo", "Dora", "", "dora\u200b"])
def test_whoever_is_not_here(store: Database, who: str) -> None:
    hire()
    with pytest.raises(NotAllowed):
        access.actor(who, Duty.DECIDE)


def test_of_two_at_once_one_is_told(store: Database) -> None:
    hire()
    moves = staff.moves()
    staff.record(Joining("iris", "Iris", None, frozenset({Role.AGENT}), "ada", NOW), len(moves))
    with pytest.raises(Changed, match="somebody else changed the staff meanwhile"):
        staff.record(Joining("jon", "Jon", None, frozenset({Role.AGENT}), "ada", NOW), len(moves))


def test_a_forged_admin_is_named_and_so_is_what_rests_on_it(store: Database) -> None:
    hire()
    ghost = Joining("ghost", "Ghost", None, frozenset({Role.ADMIN, Role.LEAD}), "ghost", NOW)
    made, one = records(1), RecordedMove("staff", len(staff.moves()), ghost)
    leaf = made.add("staff_move", plain_move("staff", one, StaffMove))
    insert(models.StaffMove, [move_row(one, leaf)])
    made.write()
    found = [p for c in verify(LOG.verifier).checks for p in c.problems]
    assert any("habeas_staffmove" in problem for problem in found), found


def test_the_sample_hires_each_once(store: Database) -> None:
    assert len(sample.hire(NOW)) == len(sample.PEOPLE)
    before = staff.moves()
    sample.hire(NOW + 1)
    assert staff.moves() == before
