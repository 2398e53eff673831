"""`habeas brake` and `habeas brake release`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habeas.cli import show
from habeas.cli.clock import now_us
from habeas.cli.decisions import As, Why, day, person
from habeas.cli.options import Json

if TYPE_CHECKING:
    from habeas.flows.release import Status

brake = typer.Typer(
    help="The brake of each policy: whether it holds decisions, why, and how to open it.",
    invoke_without_command=True,
)


@brake.callback()
def status(context: typer.Context, json: Json = False) -> None:
    """Show the brake of each policy: open or closed, on what evidence, and what it holds."""
    if context.invoked_subcommand is not None:
        return
    from habeas import wiring
    from habeas.ports.folder import Folder

    with wiring.here():
        from habeas.flows.release import statuses

        found = statuses(Folder.around(Path.cwd()), now_us())
    if json:
        show.as_json([one.as_json() for one in found])
        return
    for one in found:
        _tell(one)
    if not found:
        typer.echo("no brake was asked yet, and no policy is in force")


def _tell(one: Status) -> None:
    if one.closing is None:
        share = one.evidence / one.promise
        typer.echo(f"{one.policy}: open; its evidence is {share:.1%} of what closes it")
    else:
        since = day(one.closing.time_us)
        held = show.counted(one.held, "decision")
        typer.echo(f"{one.policy}: CLOSED since {since}; it holds {held} (wave {one.wave})")
        for cause in one.closing.causes:
            typer.echo(f"  {cause}")
        if one.waits:
            typer.echo(f"  {one.waits} asks to release it; another person confirms")
        typer.echo(f"next: habeas wave {one.wave}, habeas brake release {one.policy}")
    named = ", ".join(one.watched) or "none that an event tells"
    typer.echo(
        f"  expects {one.expected:.3g} decisions in this hour ({WORDS[str(one.basis)]}); at most "
        f"{one.cap:,} in an hour; segments: {named}"
    )


WORDS = {
    "plan": "by the plan in force",
    "share": "by a share of the plan",
    "learned": "no plan: learned from what it let through",
    "floor": "no plan, nothing learned: the least there is",
}


@brake.command("release")
def release(
    policy: Annotated[str, typer.Argument(help="The policy of which the brake is closed.")],
    who: As,
    why: Why,
    segment: Annotated[
        list[str] | None,
        typer.Option("--segment", metavar="NAME=VALUE", help="Only this one; may be repeated."),
    ] = None,
    pace: Annotated[
        float | None,
        typer.Option("--pace", metavar="N", help="Held decisions that may follow in an hour."),
    ] = None,
    json: Json = False,
) -> None:
    """Open a brake. The first person asks, a second one confirms with the same command; what was
    held then follows at a pace."""
    from habeas import wiring
    from habeas.ports.folder import Folder

    with wiring.here():
        from habeas.flows.release import release as released

        done = released(
            policy, person(who), why, Folder.around(Path.cwd()), now_us(),
            segments=segment or (), pace=pace,
        )  # fmt: skip
    if json:
        show.as_json(done.as_json())
        return
    what = f"for {', '.join(segment)}" if segment else "for all"
    if done.waits:
        typer.echo(f"{who} asks to release the brake of {policy} {what}; it is still closed")
        typer.echo("next: another person runs the same command (law 7)")
        return
    typer.echo(
        f"the brake of {policy} is released {what}; {done.held:,} that were held follow, "
        f"{done.pace:.3g} an hour"
    )
