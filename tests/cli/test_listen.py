"""`habeas listen` and `habeas board`, as people and programs meet them."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from habeas.ports.clock import now_us
from tests.flows.shop import Answer, Shop, command
from tests.flows.signal.listening import FIVE, UNTIL_STORM_US, Listening, listening, stream

FOLD = re.compile(r"\s+")


@dataclass
class House:
    shop: Shop
    ears: Listening

    def run(self, *words: str) -> Answer:
        return self.shop.run(*words)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A storm has begun half an hour ago."""
    (tmp_path / ".habeas").mkdir()
    with listening(tmp_path) as ears:
        start_us = (now_us() - UNTIL_STORM_US - 30 * 60_000_000) // FIVE * FIVE
        ears.posts = stream(start_us)
        ears.say(now_us())
        yield House(Shop(tmp_path), ears)


def said(answer: Answer) -> str:
    assert answer.code == 0, answer.err
    return FOLD.sub(" ", answer.out)


def test_it_is_told_to_people(house: House) -> None:
    text = said(house.run("listen"))
    assert re.search(r"posts: 1,6\d\d new rows, counted up to ", text)
    assert "a wave opens; next: habeas wave signal:posts.1" in text
    assert "contacts: 0 new rows, counted nothing yet" in text
    assert "posts: 0 new rows" in said(house.run("listen"))


def test_it_is_told_to_programs_a_line_for_each_feed(house: House) -> None:
    answer = house.run("listen", "--json")
    posts, contacts = map(json.loads, answer.out.splitlines())
    assert (posts["feed"], posts["opened"], posts["error"]) == ("posts", ["signal:posts.1"], None)
    assert (contacts["bins"], contacts["until"]) == (0, None)


def test_a_feed_that_is_down_is_told_and_the_others_are_counted(house: House) -> None:
    house.ears.answer.status = 503
    answer = house.run("listen")
    assert answer.code == 9
    assert "posts: 'http://127.0.0.1:" in answer.err
    assert "answers 503 Service Unavailable" in answer.err
    assert "contacts: 0 new rows" in answer.out


def test_keywords_that_cannot_be_used_are_told_with_their_place(house: House) -> None:
    house.shop.write("keywords.yaml", "keyword: [a]\n")
    answer = house.run("listen")
    assert answer.code == 5
    assert "posts: " in answer.err
    assert "keywords.yaml:1:1: " in answer.err
    assert "`keyword` is not a key here" in answer.err


def test_without_feeds_there_is_one_sentence(tmp_path: Path) -> None:
    answer = Shop(tmp_path).run("listen")
    assert answer.code == 4
    assert "signals.yaml' is not there: there is nothing to listen to" in answer.err


def test_it_goes_on_until_it_is_stopped(house: House) -> None:
    process = subprocess.Popen(
        command("listen", "--follow", "--json"), cwd=house.shop.root, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, encoding="utf-8",
    )  # fmt: skip
    assert process.stdout is not None
    lines = [process.stdout.readline(), process.stdout.readline()]
    assert [json.loads(line)["feed"] for line in lines] == ["posts", "contacts"]
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")


def test_the_wave_is_shown_like_any_other(house: House) -> None:
    house.run("listen")
    assert "signal:posts.1" in said(house.run("waves"))
    text = said(house.run("wave", "signal:posts.1", "--html", "wave.html", "--lang", "fr"))
    assert "« My account closed overnight [name] »" in text
    assert "les signaux publics ont monté, posts : " in text
    assert "nous n'avons notifié aucune décision" in text
    assert "<svg" in (house.shop.root / "wave.html").read_text(encoding="utf-8")
    told = house.run("wave", "signal:posts.1", "--json").json()
    assert (told["source"], told["closed"], told["causes"]) == ("signal", None, [])
    assert told["burst"]["feed"] == "posts"
    assert [mark["source"] for mark in told["marks"]] == ["signal"]
    answer = house.run("wave", "signal:posts.1", "--relieve", "a fault")
    assert "no decision of wave signal:posts.1 reached a customer" in answer.err
    assert house.run("wave", "signal:posts.1", "--policy", "x").code == 2


def test_the_board_says_what_is_open(house: House) -> None:
    text = said(house.run("board"))
    assert "0 waves open" in text
    assert "posts never - - behind" in text
    house.run("listen")
    text = said(house.run("board"))
    assert "1 wave open" in text
    assert re.search(r"posts \S+ \S+ \d+ [\d.]+ signal:posts\.1", text)
    told = house.run("board", "--json", "--days", "2").json()
    assert [one["wave"] for one in told["waves"]] == ["signal:posts.1"]
    assert len(told["hours"]) in (49, 50)
    assert [one["feed"] for one in told["counts"]] == ["posts"]
    rows = told["counts"][0]["rows"]
    now, first = (datetime.fromisoformat(t) for t in (told["now"], rows[0]["time"]))
    assert now - first <= timedelta(days=2)


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ("Open waves", "burst: posts: ")), ("fr", ("Vagues ouvertes", "sursaut: posts : "))],
)
def test_the_board_as_a_page(house: House, lang: str, words: tuple[str, ...]) -> None:
    house.run("listen")
    assert "page: board.html" in said(house.run("board", "--html", "board.html", "--lang", lang))
    page = (house.shop.root / "board.html").read_text(encoding="utf-8")
    assert all(word in page for word in words)
    assert page.count("<circle") == 1
    assert page.count("<polyline") == 6
    assert "<script" not in page
    assert " style=" not in page


def test_an_empty_folder_has_an_empty_board(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    (tmp_path / ".habeas").mkdir()
    text = said(shop.run("board", "--html", "board.html"))
    assert "no feed is listened to" in text
    page = (tmp_path / "board.html").read_text(encoding="utf-8")
    assert "None is listened to" in page
