"""Baselines: what a plan foresees, by stream; terms that make no sense are refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.brake import BrakeTerms
from habeas.core.brake.baselines import WHOLE, bin_for, foreseen, shown
from habeas.core.brake.terms import Basis
from habeas.core.errors import InvalidInput
from habeas.core.policy import Plan
from habeas.core.policy.plans import HOUR, HOURS, Mode, Segment
from habeas.core.times import SECOND
from tests.core.brake.braking import DAY, terms
from tests.core.policy.test_plans import plan
from tests.core.samples import few


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"bin_us": 0}, "does not divide an hour"),
        ({"bin_us": 7 * SECOND}, "does not divide an hour"),
        ({"slack": 0.5}, "less than the forecast"),
        ({"slack": float("nan")}, "less than the forecast"),
        ({"floor": 0.0}, "single decisions would close"),
        ({"promise_us": HOUR}, "single decisions would close"),
        ({"attributes": ("policy", "policy")}, "named twice"),
        ({"attributes": ("*",)}, "named twice"),
        ({"forecasts": {WHOLE: (1.0,)}}, "not 168 numbers"),
        ({"forecasts": {WHOLE: (float("nan"),) * HOURS}}, "not 168 numbers"),
        ({"forecasts": {WHOLE: (-1.0,) * HOURS}}, "not 168 numbers"),
        ({"shares": {"country": 1.5}}, "outside 0 to 1"),
        ({"caps": {"planet": 5}}, "no attribute"),
        ({"caps": {"*": -5}}, "below 0"),
    ],
)
def test_terms_that_make_no_sense_are_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        terms(**wrong)  # type: ignore[arg-type]


def enforced(**policy: object) -> Plan:
    one = plan()
    changed = replace(one.policies[0], **{"findings": 4} | policy)  # type: ignore[arg-type]
    return replace(one, mode=Mode.ENFORCE, policies=(changed,))


def test_a_plan_foresees_the_whole_each_version_and_each_part_of_its_segments() -> None:
    found = foreseen(enforced())
    assert found == {
        WHOLE: (0.5,) * HOURS,
        ("policy", "returns-abuse@3"): (0.5,) * HOURS,
        ("country", "FR"): (0.375,) * HOURS,  # three findings of four
    }
    BrakeTerms(30 * DAY, ("policy", "country"), found)


def test_a_canary_foresees_its_share_and_what_does_nothing_foresees_nothing() -> None:
    one = enforced()
    canary = replace(one, mode=Mode.CANARY, canary=10)
    assert foreseen(canary)[WHOLE] == pytest.approx((0.05,) * HOURS)
    assert foreseen(replace(one, mode=Mode.SHADOW))[WHOLE] == (0.0,) * HOURS
    assert foreseen(enforced(version=None)) == {WHOLE: (0.0,) * HOURS}


def test_nothing_is_foreseen_of_a_segment_that_nobody_was_found_in() -> None:
    assert foreseen(enforced(findings=0)).keys() == {WHOLE, ("policy", "returns-abuse@3")}
    band = replace(plan().policies[0].segments[0].bands[0], label="a@1")
    version = Segment("policy", (band,))
    assert ("policy", "a@1") not in foreseen(enforced(segments=(version,)))
    one = enforced()
    assert foreseen(replace(one, canary=10)) == foreseen(one), "no canary, no share of one"
    assert foreseen(replace(one, policies=one.policies * 2))[WHOLE] == (1.0,) * HOURS


LENGTHS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600)  # of bins, seconds


@pytest.mark.parametrize(("shorter", "length"), list(pairwise(LENGTHS)))
def test_the_longest_bin_in_which_a_quarter_of_a_decision_is_expected(
    length: int, shorter: int
) -> None:
    just = 900 / length  # an hour, so that a bin has a quarter
    for peak, found in ((just * 0.9999, length), (just * 1.0001, shorter)):
        assert bin_for((0.0, peak, 0.0)) == found * SECOND
    if just == int(just):
        assert bin_for((just,)) == length * SECOND
    assert bin_for((1e6,), length * SECOND) == length * SECOND
    assert bin_for((1e6,), shorter * SECOND + 1) == length * SECOND
    assert bin_for((1e6,)) == SECOND
    assert bin_for(()) == bin_for((1e6,), 3 * HOUR) == HOUR


def test_a_stream_as_people_read_it() -> None:
    assert (shown(WHOLE), shown(WHOLE, "fr")) == ("all decisions", "toutes les décisions")
    assert shown(("country", "FR")) == shown(("country", "FR"), "fr") == "country FR"


@few
@given(st.floats(0, 1e5), st.integers(0, 2 * HOUR))
def test_a_bin_divides_an_hour_and_expects_little_but_holds_a_batch(
    peak: float, batch_us: int
) -> None:
    found = bin_for((0.0,) * (HOURS - 1) + (peak,), batch_us)
    assert HOUR % found == 0
    assert found >= min(batch_us, HOUR)
    quiet = peak * found / HOUR <= 0.25
    assert quiet or found == SECOND or (found < 2 * HOUR and batch_us > found // 3)


def test_a_stream_without_a_forecast_has_the_most_that_is_known_of_it() -> None:
    ground = terms(240.0, shares={"country": 0.5})
    assert ground.expected(("policy", "new@1"), 0, 0.0) == (1 / 24, Basis.FLOOR)
    assert ground.expected(("policy", "new@1"), 0, 3.0) == (3.0, Basis.LEARNED)
    assert ground.expected(("country", "NZ"), 0, 3.0) == (5.0, Basis.SHARE)
    assert ground.expected(("country", "FR"), 0, 99.0) == (5.0, Basis.PLAN)
