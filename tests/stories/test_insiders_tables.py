"""What somebody inside can do by hand, with SQL or at the command line, and what `verify` says of
it, on both databases: guards, rows that change, erasures, texts."""

from __future__ import annotations

import pytest
from django.db import connection

from habeas.config import Database
from habeas.core.appeal.cases import case_of, code_hash, code_of
from habeas.core.audit.records import AuditedErasure
from habeas.core.brake import BrakeState, Closing
from habeas.core.errors import IllegalMove
from habeas.core.signal.feeds import FeedState
from habeas.flows.log.erase import erase
from habeas.store import feeds, rows
from habeas.store.accounts import account
from habeas.store.brakes import Answered
from habeas.store.changes import AccountChange
from habeas.store.codec import encoded
from habeas.store.commits import commit
from habeas.store.leaves import records
from tests import cast
from tests.core.appeal.casework import DAY, NOW
from tests.store.lawful import LATER, STRICT, appealed, record_lives
from tests.stories.inside import at_once, named, says

# 6. The guards


def test_a_guard_of_the_same_name_that_does_nothing(store: Database) -> None:
    record_lives()
    with connection.cursor() as cursor:
        if rows.is_postgresql():
            cursor.execute("DROP TRIGGER habeas_decision_no_update ON habeas_decision")
            cursor.execute(
                "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS "
                "$$BEGIN RETURN NEW; END$$"
            )
            cursor.execute(
                "CREATE TRIGGER habeas_decision_no_update BEFORE UPDATE ON habeas_decision "
                "FOR EACH ROW EXECUTE FUNCTION nothing()"
            )
        else:
            cursor.execute("DROP TRIGGER habeas_decision_no_update")
            cursor.execute(
                "CREATE TRIGGER habeas_decision_no_update BEFORE UPDATE ON habeas_decision "
                "BEGIN SELECT 1; END"
            )
    says("the guard habeas_decision_no_update is another than was made", "nothing is erased")


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("sql", "words"),
    [
        (
            "ALTER TABLE habeas_decision ENABLE REPLICA TRIGGER habeas_decision_no_update",
            "habeas_decision_no_update is another than was made, or is switched off",
        ),
        (
            "ALTER TABLE habeas_decision DISABLE TRIGGER habeas_decision_no_update",
            "habeas_decision_no_update is another than was made, or is switched off",
        ),
        (
            "CREATE OR REPLACE FUNCTION habeas_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RETURN NEW; END$$",
            "the function of the guards is another than was made",
        ),
    ],
)
def test_guards_that_are_off_or_hollow(store: Database, sql: str, words: str) -> None:
    if not rows.is_postgresql():
        pytest.skip("SQLite has neither")
    with connection.cursor() as cursor:
        cursor.execute(sql)
    says(words, "nothing is erased")


# 8. What changes has a leaf


def with_a_door() -> None:
    record_lives()
    case = case_of("R-1", "chen", ("d chen",), code_of(b"0123456789"))
    commit([AccountChange.of(account("chen"), LATER).opens(case)])
    commit([], None, [Answered(STRICT.name, BrakeState(), 0, 0, (Closing(LATER, 40.0, ()),))])
    feeds.commit(feeds.FeedUpdate(feeds.StoredFeed("posts"), FeedState(NOW, DAY)), NOW)
    assert [p for p in named() if "brake" not in p] == []


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("DELETE FROM habeas_case", "habeas_case R-1: is gone"),
        (
            "UPDATE habeas_case SET value = replace(value, "
            f"'{code_hash('R-1', code_of(b'0123456789'))}', '{'0' * 64}')",
            "habeas_case R-1: is not as it was opened or renewed last",
        ),
        ("DELETE FROM habeas_brake", "habeas_brake returns-abuse: is gone, or not what was saved"),
        ("UPDATE habeas_brake SET state = '{{}}'", "habeas_brake returns-abuse: is gone, or not"),
        ("UPDATE habeas_brake SET closed = NOT closed", "habeas_brake returns-abuse: says that"),
        ("DELETE FROM habeas_feed", "habeas_feed posts: is gone, or not what was saved last"),
        ("UPDATE habeas_feed SET version = 7", "habeas_feed posts: is gone, or not what was"),
        ("DELETE FROM habeas_decisionnow", "habeas_decisionnow d chen: is other than it is"),
        ("UPDATE habeas_decisionnow SET moves = 9", "habeas_decisionnow d chen: is other than"),
        ("DELETE FROM habeas_appealnow", "habeas_appealnow"),
    ],
)
def test_rows_that_change_are_those_of_their_leaves(store: Database, sql: str, words: str) -> None:
    with_a_door()
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{{}}", "{}"))
    says(words)


# 9. Erasure


def test_an_erasure_that_the_flow_would_have_refused(store: Database) -> None:
    record_lives()
    name = appealed_and_open("chen")
    with pytest.raises(IllegalMove):
        erase("chen", None, cast.ADA.actor, "he asked", LATER + 3 * DAY)
    made = records(1)
    said = AuditedErasure("chen", None, (), (), cast.ADA.actor, "he asked", LATER + 3 * DAY)
    made.add("erasure", encoded(said))
    made.write()
    says(f"appeal {name} was open when ada erased what it rests on", "nothing is erased")


def appealed_and_open(name: str) -> str:
    from habeas.core.appeal.appeals import opened
    from habeas.core.appeal.complaints import Complaint

    read = account(name)
    complaint = Complaint(f"R {name}", name, (f"d {name}",), "It was not me.")
    made, _ = opened(complaint, [*read.decisions.values()], [], LATER + DAY)
    assert made is not None
    commit([AccountChange.of(read, LATER + DAY).appealed(made)])
    return made.id


def test_an_erasure_after_the_ruling_is_none(store: Database) -> None:
    record_lives()
    appealed("chen")
    erase("chen", None, cast.ADA.actor, "he asked", LATER + 3 * DAY)
    assert not named("nothing is erased")


# 10. Texts of policies


def test_a_policy_text_that_was_changed_is_no_ground(store: Database) -> None:
    record_lives()
    at_once("habeas_policytext", "UPDATE {table} SET text = replace(text, 'may not', 'may')")
    says("names a policy of which the text is not kept", "no decision without cause")
