"""Random lives of accounts in both databases: whatever is asked in whatever order, what is read
back is what was decided, a refused move writes nothing, and the laws hold after every step."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from habeas.core.appeal import AppealState, Ruling, Verdict
from habeas.core.appeal.cases import case_of, code_of
from habeas.core.appeal.reversal import unrestored
from habeas.core.appeal.rulings import Lesser
from habeas.core.decision import Decision, DecisionState
from habeas.core.decision.decisions import (
    Approve,
    Declare,
    Lift,
    Notify,
    Refuse,
    Reverse,
    may_rule,
    stale_us,
)
from habeas.core.decision.proposals import (
    Circumstances,
    PassedFinding,
    automatic,
    propose,
    propose_emergency,
)
from habeas.core.decision.standing import standing
from habeas.core.errors import Forbidden, IllegalMove
from habeas.core.money import Money
from habeas.core.policy import Measure
from habeas.core.policy.measures import GRAVE
from habeas.core.policy.plans import Mode
from habeas.core.property import Purse, PurseRole
from habeas.core.property.holdings import Balance
from habeas.core.property.ledger import moved
from habeas.flows.appeal import hear
from habeas.flows.decision.tick import tick
from habeas.flows.work import on_one
from habeas.store import decisions, ledger
from habeas.store.accounts import account
from habeas.store.changes import Account, AccountChange, Notice
from tests.core.appeal.casework import DAY, DORA, EMIL, FAY, NOW, POLICY, ROBOT, finding
from tests.core.property.owned import BORIS, opening
from tests.store.life import TEXTS

RUNS = int(os.environ.get("HABEAS_RUNS", "25"))
PEOPLE = st.sampled_from([DORA, EMIL, FAY, ROBOT])
WHICH = st.integers(0, 3)
names = count()


decided = precondition(lambda life: life.last.decisions)
told = precondition(lambda life: life.codes)
appealed = precondition(lambda life: life.last.appeals)


def read_ids(made: Account) -> list[str]:
    return [*made.decisions, *made.appeals]


class Life(RuleBasedStateMachine):
    """One account. The times of two steps are never the same."""

    @initialize()
    def begin(self) -> None:
        self.name, self.now = f"account {next(names)}", NOW
        self.last, self.seen = account(self.name), NOW
        self.found: list[str] = []
        self.codes: dict[str, str] = {}
        self.more = 0
        held = tuple(BORIS)
        entries = (replace(e, id=f"{e.id} {self.name}") for e in opening(BORIS, self.name))
        came = tuple(entries)
        self.do(lambda a: self.change(a).reported(held, came))

    def change(self, read: Account) -> AccountChange:
        return AccountChange.of(read, self.now)

    def do(self, decide: Callable[[Account], AccountChange]) -> None:
        """What was recorded is what was decided; what was refused is nothing."""
        self.now += 1
        with self.refused_as_a_whole():
            made = on_one(self.name, decide)
            moves = {name: made.account.moves.get(name, 0) for name in read_ids(made.account)}
            assert account(self.name) == replace(
                made.account, version=made.before.version + bool(made), moves=moves
            )

    @contextmanager
    def refused_as_a_whole(self) -> Iterator[None]:
        try:
            yield
        except (IllegalMove, Forbidden):
            assert account(self.name) == self.last
        self.see()

    def see(self) -> None:
        """What is recorded now, and when what binds the account was last looked at."""
        before, self.last = self.bound(), account(self.name)
        if self.bound() != before:
            self.seen = self.now

    def bound(self) -> object:
        took = [d for d in self.last.decisions.values() if d.in_force_us is not None]
        return took, self.last.custody

    def pick(self, which: int) -> Decision:
        known = list(self.last.decisions.values())
        return known[which % len(known)]

    # What happens

    @rule(days=st.sampled_from([0, 1, 5, 15, 31, 95]))
    def wait(self, days: int) -> None:
        self.now += days * DAY

    @rule(step=st.integers(0, 3), old=st.booleans())
    def find(self, step: int, old: bool) -> None:
        number = len(self.found)
        events = ("e0", "e1") if old else (f"e{number}", f"e{number + 1}")
        one = finding(step, name=f"f{number} {self.name}", account=self.name, events=events)
        self.found.append(one.id)

        def proposed(read: Account) -> AccountChange:
            made = propose(one, POLICY, self.given(read))
            change = self.change(read).found(one)
            if isinstance(made, PassedFinding):
                return change.passes(made)
            change = change.proposed(made)
            approval = automatic(made, self.now)
            return change.moved(made.id, approval) if approval else change

        from habeas.store.commits import keep_texts

        keep_texts(TEXTS)
        self.do(proposed)

    def given(self, read: Account) -> Circumstances:
        return Circumstances(self.now, Mode.ENFORCE, decisions=tuple(read.decisions.values()))

    @rule(step=st.integers(1, 3), who=PEOPLE)
    def declare(self, step: int, who: Any) -> None:
        one = finding(step, name=f"f{len(self.found)} {self.name}", account=self.name)
        self.found.append(one.id)

        def declared(read: Account) -> AccountChange:
            made = propose_emergency(one, POLICY, step, self.given(read))
            if isinstance(made, PassedFinding):
                return self.change(read).found(one).passes(made)
            change = self.change(read).found(one).proposed(made)
            return change.moved(made.id, Declare(self.now, who, "a stolen card is in use"))

        self.do(declared)

    @decided
    @rule(which=WHICH, who=PEOPLE)
    def approve(self, which: int, who: Any) -> None:
        one = self.pick(which)
        self.do(lambda a: self.change(a).moved(one.id, Approve(self.now, who)))

    @decided
    @rule(which=WHICH, who=PEOPLE)
    def refuse(self, which: int, who: Any) -> None:
        one = self.pick(which)
        self.do(lambda a: self.change(a).moved(one.id, Refuse(self.now, who, "not him")))

    @decided
    @rule(which=WHICH)
    def tell(self, which: int) -> None:
        one = self.pick(which)
        sent = Notice(
            f"n {self.now} {one.id}",
            one.id,
            "statement",
            "en",
            "We suspended...",
            by_hand="by post (dora)",
        )
        code = code_of(f"{self.now:010}"[-10:].encode())
        case = case_of(sent.id, self.name, (one.id,), code)
        self.codes[sent.id] = code
        self.do(
            lambda a: self.change(a).told(sent).opens(case).moved(one.id, Notify(self.now, sent.id))
        )

    @rule()
    def time_passes(self) -> None:
        self.now += 1
        tick(self.now)
        hear.overdue(self.now)
        self.see()

    @decided
    @rule(which=WHICH, who=PEOPLE)
    def lift(self, which: int, who: Any) -> None:
        one = self.pick(which)
        self.do(lambda a: self.change(a).moved(one.id, Lift(self.now, who, "enough")))

    @decided
    @rule(which=WHICH, who=PEOPLE)
    def reverse(self, which: int, who: Any) -> None:
        one = self.pick(which)
        event = Reverse(self.now + 1, (who,), "the terminal counted twice")
        self.do(lambda a: self.change(a).moved(one.id, event))

    @rule(cents=st.integers(1, 10_000))
    def money_comes_in(self, cents: int) -> None:
        """The platform reports all that the customer has, with what came in."""
        self.more += 1
        new = Balance(f"more {self.more}", "EUR", cents)
        paid = Money(cents, "EUR")

        def came(read: Account) -> AccountChange:
            purse = Purse(PurseRole.CUSTOMER, new.kind, self.name)
            source = Purse(PurseRole.PLATFORM, new.kind)
            entry = moved(f"in {self.more} {self.name}", self.now, "topped up", source, purse, paid)
            return self.change(read).reported((*read.custody.holdings, new), (entry,))

        self.do(came)

    # Appeals

    @told
    @rule(which=WHICH, right=st.sampled_from([True, True, True, False]), hardship=st.booleans())
    def complain(self, which: int, right: bool, hardship: bool) -> None:
        reference = list(self.codes)[which % len(self.codes)]
        code = self.codes[reference] if right else "0000"
        self.now += 1
        with self.refused_as_a_whole():
            hear.complain(
                hear.AppealForm(reference, code, "It was not me.", hardship=hardship), self.now
            )

    @appealed
    @rule(which=WHICH, who=PEOPLE)
    def take(self, which: int, who: Any) -> None:
        self.of_appeal(which, lambda name: hear.assign(name, who, self.now))

    @appealed
    @rule(which=WHICH, who=PEOPLE)
    def ease(self, which: int, who: Any) -> None:
        self.of_appeal(which, lambda name: hear.ease(name, who, "rent", self.now))

    @appealed
    @rule(which=WHICH, verdict=st.sampled_from(Verdict), who=PEOPLE)
    def decide_appeal(self, which: int, verdict: Verdict, who: Any) -> None:
        lesser = Lesser(Measure.WARN, 0) if verdict is Verdict.LESSER else None

        def ruled(name: str) -> None:
            on = self.last.appeal(name).decisions
            hear.rule(name, [Ruling(d, verdict, "see the slip", lesser) for d in on], who, self.now)

        self.of_appeal(which, ruled)

    def of_appeal(self, which: int, act: Callable[[str], object]) -> None:
        known = list(self.last.appeals)
        self.now += 1
        with self.refused_as_a_whole():
            act(known[which % len(known)])
        self.now += len(self.last.decisions)  # a ruling moves each at its own moment

    # The laws, of what was read back

    @invariant()
    def law_1_each_names_its_finding_and_its_rule(self) -> None:
        for one in self.every():
            assert one.reason.finding in self.found
            assert one.reason.text_hash in TEXTS

    @invariant()
    def laws_2_and_3_nothing_grave_in_the_dark_and_no_step_is_skipped(self) -> None:
        for one in self.every():
            if one.in_force_us is None or one.emergency is not None:
                continue
            assert not one.skips
            if one.measure in GRAVE:
                assert one.noticed_us is not None
                assert one.in_force_us >= one.noticed_us + one.notice_us
                assert any(actor.person for actor in one.approvers)

    @invariant()
    def law_4_every_holding_is_there_and_money_sums_to_zero(self) -> None:
        if not hasattr(self, "name"):
            return
        kept = {h.id for h in self.last.custody.holdings}
        assert {h.id for h in BORIS} <= kept
        for entry in ledger.entries(self.name):
            totals: dict[str, int] = {}
            for posting in entry.postings:
                money = posting.money
                totals[money.currency] = totals.get(money.currency, 0) + money.amount
            assert not any(totals.values())

    @invariant()
    def law_6_what_is_reversed_is_restored(self) -> None:
        for one in self.every():
            if one.state is DecisionState.REVERSED:
                left = unrestored(
                    one, self.last.custody.recorded, self.every(), self.last.standing(self.seen)
                )
                assert left == ()

    @invariant()
    def law_7_nobody_rules_on_what_they_approved(self) -> None:
        for appeal in self.appeals():
            if appeal.state in (AppealState.RULED, AppealState.ANSWERED):
                assert appeal.reviewer is not None
                assert all(
                    may_rule(self.last.decision(name), appeal.reviewer) for name in appeal.decisions
                )

    @invariant()
    def support_and_the_product_say_the_same(self) -> None:
        if not self.appeals() and hasattr(self, "name"):
            now = standing(self.name, self.every(), self.now)
            assert self.last.standing(self.now) == now

    @invariant()
    def a_proposal_is_not_left_for_ever(self) -> None:
        for one in self.every():
            assert one.state is not DecisionState.PROPOSED or stale_us(one) is not None

    def every(self) -> list[Decision]:
        return list(self.last.decisions.values()) if hasattr(self, "last") else []

    def appeals(self) -> list[Any]:
        return list(self.last.appeals.values()) if hasattr(self, "last") else []


@pytest.mark.usefixtures("store")
def test_lives_are_recorded_as_they_were_decided() -> None:
    quick = settings(
        max_examples=RUNS,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Life, settings=quick)
    every, wrong = decisions.rebuild()
    assert every > RUNS / 2
    assert wrong == 0
