"""Calibrate: the slack that held-out weeks would have needed, and what cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from habeas.core.brake.baselines import bin_for
from habeas.core.errors import NotFound
from habeas.core.policy.plans import HOURS
from habeas.core.times import SECOND
from habeas.flows.brake.calibrate import calibrate
from habeas.pages.json import plain
from tests.flows.deciding import force
from tests.flows.shop import DAY_US, START_US, Shop, event, open_shop, policy

NAME, LONG, SHORT = "many-returns", 56.0, 6.0  # days of history
Day = Callable[[int], float]  # when an account is found, by its number


def half(number: int) -> str:
    return ("FR", "DE")[number % 2]


def planned(
    root: Path,
    day: Day,
    days: float,
    accounts: int = 400,
    country: Callable[[int], str] = half,
) -> Shop:
    """Each account is found once. A customer who only orders makes the history begin on day 0."""
    shop = open_shop(root)
    shop.put(policy(when="returns >= 3"))
    records = [event("first", "calm", "order", 0.0), event("last", "calm", "order", days)]
    for number in range(accounts):
        name, last = f"a{number}", day(number)
        for n in range(3):
            at, where = last - n * 1e-4, country(number)
            records.append(event(f"{name} {n}", name, "return", at, country=where))
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


def test_the_last_quarter_is_held_out_to_the_microsecond(tmp_path: Path) -> None:
    shop = planned(tmp_path, evenly, LONG)
    (found,) = calibrate(shop.folder)
    first_us = START_US
    last_us = START_US + round(LONG * DAY_US)
    assert (found.since_us, found.until_us) == (last_us - (last_us - first_us) // 4, last_us)
    hours = (300 / (42 * 24),) * HOURS  # what came before, spread over its six weeks
    assert found.longest_us == pytest.approx(bin_for(hours), rel=0.7)
    assert found.set_bin_us == 10 * SECOND


def test_a_week_of_history_is_enough(tmp_path: Path) -> None:
    week = 7 * 4 / 3  # of which the first three quarters are a week
    for days, short in ((week + 0.001, False), (week - 0.001, True)):
        shop = planned(
            tmp_path / str(days), lambda n, d=days: 0.1 + n * (d - 0.2) / 40, days, accounts=40
        )
        (found,) = calibrate(shop.folder)
        assert bool(found.why) == short
        assert found.why == "" or found.slack is None


def turned(number: int) -> str:
    """One in ten is from France, but of the last quarter nine."""
    return "FR" if (number % 10 == 0) != (number >= 300) else "DE"


@pytest.mark.parametrize(("country", "quiet"), [(half, True), (turned, False)])
def test_each_stream_keeps_its_share_of_the_forecast(
    tmp_path: Path, country: Callable[[int], str], quiet: bool
) -> None:
    """As many as before in all, so that only a segment can tell."""
    (found,) = calibrate(planned(tmp_path, evenly, LONG, country=country).folder)
    assert (found.slack == 1.25) == quiet
    assert found.slack is None or 1.25 <= found.slack <= 3.0


def test_events_that_tell_no_segment_leave_the_whole_to_watch(tmp_path: Path) -> None:
    shop = planned(tmp_path, evenly, LONG, country=turned)
    (shop.root / "brake.yaml").write_text("events: other.parquet\n", encoding="utf-8")
    shop.events.rename(tmp_path / "other.parquet")
    (found,) = calibrate(shop.folder)
    assert found.slack != 1.25, "they are read where the operator says"
