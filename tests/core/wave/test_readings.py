"""The readings: which evidence speaks for which, when they cannot be told apart, and in words."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from habeas.core.languages import LANGS, Lang, rounded
from habeas.core.letter.diagnosis_words import (
    TEXTS,
    cause_cells,
    evidence_lines,
    judgement_json,
    notes,
    p_words,
    verdict_words,
    where_words,
)
from habeas.core.wave import Diagnosis
from habeas.core.wave.diagnosis import AttributeValue, Cause, LeftOut
from habeas.core.wave.readings import Reading, judge
from habeas.core.wave.roles import AttributeRole

NAMES = ("app_version", "new_device", "card", "country", "tenure_days")


def cause(hits: int = 300, accounts: int = 500, **where: AttributeValue) -> Cause:
    return Cause(where, hits, 10.0, accounts, hits / 500, 500 - hits, -200.0)


def wave(*causes: Cause, forecast: float | None = 480.0, probable: bool = True) -> Diagnosis:
    return Diagnosis(causes, 500, 100_000, forecast, probable, {}, NAMES)


@pytest.mark.parametrize(
    ("found", "reading"),
    [
        (wave(cause(app_version="v7")), Reading.SOFTWARE),
        (wave(cause(app_version="v7"), forecast=None), Reading.SOFTWARE),
        (wave(cause(app_version=7, country="FR")), Reading.SOFTWARE),
        (wave(cause(new_device=True)), Reading.TAKEOVER),
        (wave(cause(new_device="Yes", country="FR")), Reading.TAKEOVER),
        (wave(cause(card="4f0c")), Reading.RING),
        (wave(cause(120, card="4f0c"), cause(90, card="9a11")), Reading.RING),
        (wave(cause(country=None)), Reading.SOFTWARE),
        (wave(cause(country="Unknown")), Reading.SOFTWARE),
        (wave(cause(new_device=True, country=None)), Reading.TAKEOVER),
        (wave(cause(card="4f0c", country=None)), Reading.RING),
        (wave(cause(new_device=True, tenure_days=4000)), Reading.TAKEOVER),
        (wave(cause(new_device=True, tenure_days=4)), Reading.TAKEOVER),
        (wave(), Reading.POLICY),
        (wave(forecast=7000.0), Reading.POLICY),
        (wave(forecast=1.0, probable=False), Reading.POLICY),
    ],
)
def test_evidence_leads_to_its_reading(found: Diagnosis, reading: Reading) -> None:
    judged = judge(found, {})
    assert judged.reading is reading
    assert judged.weighed[0].reading is reading
    assert any(e.speaks_for for e in judged.weighed[0].evidence)


@pytest.mark.parametrize(
    "found",
    [
        wave(cause(country="FR")),
        wave(cause(new_device=False)),
        wave(cause(new_device=None)),
        wave(cause(card=None)),
        wave(cause(country=0)),  # a number, and not a missing one
        wave(cause(tenure_days=4000)),  # old accounts, and nothing had changed there
        wave(cause(card="4f0c", accounts=5_000)),  # too many accounts for a ring
        wave(cause(app_version="v7", card="4f0c")),  # one or the other
        wave(cause(200, app_version="v7"), cause(150, new_device=True)),
        wave(cause(40, app_version="v7")),  # explains too little
        wave(forecast=None),
        wave(forecast=300.0),  # more than was forecast, and nothing says why
        replace(wave(), hits=30),
    ],
    ids=lambda found: str([dict(c.where) for c in found.causes]),
)
def test_where_evidence_does_not_tell_it_is_said(found: Diagnosis) -> None:
    judged = judge(found, {})
    assert judged.reading is Reading.UNKNOWN
    assert "cannot tell" in verdict_words(judged, "en")


def test_old_accounts_speak_for_takeover_and_new_ones_against() -> None:
    plain = judge(wave(cause(new_device=True)), {}).weighed[0]
    old, young = (
        judge(wave(cause(new_device=True, tenure_days=days)), {}).weighed[0] for days in (4000, 4)
    )
    assert young.weight < 0.5 < plain.weight < 0.6 < old.weight
    assert [e.speaks_for for e in old.evidence] == [True, True]
    assert [e.speaks_for for e in young.evidence] == [True, False]


def test_a_role_can_be_given() -> None:
    found = wave(cause(country="FR"))
    assert judge(found, {"country": AttributeRole.RELEASE}).reading is Reading.SOFTWARE
    assert judge(wave(cause(card="4f0c")), {"card": AttributeRole.PLAIN}).reading is Reading.UNKNOWN


def test_an_attribute_that_is_the_same_speaks_too() -> None:
    found = replace(cause(country="FR"), same=({"app_version": "v7"},))
    assert judge(wave(found), {}).reading is Reading.SOFTWARE


def test_evidence_against_is_told_as_well() -> None:
    judged = judge(wave(cause(app_version="v7")), {})
    assert judged.weighed[0].reading is Reading.SOFTWARE
    assert all(one.evidence for one in judged.weighed)
    assert not any(e.speaks_for for one in judged.weighed[1:] for e in one.evidence)
    [policy] = [one for one in judged.weighed if one.reading is Reading.POLICY]
    assert evidence_lines(policy, "en") == [
        "against: The plan did not forecast 58.0\u00a0% of the hits."
    ]


# --- in words


def test_both_languages_say_the_same_things() -> None:
    for key, text in TEXTS["en"].items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", TEXTS["fr"][key]))
    assert len(TEXTS["en"]["heads"].split("|")) == len(cause_cells(cause(card="x"), "en"))


@pytest.mark.parametrize("lang", LANGS)
def test_all_that_can_be_said_has_words(lang: Lang) -> None:
    others = [
        wave(cause(app_version="v7", new_device=False, card=None)), wave(), wave(forecast=None),
        wave(cause(app_version=None), forecast=None), wave(cause(card="x", accounts=9_000)),
        wave(forecast=3.0), wave(probable=False), replace(wave(), hits=20),
        replace(wave(), attributes=("country",)),
    ]  # fmt: skip
    keys = {e.key for found in others for one in judge(found, {}).weighed for e in one.evidence}
    assert len(keys) > 14
    for found in others:
        told = judgement_json(judge(found, {}), lang)
        assert "{" not in str([e["says"] for one in told["readings"] for e in one["evidence"]])
    spoken = replace(
        wave(cause(card="x")), repeated=3, left_out=dict.fromkeys("abcd"[:1], LeftOut.TYPE)
    )
    assert len(notes(spoken, lang)) == 3
    assert {*LeftOut, *Reading} <= TEXTS[lang].keys()


def test_words_by_hand() -> None:
    where: dict[str, AttributeValue] = {"version": "v7", "new": True, "card": None}
    assert where_words(where, "en") == "version is v7, new is yes and card is none"
    assert where_words(where, "fr") == "version vaut v7, new vaut oui et card vaut absent"
    assert p_words(-41.3, "en") == "<\u00a010^-41"
    assert p_words(-2.0, "en") == "0.0100"
    assert p_words(-2.0, "fr") == "0,0100"
    told = [rounded(v, "en") for v in (0.0191, 1.0, 16.34, 1204.4, 0.0)]
    assert told == ["0.0191", "1.00", "16.3", "1,204", "0"]
    assert notes(wave(), "en")[0].startswith("Nothing is in excess")
