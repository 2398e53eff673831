"""`habeas waves` and `habeas wave`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.options import After, Json, LangOption, Limit
from habeas.core.languages import Lang
from habeas.core.listing import MOST
from habeas.core.times import minute
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from habeas.flows.wave.view import WaveView


def waves(after: After = None, limit: Limit = MOST, json: Json = False) -> None:
    """List the waves: each time that a brake closed or the public noticed first, and whom it
    reached."""
    with wiring.here():
        from habeas.flows.wave import waves

        found = waves.listed(wiring.folder(), after, limit)
    if json:
        show.as_json(found)
        return
    if not found.items:
        typer.echo("no brake has ever closed, and no burst opened a wave")
        return
    made = show.table("wave", "opened", "told", "held", "undone", "now")
    for one in found.items:
        made.add_row(
            one.id, minute(one.opened_us), f"{len(one.told):,}", f"{len(one.held):,}",
            f"{one.undone:,}", "open" if one.until_us is None else "over",
        )  # fmt: skip
    show.console().print(made)
    show.more(found)


def wave(
    name: Annotated[str, typer.Argument(metavar="WAVE", help="As `habeas waves` names it.")],
    html: Annotated[Path | None, typer.Option("--html", help="Write it as a page.")] = None,
    lang: LangOption = "en",
    relieve: Annotated[
        str | None,
        typer.Option("--relieve", metavar="WHY", help="Make the relief plan of its cause."),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option("--policy", help="Which one to relieve, where a burst points to no one."),
    ] = None,
    population: Annotated[
        Path | None,
        typer.Option("--population", help="Diagnose it: Parquet, an account and attributes a row."),
    ] = None,
    weights: Annotated[
        str | None, typer.Option("--weights", help="The column of what the plan expects.")
    ] = None,
    events: Annotated[
        Path | None, typer.Option("--events", help="The events, instead of the plan's.")
    ] = None,
    json: Json = False,
) -> None:
    """Show a wave: its decisions, timeline, people, what it speaks for, a draft for the public;
    and go on from there, to its diagnosis or to a relief plan."""
    from habeas.ports.files import apart, write_text

    if policy is not None and relieve is None:
        raise typer.BadParameter("--policy goes with --relieve")
    if html is not None:
        apart(html, [population, events])
    with (
        wiring.here() if relieve is None else wiring.giving_back(),
        show.progress("trying the version before", quiet=json) as bar,
    ):
        from habeas.flows.wave.view import WaveRequest, view

        request = WaveRequest(name, relieve, policy, population, weights, events)
        found = view(request, wiring.folder(), now_us(), bar)
    if html is not None:
        from habeas.pages.wave import report

        write_text(html, report(found.wave, lang, found.judged, found.diagnosis))
    if json:
        show.as_json(_plain(found, lang))
        return
    _tell(found, lang)
    if html is not None:
        typer.echo(f"page: {html}")


def _plain(found: WaveView, lang: Lang) -> dict[str, object]:
    from habeas.core.letter.announcements import announcement
    from habeas.core.letter.diagnosis_words import judgement_json

    told = found.wave.as_json() | {"statement": announcement(found.wave.figures(), lang)}
    if found.relief is not None:
        told |= {"relief": found.relief.plan.hash, "unsure": len(found.relief.unsure)}
    judged = judgement_json(found.judged, lang)
    told |= judged
    if found.diagnosis is not None:
        told["diagnosis"] = found.diagnosis.as_json() | judged
    return told


def _tell(found: WaveView, lang: Lang) -> None:
    from habeas.cli.diagnosis import tell_causes, tell_reading
    from habeas.pages.wave_text import lines

    typer.echo("\n".join(lines(found.wave, lang)))
    if found.diagnosis is not None:
        tell_causes(found.diagnosis, lang)
    tell_reading(found.judged, lang)
    if found.relief is not None:
        typer.echo(f"relief plan {found.relief.plan.hash[:12]} is made; next: habeas relieve show")
