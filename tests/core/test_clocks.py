"""Which clocks cannot be right: an hour behind, a month ahead, an hour from the server's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.clocks import AHEAD_US, BEHIND_US, doubt
from habeas.core.times import UNITS

NEWEST = 1_600_000_000_000_000  # 2020-09-13T12:26:40Z
TIMES = st.integers(0, 2**52)


@pytest.mark.parametrize(
    ("off_us", "ahead"),
    [
        (-BEHIND_US - 1, False),
        (-BEHIND_US, None),
        (0, None),
        (3 * UNITS["d"], None),  # a quiet weekend
        (AHEAD_US, None),
        (AHEAD_US + 1, True),
    ],
)
def test_compared_with_the_newest_record(off_us: int, ahead: bool | None) -> None:
    found = doubt(NEWEST + off_us, NEWEST)
    assert (None if found is None else found.ahead) == ahead


@pytest.mark.parametrize(
    ("off_us", "ahead"),
    [(-BEHIND_US - 1, False), (-BEHIND_US, None), (BEHIND_US, None), (BEHIND_US + 1, True)],
)
def test_compared_with_the_clock_of_the_server(off_us: int, ahead: bool | None) -> None:
    for newest_us in (None, NEWEST):
        found = doubt(NEWEST + off_us, newest_us, NEWEST)
        if newest_us is None:
            assert (None if found is None else found.ahead) == ahead
        else:
            assert (found is None) == (ahead is None)


@given(TIMES)
def test_an_empty_store_accepts_any(now_us: int) -> None:
    assert doubt(now_us, None) is None


def test_it_is_said_with_both_times() -> None:
    behind, ahead = (
        doubt(NEWEST - UNITS["d"], NEWEST), doubt(NEWEST + 365 * UNITS["d"], NEWEST),
    )  # fmt: skip
    other = doubt(NEWEST, NEWEST, NEWEST + 2 * UNITS["h"])
    assert behind is not None
    assert ahead is not None
    assert other is not None
    assert behind.says == (
        "the clock here says 2020-09-12T12:26:40Z, and the newest record is of "
        "2020-09-13T12:26:40Z, more than an hour after that"
    )
    assert ahead.says == (
        "the clock here says 2021-09-13T12:26:40Z, and the newest record is of "
        "2020-09-13T12:26:40Z, more than 30 days before that"
    )
    assert other.says == (
        "the clock here says 2020-09-13T12:26:40Z, and that of the database server "
        "2020-09-13T14:26:40Z, more than an hour apart"
    )
