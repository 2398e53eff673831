"""Law 5 in the database itself: raw SQL cannot change or delete what was recorded."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from habeas.config import Database
from habeas.core.appeal.appeals import Assign, Attach
from habeas.core.appeal.approvals import approve
from habeas.core.appeal.cases import case_of
from habeas.core.appeal.complaints import attached
from habeas.core.brake import Brake, BrakeState, BrakeTerms, Release
from habeas.core.log.checkpoint import Signature
from habeas.core.signal import Burst
from habeas.core.signal.feeds import FeedState, Rise
from habeas.core.signal.signals import ScoredRow
from habeas.store import (
    brakes,
    cosignatures,
    feeds,
    guards,
    leaves,
    models,
    outbox,
    reliefs,
    rows,
)  # fmt: skip
from habeas.store.accounts import account
from habeas.store.changes import AccountChange
from habeas.store.commits import commit
from tests.core.appeal import hearing
from tests.core.appeal.casework import DAY, DORA, EMIL, NOW
from tests.store.lawful import open_for_work
from tests.store.life import LATER, TEXTS, proposed, record_everything, suspended
from tests.store.sealing import add_leaves, sealed
from tests.store.test_appeals import yes
from tests.store.test_codec import PLAN


def fill_every_table() -> None:
    open_for_work()
    record_everything("chen")
    commit([proposed()])
    commit([suspended(account("boris"))])
    read = account("boris")
    made = hearing.appeal([read.decisions["d boris"]], now_us=LATER)
    change = AccountChange.of(read, LATER).appealed(made).heard(made.id, Assign(LATER, EMIL))
    change = change.heard(made.id, Attach(LATER, attached("a.pdf", b"%PDF-"))).keeps(b"%PDF-")
    commit([change.opens(case_of("R-1", "boris", ("d boris",), "0000"))])
    reliefs.keep(PLAN, NOW)
    reliefs.approved(PLAN.hash, (), approve(PLAN, (), yes(DORA), ()))
    release = Release(NOW, (DORA, EMIL), "the sale is on")
    state = Brake(BrakeTerms(promise_us=365 * DAY), BrakeState()).state()
    commit([], brakes=[brakes.Answered("returns-abuse", state, 0, 0, (release,))])
    known, row = FeedState(NOW, DAY), ScoredRow(NOW, 9.0, 1.0, 0.999)
    rise = Rise(NOW, Burst(NOW, NOW, NOW, 9.0, 1.0, 0.999))
    feeds.commit(feeds.FeedUpdate(feeds.StoredFeed("contacts"), known, [row], [rise]), NOW)
    (mail, *_) = outbox.claim(LATER + DAY)
    assert outbox.sent(mail, "250 OK", LATER + DAY)
    add_leaves(10_000, 256)
    size = sealed().size
    cosignatures.keep(size, "w", Signature("w", b"1234", b"made"))


def refused(sql: str) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        connection.cursor().execute(sql)
    return str(caught.value)


def rows_of(table: rows.Table) -> list[str]:
    return sorted(map(repr, rows.select(f"SELECT * FROM {rows.name(table)}")))


def test_what_is_append_only_refuses_update_and_delete(store: Database) -> None:
    fill_every_table()
    commit([], TEXTS)
    for table in guards.APPEND_ONLY:
        named, before = rows.name(table), rows_of(table)
        assert before, f"{named} is empty: nothing would be refused"
        column = rows.columns(table)[0]
        said = refused(f'UPDATE {named} SET "{column}" = "{column}"')
        assert f"{named} is append-only: UPDATE is refused (law 5)" in said
        assert f"{named} is append-only: DELETE is refused" in refused(f"DELETE FROM {named}")
        if rows.is_postgresql():
            assert "TRUNCATE is refused" in refused(f"TRUNCATE {named}")
        else:
            assert "append-only" in refused(f"REPLACE INTO {named} SELECT * FROM {named}")
        assert rows_of(table) == before


def test_texts_and_files_are_never_changed_and_only_the_personal_erased(store: Database) -> None:
    fill_every_table()
    assert "UPDATE is refused" in refused("UPDATE habeas_leaftext SET text = '{}'")
    assert "UPDATE is refused" in refused("UPDATE habeas_attachment SET content = NULL")
    kept = rows.select("SELECT leaf FROM habeas_leaftext WHERE NOT personal")
    for (leaf,) in kept:
        assert "DELETE is refused" in refused(f"DELETE FROM habeas_leaftext WHERE leaf = {leaf}")
    assert "DELETE is refused" in refused("DELETE FROM habeas_leaftext")
    erased = rows.select("DELETE FROM habeas_leaftext WHERE personal RETURNING leaf")
    kinds = [leaves.leaf(number).kind for (number,) in erased]
    assert sorted(kinds) == ["complaint", "complaint", "letter", "letter"]


def test_the_other_keys_of_a_table_are_no_way_around(store: Database) -> None:
    """SQLite's REPLACE deletes the row with which any key collides, and asks no trigger."""
    if rows.is_postgresql():
        return
    fill_every_table()
    others = {
        "habeas_leafplace": "INSERT OR REPLACE INTO habeas_leafplace SELECT 999, leaf FROM",
        "habeas_settlement": "INSERT OR REPLACE INTO habeas_settlement SELECT 'new', account, "
        'time_us, leaf, version, decision, measure, act, "of" FROM',
        "habeas_ledgerentry": "INSERT OR REPLACE INTO habeas_ledgerentry "
        "SELECT 'new', leaf, line, time_us, why, reverses FROM",
    }
    for table, sql in others.items():
        where = 'WHERE "of" IS NOT NULL' if table == "habeas_settlement" else ""
        assert "is append-only" in refused(f"{sql} {table} {where} LIMIT 1")


def test_every_table_is_of_one_sort(store: Database) -> None:
    derived = {models.DecisionNow, models.AppealNow}
    mutable = {models.Outbox, models.Case, models.Brake, models.Contact}
    mutable |= {models.Feed}
    erasable = {models.LeafText, models.Attachment}
    from django.apps import apps

    every = set(apps.get_app_config("habeas").get_models())
    assert every == {*guards.APPEND_ONLY} | derived | mutable | erasable
    assert len(guards.APPEND_ONLY) == len(every) - 9


def test_the_migration_is_what_the_models_say(store: Database) -> None:
    call_command("makemigrations", "habeas", check=True, dry_run=True, verbosity=0)
