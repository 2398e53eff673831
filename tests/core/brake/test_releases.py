"""What two people say becomes one release."""

from __future__ import annotations

import pytest

from habeas.core.brake.releases import ReleaseRequest, joined, stream_of
from habeas.core.errors import InvalidInput
from tests.core.brake.braking import DORA, EMIL


def test_both_reasons_and_the_slower_pace() -> None:
    first = ReleaseRequest(5, DORA, "a sale ended ", (("country", "FR"),), 9.0)
    second = ReleaseRequest(7, EMIL, "I looked", (("country", "FR"),), 3.0)
    made = joined(first, second)
    assert (made.time_us, made.by, made.why) == (7, (DORA, EMIL), "a sale ended; I looked")
    assert (made.streams, made.pace) == ((("country", "FR"),), 3.0)


def test_the_same_reason_is_said_once_and_no_pace_is_none() -> None:
    both = (ReleaseRequest(1, who, "a sale", (), None) for who in (DORA, EMIL))
    made = joined(*both)
    assert (made.why, made.pace) == ("a sale", None)


def test_a_segment_as_it_is_typed() -> None:
    assert stream_of("country=FR") == ("country", "FR")
    assert stream_of("device=a=b") == ("device", "a=b")
    for text in ("country", "=FR", "country="):
        with pytest.raises(InvalidInput, match="names no segment"):
            stream_of(text)
