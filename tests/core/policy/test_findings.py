"""When a finding is made: the ladder is climbed one step at a time, never too soon (law 3), and
what is unknown changes nothing (law 9)."""

from __future__ import annotations

from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as st

from habeas.core.policy import Measure, Step
from habeas.core.policy.findings import NOWHERE, Position, UnknownCause, advance
from tests.core.samples import thorough

DAY = 86_400_000_000
Truths = list[tuple[bool | None, int]]  # what an event told, at the clock of its account
Found = list[tuple[int, int, UnknownCause]]  # the event, the step, the cause


def ladder_of(*days: int) -> tuple[Step, ...]:
    return tuple(Step(Measure.WARN, None, None, n * DAY, False) for n in days)


LADDERS = st.lists(st.integers(0, 5), min_size=1, max_size=5).map(lambda days: ladder_of(0, *days))
TRUTHS = st.lists(
    st.tuples(st.sampled_from([True, True, False, None]), st.integers(0, 4)), max_size=30
)


def timed(told: Truths) -> Truths:
    """Days between events as the clock at each."""
    clocks = accumulate(days for _, days in told)
    return [(truth, clock * DAY) for (truth, _), clock in zip(told, clocks, strict=True)]


def climbed(told: Truths, ladder: tuple[Step, ...]) -> tuple[list[Position], Found]:
    positions, found = [NOWHERE], []
    for event, (truth, clock) in enumerate(told):
        position, cause = advance(positions[-1], truth, clock, ladder)
        positions.append(position)
        if cause is not None:
            found.append((event, position.index, cause))
    return positions, found


@thorough
@given(TRUTHS, LADDERS)
def test_no_step_is_skipped_and_none_is_taken_without_a_finding(
    told: Truths, ladder: tuple[Step, ...]
) -> None:
    positions, found = climbed(timed(told), ladder)
    events = {event for event, _, _ in found}
    for event, (before, after) in enumerate(pairwise(positions)):
        assert after.index - before.index in (0, 1)
        assert after.index == before.index or event in events
        assert after.index < len(ladder)


@thorough
@given(TRUTHS, LADDERS)
def test_no_step_is_taken_before_its_time(told: Truths, ladder: tuple[Step, ...]) -> None:
    events = timed(told)
    positions, _ = climbed(events, ladder)
    taken = [(a, clock) for (b, a), (_, clock) in zip(pairwise(positions), events, strict=True)
             if a.index > b.index]  # fmt: skip
    for position, clock in taken:
        assert position.since_us == clock
    for (_, earlier), (after, later) in pairwise(taken):
        assert later - earlier >= ladder[after.index].after_us


@thorough
@given(TRUTHS, LADDERS)
def test_a_finding_is_made_at_each_rise_and_at_each_step(
    told: Truths, ladder: tuple[Step, ...]
) -> None:
    positions, found = climbed(timed(told), ladder)
    causes = {event: cause for event, _, cause in found}
    for event, ((before, after), (truth, _)) in enumerate(
        zip(pairwise(positions), told, strict=True)
    ):
        rises = truth is True and not before.holds
        stays = truth is True and before.holds and after.index > before.index
        wanted = UnknownCause.BECAME_TRUE if rises else UnknownCause.STAYED_TRUE if stays else None
        assert causes.get(event) == wanted
        assert after.holds is (before.holds if truth is None else truth)


@thorough
@given(TRUTHS, LADDERS)
def test_what_is_unknown_changes_nothing(told: Truths, ladder: tuple[Step, ...]) -> None:
    events = timed(told)
    positions, found = climbed(events, ladder)
    known = [event for event in events if event[0] is not None]
    kept = [i for i, (truth, _) in enumerate(events) if truth is not None]
    without, found_without = climbed(known, ladder)
    assert positions[-1] == without[-1]
    assert [(kept[event], step, cause) for event, step, cause in found_without] == found


@thorough
@given(st.lists(st.sampled_from([False, None])), LADDERS)
def test_without_a_truth_there_is_no_finding(
    told: list[bool | None], ladder: tuple[Step, ...]
) -> None:
    positions, found = climbed([(truth, 0) for truth in told], ladder)
    assert found == []
    assert set(positions) == {NOWHERE}


def test_the_ladder_of_the_example_is_climbed_in_order() -> None:
    ladder = ladder_of(0, 14, 30)
    told: Truths = [
        (True, 0), (True, 13 * DAY), (None, 14 * DAY), (True, 14 * DAY), (False, 20 * DAY),
        (True, 21 * DAY), (True, 43 * DAY), (True, 44 * DAY), (True, 400 * DAY), (False, 401 * DAY),
        (True, 402 * DAY),
    ]  # fmt: skip
    assert climbed(told, ladder)[1] == [
        (0, 0, UnknownCause.BECAME_TRUE),
        (3, 1, UnknownCause.STAYED_TRUE),
        (5, 1, UnknownCause.BECAME_TRUE),
        (7, 2, UnknownCause.STAYED_TRUE),
        (10, 2, UnknownCause.BECAME_TRUE),
    ]


def test_a_step_that_fell_due_while_false_is_taken_at_the_next_rise() -> None:
    ladder = ladder_of(0, 14)
    _, found = climbed([(True, 0), (False, DAY), (True, 15 * DAY)], ladder)
    assert found == [(0, 0, UnknownCause.BECAME_TRUE), (2, 1, UnknownCause.BECAME_TRUE)]


def test_two_steps_that_fell_due_together_are_taken_one_after_the_other() -> None:
    ladder = ladder_of(0, 1, 1)
    positions, _ = climbed([(True, 0), (True, 9 * DAY), (True, 9 * DAY), (True, 10 * DAY)], ladder)
    assert [p.index for p in positions] == [-1, 0, 1, 1, 2]
