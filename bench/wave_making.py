"""Made-up waves for the benchmark of the diagnosis: a population with twelve attributes of 2 to
1,000 values, a plan's weights, causes of one to three conditions, and innocent background.

    python -m bench.wave_making SEED ACCOUNTS FOLDER

Values are zipf-like; some attributes mostly follow another one. A cause strikes head by head or in
proportion to the weights. All of it follows from the seed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

SIZES = (2, 3, 5, 8, 12, 20, 30, 50, 100, 200, 500, 1000)
NAMES = (
    "app_version", "country", "channel", "tier", "cohort", "browser", "store", "partner", "region",
    "campaign", "city", "model",
)  # fmt: skip
WEIGHTS = "expected"
TRIES = 1_000  # of drawing a cause that can be told from others

Pattern = dict[str, str]
Codes = list[NDArray[np.int64]]


@dataclass(frozen=True)
class Kind:
    """What waves are drawn. None draws it too."""

    causes: int | None = None  # else 1 to 3
    background: float | None = None  # part of the hits; else 0 to 0.6
    hits: int | None = None  # else 500 to 5,000
    weighed: bool | None = None
    followers: int = 3  # attributes that mostly follow another one


@dataclass(frozen=True)
class Made:
    codes: Codes
    weights: NDArray[np.float64] | None
    hits: NDArray[np.int64]
    causes: list[Pattern]
    background: float


def make(seed: int, accounts: int, kind: Kind) -> Made:
    rng = np.random.default_rng(seed)
    codes = attributes(rng, accounts, kind.followers)
    weighed = bool(rng.random() < 0.5) if kind.weighed is None else kind.weighed
    weights = plan(rng, codes) if weighed else np.ones(accounts)
    hits = kind.hits or int(np.exp(rng.uniform(np.log(500), np.log(5000))))
    count = int(rng.integers(1, 4)) if kind.causes is None else kind.causes
    background = rng.uniform(0, 0.6) if kind.background is None else kind.background
    hit = np.zeros(accounts, bool)
    causes: list[Pattern] = []
    for share in rng.dirichlet(np.full(count, 3)) if count else ():
        wanted = round(share * (1 - background) * hits)
        found = cause(rng, codes, wanted, causes)
        causes.append(found)
        free = np.flatnonzero(covered(codes, found) & ~hit)
        even = rng.random() < 0.5
        strike(rng, hit, free, min(wanted, len(free)), np.ones(accounts) if even else weights)
    free = np.flatnonzero(~hit)
    strike(rng, hit, free, hits - int(hit.sum()), weights)
    return Made(codes, weights if weighed else None, np.flatnonzero(hit), causes, float(background))


def attributes(rng: np.random.Generator, accounts: int, followers: int) -> Codes:
    codes = []
    for size in SIZES:
        odds = np.arange(1, size + 1) ** -rng.uniform(0, 1.3)
        codes.append(rng.choice(size, accounts, p=odds / odds.sum()))
    for _ in range(followers):
        leader, follower = rng.choice(len(SIZES), 2, replace=False)
        image = rng.integers(0, SIZES[follower], SIZES[leader])
        follows = rng.random(accounts) < rng.uniform(0.5, 0.95)
        codes[follower] = np.where(follows, image[codes[leader]], codes[follower])
    return codes


def plan(rng: np.random.Generator, codes: Codes) -> NDArray[np.float64]:
    """What the plan expects depends on three attributes, and on each account."""
    weights = np.exp(rng.normal(0, 0.5, len(codes[0])))
    for number in rng.choice(len(codes), 3, replace=False):
        weights *= np.exp(rng.normal(0, 0.8, SIZES[number]))[codes[number]]
    return weights


def cause(rng: np.random.Generator, codes: Codes, wanted: int, others: list[Pattern]) -> Pattern:
    """A pattern with enough accounts, each of whose conditions tells something: it leaves out a
    twentieth or more of the accounts that have the others; and that is no part of another."""
    accounts = len(codes[0])
    for _ in range(TRIES):
        chosen = rng.choice(len(codes), rng.integers(1, 4), replace=False)
        row = rng.integers(accounts)
        found = {NAMES[n]: value(n, codes[n][row]) for n in sorted(chosen.tolist())}
        size = int(covered(codes, found).sum())
        if not max(50, 1.5 * wanted) <= size <= 0.3 * accounts:
            continue
        if any(found.items() <= o.items() or o.items() <= found.items() for o in others):
            continue
        wider = ({k: v for k, v in found.items() if k != name} for name in found)
        if all(size <= 0.95 * covered(codes, wide).sum() for wide in wider):
            return found
    raise RuntimeError("no cause can be drawn; take more accounts")


def value(number: int, code: int) -> str:
    return f"{NAMES[number][:2]}{code}"


def covered(codes: Codes, pattern: Pattern) -> NDArray[np.bool_]:
    rows = np.ones(len(codes[0]), bool)
    for name, text in pattern.items():
        rows &= codes[NAMES.index(name)] == int(text[2:])
    return rows


def strike(
    rng: np.random.Generator,
    hit: NDArray[np.bool_],
    free: NDArray[np.int64],
    count: int,
    weights: NDArray[np.float64],
) -> None:
    odds = weights[free] / weights[free].sum()
    hit[rng.choice(free, count, replace=False, p=odds)] = True


def write(made: Made, folder: Path) -> tuple[Path, Path]:
    """The hits and the population, as Parquet."""
    count = len(made.codes[0])
    columns = {"account": pa.array([f"account-{n:07}" for n in range(count)])}
    for number, codes in enumerate(made.codes):
        texts = pa.array([value(number, code) for code in range(SIZES[number])])
        columns[NAMES[number]] = texts.take(pa.array(codes))
    table = pa.table(columns)
    hits, population = folder / "hits.parquet", folder / "population.parquet"
    pq.write_table(table.take(pa.array(made.hits)), hits)
    if made.weights is not None:
        table = table.append_column(WEIGHTS, pa.array(made.weights))
    pq.write_table(table, population)
    return hits, population


def named(causes: Iterable[Pattern]) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(one.items()) for one in causes}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("accounts", type=int)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    wave = make(asked.seed, asked.accounts, Kind())
    write(wave, asked.folder)
    print(wave.causes)
