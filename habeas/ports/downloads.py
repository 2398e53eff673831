"""Addresses: what an http(s) address answers, CSV or NDJSON, as a file at hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from habeas.core.errors import InvalidInput, Unavailable

PATIENCE_S = 30.0  # for the next bytes
LONGEST_S = 300.0  # for all of them
LARGEST = 2**30  # bytes of an answer
ACCEPTED = "application/x-ndjson, text/csv"
CHUNK = 1 << 20


def is_address(source: str) -> bool:
    return source.lower().startswith(("http://", "https://"))


@contextmanager
def at_hand(source: str) -> Iterator[Path | None]:
    """The file that a source is, or a copy of what its address answers while the block lasts;
    None where it answers with nothing. Raises Unavailable, InvalidInput."""
    if not is_address(source):
        yield Path(source)
        return
    with TemporaryDirectory(prefix="habeas-answer-") as folder:
        path = _fetched(source, Path(folder))
        yield path if path.stat().st_size else None


def _fetched(url: str, folder: Path) -> Path:
    """The whole answer as a file: a connection that breaks leaves nothing half counted."""
    try:
        request = Request(url, headers={"Accept": ACCEPTED})  # noqa: S310 - the scheme is checked
        with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            path = folder / f"answer{_suffix(url, answer.headers.get_content_type())}"
            with path.open("wb") as out:
                _copy(answer, out, url)
            return path
    except HTTPError as error:
        reason = f"answers {error.code} {error.reason}"
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = f"does not answer: {getattr(error, 'reason', error)}"
    raise Unavailable(f"'{url}' {reason}", "check the address, and try again")


def _copy(answer: Any, out: IO[bytes], url: str) -> None:
    size, until = 0, time.monotonic() + LONGEST_S
    while piece := answer.read1(CHUNK):
        size += len(piece)
        if time.monotonic() > until:
            raise HTTPException(f"the answer takes longer than {LONGEST_S:.0f} seconds")
        if size > LARGEST:
            raise InvalidInput(f"'{url}' answers with more than 1 GiB", "ask for a shorter time")
        out.write(piece)
    if answer.length:  # what was announced and did not come
        raise HTTPException(f"the answer broke off {answer.length} bytes before its end")


def _suffix(url: str, kind: str) -> str:
    if kind in ("text/csv", "application/csv"):
        return ".csv"
    return ".csv" if urlsplit(url).path.endswith(".csv") and "json" not in kind else ".ndjson"
