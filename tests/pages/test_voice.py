"""The words of the report: the same in both languages, and what plans say is recognised."""

from __future__ import annotations

import re
import string
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.policy import Fact
from habeas.core.policy.plans import Mode, PlanGround, StageKind, band_labels, stages
from habeas.pages.plan_texts import TEXTS
from habeas.pages.voice import BANDS, Voice
from tests.cli.planned import PLAN, POLICY, SCHEMA, policy


def test_both_languages_have_the_same_words_to_fill_in() -> None:
    english, french = TEXTS["en"], TEXTS["fr"]
    assert english.keys() == french.keys()
    names = {
        lang: {key: slots(text) for key, text in words.items()} for lang, words in TEXTS.items()
    }
    assert names["en"] == names["fr"]
    assert [k for k in english if english[k].count("|") != french[k].count("|")] == []
    assert {k for k in english if k.startswith("stage_")} == {f"stage_{kind}" for kind in StageKind}
    assert {k for k in english if k.startswith("band_")} == set(BANDS)


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("mode", list(Mode))
def test_every_stage_is_said_in_french(mode: Mode) -> None:
    before = {n: policy(name=n) for n in ("kept", "worded", "raised", "gone")}
    after = {n: policy(name=n) for n in ("kept", "fresh")}
    after["raised"] = policy(2, "40_00", "raised")
    after["worded"] = replace(before["worded"], text=before["worded"].text + "# more\n")
    ground = PlanGround(after, before, SCHEMA, None, PLAN.scope)
    canary = 5 if mode is Mode.CANARY else None
    english, french = Voice("en"), Voice("fr")
    made = stages(ground, mode, canary)
    assert {one.kind for one in made} >= set(StageKind) - {StageKind.RECORD, StageKind.CANARY}
    for one in made:
        here, there = english.stage(asdict(one)), french.stage(asdict(one))
        assert here != there
        assert not re.search(r"\b(in force|the|version \d+ in)\b", there)
        assert set(re.findall(r"\d+", here)) == set(re.findall(r"\d+", there))


@given(st.lists(st.integers(-(10**9), 10**9), unique=True).map(sorted), st.booleans())
def test_every_band_is_said_in_both_languages(bands: list[int], money: bool) -> None:
    fact: Fact = POLICY.facts["returned" if money else "orders"]
    for label in band_labels(fact, bands):
        assert Voice("en").band(label) == label
        french = Voice("fr").band(label)
        assert not re.search(r"\b(under|over|to|all)\b", french)
        assert "," not in french or money
        assert re.findall(r"\d", label) == re.findall(r"\d", french)


@given(st.one_of(st.text(), st.from_regex(r"under ([A-Z]{3}\u00a0)?[0-9.,]{1,9}", fullmatch=True)))
def test_any_text_can_be_a_band(label: str) -> None:
    assert Voice("en").band(label) or not label
    assert Voice("fr").band(label) or not label


@pytest.mark.parametrize("label", ["75001", "under 075", "EUR\u00a05", "JPY\u00a05.50", "1,2,3"])
def test_a_text_that_only_looks_like_an_amount_stays(label: str) -> None:
    assert Voice("fr").band(label).endswith(label.removeprefix("under "))


def test_the_smallest_rates_are_not_shown_as_nothing() -> None:
    say = Voice("en")
    rates = (0.0, 0.0189, 0.5, 16.26, 1204.4)
    assert [say.rate(rate) for rate in rates] == ["0", "0.019", "0.50", "16.3", "1,204"]
