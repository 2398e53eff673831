"""Posts are counted once, and what is kept of them tells of no one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.errors import InvalidInput
from habeas.core.signal import Post
from habeas.core.signal.keywords import Keywords
from habeas.core.signal.posts import MOST_BINS, SAMPLE_LENGTH, SAMPLES, Bin, Tally, without_persons
from habeas.core.times import UNITS

FIVE = 5 * UNITS["m"]
WORDS = Keywords(["account closed", "compte fermé"])


def tallied(*posts: Post) -> tuple[Tally, list[Bin]]:
    tally = Tally(WORDS, FIVE)
    for post in posts:
        tally.add(post)
    return tally, list(tally.bins())


def test_a_post_counts_once_in_its_bin() -> None:
    tally, bins = tallied(
        Post("1", 0, "account closed, compte fermé"),
        Post("2", FIVE - 1, "Account closed again"),
        Post("3", 3 * FIVE, "nothing to see"),
        Post("2", 3 * FIVE, "Account closed again"),
    )
    assert [(b.start_us, b.count) for b in bins] == [
        (0, 2),
        (FIVE, 0),
        (2 * FIVE, 0),
        (3 * FIVE, 0),
    ]
    assert bins[0].keywords == {"account closed": 2, "compte fermé": 1}
    assert (tally.read, tally.matched, tally.others, tally.repeated) == (4, 2, 1, 1)


def test_reposts_count_with_what_they_repeat_whichever_comes_first() -> None:
    text = "compte fermé"
    for posts in (
        [Post("a", 0, text), Post("b", 1, text, "a"), Post("c", 2, text, "a")],
        [Post("b", 1, text, "a"), Post("a", 0, text), Post("c", 2, text, "b")],
    ):
        tally, _ = tallied(*posts)
        assert (tally.matched, tally.repeated) == (1, 2)


def test_samples_are_few_and_differ() -> None:
    texts = ["account closed A", "account closed A", *(f"account closed {x}" for x in "bcdef")]
    _, bins = tallied(*(Post(str(n), n, text) for n, text in enumerate(texts)))
    assert bins[0].samples == ["account closed A", "account closed b", "account closed c"]
    assert len(bins[0].samples) == SAMPLES


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("@jane_doe my account closed", "[name] my account closed"),
        ("write to jane.doe+x@example.org now", "write to [e-mail] now"),
        ("see https://example.org/u/jane?x=1 now", "see [link] now"),
        ("call +33 6 12 34 56 78 or 4111-1111-1111-1111", "call [number] or [number]"),
        ("order 123-4567890-1234567", "order [number]"),
        ("since 3 days, 100 %", "since 3 days, 100 %"),
        ("two\n lines", "two lines"),
    ],
)
def test_what_tells_of_persons_is_taken_out(text: str, kept: str) -> None:
    assert without_persons(text) == kept


@given(st.text(st.characters(exclude_characters="zq")), st.text())
def test_no_address_is_ever_kept(before: str, after: str) -> None:
    kept = without_persons(f"{before} @zoqzoq zoq@example.org +99 12 34 56 {after}")
    assert "zoq" not in kept.split("[number]")[0]
    assert len(kept) <= SAMPLE_LENGTH


def test_an_address_is_not_kept_in_halves() -> None:
    assert "jane" not in without_persons("https://example.org/x " * 47 + "jane.doe@example.org")


def test_a_text_without_spaces_takes_no_time() -> None:
    assert len(without_persons("a" * 1_000_000)) <= SAMPLE_LENGTH


def test_times_that_lie_ages_apart_are_refused() -> None:
    tally, _ = tallied(Post("1", 0, "account closed"))
    tally.add(Post("2", MOST_BINS * FIVE, "account closed"))
    with pytest.raises(InvalidInput, match="the posts span 10 years, too long at 5m"):
        list(tally.bins())


def test_no_posts_are_no_bins() -> None:
    assert tallied()[1] == []
