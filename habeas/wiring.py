"""Wiring: which database the store speaks to, and whether its tables are the ones of this Habeas.

SQLite's tables are made and brought up to date when they are first used: the file is ours. Those
of PostgreSQL are changed by `habeas migrate` alone, since a server is shared, is backed up first,
and mostly lets another role change tables.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE
from typing import TYPE_CHECKING, Any

from habeas import config
from habeas.config import VARIABLE, Database, Postgresql, Sqlite, database
from habeas.core.errors import Changed, HabeasError, Unavailable
from habeas.ports.clock import now_us
from habeas.ports.files import OTHERS, WORKING, own_file, own_folder
from habeas.ports.folder import Folder

if TYPE_CHECKING:
    from habeas.flows.letter.deliver import PostOffice
    from habeas.flows.letter.notify import Teller
    from habeas.ports.heads import HeadFile
    from habeas.ports.keys import KeyFile, Keys
    from habeas.ports.mail import MailFolder
    from habeas.ports.platform import PlatformVoice
    from habeas.ports.witnesses import Witnesses

BUSY_S = 30  # how long a writer waits for the one before it
LOCK = 0x4A_BEA5  # one migration at a time, of all who use the server
# Full: what was committed outlives a power cut. The cache has 64 MB, and the log of writes is put
# into the file every 32 MB: bulk changes touch pages all over the indexes.
SQLITE_START = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA recursive_triggers=ON; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=8000"
)


def folder() -> Folder:
    """The working folder."""
    return Folder.around(Path.cwd())


def platform() -> PlatformVoice:
    """Who speaks to customers: platform.yaml. Raises NotFound, InvalidInput, InvalidPolicy."""
    from habeas.ports.platform import read_platform

    return read_platform(folder())


def key_file() -> KeyFile:
    """Where a new key of the log is put."""
    return config.key_file(os.environ, folder())


def log_key() -> Keys:
    """The key of the log."""
    return config.log_key(os.environ, folder())


def key_is_given() -> bool:
    """Whether the key comes from the environment, where no command can put another."""
    return bool(os.environ.get(config.LOG_KEY, ""))


def new_key_file(to: Path | None) -> KeyFile:
    """Where a new key goes: the file that was named, else beside the old one."""
    from habeas.ports.keys import KeyFile

    return key_file().next if to is None else KeyFile(to)


def head_file() -> HeadFile:
    """Where the last signed head is kept, out of the database's reach."""
    return config.head_file(os.environ, folder())


def witnesses() -> Witnesses:
    """Who is asked to cosign heads. Raises InvalidInput, InvalidPolicy."""
    from habeas.ports.witnesses import read_witnesses

    return read_witnesses(folder())


def teller() -> Teller:
    """With what notices are made: the voice of the platform, and the key of its codes. Raises
    NotFound, InvalidInput, InvalidPolicy for what the working folder lacks."""
    from habeas.flows.letter import notify
    from habeas.ports.codes import codes

    return notify.teller(folder(), platform(), codes(os.environ, folder()), now_us())


def mail_folder() -> MailFolder:
    """Where letters lie that no server took."""
    from habeas.ports.mail import mail_folder

    return mail_folder(folder())


def post_office() -> PostOffice:
    """With what messages are sent: mailbox, webhook and clock. Raises as `teller`."""
    from habeas.flows.letter.deliver import PostOffice
    from habeas.ports.codes import codes
    from habeas.ports.mail import mailer
    from habeas.ports.webhooks import webhook

    voice, environment = platform(), os.environ
    return PostOffice(
        voice, codes(environment, folder()), mailer(environment, folder()), now_us,
        webhook(environment, voice.webhook),
    )  # fmt: skip


@contextmanager
def here(start: Path | None = None, *, migrating: bool = False) -> Iterator[None]:
    """The store of the working folder, or of the one around `start`, or the one that
    HABEAS_DATABASE names."""
    around = folder() if start is None else Folder.around(start)
    with opened(database(os.environ, around), migrating=migrating):
        from habeas.store.ways import WAY

        WAY.set(f"command line of {_user()}")
        yield


@contextmanager
def recording(start: Path | None = None, *, sealing: bool = False) -> Iterator[None]:
    """The same, for a command that records. Raises Unavailable where the clock cannot be right."""
    from habeas.flows import clock

    with here(start):
        if not _clock_is_right():
            clock.require(now_us(), sealing=sealing)
        yield


@contextmanager
def giving_back() -> Iterator[None]:
    """The same, for a command that gives back, or by which a customer is heard: it goes under any
    clock, and its records say what speaks against this one."""
    from habeas.flows import clock

    with here():
        found = clock.doubted(now_us())
        known = found is not None and found.ahead and _clock_is_right()
        with clock.excepted(None if known else found):
            yield


@contextmanager
def passing() -> Iterator[Unavailable | None]:
    """For what time alone does, within `here`: None where the clock can be right. Where records
    lie ahead of it, the refusal to end with, after all that gives back was done. Raises it where
    the clock is ahead: whatever ends would end too early."""
    from habeas.flows import clock

    found = None if _clock_is_right() else clock.doubted(now_us())
    if found is not None and found.ahead:
        raise clock.refused(found)
    with clock.excepted(found):
        yield None if found is None else clock.refused(found)


def _clock_is_right() -> bool:
    """Whether a person says so, who knows better than the records."""
    from habeas.flows.clock import VARIABLE

    return os.environ.get(VARIABLE, "") == "1"


def _user() -> str:
    """The system's user, by name where it has one."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


@contextmanager
def opened(given: Database, *, migrating: bool = False) -> Iterator[None]:
    """The store on a database, with its tables up to date. Raises Unavailable where it does not
    answer, and Changed where its tables are not those of this Habeas."""
    from django.db import DatabaseError, InterfaceError, OperationalError, connection

    import habeas.store  # noqa: F401 - it makes Django ready

    if isinstance(given, Sqlite):
        _own(given)
    use(given)
    try:
        _check_tables(given, migrating)
        yield
    except (OperationalError, InterfaceError) as error:
        raise _told(given, error) from None
    except DatabaseError as error:
        if type(error) is not DatabaseError:
            raise  # a fault of ours, not of the database: a wrong statement, a broken guard
        raise _told(given, error) from None
    finally:
        connection.close()


def _own(given: Sqlite) -> None:
    """The file is its owner's alone before anything is in it; what SQLite puts beside it (the log
    of writes) gets the mode of the file. Where this cannot be done, SQLite says why."""
    with suppress(OSError):
        if given.path.parent.name == WORKING:
            own_folder(given.path.parent)
        if not given.path.exists():
            own_file(given.path)
        elif (mode := S_IMODE(given.path.stat().st_mode)) & OTHERS:
            given.path.chmod(mode & ~OTHERS)


def use(given: Database) -> None:
    """From now on this process (this thread of it) speaks to this database."""
    from django.db import connections

    made = connections.configure_settings({"default": _settings(given)})
    if "default" in connections.settings:
        connections["default"].close()
        del connections["default"]
    connections.settings = made


def _settings(given: Database) -> Mapping[str, Any]:
    match given:
        case Sqlite(path):
            return {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(path),
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": BUSY_S,
                    "init_command": SQLITE_START,
                },
            }
        case Postgresql():
            return {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": given.name,
                "USER": given.user,
                "PASSWORD": given.password,
                "HOST": given.host,
                "PORT": given.port,
                "OPTIONS": dict(given.options),
            }


def _told(given: Database, error: Exception) -> HabeasError:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else "it does not answer"
    hint = f"see whether the server runs and {VARIABLE} names it"
    if isinstance(given, Sqlite):
        hint = "see whether the disk is full, or another process holds the file"
    return Unavailable(f"{given} cannot be used: {reason}", hint)


def _check_tables(given: Database, migrating: bool) -> None:
    wanted, there = _wanted(), _there()
    if newer := sorted(there - wanted):
        raise Changed(
            f"{given} was made by a newer Habeas ({newer[-1]})", "use that version, or a newer one"
        )
    if there == wanted:
        return
    if isinstance(given, Postgresql) and not migrating:
        missing = sorted(wanted - there)
        raise Changed(f"the tables of {given} lack {missing[0]}", "run `habeas migrate`")
    _migrate(given)


def _wanted() -> set[str]:
    from habeas.store import migrations

    folder = Path(migrations.__path__[0])
    return {p.stem for p in folder.glob("[0-9]*.py")}


def _there() -> set[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        if "django_migrations" not in connection.introspection.table_names(cursor):
            return set()
        cursor.execute("SELECT name FROM django_migrations WHERE app = 'habeas'")
        return {str(name) for (name,) in cursor.fetchall()}


def _migrate(given: Database) -> None:
    from django.core.management import call_command

    with _alone(given):
        call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def _alone(given: Database) -> Iterator[None]:
    """One migration at a time; the lock ends with the process, however that ends."""
    from django.db import connection

    if isinstance(given, Sqlite):
        with Folder(given.path.parent).locked():
            yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
