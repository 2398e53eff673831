"""Files: read with clear errors, written whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from habeas.core.errors import InvalidInput, NotFound, Unwritable


def existing(path: Path, what: str) -> Path:
    """`path`, if it is a readable file. Raises NotFound or InvalidInput."""
    if not path.exists():
        raise NotFound(f"{what} '{path}' does not exist", "check the path")
    if not path.is_file():
        raise InvalidInput(f"{what} '{path}' is not a file", "name a file")
    return path


def read_text(path: Path, what: str) -> str:
    try:
        return existing(path, what).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InvalidInput(
            f"{what} '{path}' is not UTF-8 text (line {line})", "save it as UTF-8"
        ) from None
    except OSError as error:
        raise unreadable(path, what, error) from None


def unreadable(path: Path, what: str, error: OSError) -> InvalidInput:
    return InvalidInput(f"{what} '{path}' cannot be read: {error.strerror}", "check its rights")


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A path to write to that becomes `path` when the block ends well.

    A crash inside the block leaves at most a `.part` file beside an untouched `path`.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb") as done:
            os.fsync(done.fileno())
        part.replace(path)
    except OSError as error:
        raise Unwritable(
            f"'{path}' cannot be written: {error.strerror or error}",
            "check that the folder exists, that you may write there, and the free space",
        ) from None
    finally:
        _discard(part)


def _discard(part: Path) -> None:
    try:
        part.unlink(missing_ok=True)
    except OSError:
        return  # the folder itself is gone or closed; the error above says so


def write_text(path: Path, text: str) -> None:
    with written(path) as part:
        part.write_text(text, encoding="utf-8")


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hex digits."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
