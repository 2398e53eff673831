"""Traces: each row of the table of evidence moves its readings the right way, what decides
decides, and what is not known is told and speaks for nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.languages import Lang
from habeas.core.letter.diagnosis_words import TEXTS, evidence_lines, gap_lines, judgement_json
from habeas.core.times import UNITS
from habeas.core.wave import Diagnosis, Judgement, Traces
from habeas.core.wave.readings import READINGS, Reading, judge
from habeas.core.wave.traces import (
    NO_TRACES,
    WITHIN_US,
    Appealed,
    Foresight,
    Gap,
    Lacking,
    Onset,
    Persistence,
    Piece,
    Replay,
)
from tests.core.wave.test_readings import LANGS, cause, wave

MINUTE = UNITS["m"]
LOST, KEPT, HALF = Persistence(200, 4), Persistence(200, 196), Persistence(200, 100)
SHOWN = Traces(foresight=Foresight(200, 198, 0.1))
UNSHOWN = Foresight(200, 0, 0.1)
FORECAST = Foresight(200, 0, 190.0)
SOON = Onset("2", 10 * MINUTE)
DEPLOYED = Onset("blue", 3 * MINUTE, "deployment")
GRANTED = Appealed(8, 8)
# software fault, account takeover, abuse ring, policy change
TABLE = {
    "the version before no longer decides so": (Traces(Replay(2, 1, LOST)), "++ - - ++"),
    "the version before decides so as well": (Traces(Replay(2, 1, KEPT)), "-- 0 0 0"),
    "a version was applied minutes before": (Traces(onsets=(SOON,)), "++ 0 0 +"),
    "a deployment began minutes before": (Traces(onsets=(DEPLOYED,)), "++ 0 0 +"),
    "the plan showed it": (SHOWN, "-- 0 0 ++"),
    "the plan forecast it": (Traces(foresight=FORECAST), "-- 0 0 ++"),
    "the plan did not": (Traces(foresight=UNSHOWN), "0 0 0 --"),
    "appeals were overturned": (Traces(appealed=GRANTED), "++ + -- +"),
}
NOTHING = {
    "half of them": Traces(Replay(2, 1, HALF)),
    "both always differed": Traces(Replay(2, 1, LOST, LOST)),
    "both mostly differed": Traces(Replay(2, 1, LOST, Persistence(200, 50))),
    "applied long before": Traces(onsets=(Onset("2", WITHIN_US + 1),)),
    "applied after": Traces(onsets=(Onset("2", -1),)),
    "appeals upheld": Traces(appealed=Appealed(8, 0)),
    "a gap": Traces(gaps=(Gap(Lacking.FIRST, {"version": 1}),)),
}


def counts(judged: Judgement) -> dict[Reading, float]:
    return {one.reading: sum(e.counts for e in one.evidence) for one in judged.weighed}


def weights(judged: Judgement) -> dict[Reading, float]:
    return {one.reading: one.weight for one in judged.weighed}


@pytest.mark.parametrize("row", TABLE)
def test_each_row_moves_its_readings_as_the_table_says(row: str) -> None:
    traces, grades = TABLE[row]
    moved = counts(judge(None, {}, traces))
    most = max(map(abs, moved.values()))
    worth = {"++": 1, "+": 0.5, "0": 0, "-": -0.5, "--": -1}
    told = {r: worth[grade] * most for r, grade in zip(READINGS, grades.split(), strict=True)}
    assert moved == pytest.approx(told)
    assert most > 0.5


@pytest.mark.parametrize("row", NOTHING)
def test_what_tells_nothing_counts_nothing(row: str) -> None:
    judged = judge(None, {}, NOTHING[row])
    assert set(counts(judged).values()) == {0.0}
    assert judged.reading is Reading.UNKNOWN


def test_without_any_evidence_the_answer_is_unknown() -> None:
    judged = judge(None, {})
    assert judged.reading is Reading.UNKNOWN
    assert [gap.lacking for gap in judged.gaps] == [Lacking.UNCOMPARED]


VERSION, CHANGED, CARD = (
    wave(cause(480, **{name: value}), forecast=None)
    for name, value in (("app_version", "v7"), ("new_device", True), ("card", "4f0c"))
)
FAULT = Traces(Replay(2, 1, LOST), foresight=UNSHOWN)


@pytest.mark.parametrize(
    ("diagnosis", "traces", "reading"),
    [
        (None, FAULT, Reading.SOFTWARE),
        (VERSION, FAULT, Reading.SOFTWARE),
        # the plan's forecast tells a fault from a change that was meant
        (None, Traces(Replay(2, 1, LOST)), Reading.UNKNOWN),
        (None, replace(FAULT, foresight=SHOWN.foresight), Reading.POLICY),
        (VERSION, replace(FAULT, foresight=SHOWN.foresight), Reading.POLICY),
        (VERSION, SHOWN, Reading.POLICY),
        # the replay decides where it contradicts names
        (CHANGED, FAULT, Reading.SOFTWARE),
        (CARD, FAULT, Reading.SOFTWARE),
        (VERSION, Traces(Replay(2, 1, KEPT), foresight=UNSHOWN), Reading.UNKNOWN),
        (CHANGED, Traces(Replay(2, 1, KEPT), foresight=UNSHOWN), Reading.TAKEOVER),
        (CARD, Traces(Replay(2, 1, KEPT), foresight=UNSHOWN), Reading.RING),
        (VERSION, Traces(Replay(2, 1, KEPT), (SOON,), UNSHOWN), Reading.UNKNOWN),
        # but a version that has differed for long is not what began
        (CARD, Traces(Replay(2, 1, LOST, LOST), foresight=UNSHOWN), Reading.RING),
        (CARD, Traces(Replay(2, 1, LOST, KEPT), foresight=UNSHOWN), Reading.SOFTWARE),
        # and events of a faulty deployment are the same for both versions
        (VERSION, Traces(Replay(2, 1, KEPT), (DEPLOYED,), UNSHOWN), Reading.SOFTWARE),
        # one circumstance alone tells a fault not from a change
        (None, Traces(onsets=(SOON,)), Reading.UNKNOWN),
        (None, Traces(appealed=GRANTED), Reading.UNKNOWN),
        (CARD, Traces(appealed=GRANTED), Reading.UNKNOWN),
    ],
)
def test_evidence_together(diagnosis: Diagnosis | None, traces: Traces, reading: Reading) -> None:
    assert judge(diagnosis, {}, traces).reading is reading


def test_an_appeal_or_two_prove_little() -> None:
    one, many = (
        counts(judge(None, {}, Traces(appealed=Appealed(n, n))))[Reading.SOFTWARE] for n in (1, 20)
    )
    assert one < 0.4 < 0.9 < many


# --- properties

kept = st.builds(
    lambda kept, lost: Persistence(kept + lost, kept), st.integers(0, 300), st.integers(1, 300)
)
replays = st.builds(Replay, st.just(2), st.just(1), kept, st.none() | kept)
foresights = st.builds(
    lambda shown, more, expected: Foresight(shown + more, shown, expected),
    st.integers(0, 300), st.integers(1, 300), st.floats(0, 1000),
)  # fmt: skip
onsets = st.builds(
    Onset, st.just("2"), st.integers(-WITHIN_US, 2 * WITHIN_US),
    st.sampled_from([None, "deployment"]),
)  # fmt: skip
appeals = st.builds(
    lambda upheld, overturned: Appealed(upheld + overturned, overturned),
    st.integers(0, 30), st.integers(0, 30),
)  # fmt: skip
traces = st.builds(
    Traces, st.none() | replays, st.lists(onsets, max_size=2).map(tuple),
    st.none() | foresights, st.none() | appeals,
)  # fmt: skip
diagnoses = st.sampled_from([None, VERSION, CHANGED, CARD, wave(), wave(cause(country=None))])


@given(diagnoses, traces, onsets, appeals)
def test_evidence_for_a_reading_never_lowers_it(
    diagnosis: Diagnosis | None, traces: Traces, onset: Onset, appealed: Appealed
) -> None:
    before = weights(judge(diagnosis, {}, replace(traces, appealed=None)))
    more = [
        (replace(traces, onsets=(*traces.onsets, onset)), (Reading.SOFTWARE, Reading.POLICY)),
        (replace(traces, appealed=appealed), set(READINGS) - {Reading.RING}),
    ]
    for richer, readings in more:
        after = weights(judge(diagnosis, {}, richer))
        assert all(after[one] >= before[one] - 1e-9 for one in readings)


@given(diagnoses, traces, replays, foresights, st.data())
def test_stronger_evidence_never_lowers_its_reading(
    diagnosis: Diagnosis | None,
    traces: Traces,
    replay: Replay,
    foresight: Foresight,
    data: st.DataObject,
) -> None:
    fewer = data.draw(st.integers(0, replay.wave.kept))
    more = data.draw(st.integers(foresight.shown, foresight.decisions))
    less_kept = replace(replay, wave=replace(replay.wave, kept=fewer))
    one, two = (
        weights(judge(diagnosis, {}, replace(traces, replay=r))) for r in (replay, less_kept)
    )
    assert two[Reading.SOFTWARE] >= one[Reading.SOFTWARE] - 1e-9
    shown = replace(foresight, shown=more)
    one, two = (
        weights(judge(diagnosis, {}, replace(traces, foresight=f))) for f in (foresight, shown)
    )
    assert two[Reading.POLICY] >= one[Reading.POLICY] - 1e-9
    assert two[Reading.SOFTWARE] <= one[Reading.SOFTWARE] + 1e-9


@given(diagnoses, traces)
def test_a_weight_is_what_its_evidence_counts(diagnosis: Diagnosis | None, traces: Traces) -> None:
    judged = judge(diagnosis, {}, traces)
    for one in judged.weighed:
        assert one.weight == max(0.0, sum(e.counts for e in one.evidence))
        assert all((e.counts > 0) <= e.speaks_for <= (e.counts >= 0) for e in one.evidence)
    heaviest = judged.weighed[0]
    assert judged.reading in (heaviest.reading, Reading.UNKNOWN)


# --- in words


@pytest.mark.parametrize("lang", LANGS)
def test_each_piece_and_each_gap_has_its_sentence(lang: Lang) -> None:
    assert {*Piece, *Lacking} <= TEXTS[lang].keys()
    full = Traces(Replay(2, 1, LOST, LOST), (SOON, DEPLOYED), UNSHOWN, GRANTED)
    told = [judge(None, {}, one) for one in (full, *(t for t, _ in TABLE.values()))]
    keys = {e.key for judged in told for one in judged.weighed for e in one.evidence}
    assert keys == set(Piece)
    lines = [
        line for judged in told for one in judged.weighed for line in evidence_lines(one, lang)
    ]
    assert "{" not in str(lines)


def test_words_by_hand() -> None:
    judged = judge(None, {}, replace(FAULT, onsets=(SOON,)))
    assert evidence_lines(judged.weighed[0], "en") == [
        "for: In the same events version 1, in force before version 2, decides so for only 4 of "
        "200. (+1.92)",
        "for: The first decision came 10 min after version 2 was applied. (+1.00)",
    ]
    assert evidence_lines(judged.weighed[1], "fr")[1] == (
        "contre : Sur 200 décisions, le plan en montrait 0 avant d'être appliqué ; pour les heures "
        "où elles sont venues il en attendait 0,100. (\N{MINUS SIGN}2,00)"
    )
    assert evidence_lines(judge(None, {}).weighed[0], "en") == [
        "nothing speaks for it or against it"
    ]


@pytest.mark.parametrize("lang", LANGS)
def test_gaps_in_words(lang: Lang) -> None:
    values = {"version": 1, "before": 1, "path": "events.parquet", "why": "it is gone"}
    gaps = tuple(Gap(one, values) for one in Lacking if one is not Lacking.UNCOMPARED)
    judged = judge(None, {}, replace(NO_TRACES, gaps=gaps))
    lines = gap_lines(judged, lang)
    assert len(lines) == len(set(lines)) == len(Lacking)
    assert "{" not in str(lines)
    assert judgement_json(judged, lang)["unknown"]
