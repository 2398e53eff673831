"""Both databases for the tests of the store: a file of SQLite, and a private PostgreSQL.

The PostgreSQL is a cluster of its own on a socket in a temporary folder, without any network. It
is started by the first test that wants it and stopped with the session; each test has a database
of its own, copied from one with all tables. Where its programs are missing the tests are skipped,
or fail where HABEAS_POSTGRES_NEEDED says that they are needed.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from habeas.config import Database, Postgresql, Sqlite

NEEDED = "HABEAS_POSTGRES_NEEDED"
TEMPLATE = "habeas_template"
# A test that is killed loses its data and nobody misses it.
QUICK = "-c fsync=off -c full_page_writes=off -c listen_addresses= -c max_connections=30"


def programs() -> Path | None:
    """The folder of the newest server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    there = shutil.which("initdb")
    return Path(there).parent if there else None


@dataclass
class Cluster:
    folder: Path
    programs: Path
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def run(self, program: str, *words: str) -> None:
        """As a user that is not root: the server refuses root."""
        command = [str(self.programs / program), *words]
        user = "postgres" if os.getuid() == 0 else None
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, encoding="utf-8", timeout=120,
            check=False, user=user, group=user, extra_groups=() if user else None,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout}{done.stderr}")

    def start(self) -> None:
        data, log = str(self.folder / "data"), str(self.folder / "log")
        self.run("initdb", "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "-N")
        options = f"-k {self.folder} {QUICK}"
        self.run("pg_ctl", "start", "-w", "-D", data, "-l", log, "-o", options)

    def stop(self) -> None:
        self.run("pg_ctl", "stop", "-m", "immediate", "-D", str(self.folder / "data"))

    def database(self, name: str) -> Postgresql:
        return Postgresql(name, "postgres", "", str(self.folder), "", {})

    def create(self, template: str = "template1") -> Postgresql:
        name = f"test_{next(self.numbers)}" if template == TEMPLATE else TEMPLATE
        self.sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.database(name)

    def drop(self, database: Postgresql) -> None:
        self.sql(f"DROP DATABASE {database.name} WITH (FORCE)")

    def sql(self, statement: str) -> None:
        socket = ("-h", str(self.folder), "-U", "postgres", "-d", "postgres")
        self.run("psql", *socket, "-q", "-v", "ON_ERROR_STOP=1", "-c", statement)


@contextmanager
def another_store() -> Iterator[None]:
    """What is done here opens a store of its own; the one that was open is the one again."""
    from django.db import connections

    import habeas.store  # noqa: F401 - it makes Django ready

    before = connections.settings
    try:
        yield
    finally:
        if connections.settings is not before:
            connections["default"].close()
            del connections["default"]
            connections.settings = before


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running cluster, with a template that has all tables."""
    found = programs()
    if found is None:
        assert not os.environ.get(NEEDED), "PostgreSQL is needed here and is not installed"
        pytest.skip("PostgreSQL is not installed: what it does is not tested")
    folder = Path(tempfile.mkdtemp(prefix="habeas_pg_"))  # short: a socket's path has 107 bytes
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    made = Cluster(folder, found)
    try:
        made.start()
        from habeas import wiring

        with wiring.opened(made.create(), migrating=True):
            pass
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


def address(database: Postgresql) -> str:
    """What HABEAS_DATABASE says for it."""
    return f"postgresql://{database.user}@/{database.name}?host={database.host}"


@contextmanager
def copied_tables(template: Path) -> Iterator[None]:
    """While it lasts, a new file of SQLite in this process is a copy of the template, which is
    migrated when it is first wanted. To migrate takes 0.4 s, to copy 0.01."""
    from habeas import wiring

    migrate = wiring._migrate

    def copy(given: Database) -> None:
        if not isinstance(given, Sqlite) or given.path == template or not _is_new(given):
            migrate(given)
            return
        from django.db import connection

        if not template.exists():
            _migrated(template)
        connection.close()
        shutil.copyfile(template, given.path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "_migrate", copy)
        yield


def _is_new(given: Sqlite) -> bool:
    """Nothing was ever written there, by this process or another."""
    beside = given.path.with_name(f"{given.path.name}-wal")
    return given.path.stat().st_size <= 4096 and not (beside.exists() and beside.stat().st_size)


def _migrated(template: Path) -> None:
    """The template, by a process of its own: this one speaks to another database."""
    words = "import sys, pathlib; from habeas import wiring; from habeas.config import Sqlite\n"
    words += "with wiring.opened(Sqlite(pathlib.Path(sys.argv[1]))): pass"
    part = template.with_suffix(".part")
    subprocess.run([sys.executable, "-c", words, str(part)], check=True)
    with sqlite3.connect(part) as inside:
        inside.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    inside.close()
    part.rename(template)
