"""Labels tell which accounts a person has found abusive or innocent."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from habeas.core.errors import InvalidInput, NotFound
from habeas.ports.labels import read_labels


def labels(tmp_path: Path, text: str, name: str = "labels.csv") -> dict[str, bool]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_labels(path)


def test_every_word_for_abusive_and_innocent_is_known(tmp_path: Path) -> None:
    yes = ["true", "1", "yes", "abuse", "abusive", " TRUE ", "Yes"]
    no = ["false", "0", "no", "innocent", "NO"]
    text = "account,label\n" + "".join(f"{i},{w}\n" for i, w in enumerate(yes + no))
    found = labels(tmp_path, text)
    assert list(found.values()) == [True] * len(yes) + [False] * len(no)
    assert list(found) == [str(i) for i in range(len(yes + no))]


def test_labels_are_read_from_ndjson_and_parquet_as_well(tmp_path: Path) -> None:
    text = '{"label":true,"account":"a"}\n{"account":7,"label":0}\n{"account":"c","label":"no"}\n'
    assert labels(tmp_path, text, "l.ndjson") == {"a": True, "7": False, "c": False}
    table = pa.table({"account": ["a", "b"], "label": [1.0, 0.0], "note": [None, "x"]})
    pq.write_table(table, tmp_path / "l.parquet")
    assert read_labels(tmp_path / "l.parquet") == {"a": True, "b": False}


def test_a_file_with_a_header_only_labels_no_one(tmp_path: Path) -> None:
    assert labels(tmp_path, "account,label\n") == {}


def test_a_label_that_is_repeated_counts_once(tmp_path: Path) -> None:
    assert labels(tmp_path, "account,label\na,yes\na,true\n") == {"a": True}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("account,label\na,yes\nb,maybe\n", "line 3: 'maybe' for account 'b' is no label"),
        ("account,label\na,yes\na,no\n", "line 3: account 'a' is labelled in two ways"),
        ("account,label\na,\n", "line 2: 'None' for account 'a' is no label"),
        ("account,label\n,yes\n", "line 2: 'yes' for account 'None' is no label"),
        ("account,label\na,yes,x\n", "line 2: has 3 fields where the header has 2"),
        ("account,verdict\na,yes\n", "have no column `label`"),
        ("buyer,label\na,yes\n", "have no column `account`"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        labels(tmp_path, text)
    assert caught.value.hint


@pytest.mark.parametrize("label", ["[1]", "{}", "2", "0.5", "null", '""', '"\\ud800"', "1e999"])
def test_json_that_is_no_label_is_refused(tmp_path: Path, label: str) -> None:
    with pytest.raises(InvalidInput, match=r"line 1: .* is no label"):
        labels(tmp_path, f'{{"account":"a","label":{label}}}\n', "l.ndjson")


def test_labels_that_are_not_there_are_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_labels(tmp_path / "none.csv")
