"""Options that several commands share, so that they are spelled and explained once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from habeas.core.languages import Lang

Policies = Annotated[Path, typer.Option("--policies", help="The folder of policy files.")]
EventsFile = Annotated[Path, typer.Option("--events", help="Events made by `habeas import`.")]
Out = Annotated[Path, typer.Option("--out", help="The Parquet file to write.")]
SchemaFile = Annotated[
    Path | None,
    typer.Option("--schema", help="The events schema, where it is not beside the policies."),
]
LangOption = Annotated[Lang, typer.Option("--lang", help="en or fr")]
Json = Annotated[bool, typer.Option("--json", help="Answer as JSON on standard output.")]
After = Annotated[
    str | None, typer.Option("--after", help="Go on after this item: the `next` of the last list.")
]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many items at most.")]
ENGINES = ("fast", "python", "spark")
LOCAL = "local[*]"
Engine = Annotated[
    str, typer.Option("--engine", help=f"What computes the facts: {', '.join(ENGINES)}.")
]
Master = Annotated[
    str | None,
    typer.Option("--master", help=f"Where --engine spark computes; {LOCAL} if not given."),
]


def checked_engine(name: str, master: str | None = None) -> str:
    """The name of an engine. Raises BadParameter where there is none of that name, or where a
    master is given to another than spark."""
    if name not in ENGINES:
        raise typer.BadParameter(f"'{name}' is not one of: {', '.join(ENGINES)}")
    if master is not None and name != "spark":
        raise typer.BadParameter("--master goes with --engine spark")
    return name
