"""`habeas findings`, `habeas facts` and `habeas why`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.options import (
    LOCAL,
    Engine,
    EventsFile,
    Json,
    LangOption,
    Master,
    Out,
    Policies,
    SchemaFile,
    checked_engine,
)


def findings(
    policies: Policies,
    events: EventsFile,
    out: Out,
    every: Annotated[
        bool, typer.Option("--all", help="Every event at which a condition holds.")
    ] = False,
    engine: Engine = "fast",
    master: Master = None,
    schema: SchemaFile = None,
    json: Json = False,
) -> None:
    """Write the findings that policies make of events."""
    counts: dict[str, object]
    with show.progress("computing facts", quiet=json) as bar:
        from habeas.flows.policy import compute

        chosen = compute.Chosen(checked_engine(engine, master), master or LOCAL)
        counts = compute.write_findings(policies, events, out, every, schema, chosen, bar)
    if json:
        show.as_json(counts | {"out": str(out)})
        return
    console = show.console()
    per_policy: Any = counts["policies"]
    lines = ([name, c["rows"], c["accounts"]] for name, c in per_policy.items())
    console.print(show.rows(show.table("policy", "findings", "accounts"), lines))
    text = f"{counts['rows']:,} findings of {counts['events']:,} events: {out}"
    console.print(text, markup=False)


def facts(
    policies: Policies,
    events: EventsFile,
    out: Out,
    engine: Engine = "fast",
    master: Master = None,
    schema: SchemaFile = None,
    json: Json = False,
) -> None:
    """Write every fact of every policy at every event."""
    with show.progress("computing facts", quiet=json) as bar:
        from habeas.flows.policy import compute

        chosen = compute.Chosen(checked_engine(engine, master), master or LOCAL)
        counts = compute.write_facts(policies, events, out, schema, chosen, bar)
    show.answer(
        counts | {"out": str(out)},
        json,
        f"{counts['facts']:,} facts at {counts['events']:,} events: {out}",
    )


def why(
    account: Annotated[str, typer.Argument(help="The account to explain.")],
    lang: LangOption = "en",
    plan: Annotated[str | None, typer.Option("--plan", help="A plan's hash.")] = None,
    policies: Annotated[Path | None, typer.Option("--policies", help="With --events.")] = None,
    events: Annotated[Path | None, typer.Option("--events", help="With --policies.")] = None,
    schema: SchemaFile = None,
    json: Json = False,
) -> None:
    """Say why an account was found: clause, facts, conditions, evidence, and what would have
    changed it. Reads the plan in force, else the latest plan."""
    from habeas.flows.policy.why import ReasonSource, reasons
    from habeas.pages.reasons import letter

    if (policies is None) != (events is None):
        raise typer.BadParameter("--policies and --events go together")
    source = ReasonSource(plan, policies, events, schema)
    with show.progress("computing facts", quiet=json) as bar:
        found = reasons(account, source, wiring.folder(), lang, bar)
    show.answer(
        {"account": account, "lang": lang, "findings": found}, json, letter(account, found, lang)
    )
