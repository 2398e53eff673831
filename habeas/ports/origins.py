"""Origins: the events that led to findings, as far as an events file knows them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from habeas.core.appeal.relief import Origin, Trait
from habeas.core.errors import InvalidInput, nearest
from habeas.ports.tables import ENVELOPE_COLUMNS, open_parquet

TRUTHS = {"true": True, "false": False}


def read_origins(path: Path, ids: Collection[str], traits: Collection[str]) -> dict[str, Origin]:
    """Type and attributes of events by their id; one that the file does not have is left out, and
    so is an attribute that the event does not have. Raises NotFound, InvalidInput."""
    source = open_parquet(path, "the events file")
    columns = [_column(path, source.schema_arrow, name) for name in sorted(set(traits))]
    wanted, found = pa.array(sorted(set(ids)), pa.string()), {}
    for batch in source.iter_batches(columns=["id", "type", *columns]):
        rows = batch.filter(pc.is_in(batch.column("id").cast(pa.string()), value_set=wanted))
        for row in rows.to_pylist():
            known = {name: row[name] for name in columns if row[name] is not None}
            found[row["id"]] = Origin(row["type"], known)
    return found


def read_traits(path: Path, words: Mapping[str, str]) -> dict[str, Trait]:
    """What a person wrote of attributes, as the kind of value that the file has of each. Raises
    NotFound, and InvalidInput for an attribute or a value that cannot be one of it."""
    schema = open_parquet(path, "the events file").schema_arrow
    return {
        _column(path, schema, name): _trait(name, word, schema.field(name).type)
        for name, word in words.items()
    }


def first_seen(path: Path, name: str, value: Trait) -> int | None:
    """The time of the first event whose attribute has a value, in microseconds; None where none
    has it, or it has been there since the file begins. Raises NotFound, InvalidInput."""
    source = open_parquet(path, "the events file")
    column = _column(path, source.schema_arrow, name)
    begins, seen = [], []
    for batch in source.iter_batches(columns=["time_us", column]):
        times = batch.column("time_us")
        own = times.filter(pc.equal(batch.column(column), value))
        begins.append(pc.min(times).as_py())
        seen.append(pc.min(own).as_py())
    begin, first = (min(filter(None, found), default=None) for found in (begins, seen))
    return None if first == begin else first


def _column(path: Path, schema: pa.Schema, name: str) -> str:
    names = [n for n in schema.names if n not in ENVELOPE_COLUMNS]
    if name not in names:
        raise InvalidInput(f"the events of '{path}' have no `{name}`", nearest(name, names))
    return name


def _trait(name: str, word: str, kind: pa.DataType) -> Trait:
    try:
        if kinds.is_boolean(kind):
            return TRUTHS[word.lower()]
        if kinds.is_integer(kind):
            return int(word)
    except (KeyError, ValueError):
        raise InvalidInput(f"`{name}` is {kind}, and '{word}' is not") from None
    if kinds.is_floating(kind) or kinds.is_decimal(kind):
        message = f"`{name}` is a measured number, which two events rarely share"
        raise InvalidInput(message, "name an attribute of text, whole numbers or truth")
    return word
