"""Posts from files and addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.core.errors import InvalidInput, InvalidPolicy, NotFound, Unavailable
from habeas.core.signal import Post
from habeas.core.signal.keywords import ColumnsShape
from habeas.ports.posts import read_keywords, read_posts
from habeas.ports.sources import Broken
from tests.ports.answering import answering

PLAIN = ColumnsShape()
LINES = b"""\
{"id": "1", "time": "2018-04-09T08:00:00Z", "text": "account closed"}
{"id": 2, "time": "2018-04-09T08:01:00Z", "text": "compte ferm\xc3\xa9", "original": "1"}
{"id": "3", "time": "soon", "text": "x"}
{"id": "4", "time": "2018-04-09T08:02:00Z"}
{"time": "2018-04-09T08:02:00Z", "text": "x"}
not json
"""
NINE = 1_523_260_800_000_000
POSTS = [
    Post("1", NINE, "account closed"),
    Post("2", NINE + 60_000_000, "compte fermé", "1"),
]


def parted(source: str, columns: ColumnsShape = PLAIN) -> tuple[list[Post], list[str]]:
    found = list(read_posts(source, columns))
    broken = [f"{b.line}: {b.reason}" for b in found if isinstance(b, Broken)]
    return [p for p in found if isinstance(p, Post)], sorted(broken)


def test_a_file_and_an_address_say_the_same(tmp_path: Path) -> None:
    path = tmp_path / "posts.ndjson"
    path.write_bytes(LINES)
    posts, broken = parted(str(path))
    assert posts == POSTS
    assert [line[:20] for line in broken] == [
        "3: time: 'soon' is n", "4: text: is missing", "5: id: is missing", "6: is not JSON: Expe",
    ]  # fmt: skip
    with answering(LINES) as url:
        assert parted(url) == (posts, broken)


def test_csv_with_names_of_its_own() -> None:
    columns = ColumnsShape(id="nr", time="when", text="words", original="of")
    body = b"nr,when,words,of\n1,2018-04-09T08:00:00Z,account closed,\n"
    body += "2,2018-04-09 08:01,compte fermé,1\n".encode()
    with answering(body, "text/csv; charset=utf-8") as url:
        assert parted(url, columns) == (POSTS, [])


def test_an_answer_without_posts() -> None:
    with answering(b"") as url:
        assert parted(url) == ([], [])


@pytest.mark.parametrize(
    ("status", "announced", "said"),
    [
        (503, None, "answers 503 Service Unavailable"),
        (404, None, "answers 404 Not Found"),
        (200, 9999, "does not answer: "),  # the connection ends too early
    ],
)
def test_an_answer_that_is_none(status: int, announced: int | None, said: str) -> None:
    with (
        answering(LINES, status=status, announced=announced) as url,
        pytest.raises(Unavailable) as raised,
    ):
        list(read_posts(url, PLAIN))
    assert said in raised.value.message
    assert raised.value.exit_code == 9


def test_no_one_answers() -> None:
    with answering(b"") as url:
        pass
    with pytest.raises(Unavailable, match="does not answer"):
        list(read_posts(url, PLAIN))


def test_a_column_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "posts.csv"
    path.write_text("id,tme,text\n1,2018-04-09,x\n")
    with pytest.raises(InvalidInput, match="no column `time`") as raised:
        list(read_posts(str(path), PLAIN))
    assert "did you mean `tme`" in raised.value.hint
    with pytest.raises(NotFound):
        list(read_posts(str(tmp_path / "none.csv"), PLAIN))


def test_keywords_are_a_checked_file(tmp_path: Path) -> None:
    path = tmp_path / "keywords.yaml"
    path.write_text("keywords: [account closed]\ncolumns: {time: created}\n")
    shape = read_keywords(path)
    assert shape.keywords == ["account closed"]
    assert (shape.columns.time, shape.columns.id) == ("created", "id")
    path.write_text("keyword: [account closed]\n")
    with pytest.raises(InvalidPolicy) as raised:
        read_keywords(path)
    assert "keyword" in str(raised.value.problems[0])
