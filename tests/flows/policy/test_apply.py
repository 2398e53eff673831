"""Apply puts a plan in force if nothing that it was made from has changed, and only once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from habeas.core.errors import Changed, NotFound
from habeas.core.policy.plans import Mode
from habeas.flows.policy.plan import PlanRequest, make_plan
from tests.flows.applying import agree
from tests.flows.shop import NOW_US, Shop, busy_shop, event, history, policy


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = busy_shop(tmp_path)
    shop.write("labels.csv", "account,label\noften,yes\n")
    return shop


def request(shop: Shop) -> PlanRequest:
    labels = shop.root / "labels.csv"
    return PlanRequest(shop.policies, shop.events, labels=labels, schema=shop.schema)


def planned(shop: Shop) -> str:
    return make_plan(request(shop), shop.folder).hash


def record(shop: Shop) -> bytes:
    path = shop.folder.root / "applied.ndjson"
    return path.read_bytes() if path.exists() else b""


def test_a_plan_is_put_in_force_with_its_texts(shop: Shop) -> None:
    shop.put(policy("other", version=7, when="orders > 0"), "other.yaml")
    name = planned(shop)
    outcome = agree(name[:8], shop.folder, NOW_US)
    assert (outcome.plan, outcome.mode, outcome.already) == (name, "shadow", False)
    assert {a.policy: a.version for a in outcome.policies} == {"many-returns": 1, "other": 7}
    assert shop.folder.in_force() == list(outcome.policies)
    for applied in outcome.policies:
        file = "many-returns.yaml" if applied.policy == "many-returns" else "other.yaml"
        text = (shop.policies / file).read_text(encoding="utf-8")
        assert shop.folder.text_of(applied.text_hash) == text
    (line,) = record(shop).splitlines()
    assert json.loads(line)["time_us"] == NOW_US


def test_applying_twice_is_applying_once(shop: Shop) -> None:
    name = planned(shop)
    agree(name, shop.folder, NOW_US)
    before = record(shop)
    shop.put("broken: [")  # what is in force stays in force, whatever the files say
    again = agree(name, shop.folder, NOW_US + 1)
    assert again.already
    assert [a.policy for a in again.policies] == ["many-returns"]
    assert record(shop) == before


def test_the_mode_of_the_plan_is_recorded(shop: Shop) -> None:
    made = make_plan(replace(request(shop), mode=Mode.CANARY, canary=5), shop.folder)
    assert agree(made.hash, shop.folder, NOW_US).mode == "canary"
    assert json.loads(record(shop))["mode"] == "canary"


def _another_text(shop: Shop) -> None:
    shop.put(policy() + "# a comment\n")


def _another_outcome(shop: Shop) -> None:
    shop.put(policy(version=2, when="orders > 0"))


def _another_policy(shop: Shop) -> None:
    shop.put(policy("other"), "other.yaml")


def _renamed_policy(shop: Shop) -> None:
    shop.put(policy("other"))


def _no_policy(shop: Shop) -> None:
    (shop.policies / "many-returns.yaml").unlink()


def _broken_policy(shop: Shop) -> None:
    shop.put("policy: [")


def _one_event_more(shop: Shop) -> None:
    shop.take_all([*history(), event("z", "calm", "login", 200)])


def _no_events(shop: Shop) -> None:
    shop.events.unlink()


def _another_schema(shop: Shop) -> None:
    text = shop.schema.read_text(encoding="utf-8")
    shop.write("events.yaml", text.replace("fr: commandes", "fr: achats"))


def _another_label(shop: Shop) -> None:
    shop.write("labels.csv", "account,label\noften,no\n")


def _no_labels(shop: Shop) -> None:
    (shop.root / "labels.csv").unlink()


def _another_in_force(shop: Shop) -> None:
    kept = (shop.policies / "many-returns.yaml").read_bytes()
    shop.put(policy(title="Other words"))
    agree(planned(shop), shop.folder, NOW_US)
    shop.write("policies/many-returns.yaml", kept)


def _a_newer_in_force(shop: Shop) -> None:
    shop.put(policy(version=5, when="orders > 0"))
    agree(planned(shop), shop.folder, NOW_US)
    shop.put(policy())


CHANGES: list[tuple[Callable[[Shop], None], str]] = [
    (_another_text, "the policy `many-returns` has changed since the plan was made"),
    (_another_outcome, "the policy `many-returns` has changed since the plan was made"),
    (_another_policy, "the policy `other` has changed since the plan was made"),
    (_renamed_policy, "the policy `many-returns` has changed since the plan was made"),
    (_no_policy, "an input of the plan is gone: there is no policy in"),
    (_broken_policy, "the policies are no longer those of the plan: .*many-returns.yaml:"),
    (_one_event_more, "the events file has changed since the plan was made"),
    (_no_events, "an input of the plan is gone: the events file"),
    (_another_schema, "the schema of the events has changed since the plan was made"),
    (_another_label, "the labels file has changed since the plan was made"),
    (_no_labels, "an input of the plan is gone: the input '.*labels.csv' does not exist"),
    (_another_in_force, "the set of policies in force has changed since the plan was made"),
    (_a_newer_in_force, "the policies are no longer those of the plan"),
]


@pytest.mark.parametrize(("change", "said"), CHANGES, ids=[c.__name__ for c, _ in CHANGES])
def test_a_plan_whose_ground_has_changed_is_refused(
    shop: Shop, change: Callable[[Shop], None], said: str
) -> None:
    name = planned(shop)
    change(shop)
    before = record(shop)
    with pytest.raises(Changed, match=said) as caught:
        agree(name, shop.folder, NOW_US)
    assert "habeas plan" in caught.value.hint
    assert record(shop) == before


def test_a_policy_taken_away_beside_another_is_a_change(shop: Shop) -> None:
    _another_policy(shop)
    name = planned(shop)
    (shop.policies / "other.yaml").unlink()
    with pytest.raises(Changed, match="the policy `other` has changed"):
        agree(name, shop.folder, NOW_US)


def test_what_has_changed_back_is_as_it_was(shop: Shop) -> None:
    name = planned(shop)
    _another_text(shop)
    with pytest.raises(Changed):
        agree(name, shop.folder, NOW_US)
    shop.put(policy())
    assert not agree(name, shop.folder, NOW_US).already


def test_an_old_plan_does_not_come_back_over_a_newer_one(shop: Shop) -> None:
    first = planned(shop)
    agree(first, shop.folder, NOW_US)
    shop.put(policy(version=2, when="orders > 0"))
    agree(planned(shop), shop.folder, NOW_US)
    shop.put(policy())
    with pytest.raises(Changed):
        agree(first, shop.folder, NOW_US)
    assert shop.folder.in_force()[0].version == 2


def test_a_text_may_change_without_its_version(shop: Shop) -> None:
    agree(planned(shop), shop.folder, NOW_US)
    shop.put(policy(title="Other words"))
    outcome = agree(planned(shop), shop.folder, NOW_US)
    assert [a.version for a in outcome.policies] == [1]
    assert "Other words" in shop.folder.text_of(outcome.policies[0].text_hash)


def test_a_policy_can_be_taken_out_of_force(shop: Shop) -> None:
    _another_policy(shop)
    agree(planned(shop), shop.folder, NOW_US)
    (shop.policies / "other.yaml").unlink()
    agree(planned(shop), shop.folder, NOW_US)
    assert [a.policy for a in shop.folder.in_force()] == ["many-returns"]


def test_line_ends_of_a_policy_are_part_of_its_text_and_no_change(shop: Shop) -> None:
    shop.put(policy().replace("\n", "\r\n"))
    agree(planned(shop), shop.folder, NOW_US)
    made = make_plan(request(shop), shop.folder)
    assert [p.change for p in made.policies] == ["none"]


def test_a_folder_compared_with_speaks_only_until_something_is_in_force(shop: Shop) -> None:
    shop.write("before/many-returns.yaml", policy(when="returns > 5"))
    shop.put(policy(version=2))
    against = replace(request(shop), against=shop.root / "before")
    name = make_plan(against, shop.folder).hash
    shutil.copytree(shop.root, shop.root.with_name("copy"))
    assert not agree(name, shop.folder, NOW_US).already
    shop.put(policy(version=3, when="orders > 0"))
    second = make_plan(against, shop.folder).hash
    with pytest.raises(Changed, match="the set of policies in force has changed"):
        agree(second, shop.folder, NOW_US)


def test_a_plan_that_is_not_there_is_not_found(shop: Shop) -> None:
    with pytest.raises(NotFound, match="'abcdef' names no plan here") as caught:
        agree("abcdef", shop.folder, NOW_US)
    assert "none; run `habeas plan` first" in caught.value.hint
    name = planned(shop)
    for wrong in ("abcdef" if not name.startswith("abcdef") else "fedcba", name[:5], ""):
        with pytest.raises(NotFound, match="names no plan here"):
            agree(wrong, shop.folder, NOW_US)
    assert record(shop) == b""
