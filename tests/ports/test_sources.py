"""Files of raw records, and what in them is none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import InvalidInput, NotFound
from habeas.ports.sources import LONGEST_RECORD, Broken, chunks

Found = tuple[list[tuple[int, dict[str, Any]]], list[Broken]]


def read(path: Path, delimiter: str = ",", size: int = 1000) -> Found:
    """All records with their lines, and all that is broken."""
    records, broken = [], []
    for chunk in chunks(path, delimiter, size):
        rows = zip(*chunk.columns.values(), strict=True)
        named = [dict(zip(chunk.columns, row, strict=True)) for row in rows]
        records += list(zip(chunk.lines, named, strict=True))
        broken += chunk.broken
        assert chunk.read == len(chunk.lines) + len(chunk.broken)
    return records, broken


def csv(tmp_path: Path, text: str | bytes, delimiter: str = ",", size: int = 1000) -> Found:
    path = tmp_path / "in.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read(path, delimiter, size)


def ndjson(tmp_path: Path, content: bytes, size: int = 1000) -> Found:
    path = tmp_path / "in.ndjson"
    path.write_bytes(content)
    return read(path, size=size)


def parquet(tmp_path: Path, **columns: pa.Array) -> list[dict[str, Any]]:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table(columns), path)
    return [row for _, row in read(path)[0]]


# NDJSON


def test_blank_lines_are_no_records_and_lines_count_from_one(tmp_path: Path) -> None:
    records, broken = ndjson(tmp_path, b'\n{"a":1}\r\n  \n\t\n{"a":2}')
    assert records == [(2, {"a": 1}), (5, {"a": 2})]
    assert broken == []


def test_an_object_under_attributes_is_read_like_the_top_level(tmp_path: Path) -> None:
    records, _ = ndjson(tmp_path, b'{"id":"x","attributes":{"a":1,"id":"inner"}}\n')
    assert records == [(1, {"a": 1, "id": "x"})]


def test_a_byte_order_mark_is_no_part_of_the_first_record(tmp_path: Path) -> None:
    records, broken = ndjson(tmp_path, b'\xef\xbb\xbf{"a":1}\n\xef\xbb\xbf{"a":2}\n')
    assert records == [(1, {"a": 1})]
    assert [b.line for b in broken] == [2]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{\n", "is not JSON"),
        (b'{"a":1', "the last line is cut short"),
        (b"[1]\n", "is JSON, but no object"),
        (b"null\n", "is JSON, but no object"),
        (b'{"a":"\xff"}\n', "byte 7 is not UTF-8"),
        (b'{"a":"\x00"}\n', "is not JSON"),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "is not JSON"),
        (b'{"a":' + b"9" * 5000 + b"}\n", "is not JSON"),
        (b"\xff\xfe{\x00}\x00\n", "byte 1 is not UTF-8"),
        ("\u00a0{}\n".encode(), "is not JSON"),
    ],
)
def test_a_line_that_is_no_record_is_told_apart_with_its_bytes(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    records, broken = ndjson(tmp_path, b'{"a":0}\n' + line)
    assert [row for _, row in records] == [{"a": 0}]
    assert [(b.line, b.raw) for b in broken] == [(2, line)]
    assert broken[0].reason.startswith(reason)


def test_a_line_of_a_megabyte_is_a_record_like_any(tmp_path: Path) -> None:
    text = "x" * 1_000_000
    records, broken = ndjson(tmp_path, json.dumps({"a": text}).encode())
    assert (records, broken) == ([(1, {"a": text})], [])


def test_the_source_of_a_record_is_kept_with_its_blanks(tmp_path: Path) -> None:
    path = tmp_path / "in.ndjson"
    path.write_bytes(b'  {"a": 1}\t\r\n')
    (chunk,) = chunks(path)
    assert chunk.raw(0) == '  {"a": 1}\t'


@given(st.lists(st.binary(max_size=12).filter(lambda b: b"\n" not in b)), st.integers(1, 5))
def test_arbitrary_lines_are_each_read_once_whatever_the_chunk(
    tmp_path_factory: pytest.TempPathFactory, listed: list[bytes], size: int
) -> None:
    content = b"\n".join(listed)
    folder = tmp_path_factory.mktemp("lines")
    if not content:
        return
    records, broken = ndjson(folder, content, size)
    lines = sorted([n for n, _ in records] + [b.line for b in broken])
    assert lines == [n for n, line in enumerate(listed, 1) if line.strip()]
    assert all(b.raw.removesuffix(b"\n") == listed[b.line - 1] for b in broken)
    assert ndjson(folder, content, 1000) == (records, broken)


# CSV


def test_quotes_hold_delimiters_quotes_and_line_ends(tmp_path: Path) -> None:
    text = 'a,b\r\n"x,""y""","1\r\n2\n3"\r\n"",2\r\n'
    records, broken = csv(tmp_path, text)
    assert records == [
        (2, {"a": 'x,"y"', "b": "1\r\n2\n3"}),
        (5, {"a": None, "b": "2"}),
    ]
    assert broken == []


@pytest.mark.parametrize("delimiter", [";", "\t", "|", "§"])
def test_the_delimiter_is_what_the_mapping_says(tmp_path: Path, delimiter: str) -> None:
    text = f'a{delimiter}b\n1,5{delimiter}"x{delimiter}\n{delimiter}y"\n'
    records, _ = csv(tmp_path, text, delimiter)
    assert records == [(2, {"a": "1,5", "b": f"x{delimiter}\n{delimiter}y"})]


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    records, _ = csv(tmp_path, b'\xef\xbb\xbf"a\n1",b\n1,2\n')
    assert records == [(3, {"a\n1": "1", "b": "2"})]


def test_an_empty_cell_is_missing_and_a_blank_line_is_nothing(tmp_path: Path) -> None:
    records, broken = csv(tmp_path, 'a,b\n,\n\n \n"",x\n')
    assert records == [(2, {"a": None, "b": None}), (5, {"a": None, "b": "x"})]
    assert broken == []


@pytest.mark.parametrize("rest", [3, LONGEST_RECORD + 20])
def test_where_a_quote_never_closes_only_its_line_is_given_up(tmp_path: Path, rest: int) -> None:
    text = 'a,b\n1,"open\n' + "".join(f"{i},x\n" for i in range(rest))
    records, broken = csv(tmp_path, text)
    assert [(b.line, b.raw) for b in broken] == [(2, b'1,"open\n')]
    assert records == [(i + 3, {"a": str(i), "b": "x"}) for i in range(rest)]


def test_a_quote_within_a_field_opens_nothing(tmp_path: Path) -> None:
    records, broken = csv(tmp_path, 'a,b\n5" disk,1\n2,2\n3" disk,3\n')
    assert [row["a"] for _, row in records] == ['5" disk', "2", '3" disk']
    assert broken == []


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1\n", "has 1 fields where the header has 2"),
        ("1,2,3\n", "has 3 fields where the header has 2"),
        ("1", "the last line is cut short"),
        ('1,"2', "the last line is cut short"),
        ('1,"2"3\n', "is not CSV"),
        ("1,2\r3\n", "is not CSV"),
        ("1," + "x" * 200_000 + "\n", "is not CSV: field larger than field limit"),
    ],
)
def test_a_record_that_does_not_fit_the_header_is_told_apart(
    tmp_path: Path, line: str, reason: str
) -> None:
    records, broken = csv(tmp_path, f"a,b\n0,0\n{line}")
    assert records == [(2, {"a": "0", "b": "0"})]
    assert [(b.line, b.raw) for b in broken] == [(3, line.encode())]
    assert broken[0].reason.startswith(reason)


def test_bytes_that_are_not_utf8_stop_their_record_only(tmp_path: Path) -> None:
    records, broken = csv(tmp_path, b"a,b\n1,\xe9\n2,ok\n")
    assert broken == [Broken(2, "byte 3 is not UTF-8", b"1,\xe9\n")]
    assert records == [(3, {"a": "2", "b": "ok"})]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"a,b,a\n", "names `a` twice"),
        (b"\n1,2\n", "is empty"),
        (b"a,b\r1,2\r", "is not CSV"),
        (b"a," + b"x" * 200_000 + b"\n", "is not CSV"),
        ("a,b\n".encode("utf-16"), "is not UTF-8"),
    ],
)
def test_a_header_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, text: bytes, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        csv(tmp_path, text)
    assert caught.value.hint


cells = st.text(st.sampled_from('ab",;\n\r é'), max_size=6)


@given(st.lists(st.tuples(cells, cells), max_size=8), st.integers(1, 4), st.sampled_from(",;"))
def test_csv_as_any_program_writes_it_is_read_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str]],
    size: int,
    delimiter: str,
) -> None:
    quoted = [['"' + c.replace('"', '""') + '"' for c in row] for row in rows]
    text = f"a{delimiter}b\n" + "".join(delimiter.join(row) + "\r\n" for row in quoted)
    records, broken = csv(tmp_path_factory.mktemp("csv"), text, delimiter, size)
    assert [tuple(row.values()) for _, row in records] == [(a or None, b or None) for a, b in rows]
    assert broken == []


# Parquet


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "Europe/Paris", "+02:00", "No/Where"])
def test_timestamps_are_the_same_instant_in_every_unit_and_zone(
    tmp_path: Path, unit: str, zone: str | None
) -> None:
    seconds = 1_600_000_000
    count = seconds * {"s": 1, "ms": 1000, "us": 1_000_000, "ns": 1_000_000_000}[unit]
    (row,) = parquet(tmp_path, t=pa.array([count], pa.timestamp(unit, zone)))
    found = row["t"]
    assert (found.tzinfo is None) == (zone is None)
    assert found.replace(tzinfo=found.tzinfo or UTC) == datetime.fromtimestamp(seconds, UTC)


def test_nanoseconds_are_cut_to_microseconds(tmp_path: Path) -> None:
    (row,) = parquet(tmp_path, t=pa.array([1_600_000_000_123_456_789], pa.timestamp("ns")))
    assert row["t"].microsecond == 123_456


def test_a_year_that_python_cannot_hold_is_microseconds(tmp_path: Path) -> None:
    times = pa.array([600_000_000_000, None, 1], pa.timestamp("s"))
    listed = [row["t"] for row in parquet(tmp_path, t=times)]
    assert listed[:2] == [600_000_000_000_000_000, None]
    assert listed[2] == datetime(1970, 1, 1, 0, 0, 1)  # noqa: DTZ001 - it has no zone


def test_dictionaries_large_strings_and_nulls_are_plain_values(tmp_path: Path) -> None:
    rows = parquet(
        tmp_path,
        a=pa.array(["x", None, "x"]).dictionary_encode(),
        b=pa.array(["y", None, "é"], pa.large_string()),
        c=pa.array([1, None, 3], pa.int16()),
        d=pa.nulls(3),
    )
    assert rows == [
        {"a": "x", "b": "y", "c": 1, "d": None},
        {"a": None, "b": None, "c": None, "d": None},
        {"a": "x", "b": "é", "c": 3, "d": None},
    ]


def test_text_in_parquet_that_is_not_utf8_is_its_bytes(tmp_path: Path) -> None:
    offsets, content = pa.py_buffer(b"\0\0\0\0\2\0\0\0\3\0\0\0"), pa.py_buffer(b"\xff\xfea")
    broken = pa.Array.from_buffers(pa.string(), 2, [None, offsets, content])
    assert [row["a"] for row in parquet(tmp_path, a=broken)] == [b"\xff\xfe", "a"]


def test_rows_are_numbered_over_chunks_and_told_as_json(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"a": [1, 2, 3], "b": ["x", "é", None]}), path)
    found = list(chunks(path, size=2))
    assert [chunk.lines for chunk in found] == [[1, 2], [3]]
    assert json.loads(found[1].raw(0)) == {"a": 3, "b": None}
    assert json.loads(found[0].raw(1)) == {"a": 2, "b": "é"}


def test_a_parquet_file_of_no_rows_has_no_chunk(tmp_path: Path) -> None:
    assert parquet(tmp_path, a=pa.array([], pa.string())) == []


def test_a_parquet_file_with_one_name_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table([pa.array([1]), pa.array([2])], names=["a", "a"]), path)
    with pytest.raises(InvalidInput, match="names `a` twice"):
        read(path)


def test_a_parquet_file_damaged_anywhere_is_one_sentence_or_whole(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    table = pa.table({"a": [f"text {i % 7}" for i in range(200)], "b": list(range(200))})
    pq.write_table(table, path, compression="zstd")
    whole = path.read_bytes()
    said = []
    for place in range(4, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            read(path)
        except InvalidInput as error:
            said.append(error.message)
    assert len(said) > 10
    assert not any(message.endswith(("None", ": ")) for message in said)


# Any file


def test_an_ending_says_what_a_file_is_in_any_case(tmp_path: Path) -> None:
    for name in ("a.NDJSON", "a.Jsonl", "a.json"):
        (tmp_path / name).write_text('{"a":1}\n', encoding="utf-8")
        assert read(tmp_path / name)[0] == [(1, {"a": 1})]
        assert next(chunks(tmp_path / name)).ragged
    (tmp_path / "a.CSV").write_text("a\n1\n", encoding="utf-8")
    assert not next(chunks(tmp_path / "a.CSV")).ragged


@pytest.mark.parametrize(
    ("name", "content", "kind", "said"),
    [
        ("none.csv", None, NotFound, "does not exist"),
        ("empty.csv", b"", InvalidInput, "is empty"),
        ("notes.txt", b"x", InvalidInput, "of a kind that cannot be imported"),
        ("garbage.parquet", b"PAR1" + b"\xff" * 60 + b"PAR1", InvalidInput, "no.* whole Parquet"),
        ("text.parquet", b"a,b\n" * 9, InvalidInput, "not a whole Parquet file"),
        ("n" * 300 + ".csv", None, NotFound, "does not exist"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, name: str, content: bytes | None, kind: type[Exception], said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(kind, match=said):
        read(tmp_path / name)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "in.csv").mkdir()
    with pytest.raises(InvalidInput, match="is not a file"):
        read(tmp_path / "in.csv")
