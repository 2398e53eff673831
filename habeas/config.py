"""Where things are, from the environment and the working folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from habeas.core.errors import InvalidInput, NotFound
from habeas.ports.folder import Folder

if TYPE_CHECKING:
    from habeas.ports.heads import HeadFile
    from habeas.ports.keys import KeyFile, Keys

VARIABLE = "HABEAS_DATABASE"
EXAMPLE = "write for example postgresql://habeas@localhost:5432/habeas"
FILE = "habeas.sqlite3"
LOG_KEY, LOG_KEY_FILE = "HABEAS_LOG_KEY", "HABEAS_LOG_KEY_FILE"
KEY_FILE, HEAD_FILE = "log.key", "log.head"


@dataclass(frozen=True, slots=True)
class Sqlite:
    """A file that is made where it is missing."""

    path: Path

    def __str__(self) -> str:
        return f"'{self.path}'"


@dataclass(frozen=True, slots=True)
class Postgresql:
    """A database on a server; `options` are those of libpq, such as sslmode."""

    name: str
    user: str
    password: str
    host: str
    port: str
    options: Mapping[str, str]

    def __str__(self) -> str:
        """Without the password."""
        return f"the database '{self.name}' at '{self.host or 'the local socket'}'"


Database = Sqlite | Postgresql


def database(environment: Mapping[str, str], folder: Folder) -> Database:
    """PostgreSQL where HABEAS_DATABASE says so, else a file in the working folder. Raises
    InvalidInput, and NotFound where there is no working folder."""
    address = environment.get(VARIABLE, "")
    if address:
        return _named(address)
    if not folder.root.is_dir():
        raise NotFound(
            "there is no working folder here",
            "go where `habeas plan` was run, or run it here first",
        )
    return Sqlite(folder.root / FILE)


def _named(address: str) -> Postgresql:
    try:
        parts = urlsplit(address)
        port = str(parts.port or "")
    except ValueError:
        raise InvalidInput(f"{VARIABLE} has no port that is a number", EXAMPLE) from None
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise InvalidInput(f"{VARIABLE} does not name a PostgreSQL database", EXAMPLE)
    return _postgresql(parts, port)


def _postgresql(parts: SplitResult, port: str) -> Postgresql:
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return Postgresql(
        name=unquote(parts.path.strip("/")),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        host=host,
        port=options.pop("port", "") or port,
        options=options,
    )


def key_file(environment: Mapping[str, str], folder: Folder) -> KeyFile:
    """The file that HABEAS_LOG_KEY_FILE names, else the one of the working folder."""
    from habeas.ports.keys import KeyFile

    named = environment.get(LOG_KEY_FILE, "")
    return KeyFile(Path(named) if named else folder.root / "keys" / KEY_FILE)


def log_key(environment: Mapping[str, str], folder: Folder) -> Keys:
    """The key of the log: the text in HABEAS_LOG_KEY, else a file."""
    from habeas.ports.keys import GivenKey

    given = environment.get(LOG_KEY, "")
    return GivenKey(LOG_KEY, given) if given else key_file(environment, folder)


def head_file(environment: Mapping[str, str], folder: Folder) -> HeadFile:
    """Where the last signed head is kept: beside the key's file, else in the working folder."""
    from habeas.ports.heads import HeadFile

    if environment.get(LOG_KEY, ""):
        return HeadFile(folder.root / HEAD_FILE)
    path = key_file(environment, folder).path
    return HeadFile(path.with_name(f"{path.name}.head"))
