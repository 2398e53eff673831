"""Records judged many at a time come out as `accept` takes them one by one."""

from __future__ import annotations

import json
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.policy.events import AHEAD_US, EARLIEST_US, LATEST_US, Refusal, accept
from habeas.engine.arrow import events_schema
from habeas.ports.arrivals import EventIntake, JudgedRecords, RefusedRecord
from habeas.ports.sources import Broken, json_record
from habeas.ports.tables import events_table
from tests.core.samples import calm, schema_of, thorough

SCHEMA = schema_of()
NOW = 1_523_262_600_000_000  # 2018-04-09T08:30:00Z
ISO = "2018-04-09T08:30:00Z"
GOOD: dict[str, Any] = {"id": "e1", "time": NOW, "account": "a", "type": "order"}
COLUMNS = EventIntake(SCHEMA, few=0)  # tries columns on every record


def line(**fields: Any) -> bytes:
    return json.dumps(GOOD | fields).encode() + b"\n"


def one_by_one(block: bytes) -> JudgedRecords:
    """What `accept` says of each line, with nothing else between."""
    events, refused = [], []
    for number, raw in enumerate(lines_of(block), 1):
        if not raw.strip():
            continue
        found = json_record(number, raw)
        try:
            if isinstance(found, Broken):
                raise Refusal("record", found.reason)
            events.append(accept(found[0], SCHEMA, NOW))
        except Refusal as why:
            refused.append(RefusedRecord("in", number, why.field, why.reason, raw))
    return JudgedRecords(events_table(events, SCHEMA), refused, len(events) + len(refused))


def lines_of(block: bytes) -> list[bytes]:
    *whole, last = block.split(b"\n")
    return [one + b"\n" for one in whole] + [last] * bool(last)


def assert_alike(block: bytes, intake: EventIntake = COLUMNS) -> None:
    wanted, found = one_by_one(block), intake.lines("in", 1, block, NOW)
    assert found.refused == wanted.refused
    assert found.events.schema.equals(wanted.events.schema, check_metadata=True)
    # as texts, in which 0.0 and -0.0, or 1 and True, are not alike
    assert repr(found.events.to_pylist()) == repr(wanted.events.to_pylist())
    assert found.read == wanted.read


# what stands in a line, good more often than not

texts = st.one_of(
    st.sampled_from(
        ["a", "b", "d1", "é", "", "😀", "a\x00b", "\ud800", "\udc00", "null", "}", "} x"]
    ),
    st.integers(-(2**70), 2**70),
    st.sampled_from([0, 7, True, None, 1.5, [], {}, "x" * 4096, "é" * 4096, "x" * 4097, "1 EUR"]),
    st.text(max_size=5),
)
numbers: st.SearchStrategy[Any] = st.one_of(
    st.integers(-(2**63) - 1, 2**63 + 1),
    st.floats(),
    st.sampled_from(
        [0, -1, 5, True, None, "12", "3 kg", "2 piece", "1.50 EUR", "9 JPY", -0.0, 2**53 + 1]
    ),
    st.sampled_from([10**400, [1], {"a": 1}, "", " 4 ", "x"]),
)
truths = st.sampled_from([True, False, None, "true", "False", 0, 1])
times = st.one_of(
    st.integers(EARLIEST_US - 2, LATEST_US + 2),
    st.integers(NOW + AHEAD_US - 1, NOW + AHEAD_US + 1),
    st.datetimes().map(lambda t: t.isoformat()),
    st.datetimes(timezones=st.timezones()).map(lambda t: t.isoformat()),
    st.from_regex(
        r"(19[78]\d|20\d\d|2[12]\d\d)-[01]\d-[0-3]\d[T ][0-2]\d:[0-6]\d:[0-6]\d(\.\d{1,7})?"
        r"(Z|z|[+-][0-2]\d:?[0-6]\d)?",
        fullmatch=True,
    ),
    st.sampled_from(
        [NOW, float(NOW), str(NOW), ISO, ISO[:-1], "2018-04-09", "2018-W15", None, "", True]
    ),
)
kinds = st.sampled_from(["order", "order", "return", "login", "signup", "no such", "", None, 5])
good = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["e1", "e2"]),
        "time": st.sampled_from([NOW, NOW - 1]) | st.just(ISO),
        "account": st.just("a"),
        "type": st.sampled_from(["order", "login", "signup"]),
    },
    optional={
        "device": st.text("ab", max_size=3),
        "amount": st.integers(0, 99),
        "rank": st.just(1),
    },
)
odd = st.fixed_dictionaries(
    {},
    optional={
        "id": texts, "time": times, "account": texts, "type": kinds, "code": texts | st.just("EUR"),
        "device": texts, "country": texts, "amount": numbers, "fee": numbers, "price": numbers,
        "pieces": numbers, "rank": numbers, "weight": numbers, "gift": truths,
        "unknown": numbers | texts, "attributes": st.none() | numbers | st.just([]),
    },
)  # fmt: skip
records = st.one_of(
    good,
    st.builds(lambda a, b: a | b, good, odd),
    st.builds(lambda a, b, c: a | c | {"attributes": b}, good, odd | good, odd),
    st.builds(lambda a, b: {**a, "attributes": b}, odd, good),
)
written = st.builds(
    lambda record, ascii_only, tight: json.dumps(
        record, ensure_ascii=ascii_only, separators=(",", ":") if tight else None
    ).encode("utf-8", "surrogatepass"),
    records,
    st.booleans(),
    st.booleans(),
)
EVENT = b'{"id":"e","time":1523262600000000,"account":"a","type":"order"'  # good, if it is closed
AFTER = [  # what may follow
    b"}null",
    b"} null " + EVENT + b"}",
    b"}" + EVENT + b"}",
    b"} " + EVENT + b"}",
    b"}\r" + EVENT + b"}",
    b"}," + EVENT + b"}",
    b"}\x00",
    b"}}",
    b"\r}",
    b",}",
    b"",
    b',"id":"b"}',
    b',"u":1,"u":2}',
    b',"device":null,"device":"d"}',
    b',"attributes":{"device":"x"},"attributes":{}}',
    b',"attr\\u0069butes":{"device":"x"}}',
    b',"attributes":{"device":"d"}}',
    b',"\\u0069d":"f"}',
    b',"device":null,"attributes":{"device":"d"}}',
    b',"attributes":{"device":"d","rank":null}}',
    b',"u":NaN}',
    b',"u":-NaN}',
    b',"u":Inf}',
    b',"u":-Inf}',
    b',"u":[ -Inf]}',
    b',"u":-Infinity}',
    b',"u":"Info: NaN, Inf"}',
    b',"weight":NaN}',
    b',"weight":1e400}',
    b',"weight":-0}',
    b',"u":01}',
    b',"u":' + b"9" * 5000 + b"}",
    b',"u":' + b"[" * 5000 + b"]" * 5000 + b"}",
    b',"u":"' + b"}{[" * 300 + b'"}',
    b',"u":"} x"}',
    b',"u":"\xff"}',
    b',"\xff":1}',
    b',"u":"\\udc00"}',
    b',"u":"\\ud800"}',
    b',"device":"\\ud83d\\ude00"}',
    b',"device":"\\u0000"}',
    b',"u":"a\tb"}',
    b',"u":"\\x"}',
    b',"device":"' + b"x" * 4097 + b'"}',
    b',"u":"' + b"x" * 4097 + b'"}',
]
BROKEN = [
    b"",
    b" ",
    b"\x0b",
    b"null",
    b"[1]",
    b"5",
    b"true",
    b"{",
    b"}",
    b"{}",
    b"{}}",
    b"{} {}",
    b"{'id':1}",
    b"\xef\xbb\xbf" + EVENT + b"}",
    *(EVENT + after for after in AFTER),
]
broken = st.one_of(
    st.sampled_from(BROKEN),
    st.binary(max_size=8),
    st.builds(lambda one, cut: one[: len(one) // cut], written, st.integers(1, 4)),
    st.builds(
        lambda a, b, between: a + between + b, written, written, st.sampled_from([b"", b" ", b","])
    ),
).map(lambda one: one.replace(b"\n", b" "))
plain = good.map(lambda record: json.dumps(record).encode())
blocks = st.builds(
    lambda found, end, tail: (
        end.join([*found, b""])[: None if tail else -len(end)] if found else b""
    ),
    st.lists(plain | plain | written | broken, max_size=9),
    st.sampled_from([b"\n", b"\n", b"\r\n"]),
    st.booleans(),
)


@thorough
@given(blocks)
def test_lines_come_out_as_they_do_one_by_one(block: bytes) -> None:
    assert_alike(block)


@thorough
@given(records)
def test_a_record_alone_comes_out_the_same(record: dict[str, Any]) -> None:
    assert_alike(json.dumps(record).encode() + b"\n")


@calm
@given(st.sets(st.integers(0, 699), max_size=6), st.sampled_from(BROKEN))
def test_odd_lines_keep_their_place_among_hundreds(places: set[int], wrong: bytes) -> None:
    listed = [line(id=f"e{i}", amount=i) for i in range(700)]
    for place in places:
        listed[place] = wrong + b"\n"
    assert_alike(b"".join(listed), EventIntake(SCHEMA))


@pytest.mark.parametrize("wrong", BROKEN)
def test_each_broken_line_is_told_of_as_one_by_one(wrong: bytes) -> None:
    assert_alike(wrong)
    assert_alike(wrong + b"\n")
    assert_alike(line() + wrong + b"\n" + line())
    assert_alike(line() + line() + wrong)


def test_objects_over_several_lines_are_not_made_up_by_several_on_one() -> None:
    assert_alike(EVENT + b"}" + EVENT + b"}\n" + EVENT + b"\n}\n")
    assert_alike(EVENT + b'}\n{"attributes":\n' + EVENT + b"}\n}\n")


def test_numbers_for_texts_are_their_digits_in_columns_too() -> None:
    block = b"".join(line(id=i, account=i, device=-i) for i in range(100))
    assert_alike(block)
    assert COLUMNS.lines("in", 1, block, NOW).events.column("device")[3].as_py() == "-3"


def test_an_attribute_called_attributes_is_told_from_the_object() -> None:
    own = schema_of(
        "attributes: {attributes: {type: text}}\ntypes: {order: {attributes: [attributes]}}"
    )
    block = line(attributes="x") + line(attributes={"attributes": "y"}) + line(attributes=5)
    found = EventIntake(own, few=0).lines("in", 1, block, NOW)
    assert found.events.column("attributes").to_pylist() == ["x", "y", "5"]


def test_no_lines_are_no_events() -> None:
    found = COLUMNS.lines("in", 1, b"", NOW)
    assert (found.events.num_rows, found.refused, found.read) == (0, [], 0)
    assert found.events.schema == events_schema(SCHEMA)


def test_lines_are_counted_from_the_first() -> None:
    (refused,) = COLUMNS.lines("in", 41, line() + line(type="odd"), NOW).refused
    assert (refused.source, refused.line, refused.field) == ("in", 42, "type")
    assert refused.raw == line(type="odd")


def test_a_refused_record_is_told_as_a_line_of_the_quarantine() -> None:
    refused = RefusedRecord("in", 3, "record", "byte 1 is not UTF-8", b"\xff\r\n")
    assert refused.as_json() == {
        "file": "in", "line": 3, "field": "record", "reason": "byte 1 is not UTF-8",
        "raw": "\\xff", "raw_base64": "/w0K",
    }  # fmt: skip
    assert "raw_base64" not in RefusedRecord("in", 3, "id", "is missing", b"{}\n").as_json()


# tables


def rows(intake: EventIntake = COLUMNS, **columns: pa.Array | list[Any]) -> JudgedRecords:
    count = len(next(iter(columns.values())))
    envelope = {name: [value] * count for name, value in GOOD.items()}
    return intake.rows("in", 1, pa.table(envelope | columns), NOW)


def test_an_events_file_is_taken_as_it_is() -> None:
    events = COLUMNS.lines("in", 1, line(amount=5) + line(type="login"), NOW).events
    found = COLUMNS.rows("in", 1, events, NOW)
    assert found.events.equals(events)
    assert (found.refused, found.read) == ([], 2)


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"id": ["", "e"]}, "id"),
        ({"account": [None, "a"]}, "account"),
        ({"account": ["a\x00", "a"]}, "account"),
        ({"type": ["odd", "order"]}, "type"),
        ({"time": [None, NOW]}, "time"),
        ({"time": [EARLIEST_US - 1, NOW]}, "time"),
        ({"time": [NOW + AHEAD_US + 1, NOW]}, "time"),
        ({"time": pa.array([2**40, NOW // 10**6], pa.timestamp("s"))}, "time"),
        ({"type": ["return", "order"]}, "amount"),
        ({"amount": pa.array([-(2**63), 1])}, "amount"),
        ({"amount": pa.array([2**63, 1], pa.uint64())}, "amount"),
        ({"amount": [1.5, 1.0]}, "amount"),
        ({"price": [1, 2], "code": ["USD", "EUR"]}, "code"),
        ({"price": [1, 2], "code": [None, "EUR"]}, "code"),
        ({"weight": [float("inf"), 1.0]}, "weight"),
        ({"gift": [5, 1]}, "gift"),
        ({"device": pa.array([b"\xff", b"d"]).view(pa.string())}, "device"),
    ],
)
def test_a_row_that_is_no_event_is_refused_alone(columns: dict[str, Any], field: str) -> None:
    found = rows(**columns)
    assert (found.refused[0].line, found.refused[0].field) == (1, field)
    assert found.read == len(found.events) + len(found.refused) == 2


@calm
@given(st.lists(records, min_size=1, max_size=6))
def test_rows_come_out_as_they_do_one_by_one(listed: list[dict[str, Any]]) -> None:
    """Columns of the first record's kinds; values of other kinds are left out."""
    names = dict.fromkeys(name for record in listed for name in record if name != "attributes")
    columns = {}
    for name in names:
        kind = next(type(r[name]) for r in listed if name in r)
        values = [r.get(name) if type(r.get(name)) is kind else None for r in listed]
        try:
            columns[name] = pa.array(values)
        except (pa.ArrowException, OverflowError, UnicodeEncodeError):
            columns[name] = pa.nulls(len(values))
    table = pa.table(columns)
    one, many = EventIntake(SCHEMA, few=100), COLUMNS
    wanted, found = one.rows("in", 1, table, NOW), many.rows("in", 1, table, NOW)
    assert found.refused == wanted.refused
    assert repr(found.events.to_pylist()) == repr(wanted.events.to_pylist())


def test_objects_within_rows_hold_attributes_as_in_lines() -> None:
    found = rows(attributes=[{"device": "d", "id": "inner"}, None], device=["outer", None])
    assert found.events.column("device").to_pylist() == ["outer", None]
    assert found.events.column("id").to_pylist() == ["e1", "e1"]
