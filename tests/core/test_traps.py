"""Traps that others fell into, each by its name. Others of them are with what keeps out of them:
`grep test_trap`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.appeal import AppealState
from habeas.core.appeal.appeals import Interim, binding, opened
from habeas.core.appeal.deadlines import appealable
from habeas.core.decision import Decision
from habeas.core.decision.decisions import Approve, Notify, TakeForce
from habeas.core.decision.proposals import Circumstances, PassedFinding, propose, propose_all
from habeas.core.decision.standing import standing
from habeas.core.policy import Measure
from habeas.core.policy.measures import GRAVE
from habeas.core.policy.plans import Mode
from tests.core.appeal.casework import DAY, DORA, EMIL, NOW, POLICY, after, finding
from tests.core.appeal.courts import Account, bound
from tests.core.appeal.hearing import appeal, complaint
from tests.core.property.owned import BORIS, OWNED
from tests.core.samples import often

ACCOUNTS = st.lists(st.sampled_from(["boris", "chen", "aline"]), min_size=1, max_size=6)


@often
@given(ACCOUNTS)
def test_trap_a_batch_measure_made_no_record_so_nobody_could_appeal_it(accounts: list[str]) -> None:
    """However many at once, each has a record of its own, and each decision can be appealed."""
    batch = [
        finding(0, name=f"f{i}", account=account, events=(f"e{i}",))
        for i, account in enumerate(accounts)
    ]
    records = propose_all(batch, {POLICY.name: POLICY}, Circumstances(NOW, Mode.ENFORCE))
    assert len(records) == len(batch)
    for found, record in zip(batch, records, strict=True):
        if isinstance(record, PassedFinding):
            assert (record.finding, record.account) == (found.id, found.account)
            assert record.by, "it names the decision that stands in the way"
            continue
        told = after(record, Approve(NOW, DORA), Notify(NOW, "n1"), TakeForce(NOW))
        assert appealable(told, NOW)
        sent = replace(complaint(told.id), account=found.account)
        assert opened(sent, [told], (), NOW)[0]
    assert {r.account for r in records if isinstance(r, Decision)} == set(accounts)


MEASURES = st.lists(st.sampled_from(Measure), max_size=4)


@often
@given(MEASURES, st.booleans(), st.sampled_from(["orders", "returns", "anything"]))
def test_trap_supports_screen_said_not_suspended_while_the_product_refused_the_customer(
    measures: list[Measure], eased: bool, capability: str
) -> None:
    """One function answers all who ask: what is refused is refused by a binding that support
    sees, and what support sees as suspended or closed is refused; also under interim relief."""
    decisions = [bound(measure, f"d{i}") for i, measure in enumerate(measures)]
    heard = []
    if eased and decisions:
        heard = [replace(appeal(decisions[:1]), interim=Interim(NOW, EMIL, "rent"))]
    seen = standing("boris", binding(decisions, heard), NOW)
    assert seen.may(capability) == (not seen.refusals(capability))
    assert set(seen.refusals(capability)) <= set(seen.bindings)
    assert not ((seen.suspended or seen.closed) and seen.may(capability))
    if not seen.may(capability):
        assert seen.suspended or seen.closed or capability in seen.limited


def test_trap_what_interim_relief_lifts_is_not_half_lifted() -> None:
    """The product lets her in, and her balance is there as well."""
    world = Account(tuple(BORIS))
    made = world.decide(bound(Measure.SUSPEND, "d1"))
    world.appeals = [replace(appeal([made]), interim=Interim(NOW, EMIL, "rent"))]
    world.follow()
    assert world.stands.may("orders")
    assert {h.id: h for h in world.holdings}["card"] == BORIS[1]
    world.appeals = [replace(world.appeals[0], state=AppealState.RULED)]
    assert not world.stands.may("orders")


@often
@given(OWNED, st.sampled_from([Measure.WARN, Measure.LIMIT]))
def test_trap_a_suspension_cascaded_to_other_services(own: list, measure: Measure) -> None:
    """A limit takes one capability and touches nothing else; no measure touches another account,
    and none the ways to read, to fetch and to appeal."""
    world = Account(tuple(own))
    world.decide(bound(measure, "d1"))
    assert (world.holdings, world.recorded) == (tuple(own), [])
    assert world.stands.may("orders")
    assert world.stands.may("returns") == (measure is Measure.WARN)
    for one in Measure:
        hit = bound(one, "d2")
        assert standing("chen", [hit], NOW).bindings == ()
        assert standing("boris", [hit], NOW).rights == standing("chen", [], NOW).rights


@pytest.mark.parametrize("at_step", range(4))
def test_trap_a_measure_that_began_with_a_threshold_carried_no_reason(at_step: int) -> None:
    """What a rule of numbers proposes names the clause, the values and the events, and they stay
    with it to the end."""
    behind = [replace(bound(m, str(m), NOW - 99 * DAY), index=i) for i, m in enumerate(Measure)]
    given_ = Circumstances(NOW, Mode.ENFORCE, decisions=behind[:at_step])
    made = propose(finding(at_step, name="f9"), POLICY, given_)
    assert isinstance(made, Decision)
    assert made.index == at_step
    told = after(made, Approve(NOW, DORA), Notify(NOW, "n1"))
    wait = 14 * DAY if made.measure in GRAVE else 0
    force = after(told, TakeForce(NOW + wait))
    assert force.reason == made.reason
    assert force.reason.clause.en
    assert force.reason.clause.ref
    assert force.reason.values == {"orders_365d": 30}
    assert force.reason.events == {"e1", "e2"}
    assert force.reason.outcome == POLICY.outcome
