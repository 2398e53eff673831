"""`habeas appeal`, `attach`, `withdraw`, `case`, `appeals`, `hear`, `ease` and `rule`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.decisions import As, Why
from habeas.cli.options import After, Json, LangOption, Limit
from habeas.core.listing import MOST
from habeas.core.times import minute
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from habeas.core.appeal import Appeal, Verdict
    from habeas.core.appeal.rulings import Lesser

Reference = Annotated[str, typer.Argument(help="The case reference of the notice.")]
CODE = "HABEAS_CODE"
Code = Annotated[
    str | None,
    typer.Option(
        "--code",
        help="The one-time code of the notice. Whoever lists the processes of this machine sees an "
        f"option: leave it out to be asked, or give --code-file or {CODE}.",
    ),
]
CodeFile = Annotated[
    Path | None, typer.Option("--code-file", metavar="FILE", help="The code, from a file.")
]
Files = Annotated[
    list[Path] | None,
    typer.Option("--attach", help="A file: PDF, JPEG, PNG, WebP, plain text or a mail; repeat it."),
]
Named = Annotated[str, typer.Argument(metavar="APPEAL", help="The id of the appeal.")]


def appeal(
    reference: Reference,
    code: Code = None,
    code_file: CodeFile = None,
    text: Annotated[str | None, typer.Option("--text", help="Why the decision is wrong.")] = None,
    file: Annotated[Path | None, typer.Option("--file", help="The same, from a file.")] = None,
    attach: Files = None,
    decision: Annotated[
        list[str] | None,
        typer.Option("--decision", help="One of the notice's decisions; without it, all."),
    ] = None,
    hardship: Annotated[
        bool, typer.Option("--hardship", help="Waiting would do harm; it is heard sooner.")
    ] = False,
    lang: LangOption = "en",
    json: Json = False,
) -> None:
    """Appeal against the decisions of a notice, without logging in to the closed account."""
    given = _code(code, code_file)
    with wiring.giving_back():
        from habeas.flows.appeal.hear import AppealForm, complain

        sent = AppealForm(
            reference, given, _text(text, file), _read(attach), tuple(decision or ()), hardship
        )
        intake = complain(sent, now_us())
    if json:
        show.as_json(
            {
                "appeal": _plain(intake.appeal) if intake.appeal else None,
                "declined": intake.declined,
            }
        )
        return
    from habeas.pages.appeal import opening

    typer.echo("\n".join(opening(intake.appeal, intake.declined, lang)))


def _code(code: str | None, file: Path | None) -> str:
    """The code of a notice: the option, a file, the environment, or what a person types unseen."""
    if code is not None and file is not None:
        raise typer.BadParameter("give the code by --code or by --code-file")
    if code is not None:
        return code
    if file is not None:
        from habeas.ports.files import read_text

        return read_text(file, "the code").strip()
    if given := os.environ.get(CODE, ""):
        return given.strip()
    if not sys.stdin.isatty():
        raise typer.BadParameter(f"give the code of the notice: --code-file FILE, {CODE} or --code")
    return str(typer.prompt("code of the notice", hide_input=True)).strip()


def _text(text: str | None, file: Path | None) -> str:
    from habeas.core.errors import InvalidInput, NotFound

    if (text is None) == (file is None):
        raise typer.BadParameter("give the reasons by --text or by --file")
    if file is None:
        return str(text)
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(f"there is no file '{file}'") from None
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(f"'{file}' cannot be read as text", "attach it with --attach") from None


def _read(paths: list[Path] | None) -> tuple[tuple[str, bytes], ...]:
    from habeas.core.appeal.complaints import MOST_BYTES, MOST_FILES
    from habeas.core.errors import InvalidInput, NotFound

    if len(paths or ()) > MOST_FILES:
        raise InvalidInput(f"an appeal has at most {MOST_FILES} files", "send the others by mail")
    found = []
    for path in paths or ():
        try:
            with path.open("rb") as file:  # one byte more tells that it is too large
                found.append((path.name, file.read(MOST_BYTES + 1)))
        except OSError as error:
            raise NotFound(f"'{path}' cannot be read: {error.strerror}") from None
    return tuple(found)


def attach(
    reference: Reference,
    code: Code = None,
    code_file: CodeFile = None,
    attach: Files = None,
    json: Json = False,
) -> None:
    """Add files to the appeal of a case."""
    given = _code(code, code_file)
    with wiring.giving_back():
        from habeas.flows.appeal import hear

        added = hear.attach(reference, given, _read(attach), now_us())
    show.answer(added, json, f"{show.counted(len(added), 'file')} added")


def withdraw(
    reference: Reference, code: Code = None, code_file: CodeFile = None, json: Json = False
) -> None:
    """Take an appeal back; another can be opened in time."""
    given = _code(code, code_file)
    with wiring.giving_back():
        from habeas.flows.appeal import hear

        _show(hear.withdraw(reference, given, now_us()), json)


def case(
    reference: Reference,
    code: Code = None,
    code_file: CodeFile = None,
    export: Annotated[
        Path | None, typer.Option("--export", help="Write all that can be taken along, as a zip.")
    ] = None,
    json: Json = False,
) -> None:
    """Read what a notice told and what became of the appeal, without logging in."""
    given = _code(code, code_file)
    with wiring.here():
        from habeas.flows.appeal import hear

        seen = hear.look(reference, given, now_us(), export)
    if json:
        texts = [{"kind": n.kind, "lang": n.lang, "text": n.text} for n in seen.notices]
        show.as_json({"notices": texts, "appeals": [_plain(one) for one in seen.appeals]})
        return
    for notice in seen.notices:
        typer.echo(f"{minute(notice.time_us)} UTC\n\n{notice.text or '(erased)'}\n")
    for one in seen.appeals:
        _show(one, json=False)
    if export is not None:
        typer.echo(f"wrote {export}")


def appeals(
    every: Annotated[bool, typer.Option("--all", help="Also those that were answered.")] = False,
    after: After = None,
    limit: Limit = MOST,
    json: Json = False,
) -> None:
    """List the appeals that wait for an answer, the oldest first."""
    with wiring.here():
        from habeas.flows.appeal import queue

        found = queue.queue(every=every, after=after, limit=limit)
    if json:
        show.as_json(found)
        return
    if not found.items:
        typer.echo("no appeal waits for an answer")
        return
    made = show.table("appeal", "account", "state", "reviewer", "opened", "next due")
    for one in found.items:
        due = minute(one.due_us) if one.due_us is not None else "-"
        made.add_row(
            one.appeal, one.account, one.state.replace("_", " "), one.reviewer or "-",
            minute(one.opened_us), due,
        )  # fmt: skip
    show.console().print(made)
    show.more(found)


def hear(
    appeal: Named,
    who: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Take it as its reviewer.")
    ] = None,
    events: Annotated[
        Path | None, typer.Option("--events", help="The events, to see whether all are there.")
    ] = None,
    json: Json = False,
) -> None:
    """Show all on which an appeal is ruled; with --as, take it. Nobody rules on a decision that
    they approved."""
    with wiring.here() if who is None else wiring.giving_back():
        from habeas.flows.access import Duty, actor
        from habeas.flows.appeal import hear

        if who is None:
            pack = hear.evidence(appeal, events)
        else:
            pack = hear.take(appeal, actor(who, Duty.HEAR), now_us(), events)
    if json:
        show.as_json(pack)
    else:
        from habeas.pages.appeal import evidence

        typer.echo("\n".join(evidence(pack)))


def ease(appeal: Named, who: As, why: Why, json: Json = False) -> None:
    """Lift the suspension while the appeal is heard, for hardship."""
    with wiring.giving_back():
        from habeas.flows.access import Duty, actor
        from habeas.flows.appeal import hear

        _show(hear.ease(appeal, actor(who, Duty.HEAR), why, now_us()), json)


def rule(
    appeal: Named,
    who: As,
    verdict: Annotated[str, typer.Option("--verdict", help="uphold, overturn or lesser.")],
    reasons: Annotated[str, typer.Option("--reasons", help="Told to the customer word for word.")],
    decision: Annotated[
        list[str] | None,
        typer.Option("--uphold", help="A decision that is upheld beside that verdict; repeat it."),
    ] = None,
    measure: Annotated[str | None, typer.Option("--measure", help="The lesser measure.")] = None,
    step: Annotated[int, typer.Option("--step", min=1, help="Its step of the ladder, from 1.")] = 1,
    capability: Annotated[str | None, typer.Option("--capability", help="Of a limit.")] = None,
    days: Annotated[int | None, typer.Option("--days", help="How long it lasts.")] = None,
    json: Json = False,
) -> None:
    """Rule on an appeal; what it gives back is back at once, proved from the record."""
    with wiring.giving_back():
        from habeas.flows.access import Duty, actor
        from habeas.flows.appeal import hear

        found, lesser = _verdict(verdict, measure, step, capability, days)
        ruled = hear.rule_whole(
            appeal,
            found,
            reasons,
            actor(who, Duty.HEAR),
            now_us(),
            lesser=lesser,
            upheld=decision or (),
        )
    if json:
        show.as_json({**_plain(ruled.appeal), "left": ruled.left, "alike": ruled.alike})
        return
    _show(ruled.appeal, json=False)
    for sentence in ruled.left:
        typer.echo(f"  not back yet: {sentence}")
    for name, count in ruled.alike.items():
        if not count:
            continue
        others = show.counted(count, "other decision")
        again = f"habeas relieve --like {name} --why WHY"
        typer.echo(f"  {others} by the same version stand; next: {again}")


def _verdict(
    verdict: str, measure: str | None, step: int, capability: str | None, days: int | None
) -> tuple[Verdict, Lesser | None]:
    from habeas.core.appeal import Verdict
    from habeas.core.appeal.rulings import Lesser
    from habeas.core.policy import Measure
    from habeas.core.times import UNITS

    try:
        found = Verdict(verdict)
        if measure is None:
            return found, None
        return found, Lesser(Measure(measure), step - 1, capability, days and days * UNITS["d"])
    except ValueError as error:
        known = f"{', '.join(Verdict)}; {', '.join(Measure)}"
        raise typer.BadParameter(f"{error}; known are {known}") from None


def _plain(one: Appeal) -> dict[str, Any]:
    return {
        "appeal": one.id,
        "account": one.account,
        "decisions": one.decisions,
        "state": str(one.state),
        "due_us": one.due_us,
        "granted": sorted(one.granted),
        "restored": sorted(one.restored),
    }


def _show(one: Appeal, json: bool) -> None:
    if json:
        show.as_json(_plain(one))
        return
    typer.echo(f"appeal {one.id} of {one.account} is {one.state.replace('_', ' ')}")
    if one.granted:
        typer.echo(f"  given back: {', '.join(sorted(one.restored)) or 'nothing yet'}")
