"""What an owner of the database can do below the guards, for the tests of what shows it."""

from __future__ import annotations

from django.db import connection

from habeas.store import rows

TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
    "postgresql": (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = %s::regclass"
    ),
}


def unguard(table: str) -> None:
    """Drop the guards of a table."""
    on = f" ON {table}" if rows.is_postgresql() else ""
    for (name,) in rows.select(TRIGGERS[connection.vendor], [table]):
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER {name}{on}")


def tamper(table: str, sql: str, *values: object) -> None:
    """Change rows of a table below its guards; `sql` names the table as {table}."""
    unguard(table)
    with connection.cursor() as cursor:
        cursor.execute(sql.format(table=table), values)
        assert cursor.rowcount >= 1, "nothing was changed"
