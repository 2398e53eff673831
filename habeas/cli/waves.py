"""`habeas waves` and `habeas wave`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habeas.cli import show
from habeas.cli.options import After, Json, LangOption, Limit
from habeas.core.languages import Lang, Texts, number, plural, quote, significant
from habeas.core.listing import MOST
from habeas.core.times import minute
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from habeas.core.appeal.relief import Foreseen
    from habeas.core.wave import Wave
    from habeas.ports.folder import Folder


def waves(after: After = None, limit: Limit = MOST, json: Json = False) -> None:
    """List the waves: each time that a brake closed or the public noticed first, and whom it
    reached."""
    from habeas import wiring
    from habeas.ports.folder import Folder

    with wiring.here():
        from habeas.flows.wave import waves

        found = waves.listed(Folder.around(Path.cwd()), after, limit)
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
    from habeas import wiring
    from habeas.ports.files import apart, write_text
    from habeas.ports.folder import Folder

    if policy is not None and relieve is None:
        raise typer.BadParameter("--policy goes with --relieve")
    folder = Folder.around(Path.cwd())
    if html is not None:
        apart(html, [population, events])
    with wiring.here(), show.progress("trying the version before", quiet=json) as bar:
        from habeas.flows.wave import waves
        from habeas.flows.wave.traces import weighed

        found = waves.wave(name, folder)
        plan = _relieved(name, relieve, folder, events, policy)
        diagnosis, judged = weighed(
            found, folder, population=population, weights=weights, events=events, progress=bar
        )
    if html is not None:
        from habeas.pages.wave import report

        write_text(html, report(found, lang, judged, diagnosis))
    told = _plain(found, lang)
    if plan is not None:
        told |= {"relief": plan.plan.hash, "unsure": len(plan.unsure)}
    if json:
        from habeas.core.letter.diagnosis_words import judgement_json

        told |= judgement_json(judged, lang)
        if diagnosis is not None:
            told["diagnosis"] = diagnosis.as_json() | judgement_json(judged, lang)
        show.as_json(told)
        return
    _tell(found, lang)
    from habeas.cli.diagnosis import tell_causes, tell_reading

    if diagnosis is not None:
        tell_causes(diagnosis, lang)
    tell_reading(judged, lang)
    if plan is not None:
        typer.echo(f"relief plan {plan.plan.hash[:12]} is made; next: habeas relieve show")
    if html is not None:
        typer.echo(f"page: {html}")


def _relieved(
    name: str, why: str | None, folder: Folder, events: Path | None, policy: str | None
) -> Foreseen | None:
    from habeas.flows.wave import waves

    return waves.relieve(name, why, folder, now_us(), events, policy) if why else None


def _plain(found: Wave, lang: Lang) -> dict[str, object]:
    from habeas.core.letter.announcements import announcement

    return found.as_json() | {"statement": announcement(found.figures(), lang)}


TEXTS: Texts = {
    "en": {
        "open": "wave {name}: open",
        "over": "wave {name}: over",
        "stopped": "  told to customers: {told} ({undone}); held: {held}",
        "heard": "  told to customers, from two days before it on: {told} ({undone})",
        "told": "{n} decision|{n} decisions",
        "undone": "{n} undone|{n} undone",
        "share": "    {policy} version {version}: {told} where {expected} were expected",
    },
    "fr": {
        "open": "vague {name} : en cours",
        "over": "vague {name} : terminée",
        "stopped": "  décisions notifiées : {told} ({undone}) ; retenues : {held}",
        "heard": "  décisions notifiées, dès deux jours avant : {told} ({undone})",
        "told": "{n}|{n}",
        "undone": "{n} annulée|{n} annulées",
        "share": "    {policy} version {version} : {told}, pour {expected} prévues",
    },
}


def _tell(found: Wave, lang: Lang) -> None:
    from habeas.core.wave.waves import timeline

    say = TEXTS[lang]
    typer.echo(say["open" if found.until_us is None else "over"].format(name=found.id))
    if found.spell is not None:
        typer.echo(f"  {found.spell.feed}: {found.spell.burst.words(lang)}")
        for text in found.spell.burst.samples:
            typer.echo(f"    {quote(text, lang)}")
    counts = {
        "told": plural(say["told"], len(found.told), lang),
        "undone": plural(say["undone"], found.undone, lang),
        "held": number(len(found.held), lang),
    }
    typer.echo(say["heard" if found.spell else "stopped"].format(**counts))
    for share in found.shares:
        line = say["share"].format(
            policy=share.policy, version=share.version, told=number(share.told, lang),
            expected=significant(share.expected, lang),
        )  # fmt: skip
        typer.echo(line)
    for time_us, what in timeline(found, lang):
        typer.echo(f"  {minute(time_us)}  {what}")
    typer.echo(f"\n{_plain(found, lang)['statement']}")
