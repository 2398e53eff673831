"""`habeas import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habeas.cli import show
from habeas.cli.options import Json, SchemaFile
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from habeas.flows.policy.ingest import IngestReport

MOST_REASONS = 12


def import_(
    inputs: Annotated[list[Path], typer.Argument(metavar="IN...", help="NDJSON, CSV or Parquet.")],
    map_: Annotated[Path, typer.Option("--map", help="How columns become events.")],
    out: Annotated[Path, typer.Option("--out", help="The events, as Parquet.")],
    quarantine: Annotated[
        Path, typer.Option("--quarantine", help="What cannot be used, as NDJSON with reasons.")
    ],
    schema: SchemaFile = None,
    json: Json = False,
) -> None:
    """Read raw records; write events, and a quarantine of what cannot be used."""
    from habeas.flows.policy.ingest import ingest

    done = 0
    with show.progress("reading", quiet=json) as bar:

        def progress(count: int) -> None:
            nonlocal done
            done += count
            bar(done, 0)

        counts = ingest(inputs, map_, out, quarantine, now_us(), schema, progress)
    if json:
        show.as_json(counts.as_json() | {"out": str(out), "quarantine": str(quarantine)})
    else:
        _print(counts, out, quarantine)


def _print(counts: IngestReport, out: Path, quarantine: Path) -> None:
    from habeas.core.languages import moment

    console = show.console()
    console.print(
        f"read {counts.read:,} = accepted {counts.accepted:,} + duplicate {counts.duplicate:,} "
        f"+ quarantined {counts.quarantined:,}"
    )
    if counts.types:
        shares = ((name, count) for name, count in counts.types.most_common())
        console.print(show.rows(show.table("event type", "events"), shares))
    if counts.first_us is not None and counts.last_us is not None:
        first, last = moment(counts.first_us, "en"), moment(counts.last_us, "en")
        console.print(f"from {first} to {last}")
    if counts.reasons:
        reasons = counts.reasons.most_common(MOST_REASONS)
        console.print(show.rows(show.table("in quarantine because", "records"), reasons))
    if counts.differing:
        console.print(
            f"duplicates that differ from the first event with their id: {counts.differing:,}; "
            "the first was kept"
        )
    for name, count in counts.ignored.most_common(MOST_REASONS):
        text = f"ignored {count:,} values of {name}: its type does not have them"
        console.print(text, markup=False)
    if counts.read and not counts.accepted:
        console.print("nothing was accepted: is this the right mapping for these files?")
    console.print(f"events: {out}\nquarantine: {quarantine}", markup=False)
