"""The picture of the house is that of the imports."""

from __future__ import annotations

from xml.etree import ElementTree

from tests import house


def test_the_picture_is_of_the_house_as_it_is() -> None:
    """Else: make house."""
    assert house.PICTURE.read_text(encoding="utf-8") == house.drawn()


def test_it_shows_every_floor_and_every_room() -> None:
    drawn = ElementTree.fromstring(house.drawn())  # noqa: S314 - ours
    said = set(" ".join(drawn.itertext()).split())
    assert set(house.ground()) <= said
    assert {"cli", "flows", "pages", "ports", "store", "engine", "core"} <= said
    for floor in ("core", "flows"):
        found = house.rooms(floor)
        assert len(found) >= 10
        assert set(found) <= said


def test_every_floor_of_the_contract_has_a_place() -> None:
    placed = [name for row in house.ROWS for name in row]
    assert sorted(placed) == sorted(name for parts in house.floors() for name in parts)
    assert set(placed) == set(house.SAYS)


def test_arrows_tell_every_use_and_cross_no_box() -> None:
    lines, placed = house.lines(), house.boxes()
    told = set(lines)
    for _ in placed:  # what uses a floor uses what that one uses
        told |= {(a, d) for a, b in told for c, d in told if b == c}
    assert told >= house.uses()
    for (above, below), (x, y, to_x, to_y) in lines.items():
        others = [box for name, box in placed.items() if name not in (above, below)]
        crossed = [o for o in others if o.left <= x <= o.right and y < o.bottom and o.top < to_y]
        assert not crossed, (above, below)
        assert x == to_x or y == to_y


def test_an_arrow_that_others_tell_is_left_out() -> None:
    assert house.arrows({("a", "b"), ("b", "c"), ("a", "c")}) == {("a", "b"), ("b", "c")}


def test_no_floor_uses_one_above() -> None:
    order = {name: i for i, parts in enumerate(house.floors()) for name in parts}
    used = house.uses()
    assert ("cli", "flows") in used
    assert all(order[a] < order[b] for a, b in used)
    assert not {("cli", "store"), ("cli", "engine")} & used
