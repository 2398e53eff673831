"""`habeas check` and `habeas schema`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.options import Json, SchemaFile


def check(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder of policy files.")],
    schema: SchemaFile = None,
    json: Json = False,
) -> None:
    """Check policies: names, types, currencies, ladder, tests, and versions against those in
    force."""
    from habeas.core.errors import InvalidPolicy
    from habeas.flows.policy import check

    checked = check.check(folder, schema, wiring.folder())
    if json:
        show.as_json(
            {
                "files": checked.files,
                "tests": checked.tests,
                "errors": len(checked.errors),
                "problems": checked.problems,
                "policies": [
                    {"policy": p.name, "version": p.version, "outcome": p.outcome}
                    for p in checked.policies.values()
                ],
            }
        )
    else:
        for problem in checked.problems:
            typer.echo(str(problem))
        warnings = len(checked.problems) - len(checked.errors)
        counts = (
            show.counted(checked.files, "policy", "policies"),
            show.counted(checked.tests, "test"),
            show.counted(len(checked.errors), "error"),
            show.counted(warnings, "warning"),
        )
        typer.echo(", ".join(counts))
    if checked.errors:
        raise typer.Exit(InvalidPolicy.exit_code)


class SchemaName(StrEnum):
    POLICY = "policy"
    EVENTS = "events"
    MAPPING = "mapping"
    PLATFORM = "platform"
    BRAKE = "brake"
    SIGNALS = "signals"
    WITNESSES = "witnesses"


def schema(
    name: Annotated[SchemaName, typer.Argument(help="Which file's JSON Schema to print.")],
) -> None:
    """Print the JSON Schema of a file, for editors that complete and check YAML."""
    from habeas.core.policy.shapes import json_schema
    from habeas.flows.policy.init import SCHEMAS

    show.document(json_schema(SCHEMAS[name]))
