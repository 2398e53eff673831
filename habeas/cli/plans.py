"""`habeas plan` and `habeas apply`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.decisions import As
from habeas.cli.options import EventsFile, Json, Policies, SchemaFile
from habeas.core.languages import Lang
from habeas.pages.markup import SHOWN_HASH
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from rich.console import Console

    from habeas.core.policy import Plan
    from habeas.core.policy.plans import Mode, PolicyPlan

SHOWN_SAMPLES = 10
SHADES = " ▁▂▃▄▅▆▇█"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def plan(
    policies: Policies,
    events: EventsFile,
    against: Annotated[
        Path | None,
        typer.Option("--against", help="Compare with this folder, not with what is in force."),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="account and label columns, for precision.")
    ] = None,
    mode: Annotated[
        str, typer.Option("--mode", help="shadow, canary:PERCENT or enforce.")
    ] = "shadow",
    html: Annotated[Path | None, typer.Option("--html", help="Write the report here.")] = None,
    lang: Annotated[Lang, typer.Option("--lang", help="Of the report.")] = "en",
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what apply would do, and the evaluation.")
    ] = False,
    schema: SchemaFile = None,
    json: Json = False,
) -> None:
    """Show what policies would do, to whom, and at what price; freeze it under a hash."""
    from habeas.flows.policy.plan import PlanRequest, make_plan
    from habeas.ports.files import apart, write_text

    kind, percent = _mode(mode)
    if html is not None:
        apart(html, [events, labels, schema])
    request = PlanRequest(policies, events, against, labels, schema, kind, percent)
    with show.progress("computing facts", quiet=json) as bar:
        made = make_plan(request, wiring.folder(), bar)
    if html is not None:
        from habeas.pages.plan import report

        write_text(html, report(made.as_json(), lang))
    if json:
        show.as_json(made)
        return
    console = show.console()
    _print(console, made)
    if explain:
        _explain(console, made)
    if html is not None:
        console.print(f"report: {html}", markup=False)
    console.print(f"to put it in force: habeas apply {made.hash[:SHOWN_HASH]}")


def _mode(text: str) -> tuple[Mode, int | None]:
    from habeas.core.policy.plans import Mode

    name, _, share = text.partition(":")
    if name not in list(Mode) or (name == Mode.CANARY) != bool(share):
        raise typer.BadParameter(f"'{text}' is not shadow, canary:PERCENT or enforce")
    if share and not (share.isascii() and share.isdigit() and 1 <= int(share) <= 99):
        raise typer.BadParameter(f"a canary takes 1 to 99 percent, not '{share}'")
    return Mode(name), int(share) if share else None


def _print(console: Console, plan: Plan) -> None:
    from habeas.core.languages import moment

    scope = plan.scope
    first, last = moment(scope.first_us, "en"), moment(scope.last_us, "en")
    console.print(f"[bold]plan {plan.hash[:SHOWN_HASH]}[/bold], mode {plan.mode}")
    console.print(
        f"{show.counted(scope.count, 'event')} of {show.counted(scope.accounts, 'account')}, "
        f"{first} to {last}"
    )
    lines = [
        [p.policy, _change(p), p.hit, p.newly_hit, p.newly_spared, p.holding, p.findings]
        for p in plan.policies
    ]
    heads = ("policy", "change", "hit", "newly hit", "newly spared", "still holds", "findings")
    console.print(show.rows(show.table(*heads), lines))
    console.print(
        f"in all: {show.counted(plan.hit, 'account')} hit "
        f"({show.percent(plan.hit, scope.accounts)}), "
        f"{plan.newly_hit:,} newly hit, {plan.newly_spared:,} newly spared"
    )
    if plan.canary_accounts is not None:
        console.print(f"the canary of {plan.canary} % would act on {plan.canary_accounts:,}")
    for one in plan.policies:
        _print_policy(console, one)


CHANGES = {
    "new": "new, version {after}",
    "outcome": "version {before} to {after}",
    "text": "text of {after}",
    "none": "version {after}",
    "removed": "removed {before}",
}


def _change(one: PolicyPlan) -> str:
    return CHANGES[one.change].format(before=one.version_before, after=one.version)


def _print_policy(console: Console, one: PolicyPlan) -> None:
    from rich.text import Text

    console.print(Text.assemble("\n", (one.policy, "bold"), f": {one.title['en']}"))
    if one.diff and one.change != "new":
        _print_diff(console, one.diff)
    if not one.hit and not one.hit_before:
        console.print("  hits no account")
        return
    ladder = [
        [f"{m.step}. {m.measure} {m.capability or ''}", m.findings, m.accounts,
         m.accounts_before, m.newly_hit, m.newly_spared]
        for m in one.measures
    ]  # fmt: skip
    heads = ("step", "findings", "accounts", "before", "newly hit", "newly spared")
    console.print(show.rows(show.table(*heads), ladder))
    for stake in one.stakes:
        name = stake.title.get("en", stake.name)
        _print_stake(console, name, stake.currency, stake.amount, stake.before)
    _print_segments(console, one)
    if one.accuracy is not None:
        _print_accuracy(console, one)
    _print_forecast(console, one)
    _print_samples(console, one)


def _print_diff(console: Console, diff: str) -> None:
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in diff.splitlines():
        console.print(line, style=colours.get(line[:1]), markup=False)


def _print_stake(console: Console, name: str, currency: str, amount: int, before: int) -> None:
    from habeas.core.money import Money

    console.print(
        f"at stake, {name}: {Money(amount, currency)} (before: {Money(before, currency)})"
    )


def _print_segments(console: Console, one: PolicyPlan) -> None:
    for segment in one.segments:
        lines = [
            [b.label, b.accounts, b.hit, show.percent(b.hit, b.accounts), b.holding,
             show.percent(b.holding, b.accounts), b.newly_hit, b.newly_spared]
            for b in segment.bands
        ]  # fmt: skip
        by = f"by {segment.title.get('en', segment.name)}"
        heads = (by, "accounts", "hit", "share", "still", "share", "newly hit", "spared")
        console.print(show.rows(show.table(*heads), lines))


def _print_accuracy(console: Console, one: PolicyPlan) -> None:
    found = one.accuracy
    assert found is not None  # noqa: S101 - the caller asked
    console.print(
        f"labels: precision {show.percent(found.hit_abusive, found.hit_labelled)} "
        f"({found.hit_abusive:,} of {found.hit_labelled:,} labelled accounts hit are abusive), "
        f"recall {show.percent(found.hit_abusive, found.abusive)} (of {found.abusive:,})"
    )


def _print_forecast(console: Console, one: PolicyPlan) -> None:
    from habeas.core.languages import number

    hours = one.forecast.hours
    top = max(hours) or 1
    weekly = number(sum(hours), "en")
    console.print(f"forecast: {weekly} findings a week, by hour (UTC), busiest {top:.2f}")
    for i, day in enumerate(DAYS):
        own = hours[i * 24 : i * 24 + 24]
        bar = "".join(SHADES[round(h / top * (len(SHADES) - 1))] for h in own)
        console.print(f"  {day} |{bar}| {sum(own):.1f}")


def _print_samples(console: Console, one: PolicyPlan) -> None:
    if one.samples:
        console.print(f"{len(one.samples)} sample accounts:")
    for sample in one.samples[:SHOWN_SAMPLES]:
        why = sample.why["en"]
        whole = why["conditions"][0]["says"]
        console.print(f"  {sample.account}, {why['date']}: {whole}", markup=False)
    if one.spared_samples:
        console.print(f"spared, for example: {', '.join(one.spared_samples)}", markup=False)


def _explain(console: Console, plan: Plan) -> None:
    from dataclasses import asdict

    from habeas.pages.voice import Voice

    console.print("\n[bold]apply will, in this order[/bold]")
    say = Voice("en")
    for i, stage in enumerate(plan.stages, 1):
        console.print(f"  {i}. {say.stage(asdict(stage))}")


def apply(
    plan: Annotated[str, typer.Argument(metavar="HASH", help="The plan's hash, or its start.")],
    who: As,
    json: Json = False,
) -> None:
    """Put a plan in force; two people give this command for a canary and for what is enforced. It
    is refused when anything has changed since it was made."""
    with wiring.recording():
        from habeas.flows.access import Duty, actor
        from habeas.flows.policy import apply

        outcome = apply.apply(plan, wiring.folder(), actor(who, Duty.APPLY), now_us())
    if json:
        show.as_json(outcome)
        return
    if outcome.waiting_for:
        typer.echo(f"{who} asks for plan {outcome.plan[:SHOWN_HASH]}; it is not in force yet")
        typer.echo("next: another person runs the same command (law 7)")
        return
    if outcome.already:
        typer.echo(f"plan {outcome.plan[:SHOWN_HASH]} is in force already; nothing was done")
        return
    typer.echo(
        f"plan {outcome.plan[:SHOWN_HASH]} is in force, in mode {outcome.mode}, "
        f"by {' and '.join(outcome.by)}:"
    )
    for applied in outcome.policies:
        typer.echo(f"  {applied.policy} version {applied.version}")
