"""Decide: each finding has its outcome once; people say yes or no; nothing is decided twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.decision import DecisionState, Exemption
from habeas.core.decision.decisions import Declare, Emergency
from habeas.core.decision.proposals import PassReason
from habeas.core.errors import IllegalMove, InvalidInput, NotFound
from habeas.core.policy import Measure
from habeas.flows.decision.decide import approve, decide, declare, refuse
from habeas.store import decisions, findings, rows
from habeas.store.accounts import account
from habeas.store.changes import Account, AccountChange
from habeas.store.commits import commit
from tests.flows.deciding import DECIDED_US, DORA, EMIL, decided_shop, force, strict_policy
from tests.flows.policy.running import following
from tests.flows.shop import DAY_US, Shop

# Of `tmp_path`, the SQLite of `database` takes `.habeas` too: as in a working folder.


def shop_in(tmp_path: Path, **more: object) -> Shop:
    return decided_shop(tmp_path, **more)  # type: ignore[arg-type]


def only(read: Account) -> str:
    (name,) = read.decisions
    return name


def test_each_finding_leads_to_a_decision_once(store: Database, tmp_path: Path) -> None:
    shop = shop_in(tmp_path)
    report = decide(shop.folder, DECIDED_US)
    assert (report.findings, report.decisions, report.approved) == (3, 3, 3)
    again = decide(shop.folder, DECIDED_US + 1)
    assert (again.decisions, again.known, again.passed) == (0, 3, {})
    read = account("account 1")
    made = read.decisions[only(read)]
    assert (made.measure, made.state) == (Measure.WARN, DecisionState.APPROVED)
    assert made.approvers[0].name == "many-returns 1"
    assert not made.approvers[0].person
    assert made.reason.events == {"1 order", "1 0", "1 1", "1 2"}
    assert rows.select("SELECT hash, text FROM habeas_policytext") == [
        (made.reason.text_hash, strict_policy())
    ]
    assert findings.finding(made.reason.finding).account == "account 1"
    assert len(decisions.untold()) == 3


def test_what_asks_for_a_person_waits_in_the_queue(store: Database, tmp_path: Path) -> None:
    shop = shop_in(tmp_path, first="suspend")
    assert decide(shop.folder, DECIDED_US).approved == 0
    names = [one.decision for one in decisions.waiting()]
    assert len(names) == 3
    assert approve(names[0], DORA, DECIDED_US).state is DecisionState.APPROVED
    assert refuse(names[1], DORA, "a family of four", DECIDED_US).state is DecisionState.REFUSED
    assert [one.decision for one in decisions.waiting()] == names[2:]
    with pytest.raises(IllegalMove, match="it is approved once"):
        approve(names[0], EMIL, DECIDED_US)
    with pytest.raises(IllegalMove, match="it gives no reason"):
        refuse(names[2], DORA, " ", DECIDED_US)
    with pytest.raises(NotFound, match="there is no decision d9"):
        approve("d9", DORA, DECIDED_US)


def test_a_shadow_is_recorded_and_looked_at_again(store: Database, tmp_path: Path) -> None:
    shop = shop_in(tmp_path, mode="shadow")
    report = decide(shop.folder, DECIDED_US)
    assert (report.decisions, report.passed) == (0, {"shadow": 3})
    again = decide(shop.folder, DECIDED_US)
    assert (again.decisions, again.passed, again.known) == (0, {}, 3)
    force(shop, "enforce")
    report = decide(shop.folder, DECIDED_US)
    assert (report.decisions, report.known) == (3, 0)


def test_a_canary_decides_for_its_share(store: Database, tmp_path: Path) -> None:
    shop = shop_in(tmp_path, accounts=40, mode="canary:50")
    report = decide(shop.folder, DECIDED_US)
    assert report.decisions + report.passed["not_in_canary"] == 40
    assert 5 < report.decisions < 35


def test_an_exemption_is_no_decision(store: Database, tmp_path: Path) -> None:
    exempt = Exemption("account 1", None, "a ruling")
    commit([AccountChange.of(account("account 1"), DECIDED_US).exempted(exempt)])
    shop = shop_in(tmp_path)
    report = decide(shop.folder, DECIDED_US)
    assert (report.decisions, report.passed) == (2, {PassReason.EXEMPT: 1})
    assert decide(shop.folder, DECIDED_US).known == 3


def test_findings_of_a_live_run_lead_to_the_same(store: Database, tmp_path: Path) -> None:
    shop = shop_in(tmp_path)
    following(shop)
    report = decide(shop.folder, DECIDED_US, tmp_path / "log" / "findings.ndjson")
    assert (report.findings, report.decisions) == (3, 3)
    assert decide(shop.folder, DECIDED_US).known == 3


def test_findings_of_another_version_are_left_alone(store: Database, tmp_path: Path) -> None:
    shop = shop_in(tmp_path)
    following(shop)
    shop.put(strict_policy(version=2).replace("returns >= 3", "returns > 2"))
    force(shop)
    report = decide(shop.folder, DECIDED_US, tmp_path / "log" / "findings.ndjson")
    assert (report.findings, report.others, report.decisions) == (3, 3, 0)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("f.ndjson", b"{}\n", "line 1 of .* is no finding"),
        ("f.ndjson", b"[1]\n", "line 1 of .* is no finding"),
        ("f.ndjson", b"\xff\n", "line 1 of .* is no finding"),
        ("f.parquet", b"no", "is no whole Parquet file"),
    ],
)
def test_bad_findings_are_refused(
    store: Database, tmp_path: Path, name: str, text: bytes, said: str
) -> None:
    shop = shop_in(tmp_path)
    with pytest.raises(InvalidInput, match=said):
        decide(shop.folder, DECIDED_US, shop.write(name, text))
    assert rows.select("SELECT count(*) FROM habeas_commit") == [(0,)]


def test_a_line_that_is_being_written_is_left_for_later(store: Database, tmp_path: Path) -> None:
    shop = shop_in(tmp_path)
    following(shop)
    whole = (tmp_path / "log" / "findings.ndjson").read_bytes()
    torn = shop.write("torn.ndjson", whole[:-9])
    assert decide(shop.folder, DECIDED_US, torn).decisions == 2
    assert decide(shop.folder, DECIDED_US, shop.write("torn.ndjson", whole)).decisions == 1


def test_nothing_is_decided_without_a_plan_in_force(store: Database, tmp_path: Path) -> None:
    shop = shop_in(tmp_path)
    (shop.folder.root / "applied.ndjson").unlink()
    with pytest.raises(NotFound, match="no policy is in force"):
        decide(shop.folder, DECIDED_US)


def test_a_person_declares_an_emergency(store: Database, tmp_path: Path) -> None:
    shop = shop_in(tmp_path)
    decide(shop.folder, DECIDED_US)
    read = account("account 0")
    finding = read.decisions[only(read)].reason.finding
    why = "a stolen card is in use"
    made = declare(finding, "3", DORA, why, shop.folder, DECIDED_US + 5)
    assert (made.state, made.measure) == (DecisionState.IN_FORCE, Measure.SUSPEND)
    assert made.emergency == Emergency(why, DORA, DECIDED_US + 5)
    read = account("account 0")
    assert read.standing(DECIDED_US + 5).suspended
    assert not read.standing(DECIDED_US + DAY_US + 5).suspended
    with pytest.raises(IllegalMove, match="another person"):
        approve(made.id, DORA, DECIDED_US + 6)
    with pytest.raises(IllegalMove, match="no ground for an emergency: known"):
        declare(finding, "3", DORA, why, shop.folder, DECIDED_US + 7)
    with pytest.raises(InvalidInput, match="there is no step 4"):
        declare(finding, "4", DORA, why, shop.folder, DECIDED_US + 7)
    with pytest.raises(NotFound, match="no finding f9 is recorded"):
        declare("f9", "3", DORA, why, shop.folder, DECIDED_US + 7)


def test_an_emergency_by_another_version_is_refused(store: Database, tmp_path: Path) -> None:
    shop = shop_in(tmp_path)
    decide(shop.folder, DECIDED_US)
    read = account("account 0")
    finding = read.decisions[only(read)].reason.finding
    shop.put(strict_policy(version=2).replace("returns >= 3", "returns > 2"))
    force(shop)
    with pytest.raises(InvalidInput, match="version 1, not in force here"):
        declare(finding, "3", DORA, "now", shop.folder, DECIDED_US)


def test_an_emergency_settles_in_its_commit(store: Database, tmp_path: Path) -> None:
    shop = shop_in(tmp_path)
    decide(shop.folder, DECIDED_US)
    read = account("account 0")
    declare(read.decisions[only(read)].reason.finding, "3", DORA, "now", shop.folder, DECIDED_US)
    kinds = [kind for (kind,) in rows.select("SELECT kind FROM habeas_decisionmove ORDER BY leaf")]
    assert kinds[-1] == Declare.__name__
    assert len(account("account 0").custody.recorded) == 1
