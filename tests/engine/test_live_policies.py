"""Policies that change between two runs on one log: which judges what, and from where."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from habeas.core.policy import Finding, Policy
from habeas.engine.live import Live
from habeas.engine.log import Log
from tests.engine.making import DAY, SCHEMA, START, event, policy_text
from tests.engine.test_live import (
    LOW,
    SAME_FACTS,
    WAVES,
    desk,
    judged_from,
    named,
    one_replay,
    policies_of,
)


def brief(found: Sequence[Finding]) -> list[tuple[int, str, int, str]]:
    return [(f.sequence, f.policy, f.index, f.outcome[:8]) for f in found]


OLD, NEW = policies_of(LOW), policies_of(named("made", SAME_FACTS, 2))


@pytest.mark.parametrize("snapshot", [False, True])
def test_a_changed_policy_judges_from_there_on(snapshot: bool) -> None:
    with desk(OLD) as here:
        here.take(WAVES[:20])
        here.again(NEW, snapshot)
        here.take(WAVES[20:])
        before = [f for f in one_replay(OLD, WAVES) if f.sequence < 20]
        assert here.kept == before + judged_from(NEW, WAVES, 20)
        assert {f.version for f in here.kept if f.sequence >= 20} == {2}
        # its accounts start at the foot of the ladder, and its facts know all history
        assert next(f for f in here.kept if f.sequence >= 20).index == 0


@pytest.mark.parametrize("snapshot", [False, True])
def test_an_unchanged_policy_goes_on_where_it_was_beside_one_that_changes(snapshot: bool) -> None:
    steady = named("steady", policy_text({"n": {"count": "login"}}, "n >= 3", None, ["24h"]))
    whole = one_replay(policies_of(steady), WAVES)
    with desk(policies_of(LOW, steady)) as here:
        here.take(WAVES[:20])
        here.again(policies_of(named("made", SAME_FACTS, 2), steady), snapshot)
        here.take(WAVES[20:])
        assert [f for f in here.kept if f.policy == "steady"] == whole
        assert {f.index for f in whole} == {0, 1}


@pytest.mark.parametrize("snapshot", [False, True])
def test_a_new_version_that_decides_alike_goes_on_where_it_was(snapshot: bool) -> None:
    """Another title or number of the version changes nothing in who is found."""
    with desk(OLD) as here:
        here.take(WAVES[:20])
        here.again(policies_of(named("made", LOW, 2)), snapshot)
        here.take(WAVES[20:])
        assert brief(here.kept) == brief(one_replay(OLD, WAVES))
        assert [f.version for f in here.kept] == [1 if f.sequence < 20 else 2 for f in here.kept]


@pytest.mark.parametrize("snapshot", [False, True])
@pytest.mark.parametrize("events_between", [0, 5])
def test_a_policy_that_was_away_starts_again(snapshot: bool, events_between: int) -> None:
    back = 20 + events_between
    with desk(OLD) as here:
        here.take(WAVES[:20])
        here.again([], snapshot)
        here.take(WAVES[20:back])
        here.again(OLD, snapshot)
        here.take(WAVES[back:])
        before = [f for f in one_replay(OLD, WAVES) if f.sequence < 20]
        assert here.kept == before + judged_from(OLD, WAVES, back)


@pytest.mark.parametrize("snapshot", [False, True])
def test_a_policy_that_came_back_goes_on_from_there_in_later_runs(snapshot: bool) -> None:
    runs = [(OLD, 8), (NEW, 16), (OLD, 24), (OLD, 33), (OLD, 60)]
    with desk(runs[0][0]) as here:
        start = 0
        for policies, end in runs:
            here.again(policies, snapshot)
            here.take(WAVES[start:end])
            start = end
        before = [f for f in one_replay(OLD, WAVES) if f.sequence < 8]
        between = [f for f in judged_from(NEW, WAVES, 8) if f.sequence < 16]
        assert here.kept == before + between + judged_from(OLD, WAVES, 16)


def test_two_policies_that_decide_alike_keep_places_of_their_own() -> None:
    """A copy under another name, put in force later, stands elsewhere on the ladder."""
    twin = named("twin", LOW)
    with desk(policies_of(LOW)) as here:
        here.take(WAVES[:20])
        here.again(policies_of(LOW, twin), snapshot=True)
        here.take(WAVES[20:25])
        here.again(snapshot=True)
        here.take(WAVES[25:])
        assert [f for f in here.kept if f.policy == "made"] == one_replay(OLD, WAVES)
        assert [f for f in here.kept if f.policy == "twin"] == judged_from(
            policies_of(twin), WAVES, 20
        )


@pytest.mark.parametrize("after", [OLD, NEW])
def test_events_that_a_crash_left_unjudged_are_judged_by_the_next_policies(
    after: list[Policy],
) -> None:
    """No event is passed over: what was not acknowledged is judged by those in force now."""
    with desk(OLD) as here:
        here.take(WAVES[:20])
        here.take(WAVES[20:30], lost=True)
        here.again(after)
        here.take(WAVES[30:])
        here.again()
        before = [f for f in one_replay(OLD, WAVES) if f.sequence < 20]
        then = judged_from(NEW, WAVES, 20) if after is NEW else one_replay(OLD, WAVES)
        assert here.kept == before + [f for f in then if f.sequence >= 20]


def test_a_start_that_was_lost_before_it_judged_is_made_again() -> None:
    """The log knows the new policies; nothing they found was acknowledged."""
    with desk(OLD) as here:
        here.take(WAVES[:20])
        here.take(WAVES[20:30], lost=True)
        here.log.close()
        log = Log(here.folder, SCHEMA)
        assert Live(log, NEW).start() == [
            f for f in judged_from(NEW, WAVES[:30], 20) if f.sequence >= 20
        ]
        log.close()
        here.start(NEW)
        here.take(WAVES[30:])
        before = [f for f in one_replay(OLD, WAVES) if f.sequence < 20]
        assert here.kept == before + judged_from(NEW, WAVES, 20)


@pytest.mark.parametrize("snapshot", [False, True])
def test_texts_that_come_first_in_a_later_run(snapshot: bool) -> None:
    """Accounts, devices and cities that no run before has seen, and words of conditions that no
    event has said yet."""
    declared = {
        "town": {"last": "city"},
        "sharing": {"distinct": "account", "by": "device"},
        "cities": {"distinct": "city", "where": "city <> 'Nice'"},
    }
    one = policies_of(
        policy_text(declared, "town = 'Lyon' or sharing > 1 or cities > 2", "town in ('Metz')")
    )
    cities = ["Lyon", "Paris", "Nice", "Metz", "Brest", None]
    made = [
        event(
            i, START + i * DAY, f"a{i // 4}", "login",
            device=f"d{i // 7}", **({"city": city} if city else {}),
        )
        for i, city in enumerate(cities * 6)
    ]  # fmt: skip
    with desk(one) as here:
        for start in range(0, len(made), 5):
            here.take(made[start : start + 5])
            here.again(snapshot=snapshot)
        assert here.kept == one_replay(one, made)
        assert len(here.kept) > 10
