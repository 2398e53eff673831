"""`make bench`: the same work by Habeas and by its peers, compared row by row, then timed.

Facts with the conditions over them, here, and on a hundred million events without a peer;
conditions alone, in bench.conditions; events as they come, in bench.live; and a relief that is
killed on its way, in bench.relief.

Each way runs in a process of its own, several times in turn; medians of processor seconds and of
memory are kept. No time is printed before every way gave the same decision at every event.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench import conditions, live, relief
from bench.making import write_events
from bench.peers import SEQUENCE

SLOW = dict.fromkeys(("polars", "pandas", "loop", "bytewax", "python"), 1_000_000)
if find_spec("bytewax") is None:  # it has no release for Python 3.13
    del SLOW["bytewax"]
PACKAGES = (
    *("numba", "numpy", "pyarrow", "duckdb", "polars", "pandas"),
    *("zen-engine", "common-expression-language", "rule-engine", "cel-python"),
    *(("bytewax",) if "bytewax" in SLOW else ()),
)
PARTS = ("facts", "conditions", "live", "large", "relief")
LARGE = 100_000_000
RELIEVED, KILLS = 100_000, 10


def timed(name: str, events: Path, out: Path) -> tuple[float, int]:
    """Processor seconds and peak memory (MB) of one run."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.peers", name, str(events), str(out)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    seconds, memory = done.stdout.split()
    return float(seconds), int(memory)


def in_log_order(table: pa.Table) -> pa.Table:
    """Decisions by row of the log, whatever order they were made in."""
    if SEQUENCE not in table.column_names:
        return table
    return table.take(np.argsort(table.column(SEQUENCE).to_numpy())).drop_columns([SEQUENCE])


def refuse_difference(one: str, other: str, folder: Path) -> dict[str, int]:
    """How often each condition holds; ends the benchmark where two ways differ on any row."""
    a, b = (in_log_order(pq.read_table(folder / f"{name}.parquet")) for name in (one, other))
    for condition in a.column_names:
        if not a.column(condition).equals(b.column(condition)):
            sys.exit(f"{one} and {other} differ on {condition}; no time is worth quoting")
    return {c: sum(a.column(c).to_pylist()) for c in a.column_names}


def measure(size: int, names: list[str], runs: int, rough: bool) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        events = folder / "events.parquet"
        write_events(events, size, rough)
        taken: dict[str, list[tuple[float, int]]] = {name: [] for name in names}
        for _ in range(runs):
            for name in names:
                taken[name].append(timed(name, events, folder / f"{name}.parquet"))
        holds = {}
        for name in names[1:]:
            holds = refuse_difference(names[0], name, folder)
    rows = {
        name: {
            "cpu_s": round(statistics.median(s for s, _ in own), 2),
            "us_per_event": round(statistics.median(s for s, _ in own) / size * 1e6, 2),
            "memory_mb": max(m for _, m in own),
        }
        for name, own in taken.items()
    }
    return {"events": size, "rough": rough, "runs": runs, "holds": holds, "ways": rows}


def table(results: list[dict[str, Any]]) -> str:
    """Markdown, one row a way and size; the ratio is to Habeas in the same run."""
    lines = ["| events | way | CPU s | µs an event | memory MB | times Habeas |"]
    lines.append("|---|---|---|---|---|---|")
    for one in results:
        ours = one["ways"]["habeas"]["cpu_s"]
        kind = ", ties and late events" if one["rough"] else ""
        for name, row in one["ways"].items():
            lines.append(
                f"| {one['events']:,}{kind} | {name} | {row['cpu_s']} | {row['us_per_event']} | "
                f"{row['memory_mb']:,} | {row['cpu_s'] / ours:.1f} |"
            )
    return "\n".join(lines)


def facts_part(sizes: list[int], runs: int) -> list[dict[str, Any]]:
    results = []
    for size in sizes:
        ways = ["habeas", "duckdb", *(n for n, most in SLOW.items() if size <= most)]
        results.append(measure(size, ways, runs, rough=False))
        print(table(results[-1:]), flush=True)
    results.append(measure(min(sizes), ["habeas", "python"], runs, rough=True))
    print(table(results[-1:]), flush=True)
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path, default=None)
    asked = parser.parse_args()
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    machine |= {name: version(name) for name in PACKAGES}
    found: dict[str, Any] = {"machine": machine}
    if "facts" in asked.parts:
        found["results"] = facts_part(asked.sizes, asked.runs)
    if "conditions" in asked.parts:
        found["conditions"] = conditions.measure(min(asked.sizes), asked.runs)
        print(conditions.table(found["conditions"]), flush=True)
    if "live" in asked.parts:
        found["live"] = [live.measure(size) for size in asked.sizes]
        print(live.table(found["live"]), flush=True)
    if "large" in asked.parts:  # no peer: DuckDB would need ten minutes and more memory
        found["large"] = [measure(LARGE, ["habeas"], 1, rough=False)]
        print(table(found["large"]), flush=True)
    if "relief" in asked.parts:
        found["relief"] = relief.measure(RELIEVED, KILLS)
        print(relief.table(found["relief"]), flush=True)
    if asked.json is not None:
        asked.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
