"""Hand-written SQL: many rows at once in, many rows at once out, the same on both databases.

INSERT by executemany on SQLite and by COPY on PostgreSQL, each about ten times as fast as rows one
by one. Values are given in the order of a model's columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from django.db import connection, models

Row = Sequence[Any]
Table = type[models.Model]
TOGETHER = 500  # names in one question; SQLite's oldest limit is 999


def is_postgresql() -> bool:
    return connection.vendor == "postgresql"


def name(table: Table) -> str:
    return table._meta.db_table


@cache
def columns(table: Table) -> tuple[str, ...]:
    """In their order; one that the database numbers by itself is not given."""
    return tuple(
        field.column
        for field in table._meta.local_concrete_fields
        if field.column and not isinstance(field, models.AutoField | models.BigAutoField)
    )


def insert(table: Table, rows: Sequence[Row]) -> None:
    """Raises IntegrityError where a row is there already; nothing is written then."""
    if not rows:
        return
    listed = ", ".join(f'"{column}"' for column in columns(table))
    with connection.cursor() as cursor:
        if is_postgresql():
            copying = cursor.copy(f"COPY {name(table)} ({listed}) FROM STDIN")
            with connection.wrap_database_errors, copying as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join(["%s"] * len(columns(table)))
        # or fail: the transaction takes back what a statement did (`store/guards` says why)
        into = f"INSERT OR FAIL INTO {name(table)} ({listed})"
        cursor.executemany(f"{into} VALUES ({places})", rows)


def upsert(table: Table, rows: Sequence[Row]) -> None:
    """Insert, or put in the place of the row with the same first column."""
    key, *others = columns(table)
    listed = ", ".join(f'"{column}"' for column in (key, *others))
    places = ", ".join(["%s"] * (1 + len(others)))
    news = ", ".join(f'"{column}" = excluded."{column}"' for column in others)
    execute_many(
        f"INSERT INTO {name(table)} ({listed}) VALUES ({places}) "
        f'ON CONFLICT ("{key}") DO UPDATE SET {news}',
        rows,
    )


def execute_many(sql: str, rows: Sequence[Row]) -> int:
    """How many rows were touched."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)
        return int(cursor.rowcount)


def select(sql: str, values: Row = ()) -> list[tuple[Any, ...]]:
    """All rows that a statement gives, as tuples."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def select_in(sql: str, names: Sequence[str | int]) -> Iterator[tuple[Any, ...]]:
    """The rows of a question with `IN ({names})` in it, for any number of names or numbers."""
    for i in range(0, len(names), TOGETHER):
        some = names[i : i + TOGETHER]
        yield from select(sql.format(names=", ".join(["%s"] * len(some))), some)
