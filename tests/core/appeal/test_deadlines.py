"""The term of an appeal is never shorter than any lawful reading of six months, and is one date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.appeal.deadlines import appeal_date, appeal_until_us
from tests.core.appeal.casework import DAY
from tests.core.samples import often

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def us(*when: int) -> int:
    return (datetime(*when, tzinfo=UTC) - EPOCH) // timedelta(microseconds=1)  # type: ignore[misc]


def six_months_later(day: date) -> date:
    """Article 3(2)(c) of Regulation 1182/71: the same date, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + 6, 12)
    for last in range(day.day, 0, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError(day)


@often
@given(
    st.integers(us(2020, 1, 1), us(2100, 1, 1)),
    st.integers(-12, 14),
    st.integers(0, 14),
)
def test_no_lawful_reading_is_longer(informed_us: int, zone: int, holidays: int) -> None:
    """In whatever time zone the day is told, and with two weeks of holidays at its end."""
    informed = EPOCH + timedelta(microseconds=informed_us)
    there = timezone(timedelta(hours=zone))
    last = six_months_later(informed.astimezone(there).date()) + timedelta(days=holidays)
    lawful = datetime(last.year, last.month, last.day, tzinfo=there) + timedelta(days=1)
    assert appeal_until_us(informed_us) >= (lawful - EPOCH) // timedelta(microseconds=1)


@often
@given(st.integers(0, 4_000_000_000_000_000), st.integers(-12, 14))
def test_the_whole_of_the_date_that_is_told_counts_wherever_one_is(now: int, zone: int) -> None:
    day = appeal_date(now)
    there = datetime(day.year, day.month, day.day, 23, 59, tzinfo=timezone(timedelta(hours=zone)))
    assert (there - EPOCH) // timedelta(microseconds=1) < appeal_until_us(now)
    assert appeal_until_us(now) <= appeal_until_us(now + DAY), "who is told later has no less"


@pytest.mark.parametrize(
    ("informed", "last"),
    [
        ((2026, 1, 15, 0, 0), date(2026, 8, 15)),
        ((2026, 7, 31, 23, 59), date(2027, 2, 28)),
        ((2027, 7, 29, 12, 0), date(2028, 2, 29)),
        ((2026, 5, 31, 12, 0), date(2026, 12, 31)),
        ((2026, 6, 1, 12, 0), date(2027, 1, 1)),
    ],
)
def test_the_date_as_it_is_told(informed: tuple[int, ...], last: date) -> None:
    assert appeal_date(us(*informed)) == last
    after = last + timedelta(days=1)
    assert appeal_until_us(us(*informed)) == us(after.year, after.month, after.day, 12)
