"""`habeas migrate`."""

from __future__ import annotations

from habeas import wiring
from habeas.cli import show
from habeas.cli.options import Json


def migrate(json: Json = False) -> None:
    """Bring the tables of the database up to date. A file of SQLite is brought up to date by
    itself; for PostgreSQL, make a copy first and run this once for each new version."""
    with wiring.here(migrating=True):
        pass
    show.answer({"migrated": True}, json, "the tables are up to date")
