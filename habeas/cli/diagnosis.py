"""`habeas diagnose`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habeas.cli import show
from habeas.cli.options import Json, LangOption

if TYPE_CHECKING:
    from habeas.core.languages import Lang
    from habeas.core.wave import Diagnosis, Judgement
    from habeas.core.wave.roles import AttributeRole


def diagnose(
    hits: Annotated[Path, typer.Option("--hits", help="Parquet: the accounts that were hit.")],
    population: Annotated[
        Path, typer.Option("--population", help="Parquet: all accounts, with their attributes.")
    ],
    weights: Annotated[
        str | None,
        typer.Option("--weights", help="The column that says what the plan expects of each."),
    ] = None,
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            metavar="ATTRIBUTE=ROLE",
            help="What an attribute tells of: release, change, shared, tenure or plain.",
        ),
    ] = None,
    lang: LangOption = "en",
    html: Annotated[Path | None, typer.Option("--html", help="Write the report here.")] = None,
    json: Json = False,
) -> None:
    """Say what the accounts of a wave share that comparable accounts do not, and whether that
    speaks for a software fault, takeover, a ring or a policy change."""
    roles = _roles(role or [])
    from habeas.flows.wave import diagnose
    from habeas.ports.files import apart, write_text

    if html is not None:
        apart(html, [hits, population])
    found, judged = diagnose.diagnose(hits, population, weights, roles)
    if html is not None:
        from habeas.pages.diagnosis import report

        write_text(html, report(found, judged, lang))
    if json:
        from habeas.core.letter.diagnosis_words import judgement_json

        show.as_json(found.as_json() | judgement_json(judged, lang))
        return
    tell_causes(found, lang)
    tell_reading(judged, lang)
    if html is not None:
        typer.echo(f"report: {html}")


def _roles(given: Sequence[str]) -> dict[str, AttributeRole]:
    from habeas.core.wave.roles import AttributeRole

    found = {}
    for text in given:
        name, _, role = text.rpartition("=")
        if not name or role not in list(AttributeRole):
            raise typer.BadParameter(f"'{text}' is not ATTRIBUTE={'|'.join(AttributeRole)}")
        found[name] = AttributeRole(role)
    return found


def tell_causes(found: Diagnosis, lang: Lang) -> None:
    """Print what was compared, a table with a line a cause, and the notes."""
    from habeas.core.letter import diagnosis_words

    console = show.console()
    console.print(diagnosis_words.scope_words(found, lang), markup=False)
    if found.causes:
        lines = [diagnosis_words.cause_cells(cause, lang) for cause in found.causes]
        console.print(show.rows(show.table(*diagnosis_words.heads(lang)), lines))
    for sentence in diagnosis_words.notes(found, lang):
        console.print(sentence, markup=False)


def tell_reading(judged: Judgement, lang: Lang) -> None:
    """Print the verdict, the evidence for and against each reading, and what is not known."""
    from habeas.core.letter import diagnosis_words

    console = show.console()
    console.print(f"\n{diagnosis_words.verdict_words(judged, lang)}", markup=False)
    for one in judged.weighed:
        console.print(f"  {diagnosis_words.TEXTS[lang][one.reading]}", markup=False)
        for line in diagnosis_words.evidence_lines(one, lang):
            console.print(f"    {line}", markup=False)
    for line in diagnosis_words.gap_lines(judged, lang):
        console.print(f"  {line}", markup=False)
