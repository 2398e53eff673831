"""Every row of an accepted series is one row, and a row that cannot be used is named by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.core.errors import InvalidInput, NotFound
from habeas.ports.series import Row, read_series

HEAD = "timestamp,value\n"


def rows(folder: Path, text: str, name: str = "s.csv") -> list[Row]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return list(read_series(path))


def test_rows_are_kept_as_they_are(tmp_path: Path) -> None:
    text = "2015-02-26 21:42:53,104\n2015-02-26 21:42:53,0\n,7\n2015-02-26T20:00:00Z,\nnan_,1\n"
    found = rows(
        tmp_path, HEAD + text.replace("nan_", "1424987000000000").replace(",1\n", ",nan\n")
    )
    assert [row.timestamp for row in found] == [
        "2015-02-26 21:42:53", "2015-02-26 21:42:53", "", "2015-02-26T20:00:00Z",
        "1424987000000000",
    ]  # fmt: skip
    assert [row.value for row in found] == [104, 0, 7, None, None]
    assert found[0].time_us == 1_424_986_973_000_000
    assert found[2].time_us is None


def test_other_columns_and_ndjson(tmp_path: Path) -> None:
    found = rows(tmp_path, "a,value,timestamp\nx,2.5,2015-01-01\n")
    assert [(r.timestamp, r.value) for r in found] == [("2015-01-01", 2.5)]
    found = rows(tmp_path, '{"timestamp": "2015-01-01", "value": 3}\n', "s.ndjson")
    assert [(r.timestamp, r.value) for r in found] == [("2015-01-01", 3)]


def test_a_header_alone_has_no_rows(tmp_path: Path) -> None:
    assert rows(tmp_path, HEAD) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("time,value\n2015-01-01,1\n", "has no column `timestamp`"),
        (HEAD + "2015-01-01,1\n2015-01-02,many\n", "line 3: value: 'many' is no number"),
        (HEAD + "2015-01-01,-1\n", "line 2: value: '-1' is no count: it must be from 0 to 1e+15"),
        (HEAD + "2015-01-01,inf\n", "line 2: value: 'inf' is no count"),
        (HEAD + "2015-01-01,1e300\n", "line 2: value: '1e300' is no count"),
        (HEAD + "yesterday,1\n", "line 2: time: 'yesterday' is not an ISO 8601 time"),
        (HEAD + "2015-01-01,1,2\n", "line 2: has 3 fields where the header has 2"),
        (HEAD + "2015-01-01\n", "line 2: has 1 fields where the header has 2"),
    ],
)
def test_what_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        rows(tmp_path, text)
    assert said in raised.value.message
    assert raised.value.hint


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        list(read_series(tmp_path / "none.csv"))
