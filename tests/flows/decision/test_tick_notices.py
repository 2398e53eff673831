"""Tick: a measure waits for its notice, and what waits is counted on every page of what is due."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.brake import BrakeState, Closing
from habeas.core.decision import DecisionState
from habeas.flows.decision.tick import tick
from habeas.flows.letter.notify import hand_over
from habeas.store import brakes, decisions
from habeas.store.accounts import account
from habeas.store.brakes import Answered
from habeas.store.commits import commit
from tests.core.appeal.casework import DAY, DORA
from tests.flows.deciding import DECIDED_US
from tests.flows.letter.telling import reach, told_shop


def only(name: str) -> str:
    (one,) = account(name).decisions
    return one


def state(name: str) -> DecisionState:
    return account(name).decision(only(name)).state


def test_the_period_runs_from_when_the_mail_went(store: Database, tmp_path: Path) -> None:
    told = told_shop(tmp_path, accounts=1)
    reach("account 0")
    told.notify()
    period_us = account("account 0").decision(only("account 0")).period_us
    due_us = DECIDED_US + period_us
    assert (tick(due_us).moves, tick(due_us).held) == ({}, 1), "it has not gone"
    told.now_us = DECIDED_US + 2 * DAY
    assert told.deliver().sent == 1
    for now_us in (due_us, told.now_us + period_us - 1):
        assert (tick(now_us).moves, tick(now_us).held) == ({}, 1), "it went two days later"
    done = tick(told.now_us + period_us)
    assert (done.moves, done.held, state("account 0")) == (
        {"TakeForce": 1}, 0, DecisionState.IN_FORCE,
    )  # fmt: skip


def test_what_is_held_is_counted_on_each_page(
    store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = told_shop(tmp_path, accounts=5)
    for number in range(5):
        told.now_us = DECIDED_US + number
        hand_over(told.teller(), only(f"account {number}"), "en", DORA, "by post")
    found, pages = decisions.due, []

    def paged(now_us: int, after: tuple[int, str]) -> list[decisions.ListedDecision]:
        pages.append(list(found(now_us, after, limit=2)))
        return pages[-1]

    monkeypatch.setattr(decisions, "due", paged)
    first = account("account 0").decision(only("account 0"))
    forced_us = DECIDED_US + first.period_us + 2
    done = tick(forced_us)
    assert (done.moves, done.held, [len(page) for page in pages]) == (
        {"TakeForce": 3},
        0,
        [2, 1, 0],
    )
    pages.clear()
    closing = Closing(forced_us, 1.0, ())
    kept = brakes.brake(first.policy)
    shut = Answered(
        first.policy, BrakeState(closing=closing), kept.version, kept.number, (closing,)
    )
    commit([], brakes=[shut])
    done = tick(forced_us + 30 * DAY)
    assert (done.moves, done.held, [len(page) for page in pages]) == ({"End": 3}, 2, [2, 2, 1, 0])
