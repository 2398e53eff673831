"""Files: read with clear errors, written whole or not at all.

What lies in the working folder is its owner's alone, whatever the umask: folders have mode 700,
files 600. Elsewhere a file is as open as the umask says, unless it is a secret."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from habeas.core.errors import InvalidInput, NotFound, Unwritable
from habeas.engine.durable import put, sync_folder

WORKING = ".habeas"  # the name of the working folder
OWN_FOLDER, OWN_FILE = 0o700, 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def existing(path: Path, what: str) -> Path:
    """`path`, if it is a file. Raises NotFound or InvalidInput."""
    try:
        there = path.exists()
    except OSError:  # for example a name that is too long
        there = False
    if not there:
        raise NotFound(f"{what} '{path}' does not exist", "check the path")
    if not path.is_file():
        raise InvalidInput(f"{what} '{path}' is not a file", "name a file")
    return path


def read_text(path: Path, what: str) -> str:
    """UTF-8 text, with or without a mark. Raises NotFound, and InvalidInput with the line."""
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
    """The error where the system does not let a file be read."""
    return InvalidInput(f"{what} '{path}' cannot be read: {error.strerror or error}", "check it")


def apart(out: Path, others: Iterable[Path | None]) -> None:
    """Refuse to write `out` over one of `others`. Raises InvalidInput."""
    for other in others:
        if other is not None and os.path.realpath(out) == os.path.realpath(other):
            message = f"'{out}' would be written over '{other}'"
            raise InvalidInput(message, "give each output a name of its own")


def read_secret(path: Path, what: str) -> str:
    """The text of a file that its owner alone reads. Raises as `read_text`, and InvalidInput where
    others may read it: whoever did can sign or enter for ever."""
    text = read_text(path, what)
    if stat.S_IMODE(path.stat().st_mode) & ~OWN_FILE:
        raise InvalidInput(f"others can read {what} '{path}'", f"run `chmod 600 {path}`")
    return text


def own_folder(path: Path) -> None:
    """Make a folder, and make what is of the working folder its owner's alone. Raises OSError."""
    whole = path.absolute()
    inside = WORKING in whole.parts
    if not inside:
        path.mkdir(parents=True, exist_ok=True, mode=OWN_FOLDER)
        return
    from_root = whole.parts.index(WORKING)
    for length in range(from_root + 1, len(whole.parts) + 1):
        folder = Path(*whole.parts[:length])
        folder.mkdir(parents=True, exist_ok=True, mode=OWN_FOLDER)
        if stat.S_IMODE(folder.stat().st_mode) != OWN_FOLDER:
            folder.chmod(OWN_FOLDER)


def own_file(path: Path) -> None:
    """Make an empty file that is its owner's alone. Raises OSError, also where there is one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWN_FILE)
    try:
        os.fchmod(handle, OWN_FILE)  # an umask may have taken from the owner as well
    finally:
        os.close(handle)


@contextmanager
def written(path: Path, *, secret: bool = False) -> Iterator[Path]:
    """A path to write to that becomes `path` when the block ends well. In the working folder, and
    where it is `secret`, it is there already, empty, and its owner's alone.

    A crash inside the block leaves at most a `.part` file beside an untouched `path`.
    """
    if not path.name:
        raise Unwritable(f"'{path}' cannot be written: it is a folder", "name a file")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if secret or WORKING in path.absolute().parts:
            part.unlink(missing_ok=True)  # of a crash, perhaps with another mode
            own_file(part)
        yield part
        with part.open("rb") as done:
            os.fsync(done.fileno())
        part.replace(path)
    except OSError as error:
        reason = str(error.strerror or error).rsplit("] ", 1)[-1]  # Arrow says more than we ask
        raise Unwritable(
            f"'{path}' cannot be written: {reason}",
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
    """The file whole or not at all. Raises Unwritable."""
    with written(path) as part:
        part.write_bytes(text.encode())


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hex digits."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


class Lines:
    """A file that only grows, line by line. `size` bytes of it count; what a crash left behind
    them is cut. Raises InvalidInput where there are fewer, Unwritable."""

    def __init__(self, path: Path, size: int, what: str) -> None:
        self.path, self.size = path, size
        there = path.stat().st_size if path.exists() else 0
        if there < size:
            has = f"has {there:,} bytes" if path.exists() else "is missing"
            raise InvalidInput(
                f"{what} '{path}' {has}, and {size:,} were written",
                "restore it from a copy; nothing was changed",
            )
        try:
            self.file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
            os.ftruncate(self.file, size)
            if not size:
                sync_folder(path.parent)
        except OSError as error:
            raise self._unwritable(error) from None

    def append(self, lines: Iterable[str]) -> None:
        """Durable when it returns; where the disk is full, the file is as it was."""
        data = "".join(f"{line}\n" for line in lines).encode()
        if not data:
            return
        try:
            put(self.file, data, self.size)
            os.fdatasync(self.file)
        except OSError as error:
            with suppress(OSError):  # else the next start cuts it
                os.ftruncate(self.file, self.size)
            raise self._unwritable(error) from None
        self.size += len(data)

    def _unwritable(self, error: OSError) -> Unwritable:
        return Unwritable(
            f"'{self.path}' cannot be written: {error.strerror or error}",
            "check that you may write there, and the free space",
        )

    def close(self) -> None:
        os.close(self.file)
