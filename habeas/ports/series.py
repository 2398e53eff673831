"""Series: counts over time, with the columns `timestamp` and `value`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan
from pathlib import Path

from habeas.core.errors import InvalidInput, nearest
from habeas.core.policy.events import Refusal, instant
from habeas.ports.downloads import at_hand
from habeas.ports.sources import Chunk, chunks

TIME, VALUE = "timestamp", "value"
MOST = 1e15  # a count above it is a mistake, and so is infinity


@dataclass(frozen=True, slots=True)
class Row:
    """`timestamp` is as the file has it; a time or a value that is missing is None."""

    timestamp: str
    time_us: int | None
    value: float | None


def read_series(source: Path | str, what: str = "the series") -> Iterator[Row]:
    """Every row of a CSV, NDJSON or Parquet file, or of an http(s) address that answers with one of
    the first two, in its order. Raises NotFound, Unavailable, or InvalidInput with the line of the
    first row that cannot be used."""
    with at_hand(str(source)) as path:
        for chunk in chunks(path) if path is not None else ():
            if chunk.broken:
                first = chunk.broken[0]
                raise _wrong(source, what, first.line, first.reason)
            if chunk.lines:
                yield from _rows(chunk, source, what)


def _rows(chunk: Chunk, source: Path | str, what: str) -> Iterator[Row]:
    for name in (TIME, VALUE):
        if name not in chunk.columns:
            hint = f"{nearest(name, chunk.columns)}; it needs `{TIME}` and `{VALUE}`"
            raise InvalidInput(f"{what} '{source}' has no column `{name}`", hint)
    columns = zip(chunk.lines, chunk.columns[TIME], chunk.columns[VALUE], strict=True)
    for line, stamp, given in columns:
        try:
            time_us = None if stamp is None else instant(stamp)
            yield Row("" if stamp is None else str(stamp), time_us, _value(given))
        except Refusal as refused:
            raise _wrong(source, what, line, str(refused)) from None


def _value(given: object) -> float | None:
    if given is None:
        return None
    try:
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            raise ValueError
        value = float(given)
    except (ValueError, OverflowError):
        raise Refusal(VALUE, f"{str(given)[:60]!r} is no number") from None
    if isnan(value):
        return None
    if not 0 <= value <= MOST:
        raise Refusal(VALUE, f"{str(given)[:60]!r} is no count: it must be from 0 to {MOST:.0e}")
    return value


def _wrong(source: Path | str, what: str, line: int, reason: str) -> InvalidInput:
    hint = "correct the row, or leave its value empty: an empty one is unknown and scores 0"
    return InvalidInput(f"{what} '{source}', line {line}: {reason}", hint)
