"""Verify: what is sound is found sound; what was changed below the guards is named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from habeas.config import Database
from habeas.core.brake import BrakeState, Closing
from habeas.core.log.leaves import commitment
from habeas.flows.audit.verify import VerifyReport, verify
from habeas.flows.log.erase import erase
from habeas.store import rows
from habeas.store.brakes import Answered
from habeas.store.codec import read, written
from habeas.store.commits import commit
from tests import cast
from tests.core.appeal.casework import DAY, POLICY
from tests.store.lawful import LATER, record_lives
from tests.store.sealing import LOG, OTHER, add_leaves, sealed
from tests.store.tampering import tamper, unguard


def verified() -> VerifyReport:
    return verify(LOG.verifier)


def wrong(report: VerifyReport) -> dict[str, list[str]]:
    return {c.name: c.problems for c in report.checks if c.wrong}


def test_what_is_sound_is_found_sound(store: Database) -> None:
    assert wrong(verified()) == {}
    record_lives()
    assert wrong(verified()) == {}
    sealed()
    report = verified()
    assert wrong(report) == {}
    assert report.unsealed == 0
    looked = {c.name: c.looked_at for c in report.checks}
    assert looked["nothing owned is lost"] == 3
    assert looked["checkpoints are signed"] == 1
    assert looked["the tree gives every signed root"] > 25
    assert looked["rows are as recorded"] == 3
    assert looked["times are not before the seal before them"] == 7
    assert report.as_json()["sound"] is True


def test_what_was_erased_is_counted_and_sound(store: Database) -> None:
    record_lives()
    sealed()
    erase("chen", None, cast.ADA.actor, "he asked", LATER)
    sealed()
    report = verified()
    assert wrong(report) == {}
    assert report.erased == 1


def test_without_a_key_or_events_that_is_said(store: Database) -> None:
    report = verify(None)
    skipped = {c.name: c.skipped for c in report.checks if c.skipped}
    assert skipped["checkpoints are signed"] == "no key is known here; give --key"
    assert "give --policies" in skipped["same answer everywhere"]


def test_many_leaves_and_checkpoints(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from habeas.flows.audit import verify_log

    monkeypatch.setattr(verify_log, "PAGE", 100)
    for first in (1, 301, 901):
        add_leaves(first, 300 if first != 901 else 77)
        sealed()
    named = wrong(verified())
    assert "the tree gives every signed root" not in named
    assert "checkpoints are signed" not in named


# Changes below the guards: the check that names each, and words of what it says.


def rewrite(number_sql: str, change: Callable[[dict], None]) -> None:  # type: ignore[type-arg]
    """What an owner of the database can do at the most before a seal: a text, its commitment and
    all that rests on it, made anew."""
    ((number, text, salt),) = rows.select(
        f"SELECT leaf, text, salt FROM habeas_leaftext WHERE leaf = ({number_sql})"
    )
    plain = read(text)
    change(plain)
    made = written(plain)
    bound = commitment(made, bytes(salt))
    tamper("habeas_leaftext", "UPDATE {table} SET text = %s WHERE leaf = %s", made, number)
    tamper("habeas_leaf", "UPDATE {table} SET commitment = %s WHERE number = %s", bound, number)


BIRTH = "SELECT leaf FROM habeas_decision WHERE id = 'd chen'"


def move(kind: str, name: str) -> str:
    table = "appealmove" if kind in ("Rule", "Assign") else "decisionmove"
    where = f"kind = '{kind}'" if name == "any" else f"kind = '{kind}' AND subject = 'd {name}'"
    return f"SELECT leaf FROM habeas_{table} WHERE {where}"


def another_value(plain: dict) -> None:  # type: ignore[type-arg]
    plain["reason"]["values"]["orders_365d"] = 3


def law_1() -> None:
    rewrite(BIRTH, another_value)


def law_2() -> None:
    def sooner(plain: dict) -> None:  # type: ignore[type-arg]
        plain["event"]["time_us"] -= 7 * DAY

    rewrite(move("TakeForce", "chen"), sooner)


def no_notice() -> None:
    tamper("habeas_notice", "DELETE FROM {table} WHERE id = 'n chen'")


def law_3() -> None:
    def higher(plain: dict) -> None:  # type: ignore[type-arg]
        plain["index"] = 2

    rewrite(BIRTH, higher)


def law_4() -> None:
    tamper("habeas_ledgerposting", "UPDATE {table} SET amount = amount + 1 WHERE line = 0")


def no_settlement() -> None:
    tamper("habeas_settlement", "DELETE FROM {table} WHERE decision = 'd chen'")


def law_5() -> None:
    unguard("habeas_decision")


def no_release() -> None:
    tamper("habeas_settlement", "DELETE FROM {table} WHERE act = 'release'")


def law_7() -> None:
    def by_dora(plain: dict) -> None:  # type: ignore[type-arg]
        plain["event"]["by"]["name"] = "dora"

    rewrite(move("Rule", "any"), by_dora)


def law_9() -> None:
    def unknown(plain: dict) -> None:  # type: ignore[type-arg]
        plain["truths"][0][1] = None

    rewrite("SELECT leaf FROM habeas_finding WHERE id = 'f chen'", unknown)


def two_notices() -> None:
    listed = "decision, kind, lang, sha256, words, by_hand, id, account, time_us, leaf"
    copy = listed.replace(", id,", ", 'another',").replace("leaf", "leaf + 1000")
    tamper(
        "habeas_notice",
        f"INSERT INTO {{table}} ({listed}) SELECT {copy} FROM habeas_notice WHERE id = 'n chen'",
    )


def law_11() -> None:
    closing = Closing(LATER - DAY, 40.0, ())
    commit([], None, [Answered(POLICY.name, BrakeState(), 0, 0, (closing,))])


def hidden_row() -> None:
    tamper("habeas_decision", "DELETE FROM {table} WHERE id = 'd chen'")


def moved_row() -> None:
    tamper("habeas_decision", "UPDATE {table} SET account = 'dave' WHERE id = 'd chen'")


def derived_row() -> None:
    tamper("habeas_decisionnow", "UPDATE {table} SET state = 'ended' WHERE id = 'd chen'")


def lost_text() -> None:
    tamper("habeas_leaftext", f"DELETE FROM {{table}} WHERE leaf = ({BIRTH})")


def silent_erasure() -> None:
    tamper("habeas_leaftext", "DELETE FROM {table} WHERE personal")


def changed_text() -> None:
    tamper("habeas_leaftext", f"UPDATE {{table}} SET text = '{{{{}}}}' WHERE leaf = ({BIRTH})")


TREE, TEXT, ROWS = (
    "the tree gives every signed root", "texts are those of their leaves", "rows are as recorded",
)  # fmt: skip
CHANGES = [
    (law_1, "no decision without cause", "chen: decision d chen gives another reason"),
    (law_2, "no closing in the dark", "its notice period has not run (law 2)"),
    (law_3, "steps in order", "decision d chen is step 3, and only 0 were behind it"),
    (law_4, "nothing owned is lost", " 0: is gone, or not as its leaf recorded it"),
    (law_5, "nothing is erased", "habeas_decision: the guard habeas_decision_no_delete is gone"),
    (law_7, "another pair of eyes", "dora ruled on appeal"),
    (law_9, "in doubt, for the customer", "finding f chen was made where its condition was not"),
    (law_11, "a closed brake holds", "decision d chen took force while the brake"),
    (no_notice, ROWS, "habeas_notice n chen: is gone, or not as leaf"),
    (two_notices, ROWS, "habeas_notice another: no leaf says so"),
    (no_settlement, ROWS, "is gone, or not as leaf"),
    (no_release, ROWS, "is gone, or not as leaf"),
    (hidden_row, ROWS, "habeas_decision d chen: is gone, or not as leaf"),
    (moved_row, ROWS, "habeas_decision d chen: nothing recorded leads to it"),
    (derived_row, "derived tables are what births and moves make", "habeas_decisionnow d chen: is"),
    (lost_text, TEXT, "a decision, is gone, and no record says why"),
    (silent_erasure, TEXT, "a letter, is gone, and no record says why"),
    (changed_text, TEXT, "the value and the salt do not give the commitment"),
]


@pytest.mark.parametrize(("change", "name", "words"), CHANGES, ids=[c[0].__name__ for c in CHANGES])
def test_each_check_names_what_was_changed(
    store: Database, change: Callable[[], None], name: str, words: str
) -> None:
    record_lives()
    change()
    found = wrong(verified())
    assert any(words in problem for problem in found.get(name, [])), found


def other_leaf() -> None:
    tamper("habeas_leaf", "UPDATE {table} SET commitment = %s WHERE number = 3", b"\1" * 32)


def put_in() -> None:
    tamper("habeas_leafplace", "UPDATE {table} SET leaf = 9000 WHERE place = 2")
    add_leaves(9000, 1)


def taken_out() -> None:
    tamper("habeas_leafplace", "DELETE FROM {table} WHERE place = 5")


def cut_off() -> None:
    tamper("habeas_leafplace", "DELETE FROM {table} WHERE place > 20")


def other_node() -> None:
    tamper("habeas_treenode", "UPDATE {table} SET hash = %s WHERE place = 0", b"\1" * 32)


SEALED = [
    (other_leaf, TREE, "do not give the root that was signed"),
    (put_in, TREE, "do not give the root that was signed"),
    (taken_out, TREE, "the tree has no leaf at the place 5"),
    (cut_off, TREE, "and 21 are there"),
    (other_node, TREE, "node 0 of level 8 is not the hash of what is below it"),
]


@pytest.mark.parametrize(("change", "name", "words"), SEALED, ids=[c[0].__name__ for c in SEALED])
def test_what_was_sealed_shows_every_change(
    store: Database, change: Callable[[], None], name: str, words: str
) -> None:
    record_lives()
    add_leaves(500, 300)
    sealed()
    change()
    found = wrong(verified())
    assert any(words in problem for problem in found.get(name, [])), found


def test_even_a_rewrite_of_everything_shows_against_the_signed_root(store: Database) -> None:
    record_lives()
    sealed()
    law_1()
    assert any("do not give the root" in p for p in wrong(verified())[TREE])


def test_notes_of_another_key_and_of_another_size(store: Database) -> None:
    record_lives()
    sealed()
    (problem,) = wrong(verify(OTHER.verifier))["checkpoints are signed"]
    assert "no signature of a trusted key" in problem
    tamper("habeas_checkpoint", "UPDATE {table} SET size = size - 1")
    (problem,) = wrong(verified())["checkpoints are signed"]
    assert "is of" in problem
    tamper("habeas_checkpoint", "UPDATE {table} SET note = 'x'")
    (problem,) = wrong(verified())["checkpoints are signed"]
    assert "a signed note is a text" in problem
