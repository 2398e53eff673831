"""Snapshots: what a process remembers, in one file, so that a restart does not read all history.

HABEASSN, then the bytes of a JSON text (u32) and its CRC-32 (u32), the text, and the arrays,
each from a multiple of 64 on. The text says what it was taken of, and of each array the name,
type, shape, place and CRC-32. All numbers are little-endian.
"""

from __future__ import annotations

import json
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from habeas.engine.columns import Array

MAGIC = b"HABEASSN"
HEAD = struct.Struct("<8sII")
PAGE = 64
PIECE = 8 << 20  # bytes


def write_snapshot(path: Path, meta: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Durable under its name, or not there at all. Raises OSError."""
    place, listed = 0, []
    flat = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    for name, array in flat.items():
        crc = zlib.crc32(_bytes(array))
        listed.append([name, array.dtype.str, array.shape, place, crc])
        place += array.nbytes + -array.nbytes % PAGE
    text = json.dumps({"meta": meta, "arrays": listed}).encode()
    text += b" " * (-(HEAD.size + len(text)) % PAGE)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(HEAD.pack(MAGIC, len(text), zlib.crc32(text)) + text)
            for array in flat.values():
                _write(file, _bytes(array))
                file.write(bytes(-array.nbytes % PAGE))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)  # it must not keep the log from its room
        raise


def _write(file: BinaryIO, data: memoryview) -> None:
    """A piece at a time, each out of the system's cache when it is on the disk: what is written
    takes no memory from those who need it, and costs a third of the time."""
    for start in range(0, len(data), PIECE):
        file.write(data[start : start + PIECE])
        if len(data) - start > PIECE:
            os.fdatasync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read_meta(path: Path) -> dict[str, Any] | None:
    """What a snapshot was taken of; None where there is none that is whole so far."""
    found = _head(path)
    return found[0]["meta"] if found else None


def read_snapshot(path: Path) -> dict[str, Array] | None:
    """The arrays of a snapshot; None where there is none, or it is damaged anywhere: then what it
    would have said is read from the log."""
    found = _head(path)
    if found is None:
        return None
    text, start = found
    arrays = {}
    with path.open("rb") as file:
        for name, dtype, shape, place, crc in text["arrays"]:
            array = np.empty(shape, dtype=dtype)
            file.seek(start + place)
            if file.readinto(_bytes(array)) != array.nbytes or zlib.crc32(_bytes(array)) != crc:
                return None
            arrays[name] = array
    return arrays


def _head(path: Path) -> tuple[dict[str, Any], int] | None:
    try:
        with path.open("rb") as file:
            head = file.read(HEAD.size)
            if len(head) < HEAD.size:
                return None
            magic, size, crc = HEAD.unpack(head)
            text = file.read(size)
    except FileNotFoundError:
        return None
    if magic != MAGIC or zlib.crc32(text) != crc:
        return None
    return json.loads(text), HEAD.size + size


def _bytes(array: Array) -> memoryview:
    """The memory of an array; it can be read into."""
    return array.reshape(-1).view(np.uint8).data if array.size else memoryview(bytearray())
