"""Arrow tables and the engine's columns: one into the other, in both directions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from habeas.core.canon import canonical
from habeas.core.policy import Schema
from habeas.core.policy.conditions import Base, Type
from habeas.core.policy.shapes import AttributeKind
from habeas.engine.columns import Array, Column, Events
from habeas.engine.texts import NO_TEXT, Texts

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


def log_schema(schema: Schema) -> pa.Schema:
    """The columns of events in the log, whose texts are codes of its dictionary, or -1."""
    envelope = [("id", pa.string()), ("time_us", pa.int64())]
    envelope += [("account", pa.int32()), ("type", pa.int32())]
    text = AttributeKind.TEXT
    own = [  # in an order that does not depend on how the schema is written
        (name, pa.int32() if a.type is text else ARROW[a.type])
        for name, a in sorted(schema.attributes.items())
    ]
    return pa.schema(envelope + own)


def coded(table: pa.Table, events: Events) -> pa.RecordBatch:
    """The columns of `log_schema` from those of an events file, which were read as `events`."""
    codes: dict[str, Array] = {"account": events.account, "type": events.type}
    for name, attribute in events.schema.attributes.items():
        if attribute.type is AttributeKind.TEXT:
            codes[name] = events.attributes[name].values
    wanted = log_schema(events.schema)
    columns = [
        pa.array(codes[n]) if n in codes else table.column(n).combine_chunks() for n in wanted.names
    ]
    return pa.record_batch(columns, schema=wanted)


def fitted(batch: pa.RecordBatch, schema: Schema) -> pa.Table:
    """Events of the log, written under an earlier schema, as `schema` has them: what it did not
    know is missing. Raises TypeError where an attribute was of another kind."""
    wanted = log_schema(schema)
    if batch.schema.equals(wanted):
        return pa.table(batch)
    columns = []
    for field in wanted:
        if field.name not in batch.schema.names:
            none = np.full(len(batch), NO_TEXT, dtype=np.int32)
            code = field.type == pa.int32()
            columns.append(pa.array(none) if code else pa.nulls(len(batch), field.type))
            continue
        kind = batch.schema.field(field.name).type
        if kind != field.type:
            raise TypeError(f"`{field.name}` is {kind} there and {field.type} in the schema")
        columns.append(batch.column(field.name))
    return pa.table(columns, schema=wanted)


def events_from(
    column: Callable[[str], pa.ChunkedArray], ids: Sequence[str], schema: Schema, texts: Texts
) -> Events:
    """Events from their columns, which are those of `events_schema`, texts plain or as
    dictionaries; what `texts` does not know yet is added to it."""
    attributes = {
        name: engine_column(column(name), ARROW[attribute.type], texts)
        for name, attribute in schema.attributes.items()
    }
    return Events(
        schema=schema,
        texts=texts,
        id=ids,
        time_us=_values(column("time_us"), pa.int64()),
        account=_codes(column("account"), texts),
        type=_codes(column("type"), texts),
        attributes=attributes,
    )


def events_of(table: pa.Table, schema: Schema, texts: Texts) -> Events:
    """`events_from` the columns of a table."""
    return events_from(table.column, ids_of(table.column("id")), schema, texts)


class Ids(Sequence[str]):
    """The ids of `size` events; the column is read when the first is asked for, and made into
    Python texts one by one: few events are ever named."""

    def __init__(self, size: int, read: Callable[[], pa.ChunkedArray]) -> None:
        self.size, self.read = size, read

    @cached_property
    def column(self) -> pa.ChunkedArray:
        return self.read()

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        found = self.column[place]
        return ids_of(found) if isinstance(place, slice) else str(found.as_py())

    def __iter__(self) -> Iterator[str]:
        return iter(self.column.to_pylist())


def ids_of(column: pa.ChunkedArray) -> Ids:
    return Ids(len(column), lambda: column)


def engine_column(column: pa.ChunkedArray, kind: pa.DataType, texts: Texts) -> Column:
    """A column of Arrow, of `kind` or as a dictionary of it, as a column of the engine."""
    if pa.types.is_string(kind):
        codes = _codes(column, texts)
        return Column(codes, codes != NO_TEXT)
    known = np.ones(len(column), dtype=bool)
    if column.null_count:
        known = pc.is_valid(column).to_numpy()
    return Column(_values(column, kind), known)


def _values(column: pa.ChunkedArray, kind: pa.DataType) -> Array:
    """Numbers or truths chunk by chunk, so that no second column as long is made; 0 where null."""
    found = np.empty(len(column), dtype=kind.to_pandas_dtype())
    zero = pa.scalar(0).cast(kind)
    start = 0
    for chunk in column.chunks:
        filled = chunk.fill_null(zero) if chunk.null_count else chunk
        found[start : start + len(chunk)] = filled.to_numpy(zero_copy_only=False)
        start += len(chunk)
    return found


def _codes(column: pa.ChunkedArray, texts: Texts) -> Array:
    if pa.types.is_int32(column.type):  # codes already, as the log has them
        none = np.zeros(0, dtype=np.int32)
        return np.concatenate([none, *(chunk.to_numpy() for chunk in column.chunks)])
    return texts.codes(column)


def arrow_column(column: Column, kind: Type, texts: Texts) -> pa.Array:
    """A column of the engine as one of Arrow, of as many rows; unknown is null."""
    values = column.values
    if kind.base is Base.TEXT:
        codes = pa.array(values, mask=~column.known)
        if not len(texts):
            return pa.nulls(len(codes), pa.string())
        return texts.listed().take(codes).cast(pa.string())
    return pa.array(values, ARROW_BASE[kind.base], mask=~column.known)
