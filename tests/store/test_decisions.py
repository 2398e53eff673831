"""The derived table: what it answers, and that births and moves make it again."""

from __future__ import annotations

from habeas.config import Database
from habeas.core.decision.decisions import Approve, Declare, Notify, TakeForce
from habeas.core.decision.proposals import PassedFinding, PassReason
from habeas.core.policy import Measure
from habeas.store import decisions, findings, models, rows
from habeas.store.accounts import account
from habeas.store.changes import AccountChange
from habeas.store.commits import commit
from tests.core.appeal.casework import DAY, DORA, EMIL, NOW, decision, finding
from tests.store.life import LATER, record_everything


def born(name: str, measure: Measure, *, us: int = NOW) -> AccountChange:
    return AccountChange.of(account(name), us).proposed(
        decision(measure, f"d {name}", account=name, proposed_us=us)
    )


def ids(found: list[decisions.ListedDecision]) -> list[str]:
    return [one.decision for one in found]


def test_what_waits_for_a_person_the_oldest_first(store: Database) -> None:
    commit([born("boris", Measure.CLOSE, us=NOW + 5)])
    commit([born("chen", Measure.CLOSE, us=NOW)])
    assert ids(decisions.waiting()) == ["d chen", "d boris"]
    commit([AccountChange.of(account("chen"), NOW).moved("d chen", Approve(NOW, DORA))])
    assert ids(decisions.waiting()) == ["d boris"]
    assert ids(decisions.untold()) == ["d chen"]
    assert ids(decisions.untold("d chen")) == []


def test_an_emergency_waits_for_its_review_and_its_notice_at_once(store: Database) -> None:
    declared = Declare(NOW, DORA, "a stolen card is in use")
    commit([born("boris", Measure.CLOSE).moved("d boris", declared)])
    assert ids(decisions.waiting()) == ids(decisions.untold()) == ["d boris"]
    commit([AccountChange.of(account("boris"), NOW).moved("d boris", Notify(NOW, "n1"))])
    assert (ids(decisions.waiting()), ids(decisions.untold())) == (["d boris"], [])
    commit([AccountChange.of(account("boris"), NOW).moved("d boris", Approve(NOW, EMIL))])
    assert decisions.waiting() == []


def test_what_is_due_in_the_order_of_time(store: Database) -> None:
    for i, name in enumerate(["dora", "chen", "boris"]):
        made = born(name, Measure.SUSPEND).moved(f"d {name}", Approve(NOW, DORA))
        commit([made.moved(f"d {name}", Notify(NOW + i, "n1"))])
    assert decisions.due(NOW + 14 * DAY - 1) == []
    found = decisions.due(NOW + 14 * DAY + 1)
    assert ids(found) == ["d dora", "d chen"]
    assert ids(decisions.due(NOW + 15 * DAY, limit=2)) == ["d dora", "d chen"]
    last = found[-1]
    assert ids(decisions.due(NOW + 15 * DAY, (last.due_us or 0, last.decision))) == ["d boris"]


def test_rebuilding_finds_and_mends_what_was_edited(store: Database) -> None:
    record_everything()
    commit([born("chen", Measure.LIMIT)])
    table = rows.name(models.DecisionNow)
    right = rows.select(f"SELECT * FROM {table} ORDER BY id")
    assert decisions.rebuild() == (2, 0)
    rows.execute_many(f"UPDATE {table} SET state = %s WHERE account = %s", [("ended", "boris")])
    rows.execute_many(f"DELETE FROM {table} WHERE account = %s", [("chen",)])
    assert decisions.rebuild() == (2, 2)
    assert rows.select(f"SELECT * FROM {table} ORDER BY id") == right


def test_a_row_without_its_decision_is_taken_away(store: Database) -> None:
    commit([born("chen", Measure.LIMIT)])
    row = decisions.now_row(decision(Measure.WARN, "made up"), 0)
    rows.upsert(models.DecisionNow, [row])
    assert decisions.rebuild() == (1, 1)
    assert ids(decisions.waiting()) == ["d chen"]


def test_the_outcome_of_findings(store: Database) -> None:
    change = AccountChange.of(account("boris"), NOW)
    for name in ("decided", "shadow", "exempt"):
        change = change.found(finding(name=name))
    for name, why in (("shadow", PassReason.SHADOW), ("exempt", PassReason.EXEMPT)):
        change = change.passes(PassedFinding(name, "boris", "returns-abuse", why))
    commit([change])
    known = findings.outcomes(["decided", "shadow", "exempt", "new"])
    assert known == {
        "decided": frozenset(), "shadow": {PassReason.SHADOW}, "exempt": {PassReason.EXEMPT},
    }  # fmt: skip
    over = [
        name for name in ("decided", "shadow", "exempt", "new") if findings.is_over(known.get(name))
    ]
    assert over == ["decided", "exempt"]
    assert findings.finding("shadow") == finding(name="shadow")


def test_forces_are_listed_as_they_are(store: Database) -> None:
    made = born("boris", Measure.SUSPEND).moved("d boris", Approve(NOW, DORA))
    commit([made.moved("d boris", Notify(NOW, "n1")).moved("d boris", TakeForce(LATER))])
    (listed,) = decisions.due(LATER + 30 * DAY)
    assert (listed.state, listed.measure, listed.due_us) == (
        "in_force", "suspend", LATER + 30 * DAY,
    )  # fmt: skip
