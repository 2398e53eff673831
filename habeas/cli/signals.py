"""`habeas signals`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habeas.cli import show
from habeas.cli.options import Json

if TYPE_CHECKING:
    from habeas.flows.signal.score import Scored

MOST_SHOWN = 20


def signals(
    series: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="Counts: the columns timestamp and value."),
    ] = None,
    posts: Annotated[
        str | None,
        typer.Option("--posts", metavar="SOURCE", help="Posts or contacts: a file, or http(s)."),
    ] = None,
    keywords: Annotated[
        Path | None, typer.Option("--keywords", help="What to count in posts, as YAML.")
    ] = None,
    every: Annotated[
        str, typer.Option("--every", help="How long posts are counted for one row.")
    ] = "5m",
    beside: Annotated[
        Path | None,
        typer.Option("--beside", help="Counts of decisions, to be drawn on the same axis."),
    ] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help="The chart to write.")] = None,
    json: Json = False,
) -> None:
    """Score each count of a public signal as it comes, and tell the bursts.

    A score is from 0 to 1: the chance that six hours pass without a count as high.
    """
    from habeas.ports.files import apart

    if (series is None) == (posts is None):
        raise typer.BadParameter("give a file of counts, or --posts")
    if (posts is None) != (keywords is None):
        raise typer.BadParameter("--posts and --keywords go together")
    if beside is not None and svg is None:
        raise typer.BadParameter("--beside goes with --svg")
    if svg is not None:
        apart(svg, (series, keywords, beside, Path(posts) if posts else None))
    found = _scored(series, posts, keywords, every, quiet=json)
    if svg is not None:
        from habeas.flows.signal.score import counts
        from habeas.pages.signals import chart
        from habeas.ports.files import write_text

        decided = None if beside is None else (str(beside), counts(beside))
        drawn = chart(found.rows, found.bursts, posts or str(series), decided)
        write_text(svg, f"{drawn}\n")
    if json:
        show.as_json(found.scores() if series is not None else found.as_json())
        return
    _print(found)
    if svg is not None:
        typer.echo(f"chart: {svg}")


def _scored(
    series: Path | None, posts: str | None, keywords: Path | None, every: str, quiet: bool
) -> Scored:
    from habeas.core.times import duration
    from habeas.flows.signal.score import score, score_posts

    try:
        every_us = duration(every)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    with show.progress("listening", quiet=quiet) as bar:
        if posts is not None and keywords is not None:
            return score_posts(posts, keywords, every_us, lambda done: bar(done, 0))
        return score(series or Path(), lambda done: bar(done, 0))


def _print(found: Scored) -> None:
    from habeas.core.times import iso

    console = show.console()
    if found.counts:
        told = ", ".join(f"{name} {count:,}" for name, count in found.counts.items())
        console.print(f"posts: {told}")
    for reason, count in found.refused.most_common(MOST_SHOWN):
        console.print(f"left out {count:,}: {reason}", markup=False)
    rows, bursts = len(found.rows), found.bursts
    console.print(f"{show.counted(rows, 'row')}, {show.counted(len(bursts), 'burst')}")
    if not bursts:
        return
    shown = sorted(bursts, key=lambda burst: -burst.score)[:MOST_SHOWN]
    lines = (
        [
            iso(b.start_us),
            f"{b.peak:,.0f}",
            f"{b.expected:,.1f}",
            f"{b.times:,.1f}",
            f"{b.score:.5f}",
        ]
        for b in sorted(shown, key=lambda burst: burst.start_us)
    )
    console.print(show.rows(show.table("burst", "peak", "expected", "times", "score"), lines))
    if len(bursts) > MOST_SHOWN:
        console.print(f"the {MOST_SHOWN} with the highest scores of {len(bursts):,}")
    for burst in shown:
        for sample in burst.samples:
            console.print(f"{iso(burst.start_us)}: {sample}", markup=False)
    if found.counts and found.opening is not None:
        console.print(f"a wave opens: {found.opening.sentence}", markup=False)
