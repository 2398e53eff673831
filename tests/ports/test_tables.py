"""Parquet files: events in, facts and findings out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from habeas.core.errors import InvalidInput, NotFound
from habeas.core.policy import Event, Finding, Schema
from habeas.core.policy.conditions import Base, Type
from habeas.core.policy.events import EventValue
from habeas.core.policy.findings import FactChange, UnknownCause
from habeas.engine.columns import plain
from habeas.flows.policy.check import load_schema
from habeas.ports.tables import (
    events_table,
    events_writer,
    findings_table,
    read_events,
    read_findings,
    rows_among,
    schema_within,
    write_table,
)
from tests.flows.shop import SCHEMA, START_US

FULL: dict[str, EventValue] = {
    "amount": 10_00, "price": 5_00, "currency": "USD", "quantity": 2, "weight": 1.5, "gift": True,
    "device": "é", "country": "",
}  # fmt: skip
EVENTS = [
    Event("1", START_US, "a", "order", FULL),
    Event("2", START_US, "b", "login", {}),
    Event("3", START_US - 1, "a", "return", {"amount": 0, "country": "FR"}),
]


@pytest.fixture
def schema(tmp_path: Path) -> Schema:
    path = tmp_path / "events.yaml"
    path.write_text(SCHEMA, encoding="utf-8")
    return load_schema(path)


@pytest.fixture
def table(schema: Schema) -> pa.Table:
    return events_table(EVENTS, schema)


def test_events_come_back_as_they_were_written(tmp_path: Path, schema: Schema) -> None:
    path = tmp_path / "events.parquet"
    with events_writer(path, schema) as writer:
        writer.write_table(events_table(EVENTS[:2], schema))
        writer.write_table(events_table([], schema))
        writer.write_table(events_table(EVENTS[2:], schema))
    found = read_events(path, schema)
    assert list(found.id) == ["1", "2", "3"]
    assert found.time_us.tolist() == [START_US, START_US, START_US - 1]
    assert [found.name_of(i) for i in range(3)] == ["a", "b", "a"]
    for name, attribute in schema.attributes.items():
        values = plain(found.attributes[name], schema.type_of(name, "EUR"), found.texts)
        assert values == [e.attributes.get(name) for e in EVENTS], attribute


def test_ids_have_their_rows(tmp_path: Path, table: pa.Table) -> None:
    path = tmp_path / "events.parquet"
    pq.write_table(table, path, row_group_size=1)
    assert rows_among(path, {"3", "1", "nowhere"}) == {"1": 0, "3": 2}
    assert rows_among(path, set()) == {}
    assert rows_among(path, {"b"}, "account") == {"b": 1}


def test_the_schema_travels_within_the_file(tmp_path: Path, schema: Schema) -> None:
    path = tmp_path / "events.parquet"
    with events_writer(path, schema):
        pass
    assert schema_within(path) == schema
    assert len(read_events(path, schema)) == 0


def test_a_file_from_elsewhere_has_no_schema_within(tmp_path: Path, table: pa.Table) -> None:
    write_table(tmp_path / "e.parquet", table.replace_schema_metadata(None))
    assert schema_within(tmp_path / "e.parquet") is None


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"types": 5}', b"\xff"])
def test_a_schema_within_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, table: pa.Table, text: bytes
) -> None:
    write_table(tmp_path / "e.parquet", table.replace_schema_metadata({"habeas.schema": text}))
    with pytest.raises(InvalidInput, match=r"the schema within '.*' cannot be read"):
        schema_within(tmp_path / "e.parquet")


def test_dictionaries_and_large_strings_are_texts(
    tmp_path: Path, schema: Schema, table: pa.Table
) -> None:
    for name in ("account", "device"):
        table = _with(table, name, table.column(name).combine_chunks().dictionary_encode())
    for name in ("type", "country"):
        table = _with(table, name, table.column(name).cast(pa.large_string()))
    path = tmp_path / "e.parquet"
    pq.write_table(table, path, row_group_size=1)
    found = read_events(path, schema)
    assert [found.name_of(i) for i in range(3)] == ["a", "b", "a"]
    text = Type(Base.TEXT)
    assert plain(found.attributes["device"], text, found.texts) == ["é", None, None]
    assert plain(found.attributes["country"], text, found.texts) == ["", None, "FR"]


def _with(table: pa.Table, name: str, values: Any) -> pa.Table:
    place = table.column_names.index(name)
    return table.set_column(place, name, values)


def _twice(table: pa.Table) -> pa.Table:
    return table.append_column("account", table.column("account"))


def _broken_text(table: pa.Table) -> pa.Table:
    offsets = pa.py_buffer(np.array([0, 1, 2, 3], np.int32).tobytes())
    account = pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"a\xffb")])
    return _with(table, "account", account)


BAD: list[tuple[str, Callable[[pa.Table], pa.Table], str]] = [
    ("no id", lambda t: t.drop_columns(["id"]), "has no column `id`"),
    ("no attribute", lambda t: t.drop_columns(["gift"]), "has no column `gift`"),
    ("no column", lambda t: t.select([]), "has no column `id`"),
    ("twice", _twice, "has two columns `account`"),
    (
        "number account",
        lambda t: _with(t, "account", pa.array([1, 2, 3])),
        "the column `account` of '.*' is int64, not string",
    ),
    (
        "small amount",
        lambda t: _with(t, "amount", pa.array([1, 2, 3], pa.int32())),
        "the column `amount` of '.*' is int32, not int64",
    ),
    (
        "amount in euros",
        lambda t: _with(t, "amount", pa.array([1.5, 2, 3])),
        "the column `amount` of '.*' is double, not int64",
    ),
    (
        "timestamps",
        lambda t: _with(t, "time_us", pa.array([1, 2, 3], pa.timestamp("us"))),
        r"the column `time_us` of '.*' is timestamp\[us\], not int64",
    ),
    (
        "no account once",
        lambda t: _with(t, "account", pa.array(["a", None, "b"])),
        "the column `account` of '.*' has nulls",
    ),
    (
        "no time once",
        lambda t: _with(t, "time_us", pa.array([1, 2, None])),
        "the column `time_us` of '.*' has nulls",
    ),
    (
        "nanoseconds",
        lambda t: _with(t, "time_us", pa.array([START_US, START_US * 1000, 2])),
        "the time of row 2 of '.*' lies outside the years 1980 to 2200",
    ),
    ("broken text", _broken_text, "is damaged"),
]


@pytest.mark.parametrize(("change", "said"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_events_made_by_hand_that_do_not_fit_are_one_sentence(
    tmp_path: Path,
    schema: Schema,
    table: pa.Table,
    change: Callable[[pa.Table], pa.Table],
    said: str,
) -> None:
    path = tmp_path / "e.parquet"
    write_table(path, change(table))
    with pytest.raises(InvalidInput, match=said) as caught:
        read_events(path, schema)
    assert "habeas import" in caught.value.hint


def test_an_events_file_damaged_anywhere_is_one_sentence_or_whole(
    tmp_path: Path, schema: Schema, table: pa.Table
) -> None:
    path = tmp_path / "e.parquet"
    write_table(path, pa.concat_tables([table] * 20))
    whole = path.read_bytes()
    refused = 0
    for place in range(4, len(whole), 61):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            read_events(path, schema)
        except InvalidInput:
            refused += 1
    assert refused > 10


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (None, NotFound, "the events file '.*' does not exist"),
        (b"", InvalidInput, "is no whole Parquet file: it is empty"),
        (b"id,time\n1,2\n", InvalidInput, "is no whole Parquet file"),
    ],
)
def test_what_is_no_parquet_is_one_sentence(
    tmp_path: Path, schema: Schema, content: bytes | None, kind: type[Exception], said: str
) -> None:
    path = tmp_path / "e.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(kind, match=said):
        read_events(path, schema)


def finding(name: str, account: str) -> Finding:
    return Finding(
        id=name * 32,
        event_id=f"event of {name}",
        account=account,
        time_us=START_US,
        policy="many-returns",
        version=2,
        outcome="f" * 64,
        index=1,
        cause=UnknownCause.STAYED_TRUE,
        values={"orders": 3, "share": None},
        evidence={"orders": ("e1", "e2"), "share": ()},
        truths=(("orders > 2", True), ("share > 0.5", None)),
        changes=((FactChange("orders", 3, 2),), ()),
    )


TYPES = {"orders": Type(Base.INTEGER), "share": Type(Base.NUMBER), "other": Type(Base.TEXT)}


def test_findings_come_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    both = [finding("a", "often"), finding("b", "[often]")]
    table = findings_table(both, TYPES)
    write_table(path, table)
    facts = {"many-returns": ["orders", "share"]}
    assert read_findings(path, "often", facts) == both[:1]
    assert read_findings(path, "[often]", facts) == both[1:]
    assert read_findings(path, "nobody", facts) == []
    assert table.column_names[:8] == [
        "event_id", "account", "policy", "version", "time_us", "orders", "share", "other",
    ]  # fmt: skip


def test_no_findings_are_a_table_of_the_same_columns() -> None:
    none, some = findings_table([], TYPES), findings_table([finding("a", "often")], TYPES)
    assert none.schema == some.schema
    assert len(none) == 0
