"""A ladder that changes between versions, and proposals that time has overtaken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from habeas.core.decision import Decision
from habeas.core.decision.proposals import (
    Circumstances,
    PassedFinding,
    PassReason,
    Rung,
    place,
    propose,
    rung,
)
from habeas.core.policy import Finding, Measure, Policy
from habeas.core.policy.plans import Mode
from tests.core.appeal.casework import DAY, NOW, POLICY, decision, finding, in_force
from tests.core.samples import edited, policy_from

WARNED, LIMITED, SUSPENDED = (
    replace(in_force(m), id=str(m)) for m in (Measure.WARN, Measure.LIMIT, Measure.SUSPEND)
)


def given_that(*decisions: Decision, now: int = NOW) -> Circumstances:
    return Circumstances(now, Mode.ENFORCE, decisions=decisions)


NEWER = policy_from(
    edited(
        "  - {measure: warn}\n",
        "  - {measure: warn}\n  - {measure: limit, capability: gifts, for: 30d, after: 14d}\n",
        edited("version: 3", "version: 4"),
    )
)
NO_WARNING = policy_from(edited("  - {measure: warn}\n", "", edited("version: 3", "version: 4")))


@pytest.mark.parametrize(
    ("taken", "policy", "step"),
    [
        (WARNED, POLICY, 0),
        (LIMITED, POLICY, 1),
        (WARNED, NEWER, 0),
        (LIMITED, NEWER, 2),
        (SUSPENDED, NEWER, 3),
        (replace(LIMITED, for_us=9 * DAY), NEWER, 2),
        (replace(LIMITED, capability="reviews"), NEWER, 0),
        (WARNED, NO_WARNING, -1),
        (LIMITED, NO_WARNING, 0),
        (replace(SUSPENDED, index=9), NO_WARNING, 1),
    ],
)
def test_on_a_ladder_that_has_changed_a_step_is_what_it_took_away(
    taken: Decision, policy: Policy, step: int
) -> None:
    """Not its number, which another version gives to another step."""
    assert place(taken, policy.ladder) == step
    now = rung("boris", POLICY.name, given_that(taken), policy.ladder)
    assert now == (Rung(step, taken.in_force_us) if step >= 0 else Rung())


def step_of(found: Finding, given: Circumstances) -> tuple[int, str | None]:
    made = propose(found, NEWER, given)
    assert isinstance(made, Decision), made
    return made.index, made.capability


def test_after_a_new_version_the_new_step_comes_first() -> None:
    late = given_that(WARNED, LIMITED, now=NOW + 100 * DAY)
    assert step_of(finding(3, policy=NEWER), late) == (3, None)
    warned = given_that(WARNED, now=NOW + 100 * DAY)
    assert step_of(finding(3, policy=NEWER), warned) == (1, "gifts")
    pending = decision(Measure.LIMIT, proposed_us=NOW)
    found = propose(
        finding(1, name="f2", policy=NEWER), NEWER, given_that(WARNED, pending, now=NOW + 20 * DAY)
    )
    assert isinstance(found, PassedFinding)
    assert found.why is PassReason.RUNNING, (
        "the limit of the old version is harsher than the new one"
    )
