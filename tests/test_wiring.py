"""Where the database is, and whether its tables are those of this Habeas."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from habeas import wiring
from habeas.config import Postgresql, Sqlite, database
from habeas.core.errors import Changed, InvalidInput, NotFound, Unavailable
from habeas.ports.folder import Folder
from tests.databases import Cluster

FOLDER = Folder(Path("/nowhere/.habeas"))


def named(address: str) -> Postgresql:
    found = database({"HABEAS_DATABASE": address}, FOLDER)
    assert isinstance(found, Postgresql)
    return found


def test_the_default_is_a_file_of_the_working_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path / ".habeas")
    with pytest.raises(NotFound, match="there is no working folder here"):
        database({}, folder)
    folder.prepare()
    assert database({}, folder) == Sqlite(tmp_path / ".habeas" / "habeas.sqlite3")


def test_the_parts_of_an_address() -> None:
    found = named("postgresql://fay:s%40fe@db.example:5433/habeas?sslmode=require")
    assert found == Postgresql(
        "habeas", "fay", "s@fe", "db.example", "5433", {"sslmode": "require"}
    )
    assert "s@fe" not in str(found)
    assert named("postgres:///habeas?host=/run/postgresql").host == "/run/postgresql"


@pytest.mark.parametrize(
    "address", ["mysql://here/habeas", "postgresql://here", "postgresql://here:x/habeas", "habeas"]
)
def test_an_address_that_names_no_database(address: str) -> None:
    with pytest.raises(InvalidInput, match="HABEAS_DATABASE") as caught:
        named(address)
    assert "postgresql://" in caught.value.hint


def test_a_file_is_durable_and_is_made_once(tmp_path: Path) -> None:
    given = Sqlite(tmp_path / "habeas.sqlite3")
    for _ in range(2):
        with wiring.opened(given):
            from habeas.store.rows import select

            pragmas = {n: select(f"PRAGMA {n}")[0][0] for n in ("journal_mode", "synchronous")}
            assert pragmas == {"journal_mode": "wal", "synchronous": 2}
    inside = sqlite3.connect(given.path)
    made = inside.execute("SELECT name FROM django_migrations WHERE app = 'habeas'").fetchall()
    inside.close()
    assert made == [("0001_initial",)]


OPEN = """
import sys
from pathlib import Path
from habeas import wiring
from habeas.config import Sqlite
sys.stdin.readline()
with wiring.opened(Sqlite(Path(sys.argv[1]))):
    print("open")
"""


def test_several_who_open_a_new_file_at_once_make_it_once(tmp_path: Path) -> None:
    words = [sys.executable, "-c", OPEN, str(tmp_path / "habeas.sqlite3")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [subprocess.Popen(words, encoding="utf-8", **pipes) for _ in range(3)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60) for process in processes]
    assert said == [("open\n", "")] * 3


def test_a_database_of_a_newer_habeas_is_left_alone(tmp_path: Path) -> None:
    given = Sqlite(tmp_path / "habeas.sqlite3")
    with wiring.opened(given):
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO django_migrations (app, name, applied) "
                "VALUES ('habeas', '0999_later', '2026-01-01')"
            )
    with pytest.raises(Changed, match="newer Habeas"), wiring.opened(given):
        pass


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    given = Sqlite(tmp_path / "habeas.sqlite3")
    given.path.write_bytes(b"no database" * 1000)
    with pytest.raises(Unavailable, match="file is not a database"), wiring.opened(given):
        pass


def test_tables_of_postgresql_are_made_when_a_person_says_so(postgresql: Cluster) -> None:
    postgresql.sql("CREATE DATABASE bare")
    given = postgresql.database("bare")
    with (
        pytest.raises(Changed, match="lack 0001_initial") as caught,
        wiring.opened(given),
    ):
        pass
    assert caught.value.hint == "run `habeas migrate`"
    with wiring.opened(given, migrating=True):
        pass
    with wiring.opened(given):
        pass
    postgresql.drop(given)


def test_a_server_that_does_not_answer(tmp_path: Path) -> None:
    given = Postgresql("habeas", "postgres", "", str(tmp_path), "", {})
    said = pytest.raises(Unavailable, match=r"the database 'habeas' at .* cannot be used")
    with said, wiring.opened(given):
        pass
