"""What a ruling may say, and the decision that a lesser measure becomes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.appeal import Ruling, Verdict
from habeas.core.appeal.rulings import Lesser, against_ruling, follows
from habeas.core.decision import DecisionState
from habeas.core.decision.decisions import Approve, Notify, TakeForce
from habeas.core.decision.proposals import Circumstances, automatic, rung
from habeas.core.policy import Measure
from habeas.core.policy.measures import harshness
from habeas.core.policy.plans import Mode
from tests.core.appeal.casework import DAY, EMIL, FAY, NOW, POLICY, after, decision
from tests.core.appeal.courts import bound
from tests.core.samples import often

WARNED = bound(Measure.WARN, "d0")
LIMITED = bound(Measure.LIMIT, "d1", for_us=90 * DAY)
SUSPENDED = bound(Measure.SUSPEND, "d2", for_us=30 * DAY)
CLOSED = bound(Measure.CLOSE, "d3")
LADDER = [WARNED, LIMITED, SUSPENDED, CLOSED]


def lesser(measure: Measure, step: int, capability: str | None = None, days: int = 0) -> Ruling:
    found = Lesser(measure, step, capability, days * DAY or None)
    return Ruling("d", Verdict.LESSER, "it was the first time", found)


@pytest.mark.parametrize(
    ("ruling", "subject", "said"),
    [
        (lesser(Measure.WARN, 0), SUSPENDED, None),
        (lesser(Measure.LIMIT, 1, "returns", 30), SUSPENDED, None),
        (lesser(Measure.SUSPEND, 2, days=29), SUSPENDED, None),
        (lesser(Measure.SUSPEND, 2, days=999), CLOSED, None),
        (lesser(Measure.LIMIT, 1, "returns", 89), LIMITED, None),
        (lesser(Measure.SUSPEND, 2, days=9), replace(SUSPENDED, for_us=None), None),
        (lesser(Measure.SUSPEND, 2, days=30), SUSPENDED, "is not less than that of d2"),
        (lesser(Measure.SUSPEND, 2), SUSPENDED, "is not less"),
        (lesser(Measure.CLOSE, 2), SUSPENDED, "is not less"),
        (lesser(Measure.LIMIT, 1, "orders", 30), LIMITED, "is not less"),
        (lesser(Measure.LIMIT, 3, "orders", 30), SUSPENDED, "is not less"),
        (lesser(Measure.WARN, -1), SUSPENDED, "is not less"),
        (lesser(Measure.LIMIT, 1), SUSPENDED, "a limit names the capability"),
        (lesser(Measure.WARN, 0, "orders"), SUSPENDED, "a limit names the capability"),
        (lesser(Measure.LIMIT, 1, "returns", -1), SUSPENDED, "lasts longer than nothing"),
        (replace(lesser(Measure.WARN, 0), lesser=None), SUSPENDED, "a lesser measure is named"),
        (
            replace(lesser(Measure.WARN, 0), verdict=Verdict.UPHOLD),
            SUSPENDED,
            "a lesser measure is named",
        ),
        (lesser(Measure.WARN, 0), replace(CLOSED, state=DecisionState.REVERSED), "can only say so"),
        (lesser(Measure.WARN, 0), replace(CLOSED, ended_us=NOW + 1), "the latest move of d3"),
    ],
)  # fmt: skip
def test_what_a_ruling_may_say(ruling: Ruling, subject: object, said: str | None) -> None:
    found = list(against_ruling(ruling, subject, LADDER, NOW))  # type: ignore[arg-type]
    assert (found == []) if said is None else any(said in why for why in found)


def test_a_lesser_measure_needs_the_steps_before_it() -> None:
    """After an emergency that skipped them, only the first step is left (law 3)."""
    alone = [replace(CLOSED, skips=True)]
    assert "law 3" in next(against_ruling(lesser(Measure.SUSPEND, 2, days=9), alone[0], alone, NOW))
    assert list(against_ruling(lesser(Measure.WARN, 0), alone[0], alone, NOW)) == []


STEPS = st.builds(
    Lesser,
    st.sampled_from(Measure),
    st.integers(0, 3),
    st.sampled_from([None, "returns"]),
    st.sampled_from([None, DAY, 31 * DAY]),
)


@often
@given(STEPS, st.sampled_from(LADDER), st.sampled_from(LADDER))
def test_what_is_proposed_instead_is_lesser_and_goes_by_the_book(
    found: Lesser, subject: object, other: object
) -> None:
    made = next(d for d in LADDER if d == subject)
    ruling = Ruling(made.id, Verdict.LESSER, "it was the first time", found)
    if list(against_ruling(ruling, made, LADDER, NOW)):
        return
    follow = follows("a1", ruling, made, EMIL, NOW)
    assert follow == follows("a1", ruling, made, EMIL, NOW)
    new = follow.proposed
    assert new is not None
    assert follow.event is not None
    assert new.state is DecisionState.PROPOSED
    assert new.reason == made.reason
    assert new.id != made.id
    milder = harshness(new.measure) < harshness(made.measure)
    assert milder or (new.for_us or 0) < (made.for_us or 10**18)
    assert automatic(new, NOW) is None, "a person approves it"
    gone = after(made, follow.event, brake_closed=True)
    wait = new.period_us
    force = after(new, Approve(NOW, FAY), Notify(NOW, "n"), TakeForce(NOW + wait))
    given_ = Circumstances(NOW + wait, Mode.ENFORCE, decisions=(gone, force))
    assert rung("boris", POLICY.name, given_).index == new.index


def test_nothing_follows_for_what_was_undone_already() -> None:
    for state in (DecisionState.REVERSED, DecisionState.REFUSED):
        gone = decision(Measure.CLOSE, state=state)
        found = follows("a1", Ruling("d1", Verdict.OVERTURN, "so it is"), gone, EMIL, NOW)
        assert (found.event, found.proposed) == (None, None)


def test_a_lesser_verdict_without_its_measure_proposes_nothing() -> None:
    found = follows("a1", Ruling("d3", Verdict.LESSER, "so it is"), CLOSED, EMIL, NOW)
    assert found.proposed is None
