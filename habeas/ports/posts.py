"""Posts and contacts: from a file, or from an address that answers with CSV or NDJSON."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from habeas.core.documents import read_document
from habeas.core.errors import InvalidInput, Unavailable, nearest
from habeas.core.events import Refusal, instant
from habeas.core.keywords import ColumnsShape, KeywordsShape
from habeas.core.posts import Post
from habeas.core.shapes import shaped
from habeas.ports.files import read_text
from habeas.ports.sources import Broken, Chunk, chunks

PATIENCE_S = 30.0
LARGEST = 2**30  # bytes of an answer
ACCEPTED = "application/x-ndjson, text/csv"
CHUNK = 1 << 20


def read_keywords(path: Path) -> KeywordsShape:
    """Raises NotFound, InvalidInput or InvalidPolicy with the place of each problem."""
    return shaped(read_document(read_text(path, "the keywords"), str(path)), KeywordsShape)


def read_posts(source: str, columns: ColumnsShape) -> Iterator[Post | Broken]:
    """The posts of a file or of an http(s) address, and what is none. Raises NotFound,
    InvalidInput, or Unavailable where an address does not answer."""
    if urlsplit(source).scheme not in ("http", "https"):
        yield from _posts(chunks(Path(source)), columns, source)
        return
    with TemporaryDirectory(prefix="habeas-posts-") as folder:
        path = _fetched(source, Path(folder))
        if path.stat().st_size:
            yield from _posts(chunks(path), columns, source)


def _fetched(url: str, folder: Path) -> Path:
    """The whole answer as a file: a connection that breaks leaves nothing half counted."""
    request = Request(url, headers={"Accept": ACCEPTED})  # noqa: S310 - the scheme is checked
    try:
        with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            path = folder / f"posts{_suffix(url, answer.headers.get_content_type())}"
            with path.open("wb") as out:
                _copy(answer, out, url)
            return path
    except HTTPError as error:
        reason = f"answers {error.code} {error.reason}"
    except (URLError, HTTPException, OSError, ValueError) as error:
        reason = f"does not answer: {getattr(error, 'reason', error)}"
    raise Unavailable(f"'{url}' {reason}", "check the address, and try again")


def _copy(answer: Any, out: IO[bytes], url: str) -> None:
    size = 0
    while piece := answer.read(CHUNK):
        size += len(piece)
        if size > LARGEST:
            raise InvalidInput(f"'{url}' answers with more than 1 GiB", "ask for a shorter time")
        out.write(piece)
    if answer.length:  # what was announced and did not come
        raise HTTPException(f"the answer broke off {answer.length} bytes before its end")


def _suffix(url: str, kind: str) -> str:
    if kind in ("text/csv", "application/csv"):
        return ".csv"
    return ".csv" if urlsplit(url).path.endswith(".csv") and "json" not in kind else ".ndjson"


def _posts(found: Iterator[Chunk], columns: ColumnsShape, source: str) -> Iterator[Post | Broken]:
    for chunk in found:
        yield from chunk.broken
        if not chunk.lines:
            continue
        for name in (columns.id, columns.time, columns.text):
            if name not in chunk.columns:
                hint = f"{nearest(name, chunk.columns)}; name it under `columns:` of the keywords"
                raise InvalidInput(f"the posts '{source}' have no column `{name}`", hint)
        nothing = [None] * len(chunk.lines)
        named = [columns.id, columns.time, columns.text, columns.original]
        rows = zip(*(chunk.columns.get(name, nothing) for name in named), strict=True)
        for place, values in enumerate(rows):
            yield _post(chunk, place, values)


def _post(chunk: Chunk, place: int, values: tuple[Any, ...]) -> Post | Broken:
    name, time, text, original = values
    try:
        if name is None or name == "":
            raise Refusal("id", "is missing")
        if not isinstance(text, str):
            raise Refusal("text", "is missing" if text is None else "is no text")
        same = None if original is None or original == "" else str(original)
        return Post(str(name), instant(time), text, same)
    except Refusal as refused:
        return Broken(chunk.lines[place], str(refused), chunk.raw(place).encode())
