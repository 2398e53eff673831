"""Append-only in the database itself (law 5): UPDATE, DELETE and TRUNCATE fail, whoever asks.

SQLite has no TRUNCATE; its INSERT OR REPLACE deletes without asking a DELETE trigger, so a row
with a key that is there is refused as well. Who may drop a trigger or a table can still do it:
the Merkle log is what shows that to others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import migrations

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FUNCTION = """
CREATE FUNCTION habeas_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused (law 5)', TG_TABLE_NAME, TG_OP;
END $$
"""
MESSAGE = "{table} is append-only: {verb} is refused (law 5)"


def append_only(table: str, *keys: Sequence[str]) -> migrations.RunPython:
    """The guard of a table as a step of a migration; `keys` are its unique sets of columns."""
    return _guard(table, keys, "UPDATE", "DELETE")


def erasable(table: str, *keys: Sequence[str], when: str = "") -> migrations.RunPython:
    """The same, but rows can be deleted: all, or those of which the column `when` is true."""
    return _guard(table, keys, "UPDATE", *(["DELETE"] if when else []), unless=when)


def postgresql_only(statement: str) -> migrations.RunPython:
    def make(_: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if editor.connection.vendor == "postgresql":
            editor.execute(statement, params=None)

    return migrations.RunPython(make)


def _guard(
    table: str, keys: Sequence[Sequence[str]], *verbs: str, unless: str = ""
) -> migrations.RunPython:
    def make(_: Any, editor: BaseDatabaseSchemaEditor) -> None:
        made = MADE[editor.connection.vendor]
        for statement in made(table, keys, verbs, unless):
            editor.execute(statement, params=None)

    return migrations.RunPython(make)


def _sqlite(
    table: str, keys: Sequence[Sequence[str]], verbs: Sequence[str], unless: str
) -> list[str]:
    made = []
    for verb in verbs:
        when = f"WHEN NOT OLD.{unless} " if unless and verb == "DELETE" else ""
        said = MESSAGE.format(table=table, verb=verb)
        made.append(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {when}"
            f"BEGIN SELECT RAISE(ABORT, '{said}'); END"
        )
    # FAIL where others say ABORT: to be able to take back a statement, SQLite copies each page that
    # a row touches, which costs more than the row. There is one row to a statement (`store/rows`).
    there = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} WHERE "
        + " AND ".join(f'"{column}" = NEW."{column}"' for column in key)
        + ")"
        for key in keys
    )
    said = f"UNIQUE constraint failed: {table} has this row, and is append-only (law 5)"
    made.append(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} "
        f"BEGIN SELECT RAISE(FAIL, '{said}'); END"
    )
    return made


def _postgresql(
    table: str, _: Sequence[Sequence[str]], verbs: Sequence[str], unless: str
) -> list[str]:
    made = []
    for verb in (*verbs, "TRUNCATE"):
        each = "STATEMENT" if verb == "TRUNCATE" else "ROW"
        when = f"WHEN (NOT OLD.{unless}) " if unless and verb == "DELETE" else ""
        made.append(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH {each} {when}EXECUTE FUNCTION habeas_append_only()"
        )
    return made


MADE: dict[str, Callable[..., list[str]]] = {"sqlite": _sqlite, "postgresql": _postgresql}
