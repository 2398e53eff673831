"""Terms: what is refused and what just is not, what is expected, and what a plan says of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from habeas.core.brake import BrakeTerms
from habeas.core.brake.baselines import POLICY, WHOLE
from habeas.core.brake.settings import Settings
from habeas.core.brake.terms import Basis, held_by, pace_of, terms_of, watched, wave_id
from habeas.core.errors import InvalidInput
from habeas.core.policy.plans import HOUR, HOURS, UNKNOWN, Mode
from habeas.core.times import SECOND
from tests.core.brake.braking import DAY, START, flat, terms
from tests.core.policy.test_plans import plan
from tests.core.samples import SCHEMA, schema_of

RISING = tuple(float(hour) for hour in range(HOURS))


@pytest.mark.parametrize(
    "given",
    [
        {"bin_us": HOUR},
        {"bin_us": 1},
        {"slack": 1.0},
        {"floor": 1.0, "promise_us": 10 * DAY},
        {"floor": 10.0, "promise_us": DAY},
        {"forecasts": {WHOLE: (0.0,) * HOURS}},
        {"shares": {"country": 0.0, "policy": 1.0}},
        {"caps": {"*": 0, "country": 1, "policy": 2}},
        {"attributes": ()},
    ],
)
def test_terms_at_their_edge_are_taken(given: dict[str, object]) -> None:
    ground = terms(**given)  # type: ignore[arg-type]
    assert {name: getattr(ground, name) for name in given} == given


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"bin_us": -SECOND}, "does not divide an hour"),
        ({"bin_us": 2 * HOUR}, "does not divide an hour"),
        ({"slack": float("inf")}, "a slack of inf"),
        ({"slack": 0.999}, "a slack of 0.999"),
        ({"floor": 0.999, "promise_us": 10 * DAY}, "one false pause in 10 days"),
        ({"floor": float("inf")}, "a floor of inf decisions a day"),
        ({"attributes": ("policy", "*")}, "named twice"),
        ({"forecasts": {WHOLE: (1.0,) * (HOURS - 1)}}, "the forecast of all decisions is not 168"),
        ({"forecasts": {WHOLE: (1.0,) * (HOURS + 1)}}, "the forecast of all decisions is not 168"),
        ({"forecasts": {WHOLE: (*(1.0,) * (HOURS - 1), -0.1)}}, "not 168 numbers from 0"),
        ({"forecasts": {WHOLE: (*(1.0,) * (HOURS - 1), float("inf"))}}, "not 168 numbers from 0"),
        ({"shares": {"country": -0.1}}, "outside 0 to 1"),
        ({"shares": {"country": 0.5, "policy": 1.1}}, "outside 0 to 1"),
        ({"caps": {"*": 1, "country": -1}}, "a cap is below 0"),
        ({"caps": {"*": 1, "planet": 1}}, "a cap on planet"),
    ],
)
def test_terms_just_over_their_edge_are_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        terms(**given)  # type: ignore[arg-type]


def test_what_the_operator_leaves_out() -> None:
    ground, usual = BrakeTerms(365 * DAY), Settings()
    assert (ground.bin_us, ground.slack, ground.floor) == (10 * SECOND, 1.75, 1.0)
    assert (usual.bin_us, usual.slack, usual.floor) == (10 * SECOND, 1.75, 1.0)
    assert usual.promise_us == 365 * DAY
    assert (ground.promise, ground.bin) == (365 * 86_400.0, 10.0)


def test_each_hour_of_the_week_has_its_own_forecast() -> None:
    ground = terms(forecasts={WHOLE: RISING}, shares={"country": 0.5}, floor=24.0)
    monday = START // HOUR
    for hour in (0, 1, 24, 167):
        expected = max(float(hour), 1.0), Basis.PLAN
        assert ground.expected(WHOLE, monday + hour, 99.0) == expected
        assert ground.expected(WHOLE, monday + HOURS + hour, 99.0) == expected
    assert ground.expected(("country", "NZ"), monday + 24, 0.0) == (12.0, Basis.SHARE)
    assert ground.expected(("country", "NZ"), monday + 24, 12.0) == (12.0, Basis.SHARE)
    assert ground.expected(("country", "NZ"), monday + 24, 13.0) == (13.0, Basis.LEARNED)
    assert ground.expected(("country", "NZ"), monday + 1, 1.0) == (1.0, Basis.FLOOR)
    assert ground.expected(("policy", "v@1"), monday + 24, 0.0) == (1.0, Basis.FLOOR)
    assert terms(forecasts={}).expected(WHOLE, monday, 0.0) == (1 / 24, Basis.FLOOR)


def test_what_lacks_an_attribute_or_has_an_empty_one_is_unknown() -> None:
    found = terms().streams({"policy": "", "planet": "Mars"})
    assert found == (WHOLE, ("policy", UNKNOWN), ("country", UNKNOWN))
    assert terms().streams({"country": "FR", "policy": "a@1"}) == (
        WHOLE, ("policy", "a@1"), ("country", "FR"),
    )  # fmt: skip


SEGMENTS = """\
segments:
  policy:   {last: code, of: order}
  country:  {last: country, of: order}
  gift:     {last: gift, of: order}
  spend:    {sum: amount, of: order, bands: [50_00]}
  opened:   {first: country, of: order}
  rank:     {last: rank, of: order, bands: [3]}
  shared:   {last: country, of: login, by: device}
  sent:     {last: country, of: return, where: pieces > 1}
  lately:   {last: country, of: return, over: 30d}
"""


def test_only_what_a_single_event_tells_is_watched() -> None:
    schema = schema_of(SCHEMA.partition("segments:")[0] + SEGMENTS)
    assert list(watched(schema)) == ["country", "gift"]


def test_a_plan_says_what_the_brake_of_its_policy_expects() -> None:
    own = replace(plan().policies[0], findings=4)
    other = replace(own, policy="sharing", version=1)
    gone = replace(own, version=None)
    whole = replace(plan(), mode=Mode.ENFORCE, policies=(own, other))
    settings = Settings(
        promise_us=100 * DAY, slack=2.0, floor=3.0, bin_us=SECOND,
        shares={"country": 0.25}, caps={"country": 7, "planet": 9},
    )  # fmt: skip
    ground = terms_of("returns-abuse", whole, settings, ["country", "device"])
    assert ground == BrakeTerms(
        promise_us=100 * DAY,
        attributes=(POLICY, "country", "device"),
        forecasts={
            WHOLE: flat(12.0),
            (POLICY, "returns-abuse@3"): flat(12.0),
            ("country", "FR"): flat(9.0),
            ("country", UNKNOWN): flat(12.0),
            ("device", UNKNOWN): flat(12.0),
        },
        bin_us=SECOND,
        slack=2.0,
        floor=3.0,
        shares={POLICY: 1.0, "country": 0.25},
        caps={"*": 24, "country": 7},
    )
    bare = terms_of("returns-abuse", whole, settings)
    assert set(bare.forecasts) == {WHOLE, (POLICY, "returns-abuse@3")}
    assert bare.caps == {"*": 24}
    for plan_of in (None, replace(whole, policies=(other,)), replace(whole, policies=(gone,))):
        without = terms_of("returns-abuse", plan_of, settings, ["country"])
        assert (without.forecasts, without.caps) == ({}, {"*": 20, "country": 7})
    assert terms_of("returns-abuse", whole, Settings(caps={"*": 3})).caps == {"*": 3}


def test_the_cap_is_the_busiest_day_within_an_hour() -> None:
    own = plan().policies[0]
    hours = (*(0.0,) * 24, *(2.0,) * 24, *(0.0,) * 24, *(1.0,) * 96)
    busy = replace(own, forecast=replace(own.forecast, hours=hours))
    whole = replace(plan(), mode=Mode.ENFORCE, policies=(busy,))
    assert terms_of("returns-abuse", whole, Settings()).caps == {"*": 84}
    tiny = replace(own, forecast=replace(own.forecast, hours=(0.0,) * 167 + (11.9,)))
    few = replace(whole, policies=(tiny,))
    assert terms_of("returns-abuse", few, Settings()).caps == {"*": 21}, "rounded up"
    assert terms_of("returns-abuse", few, Settings(slack=1.5)).caps == {"*": 20}, "at least"


def test_the_pace_after_a_release_is_that_of_the_busiest_hour() -> None:
    assert pace_of(terms(forecasts={WHOLE: (*(0.0,) * 167, 4.0)}, slack=1.5)) == 6.0
    assert pace_of(terms(forecasts={WHOLE: (0.5,) * HOURS}, slack=1.5)) == 1.0
    assert pace_of(terms(forecasts={})) == 1.0


def test_what_a_person_is_told() -> None:
    assert wave_id("returns", 3) == "returns.3"
    told = held_by("returns")
    assert "the brake of returns holds it (law 11)" in str(told)
    assert "see `habeas brake returns`" in told.hint
