"""What commands share in showing: JSON, progress, tables, numbers."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from habeas.core.listing import Listing

NARROW = 120  # columns of a terminal that does not say how wide it is


def as_json(value: object) -> None:
    """The value in the form of docs/contract.md."""
    from habeas.pages.json import plain

    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def answer(value: object, json: bool, sentence: str) -> None:
    """The value where JSON was asked for, or else the sentence."""
    as_json(value) if json else typer.echo(sentence)


def document(value: object) -> None:
    """A JSON document that has a form of its own: a proof, a schema, a submission."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def as_json_line(value: object) -> None:
    """One line of a stream of JSON, sent at once."""
    from habeas.pages.json import plain

    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def console() -> Console:
    from rich.console import Console

    width = None if sys.stdout.isatty() else NARROW
    # no emoji: an account named `a:cat:b` is shown as it is
    return Console(width=width, highlight=False, soft_wrap=True, emoji=False)


def table(*columns: str, title: str | None = None) -> Table:
    """A table whose first column is text and whose others are numbers, right aligned."""
    from rich import box
    from rich.table import Table

    made = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", pad_edge=False)
    for i, name in enumerate(columns):
        made.add_column(name, justify="left" if i == 0 else "right", no_wrap=i == 0)
    return made


def rows(made: Table, lines: Iterable[Iterable[object]]) -> Table:
    """The same table with these lines added, a cell a column; whole numbers in groups of three."""
    from rich.text import Text

    for line in lines:
        made.add_row(*(Text(f"{c:,}" if isinstance(c, int) else str(c)) for c in line))
    return made


@contextmanager
def progress(what: str, quiet: bool = False) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while something long runs; nothing where no one would see it."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

    bar = Progress(
        "{task.description}", BarColumn(), TaskProgressColumn(), TimeRemainingColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


def more(found: Listing[Any]) -> None:
    """That a list goes on, and how."""
    if found.next is not None:
        sys.stdout.write(f"of {found.total:,} in all; next: --after {found.next}\n")


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 policy`, `2 policies`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def percent(part: int, whole: int) -> str:
    """`12.5 %`, or `-` where the whole is 0."""
    return f"{100 * part / whole:.1f} %" if whole else "-"
