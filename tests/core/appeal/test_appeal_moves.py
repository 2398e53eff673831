"""Appeals under a machine: customers, reviewers, clocks and new measures do what they like, and
after each move every law is asked."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from habeas.core.appeal import Appeal, AppealState, Ruling, Verdict
from habeas.core.appeal.appeals import (
    UNRULED,
    Answer,
    AppealMove,
    Assign,
    Attach,
    Escalate,
    Interim,
    Remind,
    Restore,
    Rule,
    Withdraw,
    advance,
    binding,
    due,
    opened,
    outcome,
)
from habeas.core.appeal.rulings import NOTHING, UNDONE
from habeas.core.decision import Actor, Decision, DecisionState
from habeas.core.decision.decisions import Approve, may_rule, step
from habeas.core.decision.standing import RIGHTS, standing
from habeas.core.errors import IllegalMove
from habeas.core.policy import Measure
from tests import cast
from tests.budgets import examples
from tests.core.appeal.casework import DAY, DORA, EMIL, FAY, HOUR, NOW, OPEN, ROBOT, declared
from tests.core.appeal.courts import Account, bound
from tests.core.appeal.hearing import LESSER, complaint, photo
from tests.core.property.owned import BORIS

ACTORS = st.sampled_from([DORA, EMIL, FAY, ROBOT])
PEOPLE = st.sampled_from([EMIL, FAY])


class Appeals(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = Account(tuple(BORIS))
        self.appeals: list[Appeal] = []
        self.told: dict[str, list[AppealMove]] = {}
        self.late: set[tuple[str, Actor]] = set()  # who approved while it lay on their desk

    @property
    def decisions(self) -> list[Decision]:
        return list(self.world.decisions.values())

    @initialize(measures=st.lists(st.sampled_from(Measure), min_size=1, max_size=2))
    def begin(self, measures: list[Measure]) -> None:
        for i, measure in enumerate(measures):
            self.world.decide(bound(measure, f"d{i}"))
        self.appeal(["d0"])

    def move(self, i: int, event: AppealMove) -> None:
        before = self.appeals[i % len(self.appeals)]
        try:
            moved = advance(before, event, self.decisions)
        except IllegalMove:
            return
        self.told.setdefault(before.id, []).append(event)
        self.appeals[i % len(self.appeals)] = moved

    @rule(by=st.sampled_from([1, HOUR, 5 * DAY, 14 * DAY]))
    def wait(self, by: int) -> None:
        self.world.now += by

    @rule(names=st.lists(st.sampled_from(["d0", "d1", "d2", "e", "x"]), min_size=1, max_size=3))
    def appeal(self, names: list[str]) -> None:
        sent = complaint(*names, reference="C-1")
        made, declined = opened(sent, self.decisions, self.appeals, self.world.now)
        heard = set(made.decisions) if made else set()
        assert heard | {d.decision for d in declined} == set(names), "each has its answer"
        assert not heard & {d.decision for d in declined}
        if made:
            self.appeals.append(made)

    @rule(measure=st.sampled_from(Measure))
    def a_new_measure(self, measure: Measure) -> None:
        if len(self.world.decisions) < 4:
            before = list(self.appeals)
            name = f"d{len(self.world.decisions)}"
            self.world.decide(bound(measure, name, self.world.now))
            assert self.appeals == before

    @rule(by=PEOPLE)
    def an_emergency_is_reviewed(self, by: Actor) -> None:
        made = self.world.decisions.get("e")
        if made is None and self.world.now == NOW:
            self.world.decide(replace(declared(Measure.LIMIT), id="e"))
        elif made is not None:
            try:
                now = step(made, Approve(self.world.now, by), brake_closed=OPEN)
            except IllegalMove:
                return
            self.world.decisions["e"] = now
            self.late |= {
                (a.id, by) for a in self.appeals if a.state in UNRULED and "e" in a.decisions
            }

    @rule(name=st.sampled_from(["d0", "d1", "d2"]))
    def a_decision_is_lifted(self, name: str) -> None:
        made = self.world.decisions.get(name)
        if made and made.state is DecisionState.IN_FORCE and made.measure is not Measure.CLOSE:
            self.world.lift(name)

    @rule(name=st.sampled_from(["d0", "d1", "d2"]))
    def a_decision_is_reversed_otherwise(self, name: str) -> None:
        made = self.world.decisions.get(name)
        if made and made.state not in UNDONE:
            self.world.reverse(name, by=(EMIL, FAY))

    @rule(i=st.integers(0, 3), by=ACTORS)
    def assign(self, i: int, by: Actor) -> None:
        self.move(i, Assign(self.world.now, by))

    @rule(i=st.integers(0, 3), by=ACTORS)
    def ease(self, i: int, by: Actor) -> None:
        self.move(i, Interim(self.world.now, by, "rent"))

    @rule(i=st.integers(0, 3), n=st.integers(0, 3))
    def attach(self, i: int, n: int) -> None:
        self.move(i, Attach(self.world.now, photo(sha256=f"{n:064x}")))

    @rule(i=st.integers(0, 3), n=st.integers(0, 4), kind=st.sampled_from([Remind, Escalate]))
    def hurry(self, i: int, n: int, kind: type[Remind] | type[Escalate]) -> None:
        self.move(i, kind(self.world.now, n))

    @rule(i=st.integers(0, 3), really=st.integers(0, 4))
    def withdraw(self, i: int, really: int) -> None:
        if not really:  # or few appeals come as far as a ruling
            self.move(i, Withdraw(self.world.now))

    @rule(i=st.integers(0, 3), by=ACTORS, verdict=st.sampled_from(Verdict))
    def rule_on(self, i: int, by: Actor, verdict: Verdict) -> None:
        lesser = LESSER if verdict is Verdict.LESSER else None
        names = self.appeals[i % len(self.appeals)].decisions
        rulings = tuple(Ruling(n, verdict, "a reason", lesser) for n in names)
        self.move(i, Rule(self.world.now, by, rulings))

    @rule(i=st.integers(0, 3), verdict=st.sampled_from(Verdict), by=PEOPLE)
    def by_the_book(self, i: int, verdict: Verdict, by: Actor) -> None:
        """What honest people would do next, so that every state is reached."""
        match self.appeals[i % len(self.appeals)].state:
            case AppealState.OPEN:
                self.move(i, Assign(self.world.now, by))
            case AppealState.IN_REVIEW:
                reviewer = self.appeals[i % len(self.appeals)].reviewer
                self.rule_on(i, reviewer or by, verdict)
            case AppealState.RULED:
                self.carry_out(i)
                self.answer(i)
            case _:
                pass

    @rule(i=st.integers(0, 3))
    def carry_out(self, i: int) -> None:
        """The worker: what follows from a ruling, and its proof."""
        one = self.appeals[i % len(self.appeals)]
        for name in sorted(one.granted):
            made = self.world.decisions[name]
            follow = outcome(one, made, self.world.now)
            if follow.event is not None and may_rule(made, follow.event.by[0]):
                self.world.reverse(name, by=follow.event.by)
                now = self.world.decisions[name]
                assert outcome(one, now, self.world.now) == NOTHING
            self.move(i, Restore(self.world.now, name, ()))

    @rule(i=st.integers(0, 3))
    def answer(self, i: int) -> None:
        self.move(i, Answer(self.world.now, "n9"))

    @rule()
    def the_worker_runs(self) -> None:
        for i, one in enumerate(self.appeals):
            event = due(one, self.world.now)
            if event is not None:
                self.move(i, event)
                assert self.appeals[i] != one, "what is due is always legal"
                assert due(self.appeals[i], self.world.now) is None, "and done once (law 10)"

    @invariant()
    def only_its_own_events_move_an_appeal(self) -> None:
        for one in self.appeals:
            kinds = {type(e) for e in self.told.get(one.id, [])}
            assert (one.state is AppealState.WITHDRAWN) == (Withdraw in kinds)
            assert (one.state in (AppealState.RULED, AppealState.ANSWERED)) == (Rule in kinds)
            assert (one.state is AppealState.ANSWERED) == (Answer in kinds)

    @invariant()
    def law_7_who_ruled_did_not_approve_and_was_assigned(self) -> None:
        for one in self.appeals:
            for event in self.told.get(one.id, []):
                if isinstance(event, Rule):
                    assert event.by == one.reviewer
                    assert event.by not in (DORA, ROBOT)
                    assert (one.id, event.by) not in self.late

    @invariant()
    def what_is_told_as_granted_is_undone(self) -> None:
        for one in self.appeals:
            if one.state is AppealState.ANSWERED:
                assert all(self.world.decisions[n].state in UNDONE for n in one.granted)

    @invariant()
    def a_decision_is_heard_in_one_appeal(self) -> None:
        names = [
            n for a in self.appeals if a.state is not AppealState.WITHDRAWN for n in a.decisions
        ]
        assert len(names) == len(set(names))
        assert len({a.id for a in self.appeals}) == len(self.appeals)

    @invariant()
    def every_open_appeal_can_be_ruled_on(self) -> None:
        gus = cast.GUS.actor
        for one in self.appeals:
            if one.state in UNRULED:
                found = advance(one, Assign(self.world.now, gus), self.decisions)
                rulings = tuple(Ruling(n, Verdict.OVERTURN, "so it is") for n in one.decisions)
                done = advance(found, Rule(self.world.now, gus, rulings), self.decisions)
                assert done.state is AppealState.RULED

    @invariant()
    def interim_relief_only_gives(self) -> None:
        eased = binding(self.decisions, self.appeals)
        bare = standing("boris", self.decisions, self.world.now)
        seen = standing("boris", eased, self.world.now)
        assert {b.decision for b in seen.bindings} <= {b.decision for b in bare.bindings}
        assert seen.closed == bare.closed
        assert seen.rights == RIGHTS
        open_ = any(a.interim and a.state in UNRULED for a in self.appeals)
        assert open_ or seen == bare


Appeals.TestCase.settings = settings(max_examples=examples(300), stateful_step_count=40)
TestAppeals = Appeals.TestCase
