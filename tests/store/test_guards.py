"""Law 5 in the database itself: raw SQL cannot change or delete what was recorded."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from habeas.config import Database
from habeas.store import models, rows
from tests.store.life import record_everything


def refused(sql: str) -> str:
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        connection.cursor().execute(sql)
    return str(caught.value)


def count(table: rows.Table) -> int:
    return int(rows.select(f"SELECT count(*) FROM {rows.name(table)}")[0][0])


def test_what_is_append_only_refuses_update_and_delete(store: Database) -> None:
    record_everything()
    for table in models.APPEND_ONLY:
        named, before = rows.name(table), count(table)
        if not before:
            continue
        column = rows.columns(table)[0]
        said = refused(f'UPDATE {named} SET "{column}" = "{column}"')
        assert f"{named} is append-only: UPDATE is refused (law 5)" in said
        assert "DELETE is refused" in refused(f"DELETE FROM {named}")
        if rows.is_postgresql():
            assert "TRUNCATE is refused" in refused(f"TRUNCATE {named}")
        else:
            assert "append-only" in refused(f"REPLACE INTO {named} SELECT * FROM {named}")
        assert count(table) == before
