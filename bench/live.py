"""Live: the work of `habeas run`, on made-up events, with durable commits.

One process follows a folder: a history of many events, then further ones in other forms. Before a
time is printed, the findings that it wrote are compared, line by line, with those of one replay of
the same events. Processor time of the whole process from the first look at the source on: reading
and checking records, ids, log, facts, conditions, findings, and snapshots on the way.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.making import write_events
from bench.work import write_policies

HABEAS = [sys.executable, "-c", "from habeas.cli import main; main()"]
HISTORY = "parquet, from nothing"
MORE = (  # further events, once a history is there: how many, from the hot device, as NDJSON
    ("parquet", 1_000_000, 0.1, False),
    ("ndjson", 500_000, 0.1, True),
    ("parquet, no hot device", 500_000, 0.0, False),
    ("parquet, only the hot device", 500_000, 1.0, False),
)
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


def followed(folder: Path) -> list[tuple[int, float, float]]:
    """Follow the events of a folder in this process: after each batch how many events there were,
    processor seconds since the first look, and the batch's milliseconds."""
    from habeas.flows.policy.run import RunReport, RunRequest, run
    from habeas.ports.folder import Folder

    marks: list[tuple[int, float, float]] = []

    def tell(report: RunReport) -> None:
        if report.batch_ms:
            marks.append((report.new, time.process_time(), report.batch_ms[-1]))

    def now_us() -> int:
        return time.time_ns() // 1000

    request = RunRequest(str(folder / "events"), folder / "log", folder / "policies", follow=False)
    run(request, Folder(folder), now_us, lambda: False, tell)
    return marks


class Bench:
    """A folder of events, file after file."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.source, self.log = folder, folder / "events", folder / "log"
        self.source.mkdir()
        write_policies(folder / "policies")
        self.files: list[Path] = []  # as Parquet, in the order of the log

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
        after = 0
        for _, count, hot, ndjson in ((HISTORY, size, 0.1, False), *MORE):
            bench.add(count, after, hot, ndjson)
            after += count
        done = subprocess.run(
            [sys.executable, "-m", "bench.live", made], capture_output=True, text=True, check=True
        )
        ways = _by_file(json.loads(done.stdout), size)
        findings = bench.refuse_difference()
        start = started(
            *("run", "--events", str(bench.source), "--policies", str(bench.folder / "policies")),
            *("--log", str(bench.log), "--once"),
        )
    restart = {"cpu_s": round(start["cpu_s"], 2), "memory_mb": start["memory_mb"]}
    return {"history": size, "findings": findings, "restart": restart, "ways": ways}


def _by_file(marks: list[tuple[int, float, float]], size: int) -> dict[str, Any]:
    """Cost of an event and times of a batch, file by file; a file's first batch, in which code and
    files are opened, is left out."""
    counts = np.array([count for count, _, _ in marks])
    found, first = {}, 0
    for name, count, *_ in ((HISTORY, size), *MORE):
        here = [m for m in marks if first < m[0] <= first + count]
        events, cpu = here[-1][0] - here[0][0], here[-1][1] - here[0][1]
        p50, p99, most = np.percentile([ms for *_, ms in here[1:]], [50, 99, 100]).round(1)
        found[name] = {
            "events": count,
            "us_per_event": round(cpu / events * 1e6, 2),
            "per_cpu_second": round(events / cpu),
            "batch_ms": {"p50": p50, "p99": p99, "max": most},
        }
        first += count
    assert counts[-1] == first  # noqa: S101 - every event was new
    return found


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


if __name__ == "__main__":
    print(json.dumps(followed(Path(sys.argv[1]))))
