"""The chart of several streams is whole SVG that no text can break out of."""

from __future__ import annotations

from xml.etree import ElementTree

from habeas.core.signal.bursts import ChartMark, WaveSource
from habeas.core.times import UNITS
from habeas.pages.timeline import LEFT, RIGHT, TOP, TRACK, WIDTH, Track, timeline

DAY = UNITS["d"]
START = 1_523_232_000_000_000  # 2018-04-09
SVG = "{http://www.w3.org/2000/svg}"


def drawn(tracks: list[Track], marks: list[ChartMark]) -> ElementTree.Element:
    text = timeline(tracks, marks, "<script>alert(1)</script>", "d")
    assert " style=" not in text
    assert "<script" not in text
    return ElementTree.fromstring(text)  # noqa: S314 - ours


def points(root: ElementTree.Element) -> list[list[tuple[float, float]]]:
    lines = [e.attrib["points"].split() for e in root.iter(f"{SVG}polyline")]
    return [[(float(x), float(y)) for x, y in (p.split(",") for p in line)] for line in lines]


def test_the_streams_share_one_axis_of_time() -> None:
    week = [(START + n * DAY, float(n)) for n in range(8)]
    one, two = points(drawn([Track("posts", week), Track("decisions", week[2:4])], []))
    assert (one[0][0], one[-1][0]) == (LEFT, WIDTH - RIGHT)
    assert [x for x, _ in two] == [x for x, _ in one[2:4]]
    assert min(y for _, y in two) > max(y for _, y in one)


def test_of_points_on_one_pixel_the_highest_is_drawn() -> None:
    spike = [(START + n * 1000, 99.0 if n == 5000 else 1.0) for n in range(10_000)]
    (line,) = points(drawn([Track("posts", spike)], []))
    assert len(line) <= WIDTH
    assert min(y for _, y in line) < 100


def test_marks_stand_where_they_were_and_say_what() -> None:
    week = [(START + n * DAY, 1.0) for n in range(8)]
    marks = [
        ChartMark(START + 7 * DAY, WaveSource.SIGNAL, "a & b"),
        ChartMark(START, WaveSource.BRAKE, "policy 7"),
        ChartMark(START - DAY, WaveSource.BRAKE, "before"),
    ]
    root = drawn([Track("posts", week)], marks)
    places = [float(e.attrib["cx"]) for e in root.iter(f"{SVG}circle")]
    assert places == [WIDTH - RIGHT, LEFT]
    titles = [e.text for e in root.iter(f"{SVG}title")]
    assert titles[1:] == ["burst: a & b", "brake closed: policy 7"]


def test_what_was_expected_is_not_cut_where_it_is_above_all_counts() -> None:
    counted, expected = points(drawn([Track("d", [(START, 1.0)], [(START + DAY, 4.0)])], []))
    base = TOP + TRACK
    assert base - counted[0][1] == (base - expected[0][1]) / 4


def test_the_colours_are_named_in_both_languages() -> None:
    marks = [ChartMark(START, WaveSource.SIGNAL, "a")]
    made = [timeline([Track("p", [(START, 1.0)])], marks, "t", "d", lang) for lang in ("en", "fr")]
    assert ">burst</text>" in made[0]
    assert ">brake closed</text>" not in made[0]
    assert ">sursaut</text>" in made[1]
    assert ">attendu</text>" in made[1]


def test_nothing_to_draw_is_drawn() -> None:
    assert points(drawn([Track("posts", [])], [])) == []
    (line,) = points(drawn([Track("posts", [(START, 0.0)])], []))
    assert len(line) == 1
