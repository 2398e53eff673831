"""What the record of a wave says of its cause, and the reading that follows."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from habeas.config import Database
from habeas.core.appeal import Ruling, Verdict
from habeas.core.appeal.appeals import opened
from habeas.core.appeal.complaints import Complaint
from habeas.core.appeal.rulings import Lesser
from habeas.core.errors import InvalidInput, NotFound
from habeas.core.policy import Measure
from habeas.core.wave.readings import Reading
from habeas.core.wave.traces import Appealed, Foresight, Gap, Lacking, Onset, Persistence, Replay
from habeas.flows.appeal import hear
from habeas.flows.wave.traces import traces_of, weighed
from habeas.flows.wave.waves import waves
from habeas.store.accounts import account
from habeas.store.changes import AccountChange
from habeas.store.commits import commit
from tests.flows.brake.braked import HOUR, WHY, Braked, braked
from tests.flows.deciding import DECIDED_US, EMIL
from tests.flows.rolled import DECIDED_DAY, DOUBLED, MINUTE_US, faulty, rolling, version
from tests.flows.shop import DAY_US, SCHEMA, event


def lacking(shop: Braked) -> list[Lacking]:
    (found,) = waves(shop.shop.folder)
    return [gap.lacking for gap in traces_of(found, shop.shop.folder).gaps]


def test_a_faulty_version_is_told_by_the_one_before(store: Database, tmp_path: Path) -> None:
    shop = faulty(tmp_path)
    found = shop.wave()
    made = traces_of(found, shop.shop.folder)
    assert made.replay == Replay(2, 1, Persistence(12, 2))
    assert made.onsets == (Onset("2", 10 * MINUTE_US),)
    assert made.foresight == Foresight(12, 0, pytest.approx(1 / 24))
    assert made.gaps == ()
    assert weighed(found, shop.shop.folder)[1].reading is Reading.SOFTWARE


def test_a_change_that_the_plan_showed_is_a_policy_change(store: Database, tmp_path: Path) -> None:
    shop = rolling(tmp_path)
    shop.apply(version(1, 3), minutes_before=3 * 1440)
    shop.sends_back("hit", [2] * 10 + [3] * 2)
    shop.apply(DOUBLED, minutes_before=10)
    shop.decide(shown=True)
    found = shop.wave()
    made = traces_of(found, shop.shop.folder)
    assert (made.replay, made.foresight) == (
        Replay(2, 1, Persistence(12, 2)), Foresight(12, 12, pytest.approx(1 / 24)),
    )  # fmt: skip
    assert weighed(found, shop.shop.folder)[1].reading is Reading.POLICY


# What cannot be told


def test_the_first_version_has_none_before_it(store: Database, tmp_path: Path) -> None:
    shop = rolling(tmp_path)
    shop.apply(version(1, 2), minutes_before=10)
    shop.sends_back("hit", [2] * 12)
    shop.decide()
    found = shop.wave()
    _, judged = weighed(found, shop.shop.folder)
    assert Gap(Lacking.FIRST, {"version": 1}) in judged.gaps
    assert all(e.key != "replay_lost" for one in judged.weighed for e in one.evidence)


def test_a_plan_that_was_edited_is_not_asked(store: Database, tmp_path: Path) -> None:
    shop = faulty(tmp_path)
    shop.wave()
    for path in (shop.shop.folder.root / "plans").glob("*/findings.parquet"):
        path.unlink()
    assert lacking(shop) == [Lacking.PLAN]


def test_without_a_folder_there_is_no_record_of_versions(store: Database, tmp_path: Path) -> None:
    _, judged = weighed(faulty(tmp_path).wave(), None)
    assert judged.reading is Reading.UNKNOWN
    assert [gap.lacking for gap in judged.gaps] == [Lacking.UNCOMPARED, Lacking.NO_FOLDER]


# Onsets


@pytest.mark.parametrize(("minutes", "told"), [(10, True), (31, False), (-5, False)])
def test_an_onset_is_soon_after_an_apply(
    store: Database, tmp_path: Path, minutes: int, told: bool
) -> None:
    shop = rolling(tmp_path)
    shop.apply(version(1, 2), minutes_before=minutes)
    shop.sends_back("hit", [2] * 12)
    shop.decide()
    _, judged = weighed(shop.wave(), shop.shop.folder)
    keys = {e.key for one in judged.weighed for e in one.evidence}
    assert ("onset_version" in keys) is told


def test_to_go_from_some_accounts_to_all_is_an_onset(store: Database, tmp_path: Path) -> None:
    shop = rolling(tmp_path)
    shop.apply(version(1, 3), minutes_before=4 * 1440)
    shop.apply(version(2, 2), minutes_before=3 * 1440, mode="canary:1")
    shop.apply(version(2, 2), minutes_before=5)
    shop.sends_back("hit", [2] * 12)
    shop.decide()
    made = traces_of(shop.wave(), shop.shop.folder)
    assert made.onsets == (Onset("2", 5 * MINUTE_US),)
    assert made.replay == Replay(2, 1, Persistence(12, 0))


def test_a_deployment_that_began_with_the_wave(store: Database, tmp_path: Path) -> None:
    """Its events are doubled, which both versions believe; the population names it."""
    shop = rolling(tmp_path)
    schema = SCHEMA.replace(
        "  country:  {type: text}\n", "  country:  {type: text}\n  build: {type: text}\n", 1
    )
    shop.shop.write("events.yaml", schema.replace("[amount, country]", "[amount, country, build]"))
    shop.sends_back("none", [])
    shop.apply(version(1, 2), minutes_before=3 * 1440)
    shop.apply(version(2, 2).replace("orders > 0", "orders >= 1"), minutes_before=2 * 1440)
    day = DECIDED_DAY - 1.0
    for number in range(12):
        name = f"hit {number:02}"
        times = (day + number / 1440, day + (number + 1) / 1440)
        shop.records.append(event(f"{name} order", name, "order", 300))
        shop.records += [event(f"{name} {t}", name, "return", t, build="b9") for t in times]
        shop.names += (name,)
    shop.sends_back("none", [])
    shop.decide()
    found, folder = shop.wave(), shop.shop.folder
    everyone = [*shop.names, *(f"other {i}" for i in range(988))]
    path = tmp_path / "population.parquet"
    builds = ["b9" if name.startswith("hit") else "b8" for name in everyone]
    halves = [str(i % 2) for i in range(len(everyone))]
    pq.write_table(pa.table({"account": everyone, "build": builds, "half": halves}), path)
    diagnosis, judged = weighed(found, folder, population=path)
    assert diagnosis is not None
    assert diagnosis.causes[0].where == {"build": "b9"}
    assert Onset("b9", MINUTE_US, "build") in traces_of(found, folder, diagnosis).onsets
    assert judged.reading is Reading.SOFTWARE
    keys = [e.key for e in judged.weighed[0].evidence]
    assert "onset_release" in keys
    assert "replay_kept" not in keys


# Appeals


def appeal(name: str, verdict: Verdict, hours: float) -> None:
    """Ruled on so long after the decisions."""
    one, now_us = account(name), DECIDED_US + round(hours * HOUR)
    (decision,) = one.decisions
    said = Complaint(f"C {name}", name, (decision,), "I sent back two of them, not four.")
    made, _ = opened(said, [*one.decisions.values()], [], now_us)
    assert made is not None
    commit([AccountChange.of(one, now_us).appealed(made)])
    hear.assign(made.id, EMIL, now_us)
    milder = Lesser(Measure.SUSPEND, 0, for_us=DAY_US) if verdict is Verdict.LESSER else None
    hear.rule(made.id, [Ruling(decision, verdict, WHY, milder)], EMIL, now_us)


def test_appeals_that_were_overturned_early(store: Database, tmp_path: Path) -> None:
    shop = braked(tmp_path, ("DE",) * 9)
    shop.notify()
    (found,) = waves(shop.shop.folder)
    assert traces_of(found, shop.shop.folder).appealed is None
    verdicts = [
        (Verdict.OVERTURN, 3.0),
        (Verdict.UPHOLD, 4),
        (Verdict.LESSER, 5),
        (Verdict.OVERTURN, 30),
    ]
    for one, (verdict, hours) in zip(found.told, verdicts, strict=True):
        appeal(one.account, verdict, hours)
    (found,) = waves(shop.shop.folder)
    assert traces_of(found, shop.shop.folder).appealed == Appealed(3, 1)


def test_a_population_of_others_is_refused(store: Database, tmp_path: Path) -> None:
    shop = faulty(tmp_path)
    path = tmp_path / "population.parquet"
    pq.write_table(pa.table({"account": ["other"], "half": ["0"]}), path)
    with pytest.raises((NotFound, InvalidInput)):
        weighed(shop.wave(), shop.shop.folder, population=path)
