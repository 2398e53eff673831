"""Each kind of row that a law rests on, changed, deleted or put in below the guards: what verify
says of it. What the fuzzer found, each on its own."""

from __future__ import annotations

import pytest
from django.db import connection

from habeas.config import Database
from habeas.store import outbox, rows
from tests.core.appeal.casework import NOW
from tests.flows.audit.recording import record_soundly
from tests.stories.inside import at_once, guarded, named, says

LOG, ROWS = "the tree gives every signed root", "rows are as recorded"
SIGNED, TEXTS = "checkpoints are signed", "texts are those of their leaves"
DERIVED, DOORS = (
    "derived tables are what births and moves make", "doors are as they were opened",
)  # fmt: skip
MIDDLE = "(SELECT id FROM habeas_checkpoint ORDER BY id LIMIT 1 OFFSET 1)"

CASES = [
    # the log
    ("habeas_leaf", "UPDATE {table} SET kind = 'finding!' WHERE number = 101", LOG, "has no leaf"),
    (
        "habeas_leaf",
        "INSERT INTO {table} (number, kind, commitment) SELECT -7, kind, commitment FROM {table} "
        "WHERE number = 9",
        TEXTS,
        "leaf -7: leaves are numbered from 1",
    ),
    (
        "habeas_leafplace",
        "INSERT INTO {table} (place, leaf) VALUES (-3, 999999)",
        LOG,
        "the place -3 is none",
    ),
    (
        "habeas_treenode",
        "INSERT INTO {table} (level, place, hash) SELECT 16, place, hash FROM {table}",
        LOG,
        "habeas_treenode: has 1 rows more than the leaves make",
    ),
    (
        "habeas_checkpoint",
        f"UPDATE {{table}} SET time_us = time_us - 1 WHERE id = {MIDDLE}",
        SIGNED,
        "is kept with another time",
    ),
    ("habeas_checkpoint", f"DELETE FROM {{table}} WHERE id = {MIDDLE}", SIGNED, "goes on from one"),
    # what rows quote
    (
        "habeas_policytext",
        "INSERT INTO {table} (hash, text) SELECT 'other', text FROM {table}",
        ROWS,
        "habeas_policytext other: is not the text of its hash",
    ),
    ("habeas_attachment", "DELETE FROM {table}", ROWS, "is gone, and appeal"),
    (
        "habeas_attachment",
        "INSERT INTO {table} (sha256, content) SELECT 'other', content FROM {table} LIMIT 1",
        "files are those that appeals name",
        "habeas_attachment other: no appeal names this file",
    ),
    (
        "habeas_exemption",
        "INSERT INTO {table} (id, account, time_us, leaf) SELECT 'gift', 'gwen', 1, words "
        "FROM habeas_notice WHERE account = 'gwen'",
        ROWS,
        "habeas_exemption gift: no leaf says so",
    ),
    ("habeas_relief", "UPDATE {table} SET time_us = 5", ROWS, "is gone, or not as leaf"),
    # what is sent
    (
        "habeas_outbox",
        "UPDATE {table} SET payload = '{{\"notice\":\"n chen\"}}' WHERE channel = 'mail'",
        DERIVED,
        "habeas_outbox mail n dave: is not what was to be sent",
    ),
    ("habeas_messagemove", "UPDATE {table} SET leaf = leaf + 1", ROWS, "mail n dave 0: is gone"),
    ("habeas_outbox", "UPDATE {table} SET made_us = 5", DERIVED, "is not what was to be sent"),
    ("habeas_outbox", "UPDATE {table} SET state = 'x'", DERIVED, "'x' is no state of a message"),
    (
        "habeas_outbox",
        "DELETE FROM {table} WHERE key = 'wave posts 0'",
        ROWS,
        "habeas_outbox wave posts 0: is gone, and was to be sent",
    ),
    (
        "habeas_outbox",
        "INSERT INTO {table} (key, channel, payload, state, attempts, next_try_us, made_us, error)"
        " SELECT 'mine', channel, payload, 'unsent', 0, 0, made_us, '' FROM {table} LIMIT 1",
        ROWS,
        "habeas_outbox: has 1 rows more than what is recorded makes",
    ),
    # doors
    ("habeas_case", "UPDATE {table} SET account = 'hugo'", DOORS, "is not as it was opened"),
    ("habeas_case", "UPDATE {table} SET code_hash = 'x'", DOORS, "is not as it was opened"),
    ("habeas_case", "UPDATE {table} SET value = '{{}}'", DOORS, "is not as it was opened"),
    (
        "habeas_case",
        "INSERT INTO {table} (reference, account, code_hash, value) "
        "SELECT 'R mine', account, code_hash, value FROM {table}",
        ROWS,
        "habeas_case: has 1 rows more than what is recorded makes",
    ),
]


@pytest.mark.parametrize(("table", "sql", "check", "words"), CASES)
def test_a_row_that_is_other_is_named(
    store: Database, table: str, sql: str, check: str, words: str
) -> None:
    record_soundly()
    if guarded(table):
        at_once(table, sql)
    else:
        with connection.cursor() as cursor:
            cursor.execute(sql.format(table=table))
    says(words, check)


def test_what_cannot_be_read_is_named_and_stops_nothing(store: Database) -> None:
    """A staff move, a brake's, an erasure: what all else rests on."""
    record_soundly()
    for kind in ("staff_move", "brake_move", "erasure"):
        ((leaf,),) = rows.select(f"SELECT max(number) FROM habeas_leaf WHERE kind = '{kind}'")
        at_once("habeas_leaftext", "UPDATE {table} SET text = '[]' WHERE leaf = %s", leaf)
        says(f"leaf {leaf}: a {kind} that cannot be read", ROWS)
        says(f"leaf {leaf}, a {kind}: the value and the salt do not give", TEXTS)


def test_what_is_sent_by_another_channel_as_well_is_no_stranger(store: Database) -> None:
    record_soundly()
    claimed = next(c for c in outbox.claim(NOW + 1) if c.message.channel == "mail")
    assert outbox.also(claimed, "webhook", NOW + 1)
    assert named() == []


def test_tries_of_a_door_are_no_change_of_it(store: Database) -> None:
    from habeas.core.appeal.cases import tried
    from habeas.store import appeals

    record_soundly()
    appeals.entered("R eve", lambda case: tried(case, "0000-0000-0000-0000", NOW))
    assert named() == []
