"""The brake at its edges: whom it blames, what releases add up to, which slack is enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from habeas.core.brake import Brake, BrakeState, BrakeTerms, Closing, ReleaseRequest
from habeas.core.brake.baselines import NEW, WHOLE
from habeas.core.brake.bets import Wealth
from habeas.core.brake.brakes import BrakeInquiry, calibrated, check_release
from habeas.core.brake.terms import Basis
from habeas.core.errors import IllegalMove, InvalidInput
from habeas.core.policy.plans import HOUR
from habeas.core.times import SECOND
from tests.core.brake.braking import (
    DAY,
    DORA,
    EMIL,
    MINUTE,
    ROBOT,
    START,
    asked,
    flat,
    flooded,
    released,
    terms,
)


def closing(brake: Brake) -> Closing:
    assert brake.closed is not None
    return brake.closed


@pytest.mark.parametrize("countries", range(1, 30))
def test_who_has_a_twentieth_of_the_evidence_is_to_blame(countries: int) -> None:
    """Evenly spread over so many countries, none of which the plan foresaw."""
    brake = Brake(terms())
    for n in range(200):
        if not brake.ask(asked(n * 2 * SECOND, country=f"X{n % countries}")).passes:
            break
    found = closing(brake)
    of = {w.stream: w for w in brake.state().wealth}
    shares = {s: w.evidence / found.evidence for s, w in of.items() if w.seen}
    first = max(shares, key=lambda s: (shares[s], s))
    blamed = {c.stream for c in found.causes}
    assert blamed == {s for s, share in shares.items() if share >= 0.05} | {first}
    assert [c.share for c in found.causes] == sorted((c.share for c in found.causes), reverse=True)
    for cause in found.causes:
        assert cause.share == pytest.approx(shares[cause.stream], rel=1e-12)
        wealth = of[cause.stream]
        assert (cause.seen, cause.since_us) == (wealth.seen, wealth.since_us)
        assert cause.expected == pytest.approx(wealth.due / 1.75)
        assert (cause.basis, cause.capped) == (wealth.basis, False)
    assert found.evidence >= brake.terms.promise
    assert found.time_us == START + n * 2 * SECOND


def test_what_is_above_its_cap_comes_first_however_little_its_evidence() -> None:
    brake = Brake(terms(240_000.0, bin_us=HOUR, caps={"country": 3}))
    for _ in range(3):
        assert brake.ask(asked(0)).passes
    answer = brake.ask(asked(0))
    assert (answer.passes, answer.closing) == (False, closing(brake))
    assert [(c.stream, c.capped) for c in closing(brake).causes][:1] == [(("country", "FR"), True)]
    assert sum(c.capped for c in closing(brake).causes) == 1
    none = Brake(terms(240_000.0, bin_us=HOUR, caps={"*": 0}))
    assert not none.ask(asked(0)).passes
    assert closing(none).causes[0].stream == WHOLE


def test_releases_of_some_streams_add_up_until_all_is_released() -> None:
    brake = Brake(terms())
    assert flooded(brake) < 20
    fr, de = ("country", "FR"), ("country", "DE")
    brake.release(released(HOUR, fr))
    assert brake.state().released == (fr,)
    brake.release(released(HOUR, de))
    assert brake.state().released == (de, fr)
    assert brake.closed
    more = [("country", f"C{n}") for n in range(3)] + [("policy", "returns@3")]
    given = brake.state()
    given = replace(given, wealth=(*given.wealth, *(Wealth(s, paid_us=START) for s in more[:3])))
    many = Brake(terms(), given)
    many.release(released(HOUR, *reversed(more)))
    assert many.state().released == (*more[:3], de, fr, more[3])
    brake.release(released(HOUR, de, WHOLE))
    assert brake.state().released == ()
    assert brake.closed is None


def test_a_stream_that_is_to_blame_can_be_released_though_it_is_forgotten() -> None:
    brake = Brake(terms(24_000.0))
    flooded(brake, country="NZ")
    sudden = ("country", "NZ")
    assert sudden in [c.stream for c in closing(brake).causes]
    state = brake.state()
    kept = replace(state, wealth=tuple(w for w in state.wealth if w.stream != sudden))
    later = Brake(terms(), kept)
    later.release(released(HOUR, sudden))
    assert later.state().released == (sudden,)


def test_what_closes_a_brake_again_is_put_before_what_was_held_before() -> None:
    brake = Brake(terms())
    flooded(brake)
    before = closing(brake)
    brake.release(released(HOUR, ("country", "DE")))
    assert brake.closed == before, "it is closed for all others"
    assert flooded(brake, 2 * HOUR, "sharing@1", "DE") < 20
    again = closing(brake)
    assert again.time_us > before.time_us
    assert ("policy", "sharing@1") in [c.stream for c in again.causes]
    left = [c for c in before.causes if c.stream not in {("country", "DE"), WHOLE}]
    assert list(again.causes[-len(left) :]) == left
    assert len({c.stream for c in again.causes}) == len(again.causes)
    assert brake.state().released == ()


@pytest.mark.parametrize(
    ("times", "slack"),
    [(1.2, 1.25), (1.7, 1.5), (2.0, 1.75), (2.3, 2.0), (2.8, 2.5), (3.4, 3.0), (5.0, None)],
)
def test_the_smallest_slack_that_is_enough(times: float, slack: float | None) -> None:
    ground = BrakeTerms(3650 * DAY, (), {WHOLE: flat(240.0)}, 10 * SECOND)
    apart = round(HOUR / 10 / times)
    records = [BrakeInquiry(START + n * apart, {}) for n in range(round(720 * times))]
    assert calibrated(ground, records) == slack
    assert calibrated(ground, iter(records)) == slack, "it may be read once only"


def test_far_from_the_promise_is_a_hundredth_of_it() -> None:
    ground = BrakeTerms(100 * DAY, (), {WHOLE: flat(24.0)}, MINUTE)
    burst = [asked(0) for _ in range(2000)]
    brake = Brake(replace(ground, slack=3.0))
    highest = [brake.ask(one).passes and brake.evidence for one in burst]
    count = next(n for n, e in enumerate(highest) if e is False or e >= 100 * 864)
    assert count > 0
    assert calibrated(ground, burst[:count]) is not None
    assert calibrated(ground, burst[: count + 1]) is None
    assert calibrated(ground, []) == 1.25


def test_the_first_of_two_people_is_refused_what_both_would_be() -> None:
    brake = Brake(terms())
    request = ReleaseRequest(START, DORA, "a sale")
    with pytest.raises(IllegalMove, match="the brake is open"):
        check_release(brake, request, None)
    flooded(brake)
    state = brake.state()
    check_release(brake, request, None)
    check_release(brake, replace(request, by=EMIL), request)
    with pytest.raises(IllegalMove, match="dora asked for this release already"):
        check_release(brake, request, request)
    with pytest.raises(IllegalMove, match="two people release a brake"):
        check_release(brake, replace(request, by=ROBOT), None)
    with pytest.raises(IllegalMove, match="gives no reason"):
        check_release(brake, replace(request, why=" "), None)
    with pytest.raises(InvalidInput, match="does not watch country ZZ"):
        check_release(brake, replace(request, streams=(("country", "ZZ"),)), None)
    assert brake.state() == state, "nothing was released"


def test_looking_changes_nothing_and_sees_what_sleeps() -> None:
    brake = Brake(terms())
    for minute in (0, 5, 9):
        assert brake.ask(asked(minute * MINUTE)).passes
    state = brake.state()
    now = brake.look(START + 9 * MINUTE)
    assert now >= brake.evidence
    assert brake.look(START + 9 * MINUTE + SECOND - 1) == now, "in the same bin"
    assert brake.look(START + 9 * MINUTE + SECOND) != now
    assert brake.state() == state


def test_a_new_stream_that_is_released_is_not_held_as_new() -> None:
    brake = Brake(terms(2_400.0))
    for n in range(60):
        brake.ask(asked(n * SECOND, f"new@{n}"))
    assert ("policy", NEW) in [c.stream for c in closing(brake).causes]
    known = next(s for s in brake.state().wealth if s.stream[1].startswith("new@")).stream
    brake.release(released(HOUR, known))
    assert not brake.holds({"policy": known[1], "country": "DE"})
    assert brake.holds({"policy": "new@1000", "country": "DE"})
    assert brake.holds({"policy": "returns@3", "country": "DE"})


def test_what_a_state_does_not_say() -> None:
    brake = Brake(terms())
    state = brake.state()
    assert (state.bin_us, state.evidence, state.late, state.closing) == (None, 0.0, 0, None)
    assert (state.released, brake.evidence) == ((), 0.0)
    assert {w.basis for w in state.wealth if w.stream == WHOLE} == {Basis.PLAN}
    assert brake.closed is None


def test_evidence_of_just_the_promise_closes_it() -> None:
    ground = BrakeTerms(30 * DAY, (), {WHOLE: flat(24.0)}, SECOND)
    kept = Wealth(WHOLE, bets=[ground.promise / 7] * 7, paid_us=START)  # an edge of 0
    for evidence, closes in ((ground.promise, True), (ground.promise * 0.999, False)):
        brake = Brake(ground, BrakeState(START, evidence, 0, (kept,)))
        assert brake.ask(BrakeInquiry(START, {})).passes != closes
