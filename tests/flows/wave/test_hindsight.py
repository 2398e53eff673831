"""Hindsight: the version before, tried on the same events."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.errors import NotFound
from habeas.core.wave.readings import Reading
from habeas.core.wave.traces import Lacking, Persistence, Replay
from habeas.flows.wave.traces import traces_of, weighed
from habeas.flows.wave.waves import waves
from tests.flows.brake.braked import Braked
from tests.flows.deciding import DECIDED_US
from tests.flows.rolled import DECIDED_DAY, DOUBLED, faulty, rolling, version
from tests.flows.shop import DAY_US, SCHEMA, event


def lacking(shop: Braked) -> list[Lacking]:
    (found,) = waves(shop.shop.folder)
    return [gap.lacking for gap in traces_of(found, shop.shop.folder).gaps]


def test_a_version_that_only_says_it_otherwise_is_no_fault(store: Database, tmp_path: Path) -> None:
    shop = rolling(tmp_path)
    shop.apply(version(1, 2), minutes_before=3 * 1440)
    shop.apply(version(2, 2).replace("orders > 0", "orders >= 1"), minutes_before=10)
    shop.sends_back("hit", [2] * 12)
    shop.decide()
    found = shop.wave()
    assert traces_of(found, shop.shop.folder).replay == Replay(2, 1, Persistence(12, 12))
    assert weighed(found, shop.shop.folder)[1].reading is Reading.UNKNOWN


def test_a_harsher_ladder_is_another_decision(store: Database, tmp_path: Path) -> None:
    shop = rolling(tmp_path)
    shop.apply(version(1, 3, first="warn"), minutes_before=3 * 1440)
    shop.apply(version(2, 3), minutes_before=10)
    shop.sends_back("hit", [3] * 12)
    shop.decide()
    assert traces_of(shop.wave(), shop.shop.folder).replay == Replay(2, 1, Persistence(12, 0))


def test_versions_that_differed_all_along_are_not_what_began(
    store: Database, tmp_path: Path
) -> None:
    shop = rolling(tmp_path)
    shop.apply(version(1, 3), minutes_before=30 * 1440)
    shop.apply(DOUBLED, minutes_before=20 * 1440)
    shop.sends_back("early", [2] * 9 + [3], day=DECIDED_DAY - 15)
    shop.settings("caps: {'*': 100}\n")
    shop.now_us = DECIDED_US - 10 * DAY_US
    shop.decide(shop.now_us)
    shop.notify()
    shop.sends_back("ring", [2] * 12, day=DECIDED_DAY - 5)
    shop.now_us = DECIDED_US
    shop.decide()
    found = shop.wave()
    assert traces_of(found, shop.shop.folder).replay == Replay(
        2, 1, Persistence(12, 0), Persistence(10, 1)
    )
    assert weighed(found, shop.shop.folder)[1].reading is Reading.UNKNOWN


def test_facts_of_other_keys_have_the_events_of_others(store: Database, tmp_path: Path) -> None:
    shop = rolling(tmp_path)
    sharing = "sharing: {distinct: account, of: order, by: device, over: 30d, cap: 10}"
    one = (
        version(1, 3).partition("tests:")[0].replace("  orders:  {", f"  {sharing}\n  orders:  {{")
    )
    shop.apply(one.replace("returns >= 3", "sharing >= 2"), minutes_before=3 * 1440)
    two = version(2, 3).partition("tests:")[0]
    shop.apply(two.replace("returns >= 3 and orders > 0", "orders >= 2"), minutes_before=10)
    day = DECIDED_DAY - 9
    shop.records.append(event("partner", "partner", "order", day, device="shared"))
    for number in range(9):
        name, device = f"hit {number}", "shared" if number < 2 else f"own {number}"
        days = (day + 1, day + 2)
        shop.records += [event(f"{name} {d}", name, "order", d, device=device) for d in days]
        shop.names += (name,)
    shop.sends_back("none", [])
    shop.decide()
    assert traces_of(shop.wave(), shop.shop.folder).replay == Replay(2, 1, Persistence(9, 2))


def test_events_that_are_gone_are_told(store: Database, tmp_path: Path) -> None:
    shop = faulty(tmp_path)
    found, folder = shop.wave(), shop.shop.folder
    shop.shop.events.rename(tmp_path / "kept.parquet")
    (gap,) = traces_of(found, folder).gaps
    assert gap.lacking is Lacking.UNFIT
    assert "does not exist" in str(gap.values["why"])
    assert traces_of(found, folder, events=tmp_path / "kept.parquet").replay is not None
    with pytest.raises(NotFound, match="does not exist"):
        weighed(found, folder, events=Path("nowhere.parquet"))


def test_events_of_others_tell_nothing(store: Database, tmp_path: Path) -> None:
    shop = faulty(tmp_path)
    shop.wave()
    shop.shop.take_all([event("o", "other", "order", 1)])
    assert lacking(shop) == [Lacking.UNSEEN]


def test_a_schema_that_no_longer_fits_the_version_before(store: Database, tmp_path: Path) -> None:
    shop = faulty(tmp_path)
    shop.wave()
    shop.shop.write("events.yaml", SCHEMA.replace("  return: {", "  sent_back: {"))
    shop.shop.take_all(
        [{**e, "type": e["type"].replace("return", "sent_back")} for e in shop.records]
    )
    assert lacking(shop) == [Lacking.UNFIT]
