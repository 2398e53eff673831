"""From two files to causes and a reading."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.core.errors import NotFound
from habeas.core.wave.diagnosis import LeftOut
from habeas.core.wave.readings import Reading
from habeas.core.wave.roles import AttributeRole
from habeas.flows.wave.diagnose import diagnose
from tests.flows.wave.waves import ACCOUNTS, Files, population, struck, wave


def test_a_version_with_a_fault_is_named(tmp_path: Path) -> None:
    files = wave(tmp_path)
    found, judged = diagnose(files.hits, files.population)
    [cause] = found.causes
    own = [row for row in files.everyone if row["version"] == "v7"]
    hits = sum(row["version"] == "v7" for row in files.hit)
    assert cause.where == {"version": "v7"}
    assert (cause.hits, cause.accounts) == (hits, len(own))
    assert cause.expected == pytest.approx(160 * len(own) / ACCOUNTS)
    assert cause.share == hits / 160
    assert cause.left == found.left == 160 - hits
    assert cause.p < 1e-20
    assert judged.reading is Reading.SOFTWARE


def test_weights_are_what_is_expected(tmp_path: Path) -> None:
    """Half the accounts are expected to be hit nine times as often; so they are."""
    rows = population(due=lambda n, _: 0.09 if n % 2 else 0.01, half=lambda n, _: bool(n % 2))
    likely = struck(rows, 180, background=0, half=True)
    files = Files(tmp_path, rows, likely + struck(rows, 20, background=0, half=False)).write()
    by_plan, judged = diagnose(files.hits, files.population, "due")
    assert by_plan.causes == ()
    assert by_plan.forecast == pytest.approx(200)
    assert judged.reading is Reading.POLICY
    evenly, _ = diagnose(files.hits, files.population)
    [cause] = evenly.causes
    assert {"half": True} in (cause.where, *cause.same)


def test_hits_where_none_was_expected(tmp_path: Path) -> None:
    rows = population()
    for row in rows:
        row["due"] = 0.0 if row["version"] == "v7" else 0.02
    files = Files(tmp_path, rows, struck(rows, 60, version="v7")).write()
    found, _ = diagnose(files.hits, files.population, "due")
    assert found.causes[0].where == {"version": "v7"}
    assert (found.causes[0].expected, found.causes[0].ratio) == (0.0, None)


def test_an_attribute_of_one_account_each_is_no_cause_and_is_told(tmp_path: Path) -> None:
    rows = population(email=lambda n, _: f"{n}@example.org")
    files = Files(tmp_path, rows, struck(rows, 100, version="v7")).write()
    found, _ = diagnose(files.hits, files.population)
    assert [c.where for c in found.causes] == [{"version": "v7"}]
    assert found.left_out == {"email": LeftOut.UNIQUE}


@pytest.mark.parametrize(("value", "other"), [(None, "x"), (True, False), (7, 8), (2.5, 3.5)])
def test_values_of_any_kind_are_named_as_they_are(
    tmp_path: Path, value: object, other: object
) -> None:
    rows = population(what=lambda n, _: value if n % 5 == 0 else other)
    files = Files(tmp_path, rows, struck(rows, 120, what=value)).write()
    [cause] = diagnose(files.hits, files.population)[0].causes
    assert cause.where == {"what": value}
    assert type(cause.where["what"]) is type(value)


def test_shared_cards_are_a_ring(tmp_path: Path) -> None:
    rows = population(card=lambda n, rng: "hot" if n % 150 == 0 else f"card {rng.integers(3000)}")
    files = Files(tmp_path, rows, struck(rows, 25, background=60, card="hot")).write()
    found, judged = diagnose(files.hits, files.population)
    assert [c.where for c in found.causes] == [{"card": "hot"}]
    assert judged.reading is Reading.RING


def test_roles_are_of_attributes_that_there_are(tmp_path: Path) -> None:
    files = wave(tmp_path, country="FR")
    roles = {"country": AttributeRole.CHANGE}
    assert diagnose(files.hits, files.population, None, roles)[1].reading is Reading.TAKEOVER
    with pytest.raises(NotFound, match="no attribute is called `contry`"):
        diagnose(files.hits, files.population, None, {"contry": AttributeRole.CHANGE})
