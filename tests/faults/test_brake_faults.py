"""Fault table of the brake. Telling is broken before each of its statements in turn, and the same
is run again; two workers tell at the same time.

| broken step                        | what is persisted       | what recovery does               |
|------------------------------------|-------------------------|----------------------------------|
| a read, a write of accounts, moves | all batches before      | the batch again; asked once      |
| the write of the brake, its move   | all batches before      | the batch again; closes once     |
| the outbox row for staff           | all batches before      | the batch again; told once       |
| after the end of a transaction     | batch, brake and message| the brake is closed; holds       |
| another worker asked meanwhile     | what the other recorded | all is decided anew on its brake |
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from habeas.config import Database
from habeas.core.brake import Brake, Closing
from habeas.core.brake.brakes import BrakeInquiry
from habeas.core.errors import Changed
from habeas.flows import work
from habeas.flows.brake.gate import BrakeGround, Gate
from habeas.store import brakes, rows
from habeas.store.accounts import account
from habeas.store.brakes import Answered
from habeas.store.commits import commit
from tests.faults.test_store_faults import Broken, breaking
from tests.flows.brake.braked import NAME, Braked, braked
from tests.flows.deciding import DECIDED_US


def check(shop: Braked) -> None:
    """Never more told than the brake lets through, and it knows of each of them."""
    told = shop.told()
    assert told == list(shop.names[: len(told)])
    assert len(told) <= 4
    kept = brakes.brake(NAME).state
    seen = next((w.count for w in kept.wealth if w.stream == ("*", "*")), 0) if kept else 0
    assert seen == len(told) + (kept is not None and kept.closing is not None)


def test_telling_broken_before_each_statement(
    store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = braked(tmp_path, ("DE",) * 7)
    monkeypatch.setattr(work, "TOGETHER", 2)
    step = 0
    while True:
        step += 1
        try:
            with breaking(step):
                shop.notify()
        except Broken:
            check(shop)
            continue
        break
    check(shop)
    assert step > 20
    assert shop.told() == list(shop.names[:4])
    turns = brakes.turns(NAME)
    assert [type(turn) for turn in turns] == [Closing]
    assert rows.select("SELECT count(*) FROM habeas_outbox WHERE channel = 'staff'") == [(1,)]


def test_what_was_not_committed_was_not_asked(store: Database, tmp_path: Path) -> None:
    shop = braked(tmp_path, ("DE",) * 6)
    (decision,) = account(shop.names[0]).decisions.values()
    for _ in range(9):  # as a batch does that is refused again and again
        gate = Gate(shop.shop.folder, DECIDED_US)
        gate.begin([decision])
        assert gate.lets(decision)
    assert shop.notify().told == {"measure": 4}


def test_two_workers_ask_one_brake(
    store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one asks between our reading and our commit, once: then we decide anew."""
    shop = braked(tmp_path, ("DE",) * 6)
    real, others = work.commit, iter([True])

    def meanwhile(*given: Any) -> None:
        if next(others, False):
            kept = brakes.brake(NAME)
            brake = Brake(BrakeGround.of(shop.shop.folder).terms(NAME), kept.state)
            for _ in range(3):
                brake.ask(BrakeInquiry(DECIDED_US, {"policy": f"{NAME}@1", "country": "DE"}))
            commit([], brakes=[Answered(NAME, brake.state(), kept.version, kept.number)])
        real(*given)

    monkeypatch.setattr(work, "commit", meanwhile)
    assert shop.notify().told == {"measure": 1}
    assert brakes.closed() == {NAME}


def test_a_brake_as_it_no_longer_is_is_refused(store: Database, tmp_path: Path) -> None:
    shop = braked(tmp_path, ("DE",) * 6)
    gate = Gate(shop.shop.folder, DECIDED_US)
    (decision,) = account(shop.names[5]).decisions.values()
    gate.begin([decision])
    assert not gate.holds(decision)
    shop.notify()
    with pytest.raises(Changed, match="a brake has changed since it was read"):
        commit([], brakes=gate.answered())
