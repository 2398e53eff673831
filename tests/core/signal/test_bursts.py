"""Bursts, and the waves that they open."""

from __future__ import annotations

from collections import Counter

from habeas.core.brake import Closing
from habeas.core.signal import Burst
from habeas.core.signal.bursts import CALM_US, ChartMark, WaveSource, bursts, marks, opening
from habeas.core.signal.posts import Bin
from habeas.core.signal.signals import ScoredRow
from habeas.core.times import UNITS

FIVE = 5 * UNITS["m"]
NOW = 1_523_232_000_000_000  # 2018-04-09


def row(n: int, value: float, *, rare: bool = False, told: bool = False) -> ScoredRow:
    return ScoredRow(NOW + n * FIVE, value, 10.0, 0.999 if told else 0.4, rare or told, told)


def plain(*rows: ScoredRow) -> list[Burst]:
    return bursts((one, None) for one in rows)


def test_a_burst_is_from_its_first_to_its_last_rare_row() -> None:
    found = plain(
        row(0, 10), row(1, 50, told=True), row(2, 12), row(3, 90, rare=True), row(4, 60, rare=True),
        row(5, 11),
    )  # fmt: skip
    assert len(found) == 1
    one = found[0]
    assert (one.start_us, one.peak_us, one.last_us) == (NOW + FIVE, NOW + 3 * FIVE, NOW + 4 * FIVE)
    assert (one.peak, one.expected, one.score, one.times) == (90, 10, 0.999, 9)


def test_after_a_calm_the_next_is_another() -> None:
    calm = CALM_US // FIVE
    near = plain(row(0, 50, told=True), row(calm, 60, told=True))
    far = plain(row(0, 50, told=True), row(calm + 1, 60, told=True))
    assert [b.peak for b in near] == [60]
    assert [b.peak for b in far] == [50, 60]


def test_a_rare_row_that_was_not_told_starts_none() -> None:
    assert plain(row(0, 50, rare=True), row(1, 10)) == []


def test_what_was_nearly_never_heard_is_compared_with_one() -> None:
    assert Burst(0, 0, 0, 20.0, 0.01, 1.0).times == 20


def test_keywords_and_samples_of_its_posts() -> None:
    bins = [
        Bin(NOW, 2, Counter({"closed": 2}), ["one", "two"]),
        Bin(NOW + FIVE, 9, Counter({"fermé": 8, "closed": 1}), ["two", "three", "four"]),
    ]
    rows = [row(0, 50, told=True), row(1, 60, rare=True)]
    one = bursts(zip(rows, bins, strict=True))[0]
    assert one.keywords == (("fermé", 8), ("closed", 3))
    assert one.samples == ("one", "two", "three")
    assert str(one) == ("60 in one row where 10 were expected, 6.0 times as many, mostly “fermé”")
    assert one.as_json()["times"] == 6.0


def test_a_burst_is_told_in_french_as_well() -> None:
    one = Burst(0, 0, 0, 1250.0, 0.5, 0.999, (("compte fermé", 9),))
    assert one.words("fr") == (
        "1\u202f250 en une fois, pour 0,5 attendus, 1\u202f250,0 fois plus, "
        "surtout «\u00a0compte fermé\u00a0»"
    )


def closing(n: int) -> Closing:
    return Closing(NOW + n * FIVE, 1e9, ())


def test_a_burst_opens_a_wave_even_when_the_brake_is_quiet() -> None:
    wave = opening(marks(plain(row(0, 50, told=True)), []))
    assert wave is not None
    assert (wave.time_us, wave.by) == (NOW, WaveSource.SIGNAL)
    assert wave.sentence.startswith(
        "2018-04-09T00:00:00Z: public signals rose while the brake was quiet: 50 in one row"
    )


def test_what_came_first_opens_it_and_the_rest_belongs_to_it() -> None:
    burst = plain(row(3, 50, told=True))
    found = marks(burst, [closing(2), closing(9)])
    assert [m.source for m in found] == [WaveSource.BRAKE, WaveSource.SIGNAL, WaveSource.BRAKE]
    wave = opening(found)
    assert wave is not None
    assert (wave.time_us, wave.by) == (NOW + 2 * FIVE, WaveSource.BRAKE)
    assert opening(found, open_us=NOW) is None
    assert opening([]) is None


def test_of_the_same_instant_the_brake_opens_it() -> None:
    found = [ChartMark(NOW, WaveSource.SIGNAL, "s"), ChartMark(NOW, WaveSource.BRAKE, "b")]
    wave = opening(found)
    assert wave is not None
    assert wave.by is WaveSource.BRAKE


def test_a_burst_that_chance_makes_every_week_opens_none() -> None:
    weak = Burst(NOW, NOW, NOW, 30, 10, 0.97)
    assert marks([weak], []) == []
    assert len(marks([weak], [], least=0.9)) == 1
