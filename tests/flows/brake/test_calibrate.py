"""Calibrate: the slack that held-out weeks would have needed, and what cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from habeas.core.errors import NotFound
from habeas.flows.brake.calibrate import calibrate
from habeas.pages.json import plain
from tests.flows.deciding import force
from tests.flows.shop import Shop, event, open_shop, policy

NAME, LONG, SHORT = "many-returns", 56.0, 6.0  # days of history
Day = Callable[[int], float]  # when an account is found, by its number


def planned(root: Path, day: Day, days: float, accounts: int = 400) -> Shop:
    """Each account is found once. A customer who only orders makes the history begin on day 0."""
    shop = open_shop(root)
    shop.put(policy(when="returns >= 3"))
    records = [event("first", "calm", "order", 0.0), event("last", "calm", "order", days)]
    for number in range(accounts):
        name, last = f"a{number}", day(number)
        for n in range(3):
            where = ("FR", "DE")[number % 2]
            records.append(event(f"{name} {n}", name, "return", last - n * 1e-4, country=where))
    shop.take_all(records)
    force(shop)
    return shop


def evenly(number: int) -> float:
    return 0.1 + number * (LONG - 0.2) / 400


def rushed(number: int) -> float:
    """Half of them within an hour of the last week."""
    return evenly(number) if number % 2 else LONG - 3 + number / 400 / 24


def test_an_even_history_needs_the_least_slack(tmp_path: Path) -> None:
    shop = planned(tmp_path, evenly, LONG)
    (found,) = calibrate(shop.folder)
    assert (found.policy, found.slack, found.set_slack, found.why) == (NAME, 1.25, 1.75, "")
    assert 98 <= found.decisions <= 102, "the last quarter is held out"
    told = shop.run("brake", "calibrate")
    assert told.code == 0, told.err
    assert "a slack of 1.25 keeps" in told.out
    assert "write `slack: 1.25` in brake.yaml" in told.out
    (same,) = shop.run("brake", "calibrate", "--json").json()["items"]
    assert same == plain(found)


def test_a_rush_in_the_held_out_weeks_fits_no_slack(tmp_path: Path) -> None:
    shop = planned(tmp_path, rushed, LONG)
    (found,) = calibrate(shop.folder)
    assert (found.slack, found.why) == (None, "")
    told = shop.run("brake", "calibrate")
    assert told.code == 0, told.err
    assert "no slack up to 3 keeps" in told.out


def test_a_week_is_too_short_to_tell(tmp_path: Path) -> None:
    shop = planned(tmp_path, lambda n: evenly(n) * SHORT / LONG, SHORT)
    (found,) = calibrate(shop.folder)
    assert found.slack is None
    assert found.why.startswith("less than a week")
    assert "cannot be told: less than a week" in shop.run("brake", "calibrate").out


def test_without_a_plan_there_is_nothing_to_calibrate(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    with pytest.raises(NotFound, match="no policy is in force here"):
        calibrate(shop.folder)


def test_damaged_findings_are_told(tmp_path: Path) -> None:
    shop = planned(tmp_path, evenly, LONG, 20)
    path = shop.folder.frozen(shop.folder.applied_plan() or "").findings
    path.write_bytes(path.read_bytes()[:100])
    told = shop.run("brake", "calibrate")
    assert told.code != 0
    assert "findings.parquet" in told.err
