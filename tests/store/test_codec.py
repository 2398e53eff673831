"""The codec: every value comes back equal, its text is canonical, and what was written once is
read for good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.appeal import ReliefPlan, Ruling, Verdict, appeals
from habeas.core.appeal.approvals import Approval
from habeas.core.appeal.cases import case_of
from habeas.core.appeal.complaints import Attachment
from habeas.core.appeal.relief import Fault, Preview, Relieved
from habeas.core.appeal.rulings import Lesser
from habeas.core.brake import Closing, Release, ReleaseRequest
from habeas.core.brake.brakes import BrakeMove
from habeas.core.canon import canonical
from habeas.core.decision import Decision, DecisionMove, DecisionState, Exemption
from habeas.core.decision.decisions import (
    Approve,
    Declare,
    Emergency,
    End,
    Lift,
    Notify,
    Refuse,
    Reverse,
    TakeForce,
)
from habeas.core.decision.proposals import PassedFinding, PassReason
from habeas.core.policy import Finding, Measure
from habeas.core.policy.findings import FactChange, FactValue
from habeas.core.property import Holding, Settlement
from habeas.core.property.settlement import release, settle
from habeas.core.signal import Burst
from habeas.core.signal.feeds import Calm, Rise, Swing
from habeas.store.codec import decoded, encoded, read, written
from tests.core.appeal.casework import DORA, EMIL, NOW, ROBOT, decision, finding, reason
from tests.core.property.owned import OWNED, RULES, occasion

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
TIMES = st.integers(0, 2**63 - 1)
ACTORS = st.sampled_from([DORA, EMIL, ROBOT])
EVENTS: st.SearchStrategy[DecisionMove] = st.one_of(
    st.builds(Approve, TIMES, ACTORS),
    st.builds(Refuse, TIMES, ACTORS, TEXTS),
    st.builds(Notify, TIMES, TEXTS),
    st.builds(Declare, TIMES, ACTORS, TEXTS),
    st.builds(TakeForce, TIMES),
    st.builds(End, TIMES),
    st.builds(Lift, TIMES, ACTORS, TEXTS),
    st.builds(Reverse, TIMES, st.lists(ACTORS).map(tuple), TEXTS),
)
LISTS = st.dictionaries(TEXTS, st.lists(TEXTS).map(tuple))
DECISIONS = st.builds(
    lambda values, evidence, **more: replace(
        decision(Measure.CLOSE), reason=replace(reason(), values=values, evidence=evidence), **more
    ),
    st.dictionaries(TEXTS, VALUES),
    LISTS,
    state=st.sampled_from(DecisionState),
    for_us=st.none() | TIMES,
    approvers=st.lists(ACTORS).map(tuple),
    emergency=st.none() | st.builds(Emergency, TEXTS, ACTORS, TIMES),
    skips=st.booleans(),
    why=TEXTS,
)
FINDINGS = st.builds(
    lambda values, evidence, truths, changes: replace(
        finding(), values=values, evidence=evidence, truths=truths, changes=changes
    ),
    st.dictionaries(TEXTS, VALUES),
    LISTS,
    st.lists(st.tuples(TEXTS, st.none() | st.booleans())).map(tuple),
    st.lists(st.lists(st.builds(FactChange, TEXTS, st.integers(), st.integers())).map(tuple)).map(
        tuple
    ),
)


def comes_back(value: object, kind: Any = None) -> None:
    plain = encoded(value, kind)
    text = written(plain)
    assert text == canonical(plain)
    again = decoded(read(text), type(value) if kind is None else kind)
    assert again == value
    assert written(encoded(again, kind)) == text


@given(EVENTS)
def test_events_come_back(event: DecisionMove) -> None:
    comes_back(event, DecisionMove)


@given(DECISIONS)
def test_decisions_come_back(made: Decision) -> None:
    comes_back(made)


@given(FINDINGS)
def test_findings_come_back(found: Finding) -> None:
    comes_back(found)


@given(VALUES)
def test_a_value_of_a_fact_comes_back_with_its_type(value: FactValue) -> None:
    again = decoded(read(written(encoded(value, FactValue))), FactValue)
    assert again == value
    whole_double = isinstance(value, float) and value.is_integer()  # JSON has one sort of number
    assert whole_double or type(again) is type(value)


@given(OWNED, RULES, st.sampled_from(Measure))
def test_settlements_and_holdings_come_back(
    holdings: list[Holding], rules: Any, measure: Measure
) -> None:
    made = settle(holdings, occasion(measure), rules)
    comes_back(made)
    comes_back(release(made, NOW + 1))
    comes_back(tuple(holdings), tuple[Holding, ...])


RULING = Ruling("d1", Verdict.LESSER, "enough", Lesser(Measure.LIMIT, 1, "returns", 90))
PLAN = ReliefPlan(
    Fault(policy="returns-abuse", traits=(("deployment", 7), ("gift", True), ("country", "FR"))),
    "the terminal counted twice",
    (Relieved("d1", "boris", Measure.CLOSE, DecisionState.IN_FORCE),),
    Preview(1, 1, ((Measure.CLOSE, 1),), (("EUR", 2**60),), (), 1),
    (("d1",),),
)
BURST = Burst(NOW, NOW, NOW, 60.0, 0.1 + 0.2, 0.999, (("compte fermé", 9),))


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (
            PassedFinding("f1", "boris", "returns-abuse", PassReason.EXEMPT, "a ruling"),
            PassedFinding,
        ),
        (Exemption("boris", None, "a ruling", None), Exemption),
        (case_of("R-1", "boris", ("d1", "d2"), "8WF2-Q0ZD-0000-0000"), None),
        (appeals.Rule(NOW, EMIL, (RULING,)), appeals.AppealMove),
        (
            appeals.Attach(NOW, Attachment("a.pdf", "application/pdf", 9, "0" * 64)),
            appeals.AppealMove,
        ),
        (appeals.Restore(NOW, "d1", ()), appeals.AppealMove),
        (PLAN, None),
        (Approval(DORA, PLAN.hash, NOW), None),
        (Closing(NOW, 0.1 + 0.2, ()), BrakeMove),
        (ReleaseRequest(NOW, DORA, "the sale", (), 2.5), BrakeMove),
        (Release(NOW, (DORA, EMIL), "the sale", (("country", "FR"),)), BrakeMove),
        (Rise(NOW, BURST, "returns.1"), Swing),
        (Calm(NOW, BURST), Swing),
    ],
    ids=lambda value: type(value).__name__,
)
def test_all_else_comes_back(value: object, kind: Any) -> None:
    comes_back(value, kind)


def test_a_relief_plan_keeps_its_hash() -> None:
    again: ReliefPlan = decoded(read(written(encoded(PLAN))), ReliefPlan)
    assert again.hash == PLAN.hash


@given(
    st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner)).filter(
        lambda v: not isinstance(v, float)
    )
)
def test_the_quick_text_is_the_canonical_one(value: Any) -> None:
    @dataclass(frozen=True)
    class Held:
        value: FactValue

    plain = encoded(Held(value)) if not isinstance(value, list | dict) else {"given": value}
    if isinstance(value, list | dict):
        plain = _told(value)
    assert written(plain) == canonical(plain)


def _told(value: Any) -> Any:
    """As the codec would tell it, at every depth."""
    if isinstance(value, list):
        return [_told(v) for v in value]
    if isinstance(value, dict):
        return {k: _told(v) for k, v in value.items()}
    return encoded(value, FactValue)


def test_what_was_written_once_is_read_for_good() -> None:
    """Names on disk: if this fails, a class or a field was renamed and old rows are lost."""
    text = '{"by":{"name":"dora","person":true},"time_us":86400000000000,"type":"Approve"}'
    assert decoded(read(text), DecisionMove) == Approve(NOW, DORA)
    assert written(encoded(Approve(NOW, DORA), DecisionMove)) == text
    told = read(DECISION)
    assert decoded(told, Decision) == decision(Measure.LIMIT)
    assert written(encoded(decision(Measure.LIMIT))) == DECISION


DECISION = (
    '{"account":"boris","approved_us":null,"approvers":[],"capability":"returns","emergency":'
    'null,"ended_us":null,"for_us":7776000000000,"id":"d1","in_force_us":null,"index":1,"meas'
    'ure":"limit","notice":null,"notice_us":1209600000000,"noticed_us":null,"proposed_us":864'
    '00000000000,"reason":{"clause":{"en":"You may not.","fr":"Vous ne pouvez pas.","ref":"Co'
    'nditions of Use 4.2"},"evidence":{"orders_365d":["e1","e2"]},"finding":"f1","outcome":"c'
    'd7da88c172c6be201a0bd8c97c10450024ed9fd271c4aedc07ed0cd6cbcaad8","policy":"returns-abuse'
    '","text_hash":"fac30ccbdc4351e9e9cc2c5347afdf5eff271fcdc4df8c2a08cdd0b67ff8ddd5","values'
    '":{"orders_365d":30},"version":3},"review":false,"skips":false,"state":"proposed","why":'
    '""}'
)


def test_what_no_codec_knows_is_refused() -> None:
    with pytest.raises(TypeError, match="no codec knows"):
        encoded(object())


def test_a_settlement_without_its_act_is_no_settlement() -> None:
    with pytest.raises(TypeError):
        decoded({"id": "s"}, Settlement)
