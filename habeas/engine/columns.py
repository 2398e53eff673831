"""Columns of values that may be unknown, and the table of events as such columns.

Whole numbers, money, times and truth are int64 (truth is bool); fractions are float64; texts are
int64 codes of one dictionary per table, so that any two texts of a table can be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from habeas.core.policy import Schema
from habeas.core.policy.conditions import Base, Type
from habeas.engine.texts import NO_TEXT, Texts

Array = npt.NDArray[Any]
ACCOUNT = "account"  # the key that every event has


@dataclass(frozen=True, slots=True)
class Column:
    """`values[i]` counts only where `known[i]`. Exact decimals are whole numbers with `scale`
    digits after the point; integers too wide for int64 are Python integers (dtype object)."""

    values: Array
    known: npt.NDArray[np.bool_]
    scale: int = 0

    def take(self, rows: Array | slice) -> Column:
        return Column(self.values[rows], self.known[rows], self.scale)

    def __len__(self) -> int:
        return len(self.values)


def joined(columns: Sequence[Column]) -> Column:
    """Columns of one kind, one after the other."""
    values = np.concatenate([column.values for column in columns])
    return Column(values, np.concatenate([column.known for column in columns]))


Codes = npt.NDArray[np.int32] | npt.NDArray[np.int64]


class Lazy(Mapping[str, Column]):
    """Columns by name, each made when it is asked for first."""

    def __init__(self, names: Iterable[str], make: Callable[[str], Column]) -> None:
        self.names, self.make = tuple(names), make
        self.made: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self.made:
            self.made[name] = self.make(name)
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


class PickedIds(Sequence[str]):
    """The ids of some rows."""

    def __init__(self, ids: Sequence[str], rows: Array) -> None:
        self.ids, self.rows = ids, rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[str]: ...
    def __getitem__(self, place: int | slice) -> str | Sequence[str]:
        if isinstance(place, slice):
            return PickedIds(self.ids, self.rows[place])
        return self.ids[int(self.rows[place])]


@dataclass(frozen=True)
class Events:
    """Events in log order: row number = sequence. All arrays have one entry an event."""

    schema: Schema
    texts: Texts
    id: Sequence[str]
    time_us: npt.NDArray[np.int64]
    account: Codes
    type: Codes
    attributes: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.time_us)

    def part(self, rows: slice | Array) -> Events:
        """Some of the events, in the order of `rows`, with the same dictionary of texts."""
        return Events(
            schema=self.schema,
            texts=self.texts,
            id=self.id[rows] if isinstance(rows, slice) else PickedIds(self.id, rows),
            time_us=self.time_us[rows],
            account=self.account[rows],
            type=self.type[rows],
            attributes=Lazy(self.attributes, lambda name: self.attributes[name].take(rows)),
        )

    def key(self, name: str) -> Codes:
        """Codes of a key, NO_TEXT where an event lacks it."""
        if name == ACCOUNT:
            return self.account
        column = self.attributes[name]
        return np.where(column.known, column.values, NO_TEXT)

    def column(self, name: str) -> Column:
        """An attribute, or the account or type of each event."""
        if name in ("account", "type"):
            codes = self.account if name == "account" else self.type
            return Column(codes, np.ones(len(codes), dtype=bool))
        return self.attributes[name]

    @cached_property
    def clocks(self) -> dict[str, Array]:
        """Room for the clocks that `reading.clocks` has found, by key."""
        return {}

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """All that a `where` may read."""
        return Lazy(("account", "type", *self.attributes), self.column)

    @cached_property
    def last_rows(self) -> npt.NDArray[np.int64]:
        """The row of each account's last event, in order of the account's code."""
        order = np.argsort(self.account, kind="stable")
        codes = self.account[order]
        ends = np.flatnonzero(np.append(codes[1:] != codes[:-1], True)) if len(codes) else codes
        return order[ends]

    def name_of(self, row: int) -> str:
        return self.texts[int(self.account[row])]


DTYPES: Mapping[Base, type[np.generic]] = {
    Base.INTEGER: np.int64,
    Base.NUMBER: np.float64,
    Base.TEXT: np.int64,
    Base.BOOLEAN: np.bool_,
}


def column_of(values: Iterable[object], kind: Type, texts: Texts) -> Column:
    """A column of Python values, None where unknown."""
    listed = list(values)
    known = np.array([v is not None for v in listed], dtype=bool)
    if kind.base is Base.TEXT:
        listed = [NO_TEXT if v is None else texts.code(str(v)) for v in listed]
    filled = [0 if v is None else v for v in listed]
    return Column(np.array(filled, dtype=DTYPES[kind.base]), known)


def plain(column: Column, kind: Type, texts: Texts) -> list[Any]:
    """The Python values of a column, None where unknown."""
    pairs = zip(column.values.tolist(), column.known.tolist(), strict=True)
    if kind.base is Base.TEXT:  # an unknown code may be any number
        return [texts[v] if k else None for v, k in pairs]
    return [v if k else None for v, k in pairs]
