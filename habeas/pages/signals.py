"""The chart of a public signal: its counts with what was expected, and its bursts."""

from __future__ import annotations

from collections.abc import Sequence

from habeas.core.languages import plural
from habeas.core.signal import Burst
from habeas.core.signal.bursts import marks
from habeas.core.signal.signals import ScoredRow
from habeas.pages.markup import Markup
from habeas.pages.timeline import Track, timeline

Points = Sequence[tuple[int, float]]  # microseconds UTC, value


def chart(
    rows: Sequence[ScoredRow],
    bursts: Sequence[Burst],
    name: str,
    beside: tuple[str, Points] | None = None,
) -> Markup:
    """As SVG, in English; `beside` is a second stream on the same axis, with its name."""
    timed = [(row.time_us, row) for row in rows if row.time_us is not None]
    points = [(time_us, row.value or 0.0) for time_us, row in timed]
    tracks = [Track(name, points, [(time_us, row.expected) for time_us, row in timed])]
    if beside is not None:
        tracks.append(Track(*beside))
    found = plural("{n} burst|{n} bursts", len(bursts), "en")
    desc = f"{found} in {plural('{n} row|{n} rows', len(rows), 'en')}"
    return timeline(tracks, marks(bursts, (), 0.0), "Public signals", desc)
