"""Fixtures that several rooms share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from habeas.config import Database
    from tests.databases import Cluster


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    from tests.databases import cluster

    with cluster() as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty store, once in each of the two databases; nothing is connected to it yet."""
    if request.param == "sqlite":
        from habeas.config import Sqlite

        (tmp_path / ".habeas").mkdir()
        yield Sqlite(tmp_path / ".habeas" / "habeas.sqlite3")
        return
    from tests.databases import TEMPLATE

    running: Cluster = request.getfixturevalue("postgresql")
    made = running.create(TEMPLATE)
    yield made
    running.drop(made)


@pytest.fixture
def store(database: Database) -> Iterator[Database]:
    """The same, and this process is connected to it."""
    from habeas import wiring

    with wiring.opened(database):
        yield database
