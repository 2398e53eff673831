"""Charts are well-formed, to scale, and carry no text that is not escaped."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.pages.charts import FULL, BarPart, HeatWords, heat_map, nested, stacked, swatch
from habeas.pages.markup import REPLACED, Markup
from tests.budgets import examples

COUNTS = st.integers(0, 10**9)
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOSTILE = "</title><script>alert(1)</script>&\"'"


def drawn(svg: Markup) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - made here


def parts_of(svg: Markup) -> list[ElementTree.Element]:
    return [r for r in drawn(svg).iter("rect") if "part" in r.attrib["class"].split()]


def width(part: ElementTree.Element) -> float:
    return float(part.attrib["width"])


def heat(hours: list[float]) -> ElementTree.Element:
    words = HeatWords(
        title="When",
        desc="The busiest hour",
        days=DAYS,
        per_day="per day",
        per_hour="an hour",
        cell=lambda index, value: f"{index}: {value}",
        value=lambda value: f"{value:.2f}",
    )
    return drawn(heat_map(hours, words))


def cells(svg: ElementTree.Element) -> list[ElementTree.Element]:
    return [r for r in svg.iter("rect") if "cell" in r.attrib["class"].split()]


@given(st.lists(COUNTS, min_size=1, max_size=4), COUNTS)
def test_stacked_parts_are_to_scale_and_end_to_end(counts: list[int], more: int) -> None:
    most = sum(counts) + more
    shown = parts_of(stacked([BarPart("kept", n) for n in counts], most, "t", "d"))
    positive = [n for n in counts if n]
    assert len(shown) == len(positive)
    end = 0.0
    for part, count in zip(shown, positive, strict=True):
        assert width(part) == pytest.approx(FULL * count / most, abs=0.01)
        assert float(part.attrib["x"]) == pytest.approx(end, abs=0.01)
        end += FULL * count / most
    assert end <= FULL + 0.01


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=9))
def test_the_longest_bar_is_full(counts: list[int]) -> None:
    bars = [parts_of(stacked([BarPart("newly", n)], max(counts), "t", "d")) for n in counts]
    assert max(width(bar[0]) for bar in bars) == FULL


@pytest.mark.parametrize("most", [0, 0.0])
def test_a_maximum_of_zero_gives_an_empty_bar(most: float) -> None:
    assert parts_of(stacked([BarPart("kept", 0), BarPart("newly", 0)], most, "t", "d")) == []
    assert parts_of(nested(0, 0, most, "t", "d")) == []


def test_a_part_of_a_number_is_a_thinner_bar_within_its_bar() -> None:
    outer, inner = parts_of(nested(0.5, 0.2, 0.5, "t", "d"))
    assert (width(outer), width(inner)) == (FULL, FULL * 0.4)
    assert float(inner.attrib["height"]) < float(outer.attrib["height"])
    assert float(inner.attrib["y"]) > float(outer.attrib["y"])


@given(st.text(), st.text())
def test_any_text_is_escaped(title: str, desc: str) -> None:
    svg = drawn(stacked([BarPart("kept", 1)], 1, title, desc))
    texts = [(svg.findtext(tag) or "") for tag in ("title", "desc")]
    # XML reads a carriage return as the end of a line
    expected = [text.translate(REPLACED).replace("\r\n", "\n") for text in (title, desc)]
    assert texts == [text.replace("\r", "\n") for text in expected]


def test_a_title_cannot_end_the_chart() -> None:
    svg = stacked([BarPart("kept", 1)], 1, HOSTILE, HOSTILE)
    assert "<script" not in svg
    assert drawn(svg).findtext("title") == HOSTILE


@pytest.mark.parametrize("lone", ["\ud800", "\x00", "\x1b", "\uffff"])
def test_characters_that_no_page_can_carry_are_replaced(lone: str) -> None:
    svg = stacked([], 1, f"a{lone}b", "")
    svg.encode("utf-8")
    assert drawn(svg).findtext("title") == "a\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize(
    "svg", [stacked([BarPart("kept", 1)], 1, "t", "d"), nested(2, 1, 2, "t", "d")]
)
def test_charts_are_named_images_without_script_or_style(svg: Markup) -> None:
    root = drawn(svg)
    assert root.attrib["role"] == "img"
    assert [child.tag for child in root][:2] == ["title", "desc"]
    assert not {"style", "href", "onload"} & {key for node in root.iter() for key in node.attrib}


def test_a_swatch_is_for_the_eye_only() -> None:
    assert drawn(swatch("kept")).attrib["aria-hidden"] == "true"


@settings(max_examples=examples(25))
@given(st.lists(st.integers(0, 10**6).map(lambda n: n / 53), min_size=168, max_size=168))
def test_a_heat_map_has_a_named_cell_for_every_hour(hours: list[float]) -> None:
    svg = heat(hours)
    shown = cells(svg)
    assert [cell.findtext("title") for cell in shown] == [f"{i}: {v}" for i, v in enumerate(hours)]
    assert len({(c.attrib["x"], c.attrib["y"]) for c in shown}) == 168
    for cell, value in zip(shown, hours, strict=True):
        assert ("zero" in cell.attrib["class"]) == (value == 0)


def test_the_highest_hour_is_the_darkest_and_days_are_summed() -> None:
    hours = [0.0] * 168
    hours[0], hours[24 + 13], hours[167] = 1.0, 4.0, 2.0
    svg = heat(hours)
    shades = {i: float(c.attrib.get("fill-opacity", 0)) for i, c in enumerate(cells(svg))}
    assert shades[37] == 1.0 > shades[167] > shades[0] > shades[1] == 0
    texts = [node.text for node in svg.iter("text")]
    assert [texts[texts.index(day) + 1] for day in DAYS] == [
        "1.00", "4.00", "0.00", "0.00", "0.00", "0.00", "2.00",
    ]  # fmt: skip
    assert texts[-6:] == ["0.00", "1.00", "2.00", "3.00", "4.00", "an hour"]


def test_a_heat_map_of_nothing_does_not_divide_by_zero() -> None:
    svg = heat([0.0] * 168)
    assert all("zero" in cell.attrib["class"] for cell in cells(svg))
    assert [node.text for node in svg.iter("text")][-2:] == ["0.00", "an hour"]
