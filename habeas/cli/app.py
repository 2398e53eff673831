"""The commands, as the user sees them in `habeas --help`."""

from __future__ import annotations

import typer

from habeas import __version__
from habeas.cli import (
    accounts,
    appeals,
    board,
    brake,
    database,
    decisions,
    diagnosis,
    events,
    findings,
    folder,
    letters,
    listen,
    live,
    log,
    plans,
    policies,
    reliefs,
    signals,
    staff,
    waves,
)

app = typer.Typer(
    name="habeas",
    help="Account enforcement with due process: show cause before you close an account.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"habeas {__version__}")
        raise typer.Exit


@app.callback()
def _top(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    del version


app.command("init")(folder.init)
app.command("import")(events.import_)
app.command("check")(policies.check)
app.command("schema")(policies.schema)
app.command("plan")(plans.plan)
app.command("apply")(plans.apply)
app.command("run")(live.run)
app.command("why")(findings.why)
app.command("findings")(findings.findings)
app.command("facts")(findings.facts)
app.command("decide")(decisions.decide)
app.command("queue")(decisions.queue)
app.command("approve")(decisions.approve)
app.command("refuse")(decisions.refuse)
app.command("declare")(decisions.declare)
app.command("tick")(decisions.tick)
app.command("appeal")(appeals.appeal)
app.command("attach")(appeals.attach)
app.command("withdraw")(appeals.withdraw)
app.command("case")(appeals.case)
app.command("appeals")(appeals.appeals)
app.command("hear")(appeals.hear)
app.command("ease")(appeals.ease)
app.command("rule")(appeals.rule)
app.command("reverse")(reliefs.reverse)
app.add_typer(reliefs.relieve, name="relieve")
app.command("contacts")(letters.contacts)
app.command("notify")(letters.notify)
app.command("work")(letters.work)
app.command("letters")(letters.letters)
app.command("notice")(letters.notice)
app.command("holdings")(accounts.holdings)
app.add_typer(brake.brake, name="brake")
app.add_typer(staff.staff, name="staff")
app.command("waves")(waves.waves)
app.command("wave")(waves.wave)
app.command("board")(board.board)
app.command("ledger")(accounts.ledger)
app.command("standing")(accounts.standing)
app.command("export")(accounts.export)
app.command("erase")(accounts.erase)
app.command("init-key")(log.init_key)
app.command("rotate-key")(log.rotate_key)
app.command("seal")(log.seal)
app.command("checkpoint")(log.checkpoint)
app.command("consistency")(log.consistency)
app.command("proof")(log.proof)
app.command("verify")(log.verify)
app.command("migrate")(database.migrate)
app.command("diagnose")(diagnosis.diagnose)
app.command("signals")(signals.signals)
app.command("listen")(listen.listen)
