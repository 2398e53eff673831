"""What it takes for bytes and names to outlive a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def put(file: int, data: bytes, place: int) -> None:
    """Write all of `data` at a place of a file. Raises OSError."""
    left = memoryview(data)
    while left:
        done = os.pwrite(file, left, place)
        left, place = left[done:], place + done


def sync_folder(folder: Path) -> None:
    """Make the names of new and renamed files durable."""
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(file)
    os.close(file)
