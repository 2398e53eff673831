"""Relief: the reversal of all decisions of one fault, as one plan.

A fault is what wrong decisions share: a policy's version, a deployment, a type of event, a span of
time. The plan is frozen and named by its hash; two people approve that hash (law 7); its batches
are done in order, and what is next follows from what is done, so that it can be killed and resumed
anywhere, and doing a batch twice is doing it once (law 10).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby

from habeas.core.appeal.appeals import Appeal, binding
from habeas.core.appeal.reversal import owes_apology, undoing_us
from habeas.core.appeal.rulings import UNDONE
from habeas.core.canon import digest
from habeas.core.decision import Decision, DecisionState
from habeas.core.decision.standing import standing
from habeas.core.errors import InvalidInput, nearest
from habeas.core.policy import Measure
from habeas.core.property import Custody, PurseRole, SettlementRules
from habeas.core.property.custody import following
from habeas.core.property.ledger import Posting
from habeas.core.property.rules import SAFE

Trait = str | int | bool


@dataclass(frozen=True, slots=True)
class Fault:
    """What decisions share. A part that is None or empty says nothing; `traits` are attributes of
    the event that led to the finding, such as deployment or country, sorted by name; `from_us`
    is included and `until_us` is not, both of when it was proposed. Raises InvalidInput where all
    is left out: that would be every decision there is."""

    policy: str | None = None
    version: int | None = None
    event_type: str | None = None
    traits: tuple[tuple[str, Trait], ...] = ()
    from_us: int | None = None
    until_us: int | None = None

    def __post_init__(self) -> None:
        said = (self.policy, self.version, self.event_type, self.from_us, self.until_us)
        if not self.traits and all(part is None for part in said):
            raise InvalidInput("the fault says nothing", "name what the decisions share")

    def shared_by(self, decision: Decision, origin: Origin | None) -> bool | None:
        """None where it cannot be told, since the event or one of its attributes is unknown."""
        time_us, reason = decision.proposed_us, decision.reason
        parts: list[bool | None] = [
            self.policy in (None, reason.policy),
            self.version in (None, reason.version),
            self.from_us is None or self.from_us <= time_us,
            self.until_us is None or time_us < self.until_us,
        ]
        if self.event_type is not None:
            parts.append(None if origin is None else origin.event_type == self.event_type)
        for name, value in self.traits:
            known = origin.traits.get(name) if origin else None
            parts.append(None if known is None else known == value)
        return False if False in parts else None if None in parts else True


@dataclass(frozen=True, slots=True)
class Origin:
    """The event that led to a decision's finding: its type and its attributes, as far as known."""

    event_type: str
    traits: Mapping[str, Trait]


@dataclass(frozen=True, slots=True)
class Siblings:
    """The decisions of one fault that can still be reversed, and those of which it cannot be told
    (law 9: unknown is not true): a person looks at these."""

    shared: tuple[Decision, ...]
    unsure: tuple[Decision, ...]


def fault_of(decision: Decision, origin: Origin, shared: Collection[str]) -> Fault:
    """The fault that an overturned decision points to: its policy in its version, the type of its
    event and those attributes that a person (or a diagnosis) names. Raises InvalidInput for an
    attribute that the event does not have."""
    if unknown := sorted(set(shared) - origin.traits.keys()):
        hint = nearest(unknown[0], origin.traits)
        raise InvalidInput(f"the event of {decision.id} has no `{unknown[0]}`", hint)
    traits = tuple((name, origin.traits[name]) for name in sorted(set(shared)))
    reason = decision.reason
    return Fault(reason.policy, reason.version, origin.event_type, traits)


def siblings(
    decisions: Iterable[Decision], fault: Fault, origins: Mapping[str, Origin]
) -> Siblings:
    """The decisions that share a fault, by id; `origins` are by the decision's id. An appeal that
    was granted for a fault proposes relief for all of them."""
    found: dict[bool | None, list[Decision]] = {True: [], None: [], False: []}
    for decision in sorted(decisions, key=lambda d: d.id):
        if decision.state not in UNDONE:
            found[fault.shared_by(decision, origins.get(decision.id))].append(decision)
    return Siblings(tuple(found[True]), tuple(found[None]))


@dataclass(frozen=True, slots=True)
class Relieved:
    """A decision of the plan as it was when the plan was made."""

    decision: str
    account: str
    measure: Measure
    state: DecisionState


@dataclass(frozen=True, slots=True)
class Preview:
    """What the relief does. Money is in minor units by currency: `freed` can be spent again, of
    which `recalled` was on its way to a bank or card (what has left already, a person settles)."""

    accounts: int
    decisions: int
    measures: tuple[tuple[Measure, int], ...]
    freed: tuple[tuple[str, int], ...]
    recalled: tuple[tuple[str, int], ...]
    notices: int


@dataclass(frozen=True, slots=True)
class ReliefPlan:
    """`batches` hold ids of decisions, in the order in which they are done; the decisions of one
    account are in one batch, since their settlements rest on each other. `hash` is the plan's
    name: the same inputs give the same plan and the same hash."""

    fault: Fault
    why: str
    relieved: tuple[Relieved, ...]
    preview: Preview
    batches: tuple[tuple[str, ...], ...]
    hash: str = field(init=False)

    def __post_init__(self) -> None:
        plain = {
            "fault": asdict(self.fault), "why": self.why, "preview": asdict(self.preview),
            "relieved": [[r.decision, r.account, r.measure, r.state] for r in self.relieved],
            "batches": self.batches,
        }  # fmt: skip
        object.__setattr__(self, "hash", digest(plain))


@dataclass(frozen=True, slots=True)
class ReliefPart:
    """What a relief does on some accounts."""

    relieved: tuple[Relieved, ...]
    preview: Preview


def foreseen(
    relieved: Iterable[Decision],
    decisions: Iterable[Decision],
    custodies: Mapping[str, Custody],
    *,
    time_us: int,
    rules: SettlementRules = SAFE,
    appeals: Iterable[Appeal] = (),
) -> ReliefPart:
    """A part of a plan, so that not all accounts have to be in memory at once; as `relief_plan`."""
    chosen = sorted({d.id: d for d in relieved}.values(), key=lambda d: (d.account, d.id))
    if over := [d.id for d in chosen if d.state in UNDONE]:
        raise InvalidInput(f"decision {over[0]} has nothing to reverse")
    names = {d.id for d in chosen}
    after: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        undone = (
            replace(decision, state=DecisionState.REVERSED) if decision.id in names else decision
        )
        after[decision.account].append(undone)
    heard: defaultdict[str, list[Appeal]] = defaultdict(list)
    for appeal in appeals:
        heard[appeal.account].append(appeal)
    accounts = {d.account for d in chosen}
    money: list[Posting] = []
    for account in sorted(accounts & custodies.keys()):
        at_us = undoing_us(time_us, after[account], custodies[account].recorded)
        stands = standing(account, binding(after[account], heard[account]), at_us)
        for made in following(custodies[account], after[account], stands, rules):
            money += (p for entry in made.entries for p in entry.postings)
    rows = tuple(Relieved(d.id, d.account, d.measure, d.state) for d in chosen)
    return ReliefPart(rows, _preview(chosen, len(accounts), money))


def joined(fault: Fault, parts: Iterable[ReliefPart], *, why: str, size: int) -> ReliefPlan:
    """The plan of all parts, each account in one of them. Raises InvalidInput."""
    parts = tuple(parts)
    rows = sorted((r for p in parts for r in p.relieved), key=lambda r: (r.account, r.decision))
    if not rows or not why.strip() or size < 1:
        raise InvalidInput("a relief names decisions, a reason and batches of an account or more")
    accounts = [tuple(r.decision for r in own) for _, own in groupby(rows, lambda r: r.account)]
    batches = tuple(
        tuple(name for names in accounts[i : i + size] for name in names)
        for i in range(0, len(accounts), size)
    )
    return ReliefPlan(fault, why, tuple(rows), _sum([p.preview for p in parts]), batches)


def _sum(previews: Sequence[Preview]) -> Preview:
    measures: Counter[Measure] = Counter()
    freed: Counter[str] = Counter()
    recalled: Counter[str] = Counter()
    for one in previews:
        measures.update(dict(one.measures))
        freed.update(dict(one.freed))
        recalled.update(dict(one.recalled))
    return Preview(
        accounts=sum(p.accounts for p in previews),
        decisions=sum(p.decisions for p in previews),
        measures=tuple((m, measures[m]) for m in Measure if measures[m]),
        freed=tuple(sorted((c, n) for c, n in freed.items() if n)),
        recalled=tuple(sorted((c, n) for c, n in recalled.items() if n)),
        notices=sum(p.notices for p in previews),
    )


def _preview(chosen: Sequence[Decision], accounts: int, money: Iterable[Posting]) -> Preview:
    freed: Counter[str] = Counter()
    recalled: Counter[str] = Counter()
    for posting in money:
        if posting.purse.role is PurseRole.CUSTOMER:
            freed[posting.money.currency] += posting.money.amount
        elif posting.purse.role is PurseRole.PAYOUTS:
            recalled[posting.money.currency] -= posting.money.amount
    return Preview(
        accounts=accounts,
        decisions=len(chosen),
        measures=tuple(Counter(d.measure for d in chosen).items()),
        freed=tuple(freed.items()),
        recalled=tuple(recalled.items()),
        notices=sum(owes_apology(d) for d in chosen),
    )


@dataclass(frozen=True, slots=True)
class ReliefCause:
    """What a person says of a fault. `shared` are attributes of events: with a value, or without
    one beside `like`, which is a decision that was wrong and has them all."""

    policy: str | None = None
    version: int | None = None
    event_type: str | None = None
    shared: tuple[tuple[str, str | None], ...] = ()
    from_us: int | None = None
    until_us: int | None = None
    like: str | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A plan, and the decisions of which it cannot be told whether they share its fault."""

    plan: ReliefPlan
    unsure: tuple[str, ...]
