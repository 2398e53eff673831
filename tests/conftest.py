"""Fixtures that several rooms share, the profile of examples, and which tests are slow."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests import budgets

if TYPE_CHECKING:
    from habeas.config import Database
    from tests.databases import Cluster

budgets.load()
SLOW = ("faults", "stories")  # folders of tests that start programs, or tell a story to its end
# and files that do, or compare for long
LONG = (
    *("cli/test_bad_input.py", "cli/test_commands.py", "cli/test_imports.py", "cli/test_listen.py"),
    *("cli/test_run.py", "policy/test_run.py", "engine/test_real_data.py", "brake/test_promise.py"),
    "tests/test_mutants.py",
)
SPARK = ("test_spark.py", "test_cluster.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make fast` leaves out what is marked here; what takes longest comes first, so that no
    worker is left with it at the end."""
    for item in items:
        given = getattr(getattr(item, "callspec", None), "params", {})
        own = inspect.signature(getattr(item, "function", lambda: None)).parameters
        if given.get("database") == "postgresql" or "postgresql" in own:
            item.add_marker("postgres")
        if item.path.name in SPARK:
            item.add_marker("spark")
        folder = item.path.parent.name
        if folder in SLOW or f"{folder}/{item.path.name}" in LONG:
            item.add_marker("slow")
    items.sort(key=lambda item: [item.get_closest_marker(m) is None for m in ("spark", "slow")])


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    from tests.databases import cluster

    with cluster() as made:
        yield made


@pytest.fixture(scope="session", autouse=True)
def _old_times() -> Iterator[None]:
    """Tests record at times of 1972, 2018 or 2021, and go on with commands of today: the clock is
    right, whatever the records say. Tests of that rule take this away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HABEAS_CLOCK_IS_RIGHT", "1")
        yield


@pytest.fixture(scope="session", autouse=True)
def _tables_from_a_template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A new file of SQLite gets its tables by a copy of one that was migrated."""
    from tests.databases import copied_tables

    with copied_tables(tmp_path_factory.mktemp("template") / "habeas.sqlite3"):
        yield


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
