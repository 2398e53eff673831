"""What is said of a brake while it is open, closed, half released, and closed again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.brake import Closing
from habeas.core.brake.terms import Basis
from habeas.core.decision import DecisionState
from habeas.core.errors import InvalidInput
from habeas.flows.brake.gate import Gate
from habeas.flows.brake.release import release, statuses
from habeas.store import brakes, rows
from habeas.store.accounts import account
from habeas.store.changes import AccountChange
from habeas.store.commits import commit
from tests.flows.brake.braked import HOUR, NAME, WHY, Braked, braked, releases
from tests.flows.deciding import DECIDED_US, DORA, EMIL


@pytest.fixture
def shop(store: Database, tmp_path: Path) -> Braked:
    return braked(tmp_path)


def waves() -> list[str]:
    sql = "SELECT key FROM habeas_outbox WHERE key LIKE 'wave %%' ORDER BY key"
    return [key for (key,) in rows.select(sql)]


def test_a_brake_that_nobody_asked_is_open_and_says_what_it_goes_by(shop: Braked) -> None:
    (status,) = statuses(shop.shop.folder, DECIDED_US)
    assert (status.policy, status.closing, status.wave, status.held) == (NAME, None, "", 0)
    assert (status.watched, status.cap, status.waits) == (("country",), 4, "")
    assert (status.released, status.basis, status.evidence >= 0) == ((), Basis.PLAN, True)
    assert status.promise == 365 * 86_400.0
    assert statuses(None, DECIDED_US) == []


def test_without_a_plan_it_says_what_was_learned_in_a_week(shop: Braked) -> None:
    shop.settings("floor: 0.1\npromise: 3650d\n")
    (shop.shop.folder.root / "applied.ndjson").unlink()
    gate = Gate(shop.shop.folder, DECIDED_US)
    one = next(iter(account("account 00").decisions.values()))
    gate.begin([one])
    assert gate.lets(one)
    commit([], brakes=gate.answered())
    (status,) = statuses(shop.shop.folder, DECIDED_US)
    assert status.basis is Basis.LEARNED
    assert status.expected == pytest.approx(1 / 168)
    assert status.cap == 20


def test_each_closing_is_a_wave_of_its_own_and_told_once(shop: Braked) -> None:
    shop.notify()
    (status,) = statuses(shop.shop.folder, DECIDED_US)
    assert (status.wave, waves()) == ("many-returns.1", ["wave many-returns.1"])
    assert status.closing == brakes.turns(NAME)[0]
    assert status.evidence == pytest.approx(status.closing.evidence, rel=0.01)
    shop.release("policy=many-returns@1")
    (status,) = statuses(shop.shop.folder, DECIDED_US + HOUR)
    part = (("policy", "many-returns@1"),)
    assert (status.released, status.wave) == (part, "many-returns.1"), "closed for all others"
    shop.at(1)
    assert waves() == ["wave many-returns.1"]


def test_what_is_asked_after_a_release_closes_it_again_as_the_next_wave(
    store: Database, tmp_path: Path
) -> None:
    shop = braked(tmp_path, ("DE",) * 6)
    shop.notify()
    shop.release(hours=1)
    late = {d.id: d for n in shop.names for d in account(n).decisions.values()}
    gate = Gate(shop.shop.folder, DECIDED_US + 2 * HOUR)
    newer = [replace(d, proposed_us=DECIDED_US + HOUR + 1) for d in late.values()]
    waiting = [replace(d, state=DecisionState.APPROVED) for d in newer]
    gate.begin(waiting)
    assert [gate.lets(d) for d in waiting] == [True] * 4 + [False] * 2
    assert gate.held == {d.id for d in waiting[4:]}
    (answer,) = gate.answered()
    (closing,) = answer.moves
    assert isinstance(closing, Closing)
    change = AccountChange.of(account("account 00"), DECIDED_US)
    (told,) = gate.alarmed([change])
    (message,) = told.messages
    assert (message.key, message.payload["wave"]) == ("wave many-returns.2", "many-returns.2")
    assert (message.payload["policy"], message.payload["why"]) == (NAME, str(closing))
    assert gate.alarmed([]) == []
    gate.begin(waiting)
    assert gate.held == set(), "what was asked before and not committed was not asked"
    assert gate.alarmed([change]) == [change]
    assert gate.lets(waiting[0])
    gate.begin([])
    assert gate.answered() == ()


def test_at_the_moment_of_a_release_it_waits_for_it_and_after_it_asks(shop: Braked) -> None:
    shop.notify()
    shop.release(hours=1, pace=1)
    released_us = releases()[0].time_us
    gate = Gate(shop.shop.folder, released_us)
    ones = [
        d
        for n in shop.names[4:]
        for d in account(n).decisions.values()
        if d.state is DecisionState.APPROVED
    ]
    then, after = (replace(ones[0], proposed_us=released_us + n) for n in (0, 1))
    gate.begin([then, *ones[1:]])
    assert gate.lets(then)
    assert gate.waits(ones[1])
    assert gate.passes_over(NAME, released_us)
    assert not gate.passes_over(NAME, released_us + 1)
    assert not gate.passes_over("other", released_us)
    gate.begin([after])
    assert not gate.waits(after)


def test_a_release_of_a_part_passes_nobody_over(store: Database, tmp_path: Path) -> None:
    shop = braked(tmp_path, ("FR",) * 10 + ("DE",) * 3, "caps: {country: 4}\n")
    shop.notify()
    shop.release("policy=many-returns@1", hours=1, pace=1)
    gate = Gate(shop.shop.folder, DECIDED_US + HOUR)
    ones = [d for n in shop.names[10:] for d in account(n).decisions.values()]
    gate.look()
    gate.begin(ones)
    assert [gate.lets(one) for one in ones] == [True, False, False]
    assert gate.waits(ones[1])
    assert not gate.passes_over(NAME, DECIDED_US), "another part may be released yet"


def test_events_of_the_operators_own_tell_the_segments(store: Database, tmp_path: Path) -> None:
    shop = braked(tmp_path, ("FR",) * 6, "caps: {country: 4}\nevents: elsewhere.parquet\n")
    shop.shop.events.rename(tmp_path / "elsewhere.parquet")
    gate = Gate(shop.shop.folder, DECIDED_US)
    assert gate.ground.events is not None
    assert gate.ground.events.name == "elsewhere.parquet"


def test_what_a_policy_found_tells_more_than_the_last_event(shop: Braked) -> None:
    gate = Gate(shop.shop.folder, DECIDED_US)
    (one,) = account("account 00").decisions.values()
    for told, country in (("NL", "NL"), (None, "DE")):
        made = replace(one, reason=replace(one.reason, values={"country": told, "other": "x"}))
        gate.begin([made])
        assert gate.attributes(made) == {"country": country, "policy": "many-returns@1"}


def test_a_release_as_json(shop: Braked) -> None:
    shop.notify()
    folder = shop.shop.folder
    first = release(NAME, DORA, WHY, folder, DECIDED_US + HOUR, pace=3)
    assert first.as_json() == {
        "policy": NAME, "open": False, "waits_for_second": True, "first": "dora", "segments": [],
        "per_hour": 3.0, "held": 12,
    }  # fmt: skip
    second = release(NAME, EMIL, WHY, folder, DECIDED_US + HOUR)
    told = second.as_json()
    assert (told["open"], told["waits_for_second"], told["first"]) == (True, False, "")
    assert (told["per_hour"], second.streams) == (3.0, ())
    assert brakes.brake(NAME).state is not None
    with pytest.raises(InvalidInput, match="a pace is a number"):
        release(NAME, DORA, WHY, folder, DECIDED_US + HOUR, pace=-1.0)
    with pytest.raises(InvalidInput, match="a pace is a number"):
        release(NAME, DORA, WHY, folder, DECIDED_US + HOUR, pace=float("inf"))


def test_segments_are_sorted_and_said_once(store: Database, tmp_path: Path) -> None:
    shop = braked(tmp_path, ("FR",) * 5 + ("DE",) * 3)
    shop.notify()
    done = shop.release("policy=many-returns@1", "country=FR", "country=FR")
    assert done.streams == (("country", "FR"), ("policy", "many-returns@1"))
    assert (done.open, statuses(shop.shop.folder, DECIDED_US)[0].released) == (False, done.streams)
