"""Live: `habeas run` as anyone would start it, on made-up events, with durable commits.

Before a time is printed, the findings that the run wrote are compared, line by line, with those of
one replay of the same events. Processor time of the whole process, less that of a start on the
same log with nothing new; batch times as the run reports them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bench.making import write_events
from bench.work import write_policies

HABEAS = [sys.executable, "-c", "from habeas.cli import main; main()"]
MORE = 500_000  # further events, once a history is there
FEW = 100_000
Timed = dict[str, Any]


def started(*arguments: str) -> Timed:
    """One command: its answer, processor seconds, wall seconds are in the answer, peak MB."""
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen([*HABEAS, *arguments, "--json"], stdout=out)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        lines = out.read()
    if child.returncode:
        sys.exit(f"habeas {' '.join(arguments)} failed: {lines}")
    start = lines.rindex("\n{", 0, -1) + 1 if "\n{" in lines[:-1] else 0
    cpu = used.ru_utime + used.ru_stime
    return {"cpu_s": cpu, "memory_mb": used.ru_maxrss // 1024, "told": json.loads(lines[start:])}


class Bench:
    """A log that grows, file after file of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.source, self.log = folder, folder / "events", folder / "log"
        self.source.mkdir()
        write_policies(folder / "policies")
        self.files: list[Path] = []  # as Parquet, in the order of the log

    def run(self) -> Timed:
        return started(
            *("run", "--events", str(self.source), "--policies", str(self.folder / "policies")),
            *("--log", str(self.log), "--once"),
        )

    def add(self, size: int, after: int, hot: float, ndjson: bool = False) -> None:
        """Write a further file of the source."""
        number = len(self.files)
        made = self.folder / f"{number}.parquet"
        write_events(made, size, False, after, hot)
        self.files.append(made)
        if ndjson:
            _as_lines(made, self.source / f"{number}.ndjson")
        else:
            (self.source / made.name).symlink_to(made)

    def grown(self, size: int, after: int, hot: float = 0.1, ndjson: bool = False) -> Timed:
        """What `size` further events cost, with the start on the log before them taken off."""
        idle = self.run() if self.files else None
        self.add(size, after, hot, ndjson)
        found = self.run()
        told = found["told"]
        cpu = found["cpu_s"] - (idle["cpu_s"] if idle else 0)
        return {
            "events": told["new"],
            "us_per_event": round(cpu / told["new"] * 1e6, 2),
            "per_cpu_second": round(told["new"] / cpu),
            "findings": told["findings"],
            "batch_ms": told["batch_ms"],
            "memory_mb": found["memory_mb"],
        }

    def refuse_difference(self) -> int:
        """How many findings there are; ends the benchmark where replay has others."""
        whole, out = self.folder / "whole.parquet", self.folder / "findings.parquet"
        with pq.ParquetWriter(whole, pq.ParquetFile(self.files[0]).schema_arrow) as writer:
            for path in self.files:
                for batch in pq.ParquetFile(path).iter_batches(1_000_000):
                    writer.write_table(pa.table(batch))
        started(
            *("findings", "--events", str(whole), "--policies", str(self.folder / "policies")),
            *("--out", str(out)),
        )
        replayed = pq.read_table(out, columns=["sequence", "finding", "step", "cause"]).to_pylist()
        with (self.log / "findings.ndjson").open(encoding="utf-8") as lines:
            lived = [json.loads(line) for line in lines]
        if replayed != [{name: one[name] for name in replayed[0]} for one in lived]:
            sys.exit("live and replay differ; no time is worth quoting")
        return len(lived)


def _as_lines(events: Path, out: Path) -> None:
    with out.open("w", encoding="utf-8") as file:
        for batch in pq.ParquetFile(events).iter_batches(50_000):
            for row in batch.rename_columns(
                ["time" if n == "time_us" else n for n in batch.schema.names]
            ).to_pylist():
                kept = {name: value for name, value in row.items() if value is not None}
                file.write(json.dumps(kept) + "\n")


def measure(size: int) -> dict[str, Any]:
    """A history of `size` events from Parquet, then further ones in other forms."""
    with tempfile.TemporaryDirectory() as made:
        bench = Bench(Path(made))
        ways = {"parquet, from nothing": bench.grown(size, 0)}
        start = bench.run()
        after = size
        for name, count, hot, ndjson in (
            ("parquet", MORE, 0.1, False),
            ("ndjson", MORE, 0.1, True),
            ("parquet, no hot device", FEW, 0.0, False),
            ("parquet, only the hot device", FEW, 1.0, False),
        ):
            ways[name] = bench.grown(count, after, hot, ndjson)
            after += count
        findings = bench.refuse_difference()
    restart = {"cpu_s": round(start["cpu_s"], 2), "memory_mb": start["memory_mb"]}
    return {"history": size, "findings": findings, "restart": restart, "ways": ways}


def table(results: list[dict[str, Any]]) -> str:
    lines = ["| history | events | µs an event | a CPU second | batch ms p50 | p99 | max |"]
    lines.append("|---|---|---|---|---|---|---|")
    for one in results:
        for name, way in one["ways"].items():
            ms = way["batch_ms"]
            lines.append(
                f"| {one['history']:,} | {way['events']:,} {name} | {way['us_per_event']} | "
                f"{way['per_cpu_second']:,} | {ms['p50']} | {ms['p99']} | {ms['max']} |"
            )
        told = one["restart"]
        lines.append(
            f"| {one['history']:,} | restart: {told['cpu_s']} CPU s, {told['memory_mb']} MB"
        )
    return "\n".join(lines)
