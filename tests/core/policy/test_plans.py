"""Plans: what they count is what a count by hand gives, and their hash moves with every part."""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.canon import digest
from habeas.core.policy import Fact, Plan
from habeas.core.policy.facts import fact_of
from habeas.core.policy.plans import (
    HOURS,
    SAMPLES,
    Accuracy,
    Band,
    ChangeKind,
    Forecast,
    Hits,
    MeasureCount,
    Mode,
    PlanGround,
    PolicyPlan,
    Sample,
    Scope,
    Segment,
    Stage,
    StageKind,
    Stake,
    accuracy,
    band_labels,
    change_of,
    forecast,
    in_canary,
    in_force_digest,
    sampled,
    segment,
    stages,
    text_diff,
)
from habeas.core.policy.shapes import FactShape
from tests.core.samples import POLICY, calm, edited, few, policy_from, schema_of

HOUR = 3_600_000_000
START = datetime(2018, 4, 9, tzinfo=UTC)
MONDAY = int(START.timestamp()) * 1_000_000  # a Monday, 00:00 UTC
LATER = edited("version: 3", "version: 4", edited("> 0.6", "> 0.7"))
RETOLD = edited("en: You may not.", "en: You must not.")


def hour_of_week(time_us: int) -> int:
    when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)
    return when.weekday() * 24 + when.hour


SPANS = st.tuples(st.integers(0, 400 * HOUR), st.integers(0, 900 * HOUR)).map(
    lambda span: (MONDAY + span[0], MONDAY + span[0] + span[1])
)


@few
@given(SPANS, st.data())
def test_a_forecast_is_findings_by_how_often_each_hour_came(
    span: tuple[int, int], data: st.DataObject
) -> None:
    first, last = span
    times = data.draw(st.lists(st.integers(first, last), max_size=20))
    found = forecast(times, first, last)
    came, made = [0] * HOURS, [0] * HOURS
    for hour in range(first // HOUR, last // HOUR + 1):
        came[hour_of_week(hour * HOUR)] += 1
    for time_us in times:
        made[hour_of_week(time_us)] += 1
    assert found.hours == tuple(m / c if c else 0.0 for m, c in zip(made, came, strict=True))
    assert found.weeks == round(sum(came) / HOURS, 4)
    total = sum(h * c for h, c in zip(found.hours, came, strict=True))
    assert total == pytest.approx(len(times))


def test_a_forecast_starts_on_monday_at_midnight() -> None:
    found = forecast([MONDAY, MONDAY + 30 * 60_000_000, MONDAY + 25 * HOUR], MONDAY, MONDAY + HOUR)
    assert (found.hours[0], found.hours[1], found.hours[25], found.weeks) == (2.0, 0.0, 0.0, 0.0119)
    third = forecast([MONDAY, MONDAY + 336 * HOUR], MONDAY, MONDAY + 400 * HOUR)
    assert (third.hours[0], third.weeks) == (2 / 3, 2.3869)
    assert forecast([], -5 * HOUR, -HOUR - 1).weeks == round(4 / 168, 4)


ACCOUNTS = [f"account {i}" for i in range(5000)]


@pytest.mark.parametrize("percent", [1, 5, 20, 50])
def test_a_canary_is_close_to_its_share_and_stays_as_it_grows(percent: int) -> None:
    chosen = {a for a in ACCOUNTS if in_canary(a, "returns", percent)}
    assert abs(len(chosen) / len(ACCOUNTS) * 100 - percent) < 2
    wider = {a for a in ACCOUNTS if in_canary(a, "returns", percent + 7)}
    assert chosen < wider
    assert chosen != {a for a in ACCOUNTS if in_canary(a, "returns-2", percent)}


@calm
@given(st.text(max_size=20), st.text(max_size=20))
def test_nobody_is_in_a_canary_of_nothing_and_all_in_one_of_everybody(
    account: str, policy: str
) -> None:
    assert not in_canary(account, policy, 0)
    assert in_canary(account, policy, 100)


@calm
@given(st.lists(st.text(max_size=6), unique=True, max_size=40), st.randoms(use_true_random=False))
def test_a_sample_depends_on_no_order(accounts: list[str], random: Any) -> None:
    shuffled = list(accounts)
    random.shuffle(shuffled)
    found = sampled(accounts, "returns")
    assert found == sampled(frozenset(shuffled), "returns")
    assert len(found) == min(SAMPLES, len(accounts))
    assert set(found) <= set(accounts)
    fewer = sampled(accounts, "returns", 3)
    assert fewer == found[:3]


def test_another_policy_has_another_sample() -> None:
    assert sampled(ACCOUNTS, "returns") != sampled(ACCOUNTS, "sharing")


NAMES = st.sampled_from("abcdefghij")


@calm
@given(
    st.dictionaries(NAMES, st.sampled_from(["FR", "DE", "unknown", "other"])),
    st.lists(st.sampled_from(["DE", "FR", "IT"]), unique=True),
    st.frozensets(NAMES), st.frozensets(NAMES), st.frozensets(NAMES),
    st.dictionaries(NAMES, st.integers(0, 5)),
)  # fmt: skip
def test_the_bands_of_a_segment_add_up(
    labels: dict[str, str], order: list[str], after: frozenset[str], before: frozenset[str],
    holding: frozenset[str], findings: dict[str, int],
) -> None:  # fmt: skip
    found = segment("country", labels, order, Hits(after, before, holding, findings))
    everyone = set(labels)
    assert found.name == "country"
    assert sorted(b.label for b in found.bands) == sorted(set(labels.values()))
    assert sum(b.accounts for b in found.bands) == len(everyone)
    assert sum(b.hit for b in found.bands) == len(after & everyone)
    assert sum(b.holding for b in found.bands) == len(holding & everyone)
    assert sum(b.newly_hit for b in found.bands) == len((after - before) & everyone)
    assert sum(b.newly_spared for b in found.bands) == len((before - after) & everyone)
    assert sum(b.findings for b in found.bands) == sum(
        n for account, n in findings.items() if account in everyone
    )
    listed = [b.label for b in found.bands if b.label in order]
    assert listed == [label for label in order if label in listed]


def test_bands_without_an_order_come_by_size() -> None:
    labels = {"a": "FR", "b": "DE", "c": "DE", "d": "unknown"}
    nobody = Hits(frozenset(), frozenset(), frozenset(), {})
    assert [b.label for b in segment("x", labels, [], nobody).bands] == ["DE", "FR", "unknown"]
    first, *_ = segment("x", labels, ["unknown", "IT"], nobody).bands
    assert first.label == "unknown"


LABELS = st.dictionaries(NAMES, st.booleans())


@calm
@given(st.frozensets(NAMES), LABELS)
def test_accuracy_counts_only_who_is_labelled(hit: frozenset[str], labels: dict[str, bool]) -> None:
    found = accuracy(hit, labels)
    right = sum(labels.get(account, False) for account in hit)
    judged, abusive = sum(a in labels for a in hit), sum(labels.values())
    assert (found.labelled, found.abusive) == (len(labels), abusive)
    assert (found.hit_labelled, found.hit_abusive) == (judged, right)
    assert found.precision == (right / judged if judged else None)
    assert found.recall == (right / abusive if abusive else None)


def test_accuracy_has_no_share_of_nothing() -> None:
    assert accuracy(frozenset("a"), {}) == Accuracy(0, 0, 0, 0, None, None)
    assert accuracy(frozenset("a"), {"a": False}) == Accuracy(1, 0, 1, 0, 0.0, None)
    assert accuracy(frozenset(), {"a": True}) == Accuracy(1, 1, 0, 0, None, 0.0)
    assert accuracy(frozenset("abz"), {"a": True, "b": False, "c": True}) == (
        Accuracy(3, 2, 2, 1, 0.5, 0.5)
    )


def fact(text: str) -> Fact:
    return fact_of("f", FactShape.model_validate(yaml.safe_load(text)), schema_of())


BANDS = [
    ("{sum: amount}", [], ("all",)),
    ("{count: order}", [5], ("under 5", "5 and over")),
    ("{count: order}", [1, 2, 5000], ("under 1", "1", "2 to 4,999", "5,000 and over")),
    (
        "{sum: amount}",
        [50_00, 100_00],
        ("under EUR 50.00", "EUR 50.00 to EUR 99.99", "EUR 100.00 and over"),
    ),
    ("{count: order, where: amount > 1}", [3], ("under 3", "3 and over")),
]


@pytest.mark.parametrize(("text", "bands", "labels"), BANDS)
def test_bands_are_called_by_their_bounds(
    text: str, bands: list[int], labels: tuple[str, ...]
) -> None:
    assert tuple(x.replace("\u00a0", " ") for x in band_labels(fact(text), bands)) == labels


def test_a_change_is_of_the_outcome_or_of_the_text_only() -> None:
    one = policy_from()
    assert change_of(one, None) is ChangeKind.NEW
    assert change_of(None, one) is ChangeKind.REMOVED
    assert change_of(one, policy_from()) is ChangeKind.NONE
    assert change_of(policy_from(RETOLD), one) is ChangeKind.TEXT
    assert change_of(policy_from(LATER), one) is ChangeKind.OUTCOME
    assert change_of(policy_from(edited("version: 3", "version: 4")), one) is ChangeKind.OUTCOME


def test_the_diff_of_two_policies_is_that_of_their_files() -> None:
    lines = text_diff(policy_from(LATER), policy_from()).split("\n")
    assert lines[:2] == ["--- version 3", "+++ version 4"]
    changed = [line for line in lines[2:] if line[0] in "+-"]
    assert changed[:2] == ["-version: 3", "+version: 4"]
    assert [line[:1] for line in changed] == ["-", "+", "-", "+"]
    assert text_diff(policy_from(), policy_from()) == ""


def test_the_diff_of_one_policy_is_its_whole_file() -> None:
    new = text_diff(policy_from(), None).split("\n")
    assert new[:2] == ["--- (none)", "+++ version 3"]
    assert new[3:] == [f"+{line}" for line in POLICY.splitlines()]
    gone = text_diff(None, policy_from()).split("\n")
    assert gone[3:] == [f"-{line}" for line in POLICY.splitlines()]


def test_what_is_in_force_is_known_by_name_version_outcome_and_text() -> None:
    one, two = policy_from(), policy_from(edited("policy: returns-abuse", "policy: sharing"))
    assert in_force_digest([one, two]) == in_force_digest(iter([two, one]))
    others = [[one], [two], [], [one, policy_from(RETOLD)], [policy_from(LATER), two]]
    found = {in_force_digest(policies) for policies in [[one, two], *others]}
    assert len(found) == 6
    assert in_force_digest([]) == digest([])


SCOPE = Scope("e", "s", "i", None, 9, 2, MONDAY, MONDAY + HOUR)


def test_the_stages_say_what_apply_does_and_nothing_else() -> None:
    one = policy_from()
    before = {"same": one, "gone": one, "stricter": one, "retold": one}
    after = {"same": one, "new": one, "stricter": policy_from(LATER), "retold": policy_from(RETOLD)}
    ground = PlanGround(after, before, schema_of(), None, SCOPE)
    assert ground.names == ("same", "new", "stricter", "retold", "gone")
    assert stages(ground, Mode.CANARY, 5) == (
        Stage(StageKind.COMPARE),
        Stage(StageKind.NONE, "same"),
        Stage(StageKind.NEW, "new", 3),
        Stage(StageKind.OUTCOME, "stricter", 4, 3),
        Stage(StageKind.TEXT, "retold", 3),
        Stage(StageKind.REMOVED, "gone", 3),
        Stage(StageKind.CANARY, mode=Mode.CANARY, percent=5),
    )
    assert stages(ground, Mode.SHADOW, None)[-1] == Stage(StageKind.RECORD, mode=Mode.SHADOW)


def plan() -> Plan:
    band = Band("FR", 2, 1, 1, 1, 0, 3)
    policy = PolicyPlan(
        policy="returns-abuse", title={"en": "Returns", "fr": "Retours"}, change=ChangeKind.NEW,
        version=3, version_before=None, outcome="o", outcome_before=None, text_hash="t", diff="+a",
        findings=3, hit=1, hit_before=0, holding=1, newly_hit=1, newly_spared=0,
        measures=(MeasureCount(0, "warn", None, 3, 1),), stakes=(Stake("revenue", "EUR", 5, 0),),
        segments=(Segment("country", (band,)),), forecast=Forecast(1.5, (0.5,) * HOURS),
        accuracy=Accuracy(2, 1, 1, 1, 1.0, 1.0),
        samples=(Sample("A1", "e1", MONDAY, {"en": {"title": "Returns"}}),),
        spared_samples=("A9",),
    )  # fmt: skip
    return Plan(SCOPE, Mode.SHADOW, None, None, 1, 0, 1, 0, (policy,), ("compare",))


def variants(value: Any) -> list[Any]:
    """The value with one thing in it changed, once for each thing that there is."""
    if is_dataclass(value) and not isinstance(value, type):
        return [
            replace(value, **{f.name: other})
            for f in fields(value)
            for other in variants(getattr(value, f.name))
        ]
    if isinstance(value, tuple):
        changed = [(other, *value[1:]) for other in variants(value[0])] if value else []
        return [*changed, value[1:] if value else ("more",)]
    if isinstance(value, dict):
        return [{**value, key: other} for key in value for other in variants(value[key])[:1]]
    if isinstance(value, Mode | ChangeKind):
        return [next(other for other in type(value) if other is not value)]
    return [f"{value}x" if isinstance(value, str) else (value or 0) + 1]


def test_every_part_of_a_plan_is_in_its_hash() -> None:
    one = plan()
    others = variants(one)
    assert len(others) > 60
    hashes = {other.hash for other in others}
    assert len(hashes) == len(others)
    assert one.hash not in hashes


def test_a_plan_as_json_begins_with_its_hash_which_is_that_of_the_rest() -> None:
    one = plan()
    found = one.as_json()
    assert next(iter(found)) == "hash"
    assert found.pop("hash") == one.hash == plan().hash
    assert digest(found) == one.hash
    assert found == asdict(one)
