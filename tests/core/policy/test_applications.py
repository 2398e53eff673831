"""Who puts a plan in force: one a shadow, two what decides (law 7)."""

from __future__ import annotations

import pytest

from habeas.core.errors import IllegalMove
from habeas.core.policy.applications import (
    Application,
    AppliedPolicy,
    ApplyMove,
    ApplyRequest,
    agreed,
    last,
    too_few,
)
from habeas.core.policy.plans import Mode

POLICIES = (AppliedPolicy("returns", 1, "o", "t"),)


def ask(
    moves: list[ApplyMove], by: str, mode: Mode = Mode.ENFORCE, plan: str = "a", alone: bool = False
) -> ApplyMove:
    made = agreed(moves, ApplyRequest(len(moves), by, plan), mode, POLICIES, alone=alone)
    moves.append(made)
    return made


@pytest.mark.parametrize("mode", [Mode.CANARY, Mode.ENFORCE])
def test_what_decides_takes_two(mode: Mode) -> None:
    moves: list[ApplyMove] = []
    assert ask(moves, "fay", mode) == ApplyRequest(0, "fay", "a")
    assert last(moves) is None
    with pytest.raises(IllegalMove, match="fay asked for this plan already"):
        ask(moves, "fay", mode)
    assert ask(moves, "gus", mode) == Application(1, ("fay", "gus"), "a", mode, POLICIES)
    assert last(moves) == moves[-1]
    assert list(too_few(moves)) == []


def test_a_shadow_takes_one() -> None:
    assert ask([], "fay", Mode.SHADOW) == Application(0, ("fay",), "a", Mode.SHADOW, POLICIES)


def test_a_team_of_one_says_so() -> None:
    moves: list[ApplyMove] = []
    made = ask(moves, "fay", alone=True)
    assert made == Application(0, ("fay",), "a", Mode.ENFORCE, POLICIES, alone=True)
    assert list(too_few(moves)) == []


def test_a_request_is_for_one_plan_and_ends_when_another_comes_in_force() -> None:
    moves: list[ApplyMove] = []
    ask(moves, "fay", plan="a")
    assert isinstance(ask(moves, "gus", plan="b"), ApplyRequest)
    ask(moves, "emil", plan="b")
    assert last(moves) == Application(2, ("gus", "emil"), "b", Mode.ENFORCE, POLICIES)
    assert isinstance(ask(moves, "gus", plan="a"), ApplyRequest)


def test_what_too_few_put_in_force_is_named() -> None:
    forged = Application(5, ("fay", "fay"), "a" * 64, Mode.CANARY, POLICIES)
    assert list(too_few([forged])) == ["plan aaaaaaaaaaaa was put in force by fay, fay"]
