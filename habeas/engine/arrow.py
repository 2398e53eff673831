"""Arrow tables and the engine's columns: one into the other, in both directions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from habeas.core.canon import canonical
from habeas.core.conditions import Base, Type
from habeas.core.events import Schema
from habeas.core.shapes import AttributeKind
from habeas.engine.columns import NO_TEXT, Array, Column, Events, Texts

SCHEMA_KEY = b"habeas.schema"
ARROW = {
    AttributeKind.TEXT: pa.string(),
    AttributeKind.INTEGER: pa.int64(),
    AttributeKind.MONEY: pa.int64(),
    AttributeKind.NUMBER: pa.float64(),
    AttributeKind.BOOLEAN: pa.bool_(),
}
ARROW_BASE = {
    Base.TEXT: pa.string(),
    Base.INTEGER: pa.int64(),
    Base.NUMBER: pa.float64(),
    Base.BOOLEAN: pa.bool_(),
}


def events_schema(schema: Schema) -> pa.Schema:
    """The columns of an events file. The schema of the events travels in its metadata."""
    envelope = [("id", pa.string()), ("time_us", pa.int64())]
    envelope += [("account", pa.string()), ("type", pa.string())]
    own = [(name, ARROW[a.type]) for name, a in schema.attributes.items()]
    return pa.schema(envelope + own, metadata={SCHEMA_KEY: canonical(schema.as_json()).encode()})


class Ids(Sequence[str]):
    """The ids of events, made into Python texts only where one is asked for."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self.column = column

    def __len__(self) -> int:
        return len(self.column)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        found = self.column[place]
        return Ids(found) if isinstance(place, slice) else str(found.as_py())

    def __iter__(self) -> Iterator[str]:
        return iter(self.column.to_pylist())


def events_of(table: pa.Table, schema: Schema, texts: Texts) -> Events:
    """A table with the columns of `events_schema`, texts plain or as dictionaries, as columns of
    the engine; what `texts` does not know yet is added to it."""
    attributes = {
        name: engine_column(table.column(name), ARROW[attribute.type], texts)
        for name, attribute in schema.attributes.items()
    }
    return Events(
        schema=schema,
        texts=texts,
        id=Ids(table.column("id").combine_chunks()),
        time_us=table.column("time_us").to_numpy(),
        account=_codes(table.column("account"), texts),
        type=_codes(table.column("type"), texts),
        attributes=attributes,
    )


def engine_column(column: pa.ChunkedArray, kind: pa.DataType, texts: Texts) -> Column:
    """A column of Arrow, of `kind` or as a dictionary of it, as a column of the engine."""
    if pa.types.is_string(kind):
        codes = _codes(column, texts)
        return Column(codes, codes != NO_TEXT)
    known = pc.is_valid(column).to_numpy()
    zero = pa.scalar(0).cast(kind)
    return Column(pc.fill_null(column, zero).to_numpy(), known)


def _codes(column: pa.ChunkedArray, texts: Texts) -> Array:
    if not len(column):
        return np.zeros(0, dtype=np.int64)
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    encoded = column.unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.chunk(0)
    own = np.array([texts.code(t) for t in encoded.dictionary.to_pylist()] or [NO_TEXT])
    local = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return np.where(local >= 0, own[local], NO_TEXT).astype(np.int64)


def arrow_column(column: Column, kind: Type, texts: Texts) -> pa.Array:
    values = column.values
    if kind.base is Base.TEXT:
        names = pa.array(texts.texts, pa.string())
        codes = pa.array(values, mask=~column.known)
        return names.take(codes) if len(names) else pa.nulls(len(codes), pa.string())
    return pa.array(values, ARROW_BASE[kind.base], mask=~column.known)
