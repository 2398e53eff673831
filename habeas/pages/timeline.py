"""Several streams on one axis of time, as one SVG made by the server: what the public says above,
what was decided below, and a line through all where a burst began or a brake closed.

Colours are presentation attributes, so the file needs no style sheet and shows under the strictest
content security policy."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from habeas.core.languages import Lang
from habeas.core.signal.bursts import ChartMark, WaveSource
from habeas.core.times import UNITS
from habeas.pages.markup import Markup, element, joined

WIDTH, LEFT, RIGHT = 960, 64, 12
TRACK, GAP, TOP, BOTTOM = 150, 34, 56, 30  # heights
TICKS = (3, 6, 12, 24, 48, 168, 336, 672, 2184, 8736)  # hours between two dates
MOST_TICKS = 9
INK, FAINT, LINE, EXPECTED = "#222", "#ccc", "#1f5fa8", "#777"
COLOURS = {WaveSource.SIGNAL: "#b3261e", WaveSource.BRAKE: "#7a3e9d"}
NAMES: dict[Lang, dict[WaveSource, str]] = {
    "en": {WaveSource.SIGNAL: "burst", WaveSource.BRAKE: "brake closed"},
    "fr": {WaveSource.SIGNAL: "sursaut", WaveSource.BRAKE: "frein fermé"},
}
LINES: dict[Lang, tuple[str, str]] = {"en": ("counted", "expected"), "fr": ("compté", "attendu")}


@dataclass(frozen=True, slots=True)
class Track:
    """One stream: its points (microseconds, value) in order, and what was expected there."""

    name: str
    points: Sequence[tuple[int, float]]
    expected: Sequence[tuple[int, float]] = ()


def timeline(
    tracks: Sequence[Track],
    marks: Sequence[ChartMark],
    title: str,
    desc: str,
    lang: Lang = "en",
    *,
    headed: bool = False,
) -> Markup:
    """The tracks from the first point of any to the last of any. Of several points on one pixel
    the highest is drawn. The title is not drawn where a heading right above says it (`headed`)."""
    times = [time for track in tracks for time, _ in track.points]
    first, last = (min(times), max(times)) if times else (0, 0)
    span = _Span(first, max(last, first + 1))
    height = TOP + len(tracks) * (TRACK + GAP) - GAP + BOTTOM
    shown = [mark for mark in marks if first <= mark.time_us <= last]
    return element(
        "svg",
        element("title", title),
        element("desc", desc),
        element("rect", width=WIDTH, height=height, fill="#fff"),
        Markup("") if headed else _text(title, LEFT, 16, weight="bold"),
        _legend({mark.source for mark in shown}, lang, LEFT if headed else WIDTH // 2),
        _dates(span, height) if times else Markup(""),
        *(_track(track, span, n) for n, track in enumerate(tracks)),
        *(_mark(mark, span, height, NAMES[lang]) for mark in shown),
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        class_="lines",
        viewBox=f"0 0 {WIDTH} {height}",
        font_family="sans-serif",
        font_size=11,
    )


@dataclass(frozen=True, slots=True)
class _Span:
    first: int
    last: int

    def x(self, time_us: int) -> float:
        width = WIDTH - LEFT - RIGHT
        return round(LEFT + width * (time_us - self.first) / (self.last - self.first), 1)


def _text(text: str, x: float, y: float, anchor: str = "start", weight: str = "normal") -> Markup:
    return element("text", text, x=x, y=y, text_anchor=anchor, font_weight=weight, fill=INK)


def _track(track: Track, span: _Span, number: int) -> Markup:
    top = TOP + number * (TRACK + GAP)
    base = top + TRACK
    most = max((value for _, value in (*track.points, *track.expected)), default=0.0) or 1.0
    drawn = [
        _text(track.name, LEFT, top - 6),
        _text(f"{most:,.4g}", LEFT - 6, top + 9, "end"),
        _text("0", LEFT - 6, base, "end"),
        element("line", x1=LEFT, x2=WIDTH - RIGHT, y1=base, y2=base, stroke=FAINT),
    ]
    for points, colour in ((track.points, LINE), (track.expected, EXPECTED)):
        if points:
            path = _path(points, span, base, most)
            look = {"fill": "none", "stroke": colour, "stroke_linejoin": "round"}
            drawn.append(element("polyline", points=path, **look))
    return element("g", *drawn)


def _path(points: Sequence[tuple[int, float]], span: _Span, base: int, most: float) -> str:
    highest: dict[int, float] = {}
    for time, value in points:
        pixel = round(span.x(time))
        highest[pixel] = max(value, highest.get(pixel, 0.0))
    ys = ((x, base - TRACK * min(value / most, 1.0)) for x, value in sorted(highest.items()))
    return " ".join(f"{x},{y:.1f}" for x, y in ys)


def _legend(sources: Collection[WaveSource], lang: Lang, x: float) -> Markup:
    """What the colours mean, from a place on."""
    counted, expected = LINES[lang]
    named = [(counted, LINE), (expected, EXPECTED)]
    named += [(NAMES[lang][source], COLOURS[source]) for source in WaveSource if source in sources]
    made = []
    for name, colour in named:
        made.append(element("line", x1=x, x2=x + 16, y1=12, y2=12, stroke=colour, stroke_width=2))
        made.append(_text(name, x + 22, 16))
        x += 44 + 6 * len(name)
    return element("g", *made)


def _dates(span: _Span, height: int) -> Markup:
    hour = UNITS["h"]
    hours = (span.last - span.first) // hour + 1
    step = next((t for t in TICKS if hours / t <= MOST_TICKS), TICKS[-1])
    form = "%Y-%m-%d" if step >= 24 else "%m-%d %H:%M"
    made = []
    for time in range(-(-span.first // (step * hour)) * step * hour, span.last + 1, step * hour):
        x, y = span.x(time), height - BOTTOM
        name = datetime.fromtimestamp(time // 1_000_000, UTC).strftime(form)
        made.append(element("line", x1=x, x2=x, y1=TOP, y2=y, stroke=FAINT, stroke_width=0.5))
        made.append(_text(name, min(max(x, LEFT), WIDTH - RIGHT - 24), y + 16, "middle"))
    return joined(made)


def _mark(mark: ChartMark, span: _Span, height: int, names: Mapping[WaveSource, str]) -> Markup:
    x, colour = span.x(mark.time_us), COLOURS[mark.source]
    told = f"{names[mark.source]}: {mark.sentence}"
    line = element("line", x1=x, x2=x, y1=TOP - 24, y2=height - BOTTOM, stroke=colour)
    head = element("circle", cx=x, cy=TOP - 26, r=3, fill=colour)
    return element("g", element("title", told), line, head)
