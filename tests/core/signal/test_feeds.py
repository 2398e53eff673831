"""However a stream is cut into runs, its rows, what is known of it and its waves are the same."""

from __future__ import annotations

import json
import random
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.core.signal import Burst
from habeas.core.signal.feeds import (
    QUOTED_US,
    Calm,
    FeedBin,
    FeedState,
    Open,
    Rise,
    Swing,
    come_late,
    listened,
    spells,
)
from habeas.core.signal.posts import Bin
from habeas.core.signal.signals import ScoredRow
from habeas.core.times import UNITS
from habeas.store.codec import decoded, encoded
from tests.budgets import examples

FIVE, HOUR, DAY = 5 * UNITS["m"], UNITS["h"], UNITS["d"]
START = 1_522_627_200_000_000  # 2018-04-02
BINS = 4 * 288


def quiet(_: int) -> str:
    return ""


def stream(storms: dict[int, int], bins: int = BINS) -> list[FeedBin]:
    """Two or three posts in a bin; so many in the bins of storms, and in the five after each."""
    dice = random.Random(3)  # noqa: S311 - it only makes examples
    made = []
    for n in range(bins):
        count = max([storms.get(n - back, 0) for back in range(6)]) or dice.randint(1, 4)
        posts = Bin(START + n * FIVE, count, Counter({"closed": count}), [f"text {n}"])
        made.append(FeedBin(posts.start_us, float(count), posts))
    return made


def run(
    said: list[FeedBin], cuts: list[int], since_us: int = START, is_open: Open = quiet
) -> tuple[FeedState, list[ScoredRow], list[Swing]]:
    """In runs that end at the cuts, each going on from what the one before wrote down."""
    known, rows, swings = FeedState(since_us, FIVE), list[ScoredRow](), list[Swing]()
    for start, end in zip([0, *cuts], [*cuts, len(said)], strict=True):
        known, more, moved = listened(known, said[start:end], is_open)
        known = decoded(json.loads(json.dumps(encoded(known))), FeedState)
        rows += more
        swings += moved
    return known, rows, swings


STORMS = st.dictionaries(st.integers(300, BINS - 1), st.integers(3, 90), max_size=3)


@settings(max_examples=examples(25))
@given(STORMS, st.lists(st.integers(0, BINS), max_size=6).map(sorted), st.integers(0, BINS))
def test_any_split_into_runs_gives_the_same(
    storms: dict[int, int], cuts: list[int], closed: int
) -> None:
    def is_open(time_us: int) -> str:
        return "returns.1" if closed <= (time_us - START) // FIVE < closed + 200 else ""

    said = stream(storms)
    assert run(said, cuts, is_open=is_open) == run(said, [], is_open=is_open)


@settings(max_examples=examples(25))
@given(STORMS)
def test_a_rise_and_its_end_take_turns_and_name_one_burst(storms: dict[int, int]) -> None:
    _, _, swings = run(stream(storms), [])
    assert [type(s) for s in swings] == [(Rise, Calm)[n % 2] for n in range(len(swings))]
    for rise, calm in zip(swings[::2], swings[1::2], strict=False):
        assert rise.burst.start_us == calm.burst.start_us
        assert calm.burst.peak >= rise.burst.peak or calm.burst.score >= rise.burst.score
        assert calm.time_us - calm.burst.last_us > 6 * HOUR
    assert all(swing.burst.samples == () for swing in swings)


def test_what_people_wrote_is_kept_for_thirty_days_and_in_no_move() -> None:
    said = stream({400: 80})
    known, _, swings = run(said, [])
    (spell,) = spells("posts", swings, known)
    assert spell.burst.samples[0].startswith("text 4")
    end = said[-1].start_us + FIVE
    later = [FeedBin(end + n * DAY, 2.0) for n in range(QUOTED_US // DAY + 2)]
    known, _, more = listened(known, later, quiet)
    assert known.quotes == ()
    (spell, *_) = spells("posts", [*swings, *more], known)
    assert spell.burst.samples == ()
    assert spell.burst.keywords


def test_a_burst_under_way_is_told_as_it_is_now() -> None:
    known, _, swings = run(stream({BINS - 3: 80}, BINS), [])
    (spell,) = spells("posts", swings, known)
    assert (spell.opens, spell.until_us, spell.wave) == (True, None, "signal:posts.1")
    assert spell.burst.samples
    assert spell.burst.last_us >= swings[0].burst.last_us


def test_what_ended_before_the_first_time_opens_none_and_what_goes_on_does() -> None:
    said = stream({700: 80})
    end_us = START + 706 * FIVE
    assert run(said, [], since_us=end_us + 7 * HOUR)[2] == []
    known, _, swings = run(said, [], since_us=end_us + 5 * HOUR)
    assert isinstance(swings[0], Rise)
    assert not known.risen


def test_the_waves_of_a_feed_are_numbered_without_those_of_brakes() -> None:
    burst = Burst(START, START, START, 9.0, 1.0, 0.999)
    swings = [Rise(1, burst), Calm(2, burst), Rise(3, burst, "returns.1"), Calm(4, burst),
              Rise(5, burst)]  # fmt: skip
    found = spells("posts", swings)
    assert [(s.wave, s.opens, s.until_us) for s in found] == [
        ("signal:posts.1", True, 2), ("returns.1", False, 4), ("signal:posts.2", True, None),
    ]  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 50)), max_size=30))
def test_late_is_what_was_never_counted_and_each_is_told_once(told: list[tuple[int, int]]) -> None:
    """A feed says ever more of the same bins; the sum of what is told is what was missed."""
    known, total, most = FeedState(START, FIVE, START + 10 * FIVE), 0.0, dict.fromkeys(range(10), 5)
    counted = {START + n * FIVE: 5.0 for n in range(10)}
    for place, value in told:
        most[place] = max(most[place], value)
        said = [FeedBin(START + place * FIVE, float(value))]
        known, late = come_late(known, said, counted)
        known = decoded(json.loads(json.dumps(encoded(known))), FeedState)
        total += late
    assert total == sum(most.values()) - 50
