"""Run: follow a source of events and judge each batch as it comes.

The order of one batch, and what a crash after each step means:
1. what cannot be used goes to the quarantine   the batch is read again; the lines are cut first
2. the events go to the log, with the place      the events are there; they are judged at the start,
   of the source and the size of the quarantine  and not read again
3. the findings go to their file                 they are cut, made again, and written again
4. the mark says that 1 to 3 are done            nothing is left to do
Each step is durable before the next. Recovery takes the same path as a batch does.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from habeas.core.errors import NotFound
from habeas.core.policy import Finding, Policy, Schema
from habeas.core.progress import Progress, silent
from habeas.engine.live import Live
from habeas.engine.log import Log
from habeas.flows.policy.check import check_folder, find_schema
from habeas.flows.policy.plan import applied_policies
from habeas.ports.arrivals import Arrivals
from habeas.ports.feeds import STDIN, feed
from habeas.ports.files import Lines
from habeas.ports.folder import Folder

FINDINGS, QUARANTINE = "findings.ndjson", "quarantine.ndjson"
ENDED: Any = object()
LATENCIES = 100_000  # batches of which the time is kept


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What `habeas run` was asked for."""

    source: str
    log: Path
    policies: Path | None = None  # instead of the versions in force in the working folder
    schema: Path | None = None
    size: int = 5000  # events taken together, at most
    follow: bool = True


@dataclass(slots=True)
class RunReport:
    """What was done since the start. Of the records read, each is new, a duplicate or refused."""

    log: int = 0  # events in the log
    read: int = 0
    new: int = 0
    duplicates: int = 0
    refused: int = 0
    findings: int = 0
    batches: int = 0
    behind: int | None = None  # bytes or rows that are there and not yet read
    seconds: float = 0.0  # since the first batch
    batch_ms: deque[float] = field(default_factory=lambda: deque(maxlen=LATENCIES))

    def as_json(self) -> dict[str, object]:
        """`batch_ms`: from a batch's arrival to its findings being durable."""
        whole: dict[str, object] = {
            name: value for name, value in asdict(self).items() if name != "batch_ms"
        }
        times = np.array(self.batch_ms or [0.0])
        p50, p99, most = np.percentile(times, [50, 99, 100]).round(2).tolist()
        return whole | {
            "seconds": round(self.seconds, 3),
            "per_second": round(self.read / self.seconds) if self.seconds else 0,
            "batch_ms": {"p50": p50, "p99": p99, "max": most},
        }


def run(
    request: RunRequest,
    folder: Folder,
    now_us: Callable[[], int],
    stopped: Callable[[], bool],
    tell: Callable[[RunReport], None] = lambda _: None,
    progress: Progress = silent,
) -> RunReport:
    """Follow the source until it ends or `stopped` says so; `tell` hears of every batch and of
    every moment without one. Raises InvalidInput, NotFound, Unwritable, Overflowed."""
    policies, schema = _judges(request, folder)
    _feed(request, schema, {}, now_us)  # a source that cannot be followed makes no log
    log = Log(request.log, schema)
    try:
        with _Run(log, policies, progress) as running:
            running.follow(request, now_us, stopped, tell)
    finally:
        log.close()
    return running.report


def _judges(request: RunRequest, folder: Folder) -> tuple[list[Policy], Schema]:
    """The policies to judge by, and the schema of the events."""
    if request.policies is not None:
        source = Path(request.source)
        schema = find_schema(
            request.policies, source if source.suffix == ".parquet" else None, request.schema
        )
        return list(check_folder(request.policies, schema).sound().policies.values()), schema
    name = folder.applied_plan()
    if name is None:
        raise NotFound(
            "no policy is in force in this working folder",
            "put some in force with `habeas apply`, or name a folder with --policies",
        )
    schema = Schema.of_json(folder.frozen(name).schema)
    return list(applied_policies(folder, schema).policies.values()), schema


def _feed(
    request: RunRequest, schema: Schema, position: Mapping[str, Any], now_us: Callable[[], int]
) -> Iterator[Arrivals | None]:
    source = request.source if request.source == STDIN else Path(request.source)
    return feed(source, schema, position, now_us, size=request.size, follow=request.follow)


def _ahead(arriving: Iterator[Arrivals | None]) -> Iterator[Arrivals | None]:
    """The same, with the next batch read and checked while the last is judged. One that is not
    asked for any more is read again at the next start, since its place was not written."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, arriving, ENDED)
        while (arrivals := coming.result()) is not ENDED:
            coming = reader.submit(next, arriving, ENDED)
            yield arrivals


class _Run:
    """One process's work on a log. Leaving it writes a snapshot where the work ended well."""

    def __init__(self, log: Log, policies: Sequence[Policy], progress: Progress) -> None:
        self.log, self.report = log, RunReport()
        self.live = Live(log, policies)
        found = self.live.start(progress)
        self.findings = Lines(log.folder / FINDINGS, log.mark.findings, "the findings")
        size = self.live.quarantined
        self.quarantine = Lines(log.folder / QUARANTINE, size, "the quarantine")
        self._commit(found)
        self.report.log = len(log)

    def __enter__(self) -> _Run:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None and self.live.taken > self.live.snapped:
                self.live.snapshot()
        finally:
            self.findings.close()
            self.quarantine.close()

    def follow(
        self,
        request: RunRequest,
        now_us: Callable[[], int],
        stopped: Callable[[], bool],
        tell: Callable[[RunReport], None],
    ) -> None:
        begun = time.perf_counter()
        arriving = _feed(request, self.log.schema, dict(self.live.position), now_us)
        if request.source != STDIN:  # what is read ahead of a pipe could not be read again
            arriving = _ahead(arriving)
        for arrivals in arriving:
            if arrivals is not None:
                self._take(arrivals)
            self.report.seconds = time.perf_counter() - begun
            tell(self.report)
            if stopped():
                return

    def _take(self, arrivals: Arrivals) -> None:
        came = time.perf_counter()
        refused = [json.dumps(one.as_json(), ensure_ascii=False) for one in arrivals.refused]
        self.quarantine.append(refused)
        meta = {"position": arrivals.position, "quarantine": self.quarantine.size}
        new, found = self.live.take(arrivals.events, meta)
        self._commit(found)
        report = self.report
        report.batch_ms.append((time.perf_counter() - came) * 1000)
        report.log, report.behind = len(self.log), arrivals.behind
        report.batches += 1
        report.read += arrivals.read
        report.new += new
        report.duplicates += len(arrivals.events) - new
        report.refused += len(refused)
        if self.live.snapshot_due():
            self.live.snapshot()

    def _commit(self, found: Sequence[Finding]) -> None:
        self.findings.append(map(line_of, found))
        self.log.acknowledge(self.findings.size)
        self.report.findings += len(found)


def line_of(finding: Finding) -> str:
    """A finding as one line of JSON."""
    return json.dumps(finding.as_json(), ensure_ascii=False)
