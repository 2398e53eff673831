"""By hand, with SQL: for the tests of what shows it."""

from __future__ import annotations

from django.db import connection

from habeas.flows.audit.verify import verify
from habeas.store import guards, rows
from tests.core.appeal.casework import DAY, NOW
from tests.store.sealing import LOG
from tests.store.tampering import tamper

FORCE_US = NOW + 14 * DAY


def named(check: str | None = None) -> list[str]:
    """What verify says is wrong, in one check or in all."""
    found = verify(LOG.verifier).checks
    return [p for c in found if check in (None, c.name) for p in c.problems]


def says(words: str, check: str | None = None) -> None:
    found = named(check)
    assert any(words in problem for problem in found), found


def at_once(table: str, sql: str, *values: object) -> None:
    """Changed below the guards, which are put back as they were, and are not what is named."""
    made = guards.guards(connection.vendor, _model(table), guards.ERASABLE.get(_model(table)))
    tamper(table, sql, *values)
    with connection.cursor() as cursor:
        for statement in made:
            cursor.execute(statement)


def guarded(table: str) -> bool:
    return any(rows.name(m) == table for m in (*guards.APPEND_ONLY, *guards.ERASABLE))


def _model(table: str) -> rows.Table:
    every = (*guards.APPEND_ONLY, *guards.ERASABLE)
    return next(m for m in every if rows.name(m) == table)
