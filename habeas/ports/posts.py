"""Posts and contacts: from a file, or from an address that answers with CSV or NDJSON."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from habeas.core.errors import InvalidInput, nearest
from habeas.core.policy.events import Refusal, instant
from habeas.core.policy.shapes import shaped
from habeas.core.policy.yaml import read_document
from habeas.core.signal import Post
from habeas.core.signal.keywords import ColumnsShape, KeywordsShape
from habeas.ports.downloads import at_hand
from habeas.ports.files import read_text
from habeas.ports.sources import Broken, Chunk, chunks


def read_keywords(path: Path) -> KeywordsShape:
    """Raises NotFound, InvalidInput or InvalidPolicy with the place of each problem."""
    return shaped(read_document(read_text(path, "the keywords"), str(path)), KeywordsShape)


def read_posts(source: str, columns: ColumnsShape) -> Iterator[Post | Broken]:
    """The posts of a file or of an http(s) address, and what is none. Raises NotFound,
    InvalidInput, or Unavailable where an address does not answer."""
    with at_hand(source) as path:
        if path is not None:
            yield from _posts(chunks(path), columns, source)


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
