"""`habeas brake` and `habeas brake release`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.decisions import As, Why
from habeas.cli.options import Json
from habeas.core.listing import whole
from habeas.core.times import SECOND, minute
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from collections.abc import Iterator

    from habeas.core.brake import BrakeStatus
    from habeas.flows.brake.calibrate import Calibrated

brake = typer.Typer(
    help="The brake of each policy: whether it holds decisions, why, and how to open it.",
    invoke_without_command=True,
)


@brake.callback()
def status(context: typer.Context, json: Json = False) -> None:
    """Show the brake of each policy: open or closed, on what evidence, and what it holds."""
    if context.invoked_subcommand is not None:
        return
    with wiring.here():
        from habeas.flows.brake.release import statuses

        found = statuses(wiring.folder(), now_us())
    if json:
        show.as_json(whole(found))
        return
    for one in found:
        _tell(one)
    if not found:
        typer.echo("no brake was asked yet, and no policy is in force")


def _tell(one: BrakeStatus) -> None:
    if one.closing is None:
        share = one.evidence / one.promise
        typer.echo(f"{one.policy}: open; its evidence is {share:.1%} of what closes it")
    else:
        since = minute(one.closing.time_us)
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


@brake.command("calibrate")
def calibrate(json: Json = False) -> None:
    """Replay the brake over the last quarter of the plan's history, which its forecast is then not
    made from, and say which slack would have been enough. Changes nothing."""
    from habeas.flows.brake import calibrate

    found = calibrate.calibrate(wiring.folder())
    if json:
        show.as_json(whole(found))
        return
    for one in found:
        for line in _calibrated(one):
            typer.echo(line)


def _calibrated(one: Calibrated) -> Iterator[str]:
    held = f"{show.counted(one.decisions, 'decision')} since {minute(one.since_us)}"
    if one.why:
        yield f"{one.policy}: cannot be told: {one.why}"
    elif one.slack is None:
        yield f"{one.policy}: no slack up to 3 keeps {held} quiet; its forecast does not fit them"
        yield "next: plan on newer events, or look at what those weeks were"
    else:
        enough = f"a slack of {one.slack:g} keeps {held} quiet"
        yield f"{one.policy}: {enough} ({one.set_slack:g} is set)"
    if one.slack is not None and one.slack != one.set_slack:
        yield f"next: write `slack: {one.slack:g}` in brake.yaml"
    if one.longest_us < one.set_bin_us:
        yield (
            f"  its busiest hour expects more than a quarter of a decision in a bin; write "
            f"`bin: {one.longest_us // SECOND}s` in brake.yaml, where a batch lasts no longer"
        )


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
    with wiring.recording():
        from habeas.flows.access import Duty, actor
        from habeas.flows.brake import release

        done = release.release(
            policy, actor(who, Duty.RELEASE), why, wiring.folder(), now_us(),
            segments=segment or (), pace=pace,
        )  # fmt: skip
    if json:
        show.as_json(done)
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
