"""`habeas contacts`, `notify`, `work`, `letters` and `notice`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.options import After, Json, Limit
from habeas.cli.stopping import Stop
from habeas.core.languages import Lang
from habeas.core.listing import MOST
from habeas.core.times import minute
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from habeas.flows.letter.letters import UnsentLetter
    from habeas.flows.letter.notice import PrintedNotice
    from habeas.flows.letter.notify import NoticeReport
    from habeas.flows.rounds import RoundReport


class Form(StrEnum):
    TEXT = "text"
    HTML = "html"
    PDF = "pdf"
    DSA = "dsa"


LangOption = Annotated[
    Lang | None, typer.Option("--lang", help="Instead of the customer's language.")
]


def contacts(
    file: Annotated[Path | None, typer.Argument(help="A CSV: account,email,lang.")] = None,
    erase: Annotated[str | None, typer.Option("--erase", metavar="ACCOUNT")] = None,
    json: Json = False,
) -> None:
    """Take where customers are reached and in which language, or erase it for one account."""
    if (file is None) == (erase is None):
        raise typer.BadParameter("give a file, or --erase with an account")
    told: dict[str, object]
    with wiring.here() if file is None else wiring.recording():
        from habeas.flows.letter import contacts

        if file is None:
            told = {"erased": contacts.erase(str(erase))}
        else:
            told = {"taken": contacts.take(file, wiring.platform().lang, now_us())}
    if json:
        show.as_json(told)
    elif file is None:
        typer.echo("erased" if told["erased"] else f"nothing was known of {erase}")
    else:
        typer.echo(f"{told['taken']:,} contacts were taken")


def notify(json: Json = False) -> None:
    """Make the notices of all that customers are to be told, once; `habeas work` sends them."""
    with wiring.recording(), show.progress("telling customers", quiet=json) as bar:
        from habeas.flows.letter import notify

        report = notify.notify(wiring.teller(), bar)
    if json:
        show.as_json(report)
    else:
        _tell(report)


def _tell(report: NoticeReport) -> None:
    made = [f"{count:,} of kind {kind}" for kind, count in report.told.items()]
    typer.echo(f"notices: {', '.join(made) or 'none to make'}")
    if report.held:
        typer.echo(f"  {report.held:,} wait for a brake")
    _closed(report.closed)
    for one in report.untold[:20]:
        typer.echo(f"  not told: {one.account}, decision {one.decision}: {one.why}")
    if len(report.untold) > 20:
        typer.echo(f"  and {len(report.untold) - 20:,} more; --json lists all")


def _closed(policies: Sequence[str]) -> None:
    for policy in policies:
        typer.echo(f"  the brake of {policy} is CLOSED; next: habeas brake")


def work(
    once: Annotated[bool, typer.Option("--once/--follow", help="One round, or until stopped.")],
    every: Annotated[int, typer.Option("--every", min=1, help="Seconds between rounds.")] = 60,
    json: Json = False,
) -> None:
    """Do what is due, tell customers, and send what is to be sent; safe to run in several
    places. Each round is one line; SIGTERM and Ctrl-C end it after its round."""
    stop = Stop()
    with wiring.here(), stop.listening():
        while True:
            from habeas.flows import rounds

            with wiring.passing() as refusal:
                if refusal is not None:  # a customer waits for what ends; letters wait for a clock
                    rounds.pass_time(wiring.folder(), now_us(), back=True)
                    raise refusal
                _say(rounds.work(wiring.teller(), wiring.post_office(), wiring.folder()), json)
            if once or stop.wait(every):
                return


def _say(done: RoundReport, json: bool) -> None:
    if json:
        show.as_json_line(done)
        return
    if wrong := done.webhook:
        typer.echo(f"the webhook is told nothing: {wrong.message}\n  {wrong.hint}", err=True)
    told, sent, moved = done.notify, done.deliver, done.tick
    typer.echo(
        f"{sum(told.told.values()):,} notices made, {len(told.untold):,} could not be told; "
        f"{sent.sent:,} sent, {sent.later:,} later, {sent.dead:,} given up; "
        f"{sum(moved.moves.values()):,} decisions moved, {moved.held:,} held"
    )
    _closed(told.closed)


def letters(
    retry: Annotated[int | None, typer.Option("--retry", metavar="ID")] = None,
    after: After = None,
    limit: Limit = MOST,
    json: Json = False,
) -> None:
    """List what a person has to see to: mail and webhooks that were given up, and decisions on
    customers whom nothing says how to reach. `--retry ID` tries one again from the start."""
    with wiring.here() if retry is None else wiring.recording():
        from habeas.flows.letter import letters

        if retry is not None:
            letters.retry(retry, now_us())
            _retried(retry, json)
            return
        found = letters.letters(after, limit)
    if json:
        show.as_json(found)
        return
    if not found.items:
        typer.echo("every letter found its way")
    for one in found.items:
        typer.echo(_lost(one) if one.kind == "unreachable" else _dead(one))
    show.more(found)


def _dead(one: UnsentLetter) -> str:
    tries = show.counted(one.attempts, "attempt")
    return (
        f"{one.kind} {one.name} was given up after {tries}: {one.why}\n"
        f"  {one.about}; once mended: habeas letters --retry {one.name}"
    )


def _lost(one: UnsentLetter) -> str:
    since = minute(one.since_us or 0)
    return (
        f"{one.measure} on {one.account} since {since}: {one.why}\n"
        f"  habeas contacts FILE, or hand it over: "
        f"habeas notice {one.name} --hand HOW --as NAME --out FILE"
    )


def _retried(name: int, json: bool) -> None:
    show.answer(
        {"retried": name}, json, f"message {name} is sent with the next round of `habeas work`"
    )


def notice(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="The id of the decision.")],
    lang: LangOption = None,
    form: Annotated[Form, typer.Option("--format", help="The form of it.")] = Form.TEXT,
    out: Annotated[Path | None, typer.Option("--out", help="Write it to a file.")] = None,
    hand: Annotated[
        str | None, typer.Option("--hand", metavar="HOW", help="Hand it over, and say how.")
    ] = None,
    who: Annotated[
        str, typer.Option("--as", metavar="ID", envvar="HABEAS_AS", help="Who hands it over.")
    ] = "",
    json: Json = False,
) -> None:
    """What the customer was told of a decision, or would be told now. The code is shown only in
    what is handed over: print that, and give it to the customer."""
    if hand is not None and (out is None or form is Form.DSA):
        raise typer.BadParameter("--hand needs --out FILE, for text, html or pdf")
    with wiring.here() if hand is None else wiring.recording():
        from habeas.flows.access import Duty, actor
        from habeas.flows.letter import notice

        teller = wiring.teller()
        if form is Form.DSA:
            show.document(notice.reported(teller, decision, lang))
            return
        if hand is None:
            found = notice.read(teller, decision, lang)
        else:
            found = notice.hand_out(teller, decision, lang, actor(who, Duty.HAND), hand)
    _write(decision, found, form, out, json)


def _write(decision: str, found: PrintedNotice, form: Form, out: Path | None, json: bool) -> None:
    forms = found.forms
    content: bytes = forms.pdf if form is Form.PDF else getattr(forms, form).encode()
    if out is not None:
        from habeas.ports.files import written

        with written(out) as part:
            part.write_bytes(content)
    if json:
        told = {
            "decision": decision, "lang": found.letter.lang, "kept": found.kept,
            "reference": found.letter.reference, "sha256": forms.hashes,
        }  # fmt: skip
        told |= {"out": str(out)} if out is not None else {}
        show.as_json(told | ({} if form is Form.PDF else {str(form): content.decode()}))
    elif out is not None:
        typer.echo(f"{'told' if found.kept else 'not told yet'}: {out}")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
