"""`habeas board`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.options import Json, LangOption
from habeas.core.times import minute
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from habeas.core.wave import Board
    from habeas.core.wave.board import FeedStatus


def board(
    html: Annotated[Path | None, typer.Option("--html", help="Write it as a page.")] = None,
    lang: LangOption = "en",
    days: Annotated[int, typer.Option("--days", min=1, max=60, help="Of the chart.")] = 7,
    json: Json = False,
) -> None:
    """Show what is open now: waves, brakes, feeds; as a page with what people say and what is
    decided on one axis of time."""
    from habeas.ports.files import write_text

    with wiring.here():
        from habeas.flows.wave import board

        found = board.board(wiring.folder(), now_us(), days)
    if html is not None:
        from habeas.pages.board import report

        write_text(html, report(found, lang))
    if json:
        show.as_json(found)
        return
    _tell(found)
    if html is not None:
        typer.echo(f"page: {html}")


def _tell(found: Board) -> None:
    typer.echo(f"{show.counted(len(found.waves), 'wave')} open")
    waves = [(w.id, minute(w.opened_us), len(w.told), len(w.held), w.undone) for w in found.waves]
    _table(("wave", "opened", "told", "held", "undone"), waves)
    brakes = [
        (b.policy, "closed" if b.closing else "open", f"{b.evidence / b.promise:.1%}",
         f"{b.expected:.3g}", b.held)
        for b in found.brakes
    ]  # fmt: skip
    _table(("brake", "now", "evidence", "expected an hour", "held"), brakes)
    _table(("feed", "counted up to", "last row", "expected", "now"), [*map(_ear, found.ears)])
    if not (found.brakes or found.ears):
        typer.echo("no brake was asked yet, no policy is in force, and no feed is listened to")


def _table(heads: Sequence[str], lines: Sequence[Sequence[object]]) -> None:
    if lines:
        show.console().print(show.rows(show.table(*heads), lines))


def _ear(one: FeedStatus) -> tuple[str, ...]:
    last = one.last
    value = "-" if last is None or last.value is None else f"{last.value:,.0f}"
    now = "no longer listened to" if not one.given else "behind" if one.behind else "quiet"
    return (
        one.feed,
        "never" if one.until_us is None else minute(one.until_us),
        value,
        "-" if last is None else f"{last.expected:,.3g}",
        one.wave or now,
    )
