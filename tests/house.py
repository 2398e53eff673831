"""The picture of the house, drawn from its imports: `python -m tests.house` writes docs/house.svg.

Floors lie in the order of the import contract; a room is a box in its floor, in the order of the
flow. An arrow is a use; one that others already tell (cli uses wiring, wiring uses flows: so cli
uses flows) is left out. All arrows are upright but between neighbours of one row, and cross no box.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from html import escape
from typing import NamedTuple

from tests import ROOT

PICTURE = ROOT / "docs" / "house.svg"
WIDTH, EDGE, HEAD, ROOM, PAD, GAP = 640, 16, 34, 32, 10, 34  # of a picture that a telephone shows
STYLE = (
    "text{font:17px Georgia,serif;fill:#222}.floor{font-weight:bold}"
    ".says{fill:#5f594c;font-size:15px}"
    ".box{fill:#fffdf7;stroke:#b8ae98}.room{fill:#f7f3e8;stroke:#d3cab5}"
    ".use{stroke:#6d6552;fill:none;stroke-width:1.4}.tip{fill:#6d6552}"
)
# The rows, the highest first: each floor with where it begins and ends, in sixths of the width.
ROWS = (
    {"cli": (0, 6)},
    {"wiring": (0, 3.9), "config": (4.2, 6)},
    {"flows": (0, 5.2)},
    {"pages": (0, 1.9), "store": (2.1, 3.9), "ports": (4.1, 6)},
    {"engine": (4.1, 6)},
    {"core": (0, 6)},
)
SAYS = {
    "cli": "a command a verb", "wiring": "puts the parts together", "config": "where things are",
    "flows": "a verb a module", "pages": "what is read", "store": "the tables",
    "ports": "the outside", "engine": "at speed", "core": "pure; a room uses those before it",
}  # fmt: skip
ACROSS = 5  # rooms in a row

Uses = set[tuple[str, str]]


class Box(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float


def contract(place: int) -> list[list[str]]:
    """The layers of an import contract, the highest first, each with its parts."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = told["tool"]["importlinter"]["contracts"][place]["layers"]
    return [[part.strip() for part in layer.split("|")] for layer in layers]


def floors() -> list[list[str]]:
    return [parts for parts in contract(0) if parts != ["__main__"]]


def rooms(floor: str) -> list[str]:
    """The packages of a floor, in the order of the flow; none where modules lie side by side."""
    folder = ROOT / "habeas" / floor
    there = {p.parent.name for p in folder.glob("*/__init__.py")}
    flow = [name for parts in reversed(contract(1)) for name in parts]
    return sorted(there & set(flow), key=flow.index)


def ground() -> list[str]:
    """The modules below the rooms of the core, the lowest first."""
    flow = [name for parts in reversed(contract(1)) for name in parts]
    return [name for name in flow if name not in rooms("core")]


@cache
def uses() -> Uses:
    """Which floor uses which."""
    names = {name for parts in floors() for name in parts}
    found = set()
    for path in (ROOT / "habeas").rglob("*.py"):
        own = path.relative_to(ROOT / "habeas").parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("habeas"):
                parts = (node.module or "").split(".")
                named = [parts[1]] if len(parts) > 1 else [one.name for one in node.names]
                found |= {(own, name) for name in named if name in names and name != own}
    return {(own, name) for own, name in found if own in names}


def arrows(used: Uses) -> Uses:
    """The uses that no others tell, of floors that go down only."""

    def reached(start: str) -> set[str]:
        below = {b for a, b in used if a == start}
        return below.union(*map(reached, below))

    return {
        (a, b)
        for a, b in used
        if not any(b in reached(other) for one, other in used if one == a and other != b)
    }


def boxes() -> dict[str, Box]:
    """Where each floor lies."""
    found, top, sixth = {}, float(EDGE), (WIDTH - 2 * EDGE) / 6
    for row in ROWS:
        bottom = top + max(map(_height, row))
        for name, (left, right) in row.items():
            found[name] = Box(EDGE + left * sixth, top, EDGE + right * sixth, bottom)
        top = bottom + GAP
    return found


def _height(floor: str) -> float:
    rows = -(-len(rooms(floor)) // ACROSS)
    below = 22 + PAD if floor == "core" else 0  # the ground
    return HEAD + (rows * (ROOM + 6) + PAD - 6 if rows else 0) + below


def lines() -> dict[tuple[str, str], tuple[float, float, float, float]]:
    """Each arrow from where to where: down between two floors, or aside within a row."""
    placed, found = boxes(), {}
    for above, below in sorted(arrows(uses())):
        a, b = placed[above], placed[below]
        if a.top == b.top:
            found[above, below] = (a.right, a.top + HEAD / 2, b.left, a.top + HEAD / 2)
            continue
        taken = [x for x, top, _, end in found.values() if top < b.top and a.bottom < end]
        x = _free(a, b, [box for box in placed.values() if box not in (a, b)], taken)
        found[above, below] = (x, a.bottom, x, b.top)
    return found


def _free(a: Box, b: Box, others: list[Box], taken: list[float]) -> float:
    """The place nearest the middle of both where nothing stands between them."""
    low, high = max(a.left, b.left) + PAD, min(a.right, b.right) - PAD
    between = [box for box in others if a.bottom <= box.top and box.bottom <= b.top]
    places = [low + step for step in range(int(high - low) + 1)]
    clear = [x for x in places if not any(o.left - 6 < x < o.right + 6 for o in between)]
    middle = (low + high) / 2
    return min(clear, key=lambda x: (any(abs(x - t) < 12 for t in taken), abs(x - middle)))


def drawn() -> str:
    """The picture as SVG, the same for the same house."""
    placed = boxes()
    height = max(box.bottom for box in placed.values()) + EDGE
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'width="{WIDTH}" height="{height:.0f}" role="img" '
        f'aria-label="The floors and rooms of the house"><style>{STYLE}</style>'
        f'<rect width="{WIDTH}" height="{height:.0f}" fill="#f7f3e8"/>'
    )
    floor = [part for name, box in placed.items() for part in _floor(name, box)]
    return "\n".join([head, *floor, *(_arrow(*line) for line in lines().values()), "</svg>\n"])


def _arrow(x: float, y: float, to_x: float, to_y: float) -> str:
    line = f'<path class="use" d="M{x:.0f},{y:.0f} L{to_x:.0f},{to_y:.0f}"/>'
    if x == to_x:
        return f'{line}<path class="tip" d="M{x:.0f},{to_y:.0f} l-4,-8 h8 z"/>'
    return f'{line}<path class="tip" d="M{to_x:.0f},{to_y:.0f} l-8,-4 v8 z"/>'


def _floor(name: str, box: Box) -> Iterator[str]:
    yield _rect("box", box)
    says = f'<tspan class="floor">{name}</tspan>  <tspan class="says">{escape(SAYS[name])}</tspan>'
    yield f'<text x="{box.left + PAD:.0f}" y="{box.top + 23:.0f}">{says}</text>'
    step = (box.right - box.left - 2 * PAD + 6) / ACROSS
    inside = rooms(name)
    for i, room in enumerate(inside):
        left, top = box.left + PAD + i % ACROSS * step, box.top + HEAD + i // ACROSS * (ROOM + 6)
        yield _rect("room", Box(left, top, left + step - 6, top + ROOM))
        middle = left + (step - 6) / 2
        yield f'<text x="{middle:.0f}" y="{top + 21:.0f}" text-anchor="middle">{room}</text>'
    if name == "core":
        below = f'<tspan class="floor">ground</tspan>  {" ".join(ground())}'
        yield f'<text x="{box.left + PAD:.0f}" y="{box.bottom - PAD - 3:.0f}">{below}</text>'


def _rect(kind: str, box: Box) -> str:
    width, height = box.right - box.left, box.bottom - box.top
    place = f'x="{box.left:.0f}" y="{box.top:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return f'<rect class="{kind}" {place} rx="3"/>'


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")
