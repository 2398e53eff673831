"""A plan says what policies would do to whom; its numbers add up, and its hash is its name."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from habeas.core.errors import InvalidInput, InvalidPolicy, NotFound, Overflowed
from habeas.core.policy import Plan
from habeas.core.policy.plans import ChangeKind, Mode, PolicyPlan, Stage, StageKind, in_canary
from habeas.flows.policy.evaluate import write_findings
from habeas.flows.policy.plan import PlanRequest, make_plan
from tests.flows.applying import agree
from tests.flows.shop import (
    NOW_US,
    Shop,
    busy_shop,
    event,
    history,
    open_shop,
    policy,
    random_history,
)

Accounts = set[str]


def plan(shop: Shop, **more: Any) -> Plan:
    return make_plan(PlanRequest(shop.policies, shop.events, **more), shop.folder)


def one(made: Plan, name: str = "many-returns") -> PolicyPlan:
    (found,) = [p for p in made.policies if p.policy == name]
    return found


def found_by(shop: Shop, policies: Path) -> dict[str, list[tuple[str, int]]]:
    """By policy: the account and the step of every finding."""
    out = shop.root / "found.parquet"
    write_findings(policies, shop.events, out, schema=shop.schema)
    found = defaultdict(list)
    for row in pq.read_table(out).to_pylist():
        found[row["policy"]].append((row["account"], row["step"]))
    return found


def accounts(found: Iterable[tuple[str, int]]) -> Accounts:
    return {account for account, _ in found}


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return busy_shop(tmp_path)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with 25 accounts, three policies, and three others before them."""
    shop = open_shop(tmp_path_factory.mktemp("large"))
    shop.put(policy("many-orders", when="orders >= 16"), "many-orders.yaml")
    shop.put(policy("few-orders", when="orders < 3 and returns > 1"), "few-orders.yaml")
    shop.put(policy(version=2, when="returns >= 2 and orders > 5"))
    before = {
        "many-returns": policy(),
        "many-orders": policy("many-orders", when="orders >= 16"),
        "gone": policy("gone", when="orders >= 14"),
    }
    for name, text in before.items():
        shop.write(f"before/{name}.yaml", text)
    shop.take_all(random_history(5, events=700))
    return shop


# Counts, against sets of accounts made from the findings


def test_hits_of_each_policy_add_up(large: Shop) -> None:
    made = plan(large, against=large.root / "before")
    after = found_by(large, large.policies)
    before = found_by(large, large.root / "before")
    assert len(made.policies) == 4
    for each in made.policies:
        now, then = accounts(after[each.policy]), accounts(before[each.policy])
        assert (each.hit, each.hit_before) == (len(now), len(then)), each.policy
        assert each.newly_hit == len(now - then)
        assert each.newly_spared == len(then - now)
        assert each.findings == len(after[each.policy])
        assert set(each.spared_samples) <= then - now
        assert {s.account for s in each.samples} <= now
    everyone, everyone_before = (accounts(chain(*f.values())) for f in (after, before))
    assert (made.hit, made.hit_before) == (len(everyone), len(everyone_before))
    assert made.newly_hit == len(everyone - everyone_before)
    assert made.newly_spared == len(everyone_before - everyone)
    assert made.newly_hit > 0
    assert made.newly_spared > 0


def test_measures_count_findings_and_accounts_by_step(large: Shop) -> None:
    made = plan(large, against=large.root / "before")
    after = found_by(large, large.policies)
    before = found_by(large, large.root / "before")
    for each in made.policies:
        assert [(m.measure, m.capability) for m in each.measures] == [
            ("warn", None),
            ("limit", "returns"),
        ]
        for measure in each.measures:
            now = [f for f in after[each.policy] if f[1] == measure.step]
            then = [f for f in before[each.policy] if f[1] == measure.step]
            assert measure.findings == len(now)
            assert measure.accounts == len(accounts(now))
            assert measure.accounts_before == len(accounts(then))
            assert measure.newly_hit == len(accounts(now) - accounts(then))
            assert measure.newly_spared == len(accounts(then) - accounts(now))
        assert sum(m.findings for m in each.measures) == each.findings


def bands_by_hand(shop: Shop) -> dict[str, dict[str, str]]:
    """The band of each account in each segment, from its events."""
    country: dict[str, str] = {}
    spend: dict[str, int] = {}
    for row in shop.rows():
        account = row["account"]
        country.setdefault(account, "unknown")
        spend.setdefault(account, 0)
        if row["country"] is not None:
            country[account] = row["country"]
        spend[account] += row["amount"] if row["type"] == "order" else 0
    names = [
        "under EUR\u00a0100.00",
        "EUR\u00a0100.00 to EUR\u00a0499.99",
        "EUR\u00a0500.00 and over",
    ]
    bands = {a: names[(s >= 100_00) + (s >= 500_00)] for a, s in spend.items()}
    return {"country": country, "spend": bands}


def test_bands_of_each_segment_add_up(large: Shop) -> None:
    made = plan(large, against=large.root / "before")
    after = found_by(large, large.policies)
    before = found_by(large, large.root / "before")
    hand = bands_by_hand(large)
    for each in made.policies:
        now, then = accounts(after[each.policy]), accounts(before[each.policy])
        assert {s.name for s in each.segments} == set(hand)
        for segment in each.segments:
            assert {b.label for b in segment.bands} == set(hand[segment.name].values())
            for band in segment.bands:
                own = {a for a, label in hand[segment.name].items() if label == band.label}
                assert band.accounts == len(own)
                assert (band.hit, band.newly_hit) == (len(own & now), len(own & (now - then)))
                assert band.newly_spared == len(own & (then - now))
                assert band.findings == sum(a in own for a, _ in after[each.policy])
            assert sum(b.accounts for b in segment.bands) == made.scope.accounts
            assert sum(b.holding for b in segment.bands) == each.holding


def test_still_holds_counts_accounts_at_their_last_event(large: Shop) -> None:
    made = plan(large)
    out = large.root / "held.parquet"
    write_findings(large.policies, large.events, out, every=True)
    last = {row["account"]: row["id"] for row in large.rows()}
    for each in made.policies:
        held = {r["event_id"] for r in pq.read_table(out).to_pylist() if r["policy"] == each.policy}
        assert each.holding == len(held & set(last.values()))


def test_the_stake_is_what_the_accounts_hit_have_ordered(large: Shop) -> None:
    made = plan(large, against=large.root / "before")
    now = found_by(large, large.policies)
    then = found_by(large, large.root / "before")
    for each in made.policies:
        (stake,) = each.stakes
        sums = [
            sum(r["amount"] for r in large.rows() if r["type"] == "order" and r["account"] in who)
            for who in (accounts(now[each.policy]), accounts(then[each.policy]))
        ]
        assert (stake.name, stake.currency) == ("revenue", "EUR")
        assert [stake.amount, stake.before] == sums


def test_the_forecast_spreads_the_findings_over_the_hours_of_the_log(large: Shop) -> None:
    made = plan(large)
    hours = (made.scope.last_us - made.scope.first_us) // 3_600_000_000
    for each in made.policies:
        a_week = sum(each.forecast.hours)
        weeks = each.forecast.weeks
        assert weeks == pytest.approx(hours / 168, abs=0.02)
        assert a_week * weeks == pytest.approx(each.findings, rel=0.1)


# Labels, canary


def test_precision_and_recall_are_those_of_a_count_by_hand(shop: Shop) -> None:
    # the policy hits `often` alone
    labels = shop.write("labels.csv", "account,label\noften,abuse\nslow,abuse\ncalm,no\nnew,no\n")
    found = one(plan(shop, labels=labels)).accuracy
    assert found is not None
    assert (found.labelled, found.abusive, found.hit_labelled, found.hit_abusive) == (4, 2, 1, 1)
    assert (found.precision, found.recall) == (1.0, 0.5)
    shop.put(policy(when="orders > 0"))
    wide = one(plan(shop, labels=labels)).accuracy
    assert wide is not None
    assert (wide.precision, wide.recall) == (2 / 3, 1.0)


def test_without_anyone_to_divide_by_there_is_no_precision(shop: Shop) -> None:
    none = shop.write("labels.csv", "account,label\ncalm,no\n")
    found = one(plan(shop, labels=none)).accuracy
    assert found is not None
    assert (found.precision, found.recall) == (None, None)
    assert one(plan(shop)).accuracy is None


def test_a_canary_acts_on_the_same_share_of_accounts_every_time(large: Shop) -> None:
    after = found_by(large, large.policies)
    for percent in (1, 20, 99):
        made = plan(large, mode=Mode.CANARY, canary=percent)
        acted = {
            account
            for name, found in after.items()
            for account in accounts(found)
            if in_canary(account, name, percent)
        }
        assert made.canary_accounts == len(acted)
        assert made.mode is Mode.CANARY
        assert (made.stages[-1].mode, made.stages[-1].percent) == (Mode.CANARY, percent)
    assert plan(large).canary_accounts is None


# Kinds of change


def in_force(shop: Shop, *texts: str) -> None:
    """Put policies in force, and leave their files as they were."""
    kept = {p: p.read_bytes() for p in shop.policies.iterdir()}
    for path in kept:
        path.unlink()
    for i, text in enumerate(texts):
        shop.put(text, f"{i}.yaml")
    agree(plan(shop).hash, shop.folder, NOW_US)
    for path in shop.policies.iterdir():
        path.unlink()
    for path, content in kept.items():
        path.write_bytes(content)


@pytest.mark.parametrize(
    ("before", "change", "numbers"),
    [
        ((), ChangeKind.NEW, (1, 0, 1, 0)),
        ((policy(),), ChangeKind.NONE, (1, 1, 0, 0)),
        ((policy(title="Other words"),), ChangeKind.TEXT, (1, 1, 0, 0)),
        ((policy() + "# a comment\n",), ChangeKind.TEXT, (1, 1, 0, 0)),
    ],
)
def test_a_change_is_of_one_kind(
    shop: Shop, before: tuple[str, ...], change: ChangeKind, numbers: tuple[int, ...]
) -> None:
    if before:
        in_force(shop, *before)
    found = one(plan(shop))
    assert found.change is change
    assert (found.hit, found.hit_before, found.newly_hit, found.newly_spared) == numbers
    assert bool(found.diff) is (change is not ChangeKind.NONE)


def test_an_outcome_that_changes_without_a_raised_version_is_refused(shop: Shop) -> None:
    in_force(shop, policy())
    shop.put(policy(when="orders > 0"))
    with pytest.raises(InvalidPolicy) as caught:
        plan(shop)
    (problem,) = caught.value.problems
    assert problem.sentence == "this change can change who is hit, and version 1 is in force"
    assert problem.hint == "raise it: `version: 2`"


def test_a_raised_version_is_a_change_of_outcome(shop: Shop) -> None:
    in_force(shop, policy())
    shop.put(policy(version=2, when="orders > 0 and returns < 2"))
    made = plan(shop)
    found = one(made)
    assert (found.change, found.version_before, found.version) == (ChangeKind.OUTCOME, 1, 2)
    assert (found.hit, found.hit_before, found.newly_hit, found.newly_spared) == (3, 1, 2, 0)
    assert "-version: 1" in found.diff
    assert "+version: 2" in found.diff
    assert Stage(StageKind.OUTCOME, "many-returns", 2, 1) in made.stages


def test_a_policy_that_is_taken_away_spares_whom_it_hit(shop: Shop) -> None:
    in_force(shop, policy(), policy("gone"))
    made = plan(shop)
    gone = one(made, "gone")
    assert (gone.change, gone.version, gone.version_before) == (ChangeKind.REMOVED, None, 1)
    assert (gone.hit, gone.hit_before, gone.newly_spared, gone.findings) == (0, 1, 1, 0)
    assert gone.spared_samples == ("often",)
    assert (made.hit, made.newly_spared) == (1, 0)  # the other policy hits the same account
    assert Stage(StageKind.REMOVED, "gone", 1) in made.stages


# A plan is a value


def test_the_same_inputs_give_the_same_plan_anywhere(shop: Shop, tmp_path: Path) -> None:
    first = plan(shop)
    assert plan(shop) == first
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(shop.policies, elsewhere / "policies")
    shutil.copy(shop.schema, elsewhere)
    shutil.copy(shop.events, elsewhere)
    other = Shop(elsewhere)
    again = plan(other)
    assert again.hash == first.hash
    assert len(again.hash) == 64
    findings = [s.folder.frozen(first.hash).findings.read_bytes() for s in (shop, other)]
    assert findings[0] == findings[1]


def test_whatever_it_depends_on_changes_its_hash(shop: Shop) -> None:
    labels = shop.write("labels.csv", "account,label\noften,yes\n")
    hashes = [plan(shop).hash, plan(shop, mode=Mode.ENFORCE).hash, plan(shop, labels=labels).hash]
    hashes += [plan(shop, mode=Mode.CANARY, canary=n).hash for n in (5, 6)]
    labels.write_text("account,label\noften,no\n", encoding="utf-8")
    hashes.append(plan(shop, labels=labels).hash)
    shop.put(policy() + "# a comment\n")
    hashes.append(plan(shop).hash)
    shop.take_all([*history(), event("z", "zoe", "login", 400)])
    hashes.append(plan(shop).hash)
    shop.write("events.yaml", shop.schema.read_text(encoding="utf-8").replace("500_00", "501_00"))
    hashes.append(plan(shop).hash)
    assert len(set(hashes)) == len(hashes)


def test_a_plan_is_kept_with_all_that_explains_it(shop: Shop) -> None:
    made = plan(shop)
    frozen = shop.folder.frozen(made.hash)
    assert frozen.plan == json.loads(json.dumps(made.as_json()))
    assert frozen.inputs["events"] == str(shop.events)
    assert shop.folder.text_of(str(one(made).text_hash)) == policy()
    assert pq.read_table(frozen.findings).column("event_id").to_pylist() == ["o4"]
    assert shop.folder.in_force() == []


def test_a_sample_says_why_in_both_languages(shop: Shop) -> None:
    (sample,) = one(plan(shop)).samples
    assert (sample.account, sample.event_id) == ("often", "o4")
    assert sample.why["en"]["clause"]["text"] == "Do not send back most of what you buy."
    assert sample.why["fr"]["clause"]["text"] == "Gardez vos achats."


# What cannot be planned


def test_a_log_of_no_events_cannot_be_planned(shop: Shop) -> None:
    shop.take_all([])
    with pytest.raises(InvalidInput, match="holds no event"):
        plan(shop)


def test_a_log_of_one_event_can(shop: Shop) -> None:
    shop.take_all([event(1, "a", "login", 0)])
    made = plan(shop)
    assert (made.scope.count, made.hit) == (1, 0)


def test_what_is_missing_is_not_found(shop: Shop) -> None:
    for more in ({"labels": shop.root / "none.csv"}, {"against": shop.root / "none"}):
        with pytest.raises(NotFound, match="none"):
            plan(shop, **more)


def test_a_sum_beyond_64_bits_is_named(shop: Shop) -> None:
    text = policy(when="spent > 0").replace("facts:", "facts:\n  spent: {sum: amount, of: order}")
    shop.put(text.replace("disclose: [", "disclose: [spent, "))
    shop.take_all(event(i, "a", "order", i, amount=2**62) for i in range(2))
    with pytest.raises(Overflowed, match="'a'"):
        plan(shop)
    assert shop.folder.plans() == []
