"""Append-only in the database itself (law 5): UPDATE, DELETE and TRUNCATE fail, whoever asks.

SQLite has no TRUNCATE; its INSERT OR REPLACE deletes without asking a DELETE trigger, so a row
with a key that is there is refused as well. Who may drop a trigger or a table can still do it:
the Merkle log is what shows that to others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import models

FUNCTION = """
CREATE FUNCTION habeas_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused (law 5)', TG_TABLE_NAME, TG_OP;
END $$
"""
ROTATIONS = "CREATE INDEX leaf_rotation ON habeas_leaf (number) WHERE kind = 'key_rotation'"
MESSAGE = "{table} is append-only: {verb} is refused (law 5)"


def prepared(vendor: str) -> list[str]:
    """What the guards and the numbers of leaves stand on, and by what a seal finds the few leaves
    that tell which key signs."""
    own = [FUNCTION, "CREATE SEQUENCE habeas_leaf_number"] if vendor == "postgresql" else []
    return [*own, ROTATIONS]


def guards(vendor: str, model: type[models.Model], erasable: str | None = None) -> list[str]:
    """The statements that make the guards of a table. Rows of an `erasable` one can be deleted:
    those of which this column is true, or all where it is empty."""
    verbs = ["UPDATE"] if erasable == "" else ["UPDATE", "DELETE"]
    return MADE[vendor](model._meta.db_table, _keys(model), verbs, erasable or "")


def _keys(model: type[models.Model]) -> list[list[str]]:
    """The sets of columns of which no two rows have the same values."""
    whole = [[f.attname for f in model._meta.pk_fields]]
    alone = [[f.attname] for f in model._meta.local_fields if f.unique and not f.primary_key]
    several = (c.fields for c in model._meta.constraints if isinstance(c, models.UniqueConstraint))
    return [*whole, *map(list, several), *alone]


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
