"""HTML and SVG that no text can break out of: whatever is not markup already is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

VOID = frozenset({"br", "meta"})  # elements without an end tag (HTML Living Standard, 13.1.2)
# Characters that neither HTML nor XML 1.0 (section 2.2) can carry are shown as replaced.
UNFIT = [*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xFFFE, 0xFFFF]
REPLACED = dict.fromkeys([*UNFIT, *range(0xD800, 0xE000)], "\N{REPLACEMENT CHARACTER}")


class Markup(str):
    """Text that is HTML or SVG. Adding to it or formatting it gives plain text again, which is
    escaped when it is used: a mistake shows on the page, it does not open it."""

    __slots__ = ()


def escaped(text: str) -> Markup:
    if isinstance(text, Markup):
        return text
    return Markup(html.escape(text.translate(REPLACED)))


def joined(parts: Iterable[str], between: str = "") -> Markup:
    """Parts as one markup; what is no markup yet is escaped."""
    return Markup(escaped(between).join(escaped(part) for part in parts))


def element(name: str, *children: str, **attributes: str | float | bool) -> Markup:
    """`element("td", "<b>", class_="n")` is `<td class="n">&lt;b&gt;</td>`.

    Attributes lose a last `_`, and `_` stands for `-`; True is a bare attribute, False is none.
    """
    listed = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in VOID:
        return Markup(f"<{name}{listed}>")
    return Markup(f"<{name}{listed}>{joined(children)}</{name}>")


def _attribute(key: str, value: str | float | bool) -> str:
    name = key.rstrip("_").replace("_", "-")
    if isinstance(value, bool):
        return f" {name}" if value else ""
    return f' {name}="{escaped(value) if isinstance(value, str) else f"{value:g}"}"'


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table: its head, and the class of its cells (`n` aligns numbers)."""

    head: str
    kind: str = "n"


def table(
    caption: str,
    columns: Sequence[TableColumn],
    rows: Iterable[Sequence[str]],
    *,
    headed: bool = False,
) -> Markup:
    """A table whose first column names its rows; where it is too wide it scrolls by itself. The
    caption is for hearing only where a heading right above says the same (`headed`)."""
    heads = [element("th", c.head, scope="col", class_=c.kind) for c in columns]
    lines = [element("tr", *_cells(columns, row)) for row in rows]
    made = element(
        "table",
        element("caption", caption, class_="unseen" if headed else False),
        element("thead", element("tr", *heads)),
        element("tbody", *lines),
    )
    return scrolling(made, caption)


def listing(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """A table right below a heading that says the same; the first of the heads is of its labels."""
    first, *others = heads
    return table(title, [TableColumn(first, "label"), *map(TableColumn, others)], rows, headed=True)


def block(title: str, *inside: Markup) -> Markup:
    """A section of a page."""
    return element("section", element("h2", title), *inside, class_="block")


def scrolling(wide: Markup, name: str) -> Markup:
    """What may be wider than the page. It must be reachable by keyboard (WCAG 2.1.1), and what
    is reachable must have a name."""
    return element("div", wide, class_="scroll", tabindex=0, role="region", aria_label=name)


def _cells(columns: Sequence[TableColumn], row: Sequence[str]) -> list[Markup]:
    head, *rest = zip(columns, row, strict=True)
    first = element("th", head[1], scope="row", class_=head[0].kind)
    return [first, *(element("td", text, class_=column.kind) for column, text in rest)]


SHOWN_HASH = 12  # hex digits of a hash that people are shown; files and JSON have all 64
