"""The moves of decisions under a machine that tries to break laws 2, 3, 7 and 11."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from habeas.core.decision import Actor, Decision, DecisionMove, DecisionState
from habeas.core.decision.decisions import (
    EMERGENCY_US,
    Approve,
    Declare,
    Lift,
    Notify,
    Refuse,
    Reverse,
    TakeForce,
    due,
    due_us,
    may_rule,
    restrictive,
    step,
)
from habeas.core.decision.standing import RIGHTS, standing
from habeas.core.errors import IllegalMove
from habeas.core.policy import Measure
from habeas.core.policy.measures import GRAVE
from tests import cast
from tests.budgets import examples
from tests.core.appeal.casework import (
    CLOSED,
    DAY,
    DORA,
    EMIL,
    FAY,
    HOUR,
    NOW,
    OPEN,
    ROBOT,
    decision,
)

ACTORS = st.sampled_from([DORA, EMIL, FAY, ROBOT])
WHYS = st.sampled_from(["", " ", "a reason"])


class Moves(RuleBasedStateMachine):
    """People, clocks and brakes do what they like to three decisions on one account; moves that
    are not legal leave all as it was. After each move, every law is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.brake = OPEN
        self.made: list[Decision] = []
        self.told: dict[str, list[DecisionMove]] = {}
        self.force_with_brake: set[str] = set()

    @initialize(
        measures=st.lists(st.sampled_from(Measure), min_size=1, max_size=3),
        review=st.booleans(),
        skips=st.booleans(),
    )
    def begin(self, measures: list[Measure], review: bool, skips: bool) -> None:
        for i, measure in enumerate(measures):
            made = decision(measure, f"d{i}", review=review, skips=skips and i == 0)
            self.made.append(made)
            self.told[made.id] = []

    def move(self, index: int, event: DecisionMove) -> None:
        before = self.made[index % len(self.made)]
        try:
            moved = step(before, event, brake_closed=self.brake)
        except IllegalMove:
            return
        assert moved.id == before.id
        self.told[before.id].append(event)
        if (
            moved.state is DecisionState.IN_FORCE
            and before.state is not DecisionState.IN_FORCE
            and self.brake
        ):
            self.force_with_brake.add(before.id)
        self.made[index % len(self.made)] = moved

    @rule(by=st.sampled_from([1, HOUR, 23 * HOUR, DAY, 14 * DAY, 40 * DAY]))
    def wait(self, by: int) -> None:
        self.now += by

    @rule()
    def brake_moves(self) -> None:
        self.brake = not self.brake

    @rule(i=st.integers(0, 2), by=ACTORS)
    def approve(self, i: int, by: Actor) -> None:
        self.move(i, Approve(self.now, by))

    @rule(i=st.integers(0, 2))
    def notify(self, i: int) -> None:
        self.move(i, Notify(self.now, "n1"))

    @rule(i=st.integers(0, 2))
    def take_force(self, i: int) -> None:
        self.move(i, TakeForce(self.now))

    @rule(i=st.integers(0, 2), by=ACTORS, why=WHYS)
    def declare(self, i: int, by: Actor, why: str) -> None:
        self.move(i, Declare(self.now, by, why))

    @rule(i=st.integers(0, 2), by=ACTORS, why=WHYS, kind=st.sampled_from([Refuse, Lift]))
    def stop(self, i: int, by: Actor, why: str, kind: type[Refuse] | type[Lift]) -> None:
        self.move(i, kind(self.now, by, why))

    @rule(i=st.integers(0, 2), by=st.lists(ACTORS, max_size=2), why=WHYS)
    def reverse(self, i: int, by: list[Actor], why: str) -> None:
        self.move(i, Reverse(self.now, tuple(by), why))

    @rule(i=st.integers(0, 2), by=st.sampled_from([DORA, EMIL]))
    def by_the_book(self, i: int, by: Actor) -> None:
        """What an honest worker would do next, so that every state is reached."""
        one = self.made[i % len(self.made)]
        match one.state:
            case DecisionState.PROPOSED:
                self.move(i, Approve(self.now, by))
            case DecisionState.APPROVED:
                self.move(i, Notify(self.now, "n1"))
            case DecisionState.NOTICED:
                self.now = max(self.now, due_us(one) or 0)
                self.move(i, TakeForce(self.now))
            case DecisionState.IN_FORCE if one.ends_us is not None:
                self.now = max(self.now, one.ends_us)
            case _:
                pass

    @rule()
    def the_worker_runs(self) -> None:
        for i, one in enumerate(self.made):
            event = due(one, self.now, brake_closed=self.brake)
            if event is not None:
                moved = step(one, event, brake_closed=self.brake)
                following = due(moved, self.now, brake_closed=self.brake)
                assert type(following) is not type(event), "what was due is done"
                self.move(i, event)
                assert self.made[i] == moved, "what is due is always legal"

    @invariant()
    def law_2_nothing_grave_in_the_dark(self) -> None:
        for one in self.made:
            if one.in_force_us is None or one.measure not in GRAVE:
                continue
            if one.emergency is None:
                assert one.approved_us is not None
                assert one.noticed_us is not None
                assert any(actor.person for actor in one.approvers)
                assert one.approved_us <= one.noticed_us
                assert one.noticed_us + one.notice_us <= one.in_force_us
            else:
                assert one.emergency.why.strip()
                lasts = one.active(self.now) and self.now >= one.in_force_us + EMERGENCY_US
                assert one.confirmed or not lasts
                if one.approved_us is not None:
                    assert one.approvers[-1].person
                    assert one.approvers[-1] != one.emergency.by

    @invariant()
    def law_3_skipped_steps_are_emergencies(self) -> None:
        assert all(d.emergency for d in self.made if d.skips and d.in_force_us is not None)

    @invariant()
    def law_7_approvers_do_not_rule(self) -> None:
        for one in self.made:
            said_yes = [e.by for e in self.told[one.id] if isinstance(e, Approve | Declare)]
            assert not any(may_rule(one, actor) for actor in said_yes)
            for event in self.told[one.id]:
                if isinstance(event, Reverse):
                    assert any(a.person and a not in said_yes for a in event.by)

    @invariant()
    def law_11_a_closed_brake_holds(self) -> None:
        assert not any(restrictive(d) for d in self.made if d.id in self.force_with_brake)

    @invariant()
    def standing_says_what_the_decisions_say(self) -> None:
        found = standing("boris", self.made, self.now)
        active = {d.id for d in self.made if d.active(self.now)}
        assert {b.decision for b in found.bindings} == active
        for capability in ("returns", "orders"):
            behind = {b.decision for b in found.refusals(capability)}
            assert found.may(capability) == (not behind)
            assert behind <= active
        assert found.rights == RIGHTS

    @invariant()
    def a_person_can_always_reverse(self) -> None:
        for one in self.made:
            if one.state not in (DecisionState.REVERSED, DecisionState.REFUSED):
                gus = cast.GUS.actor
                done = step(one, Reverse(self.now, (gus,), "a ruling"), brake_closed=CLOSED)
                assert done.state is DecisionState.REVERSED
                assert standing("boris", [done], self.now).may("returns")

    @invariant()
    def what_is_over_stays_over(self) -> None:
        for one in self.made:
            if one.state in (DecisionState.REFUSED, DecisionState.REVERSED):
                assert due_us(one) is None
                assert one.ended_us is not None
                assert one.why


Moves.TestCase.settings = settings(max_examples=examples(200), stateful_step_count=40)
TestMoves = Moves.TestCase
