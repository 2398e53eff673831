"""Audit: the laws asked again of what was recorded on one account, from the record alone.

Each check is a small function that yields a sentence for what is wrong; `habeas verify` runs all of
them, and those of the log and the tables (flows/audit/verify). Nothing here trusts a derived value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from habeas.core.appeal import Appeal, appeals
from habeas.core.appeal.appeals import Rule, binding
from habeas.core.appeal.reversal import OPEN, unrestored
from habeas.core.appeal.rulings import Lesser
from habeas.core.audit.records import AuditedLife, PolicyTerms, Record
from habeas.core.decision import Actor, Decision, DecisionState, Reason
from habeas.core.decision.decisions import (
    Approve,
    Declare,
    Notify,
    TakeForce,
    due,
    may_rule,
    restrictive,
)
from habeas.core.decision.proposals import Circumstances, rung
from habeas.core.decision.standing import standing
from habeas.core.errors import HabeasError
from habeas.core.ids import made_id
from habeas.core.languages import LANGS
from habeas.core.policy import Finding
from habeas.core.policy.plans import Mode
from habeas.core.property import Custody, Settlement, custody, ledger
from habeas.core.property.settlement import Act, complaints

LAW = re.compile(r"\(law ([0-9]+)\)")


Check = Callable[[Record], Iterator[str]]


def cause(record: Record) -> Iterator[str]:
    """Law 1: each decision has its finding, with the same policy, values and evidence, and the
    text of its policy is kept."""
    for name, life in record.lives.items():
        reason = life.born.reason
        found = record.findings.get(reason.finding)
        if found is None:
            yield f"decision {name} names the finding {reason.finding}, which is not recorded"
        elif _ground(found) != _ground(reason):
            yield f"decision {name} gives another reason than its finding {found.id}"
        if not all(reason.clause[lang] for lang in LANGS):
            yield f"decision {name} quotes no clause"
        terms = record.policies.get(reason.text_hash)
        if terms is None:
            yield f"decision {name} names a policy of which the text is not kept"
        else:
            yield from _beside_text(record, life.born, terms)
        if reason.text_hash not in record.applied:
            yield f"decision {name} rests on a policy that nobody put in force"


def _ground(of: Finding | Reason) -> tuple[object, ...]:
    return of.policy, of.version, of.outcome, of.values, of.evidence


def _beside_text(record: Record, born: Decision, terms: PolicyTerms) -> Iterator[str]:
    """Measure, step, length, notice and review are those of the policy's own text, or those that a
    ruling found instead."""
    reason, lesser = born.reason, _lessers(record).get(born.id)
    if (reason.policy, reason.version, reason.clause) != (terms.name, terms.version, terms.clause):
        yield f"decision {born.id} gives another name, version or clause than its policy's text"
    if born.notice_us != terms.notice_us:
        yield f"decision {born.id} has another notice period than its policy's text"
    if lesser is not None:
        named = (lesser.measure, lesser.capability, lesser.index, lesser.for_us)
        if named != (born.measure, born.capability, born.index, born.for_us) or not born.review:
            yield f"decision {born.id} is not what the ruling found instead"
        return
    if not 0 <= born.index < len(terms.ladder):
        yield f"decision {born.id} is step {born.index + 1}, which its policy's text does not have"
        return
    step = terms.ladder[born.index]
    own = (born.measure, born.capability, born.for_us)
    if own != (step.measure, step.capability, step.for_us) or (step.review and not born.review):
        yield f"decision {born.id} has another measure than step {born.index + 1} of its policy"


def _lessers(record: Record) -> dict[str, Lesser]:
    """What rulings found instead, by the id of the decision that follows."""
    return {
        made_id("lesser", name, ruling.decision): ruling.lesser
        for name, hearing in record.hearings.items()
        for event in hearing.events
        if isinstance(event, Rule)
        for ruling in event.rulings
        if ruling.lesser is not None
    }


def moves(record: Record, law: int) -> Iterator[str]:
    """The moves that the state machine refuses, by the law that it names; those that it refuses
    for another reason (order, a missing reason) are counted with law 2."""
    for life in record.lives.values():
        for refusal in life.refused:
            named = LAW.search(refusal)
            if law == (int(named[1]) if named else 2):
                yield refusal


def notice_first(record: Record) -> Iterator[str]:
    """Law 2: no grave measure in the dark; a notice that a move names was made, and sent for its
    whole period before the measure took force."""
    yield from moves(record, 2)
    yield from _unsent(record)
    told = {notice.id: notice for notice in record.notices}
    for name, life in record.lives.items():
        for event in life.events:
            if isinstance(event, Notify) and (
                event.notice not in told or told[event.notice].decision != name
            ):
                yield f"decision {name} names the notice {event.notice}, which was not made for it"


def _unsent(record: Record) -> Iterator[str]:
    for name, life in record.lives.items():
        notice = None
        for event in life.events:
            if isinstance(event, Notify):
                notice = event.notice
            if not isinstance(event, TakeForce):
                continue
            sent_us = record.sent.get(notice or "")
            if sent_us is None:
                yield f"decision {name} took force, and nothing says that notice {notice} was sent"
            elif event.time_us < sent_us + life.born.period_us:
                yield f"decision {name} took force before the period of its notice {notice} had run"


def steps_in_order(record: Record) -> Iterator[str]:
    """Law 3: the step before was behind the customer when a harsher one was proposed."""
    yield from moves(record, 3)
    for name, life in record.lives.items():
        born = life.born
        emergency = any(isinstance(e, Declare) for e in life.events)
        forced = any(isinstance(e, TakeForce) for e in life.events)
        if emergency or not forced or born.index == 0:
            continue
        before = [
            other.at(born.proposed_us)
            for other_name, other in record.lives.items()
            if other_name != name and other.born.proposed_us <= born.proposed_us
        ]
        given = Circumstances(born.proposed_us, Mode.ENFORCE, decisions=before)
        reached = rung(record.account, born.policy, given).index
        if born.index > reached + 1:
            yield f"decision {name} is step {born.index + 1}, and only {reached + 1} were behind it"


def nothing_lost(record: Record) -> Iterator[str]:
    """Law 4: every holding has an outcome, nothing asked for is still to be done, and the entries
    are whole."""
    held = Custody(())
    for one in record.properties:
        if not isinstance(one, Settlement):
            held = Custody(one, held.recorded)
            continue
        first = one.act is Act.SETTLE and not custody.lasting(held.recorded)
        yield from complaints(held.holdings if first else (), one)
        try:
            held = held.after(one)
        except HabeasError as error:
            yield f"settlement {one.id} does not fit what was there: {error.message}"
    yield from _still_to_do(record, held)
    yield from ledger.complaints(record.entries, 4)


def _still_to_do(record: Record, held: Custody) -> Iterator[str]:
    now_us, decisions = record.latest_us, record.decisions
    if any(due(d, now_us, brake_closed=OPEN) for d in decisions):
        return  # the next tick does it
    heard = [h.now for h in record.hearings.values()]
    stands = standing(record.account, binding(decisions, heard), now_us)
    try:
        missing = custody.following(held, decisions, stands)
    except HabeasError as error:
        yield error.message
        return
    for one in missing:
        yield f"a settlement was not made: {one.act} for decision {one.occasion.decision}"


def erased_rightly(record: Record) -> Iterator[str]:
    """Law 5: a person erased and said why, and nothing that an appeal still rested on."""
    for one in record.erasures:
        if not one.by.person or not one.why.strip():
            yield f"an erasure of {record.account} names no person or no reason"
        for name, hearing in record.hearings.items():
            open_then = hearing.born.opened_us <= one.time_us and (
                hearing.at(one.time_us).state in appeals.UNRULED
            )
            if open_then and one.case in (None, hearing.born.reference):
                yield f"appeal {name} was open when {one.by.name} erased what it rests on"


def reversal_exact(record: Record) -> Iterator[str]:
    """Law 6: what a reversed decision did is undone, as it was, once."""
    heard = [h.now for h in record.hearings.values()]
    decisions, settlements = record.decisions, record.settlements
    now_us = max([record.latest_us, *(s.occasion.time_us for s in settlements)], default=0)
    if not settlements:
        return
    stands = standing(record.account, binding(decisions, heard), now_us)
    for decision in decisions:
        if decision.state is not DecisionState.REVERSED:
            continue
        own = [s for s in settlements if s.occasion.decision == decision.id]
        if own:
            yield from unrestored(decision, settlements, decisions, stands)
    yield from ledger.complaints(record.entries, 6)


def other_eyes(record: Record) -> Iterator[str]:
    """Law 7: whoever approved a decision, or declared its emergency, does not rule on it."""
    yield from moves(record, 7)
    for name, life in record.lives.items():
        for event in life.events:
            if isinstance(event, Approve) and event.by == _declared_by(life, event):
                yield f"{event.by.name} reviewed the own emergency of decision {name}"
    for name, hearing in record.hearings.items():
        for heard in hearing.events:
            if isinstance(heard, Rule):
                yield from _ruled_alone(record, name, hearing.born, heard)


def _declared_by(life: AuditedLife, approval: Approve) -> Actor | None:
    said = (e for e in life.events if isinstance(e, Declare) and e.time_us <= approval.time_us)
    return next((e.by for e in said), None)


def _ruled_alone(record: Record, name: str, born: Appeal, event: Rule) -> Iterator[str]:
    for decision in born.decisions:
        life = record.lives.get(decision)
        if life is None:
            yield f"appeal {name} is against {decision}, which is not on the account"
        elif not may_rule(life.at(event.time_us), event.by):
            yield f"{event.by.name} ruled on appeal {name} and had approved decision {decision}"


def in_doubt(record: Record) -> Iterator[str]:
    """Law 9: the condition of every finding was true, not unknown."""
    for name, finding in record.findings.items():
        if finding.truths and finding.truths[0][1] is not True:
            yield f"finding {name} was made where its condition was not true"


OVER = frozenset({DecisionState.REVERSED, DecisionState.REFUSED})


def once(record: Record) -> Iterator[str]:
    """Law 10: nothing is decided, told, paid or undone twice."""
    steps = Counter(
        (d.reason.finding, d.index)
        for d in record.decisions
        if d.state not in OVER and d.in_force_us is not None
    )
    for (finding, index), count in steps.items():
        if count > 1:
            yield f"finding {finding} led to {count} measures of step {index + 1}"
    words = Counter((n.decision, n.kind, n.sha256) for n in record.notices)
    for (decision, kind, _), count in words.items():
        if count > 1:
            yield f"the {kind} of decision {decision} was made {count} times"
    inverses = Counter((s.of, s.act) for s in record.settlements if s.of is not None)
    for (of, act), count in inverses.items():
        if count > 1:
            yield f"settlement {of} has {count} of {act}"
    yield from ledger.complaints(record.entries, 10)


def brake_holds(record: Record) -> Iterator[str]:
    """Law 11: nothing restrictive took force while the brake of its policy was closed."""
    for name, life in record.lives.items():
        brake = record.brakes.get(life.born.policy)
        if brake is None or not restrictive(life.born):
            continue
        for event in life.events:
            if isinstance(event, TakeForce | Declare) and brake.closed_at(event.time_us):
                yield f"decision {name} took force while the brake of {life.born.policy} was closed"


LAWS: Mapping[int, tuple[str, Check]] = {
    1: ("no decision without cause", cause),
    2: ("no closing in the dark", notice_first),
    3: ("steps in order", steps_in_order),
    4: ("nothing owned is lost", nothing_lost),
    5: ("nothing is erased", erased_rightly),
    6: ("reversal is exact", reversal_exact),
    7: ("another pair of eyes", other_eyes),
    9: ("in doubt, for the customer", in_doubt),
    10: ("once", once),
    11: ("a closed brake holds", brake_holds),
}
