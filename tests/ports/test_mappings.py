"""Columns and SQL expressions become fields; a failing row stops only itself."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.core.errors import InvalidInput, InvalidPolicy, NotFound
from habeas.core.policy.events import Refusal, accept
from habeas.ports.mappings import EventMapping, Mapper, read_mapping
from habeas.ports.sources import chunks
from tests.budgets import examples
from tests.flows.shop import NOW_US, SCHEMA


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "events.yaml").write_text(SCHEMA, encoding="utf-8")
    return tmp_path


def mapping(home: Path, text: str) -> EventMapping:
    path = home / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path)


def sql(expression: str, field: str = "quantity") -> str:
    return f"attributes:\n  {field}: {{sql: {json.dumps(expression)}}}\n"


Mapped = tuple[dict[str, list[Any]], dict[int, str]]


def mapped(home: Path, text: str, raw: str | bytes, name: str, size: int = 1000) -> Mapped:
    """The fields of all records, and why a record was refused, by its place."""
    path = home / name
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    mapper = Mapper(mapping(home, text))
    fields: dict[str, list[Any]] = {}
    refused: dict[int, str] = {}
    done = 0
    for chunk in chunks(path, size=size):
        found, why = mapper.fields(chunk)
        for field, values in found.items():
            fields.setdefault(field, []).extend(values)
        refused |= {done + row: str(refusal) for row, refusal in why.items()}
        done += len(chunk.lines)
    return fields, refused


def computed(home: Path, expression: str, *records: dict[str, Any], size: int = 1000) -> Any:
    """The values of an SQL expression on NDJSON records, `!` where it was refused."""
    raw = "".join(json.dumps(record) + "\n" for record in records)
    fields, refused = mapped(home, sql(expression), raw, "in.ndjson", size)
    return ["!" if i in refused else v for i, v in enumerate(fields["quantity"])]


# Columns


def test_without_attributes_each_is_the_column_of_its_name(home: Path) -> None:
    fields, _ = mapped(
        home, "event: {id: nr}\n", "nr,time,account,type,device\n1,2,a,b,x\n", "i.csv"
    )
    assert fields["id"] == ["1"]
    assert fields["device"] == ["x"]
    assert fields["weight"] == [None]


def test_line_is_the_number_of_the_record_unless_a_column_is_called_so(home: Path) -> None:
    text = "event: {id: line}\nattributes: {}\n"
    head = "time,account,type"
    assert mapped(home, text, f"{head}\n1,a,b\n\n2,a,b\n", "i.csv")[0]["id"] == [2, 4]
    assert mapped(home, text, f"{head},line\n1,a,b,z\n", "i.csv")[0]["id"] == ["z"]


@pytest.mark.parametrize("field", ["account: buyer", "account: {sql: lower(buyer)}"])
def test_a_table_must_have_the_columns_that_are_named(home: Path, field: str) -> None:
    raw = "id,time,account,type\n1,2,a,b\n"
    with pytest.raises((InvalidInput, InvalidPolicy), match="buyer"):
        mapped(home, f"event: {{{field}}}\n", raw, "i.csv")


def test_a_json_record_need_not_have_all_keys(home: Path) -> None:
    fields, refused = mapped(
        home, "event: {account: buyer}\n", '{"id":1}\n{"buyer":"b"}\n', "i.json"
    )
    assert fields["account"] == [None, "b"]
    assert refused == {}


# SQL


def test_an_expression_sees_its_record_and_the_number_of_its_line(home: Path) -> None:
    text = """event:
      id: {sql: "nr || '-' || line"}
      time: t
      account: a
      type: {sql: "case when canc then 'return' else 'order' end"}\nattributes:
      amount: {sql: round(abs(q) * price)::bigint}
    """
    table = pa.table({"nr": ["7", "7"], "t": [1, 2], "a": ["x", "y"], "canc": [True, False],
                      "q": [-2, 3], "price": [1.5, 2.2]})  # fmt: skip
    pq.write_table(table, home / "source.parquet")
    fields, refused = mapped(home, text, (home / "source.parquet").read_bytes(), "i.parquet")
    assert fields["id"] == ["7-1", "7-2"]
    assert fields["type"] == ["return", "order"]
    assert fields["amount"] == [3, 7]
    assert refused == {}


@pytest.mark.parametrize(
    ("expression", "records", "values"),
    [
        ("q::int", [{"q": "1"}, {"q": "x"}, {"q": None}, {}, {"q": "4"}], [1, "!", None, None, 4]),
        ("abs(q)", [{"q": -1}, {"q": "2 piece"}, {"q": 2.5}], [1, "!", 2.5]),
        ("q || ''", [{"q": 1}, {"q": 2.5}, {"q": True}, {"q": "x"}], ["1", "2.5", "true", "x"]),
        ("abs(q)", [{"q": 10**30}, {"q": 5}], ["!", 5]),
        ("lower(q)", [{"q": "\ud800"}, {"q": "A"}], ["!", "a"]),
        ("upper(q)", [{"q": "nul \0 é"}], ["NUL \0 É"]),
        ("dev.id", [{"dev": {"id": "x"}}, {}, {"dev": None}], ["x", None, None]),
        ("dev.id", [{}], [None]),
        ("Q + 1", [{"q": 1}], [2]),
        ("q + 1 -- plus one", [{"q": 1, "Q": 5}], [2]),
        ('"a [b]" + 1', [{"a [b]": 1}], [2]),
        ("record.q + 1", [{"q": 1, "extra": {}, "\ud800": 1}], [2]),
        ("len(q)", [{"q": [1, "x"]}], [8]),
    ],
)
def test_what_sql_says_of_a_record_does_not_depend_on_others(
    home: Path, expression: str, records: list[dict[str, Any]], values: list[Any]
) -> None:
    assert computed(home, expression, *records) == values


values = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
)


@settings(max_examples=examples(25))
@given(st.lists(values, min_size=1, max_size=6), st.integers(1, 3))
def test_the_size_of_a_chunk_does_not_change_what_sql_says(
    tmp_path_factory: pytest.TempPathFactory, listed: list[Any], size: int
) -> None:
    home = tmp_path_factory.mktemp("mapping")
    (home / "events.yaml").write_text(SCHEMA, encoding="utf-8")
    records = [{"q": 1}, *({"q": value} for value in listed)]
    expression = "case when typeof(q) = 'VARCHAR' then q::int else abs(q) end"
    whole = computed(home, expression, *records)
    # the first record is one that the expression fits, so that the mapping itself is not refused
    assert computed(home, expression, *records, size=size) == whole
    assert whole[0] == 1


def test_a_row_where_sql_fails_says_so_and_no_other(home: Path) -> None:
    raw = "id,time,account,type,q\n1,2,a,b,7\n2,2,a,b,seven\n3,2,a,b,\n"
    fields, refused = mapped(home, sql("q::bigint"), raw, "i.csv")
    assert list(refused) == [1]
    assert refused[1].startswith("quantity: its SQL fails here, as in: Conversion Error")
    assert fields["quantity"] == [7, None, None]


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("nosuchcolumn + 1", "does not fit the file: Binder Error"),
        ("nosuchfunction(q)", "does not fit the file: Catalog Error"),
        ("q + true", "does not fit the file: Binder Error"),
        ("q as other", "does not fit the file: Parser Error"),
        ("q;", "does not fit the file: Parser Error"),
        ("histogram(q)", "does not give one value for each record"),
        ("$1", "fails"),
        ("read_text('/etc/hostname')", "does not fit the file"),
        ("glob('/etc/*')", "does not fit the file"),
        ("getenv('HOME')", "does not fit the file"),
        ("error('stop')", "fails"),
    ],
)
def test_sql_that_fits_no_record_is_one_problem_with_its_place(
    home: Path, expression: str, said: str
) -> None:
    raw = "id,time,account,type,q\n1,2,a,b,7\n2,2,a,b,7\n"
    with pytest.raises(InvalidPolicy, match=said) as caught:
        mapped(home, sql(expression), raw, "i.csv")
    (problem,) = caught.value.problems
    assert (problem.line, problem.column) == (2, 13)
    assert "`quantity`" in problem.sentence


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "not allowed here"),
        (" ", "not one expression"),
        ("q +", "not one expression"),
        ("q, q", "not one expression"),
        ("q; drop table record", "not one expression"),
        ("1) from record; select (2", "not one expression"),
        ("select 1", "not one expression"),
        ("(select 1)", "not one expression"),
        ("copy record to 'stolen.csv'", "not one expression"),
        ("(" * 3000 + "1" + ")" * 3000, "not one expression"),
        ("1 + (select count(*) from read_csv('/etc/hostname'))", "looks beyond its record"),
        ("exists(select 1 from '/etc/hostname')", "looks beyond its record"),
        ("q in (select 1)", "looks beyond its record"),
        ("max(q)", "looks beyond its record"),
        ("count(*)", "looks beyond its record"),
        ("lag(q) over ()", "looks beyond its record"),
        ("unnest([1, 2])", "looks beyond its record"),
        ("columns('.*')", "looks beyond its record"),
        ("*", "looks beyond its record"),
    ],
)
def test_sql_that_is_no_expression_over_one_record_is_refused_unread(
    home: Path, expression: str, said: str
) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        mapping(home, sql(expression))
    assert said in caught.value.problems[0].sentence
    assert caught.value.problems[0].line == 2


# Time zones


@pytest.fixture
def far_away() -> Iterator[None]:
    before = os.environ.get("TZ")
    os.environ["TZ"] = "Pacific/Kiritimati"
    time.tzset()
    yield
    os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
    time.tzset()


HOUR_US = 3_600_000_000


@pytest.mark.usefixtures("far_away")
@pytest.mark.parametrize("field", ["{sql: t}", "{sql: t::timestamp}", "{sql: t::timestamptz}"])
@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2018-03-25 01:59:00", 1),  # the last minute of winter
        ("2018-03-25 03:00:00", 2),  # the first of summer
        ("2018-07-01 12:00:00", 2),
        ("2018-10-28 02:30:00", 2),  # this half hour comes twice; the first is meant
        ("2018-10-28 03:00:00", 1),
        ("2018-12-01 12:00:00", 1),
    ],
)
def test_times_without_offset_are_those_of_the_mapping_not_of_the_machine(
    home: Path, field: str, text: str, hours: int
) -> None:
    if field.endswith("timestamptz}") and text == "2018-10-28 02:30:00":
        hours = 1  # DuckDB's own cast means the second
    head = f"timezone: Europe/Paris\nevent: {{time: {field}}}\nattributes: {{}}\n"
    fields, _ = mapped(home, head, f"id,account,type,t\n1,a,login,{text}\n", "i.csv")
    found = mapping(home, head)
    raw = {name: values[0] for name, values in fields.items()}
    event = accept(raw, found.schema, NOW_US, found.zone)
    utc = mapping(home, head.replace("Europe/Paris", "UTC"))
    plain = accept({**raw, "time": text}, utc.schema, NOW_US, utc.zone)
    assert plain.time_us - event.time_us == hours * HOUR_US


def test_an_hour_that_the_clocks_skip_is_taken_as_winter_time(home: Path) -> None:
    found = mapping(home, "timezone: Europe/Paris\n")
    raw = {"id": "1", "account": "a", "type": "login", "time": "2018-03-25 02:30:00"}
    event = accept(raw, found.schema, NOW_US, found.zone)
    assert event.time_us == 1_521_941_400_000_000  # 01:30 UTC


def test_an_offset_counts_more_than_the_zone(home: Path) -> None:
    found = mapping(home, "timezone: Europe/Paris\n")
    raw = {"id": "1", "account": "a", "type": "login"}
    times = ["2018-07-01T12:00:00Z", "2018-07-01T14:00:00+02:00", 1_530_446_400_000_000]
    assert {
        accept({**raw, "time": t}, found.schema, NOW_US, found.zone).time_us for t in times
    } == {1_530_446_400_000_000}


# Files that cannot be used


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("timezone: Europe/Pari\n", "no such time zone"),
        ("timezone: Europe\n", "no such time zone"),
        ("timezone: ../../etc/passwd\n", "no such time zone"),
        ("delimiter: ';;'\n", "delimiter"),
        ("delimiter: ''\n", "delimiter"),
        ("delimiter: '\"'\n", "a quote or a line end"),
        ('delimiter: "\\n"\n', "a quote or a line end"),
        ("attributes: {colour: c}\n", "no attribute `colour`"),
        ("attributes: {amount: 5}\n", "amount"),
        ("event: {when: t}\n", "`when` is not a key here"),
        ("event: [id]\n", "event"),
        ("- 1\n", "not a mapping"),
        ("", "is empty"),
        ("a: [\n", "cannot be read"),
        ("a: &x [*x]\n", "contains itself"),
    ],
)
def test_a_mapping_that_cannot_be_used_names_the_place(home: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidPolicy) as caught:
        mapping(home, text)
    assert said in caught.value.problems[0].sentence
    assert caught.value.problems[0].line >= 1


def test_a_mapping_without_its_schema_is_not_found(home: Path) -> None:
    with pytest.raises(NotFound, match=r"the schema '.*other.yaml' does not exist"):
        mapping(home, "schema: other.yaml\n")


def test_a_refusal_reads_as_field_and_reason() -> None:
    assert str(Refusal("amount", "is missing")) == "amount: is missing"
