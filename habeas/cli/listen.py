"""`habeas listen`."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.options import Json
from habeas.cli.stopping import Stop
from habeas.core.times import minute
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from habeas.core.errors import HabeasError
    from habeas.flows.signal.listen import ListenReport

LEAST_WAIT_S = 1.0


def listen(
    follow: Annotated[
        bool, typer.Option("--follow", help="Go on with each new bin, until stopped.")
    ] = False,
    json: Json = False,
) -> None:
    """Count what the feeds of signals.yaml say since the last time, and tell staff of a burst.

    Each bin of time is counted once, when it is over; several can run this. Stops cleanly at
    SIGTERM or Ctrl-C. With --json it prints one line for each feed.
    """
    from habeas.ports.signals import read_feeds

    given, stop = read_feeds(wiring.folder()), Stop()
    failed: list[HabeasError] = []

    def tell(report: ListenReport) -> None:
        if report.error is not None:
            failed.append(report.error)
        if json:
            show.as_json_line(report)
        else:
            _tell(report)

    with wiring.recording(), stop.listening() if follow else nullcontext():
        from habeas.flows.signal import listen

        listen.listen(given, now_us(), tell, stopped=lambda: stop.asked)
        while follow and not stop.wait(_seconds(listen.next_us(given, now_us()))):
            listen.listen(given, now_us(), tell, due=True, stopped=lambda: stop.asked)
    if failed and not follow:
        raise typer.Exit(failed[0].exit_code)


def _seconds(until_us: int) -> float:
    return max((until_us - now_us()) / 1_000_000, LEAST_WAIT_S)


def _tell(report: ListenReport) -> None:
    if report.error is not None:
        _tell_error(report.feed, report.error)
        return
    until = "nothing yet" if report.until_us is None else f"up to {minute(report.until_us)}"
    late = f"; {report.late:,.0f} came too late to be counted" if report.late else ""
    typer.echo(f"{report.feed}: {show.counted(report.bins, 'new row')}, counted {until}{late}")
    for reason, count in report.refused.most_common(3):
        typer.echo(f"  left out {count:,}: {reason}")
    for wave in report.opened:
        typer.echo(f"  a wave opens; next: habeas wave {wave}")


def _tell_error(feed: str, error: HabeasError) -> None:
    from habeas.core.errors import InvalidPolicy

    lines = list(error.problems) if isinstance(error, InvalidPolicy) else []
    typer.echo(f"{feed}: {error.message}", err=True)
    for line in [*lines, *([f"next: {error.hint}"] if error.hint else [])]:
        typer.echo(f"  {line}", err=True)
