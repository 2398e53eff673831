"""Policies: their outcome hash moves with all that can change an outcome, and with nothing else."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.canon import canonical
from habeas.core.policy import Measure, Step
from habeas.core.policy.conditions import Logic, Not, names, written
from habeas.core.policy.parsing import parse
from tests.core.samples import POLICY, draft_of, edited, few, policy_from

DAY = 86_400_000_000
WHEN = "orders_365d >= 20 and returned_365d / spent_365d > 0.6 and sharing_30d < 1000"


def outcome(text: str) -> str:
    return policy_from(text).outcome


# What leaves the outcome as it is
UNCHANGED = {
    "a comment": ("version: 3", "version: 3  # raised by Fay"),
    "layout of the file": (
        "  orders_365d:   {count: order, over: 365d}",
        "  orders_365d:\n    over: 365d\n    count:\n      - order",
    ),
    "the version itself": ("version: 3", "version: 4"),
    "the name": ("policy: returns-abuse", "policy: returns"),
    "the title": ("en: Excessive returns", "en: Too many returns"),
    "the clause": ("en: You may not.", "en: You must not."),
    "what is disclosed": ("disclose: [orders_365d, returned_365d, ", "disclose: ["),
    "the report to the database": ("ground: incompatible", "ground: illegal"),
    "the tests": ("expect: finding", "expect: nothing"),
    "the title of a fact": ("{count: order,", "{title: {en: o, fr: c}, count: order,"),
    "a fact that is not used": ("facts:\n", "facts:\n  idle: {count: login}\n"),
    "parentheses": (WHEN, f"(({WHEN.replace('orders_365d >= 20', '(orders_365d) >= (20)')}))"),
    "blanks and line ends": (WHEN, WHEN.replace(" and ", "\n    and   ")),
    "case of words": (WHEN, WHEN.replace(" and ", " AND ")),
    "zeros of a fraction": ("> 0.6", "> 0.600"),
    "a comment in the condition": (WHEN, f"'{WHEN} /* why */'"),
    "quotes around it": (WHEN, f'"{WHEN}"'),
    "underscores in numbers": ("sharing_30d < 1000", "sharing_30d < 1_000"),
    "another spelling of a window": ("device, over: 30d", "device, over: 720h"),
    "a window in weeks": ("notice: 14d", "notice: 2w"),
    "an order of keys": ("{age: signup, unit: day}", "{unit: day, age: [signup]}"),
}

# What changes it
CHANGED = {
    "a threshold": ("orders_365d >= 20", "orders_365d >= 21"),
    "a fraction by a little": ("> 0.6", "> 0.60001"),
    "a comparison": ("orders_365d >= 20", "orders_365d > 20"),
    "and for or": ("0.6 and sharing", "0.6 or sharing"),
    "a window": ("{count: order, over: 365d}", "{count: order, over: 364d}"),
    "no window": ("{count: order, over: 365d}", "{count: order}"),
    "a kind": ("{sum: amount, of: return", "{max: amount, of: return"),
    "the types of a sum": ("of: return,", "of: [return, order],"),
    "the types of a count": ("{count: order,", "{count: [order, login],"),
    "a where": ("{count: order,", "{count: order, where: gift,"),
    "a key": ("{count: order,", "{count: order, by: device,"),
    "an attribute": ("{distinct: account,", "{distinct: country,"),
    "a cap": ("cap: 1000", "cap: 1001"),
    "the unit of an age": ("unit: day", "unit: hour"),
    "an exemption's threshold": ("tenure_days > 3650", "tenure_days > 3651"),
    "no exemption": ("unless: tenure_days > 3650\n", ""),
    "a measure": ("{measure: limit, capability: returns, for: 90d,", "{measure: warn,"),
    "a capability": ("capability: returns", "capability: orders"),
    "how long it lasts": ("for: 90d", "for: 91d"),
    "when the next step comes": ("for: 90d, after: 14d", "for: 90d, after: 15d"),
    "a review": ("{measure: close, after: 30d, review: person}", "{measure: close, after: 30d}"),
    "a step less": ("  - {measure: close, after: 30d, review: person}\n", ""),
    "notice": ("notice: 14d", "notice: 15d"),
    "no notice": ("notice: 14d\n", ""),
}


@pytest.mark.parametrize("what", UNCHANGED)
def test_what_cannot_change_an_outcome_leaves_its_hash(what: str) -> None:
    old, new = UNCHANGED[what]
    text = edited(old, new)
    assert outcome(text) == outcome(POLICY)
    assert policy_from(text).text_hash != policy_from(POLICY).text_hash


@pytest.mark.parametrize("what", CHANGED)
def test_what_can_change_an_outcome_changes_its_hash(what: str) -> None:
    old, new = CHANGED[what]
    assert outcome(edited(old, new)) != outcome(POLICY)


def test_every_change_has_a_hash_of_its_own() -> None:
    found = {outcome(edited(old, new)) for old, new in CHANGED.values()}
    assert len(found | {outcome(POLICY)}) == len(CHANGED) + 1


def test_the_currency_of_a_fact_is_part_of_the_outcome() -> None:
    texts = [
        edited("{sum: amount, of: return,", f"{{sum: price, currency: {code}, of: order,")
        for code in ("EUR", "JPY")
    ]
    assert outcome(texts[0]) != outcome(texts[1])


APART = [what for what, (old, _) in UNCHANGED.items() if "orders_365d" not in old]


@few
@given(st.lists(st.sampled_from(APART), unique=True, min_size=2))
def test_harmless_edits_stay_harmless_together(edits: list[str]) -> None:
    text = POLICY
    for what in edits:
        old, new = UNCHANGED[what]
        text = text.replace(old, new, 1)
    assert outcome(text) == outcome(POLICY)


@few
@given(st.integers(0, 10**12), st.integers(0, 10**12))
def test_two_thresholds_have_one_hash_only_when_they_are_one_number(one: int, two: int) -> None:
    texts = [edited("orders_365d >= 20", f"orders_365d >= {n}") for n in (one, two)]
    assert (outcome(texts[0]) == outcome(texts[1])) is (one == two)


def test_the_hash_is_that_of_the_canonical_text_of_its_parts() -> None:
    policy = policy_from()
    parts = {
        "facts": {name: policy.facts[name].definition() for name in policy.used},
        "condition": written(policy.condition),
        "ladder": [step.definition() for step in policy.ladder],
        "notice": 14 * DAY,
    }
    assert policy.outcome == hashlib.sha256(canonical(parts).encode()).hexdigest()
    assert re.fullmatch("[0-9a-f]{64}", policy.text_hash)


def test_a_policy_carries_all_that_its_file_says() -> None:
    policy = policy_from()
    assert (policy.name, policy.version, policy.notice_us) == ("returns-abuse", 3, 14 * DAY)
    assert policy.text == POLICY
    assert policy.disclose == ("orders_365d", "returned_365d", "spent_365d")
    assert policy.ladder == (
        Step(Measure.WARN, None, None, 0, False),
        Step(Measure.LIMIT, "returns", 90 * DAY, 14 * DAY, False),
        Step(Measure.SUSPEND, None, 30 * DAY, 30 * DAY, True),
        Step(Measure.CLOSE, None, None, 30 * DAY, True),
    )
    assert policy.ladder[1].definition() == {
        "measure": "limit",
        "capability": "returns",
        "for": "90d",
        "after": "14d",
        "review": False,
    }
    assert [test.expect for test in policy.tests] == ["finding"]
    assert set(policy.types) == set(policy.facts)


def test_an_exemption_that_cannot_be_told_protects() -> None:
    policy = policy_from()
    assert policy.unless is not None
    assert policy.condition == Logic("and", (policy.when, Not(policy.unless)))
    assert policy.used == names(policy.condition)
    bare = policy_from(edited("unless: tenure_days > 3650\n", ""))
    assert bare.condition == bare.when
    assert "tenure_days" not in bare.used


def test_a_policy_without_notice_gives_none() -> None:
    assert policy_from(edited("notice: 14d\n", "")).notice_us == 0


def test_a_draft_leaves_out_what_cannot_be_read() -> None:
    text = edited("tenure_days > 3650", "tenure_days >")
    text = edited("{count: order, over: 365d}", "{sum: nothing}", text)
    draft = draft_of(text)
    assert set(draft.conditions) == {"when"}
    assert "orders_365d" not in draft.facts
    assert set(draft.types) == set(draft.facts)
    assert draft.used == set(names(parse(WHEN)))
