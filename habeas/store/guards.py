"""Append-only in the database itself (law 5): UPDATE, DELETE and TRUNCATE fail, whoever asks.

SQLite has no TRUNCATE; its INSERT OR REPLACE deletes without asking a DELETE trigger, so a row
with a key that is there is refused as well. Who may drop a trigger or a table can still do it:
the Merkle log is what shows that to others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from django.db import connection
from django.db.models import UniqueConstraint

from habeas.store import models, rows

APPEND_ONLY: tuple[rows.Table, ...] = (
    models.Leaf, models.LeafPlace, models.TreeNode, models.Checkpoint, models.Cosignature,
    models.Commit, models.PolicyText, models.Finding, models.Passed, models.Decision,
    models.DecisionMove, models.Exemption, models.Inventory, models.Settlement,
    models.LedgerEntry, models.LedgerPosting, models.Notice, models.MessageMove, models.StaffMove,
    models.ApplyMove, models.Appeal, models.AppealFile, models.AppealMove, models.Relief,
    models.ReliefMove,
    models.BrakeMove, models.FeedCount, models.FeedMove,
)  # fmt: skip
ERASABLE: dict[rows.Table, str] = {models.LeafText: "personal", models.Attachment: ""}
SAID = """
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused (law 5)', TG_TABLE_NAME, TG_OP;
END """
FUNCTION = f"CREATE FUNCTION habeas_append_only() RETURNS trigger LANGUAGE plpgsql AS $${SAID}$$"
ROTATIONS = "CREATE INDEX leaf_rotation ON habeas_leaf (number) WHERE kind = 'key_rotation'"
MESSAGE = "{table} is append-only: {verb} is refused (law 5)"


def prepared(vendor: str) -> list[str]:
    """What the guards and the numbers of leaves stand on, and by what a seal finds the few leaves
    that tell which key signs."""
    own = [FUNCTION, "CREATE SEQUENCE habeas_leaf_number"] if vendor == "postgresql" else []
    return [*own, ROTATIONS]


def guards(vendor: str, model: rows.Table, erasable: str | None = None) -> list[str]:
    """The statements that make the guards of a table. Rows of an `erasable` one can be deleted:
    those of which this column is true, or all where it is empty."""
    verbs = ["UPDATE"] if erasable == "" else ["UPDATE", "DELETE"]
    return MADE[vendor](model._meta.db_table, guarded_keys(model), verbs, erasable or "")


def guarded_keys(model: rows.Table) -> list[list[str]]:
    """The sets of columns of which no two rows have the same values."""
    whole = [[f.attname for f in model._meta.pk_fields]]
    alone = [[f.attname] for f in model._meta.local_fields if f.unique and not f.primary_key]
    several = (c.fields for c in model._meta.constraints if isinstance(c, UniqueConstraint))
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


# What is there, as the database tells it; `habeas verify` compares (law 5)

TRIGGERS = (
    "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'habeas_%%'"
)
ENABLED = (
    "SELECT t.tgname, pg_get_triggerdef(t.oid), t.tgenabled FROM pg_trigger t "
    "JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relname LIKE 'habeas_%%'"
)
SOURCE = "SELECT prosrc FROM pg_proc WHERE proname = 'habeas_append_only'"
ORIGIN = "O"  # pg_trigger.tgenabled: in the modes `origin` and `local`, as triggers are made
NAMED = re.compile(r"CREATE TRIGGER (\w+) ")


def unguarded() -> Iterator[str]:
    """Guards that are gone, or do not do what they were made for."""
    kept = dict.fromkeys(APPEND_ONLY) | ERASABLE
    made = [
        s for model, erasable in kept.items() for s in guards(connection.vendor, model, erasable)
    ]
    wanted = {match[1]: text for text in made if (match := NAMED.match(text))}
    there = _there_postgresql() if rows.is_postgresql() else dict(rows.select(TRIGGERS))
    for name, text in wanted.items():
        table = name.partition("_no_")[0]
        if name not in there:
            yield f"{table}: the guard {name} is gone"
        elif _plain(there[name]) != _plain(text):
            yield f"{table}: the guard {name} is another than was made, or is switched off"
    if rows.is_postgresql() and _plain(SAID) not in map(_plain, _sources()):
        yield "habeas_append_only: the function of the guards is another than was made"


def _there_postgresql() -> dict[str, str]:
    found = rows.select(ENABLED)
    return {n: text if enabled == ORIGIN else f"off: {text}" for n, text, enabled in found}


def _sources() -> list[str]:
    return [source for (source,) in rows.select(SOURCE)]


def _plain(sql: str) -> str:
    """As both tell it: one space, no schema and no quotes that a name does not need."""
    return re.sub(r"[\s()]+", " ", sql.replace("public.", "").replace('"', "")).strip().lower()
