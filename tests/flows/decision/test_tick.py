"""Tick: time alone, once; holdings and money in the same commit; a closed brake holds."""

from __future__ import annotations

from habeas.config import Database
from habeas.core.brake import BrakeState, Closing
from habeas.core.decision import DecisionState
from habeas.core.decision.decisions import Approve, Declare
from habeas.core.policy import Measure
from habeas.core.property.holdings import Balance
from habeas.core.property.ledger import balances, complaints
from habeas.flows.decision.standing import rebuild, standing_of
from habeas.flows.decision.tick import tick
from habeas.flows.property.holdings import report
from habeas.store import decisions, ledger
from habeas.store.accounts import account
from habeas.store.brakes import Answered
from habeas.store.changes import AccountChange
from habeas.store.commits import commit
from tests.core.appeal.casework import DAY, DORA, HOUR, NOW, decision
from tests.store.telling import by_hand

WALLET = Balance("wallet", "EUR", 20_00)


def noticed(name: str, measure: Measure = Measure.SUSPEND, us: int = NOW) -> None:
    report(name, [WALLET], us)
    made = decision(measure, f"d {name}", account=name, proposed_us=us)
    change = AccountChange.of(account(name), us).proposed(made)
    commit([by_hand(change.moved(made.id, Approve(us, DORA)), made.id, us)])


def state(name: str) -> DecisionState:
    return account(name).decisions[f"d {name}"].state


def wallet(name: str) -> tuple[int | None, int]:
    (one,) = account(name).custody.holdings
    assert isinstance(one, Balance)
    return one.free, one.held


def test_a_suspension_takes_force_and_ends_by_time_alone(store: Database) -> None:
    noticed("boris")
    before = balances(ledger.entries())
    assert tick(NOW + 14 * DAY - 1).moves == {}
    done = tick(NOW + 14 * DAY + HOUR)
    assert (done.moves, done.settlements) == ({"TakeForce": 1}, 1)
    assert (state("boris"), wallet("boris")) == (DecisionState.IN_FORCE, (0, 20_00))
    assert standing_of("boris", NOW + 15 * DAY).suspended
    assert tick(NOW + 14 * DAY + HOUR).moves == {}
    done = tick(NOW + 60 * DAY)
    assert (done.moves, done.settlements) == ({"End": 1}, 1)
    assert (state("boris"), wallet("boris")) == (DecisionState.ENDED, (20_00, 0))
    ended = account("boris").decisions["d boris"]
    assert ended.ended_us == NOW + 44 * DAY + HOUR
    assert balances(ledger.entries()) == before
    assert complaints(ledger.entries()) == []


def test_a_close_pays_out(store: Database) -> None:
    noticed("boris", Measure.CLOSE)
    tick(NOW + 14 * DAY)
    assert wallet("boris") == (0, 0)
    payouts = [(p.role, n) for (p, _), n in balances(ledger.entries()).items() if n > 0]
    assert payouts == [("payouts", 20_00)]


def test_an_emergency_without_review_lapses(store: Database) -> None:
    report("boris", [WALLET], NOW)
    made = decision(Measure.CLOSE, "d boris")
    declared = Declare(NOW, DORA, "a stolen card is in use")
    commit([AccountChange.of(account("boris"), NOW).proposed(made).moved("d boris", declared)])
    assert wallet("boris") == (0, 20_00)
    assert tick(NOW + DAY).moves == {"End": 1}
    assert wallet("boris") == (20_00, 0)


def test_a_closed_brake_holds_and_the_rest_goes_on(store: Database) -> None:
    noticed("boris")
    noticed("chen", Measure.WARN, NOW + 1)
    closing = Closing(NOW, 1.0, ())
    shut = BrakeState(closing=closing)
    commit([], brakes=[Answered("returns-abuse", shut, 0, 0, (closing,))])
    done = tick(NOW + 20 * DAY)
    assert (done.moves, done.held) == ({"TakeForce": 1}, 1)
    assert (state("boris"), state("chen")) == (DecisionState.NOTICED, DecisionState.IN_FORCE)
    commit([], brakes=[Answered("returns-abuse", BrakeState(), 1, 1)])
    assert tick(NOW + 20 * DAY).moves == {"TakeForce": 1}


def test_more_than_one_page_of_what_is_due(store: Database, monkeypatch: object) -> None:
    for i in range(7):
        noticed(f"account {i}", us=NOW + i % 3)
    found = decisions.due

    def paged(now_us: int, after: tuple[int, str]) -> list[object]:
        return list(found(now_us, after, limit=2))

    monkeypatch.setattr(decisions, "due", paged)
    assert tick(NOW + 20 * DAY).moves == {"TakeForce": 7}
    assert rebuild().wrong == 0


def test_a_report_that_says_nothing_new_records_nothing(store: Database) -> None:
    report("boris", [WALLET], NOW)
    version = account("boris").version
    report("boris", [WALLET], NOW + 1)
    assert account("boris").version == version
    report("boris", [], NOW + 2)
    assert balances(ledger.entries()) == {}


def test_standing_as_json_says_all(store: Database) -> None:
    noticed("boris")
    tick(NOW + 14 * DAY)
    told = standing_of("boris", NOW + 14 * DAY).as_json()
    assert told["suspended"] is True
    assert told["suspended_until_us"] == NOW + 44 * DAY
    assert told["rights"] == ["appeal", "export", "statement"]
    assert standing_of("nobody", NOW).as_json()["bindings"] == ()
