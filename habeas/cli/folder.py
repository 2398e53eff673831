"""`habeas init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to make it.")] = Path(),
) -> None:
    """Make a working folder: an events schema, a mapping, two policies and a sample to try."""
    from habeas.flows.policy.init import scaffold

    for path in scaffold(folder):
        typer.echo(f"wrote {path}")
    where = "" if folder == Path() else f"cd {folder} && "
    typer.echo(
        f"next: {where}habeas import --map mapping.yaml sample.ndjson --out events.parquet "
        "--quarantine bad.ndjson\n"
        "then: habeas plan --policies policies --events events.parquet "
        "--labels labels.csv --html plan.html"
    )
