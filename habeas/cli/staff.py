"""`habeas staff`: the people who work here, each with one id and what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from habeas import wiring
from habeas.cli import show
from habeas.cli.options import Json
from habeas.core.listing import whole
from habeas.core.staff import Role
from habeas.ports.clock import now_us

if TYPE_CHECKING:
    from habeas.core.staff import Member

staff = typer.Typer(help="Who works here: ids, names and roles.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="ID", help="Of a to z, 0 to 9, dot, dash, underscore.")]
By = Annotated[
    str, typer.Option("--as", metavar="ID", envvar="HABEAS_AS", help="Who you are: an admin.")
]


@staff.command()
def add(
    who: Id,
    name: Annotated[str, typer.Option("--name", help="As people call them.")],
    role: Annotated[list[Role], typer.Option("--role", help="What they may do; repeat it.")],
    email: Annotated[str | None, typer.Option("--email", help="Where news reach them.")] = None,
    by: By = "",
    json: Json = False,
) -> None:
    """Somebody joins. The first of all is an admin and needs no --as."""
    with wiring.recording():
        from habeas.flows.staff import appoint

        _tell(appoint.add(who, name, role, by, now_us(), email), json)


@staff.command(name="list")
def list_(json: Json = False) -> None:
    """List who works here, and who left."""
    with wiring.here():
        from habeas.flows.staff import appoint

        found = appoint.people()
    if json:
        show.as_json(whole(found))
        return
    for one in found:
        left = "" if one.left_us is None else "  (left)"
        typer.echo(f"{one.shown}: {', '.join(sorted(one.roles)) or 'no role'}{left}")
    if not found:
        typer.echo("nobody works here yet; next: habeas staff add ID --name NAME --role ROLE")


@staff.command(name="role")
def change(
    who: Id,
    give: Annotated[list[Role] | None, typer.Option("--give", help="A role more.")] = None,
    take: Annotated[list[Role] | None, typer.Option("--take", help="A role less.")] = None,
    by: By = "",
    json: Json = False,
) -> None:
    """Give somebody roles, or take some."""
    with wiring.recording():
        from habeas.flows.staff import appoint

        _tell(appoint.change(who, give or (), take or (), by, now_us()), json)


@staff.command()
def leave(who: Id, by: By = "", json: Json = False) -> None:
    """Somebody leaves, for good: the id is never given again."""
    with wiring.recording():
        from habeas.flows.staff import appoint

        _tell(appoint.dismiss(who, by, now_us()), json)


def _tell(one: Member, json: bool) -> None:
    roles = ", ".join(sorted(one.roles)) or "no role"
    left = "has left" if one.left_us is not None else roles
    show.answer(one, json, f"{one.shown}: {left}")
