"""Signed heads of the log that somebody kept, as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from habeas.core.errors import InvalidInput
from habeas.core.log.checkpoint import Note, read_checkpoint, read_note
from habeas.ports.files import existing, unreadable


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
