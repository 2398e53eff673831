"""`habeas reverse`, `habeas relieve` and what follows a relief plan."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.decisions import As, Named, Why
from habeas.cli.options import Json
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from habeas.core.appeal.relief import Foreseen
    from habeas.flows.appeal.relieve import ReliefReport

Hash = Annotated[str, typer.Argument(metavar="HASH", help="The hash of the relief plan.")]
FAILED = 20  # accounts of which a terminal is told why

relieve = typer.Typer(
    help="Reverse all decisions of one fault, as one plan.",
    invoke_without_command=True,
    no_args_is_help=True,
)


def reverse(decision: Named, who: As, why: Why, json: Json = False) -> None:
    """Reverse a decision that was wrong: the account is as if it had never been, and its customer
    is owed an apology. Whoever approved it cannot."""
    with wiring.giving_back():
        from habeas.flows.access import Duty, actor
        from habeas.flows.appeal import reverse

        done = reverse.reverse(decision, (actor(who, Duty.REVERSE),), why, now_us())
    told = {
        "decision": done.decision.id,
        "account": done.decision.account,
        "measure": str(done.decision.measure),
        "state": str(done.decision.state),
        "settlements": done.settlements,
        "apology": done.apology,
        "awaiting": list(done.awaiting),
    }
    if json:
        show.as_json(told)
        return
    typer.echo(f"{told['measure']} on {told['account']} is reversed ({decision})")
    for sentence in done.awaiting:
        typer.echo(f"  {sentence}")
    if done.apology:
        typer.echo("  its customer is owed an apology; it is to be sent")


@relieve.callback()
def plan(
    context: typer.Context,
    policy: Annotated[str | None, typer.Option("--policy", help="The policy that decided.")] = None,
    version: Annotated[int | None, typer.Option("--version", help="In this version.")] = None,
    cause: Annotated[
        list[str] | None,
        typer.Option(
            "--cause",
            metavar="NAME=VALUE",
            help="An attribute of the events; --like has the value.",
        ),
    ] = None,
    event_type: Annotated[
        str | None, typer.Option("--type", help="The type of the events that led to it.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Proposed then or later, UTC.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="Proposed before that, UTC.")
    ] = None,
    like: Annotated[
        str | None,
        typer.Option("--like", metavar="DECISION", help="Of one that was found wrong already."),
    ] = None,
    events: Annotated[
        Path | None, typer.Option("--events", help="The events, where --cause or --type asks.")
    ] = None,
    why: Annotated[str, typer.Option("--why", help="What went wrong; customers are told.")] = "",
    size: Annotated[int, typer.Option("--size", min=1, help="Accounts of one batch.")] = 1000,
    json: Json = False,
) -> None:
    """Make a plan that reverses all decisions of one fault; nothing is reversed yet."""
    if context.invoked_subcommand is not None:
        return
    with wiring.giving_back(), show.progress("looking at accounts", quiet=json) as bar:
        from habeas.core.appeal.relief import ReliefCause
        from habeas.flows.appeal.foresee import foresee

        shared = tuple(_attribute(word) for word in cause or ())
        said = ReliefCause(policy, version, event_type, shared, _time(since), _time(until), like)
        found = foresee(said, why, now_us(), events=events, size=size, progress=bar)
    _tell_plan(found, json)


def _attribute(word: str) -> tuple[str, str | None]:
    name, equals, value = word.partition("=")
    return name, value if equals else None


def _time(text: str | None) -> int | None:
    """Microseconds of a day or a moment, in UTC where it does not say otherwise."""
    from datetime import UTC, datetime, timedelta

    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"'{text}' is no time; write 2026-04-01T09:00") from None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _tell_plan(found: Foreseen, json: bool) -> None:
    from habeas.core.money import Money
    from habeas.flows.appeal.relieve import previewed

    told = previewed(found.plan)
    if json:
        show.as_json(told | {"unsure": list(found.unsure)})
        return
    shown = found.plan.preview
    typer.echo(f"relief {told['relief']}")
    measures = ", ".join(f"{count:,} {measure}" for measure, count in shown.measures)
    typer.echo(
        f"  {show.counted(shown.decisions, 'decision')} on "
        f"{show.counted(shown.accounts, 'account')}: {measures}"
    )
    for currency, amount in shown.freed:
        typer.echo(f"  {Money(amount, currency)} can be spent again")
    for currency, amount in shown.recalled:
        typer.echo(f"  {Money(amount, currency)} of it was on its way to banks and cards")
    typer.echo(f"  {show.counted(shown.notices, 'apology', 'apologies')} to be sent")
    if found.unsure:
        typer.echo(f"  left out {len(found.unsure):,}: it cannot be told whether they share it")
    typer.echo(f"next: two people: habeas relieve approve {told['relief']} --as NAME")


@relieve.command()
def approve(name: Hash, who: As, json: Json = False) -> None:
    """Approve a relief plan. Two people do, and for each decision one of them did not approve
    it."""
    with wiring.giving_back():
        from habeas.flows.access import Duty, actor
        from habeas.flows.appeal import relieve

        report = relieve.approve(name, actor(who, Duty.RELIEVE), now_us())
    _tell(report, json)


@relieve.command()
def apply(
    name: Hash,
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=16, help="Processes at once.")] = 2,
    share: Annotated[str | None, typer.Option("--share", hidden=True)] = None,
    json: Json = False,
) -> None:
    """Carry out a plan that two people approved, or the rest of it: it can be stopped, and run
    again, at any moment."""
    with wiring.giving_back(), show.progress("reversing", quiet=json) as bar:
        if share is None:
            from habeas.flows.appeal.share import apply_shared

            report = apply_shared(name, now_us(), jobs, partial(_share, name), bar)
        else:
            from habeas.flows.appeal import relieve

            own, parts = (int(n) for n in share.split("/"))
            report = relieve.apply(name, now_us(), progress=bar, share=(own, parts))
    _tell(report, json)


def _share(name: str, number: int, parts: int) -> Callable[[], Mapping[str, Any]]:
    """A further process for a part of the plan, and how to wait for what it did. Killed, it leaves
    its part to the next run."""
    import subprocess
    import sys
    from json import loads

    run = "from habeas.cli import main; main()"
    words = ["relieve", "apply", name, "--share", f"{number}/{parts}", "--json"]
    command = [sys.executable, "-c", run, *words]
    other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603

    def ended() -> Mapping[str, Any]:
        said, _ = other.communicate()
        return dict(loads(said)) if other.returncode == 0 else {}

    return ended


@relieve.command(name="show")
def show_(name: Hash, json: Json = False) -> None:
    """Show how far a relief is, what is left, and what cannot be done and why."""
    with wiring.here():
        from habeas.flows.appeal import relieve

        report = relieve.show(name, now_us())
    _tell(report, json)


def _tell(report: ReliefReport, json: bool) -> None:
    if json:
        show.as_json(report)
        return
    who = " and ".join(report.approvals) or "nobody yet"
    typer.echo(f"relief {report.relief}: {report.why}")
    typer.echo(f"  approved by {who}")
    typer.echo(f"  {report.done:,} of {show.counted(report.decisions, 'decision')} done")
    if report.reversed:
        owed = show.counted(report.apologies, "apology", "apologies")
        typer.echo(f"  {report.reversed:,} were reversed now; {owed} to be sent")
    for account, why in [*report.failed.items()][:FAILED]:
        typer.echo(f"  not done on {account}: {why}")
    if len(report.failed) > FAILED:
        typer.echo(f"  and on {len(report.failed) - FAILED:,} more accounts; --json has all")
    if report.left and len(report.approvals) > 1:
        typer.echo(f"next: habeas relieve apply {report.relief}")
