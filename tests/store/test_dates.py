"""The newest record, looked up by indexes; exceptions from the clock, and what may be one."""

from __future__ import annotations

import pytest

from habeas.config import Database, Postgresql
from habeas.core.brake import BrakeState, Closing
from habeas.core.decision.decisions import Reverse, TakeForce
from habeas.core.errors import Unavailable
from habeas.flows import clock
from habeas.flows.audit.verify import verify
from habeas.flows.staff import appoint
from habeas.ports.clock import now_us
from habeas.store import dates, rows
from habeas.store.accounts import account
from habeas.store.brakes import Answered
from habeas.store.changes import AccountChange
from habeas.store.commits import commit
from tests.cast import ADA
from tests.core.appeal.casework import DAY, EMIL, NOW
from tests.staffing import hire
from tests.store.lawful import LATER, STRICT_TEXTS, suspended, told
from tests.store.sealing import LOG, sealed

TIMES = "times are not before the seal before them"
NEXT_YEAR = NOW + 365 * DAY


def test_the_newest_record_of_any_sort(store: Database) -> None:
    assert dates.newest_us() is None
    hire(NOW)
    assert dates.newest_us() == NOW
    suspended("boris")
    assert dates.newest_us() == LATER
    closing = Closing(LATER + 7, 40.0, ())
    commit([], {}, [Answered("p", BrakeState(closing=closing), 0, 0, (closing,))])
    assert dates.newest_us() == LATER + 7
    sealed(LATER + 9)
    assert dates.newest_us() == LATER + 9
    appoint.add("new", "New", ADA.roles, ADA.id, LATER + 11)
    assert dates.newest_us() == LATER + 11


def test_no_seal_is_dated_before_the_one_before_it(store: Database) -> None:
    hire(NOW)
    sealed(NEXT_YEAR)
    suspended("boris")
    assert sealed(LATER).sealed
    assert [time_us for _, time_us in dates.seals()] == [NEXT_YEAR, NEXT_YEAR]


def test_it_is_looked_up_by_indexes(store: Database) -> None:
    if isinstance(store, Postgresql):  # which has so few rows here that it would read them all
        rows.select("SELECT set_config('enable_seqscan', 'off', false)")
        assert "Seq Scan on habeas" not in str(rows.select(f"EXPLAIN {dates.NEWEST}"))
        return
    plan = str(rows.select(f"EXPLAIN QUERY PLAN {dates.NEWEST}"))
    for name in ("commit", "brakemove", "reliefmove", "staffmove", "messagemove", "feedmove"):
        assert f"SEARCH habeas_{name} USING COVERING INDEX {name}_newest" in plan


def verified() -> tuple[list[str], str]:
    (found,) = (c for c in verify(LOG.verifier).checks if c.name == TIMES)
    return found.problems, found.skipped


def test_what_gives_back_is_an_exception_and_is_counted(store: Database) -> None:
    hire(NOW)
    suspended("boris")
    sealed(NEXT_YEAR)
    event = Reverse(LATER + DAY, (EMIL,), "a wrong clock")
    with clock.excepted(clock.doubted(LATER + DAY)):
        commit([AccountChange.of(account("boris"), event.time_us).moved("d boris", event)])
    assert verified() == ([], "commits that gave back under a wrong clock: 1")


def test_the_same_without_saying_so_is_named(store: Database) -> None:
    hire(NOW)
    suspended("boris")
    sealed(NEXT_YEAR)
    event = Reverse(LATER + DAY, (EMIL,), "a wrong clock")
    commit([AccountChange.of(account("boris"), event.time_us).moved("d boris", event)])
    assert verified() == (
        ["boris: commit 3 is dated before the seal that was there before it"], "",
    )  # fmt: skip


def test_what_takes_is_no_exception(store: Database) -> None:
    """Also where nothing else would be wrong with it."""
    hire(NOW)
    commit([told("boris")], STRICT_TEXTS)
    found = clock.doubted(NEXT_YEAR)
    assert found is not None
    with clock.excepted(found):
        commit([AccountChange.of(account("boris"), LATER).moved("d boris", TakeForce(LATER))])
    problem = "boris: commit 2 is an exception from the clock, and does not give back"
    assert verified() == ([problem], "commits that gave back under a wrong clock: 1")


def test_a_server_has_a_clock_of_its_own(store: Database) -> None:
    """An empty store accepts any clock; a server does not, whatever it has."""
    told_us = dates.server_us()
    if not isinstance(store, Postgresql):
        assert told_us is None
        clock.require(NOW)
        return
    assert told_us is not None
    assert abs(told_us - now_us()) < 60_000_000
    clock.require(now_us())
    with pytest.raises(Unavailable, match="that of the database server"):
        clock.require(NOW)
