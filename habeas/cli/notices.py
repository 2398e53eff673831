"""`habeas contacts`, `notify`, `work`, `letters` and `notice`."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from habeas.cli import show
from habeas.cli.options import Json
from habeas.cli.stopping import Stop
from habeas.core.languages import Lang
from habeas.core.times import minute
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from habeas.flows.letter.deliver import PostOffice
    from habeas.flows.letter.notify import NoticeReport, Teller


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
    from habeas import wiring

    if (file is None) == (erase is None):
        raise typer.BadParameter("give a file, or --erase with an account")
    with wiring.here():
        from habeas.flows.letter.contacts import take
        from habeas.ports.platform import read_platform
        from habeas.store.contacts import erase as erased

        if file is None:
            told: dict[str, object] = {"erased": erased(str(erase))}
        else:
            told = {"taken": take(file, read_platform(_folder()).lang, now_us())}
    if json:
        show.as_json(told)
    elif file is None:
        typer.echo("erased" if told["erased"] else f"nothing was known of {erase}")
    else:
        typer.echo(f"{told['taken']:,} contacts were taken")


def notify(json: Json = False) -> None:
    """Make the notices of all that customers are to be told, once; `habeas work` sends them."""
    from habeas import wiring

    with wiring.here(), show.progress("telling customers", quiet=json) as bar:
        from habeas.flows.letter.notify import notify as notified

        report = notified(_teller(), bar)
    if json:
        show.as_json(report.as_json())
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
    from habeas import wiring

    stop = Stop()
    with wiring.here(), stop.listening():
        while True:
            _say(_round(), json)
            if once or stop.wait(every):
                return


def _round() -> dict[str, Any]:
    from habeas.flows.appeal.hear import overdue
    from habeas.flows.decision.tick import tick
    from habeas.flows.letter.deliver import deliver
    from habeas.flows.letter.notify import notify as notified

    # told first: a warning that was made takes force in this very round
    told, late, post = notified(_teller()), overdue(now_us()), _post()
    sent, moved = deliver(post), tick(now_us(), folder=_folder())
    return {
        "webhook": _unsigned(post),
        "notify": told.as_json(),
        "deliver": sent.as_json(),
        "tick": moved.as_json(),
        "appeals": late.as_json(),
    }


def _unsigned(post: PostOffice) -> dict[str, object] | None:
    """Why the webhook can be told nothing; said in each round, before there is any news for it."""
    from habeas.ports.mail import Refused

    try:
        if post.webhook is not None:
            post.webhook.secrets()
    except Refused as error:
        return error.as_json()
    return None


def _say(done: Mapping[str, Any], json: bool) -> None:
    if json:
        show.as_json_line(done)
        return
    if wrong := done["webhook"]:
        typer.echo(f"the webhook is told nothing: {wrong['message']}\n  {wrong['hint']}", err=True)
    sent, told, moved = done["deliver"], done["notify"], done["tick"]
    typer.echo(
        f"{sum(told['told'].values()):,} notices made, {len(told['untold']):,} could not be told; "
        f"{sent['sent']:,} sent, {sent['later']:,} later, {sent['dead']:,} given up; "
        f"{sum(moved['moves'].values()):,} decisions moved, {moved['held']:,} held"
    )
    _closed(told["closed"])


def letters(
    retry: Annotated[int | None, typer.Option("--retry", metavar="ID")] = None,
    json: Json = False,
) -> None:
    """List what a person has to see to: mail and webhooks that were given up, and decisions on
    customers whom nothing says how to reach. `--retry ID` tries one again from the start."""
    from dataclasses import asdict

    from habeas import wiring

    with wiring.here():
        from habeas.core.letter.delivery import WEBHOOK
        from habeas.store import outbox
        from habeas.store.contacts import unreachable

        if retry is not None:
            _retry(retry, json)
            return
        dead, lost = outbox.dead(), unreachable()
    if json:
        show.as_json({"dead": [asdict(d) for d in dead], "unreachable": [asdict(u) for u in lost]})
        return
    if not dead and not lost:
        typer.echo("every letter found its way")
    for one in dead:
        what = "webhook" if one.message.channel == WEBHOOK else "mail"
        tries = show.counted(one.attempts, "attempt")
        typer.echo(f"{what} {one.id} was given up after {tries}: {one.error}")
        typer.echo(f"  {one.message.key}; once mended: habeas letters --retry {one.id}")
    for gone in lost:
        typer.echo(
            f"{gone.measure} on {gone.account} since {minute(gone.proposed_us)}: nothing says "
            f"where the customer is reached\n  habeas contacts FILE, or hand it over: "
            f"habeas notice {gone.decision} --hand HOW --as NAME --out FILE"
        )


def _retry(name: int, json: bool) -> None:
    from habeas.core.errors import NotFound
    from habeas.store import outbox

    if not outbox.revive(name, now_us()):
        raise NotFound(f"no message {name} was given up", "`habeas letters` lists those that were")
    if json:
        show.as_json({"retried": name})
    else:
        typer.echo(f"message {name} is sent with the next round of `habeas work`")


def notice(
    decision: Annotated[str, typer.Argument(metavar="DECISION", help="The id of the decision.")],
    lang: LangOption = None,
    form: Annotated[Form, typer.Option("--format", help="The form of it.")] = Form.TEXT,
    out: Annotated[Path | None, typer.Option("--out", help="Write it to a file.")] = None,
    hand: Annotated[
        str | None, typer.Option("--hand", metavar="HOW", help="Hand it over, and say how.")
    ] = None,
    who: Annotated[str, typer.Option("--as", metavar="NAME", help="Who hands it over.")] = "",
    json: Json = False,
) -> None:
    """What the customer was told of a decision, or would be told now. The code is shown only in
    what is handed over: print that, and give it to the customer."""
    from habeas import wiring

    if hand is not None and (out is None or form is Form.DSA):
        raise typer.BadParameter("--hand needs --out FILE, for text, html or pdf")
    with wiring.here():
        teller = _teller()
        if form is Form.DSA:
            from habeas.flows.letter.notice import reported

            show.as_json(reported(teller, decision, lang))
            return
        if hand is not None:
            _hand(teller, decision, lang, hand, who)
        made = _made(teller, decision, lang, with_code=hand is not None)
    _write(made, form, out, json)


def _hand(teller: Teller, decision: str, lang: Lang | None, how: str, who: str) -> None:
    from habeas.core.decision import Actor
    from habeas.flows.letter.notify import hand_over

    if not who.strip():
        raise typer.BadParameter("--hand needs --as NAME")
    hand_over(teller, decision, lang or teller.voice.lang, Actor(who.strip(), person=True), how)


def _made(teller: Teller, decision: str, lang: Lang | None, *, with_code: bool) -> dict[str, Any]:
    """All forms of the notice, and what is said about it."""
    from habeas.flows.letter.deliver import letter_with_code
    from habeas.flows.letter.notice import shown
    from habeas.pages.letters import printed
    from habeas.store import notices
    from habeas.store.accounts import account, account_of

    found = shown(teller, decision, lang)
    letter = found.letter
    if with_code:
        kept = account(account_of(decision)).decision(decision).notice
        letter = letter_with_code(notices.notice(kept or ""), teller.codes)
    forms = printed(letter, found.time_us)
    return {
        "decision": decision, "lang": letter.lang, "kept": found.kept,
        "reference": letter.reference, "sha256": forms.hashes, "forms": forms,
    }  # fmt: skip


def _write(made: dict[str, Any], form: Form, out: Path | None, json: bool) -> None:
    forms = made.pop("forms")
    content: bytes = forms.pdf if form is Form.PDF else getattr(forms, form).encode()
    if out is not None:
        from habeas.ports.files import written

        with written(out) as part:
            part.write_bytes(content)
        made["out"] = str(out)
    if json:
        if form is not Form.PDF:
            made[str(form)] = content.decode()
        show.as_json(made)
    elif out is not None:
        typer.echo(f"{'told' if made['kept'] else 'not told yet'}: {out}")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)


def _folder() -> Any:
    from habeas.ports.folder import Folder

    return Folder.around(Path.cwd())


def _teller() -> Teller:
    from habeas.flows.letter.notify import teller
    from habeas.ports.codes import codes
    from habeas.ports.platform import read_platform

    folder = _folder()
    return teller(folder, read_platform(folder), codes(os.environ, folder), now_us())


def _post() -> PostOffice:
    from habeas.flows.letter.deliver import PostOffice
    from habeas.ports.codes import codes
    from habeas.ports.mail import mailer
    from habeas.ports.platform import read_platform
    from habeas.ports.webhooks import webhook

    folder = _folder()
    voice, environment = read_platform(folder), os.environ
    return PostOffice(
        voice, codes(environment, folder), mailer(environment, folder), now_us,
        webhook(environment, voice.webhook),
    )  # fmt: skip
