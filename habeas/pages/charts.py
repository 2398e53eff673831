"""Charts as SVG made by the server. They hold no script and no style attribute, so that the
strictest content security policy shows them; the page's style sheet colours them by class."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from habeas.pages.markup import Markup, element

FULL, THICK = 1000, 10  # a bar's own units; the page stretches it to the width it has
THIN = 4  # the bar within a bar

DAYS, HOURS = 7, 24
LEFT, TOP, RIGHT, BOTTOM = 44, 20, 64, 34  # around the cells of a heat map
STEP_X, STEP_Y, GAP = 26, 22, 2  # from cell to cell, and between them
FAINTEST = 0.14  # opacity of the smallest value that is not zero
SHADES = (0.25, 0.5, 0.75, 1.0)  # of the maximum, in the legend
LEGEND_STEP = 96


@dataclass(frozen=True, slots=True)
class BarPart:
    """A part of a bar: how long, and the class that colours it."""

    kind: str
    value: float


def stacked(parts: Sequence[BarPart], most: float, title: str, desc: str) -> Markup:
    """Parts end to end; `most` is the value of a full bar (zero gives an empty one)."""
    drawn, start = [], 0.0
    for part in parts:
        drawn.append(_part(part, start, most, THICK))
        start += part.value
    return _bar(drawn, title, desc)


def nested(outer: float, inner: float, most: float, title: str, desc: str) -> Markup:
    """A thin bar within a thick one, for a number that is part of another."""
    thick = _part(BarPart("outer", outer), 0, most, THICK)
    return _bar([thick, _part(BarPart("inner", inner), 0, most, THIN)], title, desc)


def _part(part: BarPart, start: float, most: float, height: int) -> Markup:
    if not part.value or most <= 0:
        return Markup("")
    return element(
        "rect",
        class_=f"part {part.kind}",
        x=round(FULL * start / most, 2),
        y=(THICK - height) / 2,
        width=round(FULL * part.value / most, 2),
        height=height,
    )


def _bar(drawn: Sequence[Markup], title: str, desc: str) -> Markup:
    track = element("rect", class_="track", width=FULL, height=THICK)
    return element(
        "svg",
        element("title", title),
        element("desc", desc),
        track,
        *drawn,
        class_="bar",
        role="img",
        viewBox=f"0 0 {FULL} {THICK}",
        preserveAspectRatio="none",
    )


def swatch(kind: str) -> Markup:
    """A sample of a part's colour, for the key beside a chart."""
    drawn = _part(BarPart(kind, 1), 0, 1, THICK)
    return element(
        "svg", drawn, viewBox=f"0 0 {FULL} {THICK}", preserveAspectRatio="none", aria_hidden="true"
    )


@dataclass(frozen=True, slots=True)
class HeatWords:
    """The words of a heat map: `cell` names the value of an hour of the week (0 to 167)."""

    title: str
    desc: str
    days: Sequence[str]
    per_day: str
    per_hour: str
    cell: Callable[[int, float], str]
    value: Callable[[float], str]


def heat_map(hours: Sequence[float], words: HeatWords) -> Markup:
    """168 values, one an hour of the week from Monday 00:00, the darkest being the highest."""
    most = max(hours)
    width, height = LEFT + HOURS * STEP_X + RIGHT, TOP + DAYS * STEP_Y + BOTTOM
    cells = [_cell(i, value, most, words.cell(i, value)) for i, value in enumerate(hours)]
    return element(
        "svg",
        element("title", words.title),
        element("desc", words.desc),
        *_hour_heads(),
        *_day_heads(hours, words),
        *cells,
        *_legend(most, words),
        class_="heat",
        role="img",
        viewBox=f"0 0 {width} {height}",
    )


def _cell(index: int, value: float, most: float, name: str) -> Markup:
    day, hour = divmod(index, HOURS)
    x, y = LEFT + hour * STEP_X, TOP + day * STEP_Y
    return _square("cell", x, y, value / most if most > 0 else 0.0, element("title", name))


def _square(kind: str, x: int, y: int, share: float, *children: Markup) -> Markup:
    """One shade of the scale; `share` is of the maximum."""
    opacity = round(FAINTEST + (1 - FAINTEST) * share, 3)
    size = {"width": STEP_X - GAP, "height": STEP_Y - GAP, "rx": GAP}
    if share <= 0:
        return element("rect", *children, class_=f"{kind} zero", x=x, y=y, **size)
    return element("rect", *children, class_=kind, x=x, y=y, fill_opacity=opacity, **size)


def _label(text: str, x: float, y: float, anchor: str = "start") -> Markup:
    return element("text", text, x=x, y=y, text_anchor=anchor)


def _hour_heads() -> list[Markup]:
    middle = (STEP_X - GAP) / 2
    every = range(0, HOURS, 3)
    return [_label(f"{h:02}", LEFT + h * STEP_X + middle, TOP - 7, "middle") for h in every]


def _day_heads(hours: Sequence[float], words: HeatWords) -> list[Markup]:
    right = LEFT + HOURS * STEP_X + RIGHT - GAP
    made = [_label(words.per_day, right, TOP - 7, "end")]
    for day, name in enumerate(words.days):
        y = TOP + day * STEP_Y + 14
        total = sum(hours[day * HOURS : (day + 1) * HOURS])
        made += [_label(name, 0, y), _label(words.value(total), right, y, "end")]
    return made


def _legend(most: float, words: HeatWords) -> list[Markup]:
    y = TOP + DAYS * STEP_Y + 12
    made: list[Markup] = []
    shares = (0.0, *SHADES) if most > 0 else (0.0,)
    for i, share in enumerate(shares):
        x = LEFT + i * LEGEND_STEP
        made.append(_square("shade", x, y, share))
        made.append(_label(words.value(most * share), x + STEP_X + 4, y + 14))
    made.append(_label(words.per_hour, LEFT + len(shares) * LEGEND_STEP, y + 14))
    return made
