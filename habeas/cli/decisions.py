"""`habeas decide`, `queue`, `approve`, `refuse`, `declare` and `tick`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.options import After, Json, Limit
from habeas.core.listing import MOST
from habeas.core.times import minute
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from habeas.core.decision import Decision

Named = Annotated[str, typer.Argument(metavar="DECISION", help="The id of the decision.")]
As = Annotated[
    str,
    typer.Option("--as", metavar="ID", envvar="HABEAS_AS", help="Who you are; it is recorded."),
]
Why = Annotated[str, typer.Option("--why", help="The reason; it is recorded word for word.")]


def decide(
    findings: Annotated[
        Path | None,
        typer.Option("--findings", help="Parquet or NDJSON, instead of those of the plan."),
    ] = None,
    json: Json = False,
) -> None:
    """Make decisions of findings, by the policies in force; each finding leads to a proposal or
    to a record of why it does not. Running it again decides nothing twice."""
    with wiring.recording(), show.progress("deciding", quiet=json) as bar:
        from habeas.flows.decision import decide

        report = decide.decide(wiring.folder(), now_us(), findings, bar)
    if json:
        show.as_json(report)
        return
    found, made = (
        show.counted(report.findings, "finding"), show.counted(report.decisions, "new decision"),
    )  # fmt: skip
    typer.echo(
        f"{found}: {made}, {report.approved:,} approved by their policies; "
        f"{report.known:,} known before"
    )
    for why, count in report.passed.items():
        typer.echo(f"  no decision for {count:,}: {why.replace('_', ' ')}")
    if report.others:
        typer.echo(f"  left alone {report.others:,}: of policies or versions not in force")
    if report.decisions > report.approved:
        typer.echo("next: habeas queue")


def queue(after: After = None, limit: Limit = MOST, json: Json = False) -> None:
    """List the decisions that wait for a person, the oldest first."""
    with wiring.here():
        from habeas.flows.decision import queue

        found = queue.queue(after, limit)
    if json:
        show.as_json(found)
        return
    if not found.items:
        typer.echo("nothing waits for a person")
        return
    made = show.table("decision", "account", "policy", "measure", "state", "since")
    for one in found.items:
        policy = f"{one.policy} {one.version}"
        made.add_row(
            one.decision, one.account, policy, one.measure, one.state.replace("_", " "),
            minute(one.proposed_us),
        )  # fmt: skip
    show.console().print(made)
    show.more(found)


def approve(
    decisions: Annotated[list[str], typer.Argument(metavar="DECISION...", help="Their ids.")],
    who: As,
    json: Json = False,
) -> None:
    """Approve decisions, one after another; also the review of an emergency."""
    with wiring.recording():
        from habeas.flows.access import Duty, actor
        from habeas.flows.decision import decide

        for name in decisions:
            _tell(decide.approve(name, actor(who, Duty.DECIDE), now_us()), json)


def refuse(decision: Named, who: As, why: Why, json: Json = False) -> None:
    """Refuse a decision: it never takes force; an emergency that waits for review ends now."""
    with wiring.giving_back():
        from habeas.flows.access import Duty, actor
        from habeas.flows.decision import decide

        _tell(decide.refuse(decision, actor(who, Duty.DECIDE), why, now_us()), json)


def declare(
    finding: Annotated[str, typer.Argument(help="The id of a finding that was recorded.")],
    step: Annotated[
        str,
        typer.Option("--step", help="The step of the ladder: its number from 1, or its measure."),
    ],
    who: As,
    why: Why,
    json: Json = False,
) -> None:
    """Declare an emergency: the measure takes force at once, and ends by itself unless another
    person reviews it and its notice is sent within 24 hours."""
    with wiring.recording():
        from habeas.flows.access import Duty, actor
        from habeas.flows.decision import decide

        _tell(
            decide.declare(finding, step, actor(who, Duty.DECLARE), why, wiring.folder(), now_us()),
            json,
        )


def tick(json: Json = False) -> None:
    """Do what time alone does: measures take force when their notice has run, and end; people are
    told of appeals that are late."""
    with (
        wiring.here(),
        wiring.passing() as refusal,
        show.progress("moving decisions", quiet=json) as bar,
    ):
        from habeas.flows import rounds

        back = refusal is not None
        done = rounds.pass_time(wiring.folder(), now_us(), bar, back=back)
    if refusal is not None:  # what gives back is done
        raise refusal
    if json:
        show.as_json(done)
        return
    report = done.tick
    told = [f"{count:,} {NAMES[kind]}" for kind, count in report.moves.items()]
    typer.echo(f"decisions: {', '.join(told) or 'none was due'}")
    if report.held:
        typer.echo(f"  {report.held:,} are held by a closed brake")
    for what, count in asdict(done.appeals).items():
        if count:
            typer.echo(f"appeals {what.replace('_', ' ')}: {count}")


NAMES = {"TakeForce": "took force", "End": "ended", "Refuse": "lapsed since nobody moved them"}


def _tell(decision: Decision, json: bool) -> None:
    told = {
        "decision": decision.id,
        "account": decision.account,
        "measure": str(decision.measure),
        "state": str(decision.state),
    }
    if json:
        show.as_json_line(told)
        return
    state = told["state"].replace("_", " ")
    typer.echo(f"{told['measure']} on {told['account']} is {state} ({decision.id})")
