"""`habeas signals` as a person or a program meets it."""

from __future__ import annotations

import json
import random
from xml.etree import ElementTree

import pytest

from habeas.core.times import UNITS
from tests.flows.shop import Shop

pytestmark = pytest.mark.slow  # whole ways by commands, or many lives

START_US = 1_523_232_000_000_000
BURST = 1500


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = Shop(tmp_path_factory.mktemp("signals"))
    rng = random.Random(2)  # noqa: S311
    values = [rng.randint(10, 30) for _ in range(2000)]
    values[BURST] = 900
    times = [START_US + n * 5 * UNITS["m"] for n in range(2000)]
    rows = "".join(f"{time},{value}\n" for time, value in zip(times, values, strict=True))
    shop.write("series.csv", f"timestamp,value\n{rows}")
    shop.write("keywords.yaml", "keywords: [account closed]\n")
    shop.write("posts.csv", "id,time,text\n1,2018-04-09,account closed\n2,never,account closed\n")
    shop.write("empty.csv", "")
    shop.write("header.csv", "timestamp,value\n")
    shop.write("words.csv", "timestamp,value\n2018-04-09,1\n2018-04-09,many\n")
    return shop


def test_a_score_for_each_row_in_order(shop: Shop) -> None:
    found = shop.run("signals", "series.csv", "--json").json()
    assert [set(row) for row in found] == [{"timestamp", "score"}] * 2000
    assert found[0]["timestamp"] == str(START_US)
    assert max(range(2000), key=lambda n: found[n]["score"]) == BURST


def test_bursts_are_told(shop: Shop) -> None:
    result = shop.run("signals", "series.csv")
    assert result.code == 0
    assert "2,000 rows" in result.out
    assert "2018-04-14T05:00:00Z" in result.out
    assert "900" in result.out


def test_a_chart_of_two_streams_on_one_axis(shop: Shop) -> None:
    args = ("--svg", "chart.svg", "--beside", "series.csv")
    assert shop.run("signals", "series.csv", *args).code == 0
    root = ElementTree.fromstring((shop.root / "chart.svg").read_text())  # noqa: S314 - ours
    names = [e.tag.rpartition("}")[2] for e in root.iter()]
    assert names.count("polyline") == 3  # two streams, and what was expected of the first
    assert "script" not in names
    assert any("900 in one row" in (e.text or "") for e in root.iter())


def test_posts_by_keyword(shop: Shop) -> None:
    args = ("--posts", "posts.csv", "--keywords", "keywords.yaml")
    found = shop.run("signals", *args, "--json").json()
    assert (found["read"], found["matched"], found["bursts"], found["wave"]) == (2, 1, [], None)
    assert list(found["refused"].values()) == [1]
    assert found["series"][0]["timestamp"] == "2018-04-09T00:00:00Z"
    told = shop.run("signals", *args, "--every", "1h")
    assert "left out 1: time: 'never' is not an ISO 8601 time" in told.out


def test_a_header_alone_is_an_empty_array(shop: Shop) -> None:
    assert shop.run("signals", "header.csv", "--json").json() == []


@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (("signals",), 2, "give a file of counts, or --posts"),
        (("signals", "series.csv", "--posts", "posts.csv"), 2, "give a file of counts"),
        (("signals", "--posts", "posts.csv"), 2, "go together"),
        (("signals", "series.csv", "--beside", "series.csv"), 2, "goes with --svg"),
        (("signals", "series.csv", "--every", "often"), 2, "not a length of time"),
        (("signals", "empty.csv"), 3, "is empty"),
        (("signals", "words.csv"), 3, "line 3: value: 'many' is no number"),
        (("signals", "none.csv"), 4, "does not exist"),
        (("signals", "series.csv", "--svg", "series.csv"), 3, "would be written over"),
        (("signals", "series.csv", "--svg", "no/chart.svg"), 7, "cannot be written"),
        (("signals", "--posts", "http://127.0.0.1:9/", "--keywords", "keywords.yaml"), 9, "answer"),
    ],
)
def test_what_it_cannot_use(shop: Shop, args: tuple[str, ...], code: int, said: str) -> None:
    result = shop.run(*args)
    assert result.code == code
    assert said in result.err
    as_json = shop.run(*args, "--json")
    assert as_json.code == code
    assert said in json.loads(as_json.out)["message"]
