"""Feeds are listened to for good: each bin once, a burst opens one wave, and a fault loses
nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.errors import Changed
from habeas.core.letter.delivery import STAFF
from habeas.core.signal.feeds import Calm, FeedState, Rise
from habeas.core.times import iso
from habeas.flows.signal import listen
from habeas.store import feeds, outbox, rows
from tests.flows.signal.listening import (
    DAY,
    FIVE,
    HOUR,
    MINUTE,
    START_US,
    STORM_US,
    Listening,
    listening,
    post,
)

FIRST_US = START_US + 4 * DAY  # when it is listened for the first time


@pytest.fixture
def ears(store: Database, tmp_path: Path) -> Iterator[Listening]:
    with listening(tmp_path) as made:
        yield made


def counts(name: str = "posts") -> list[tuple[int | None, float | None]]:
    return [(row.time_us, row.value) for row in feeds.counts(name, 0, 2**60)]


def told() -> list[str]:
    return [c.message.key for c in outbox.claim(2**60) if c.message.channel == STAFF]


def test_a_first_read_learns_from_what_is_there(ears: Listening) -> None:
    found = ears.at(FIRST_US + 7 * MINUTE)
    assert found["posts"].bins == 4 * 288 + 1
    assert found["posts"].until_us == FIRST_US + FIVE
    assert found["contacts"].bins == 24  # to the end of the last row, and no further
    values = [value for _, value in counts("contacts")]
    assert values[:9] == [5, 6, 7, 5, 6, 7, 5, None, 7]
    assert told() == []


def test_each_bin_is_counted_once_when_it_is_over(ears: Listening) -> None:
    ears.at(FIRST_US)
    assert ears.at(FIRST_US + FIVE - 1)["posts"].bins == 0
    assert ears.at(FIRST_US + 3 * FIVE)["posts"].bins == 3
    assert ears.at(FIRST_US + 3 * FIVE)["posts"].bins == 0
    assert "posts" not in ears.at(FIRST_US + 3 * FIVE, due=True)
    assert "posts" in ears.at(FIRST_US + 4 * FIVE, due=True)
    times = [time for time, _ in counts()]
    assert times == [START_US + n * FIVE for n in range(4 * 288 + 4)]


def test_a_storm_opens_one_wave_that_staff_are_told_of_once(ears: Listening) -> None:
    ears.at(FIRST_US)
    assert ears.at(STORM_US)["posts"].opened == []
    assert ears.at(STORM_US + FIVE)["posts"].opened == ["signal:posts.1"]
    for n in range(2, 9):
        assert ears.at(STORM_US + n * FIVE)["posts"].opened == []
    (rise,) = ears.rises()
    assert (rise.time_us, rise.burst.start_us) == (STORM_US + FIVE, STORM_US)
    assert rise.burst.samples == ()
    known = feeds.feed("posts").known
    assert known is not None
    assert known.burst is not None
    assert "My account closed overnight [name]" in known.burst.samples
    assert told() == ["wave signal:posts.1"]
    assert ears.at(STORM_US + 8 * HOUR)["posts"].over == 1
    _, calm = feeds.swings("posts")
    assert isinstance(calm, Calm)
    assert (calm.burst.peak, calm.burst.start_us) == (pytest.approx(45, abs=15), STORM_US)
    assert told() == []


def test_what_ended_long_before_is_history(ears: Listening) -> None:
    ears.at(STORM_US + 30 * MINUTE + 7 * HOUR)
    assert ears.rises() == []
    assert told() == []


def test_what_is_still_going_on_opens_a_wave_at_once(ears: Listening) -> None:
    assert ears.at(STORM_US + 3 * HOUR)["posts"].opened == ["signal:posts.1"]


def test_a_wave_that_was_slept_through_is_told_all_the_same(ears: Listening) -> None:
    ears.at(FIRST_US)
    found = ears.at(START_US + 7 * DAY)["posts"]
    assert (found.opened, found.over) == (["signal:posts.1"], 1)
    assert [type(swing) for swing in feeds.swings("posts")] == [Rise, Calm]


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (503, b"", "answers 503"),
        (200, b"<html>\n<p>down for repairs\n", "has no post: is not JSON"),
        (200, b'{"error": "slow down"}\n', "have no column `id`"),
    ],
)
def test_a_feed_that_is_down_stops_no_other_and_loses_nothing(
    ears: Listening, status: int, body: bytes, said: str
) -> None:
    ears.at(FIRST_US)
    whole, ears.posts = ears.posts, [(0, body)]
    ears.answer.status = status
    found = ears.at(FIRST_US + HOUR)
    assert found["posts"].error is not None
    assert said in found["posts"].error.message
    assert found["contacts"].error is None
    ears.posts, ears.answer.status = whole, 200
    assert ears.at(FIRST_US + 2 * HOUR)["posts"].bins == 24
    values = [value for time, value in counts() if time and time >= FIRST_US]
    assert sum(value or 0 for value in values) > 0


def test_half_an_answer_counts_nothing(ears: Listening) -> None:
    ears.answer.announced = 10**9
    error = ears.at(FIRST_US)["posts"].error
    assert error is not None
    assert "broke off" in error.message
    assert counts() == []


def test_what_comes_too_late_is_told_once(ears: Listening) -> None:
    ears.at(FIRST_US)
    late = FIRST_US - 2 * HOUR
    ears.posts = [*ears.posts, *((late, post(f"late {n}", late)) for n in range(3))]
    found = ears.at(FIRST_US + FIVE)["posts"]
    assert (found.bins, found.late) == (1, 3)
    assert ears.at(FIRST_US + 2 * FIVE)["posts"].late == 0
    ears.posts = [*ears.posts, (late, post("later", late))]
    assert ears.at(FIRST_US + 2 * FIVE)["posts"].late == 1


def test_a_post_from_the_future_or_from_the_stone_age_moves_nothing(ears: Listening) -> None:
    odd = [(0, post("old", 0)), (0, post("new", START_US + 400 * DAY))]
    ears.posts = [*odd, *ears.posts]
    assert ears.at(FIRST_US)["posts"].bins == 4 * 288
    assert ears.at(FIRST_US + FIVE)["posts"].bins == 1


def test_a_post_and_its_repost_count_once_whichever_is_told_first(ears: Listening) -> None:
    start = FIRST_US + 1
    ears.at(FIRST_US)
    repost = post("b", start + FIVE).replace(b'"id"', b'"original": "a", "id"')
    ears.posts = [(start + FIVE, repost), (start, post("a", start))]
    assert ears.at(FIRST_US + 2 * FIVE)["posts"].bins == 2
    assert [value for _, value in counts()][-2:] == [1, 0]


def test_the_bins_of_a_feed_are_for_good(ears: Listening) -> None:
    ears.at(FIRST_US)
    path = ears.root / "signals.yaml"
    path.write_text(path.read_text().replace("keywords.yaml}", "keywords.yaml, every: 10m}"))
    error = ears.at(FIRST_US + HOUR)["posts"].error
    assert error is not None
    assert "is counted in other bins already" in error.message


def test_counts_without_a_time_are_refused(ears: Listening) -> None:
    (ears.root / "contacts.csv").write_text(f"timestamp,value\n{iso(START_US)},1\n,2\n")
    error = ears.at(FIRST_US)["contacts"].error
    assert error is not None
    assert "a row without a time" in error.message


def test_two_listeners_count_once(ears: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one counts between our reading and our commit: then ours is decided anew."""
    ears.at(FIRST_US)
    real, others = feeds.commit, iter([True])

    def meanwhile(made: feeds.FeedUpdate, now_us: int) -> None:
        if next(others, False):
            listen.listen(ears.feeds, now_us, lambda _: None)
        real(made, now_us)

    monkeypatch.setattr(feeds, "commit", meanwhile)
    assert ears.at(STORM_US + HOUR)["posts"].opened == []
    assert len(ears.rises()) == 1
    assert told() == ["wave signal:posts.1"]


def test_a_feed_as_it_no_longer_is_is_refused(store: Database) -> None:
    made = feeds.FeedUpdate(feeds.StoredFeed("posts"), FeedState(0, FIVE))
    feeds.commit(made, 0)
    with pytest.raises(Changed, match="the feed 'posts' was counted by another meanwhile"):
        feeds.commit(made, 0)
    assert rows.select("SELECT version FROM habeas_feed") == [(1,)]
