"""`habeas init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from habeas import wiring
from habeas.ports.clock import now_us


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to make it.")] = Path(),
    staff: Annotated[
        bool, typer.Option("--staff", help="With people of each role, to act as with --as.")
    ] = False,
) -> None:
    """Make a working folder: an events schema, a mapping, two policies and a sample to try."""
    from habeas.flows.policy.init import scaffold

    for path in scaffold(folder):
        typer.echo(f"wrote {path}")
    if staff:
        with wiring.recording(folder):
            from habeas.flows.staff import sample

            for one in sample.hire(now_us()):
                typer.echo(f"{one.shown}: {', '.join(sorted(one.roles))}")
    where = "" if folder == Path() else f"cd {folder} && "
    typer.echo(
        f"next: {where}habeas import --map mapping.yaml sample.ndjson --out events.parquet "
        "--quarantine bad.ndjson\n"
        "then: habeas plan --policies policies --events events.parquet "
        "--labels labels.csv --html plan.html"
    )
