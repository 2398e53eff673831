"""`habeas brake`, `waves` and `wave`, as people see them."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from habeas import wiring
from habeas.config import Sqlite
from tests.flows.brake.braked import NAME, Braked, braked
from tests.flows.shop import Answer, open_shop

pytestmark = pytest.mark.slow  # whole ways by commands, or many lives

FOLD = re.compile(r"\s+")


@pytest.fixture
def shop(tmp_path: Path) -> Braked:
    """Closed, with four told and five held, in the database of its working folder."""
    (tmp_path / ".habeas").mkdir()
    with wiring.opened(Sqlite(tmp_path / ".habeas" / "habeas.sqlite3")):
        made = braked(tmp_path, ("DE",) * 9)
        made.notify()
    return made


def said(answer: Answer) -> str:
    assert answer.code == 0, answer.err
    return FOLD.sub(" ", answer.out)


def test_a_closed_brake_says_why_and_what_to_do(shop: Braked) -> None:
    text = said(shop.shop.run("brake"))
    assert "many-returns: CLOSED since 2021-02-04 00:00; it holds 9 decisions" in text
    assert "all decisions: 5 decisions where the plan expected" in text
    assert "at most 4 in an hour; segments: country" in text
    (told,) = shop.shop.run("brake", "--json").json()["items"]
    assert (told["closed"], told["wave"], told["basis"]) == (True, "many-returns.1", "plan")
    assert told["causes"][0]["segment"] == "all decisions"


def test_a_closed_brake_is_told_wherever_the_worker_writes(shop: Braked) -> None:
    closed = f"the brake of {NAME} is CLOSED; next: habeas brake"
    text = said(shop.shop.run("notify"))
    assert "wait for a brake" in text
    assert closed in text
    assert closed in said(shop.shop.run("work", "--once"))
    assert shop.shop.run("notify", "--json").json()["closed"] == [NAME]


def test_two_people_open_it_by_the_same_command(shop: Braked) -> None:
    words = ("brake", "release", NAME, "--why", "a sale ended", "--as")
    text = said(shop.shop.run(*words, "Dora"))
    assert "it is still closed next: another person runs the same command (law 7)" in text
    assert "Dora asks to release it" in said(shop.shop.run("brake"))
    again = shop.shop.run(*words, "Dora")
    assert again.code != 0
    assert "Dora asked for this release already" in again.err
    done = shop.shop.run(*words, "Emil", "--pace", "3", "--json").json()
    assert (done["open"], done["per_hour"], done["waits_for_second"]) == (True, 3.0, False)
    assert "many-returns: open" in said(shop.shop.run("brake"))


def test_a_wave_is_told_drawn_and_leads_to_relief(shop: Braked, tmp_path: Path) -> None:
    assert "many-returns.1" in said(shop.shop.run("waves"))
    text = said(shop.shop.run("wave", "many-returns.1", "--html", "wave.html", "--lang", "fr"))
    assert "4 clients avaient été informés" in text
    page = (tmp_path / "wave.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "Lecture : changement de politique, comme prévu." in page
    made = shop.shop.run("wave", "many-returns.1", "--relieve", "counted twice", "--json").json()
    assert (made["told"], made["held"], made["unsure"]) == (4, 5, 0)
    assert shop.shop.run("relieve", "show", made["relief"], "--json").code == 0


def test_what_there_is_not_is_told(shop: Braked, tmp_path: Path) -> None:
    assert "there is no wave 'other.1'" in shop.shop.run("wave", "other.1").err
    assert "no brake of 'other'" in shop.shop.run(
        "brake", "release", "other", "--as", "Dora", "--why", "so"
    ).err  # fmt: skip
    bad = shop.shop.run("brake", "release", NAME, "--as", "Dora", "--why", "so", "--segment", "x")
    assert "'x' names no segment" in bad.err


def test_an_empty_folder_has_no_brake_and_no_wave(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    (tmp_path / ".habeas").mkdir()
    assert "no brake was asked yet" in said(shop.run("brake"))
    assert "no brake has ever closed" in said(shop.run("waves"))


def test_a_wave_says_what_it_speaks_for_and_what_is_not_known(shop: Braked, tmp_path: Path) -> None:
    """The plan had shown all of it before its first version was applied."""
    told = shop.shop.run("wave", "many-returns.1", "--json").json()
    assert told["reading"] == "policy change"
    shown = "Of 9 decisions the plan had shown 9 before it was applied"
    (first, *_) = told["readings"]
    assert first["evidence"][0]["says"].startswith(shown)
    assert first["weight"] == sum(one["counts"] for one in first["evidence"])
    assert len(told["unknown"]) == 2
    assert "diagnosis" not in told
    text = said(shop.shop.run("wave", "many-returns.1"))
    assert "Reading: policy change, as planned." in text
    assert f"for: {shown}; in the hours in which they came" in text
    assert "not known: Whether a version before would decide so: version 1 is the first" in text


def test_a_wave_is_compared_with_a_population(shop: Braked, tmp_path: Path) -> None:
    everyone = [*shop.names, *(f"calm {i}" for i in range(991))]
    table = {
        "account": everyone,
        "build": ["b9"] * 9 + ["b8"] * 991,
        "size": ["small" if i % 2 else "large" for i in range(1000)],
    }
    pq.write_table(pa.table(table), tmp_path / "population.parquet")
    words = ("wave", "many-returns.1", "--population", "population.parquet")
    told = shop.shop.run(*words, "--json").json()
    assert told["diagnosis"]["causes"][0]["where"] == {"build": "b9"}
    assert told["diagnosis"]["reading"] == told["reading"]
    assert "build: b9" in said(shop.shop.run(*words, "--html", "wave.html"))
    assert "build: b9" in (tmp_path / "wave.html").read_text(encoding="utf-8")
    gone = shop.shop.run("wave", "many-returns.1", "--events", "nowhere.parquet")
    assert gone.code != 0
    assert "'nowhere.parquet' does not exist" in gone.err
