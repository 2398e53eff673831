"""`habeas holdings`, `ledger`, `standing`, `export` and `erase`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.decisions import As, Why
from habeas.cli.options import Json, LangOption
from habeas.core.times import minute
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from habeas.core.decision import Standing


def holdings(
    file: Annotated[Path, typer.Argument(help="NDJSON: an account and all that it has, a line.")],
    json: Json = False,
) -> None:
    """Take what customers have: money, memberships, licences, orders, devices, data. What an
    account under a measure gets meanwhile is settled as the rest was."""
    with wiring.recording():
        from habeas.flows.property import holdings

        told = holdings.take(file, now_us())
    show.answer(told, json, f"{told.holdings:,} holdings of {told.accounts:,} accounts were taken")


def ledger(
    account: Annotated[str | None, typer.Argument(help="Of one account; else of all.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Instead of standard output.")] = None,
    json: Json = False,
) -> None:
    """Write the ledger in Beancount's text format, which `bean-check` accepts."""
    with wiring.here():
        from habeas.flows.property import ledger

        found = ledger.ledger(account)
    if out is not None:
        from habeas.ports.files import write_text

        write_text(out, found.text)
    if json:
        show.as_json({"entries": found.entries, "out": str(out) if out else None})
    elif out is not None:
        typer.echo(f"{show.counted(found.entries, 'entry', 'entries')}: {out}")
    else:
        typer.echo(found.text, nl=False)


def standing(
    account: Annotated[str | None, typer.Argument(help="The account.")] = None,
    rebuild: Annotated[
        bool,
        typer.Option("--rebuild", help="Make the list of what decisions are now anew."),
    ] = False,
    json: Json = False,
) -> None:
    """Say what an account may do now, and which decisions bind it."""
    if (account is None) != rebuild:
        raise typer.BadParameter("give an account, or --rebuild")
    with wiring.here():
        if account is None:
            _rebuild(json)
            return
        from habeas.flows.decision import standing

        found = standing.standing_of(account, now_us())
    if json:
        show.as_json(found)
        return
    _tell(found)


def _rebuild(json: bool) -> None:
    from habeas.flows.decision.standing import rebuild

    done = rebuild()
    show.answer(
        done, json, f"{show.counted(done.decisions, 'decision')}; {done.wrong:,} were listed wrong"
    )


def _tell(found: Standing) -> None:
    if not found.bindings:
        typer.echo(f"{found.account} may do everything: no decision binds it")
        return
    state = "closed" if found.closed else "suspended" if found.suspended else "open"
    limits = f"; limited: {', '.join(found.limited)}" if found.limited else ""
    typer.echo(f"{found.account} is {state}{limits}")
    for binding in found.bindings:
        until = "" if binding.until_us is None else f" until {minute(binding.until_us)} UTC"
        what = " ".join(filter(None, (str(binding.measure), binding.capability)))
        typer.echo(f"  {what}{until}: {binding.policy}, decision {binding.decision}")
    typer.echo(f"without logging in it can always use: {', '.join(sorted(found.rights))}")


def export(
    account: Annotated[str, typer.Argument(help="The account.")],
    out: Annotated[Path, typer.Option("--out", help="The zip to write.")],
    json: Json = False,
) -> None:
    """Write all that a customer can read of their account as a zip: pages in English and French,
    JSON and CSV. Nobody has to log in to the account for it."""
    with wiring.here():
        from habeas.flows.letter import export

        told = export.export(account, out)
    show.answer(told, json, f"wrote {out}")


def erase(
    who: As,
    why: Why,
    account: Annotated[str | None, typer.Argument(help="The account.")] = None,
    case: Annotated[str | None, typer.Option("--case", help="Of one case, by reference.")] = None,
    lang: LangOption = "en",
    json: Json = False,
) -> None:
    """Erase what an account was told and has said, for good, and say what stays and why. The log
    keeps that there was something, who erased it and why, and still verifies."""
    if account is None and case is None:
        raise typer.BadParameter("give an account or --case")
    with wiring.giving_back():
        from habeas.flows.access import Duty, actor
        from habeas.flows.log import erase

        by, mail = actor(who, Duty.ERASE), wiring.mail_folder()
        found = erase.erase(account, case, by, why, now_us(), mail)
    if json:
        show.as_json(found)
        return
    from habeas.pages.erasure import erasure

    typer.echo("\n".join(erasure(found, lang)))
