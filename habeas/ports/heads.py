"""Signed heads of the log that somebody kept, as files: an auditor's, and our own beside the key.

Our own is what tells an older copy of the database from the one that was sealed last: the database
alone cannot, and whoever changes it does not reach this file as well.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from habeas.core.errors import InvalidInput, Unwritable
from habeas.core.log.checkpoint import Note, read_checkpoint, read_note
from habeas.engine.durable import sync_folder
from habeas.ports.files import existing, own_folder, unreadable, written


@dataclass(frozen=True, slots=True)
class KeptHead:
    """A note that reads as a checkpoint, and where it was kept. Nothing of it is verified yet."""

    where: str
    note: Note


def read_head(path: Path) -> KeptHead:
    """The head in a file, as `habeas checkpoint` prints it. Raises NotFound, InvalidInput."""
    try:
        note = read_note(existing(path, "the head").read_bytes())
        read_checkpoint(note.text)
    except OSError as error:
        raise unreadable(path, "the head", error) from None
    except InvalidInput as error:
        hint = "give what `habeas checkpoint` printed"
        raise InvalidInput(f"'{path}' is no head of a log: {error.message}", hint) from None
    return KeptHead(str(path), note)


@dataclass(frozen=True, slots=True)
class HeadFile:
    """The last head that was signed here, mode 600. It only ever goes up."""

    path: Path

    def read(self) -> KeptHead | None:
        """None where none was kept yet. Raises InvalidInput where the file is no head."""
        return read_head(self.path) if self.path.exists() else None

    def keep(self, note: Note) -> None:
        """Put `note` in the place of a smaller head; another process may have kept a larger one.
        All of it is on the disk when this returns. Raises Unwritable, InvalidInput."""
        size = read_checkpoint(note.text).size
        with self._alone():
            before = self.read()
            if before is not None and read_checkpoint(before.note.text).size >= size:
                return
            with written(self.path, secret=True) as part:
                part.write_bytes(str(note).encode())
            # The rename itself must outlive a power cut, or the head could go back.
            sync_folder(self.path.parent)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One that keeps at a time: the folder is the lock, which ends with the process."""
        try:
            own_folder(self.path.parent)
            folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            hint = "check that you may write there; what was sealed is sealed, seal again"
            message = f"the head '{self.path}' cannot be kept: {error.strerror}"
            raise Unwritable(message, hint) from None
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)
