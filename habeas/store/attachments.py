"""Attachments: the files that customers send, by their hash. One is committed with the appeal that
names it, in the same transaction, and is kept once however many appeals name it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256

from habeas.core.errors import NotFound, Unproven
from habeas.store import models, rows

THERE = "SELECT sha256 FROM habeas_attachment WHERE sha256 IN ({names})"
CONTENT = "SELECT content FROM habeas_attachment WHERE sha256 = %s"


def keep(contents: Iterable[bytes]) -> None:
    """Within the transaction that names them; what is there already is kept once."""
    made = {sha256(content).hexdigest(): content for content in contents}
    known = {name for (name,) in rows.select_in(THERE, sorted(made))}
    rows.insert(models.Attachment, [one for one in sorted(made.items()) if one[0] not in known])


def file(name: str) -> bytes:
    """The content by its SHA-256, 64 hex digits. Raises NotFound, also where it was erased, and
    Unproven where the content is that of another."""
    for (content,) in rows.select(CONTENT, [name]):
        if sha256(content).hexdigest() != name:
            raise Unproven(f"the file {name[:12]} is not what was sent", "ask who changed it")
        return bytes(content)
    raise NotFound(f"the file {name[:12]} is not here", "it was never sent, or was erased")


# What `habeas verify` asks of them

PAGE = 500
NAMES = "SELECT sha256 FROM habeas_attachment WHERE sha256 > %s ORDER BY sha256 LIMIT %s"
NAMED = "SELECT DISTINCT sha256 FROM habeas_appealfile WHERE sha256 IN ({names})"
GONE = (
    "SELECT f.appeal, f.sha256 FROM habeas_appealfile f LEFT JOIN habeas_attachment a "
    "ON a.sha256 = f.sha256 WHERE a.sha256 IS NULL ORDER BY f.sha256, f.appeal"
)


def complaints(erased: Collection[str]) -> Iterator[tuple[int, list[str]]]:
    """How many files were looked at, and what is wrong: one that no appeal names, one that is not
    that of its hash, one that is gone and that no erasure names (`erased`, by hash)."""
    last = ""
    while found := [name for (name,) in rows.select(NAMES, [last, PAGE])]:
        last = found[-1]
        named = {name for (name,) in rows.select_in(NAMED, found)}
        said = [
            f"habeas_attachment {n}: no appeal names this file" for n in found if n not in named
        ]
        yield len(found), said + [what for name in found for what in _changed(name)]
    yield (
        0,
        [
            f"habeas_attachment {name}: is gone, appeal {appeal} names it, and no record says why"
            for appeal, name in rows.select(GONE)
            if name not in erased
        ],
    )


def _changed(name: str) -> Iterator[str]:
    try:
        file(name)
    except Unproven:
        yield f"habeas_attachment {name}: its content is not that of its hash"
