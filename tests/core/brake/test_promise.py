"""The brake keeps its promise whatever the law of the counts, and stops what it is there for."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from math import exp, factorial

import pytest

from habeas.core.brake import Brake, BrakeState, BrakeTerms
from habeas.core.brake.baselines import WHOLE, Hours, Stream
from habeas.core.brake.brakes import BrakeInquiry, calibrated
from habeas.core.times import SECOND
from tests.core.brake.braking import DAY, MINUTE, START, VERSIONS, asked, flat, released, terms

Law = Mapping[int, float]


def laws(mean: float) -> Iterator[tuple[str, Law]]:
    """Laws of the count in a bin with at most this mean."""
    yield "steady", {0: 1 - mean, 1: mean}
    yield "all or nothing", {0: 1 - mean / 30, 30: mean / 30}
    poisson = {n: exp(-mean) * mean**n / factorial(n) for n in range(1, 7)}
    yield "Poisson", poisson | {0: 1 - sum(poisson.values())}
    batch = {n: mean / 4 * 0.5**n for n in range(1, 8)}  # batches of two on average
    yield "geometric batches", batch | {0: 1 - sum(batch.values())}


BINS = 4
CASES = [(name, law) for name, law in laws(1.75 * 0.1)]


def mean_evidence(ground: BrakeTerms, law: Law, in_turn: bool) -> float:
    """Over all paths of four bins, by their probabilities. Streams hang together: one policy has
    all decisions, or each has a bin as the past says."""
    total, awake = 0.0, BrakeState(bin_us=START - MINUTE)  # so that it bets from the first bin on
    for path in product(law, repeat=BINS):
        brake, chance = Brake(ground, awake), 1.0
        for minute, count in enumerate(path):
            chance *= law[count]
            turn = in_turn and sum(path[:minute]) % 2
            for _ in range(count):
                brake.ask(asked(minute * MINUTE, VERSIONS[bool(turn)]))
        total += chance * brake.look(START + (BINS - 1) * MINUTE)
    return total


@pytest.mark.parametrize(("name", "law"), CASES, ids=[name for name, _ in CASES])
@pytest.mark.parametrize("in_turn", [False, True])
def test_the_mean_evidence_is_at_most_the_time_whatever_the_law(
    name: str, law: Law, in_turn: bool
) -> None:
    mean = sum(n * p for n, p in law.items())
    assert sum(law.values()) == pytest.approx(1)
    assert mean <= 1.75 * 0.1 + 1e-12
    ground = terms(144.0, promise_us=10**6 * DAY, bin_us=MINUTE)
    ground = replace(ground, forecasts=dict.fromkeys(ground.forecasts, flat(144.0)))
    assert mean_evidence(ground, law, in_turn) <= BINS * 60
    whole = replace(ground, attributes=(), forecasts={WHOLE: flat(144.0)})
    found = mean_evidence(whole, law, in_turn)  # the whole has half of the weight
    assert found <= BINS * 30 + 1e-9
    if mean == pytest.approx(1.75 * 0.1):
        assert found == pytest.approx(BINS * 30), "no evidence is given away either"


def null_stream(seed: int, a_day: float, days: float) -> Iterator[BrakeInquiry]:
    """Batches, over-dispersed, at the rate that is allowed."""
    chance, time_us = random.Random(seed), 0.0  # noqa: S311
    while (time_us := time_us + chance.expovariate(a_day / 4) * DAY) < days * DAY:
        for _ in range(chance.randint(1, 7)):
            yield asked(int(time_us), chance.choice(VERSIONS), chance.choice(["DE", "FR"]))


def test_false_pauses_are_as_rare_as_promised_on_a_stream_at_all_that_is_allowed() -> None:
    """A day is promised; the stream has the highest mean that is allowed at all."""
    ground = terms(240.0, promise_us=DAY, floor=10.0, slack=1.0)
    brake, pauses = Brake(ground), 0
    for one in null_stream(7, 240.0, 60.0):
        if not brake.ask(one).passes:
            pauses += 1
            brake.release(replace(released(), time_us=one.time_us))
    assert 10 <= pauses <= 60, "at most one a day is promised; it is not kept by being blind"


def test_a_stream_as_planned_is_not_braked() -> None:
    brake = Brake(terms(promise_us=365 * DAY))
    assert all(brake.ask(one).passes for one in null_stream(3, 240.0, 60.0))


def test_a_segment_at_a_hundred_times_its_forecast_is_braked_within_few_decisions() -> None:
    parts: dict[Stream, Hours] = {WHOLE: flat(1000.0)}
    parts |= {("deployment", f"d{n}"): flat(5.0) for n in range(200)}
    ground = BrakeTerms(365 * DAY, ("deployment",), parts)
    passed = []
    for seed in range(5):
        chance, time_us, wrong = random.Random(seed), 0.0, 0  # noqa: S311
        brake, bad = Brake(ground), 0
        while brake.closed is None and time_us < 3 * DAY:
            fault = time_us > DAY
            rate = 1000.0 + 500.0 * fault
            time_us += chance.expovariate(rate) * DAY
            bad = fault and chance.random() < 500 / rate
            where = "d17" if bad else f"d{chance.randrange(200)}"
            wrong += (
                brake.ask(BrakeInquiry(START + int(time_us), {"deployment": where})).passes and bad
            )
        assert brake.closed
        assert brake.closed.causes[0].stream == ("deployment", "d17")
        passed.append(wrong)
    assert sorted(passed)[2] <= 12
    assert max(passed) <= 20


def test_the_slack_is_the_smallest_that_held_out_weeks_stay_quiet_under() -> None:
    ground = terms(promise_us=3650 * DAY)
    quiet = [asked(n * 6 * MINUTE, VERSIONS[n % 2], ("DE", "FR")[n // 2 % 2]) for n in range(2000)]
    assert calibrated(ground, quiet) == 1.25
    double = [asked(n * MINUTE * 3, VERSIONS[n % 2], ("DE", "FR")[n // 2 % 2]) for n in range(4000)]
    found = calibrated(ground, double)
    assert found is not None
    assert 1.75 <= found <= 2.5
    assert calibrated(ground, [asked(n * SECOND) for n in range(50)]) is None
