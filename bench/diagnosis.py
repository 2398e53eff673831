"""`habeas diagnose` on made-up waves with known causes: time, exactness, false findings; and the
same waves by DuckDB, mlxtend and pysubgroup.

    python -m bench.diagnosis                      # a million accounts, an hour or so
    python -m bench.diagnosis --accounts 100000 --waves 5 --nulls 5 --compared 1

A cause counts as found where exactly its conditions were named. Seeds from 10,000 on are held out:
nothing was tuned on them. Each run is a whole command, start-up and reading included.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from typing import Any

from bench.wave_making import WEIGHTS, Kind, Made, make, named, write

HELD_OUT = 10_000
LONGEST = 300  # seconds that a peer may take
PEERS = ("duckdb", "mlxtend", "pysubgroup")
HABEAS = "from habeas.cli import main; main()"
KINDS = {
    "as they come": Kind(),
    "500 hits": Kind(hits=500),
    "60 % background, three causes": Kind(background=0.6, causes=3),
    "60 % background, weights, three causes": Kind(background=0.6, causes=3, weighed=True),
    "nine attributes follow others": Kind(followers=9),
}
NULLS = {
    "even": Kind(causes=0, background=1.0, weighed=False),
    "weights": Kind(causes=0, background=1.0, weighed=True),
    "weights, nine attributes follow others": Kind(
        causes=0, background=1.0, weighed=True, followers=9
    ),
}


def run(way: str, made: Made, folder: Path) -> dict[str, Any]:
    """The causes that a way names, its processor and wall seconds; no causes where it is not done
    within the time."""
    hits, population = write(made, folder)
    weights = [] if made.weights is None else [WEIGHTS]
    words = [sys.executable, "-m", "bench.diagnosis_peers", way, str(hits), str(population)]
    words += weights
    if way == "habeas":
        words = [sys.executable, "-c", HABEAS, "diagnose", "--json", "--hits", str(hits)]
        words += ["--population", str(population), *(w for n in weights for w in ("--weights", n))]
    before, start = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return {"causes": None, "wall": float(LONGEST), "cpu": float(LONGEST)}
    after = getrusage(RUSAGE_CHILDREN)
    causes = json.loads(done.stdout)["causes"]
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    found = [one["where"] for one in causes] if way == "habeas" else causes
    return {"causes": found, "wall": time.perf_counter() - start, "cpu": cpu}


def score(found: list[dict[str, str]] | None, made: Made) -> Counter[str]:
    got, true = named(found or []), named(made.causes)
    return Counter(found=len(got & true), wrong=len(got - true), missed=len(true - got))


def f1(counts: Counter[str]) -> float:
    whole = 2 * counts["found"] + counts["wrong"] + counts["missed"]
    return 2 * counts["found"] / whole if whole else 1.0


def seeds(kind: int, count: int) -> Iterator[int]:
    start = HELD_OUT + 1_000 * kind
    return iter(range(start, start + count))


def measure(kinds: dict[str, Kind], first: int, count: int, accounts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, kind) in enumerate(kinds.items(), first):
            counts: Counter[str] = Counter()
            walls, cpus = [], []
            for seed in seeds(number, count):
                made = make(seed, accounts, kind)
                done = run("habeas", made, Path(folder))
                counts += score(done["causes"], made)
                walls.append(done["wall"])
                cpus.append(done["cpu"])
            print(
                f"| {name} | {count} | {counts['found']} | {counts['missed']} | {counts['wrong']} "
                f"| {f1(counts):.3f} | {median(walls):.2f} | {max(walls):.2f} "
                f"| {median(cpus):.2f} |",
                flush=True,
            )


def compare(peers: list[str], count: int, accounts: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        counts = {way: Counter[str]() for way in ("habeas", *peers)}
        walls: dict[str, list[float]] = {way: [] for way in counts}
        cpus: dict[str, list[float]] = {way: [] for way in counts}
        late = Counter[str]()
        for seed in seeds(99, count):
            made = make(seed, accounts, Kind())
            for way in counts:
                done = run(way, made, Path(folder))
                counts[way] += score(done["causes"], made)
                walls[way].append(done["wall"])
                cpus[way].append(done["cpu"])
                late[way] += done["causes"] is None
        ours = median(walls["habeas"]), median(cpus["habeas"])
        for way in counts:
            told = f", {late[way]} of {count} not done" if late[way] else ""
            print(
                f"| {way} | {accounts:,} | {median(walls[way]):.2f}{told} "
                f"| {median(walls[way]) / ours[0]:.1f} | {median(cpus[way]):.2f} "
                f"| {median(cpus[way]) / ours[1]:.1f} | {f1(counts[way]):.3f} |",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--waves", type=int, default=20, help="of each kind")
    parser.add_argument("--nulls", type=int, default=50, help="waves without a cause, of each kind")
    parser.add_argument("--compared", type=int, default=3, help="waves that the peers get too")
    parser.add_argument("--peers", choices=PEERS, nargs="*", default=PEERS)
    asked = parser.parse_args()
    print("| waves | runs | found | missed | wrong | F1 | wall s | longest | CPU s |")
    print("|---|---|---|---|---|---|---|---|---|")
    if asked.waves:
        measure(KINDS, 0, asked.waves, asked.accounts)
    if asked.nulls:
        measure(NULLS, len(KINDS), asked.nulls, asked.accounts)
    print("\n| way | accounts | wall s | times Habeas | CPU s | times Habeas | F1 |")
    print("|---|---|---|---|---|---|---|")
    for accounts in {asked.accounts, min(asked.accounts, 100_000)} if asked.compared else ():
        compare(asked.peers, asked.compared, accounts)


if __name__ == "__main__":
    main()
