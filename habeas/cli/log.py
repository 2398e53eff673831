"""`habeas init-key` and `seal`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli import show
from habeas.cli.decisions import now_us
from habeas.cli.options import Json


def init_key(
    name: Annotated[str, typer.Argument(help="The log's name for good, as shop.example/log.")],
    json: Json = False,
) -> None:
    """Make the key that signs the log, and print the public one: publish it, auditors need it."""
    import secrets

    from habeas.config import key_file
    from habeas.core.checkpoint import KEY, Signer
    from habeas.ports.folder import Folder

    signer = Signer(name, secrets.token_bytes(KEY))
    file = key_file(os.environ, Folder.around(Path.cwd()))
    file.make(signer)
    if json:
        show.as_json({"file": str(file.path), "verifier_key": str(signer.verifier)})
        return
    typer.echo(f"wrote {file.path}: keep it secret, and a copy of it safe")
    typer.echo(f"publish this: {signer.verifier}")


def seal(
    everything: Annotated[
        bool,
        typer.Option("--everything", help="Also look for what took longer than an hour to commit."),
    ] = False,
    json: Json = False,
) -> None:
    """Give all new records their place in the log, and sign it; run it every minute."""
    from habeas import wiring
    from habeas.config import log_key
    from habeas.ports.folder import Folder

    signer = log_key(os.environ, Folder.around(Path.cwd())).signer()
    with wiring.here(), show.progress("sealing", quiet=json) as bar:
        from habeas.flows.seal import seal as sealed

        report = sealed(signer, now_us(), everything=everything, progress=bar)
    if json:
        show.as_json(report.as_json())
        return
    typer.echo(f"sealed {show.counted(report.sealed, 'record')}; the log has {report.size:,}")
