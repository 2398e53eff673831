"""`habeas run`."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.options import Json, SchemaFile
from habeas.cli.stopping import Stop
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from habeas.flows.policy.run import RunReport

EVERY_S = 10.0  # between two reports of a run that goes on


def run(
    events: Annotated[
        str,
        typer.Option(
            "--events",
            metavar="SOURCE",
            help="A file of NDJSON or Parquet, a folder of them, or - for standard input.",
        ),
    ],
    log: Annotated[
        Path, typer.Option("--log", help="The folder of the event log and of its findings.")
    ] = Path("log"),
    policies: Annotated[
        Path | None,
        typer.Option("--policies", help="Policy files, instead of the versions in force here."),
    ] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Stop where the source ends; do not follow it.")
    ] = False,
    batch: Annotated[
        int, typer.Option("--batch", min=1, max=1_000_000, help="Most events taken together.")
    ] = 5000,
    schema: SchemaFile = None,
    json: Json = False,
) -> None:
    """Follow events as they come, keep them in a durable log, and write what policies find.

    Stops cleanly at SIGTERM or Ctrl-C, and goes on where it was when it is started again. With
    --json it prints one line of JSON every ten seconds and one at the end.
    """
    from habeas.flows.policy import run
    from habeas.flows.policy.run import FINDINGS, RunRequest

    request = RunRequest(events, log, policies, schema, batch, follow=not once)
    stop, shown = Stop(), time.monotonic()

    def tell(report: RunReport) -> None:
        nonlocal shown
        if time.monotonic() - shown >= EVERY_S:
            shown = time.monotonic()
            _print(report, json)

    with stop.listening(), show.progress("reading the log", quiet=json) as bar:
        report = run.run(request, wiring.folder(), now_us, lambda: stop.asked, tell, bar)
    _print(report, json)
    if not json:
        typer.echo(f"{'stopped' if stop.asked else 'ended'}; findings: {log / FINDINGS}")


def _print(report: RunReport, json: bool) -> None:
    told = report.as_json()
    if json:
        show.as_json_line(told)
        return
    ms: Any = told["batch_ms"]
    latency = f"; a batch took {ms['p50']} ms, p99 {ms['p99']}" if report.batches else ""
    behind = "" if report.behind is None else f", {report.behind:,} behind"
    typer.echo(
        f"log {report.log:,} events; read {report.read:,} = new {report.new:,} + duplicate "
        f"{report.duplicates:,} + refused {report.refused:,}; {report.findings:,} findings; "
        f"{told['per_second']:,} a second{behind}{latency}"
    )
    sys.stdout.flush()
