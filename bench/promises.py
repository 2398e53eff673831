"""`python -m bench.promises`: whether the mean time between false pauses is what was promised.

A stream comes at the highest mean that is allowed at all, by five laws of the counts in a bin; the
promise is 10,000 bins. Beside the bet, what stands in textbooks for it: the Shiryaev-Roberts
mixture of Poisson likelihood ratios at the same rates, which keeps its promise where the counts are
Poisson, and only there."""

from __future__ import annotations

from collections.abc import Callable
from statistics import mean

import numpy as np
from numpy.typing import NDArray

from habeas.core.brake import Brake, BrakeTerms
from habeas.core.brake.baselines import WHOLE
from habeas.core.brake.bets import BETS, WHOLE_WEIGHT
from habeas.core.brake.brakes import BrakeInquiry
from habeas.core.times import SECOND

PROMISED, RUNS, MOST = 10_000, 24, 100_000  # bins; runs of each law; bins that a run lasts at most
ALLOWED, SLACK, BIN = 0.4375, 1.75, 60  # decisions a bin; how many times the forecast; seconds
FLOOR = 10.0  # decisions a day, the least that so short a promise can have
Counts = NDArray[np.int64]
Law = Callable[[np.random.Generator], Counts]


def poisson(rng: np.random.Generator) -> Counts:
    return rng.poisson(ALLOWED, MOST)


def negative_binomial(rng: np.random.Generator) -> Counts:
    """Gamma rates of shape a half: the variance is nearly twice the mean."""
    return rng.poisson(rng.gamma(0.5, ALLOWED / 0.5, MOST))


def all_or_nothing(rng: np.random.Generator) -> Counts:
    return 50 * (rng.random(MOST) < ALLOWED / 50).astype(np.int64)


def geometric_batches(rng: np.random.Generator) -> Counts:
    """Of five on average."""
    return rng.geometric(1 / 5, MOST) * (rng.random(MOST) < ALLOWED / 5)


def steady(rng: np.random.Generator) -> Counts:
    return (rng.random(MOST) < ALLOWED).astype(np.int64)


LAWS: dict[str, Law] = {
    "Poisson": poisson,
    "negative binomial": negative_binomial,
    "all (50) or nothing": all_or_nothing,
    "geometric batches": geometric_batches,
    "one or none": steady,
}


def bet(counts: Counts) -> int:
    """Bins before the brake closes; a run that does not end counts with all its bins."""
    forecast = tuple([ALLOWED / SLACK * 3600 / BIN] * 168)
    terms = BrakeTerms(PROMISED * BIN * SECOND, (), {WHOLE: forecast}, BIN * SECOND, SLACK, FLOOR)
    brake = Brake(terms)
    for number in np.flatnonzero(counts).tolist():
        asked = BrakeInquiry(number * BIN * SECOND, {})
        if not all(brake.ask(asked).passes for _ in range(counts[number])):
            return int(number)
    return len(counts)


def mixture(counts: Counts) -> int:
    """The same sum with Poisson likelihood ratios in place of bets."""
    gains = np.array(BETS)
    logs, share = np.log(gains), WHOLE_WEIGHT / len(BETS)
    wealth = np.zeros(len(BETS))
    for number, count in enumerate(counts.tolist()):
        wealth = (wealth + share) * np.exp(count * logs - (gains - 1) * ALLOWED)
        if wealth.sum() >= PROMISED:
            return number
    return len(counts)


def main() -> None:
    print(f"\nmean bins before a false pause, where {PROMISED:,} are promised; {RUNS} runs")
    print(f"{'law of the counts':24}{'bet':>12}{'Poisson mixture':>18}")
    for name, law in LAWS.items():
        streams = [law(np.random.default_rng(seed)) for seed in range(RUNS)]
        kept, peer = (mean(map(way, streams)) for way in (bet, mixture))
        print(f"{name:24}{kept:12,.0f}{peer:18,.0f}", flush=True)


if __name__ == "__main__":
    main()
