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
    assert {"cli", "flows", "pages", "ports", "store", "engine", "core"} <= said
    for floor in ("core", "flows"):
        found = house.rooms(floor)
        assert len(found) >= 10
        assert set(found) <= said


def test_no_floor_uses_one_above() -> None:
    order = {name: i for i, parts in enumerate(house.floors()) for name in parts}
    used = house.uses()
    assert ("cli", "flows") in used
    assert all(order[a] < order[b] for a, b in used)
    assert not {("cli", "store"), ("cli", "engine")} & used
