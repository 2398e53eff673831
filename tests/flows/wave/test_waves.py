"""Waves: what a closed brake stopped, read from the record; relief of its cause in one step."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from habeas.config import Database
from habeas.core.appeal.relief import ReliefCause
from habeas.core.errors import InvalidInput, NotFound
from habeas.core.languages import Lang
from habeas.core.letter.announcements import announcement
from habeas.core.wave.waves import cause_of, timeline
from habeas.flows.appeal import relieve
from habeas.flows.wave import waves
from habeas.flows.wave.traces import weighed
from habeas.flows.wave.waves import diagnosed, wave
from habeas.pages.wave import report
from tests.core.appeal.casework import EMIL, FAY
from tests.flows.brake.braked import HOUR, NAME, WHY, Braked, braked
from tests.flows.deciding import DECIDED_US


@pytest.fixture
def shop(store: Database, tmp_path: Path) -> Braked:
    made = braked(tmp_path, ("DE",) * 9)
    made.notify()
    return made


def test_a_closing_is_a_wave_with_all_that_belongs_to_it(shop: Braked) -> None:
    folder = shop.shop.folder
    (found,) = waves.waves(folder)
    assert (found.id, found.until_us) == ("many-returns.1", None)
    assert sorted(one.account for one in found.told) == list(shop.names[:4])
    assert sorted(one.account for one in found.held) == list(shop.names[4:])
    assert sum(hour.made for hour in found.hours) == 9
    assert sum(hour.told for hour in found.hours) == 4
    assert found.people == ()
    shop.release(hours=2)
    found = wave("many-returns.1", folder)
    assert found.until_us == DECIDED_US + 2 * HOUR
    assert found.people == ("dora", "emil")
    said = [what for _, what in timeline(found)]
    assert said[1].startswith("the brake closed: all decisions: 5 decisions where the plan")
    assert sum(what.startswith(("the brake closed", "a brake closed")) for what in said) == 1
    assert said[-1] == f"dora and emil released all decisions: {WHY}"


def test_a_release_of_a_part_does_not_end_a_wave(shop: Braked) -> None:
    shop.release("country=DE")
    (found,) = waves.waves(shop.shop.folder)
    assert (found.id, found.until_us) == ("many-returns.1", None)
    with pytest.raises(NotFound, match=r"there is no wave 'many-returns.2'"):
        wave("many-returns.2", shop.shop.folder)


def test_no_brake_no_wave(store: Database) -> None:
    assert waves.waves(None) == []


def test_relief_follows_in_one_step_and_undoes_what_was_told(shop: Braked) -> None:
    folder = shop.shop.folder
    assert cause_of(wave("many-returns.1", folder)) == ReliefCause(NAME, 1, from_us=DECIDED_US)
    plan = waves.relieve(
        "many-returns.1", "every return was counted twice", folder, DECIDED_US, None
    )
    for who in (EMIL, FAY):
        relieve.approve(plan.plan.hash, who, DECIDED_US + 1)
    relieve.apply(plan.plan.hash, DECIDED_US + 2)
    assert set(shop.states().values()) == {"reversed"}
    found = wave("many-returns.1", folder)
    assert (found.undone, len(found.held)) == (4, 0)


def test_relief_of_a_blamed_segment_undoes_no_other(store: Database, tmp_path: Path) -> None:
    shop = braked(tmp_path, ("FR",) * 10 + ("DE",) * 3, "caps: {country: 4}\n")
    shop.notify()
    folder, name = shop.shop.folder, "many-returns.1"
    assert cause_of(wave(name, folder)).shared == (("country", "FR"),)
    plan = waves.relieve(
        name, "returns of one country were counted twice", folder, DECIDED_US, None
    )
    assert plan.unsure == ()
    for who in (EMIL, FAY):
        relieve.approve(plan.plan.hash, who, DECIDED_US + 1)
    relieve.apply(plan.plan.hash, DECIDED_US + 2)
    states = shop.states()
    assert {states[n] for n in shop.names[:10]} == {"reversed"}
    assert {states[n] for n in shop.names[10:]} == {"approved"}


def test_without_anybody_told_there_is_nothing_to_relieve(store: Database, tmp_path: Path) -> None:
    shop = braked(tmp_path, ("DE",) * 3, "caps: {'*': 0}\n")
    assert shop.notify().told == {}
    with pytest.raises(InvalidInput, match=r"no decision of wave many-returns\.1 reached"):
        waves.relieve("many-returns.1", "a fault", shop.shop.folder, DECIDED_US, None)
    text = announcement(wave("many-returns.1", shop.shop.folder).figures(), "en")
    assert "No customer was affected; 3 decisions were held back." in text


def test_a_wave_is_diagnosed_against_a_population(shop: Braked, tmp_path: Path) -> None:
    everyone = [*shop.names, *(f"calm {i}" for i in range(991))]
    deployment = ["blue"] * 9 + ["green"] * 991
    size = ["small" if i % 2 else "large" for i in range(1000)]
    path = tmp_path / "population.parquet"
    table = {"account": everyone, "deployment": deployment, "size": size}
    pq.write_table(pa.table(table), path)
    found, _ = diagnosed(wave("many-returns.1", shop.shop.folder), path)
    assert found.causes[0].where == {"deployment": "blue"}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_page_holds_the_figures_the_closing_and_the_draft(shop: Braked, lang: Lang) -> None:
    found = wave("many-returns.1", shop.shop.folder)
    _, judged = weighed(found, shop.shop.folder)
    page = report(found, lang, judged)
    assert "<script" not in page
    closed = {
        "en": "brake closed: many-returns: all decisions: 5 decisions where the plan",
        "fr": "frein fermé: many-returns : toutes les décisions, 5 décisions au lieu de",
    }
    assert closed[lang] in page
    assert page.count("<polyline") == 4
    draft = {"en": "had been told of such a decision", "fr": "avaient été informés"}[lang]
    assert f"4 {'customers' if lang == 'en' else 'clients'} {draft}" in page


def test_the_commands_say_it(shop: Braked, tmp_path: Path) -> None:
    # on the database of the working folder, which for PostgreSQL is another one
    told = shop.shop.run("waves", "--json")
    assert told.code == 0
    assert {one["wave"] for one in told.json()["items"]} <= {"many-returns.1"}
    assert shop.shop.run("wave", "nothing.1", "--json").code != 0
    status = shop.shop.run("brake", "--json").json()
    assert status["items"][0]["policy"] == NAME
