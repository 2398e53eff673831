"""Feeds: sources of raw records that are followed, each record taken exactly once.

Where a feed stands is a position, {key: place} as JSON. A key is the real path of a file; what a
place holds is said where its kind is read. Standard input has the key `-` and counts the lines of
this run only: it cannot be resumed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from habeas.core.errors import InvalidInput, NotFound
from habeas.core.policy import Schema
from habeas.ports.arrivals import Arrivals, EventIntake
from habeas.ports.files import unreadable
from habeas.ports.following import RENAMED, LineFile, Pipe, ReadingPlan, RowFile
from habeas.ports.sources import NDJSON

STDIN, STDIN_FD = "-", 0
PARQUET = ".parquet"
# Records that would be passed over in silence, were such files left aside as a README is
UNFOLLOWED = (".csv", ".tsv", ".gz", ".zst", ".bz2", ".xz", ".zip", ".avro", ".orc")
IMPORT = "it needs a mapping: make Parquet of it with `habeas import`, and follow that"


def feed(
    source: str | Path,
    schema: Schema,
    position: Mapping[str, Any],
    now_us: Callable[[], int],
    *,
    size: int = 5000,
    follow: bool = True,
    poll_s: float = 0.2,
    patience_s: float = 10.0,
) -> Iterator[Arrivals | None]:
    """The records of an NDJSON or Parquet file, of a folder of them, or of standard input (`-`).

    `position` is what the positions of earlier Arrivals add up to (dict.update). Yields up to
    `size` records as soon as there are any, and None, after `poll_s` seconds, while there are
    none. A folder's files are read in the order of their names, each to its end; those that are
    hidden, of other kinds (`.part`, `.tmp`) or in folders within are left aside, and under a new
    name a file is a new one. Ends at the end of standard input, or where all is read and `follow`
    is off. While following, a last line waits for its line feed, and a Parquet file that is not
    whole for as long as it grows, and then for `patience_s` seconds.

    Raises InvalidInput or NotFound: at once where the source cannot be followed at all, later
    where a file was cut, replaced or damaged, since nothing may be skipped or read twice.
    """
    reading = ReadingPlan(EventIntake(schema), now_us, size, follow, patience_s)
    if str(source) == STDIN:
        return Pipe(STDIN_FD, STDIN, reading, poll_s).arrivals()
    return _followed(_Folder(Path(source), position, reading), poll_s)


def _followed(folder: _Folder, poll_s: float) -> Iterator[Arrivals | None]:
    found = True
    while found or folder.reading.follow:
        found = False
        for arrivals in folder.passed():
            found = True
            yield arrivals
        if not found and folder.reading.follow:
            time.sleep(poll_s)
            yield None


class _Folder:
    """The files of a source: those of a folder, or the one that was named."""

    def __init__(self, path: Path, position: Mapping[str, Any], reading: ReadingPlan) -> None:
        self.path, self.position, self.reading = path, position, reading
        self.files: dict[Path, LineFile | RowFile] = {}
        self.alone = not _is_folder(path)
        if self.alone:
            _check_kind(path)
        if not self._found() and not reading.follow:
            message = f"the folder '{path}' has no .ndjson, .jsonl, .json or .parquet file"
            raise InvalidInput(message, "check the path")

    def passed(self) -> Iterator[Arrivals]:
        """One look at every file, and what is new in each."""
        for file in self._found():
            for taken, place in file.passed():
                behind = sum(other.behind for other in self.files.values())
                new = {file.key: place}
                yield Arrivals(taken.events, taken.refused, taken.read, new, behind)
            if file.unready:  # what comes after it waits, since the order is that of the names
                return

    def _found(self) -> list[LineFile | RowFile]:
        """The files there are now, in the order of their names, each looked at anew."""
        paths = [self.path] if self.alone else _listed(self.path)
        if self.alone and not self.path.exists():
            raise NotFound(f"the source '{self.path}' is no longer there", RENAMED)
        for path in self.files.keys() - set(paths):
            self.files[path].gone()  # and its place is kept, since it may come back
        for path in paths:
            if path not in self.files:
                kind = RowFile if path.suffix.lower() == PARQUET else LineFile
                self.files[path] = kind(path, self.position, self.reading)
            self.files[path].refresh()
        return [self.files[path] for path in paths]


def _is_folder(path: Path) -> bool:
    try:
        path.stat()
    except FileNotFoundError:
        raise NotFound(f"the source '{path}' does not exist", "check the path") from None
    except OSError as error:
        raise unreadable(path, "the source", error) from None
    return path.is_dir()


def _check_kind(path: Path) -> None:
    suffix = path.suffix.lower()
    if not path.is_file():
        hint = f"send it to standard input: `habeas run --events - < {path}`"
        raise InvalidInput(f"the source '{path}' is neither a file nor a folder", hint)
    if suffix not in (*NDJSON, PARQUET):
        raise _unfollowed(path)


def _unfollowed(path: Path) -> InvalidInput:
    hint = IMPORT if path.suffix.lower() == ".csv" else "name it .ndjson, .jsonl or .parquet"
    if path.suffix.lower() in UNFOLLOWED[1:]:
        hint = "unpack it, or make Parquet of it, and follow that"
    return InvalidInput(f"'{path}' is of a kind that cannot be followed", hint)


def _listed(folder: Path) -> list[Path]:
    """The files to follow. Raises InvalidInput where one holds records in a form that cannot be."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.is_file())
    except OSError as error:
        raise unreadable(folder, "the folder", error) from None
    paths = [folder / name for name in names if not name.startswith(".")]
    for path in paths:
        if path.suffix.lower() in UNFOLLOWED:
            raise _unfollowed(path)
    return [path for path in paths if path.suffix.lower() in (*NDJSON, PARQUET)]
