"""The brake: it holds what it must, passes what it must, and can be recomputed from what was
recorded."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.brake import Brake, BrakeState, BrakeTerms, Release
from habeas.core.brake.baselines import NEW, WHOLE
from habeas.core.brake.brakes import BrakeInquiry
from habeas.core.brake.terms import Basis
from habeas.core.errors import IllegalMove, InvalidInput
from habeas.core.policy.plans import HOUR, HOURS
from habeas.core.times import SECOND
from habeas.store.codec import decoded, encoded
from tests.core.brake.braking import (
    DAY,
    DORA,
    LATER,
    MINUTE,
    RECORDS,
    ROBOT,
    START,
    VERSIONS,
    WEEK,
    asked,
    flat,
    flooded,
    fold,
    released,
    terms,
)
from tests.core.samples import few

BETS = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)  # not those of the module: the evidence is known

# --- what it holds and what it passes


@few
@given(RECORDS, RECORDS)
def test_a_closed_brake_holds_and_nothing_that_it_holds_changes_it(
    before: list[BrakeInquiry], after: list[BrakeInquiry]
) -> None:
    brake = fold(terms(), before)
    flooded(brake, LATER)
    closing, state = brake.closed, brake.state()
    assert closing is not None
    for one in after:
        answer = brake.ask(one)
        assert not answer.passes
        assert answer.closing == closing
    assert brake.state() == state


@few
@given(RECORDS, st.booleans())
def test_reversals_and_warnings_always_pass_and_are_not_counted(
    records: list[BrakeInquiry], flood: bool
) -> None:
    brake = Brake(terms())
    if flood:
        flooded(brake)
    state = brake.state()
    assert all(brake.ask(one, restrictive=False).passes for one in records)
    assert brake.state() == state


@few
@given(RECORDS)
def test_it_closes_on_the_decision_that_brings_the_promise(records: list[BrakeInquiry]) -> None:
    brake = Brake(terms())
    for one in records:
        open_before = brake.closed is None
        passes = brake.ask(one).passes
        assert passes == (open_before and brake.evidence < brake.terms.promise)
        if brake.closed:
            assert sum(c.share for c in brake.closed.causes) <= 1 + 1e-9
            assert all(c.expected > 0 and c.seen > 0 for c in brake.closed.causes)


def test_it_says_which_stream_and_how_many_times_over_the_forecast() -> None:
    brake = Brake(terms())
    for minute in range(600):  # as the plan expects
        brake.ask(asked(minute * 6 * MINUTE, VERSIONS[minute % 2], ("DE", "FR")[minute // 2 % 2]))
    assert brake.closed is None
    assert flooded(brake, 3601 * MINUTE, "sharing@1") < 20
    assert brake.closed
    policies = [c for c in brake.closed.causes if c.stream[0] == "policy"]
    assert [c.stream for c in policies] == [("policy", "sharing@1")]
    assert policies[0].basis is Basis.PLAN
    assert policies[0].since_us >= START + 3600 * MINUTE
    # 5 an hour were expected, for one or two minutes
    assert policies[0].expected == pytest.approx(5 / 60, rel=1.5)
    assert policies[0].times > 50
    assert "policy sharing@1: " in str(brake.closed)
    assert "decisions where the plan expected 0." in str(brake.closed)


# --- release


def test_two_people_release_it_with_a_reason() -> None:
    brake = Brake(terms())
    with pytest.raises(IllegalMove, match="is open"):
        brake.release(released())
    flooded(brake)
    for by in [(), (DORA,), (DORA, DORA), (DORA, ROBOT)]:
        with pytest.raises(IllegalMove, match="two people"):
            brake.release(replace(released(), by=by))
    with pytest.raises(IllegalMove, match="no reason"):
        brake.release(replace(released(), why=" "))
    with pytest.raises(InvalidInput, match="does not watch country ZZ"):
        brake.release(released(HOUR, ("country", "ZZ")))
    assert brake.closed
    brake.release(released())
    assert brake.closed is None


@few
@given(RECORDS)
def test_a_released_brake_starts_clean(records: list[BrakeInquiry]) -> None:
    used, fresh = fold(terms(), records), Brake(terms())
    flooded(used, LATER)
    used.release(released(LATER))
    assert used.evidence == 0
    assert all(w.evidence == 0 and w.seen == 0 for w in used.state().wealth)
    # streams that came up since share the weight; by that much it may be later, not more
    assert flooded(fresh, LATER) <= flooded(used, LATER) <= 20


def test_a_release_of_some_streams_holds_the_others_and_all_that_is_to_blame() -> None:
    brake = Brake(terms())
    flooded(brake, 0, "returns@3", "FR")
    brake.release(released(HOUR, ("country", "FR")))
    assert brake.closed
    assert brake.ask(asked(HOUR, "sharing@1", "FR")).passes
    assert not brake.ask(asked(HOUR, "returns@3", "FR")).passes, "its policy was to blame"
    assert not brake.ask(asked(HOUR, "sharing@1", "DE")).passes, "nobody released Germany"
    assert flooded(brake, HOUR, "sharing@1", "FR") < 20, "what is released is still watched"
    assert not brake.ask(asked(2 * HOUR, "sharing@1", "FR")).passes
    assert ("policy", "returns@3") in [c.stream for c in brake.closed.causes], "and not forgotten"
    brake.release(released(2 * HOUR, WHOLE))
    assert brake.ask(asked(2 * HOUR, "returns@3", "DE")).passes


def test_where_new_values_are_to_blame_others_that_no_plan_foresaw_are_held_too() -> None:
    brake = Brake(terms(2_400.0))
    for n in range(60):
        brake.ask(asked(n * SECOND, f"new@{n}"))
    assert brake.closed
    assert ("policy", NEW) in [c.stream for c in brake.closed.causes]
    brake.release(released(HOUR, ("country", "DE")))
    assert not brake.ask(asked(HOUR, "newest@1", "DE")).passes
    assert brake.ask(asked(HOUR, "returns@3", "DE")).passes


# --- state


@few
@given(RECORDS, st.integers(0, 400), st.booleans())
def test_it_can_be_saved_resumed_and_recomputed(
    records: list[BrakeInquiry], cut: int, release: bool
) -> None:
    stream: list[BrakeInquiry | Release] = [*records]
    if release and fold(terms(), records).closed:
        stream += [released(), *records]
    whole = fold(terms(), stream).state()
    assert fold(terms(), stream).state() == whole
    half = fold(terms(), stream[:cut]).state()
    saved = decoded(json.loads(json.dumps(encoded(half))), BrakeState)
    assert fold(terms(), stream[cut:], saved).state() == whole


@few
@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.integers(1, 400))
def test_bins_without_decisions_are_the_same_one_by_one_or_at_once(
    counts: list[int], gap: int
) -> None:
    """Against the formula written down without any of its shortcuts."""
    parts = {WHOLE: flat(240.0)}
    brake = Brake(terms(promise_us=10**15 * DAY, bin_us=MINUTE, attributes=(), forecasts=parts))
    wealth, m = [0.0] * len(BETS), 1.75 * 240 / 1440
    for minute, count in enumerate([1, *counts, *[0] * gap, 1]):
        wealth = [
            (w + 0.5 * 60 / 7) * (1 + (k - 1) * count) / (1 + (k - 1) * m)
            for w, k in zip(wealth, BETS, strict=True)
        ]
        for _ in range(count):
            brake.ask(asked(minute * MINUTE))
    assert brake.evidence == pytest.approx(sum(wealth), rel=1e-9)


def test_a_state_of_before_streams_slept_is_taken_up() -> None:
    records = [asked(n * MINUTE, country=("DE", "FR")[n % 2]) for n in range(6)]
    saved = fold(terms(), records).state()
    plain = encoded(saved)
    old = {k: v for k, v in plain.items() if k != "sharing"} | {
        "wealth": [{k: v for k, v in w.items() if k != "paid_us"} for w in plain["wealth"]]
    }
    taken = Brake(terms(), decoded(old, BrakeState))
    kept = Brake(terms(), saved)
    assert taken.evidence == kept.evidence
    assert flooded(taken, HOUR) == flooded(kept, HOUR)


def test_what_slept_under_another_plan_starts_again() -> None:
    """What it would be owed for the bins that it slept was owed by the plan of then."""
    brake = Brake(terms())
    for minute, country in ((0, "DE"), (90, "FR"), (180, "FR")):
        assert brake.ask(asked(minute * MINUTE, country=country)).passes
    slept = ("country", "DE")
    held = {w.stream: w.evidence for w in brake.state().wealth}
    parts = terms().forecasts | {slept: flat(60.0)}
    taken = {w.stream: w for w in Brake(terms(forecasts=parts), brake.state()).state().wealth}
    assert held[slept] > 0
    assert (taken[slept].evidence, taken[slept].paid_us) == (0.0, brake.state().bin_us)
    assert all(w.evidence == held[s] for s, w in taken.items() if s != slept)


COUNTRIES = "ABCDEFGH"
FOUND = st.lists(
    st.tuples(st.integers(0, 240), st.sampled_from(COUNTRIES)), min_size=1, max_size=40
)


@few
@given(FOUND, st.integers(3_000, 10**6))
def test_streams_that_sleep_are_paid_in_full_when_they_wake(
    found: list[tuple[int, str]], days: int
) -> None:
    """Against the formula, in which none sleeps."""
    parts = {WHOLE: flat(400.0)} | {("country", c): flat(50.0) for c in COUNTRIES}
    names = ("country",)
    ground = terms(promise_us=days * DAY, bin_us=MINUTE, attributes=names, forecasts=parts)
    brake = Brake(ground)
    weights = dict.fromkeys([*parts, ("country", NEW)], 0.5 / 9) | {WHOLE: 0.5}
    wealth = {stream: [0.0] * len(BETS) for stream in weights}
    for minute in range(min(m for m, _ in found), 241):
        here = [country for m, country in found if m == minute]
        for country in here:
            assert brake.ask(asked(minute * MINUTE, country=country)).passes
        for stream, weight in weights.items():
            m = ground.slack * ground.expected(stream, START // HOUR, 0.0)[0] / 60
            x = len(here) if stream == WHOLE else here.count(stream[1])
            wealth[stream] = [
                (w + weight * 60 / 7) * (1 + (k - 1) * x) / (1 + (k - 1) * m)
                for w, k in zip(wealth[stream], BETS, strict=True)
            ]
        exact = sum(map(sum, wealth.values()))
        if here:
            assert exact - 0.001 * ground.promise <= brake.evidence <= exact * (1 + 1e-9)
    assert brake.look(START + 240 * MINUTE) == pytest.approx(exact, rel=1e-9)


# --- what may go wrong with what it is given


def test_without_a_plan_it_starts_with_a_floor_and_learns_from_what_it_let_through() -> None:
    ground = BrakeTerms(30 * DAY, floor=5.0, bin_us=SECOND)
    assert WHOLE not in ground.forecasts
    brake = Brake(ground)
    assert flooded(Brake(ground)) < 20
    for hour in range(24 * 8):
        brake.ask(asked(hour * HOUR + MINUTE * (hour % 7)))
        if brake.closed:
            brake.release(released(hour * HOUR))
    learned = {w.stream: w for w in brake.state().wealth}[WHOLE]
    assert learned.basis is Basis.LEARNED
    assert learned.allowed * 86_400 == pytest.approx(1.75 * 24, rel=0.15)
    assert flooded(brake, 8 * DAY) < 40
    assert brake.closed
    assert "no plan; learned is" in str(brake.closed)


def test_a_wave_does_not_teach() -> None:
    brake = Brake(BrakeTerms(30 * DAY, floor=5.0))
    let = flooded(brake)
    brake.ask(asked(MINUTE))
    counted = {w.stream: w.days for w in brake.state().wealth}[WHOLE]
    assert sum(n for _, n in counted) == let


def test_an_hour_with_nothing_expected_has_the_floor() -> None:
    parts = {WHOLE: (0.0,) * HOURS}
    ground = BrakeTerms(30 * DAY, (), parts, SECOND, floor=2.0)
    brake = Brake(ground)
    assert brake.ask(asked(0)).passes, "one decision alone is no wave"
    assert flooded(brake, MINUTE) < 20


@few
@given(st.integers(1, 50 * WEEK))
def test_a_clock_that_goes_back_does_not_blind_it(back: int) -> None:
    brake = Brake(terms())
    brake.ask(asked(0))
    assert flooded(brake, -back) < 30
    assert brake.state().late >= 1


@pytest.mark.parametrize("gap", [WEEK, 2 * WEEK, 5 * WEEK, 5000 * WEEK])
def test_a_gap_neither_closes_it_nor_makes_it_blind(gap: int) -> None:
    brake = Brake(terms())
    for n in range(5):
        assert brake.ask(asked(n)).passes
    assert brake.look(START + gap) < brake.terms.promise / 10
    assert brake.ask(asked(gap)).passes
    assert flooded(brake, gap) < 20


def test_evidence_after_a_long_rest_is_what_two_weeks_put_in() -> None:
    brake = Brake(terms())
    brake.ask(asked(0))
    exact, cut = brake.look(START + 2 * WEEK), brake.look(START + 50 * WEEK)
    assert cut <= exact
    assert cut == pytest.approx(exact, rel=1e-6)


def test_what_lacks_an_attribute_counts_as_unknown_and_is_watched() -> None:
    brake = Brake(terms(24_000.0))
    for n in range(100):
        if not brake.ask(BrakeInquiry(START + n * MINUTE // 2, {"policy": "returns@3"})).passes:
            break
    assert brake.closed
    assert brake.closed.causes[0].stream == ("country", "unknown")


def test_a_wave_that_gives_each_decision_another_value_is_braked() -> None:
    """Far under the whole's forecast, so that only the new values tell."""
    brake = Brake(terms(24_000.0))
    assert sum(brake.ask(asked(n * SECOND, f"new@{n}")).passes for n in range(500)) < 25


def test_a_share_lets_a_new_value_take_over_what_the_plan_foresaw() -> None:
    ground = terms(24_000.0, shares={"country": 1.0})
    assert all(
        Brake(ground).ask(asked(n * 10_000_000, VERSIONS[n % 2], "NZ")).passes for n in range(500)
    )
    assert ground.expected(("country", "NZ"), 0, 0.0) == (1000.0, Basis.SHARE)


def test_streams_that_no_plan_foresaw_are_forgotten_when_they_rest() -> None:
    brake = Brake(terms())
    for day in range(60):
        brake.ask(asked(day * DAY, f"daily@{day}"))
    assert len(brake.state().wealth) < 20


def test_a_cap_stops_what_comes_within_one_bin() -> None:
    ground = terms(240.0, bin_us=HOUR, caps={"*": 50, "country": 30})
    for one, let in [(asked(0, "returns@3", "FR"), 30), (None, 50)]:
        brake = Brake(ground)
        mixed = (asked(0, "returns@3", ("FR", "DE")[n % 2]) for n in range(100))
        several = mixed if one is None else iter([one] * 100)
        assert sum(brake.ask(a).passes for a in several) == let
        assert brake.closed
        assert brake.closed.causes[0].capped
        assert "above its hard cap" in str(brake.closed)
    brake = Brake(ground)
    assert all(brake.ask(asked(hour * HOUR)).passes for hour in range(3) for _ in range(30))


def test_what_it_would_hold_can_be_asked_without_being_counted() -> None:
    brake = Brake(terms())
    fr, de = ({"policy": "returns@3", "country": c} for c in ("FR", "DE"))
    before = brake.state()
    assert not brake.holds(fr)
    assert brake.state() == before
    flooded(brake, country="FR")
    closed = brake.state()
    assert brake.holds(fr)
    assert brake.holds(de)
    assert brake.state() == closed
    brake.release(released(HOUR, ("policy", "returns@3")))
    assert (brake.holds(fr), brake.holds(de)) == (True, False)


def test_without_segments_the_whole_is_watched() -> None:
    assert flooded(Brake(BrakeTerms(30 * DAY, (), {WHOLE: flat(24.0)}, SECOND))) < 20
