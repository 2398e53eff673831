"""Reverse: as if the decision had never been, proved before it is written, told once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from habeas.config import Database
from habeas.core.decision import Actor, DecisionState
from habeas.core.decision.decisions import Approve, Reverse
from habeas.core.errors import IllegalMove, NotFound
from habeas.core.policy import Measure
from habeas.core.property import Custody
from habeas.core.property.holdings import Balance
from habeas.core.property.settlement import undo
from habeas.flows.appeal.reverse import reverse, undone
from habeas.flows.decision.decide import approve, decide
from habeas.flows.decision.tick import tick
from habeas.flows.property.holdings import report
from habeas.store.accounts import account
from habeas.store.changes import AccountChange
from habeas.store.commits import commit
from tests.core.appeal.casework import DAY, DORA, EMIL, NOW, decision
from tests.flows.appeal.relieving import (
    FORCE_US,
    OWN,
    RELIEF_US,
    WHY,
    differences,
    hit,
    measure_of,
    names_of,
    owed,
)
from tests.flows.deciding import DECIDED_US, decided_shop, force, strict_policy
from tests.flows.deciding import DORA as REVIEWER
from tests.flows.deciding import EMIL as OTHER
from tests.flows.shop import DAY_US
from tests.store.telling import by_hand

NAMES = names_of(4)  # two suspended, one closed, one limited


def test_every_measure_is_as_if_it_had_never_been(store: Database) -> None:
    hit(NAMES)
    assert len(differences(NAMES)) > 8
    for name in NAMES:
        done = reverse(f"d {name}", (EMIL,), WHY, RELIEF_US)
        assert (done.decision.state, done.apology, done.awaiting) == (
            DecisionState.REVERSED,
            True,
            (),
        )
        assert done.settlements == (0 if measure_of(name) is Measure.LIMIT else 1)
    assert differences(NAMES) == []


def test_an_apology_is_owed_once(store: Database) -> None:
    hit(NAMES[:1])
    name = f"d {NAMES[0]}"
    reverse(name, (EMIL,), WHY, RELIEF_US)
    with pytest.raises(IllegalMove, match="reversed, not open to Reverse: there is nothing"):
        reverse(name, (EMIL,), WHY, RELIEF_US + 1)
    assert owed() == [name]


def test_who_approved_it_does_not_reverse_it(store: Database) -> None:
    hit(NAMES[:1])
    before = account(NAMES[0])
    with pytest.raises(IllegalMove, match=r"whoever approved it does not rule on it \(law 7\)"):
        reverse(f"d {NAMES[0]}", (DORA,), WHY, RELIEF_US)
    with pytest.raises(IllegalMove, match="it gives no reason"):
        reverse(f"d {NAMES[0]}", (EMIL,), " ", RELIEF_US)
    with pytest.raises(NotFound, match="there is no decision d9"):
        reverse("d9", (EMIL,), WHY, RELIEF_US)
    assert account(NAMES[0]) == before


def test_what_nobody_was_told_of_is_no_reason_for_a_letter(store: Database) -> None:
    made = decision(Measure.SUSPEND, "d1")
    change = AccountChange.of(account("boris"), NOW).proposed(made)
    commit([change.moved("d1", Approve(NOW, DORA))])
    assert not reverse("d1", (EMIL,), WHY, NOW + 1).apology
    assert owed() == []


def test_a_holding_that_changed_keeps_the_rest_from_nobody(store: Database) -> None:
    """The card is gone meanwhile: a person looks at it; the rest is back."""
    hit(NAMES[:1])
    left = [h for h in account(NAMES[0]).custody.holdings if h.id != "card"]
    report(NAMES[0], left, FORCE_US + DAY)
    done = reverse(f"d {NAMES[0]}", (EMIL,), WHY, RELIEF_US)
    assert done.awaiting == ("the holding card awaits a person",)
    wallet = next(h for h in account(NAMES[0]).custody.holdings if h.id == "wallet")
    assert wallet == OWN[0]


def test_what_came_in_meanwhile_stays(store: Database) -> None:
    hit(NAMES[:1])
    now = account(NAMES[0]).custody.holdings
    more = [replace(h, free=7_00) if h.id == "wallet" else h for h in now]  # type: ignore[call-arg]
    report(NAMES[0], more, FORCE_US + DAY)
    assert reverse(f"d {NAMES[0]}", (EMIL,), WHY, RELIEF_US).awaiting == ()
    wallet = next(h for h in account(NAMES[0]).custody.holdings if h.id == "wallet")
    assert wallet == Balance("wallet", "EUR", 27_00)


def test_what_cannot_be_undone_exactly_is_refused(store: Database) -> None:
    """An earlier inverse, of another hand, gave back less than was taken."""
    hit(NAMES[2:3])
    (name,) = NAMES[2:3]
    read = account(name)
    (taken,) = read.custody.recorded
    less = undo(taken, RELIEF_US - 1)
    less = replace(less, settled=less.settled[1:])
    wrong = replace(read, custody=Custody(read.custody.holdings, (taken, less)))
    event = Reverse(RELIEF_US, (EMIL,), WHY)
    with pytest.raises(IllegalMove, match="cannot be reversed exactly: the holding wallet was"):
        undone(AccountChange.of(wrong, RELIEF_US), f"d {name}", event)


def test_a_decision_of_another_policy_goes_on_binding(store: Database) -> None:
    """Its money is held for the other one as well: nothing is given back yet, and nothing lost."""
    hit(NAMES[:1])
    (name,) = NAMES[:1]
    more = decision(Measure.SUSPEND, "d more", account=name, proposed_us=FORCE_US)
    change = AccountChange.of(account(name), FORCE_US).proposed(more)
    change = change.moved("d more", Approve(FORCE_US, EMIL))
    commit([by_hand(change, "d more", FORCE_US)])
    tick(FORCE_US + 14 * DAY)
    done = reverse(f"d {name}", (EMIL,), WHY, FORCE_US + 15 * DAY)
    assert done.settlements == 0
    assert account(name).standing(FORCE_US + 15 * DAY).suspended
    assert reverse("d more", (DORA,), WHY, FORCE_US + 16 * DAY).settlements == 1
    assert [h for h in account(name).custody.holdings if isinstance(h, Balance)] == [*OWN[:2]]


def test_the_old_rule_does_not_fire_again(store: Database, tmp_path: Path) -> None:
    """Neither the same finding nor that of a new version of the policy, on the same events."""
    shop = decided_shop(tmp_path, accounts=2, first="suspend")
    decide(shop.folder, DECIDED_US)
    (name,) = account("account 0").decisions
    approve(name, REVIEWER, DECIDED_US)
    reverse(name, (OTHER,), "a family of four shares it", DECIDED_US + 1)
    again = decide(shop.folder, DECIDED_US + DAY_US)
    assert (again.decisions, again.known) == (0, 2)
    shop.put(strict_policy(version=2, first="suspend"))
    force(shop)
    again = decide(shop.folder, DECIDED_US + 2 * DAY_US)
    assert again.passed == {"overruled": 1, "running": 1}
    assert list(account("account 0").decisions) == [name]
    assert not account("account 0").standing(DECIDED_US + 3 * DAY_US).bindings


def test_a_program_reverses_nothing(store: Database) -> None:
    hit(NAMES[:1])
    with pytest.raises(IllegalMove, match="law 7"):
        reverse(f"d {NAMES[0]}", (Actor("habeas", person=False),), WHY, RELIEF_US)
