"""The picture of the house, drawn from its imports: `python -m tests.house` writes docs/house.svg.

Floors lie as the import contract has them, the ground at the bottom; rooms in the order of the
flow. A line goes from a floor to the next ones that it uses."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from html import escape

from tests import ROOT

PICTURE = ROOT / "docs" / "house.svg"
WIDTH, LEFT, HIGH, GAP = 960, 150, 30, 46
STYLE = (
    "text{font:13px Georgia,serif;fill:#222}.floor{font-weight:bold}.what{fill:#666;font-size:11px}"
    "rect{fill:#fffdf7;stroke:#b8ae98}path{stroke:#b8ae98;fill:none;stroke-width:1.2}"
)
SAYS = {
    "cli": "a command, a verb", "flows": "a verb a module",
    "pages": "what people read", "ports": "the outside", "store": "the tables",
    "engine": "numbers at speed", "core": "pure", "wiring": "", "config": "",
}  # fmt: skip


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


@cache
def uses() -> set[tuple[str, str]]:
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


def drawn() -> str:
    """The picture as SVG, the same for the same house."""
    layers = floors()
    tops = {name: i * (HIGH + GAP) + 20 for i, parts in enumerate(layers) for name in parts}
    height = len(layers) * (HIGH + GAP) + 10
    middles: dict[str, float] = {}
    boxes: list[str] = []
    for parts in layers:
        for i, name in enumerate(parts):
            width = (WIDTH - LEFT - 10) / len(parts)
            left = LEFT + i * width
            middles[name] = left + width / 2
            boxes += _floor(name, left, tops[name], width - 10)
    lines = [
        f'<path d="M{middles[a]:.0f},{tops[a] + HIGH} L{middles[b]:.0f},{tops[b]}"/>'
        for a, b in sorted(uses())
        if _next(layers, a, b)
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="The floors and rooms of the house"><style>{STYLE}</style>'
        f'<rect width="{WIDTH}" height="{height}" style="fill:#f7f3e8;stroke:none"/>'
    )
    return "\n".join([head, *lines, *boxes, "</svg>\n"])


def _next(layers: list[list[str]], above: str, below: str) -> bool:
    """Lines are drawn to the next floor that is used, so that the picture stays readable."""
    order = {name: i for i, parts in enumerate(layers) for name in parts}
    used = [order[b] for a, b in uses() if a == above]
    return order[below] == min(used)


def _floor(name: str, left: float, top: float, width: float) -> Iterator[str]:
    yield f'<rect x="{left:.0f}" y="{top}" width="{width:.0f}" height="{HIGH}" rx="3"/>'
    inside = rooms(name)
    says = f' <tspan class="what">{escape(SAYS[name])}</tspan>'
    if not inside:
        own = f'<tspan class="floor">{name}</tspan>{says}'
        yield f'<text x="{left + 10:.0f}" y="{top + 20}">{own}</text>'
        return
    yield f'<text x="10" y="{top + 14}" class="floor">{name}</text>'
    yield f'<text x="10" y="{top + 29}" class="what">{escape(SAYS[name])}</text>'
    step = width / len(inside)
    for i, room in enumerate(inside):
        yield f'<text x="{left + i * step + 8:.0f}" y="{top + 20}">{room}</text>'


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")
