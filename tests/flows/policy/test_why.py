"""Why: the reasons of an account's findings, from a plan or computed afresh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from habeas.core.errors import InvalidInput, NotFound
from habeas.flows.policy.plan import PlanRequest, make_plan
from habeas.flows.policy.why import ReasonSource, reasons
from tests.flows.applying import agree
from tests.flows.shop import NOW_US, Shop, busy_shop, event, history, policy

KEYS = {
    "account", "policy", "version", "title", "clause", "date", "event", "step", "steps", "measure",
    "reviewed", "stayed", "facts", "conditions", "evidence", "changes",
}  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return busy_shop(tmp_path)


def planned(shop: Shop) -> str:
    return make_plan(PlanRequest(shop.policies, shop.events), shop.folder).hash


def why(shop: Shop, account: str, source: ReasonSource | None = None, lang: Any = "en") -> Any:
    return reasons(account, source or ReasonSource(), shop.folder, lang)


def test_a_finding_is_explained_with_clause_facts_conditions_evidence_and_changes(
    shop: Shop,
) -> None:
    planned(shop)
    (found,) = why(shop, "often")
    assert found.keys() >= KEYS
    assert found["clause"] == {
        "ref": "Terms 4.2",
        "text": "Do not send back most of what you buy.",
    }
    assert {f["fact"]: (f["value"], f["disclosed"]) for f in found["facts"]} == {
        "orders": (1, True),
        "returns": (3, True),
    }
    assert [c["holds"] for c in found["conditions"]] == [True, True, True]
    assert {n: list(ids) for n, ids in found["evidence"].items()} == {
        "returns": ["o2", "o3", "o4"],
        "orders": ["o1"],
    }
    assert "2 instead of 3" in found["changes"][0]["says"]


def test_reasons_are_the_same_from_the_plan_and_computed(shop: Shop) -> None:
    planned(shop)
    afresh = ReasonSource(policies=shop.policies, events=shop.events)
    for lang in ("en", "fr"):
        kept, made = why(shop, "often", lang=lang), why(shop, "often", afresh, lang)
        assert kept == made
    assert why(shop, "often", lang="fr")[0]["clause"]["text"] == "Gardez vos achats."


def test_findings_are_told_oldest_first(shop: Shop) -> None:
    shop.put(policy("first", when="orders > 0"), "z.yaml")
    planned(shop)
    assert [f["policy"] for f in why(shop, "often")] == ["first", "first", "many-returns"]


def test_an_account_without_findings_has_no_reasons(shop: Shop) -> None:
    planned(shop)
    afresh = ReasonSource(policies=shop.policies, events=shop.events)
    assert why(shop, "calm") == why(shop, "calm", afresh) == []


def test_an_account_that_no_event_names_is_not_found_and_the_nearest_is_named(shop: Shop) -> None:
    planned(shop)
    afresh = ReasonSource(policies=shop.policies, events=shop.events)
    for source in (None, afresh):
        with pytest.raises(NotFound, match="no event names the account 'oftn'") as caught:
            why(shop, "oftn", source)
        assert "did you mean `often`?" in caught.value.hint
        with pytest.raises(NotFound):
            why(shop, "FR", source)  # a text of the events, and no account


def test_without_a_plan_there_is_nothing_to_read_from(shop: Shop) -> None:
    with pytest.raises(NotFound, match="there is no plan in this working folder"):
        why(shop, "often")


def test_the_plan_in_force_is_read_before_a_later_one(shop: Shop) -> None:
    first = planned(shop)
    agree(first, shop.folder, NOW_US)
    shop.put(policy(version=2, when="orders >= 2"))
    second = planned(shop)
    assert [f["version"] for f in why(shop, "often")] == [1]
    assert why(shop, "calm") == []
    assert [f["version"] for f in why(shop, "calm", ReasonSource(plan=second[:10]))] == [2]


def test_without_a_plan_in_force_the_latest_is_read(shop: Shop) -> None:
    planned(shop)
    shop.put(policy(version=2, when="orders >= 2"))
    planned(shop)
    assert [f["version"] for f in why(shop, "calm")] == [2]


def test_a_plan_explains_itself_when_its_files_are_gone(shop: Shop) -> None:
    planned(shop)
    (expected,) = why(shop, "often")
    for path in (shop.policies / "many-returns.yaml", shop.schema, shop.events):
        path.unlink()
    assert why(shop, "often") == [expected]
    assert why(shop, "stranger") == []


@pytest.mark.parametrize("content", [None, b"", b"PAR1"])
def test_findings_that_were_lost_are_one_sentence(shop: Shop, content: bytes | None) -> None:
    path = shop.folder.frozen(planned(shop)).findings
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises((InvalidInput, NotFound), match="the findings of the plan") as caught:
        why(shop, "often")
    assert caught.value.hint


@pytest.mark.parametrize("name", ["[bold]", "--json", "a'b\"c", "x; y", "é\u2028", "' or 1=1 --"])
def test_an_account_may_have_any_name(shop: Shop, name: str) -> None:
    mine = [
        r | {"account": name, "id": f"n{r['id']}"} for r in history() if r["account"] == "often"
    ]
    shop.take_all([*history(), *mine, event("q", "other", "login", 300)])
    planned(shop)
    (found,) = why(shop, name)
    assert found["account"] == name
    assert [e for ids in found["evidence"].values() for e in ids] == ["no2", "no3", "no4", "no1"]
