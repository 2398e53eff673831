"""Which rows of a table are events as they stand: core.policy.events.accept for whole columns.

A row is sure only where `accept` would certainly give these very values; whether another is an
event, and why not, `accept` alone says."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from habeas.core.policy import Schema
from habeas.core.policy.events import AHEAD_US, EARLIEST_US, LARGEST, LATEST_US, LONGEST
from habeas.core.policy.schema import ENVELOPE
from habeas.core.policy.shapes import AttributeKind
from habeas.engine.arrow import ARROW, events_schema
from habeas.engine.columns import Array

# The one form of a time in text that Arrow and Python surely read alike
ISO = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$"
UTC_US = pa.timestamp("us", "UTC")
ColumnValues = tuple[
    pa.Array, Array
]  # of the wanted type, and the rows where they surely are right


class Acceptance:
    """`accept` of one schema. Texts count as short by their bytes, numbers for texts are taken,
    amounts are whole minor units, and times are whole microseconds, ISO 8601 to the second or
    finer with `Z` or an offset, or Arrow's own; the other forms that events may have are not
    sure."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.fields = events_schema(schema)
        self.types = pa.array(list(schema.shape.types), pa.string())
        shapes = schema.shape.types.values()
        self._has = {n: _per_type(n in s.attributes for s in shapes) for n in schema.attributes}
        self._needs = {n: _per_type(n in s.required for s in shapes) for n in schema.attributes}

    def judged(self, raw: pa.Table, now_us: int) -> tuple[pa.Table, Array]:
        """The rows of `raw` as the columns of an events file, and which of them are sure events.

        `raw` has `id`, `time`, `account`, `type` and attributes; what it lacks is missing. Raises
        pa.ArrowException where a column cannot be read as a whole.
        """
        columns, sure = {}, np.ones(len(raw), dtype=bool)
        for name in ENVELOPE:
            values, right = _time(raw, now_us) if name == "time" else _name(raw, name)
            columns["time_us" if name == "time" else name] = values
            sure &= right
        kinds = pc.fill_null(pc.index_in(columns["type"], self.types), -1).to_numpy()
        sure &= kinds >= 0
        for name, attribute in self.schema.attributes.items():
            values, right = _of_kind(_column(raw, name), attribute.type)
            has = self._has[name][kinds]
            if not has.all() and values.null_count < len(values):
                values = pc.if_else(pa.array(has), values, pa.scalar(None, values.type))
            sure &= right | ~has
            if self._needs[name].any():
                sure &= _known(values) | ~self._needs[name][kinds]
            columns[name] = values
        self._check_currencies(columns, sure)
        return pa.table(columns, schema=self.fields), sure

    def _check_currencies(self, columns: dict[str, pa.Array], sure: Array) -> None:
        allowed = pa.array(self.schema.shape.currencies, pa.string())
        for name, attribute in self.schema.attributes.items():
            if attribute.currency_in is not None and columns[name].null_count < len(sure):
                stated = pc.is_in(columns[attribute.currency_in], allowed)
                sure &= _mask(stated) | ~_known(columns[name])


def _per_type(answers: Iterable[bool]) -> Array:
    """One answer a type, and no for the unknown type, whose code is -1."""
    return np.array([*answers, False])


def _mask(truth: pa.Array) -> Array:
    plain: Array = truth.to_numpy(zero_copy_only=False)
    return plain


def _known(values: pa.Array) -> Array:
    if not values.null_count:
        return np.ones(len(values), dtype=bool)
    return _mask(values.is_valid())


def _column(raw: pa.Table, name: str) -> pa.Array:
    if name not in raw.column_names:
        return pa.nulls(len(raw))
    column = raw.column(name).combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # too long for one piece of Arrow
        raise pa.ArrowInvalid(f"the column {name} is too large")
    return column


def _none(column: pa.Array, kind: pa.DataType) -> ColumnValues:
    """No value that is there is sure."""
    return pa.nulls(len(column), kind), ~_known(column)


def _name(raw: pa.Table, name: str) -> ColumnValues:
    values, right = _text(_column(raw, name))
    return values, right & _mask(pc.fill_null(pc.not_equal(values, ""), False))


def _of_kind(column: pa.Array, kind: AttributeKind) -> ColumnValues:
    if pa.types.is_null(column.type):
        return pa.nulls(len(column), ARROW[kind]), np.ones(len(column), dtype=bool)
    match kind:
        case AttributeKind.TEXT:
            return _text(column)
        case AttributeKind.NUMBER:
            return _number(column)
        case AttributeKind.BOOLEAN if pa.types.is_boolean(column.type):
            return column, np.ones(len(column), dtype=bool)
        case AttributeKind.INTEGER | AttributeKind.MONEY if pa.types.is_integer(column.type):
            whole = column.cast(pa.int64())
            return whole, _among(whole, -LARGEST, LARGEST) | ~_known(whole)
    return _none(column, ARROW[kind])


def _text(column: pa.Array) -> ColumnValues:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_integer(column.type):
        return column.cast(pa.string()), np.ones(len(column), dtype=bool)
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return _none(column, pa.string())
    column.validate(full=True)  # neither JSON nor Parquet has made sure that it is UTF-8
    texts = column.cast(pa.string())
    short = pc.less_equal(pc.binary_length(texts), LONGEST)
    right = pc.and_not(short, pc.match_substring(texts, "\x00"))
    return texts, _mask(pc.fill_null(right, True))


def _number(column: pa.Array) -> ColumnValues:
    if pa.types.is_integer(column.type):
        return column.cast(pa.float64(), safe=False), np.ones(len(column), dtype=bool)
    if not (pa.types.is_float32(column.type) or pa.types.is_float64(column.type)):
        return _none(column, pa.float64())
    numbers = column.cast(pa.float64())
    plain = pc.fill_null(numbers, 0.0).to_numpy()
    negative_zero = (plain == 0) & np.signbit(plain)  # JSON's -0 is the whole number 0
    return numbers, np.isfinite(plain) & ~negative_zero


def _among(numbers: pa.Array, low: int, high: int) -> Array:
    plain: Array = pc.fill_null(numbers, 0).to_numpy()
    return _known(numbers) & (plain >= low) & (plain <= high)


def _time(raw: pa.Table, now_us: int) -> ColumnValues:
    column = _column(raw, "time")
    readable = np.ones(len(column), dtype=bool)
    if pa.types.is_string(column.type):
        readable = _mask(pc.fill_null(pc.match_substring_regex(column, ISO), False))
        if not readable.all():
            column = pc.if_else(pa.array(readable), column, pa.scalar(None, pa.string()))
        column = column.cast(UTC_US)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz)).cast(pa.int64())
    if not pa.types.is_integer(column.type):
        return pa.nulls(len(column), pa.int64()), np.zeros(len(column), dtype=bool)
    micros = column.cast(pa.int64())
    return micros, readable & _among(micros, EARLIEST_US, min(LATEST_US, now_us + AHEAD_US))
