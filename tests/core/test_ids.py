"""Names made from what they name, and lengths of time as people write them."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.ids import finding_id, share_of
from habeas.core.times import UNIT_NAMES, UNITS, duration, spoken
from tests.core.samples import calm

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def test_units_are_microseconds() -> None:
    assert {unit: us // 1_000_000 for unit, us in UNITS.items()} == SECONDS
    assert set(UNIT_NAMES.values()) == set(UNITS)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("15m", 900), ("24h", 86_400), ("14d", 1_209_600), ("2w", 1_209_600)],
)
def test_a_duration_is_microseconds(text: str, seconds: int) -> None:
    assert duration(text) == seconds * 1_000_000


@pytest.mark.parametrize(
    "text", ["", "0d", "00d", "d", "1", "1.5d", "-1d", " 1d", "1d\n", "1 d", "1y", "1234567d", "٣d"]
)
def test_what_is_no_length_of_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write for example 24h, 14d or 52w"):
        duration(text)


@calm
@given(st.integers(1, 999_999), st.sampled_from(sorted(UNITS)))
def test_a_duration_is_spoken_so_that_it_reads_back(count: int, unit: str) -> None:
    us = duration(f"{count}{unit}")
    assert us == count * SECONDS[unit] * 1_000_000
    said = spoken(us)
    assert int(said[:-1]) * SECONDS[said[-1]] * 1_000_000 == us
    assert len(said) <= len(f"{count * SECONDS[unit]}s")


def test_equal_times_are_spoken_alike() -> None:
    assert spoken(duration("2w")) == spoken(duration("336h")) == "14d"
    assert spoken(90_000_000) == "90s"
    assert spoken(1500) == "1500us"


def test_a_finding_has_the_same_id_in_every_run_and_another_for_each_part() -> None:
    one = finding_id("returns", 1, "aa", "e1")
    canonical = '["returns",1,"aa","e1"]'
    assert one == hashlib.sha256(canonical.encode()).hexdigest()[:32]
    others = {
        finding_id("return", 1, "aa", "e1"),
        finding_id("returns", 2, "aa", "e1"),
        finding_id("returns", 1, "ab", "e1"),
        finding_id("returns", 1, "aa", "e2"),
    }
    assert len(others | {one}) == 5


@calm
@given(st.text(max_size=30), st.text(max_size=30))
def test_a_share_lies_between_nought_and_one_and_stays(account: str, salt: str) -> None:
    share = share_of(account, salt)
    assert 0 <= share < 1
    assert share == share_of(account, salt)


def test_shares_are_spread_evenly_and_apart_for_each_salt() -> None:
    accounts = [f"account {i}" for i in range(4000)]
    tenths = [0] * 10
    for account in accounts:
        tenths[int(share_of(account, "one") * 10)] += 1
    assert min(tenths) > 320
    assert max(tenths) < 480
    both = sum(share_of(a, "one") < 0.5 and share_of(a, "two") < 0.5 for a in accounts)
    assert 850 < both < 1150


def test_a_share_is_known_from_its_hash() -> None:
    head = hashlib.sha256(b"salt\x00A1").hexdigest()[:16]
    assert share_of("A1", "salt") == int(head, 16) / 2**64
