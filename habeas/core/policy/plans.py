"""Plans: what a set of policies would do, as a value that is frozen, read, and applied by hash."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Any

from habeas.core.canon import digest
from habeas.core.ids import share_of
from habeas.core.languages import Lang
from habeas.core.money import amount_words
from habeas.core.policy.facts import Fact
from habeas.core.policy.policies import Policy
from habeas.core.policy.schema import Schema
from habeas.core.times import UNITS

HOUR = UNITS["h"]
HOURS = 168  # of a week, from Monday 00:00 UTC
EPOCH_HOUR = 72  # 1970-01-01 was a Thursday
SAMPLES = 10
MOST_BANDS = 12  # of a segment by text; what is rarer is put together as OTHER
UNKNOWN, OTHER = "unknown", "other"


class Mode(StrEnum):
    """shadow: findings are made, nothing is done. canary: done for a share of the accounts."""

    SHADOW = "shadow"
    CANARY = "canary"
    ENFORCE = "enforce"


class ChangeKind(StrEnum):
    NEW = "new"
    OUTCOME = "outcome"  # who is hit, when or by what may change
    TEXT = "text"  # titles, clause, disclosure, tests or layout only
    NONE = "none"
    REMOVED = "removed"


def change_of(after: Policy | None, before: Policy | None) -> ChangeKind:
    """What becomes of a policy; None stands for no such version before, or after."""
    if after is None:
        return ChangeKind.REMOVED
    if before is None:
        return ChangeKind.NEW
    if after.outcome != before.outcome or after.version != before.version:
        return ChangeKind.OUTCOME
    return ChangeKind.NONE if after.text == before.text else ChangeKind.TEXT


def text_diff(after: Policy | None, before: Policy | None) -> str:
    """A unified diff of the two files; the whole file where there is but one."""
    old, new = (p.text.splitlines() if p else [] for p in (before, after))
    one, two = (f"version {p.version}" if p else "(none)" for p in (before, after))
    return "\n".join(difflib.unified_diff(old, new, one, two, lineterm=""))


@dataclass(frozen=True, slots=True)
class Band:
    """One part of a segment: how many accounts, and how many of them are hit."""

    label: str
    accounts: int
    hit: int
    holding: int  # the condition still holds at the account's last event
    newly_hit: int
    newly_spared: int
    findings: int


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    bands: tuple[Band, ...]
    title: Mapping[str, str] = field(default_factory=dict)  # by language, where the schema has one


@dataclass(frozen=True, slots=True)
class MeasureCount:
    """One measure of the ladder: how many findings lead to it, for how many accounts; how many
    accounts got as far before. `step` is its place in its ladder, from 1."""

    step: int
    measure: str
    capability: str | None
    findings: int
    accounts: int
    accounts_before: int = 0
    newly_hit: int = 0
    newly_spared: int = 0


@dataclass(frozen=True, slots=True)
class Stake:
    """Money of the accounts hit, in minor units of one currency."""

    name: str
    currency: str
    amount: int
    before: int
    title: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Findings expected in each hour of the week, from Monday 00:00 UTC; the brake's baseline."""

    weeks: float
    hours: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Against labels: how many of the labelled accounts hit are abusive (precision), how many
    of the abusive are hit (recall); None where there is nothing to divide by."""

    labelled: int
    abusive: int
    hit_labelled: int
    hit_abusive: int
    precision: float | None
    recall: float | None


@dataclass(frozen=True, slots=True)
class Sample:
    """An account that would be hit, the finding, and why, in both languages."""

    account: str
    event_id: str
    time_us: int
    why: Mapping[Lang, Mapping[str, Any]]  # by language


@dataclass(frozen=True, slots=True)
class PolicyPlan:
    policy: str
    title: Mapping[str, str]
    change: ChangeKind
    version: int | None
    version_before: int | None
    outcome: str | None
    outcome_before: str | None
    text_hash: str | None
    diff: str
    findings: int
    hit: int
    hit_before: int
    holding: int
    newly_hit: int
    newly_spared: int
    measures: tuple[MeasureCount, ...]
    stakes: tuple[Stake, ...]
    segments: tuple[Segment, ...]
    forecast: Forecast
    accuracy: Accuracy | None
    samples: tuple[Sample, ...]
    spared_samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """What the plan was made from. Digests are SHA-256; nothing here is a path or a clock."""

    events: str
    schema: str
    in_force: str
    labels: str | None
    count: int
    accounts: int
    first_us: int
    last_us: int


class StageKind(StrEnum):
    """What a stage of an apply does."""

    COMPARE = "compare"  # what the plan rests on with what is there now
    NEW = "new"
    OUTCOME = "outcome"  # in the place of the version `before`
    TEXT = "text"
    REMOVED = "removed"
    NONE = "none"
    RECORD = "record"
    CANARY = "canary"  # recorded, for `percent` of the accounts


@dataclass(frozen=True, slots=True)
class Stage:
    """One thing that apply does; the pages say it in a language."""

    kind: StageKind
    policy: str | None = None
    version: int | None = None
    before: int | None = None
    mode: Mode | None = None
    percent: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    scope: Scope
    mode: Mode
    canary: int | None  # percent
    canary_accounts: int | None
    hit: int  # accounts hit by any policy
    hit_before: int
    newly_hit: int
    newly_spared: int
    policies: tuple[PolicyPlan, ...]
    stages: tuple[Stage, ...]

    def as_json(self) -> dict[str, object]:
        return {"hash": self.hash, **asdict(self)}

    @property
    def hash(self) -> str:
        """The plan's name: the same inputs give the same plan and the same hash."""
        return digest(asdict(self))


@dataclass(frozen=True, slots=True)
class PlanGround:
    """The two sets of policies and what both are judged on."""

    after: Mapping[str, Policy]
    before: Mapping[str, Policy]
    schema: Schema
    labels: Mapping[str, bool] | None
    scope: Scope

    @property
    def names(self) -> tuple[str, ...]:
        """The policies of both sets, the new set first."""
        return tuple(dict.fromkeys([*self.after, *self.before]))


def stages(ground: PlanGround, mode: Mode, canary: int | None) -> tuple[Stage, ...]:
    """What apply will do, in order; apply does these and nothing else."""
    found = [Stage(StageKind.COMPARE)]
    for name in ground.names:
        after, before = ground.after.get(name), ground.before.get(name)
        match change_of(after, before), after, before:
            case ChangeKind.NEW, Policy(version=new), _:
                found.append(Stage(StageKind.NEW, name, new))
            case ChangeKind.OUTCOME, Policy(version=new), Policy(version=old):
                found.append(Stage(StageKind.OUTCOME, name, new, old))
            case ChangeKind.TEXT, Policy(version=new), _:
                found.append(Stage(StageKind.TEXT, name, new))
            case ChangeKind.REMOVED, _, Policy(version=old):
                found.append(Stage(StageKind.REMOVED, name, old))
            case _:
                found.append(Stage(StageKind.NONE, name))
    kind = StageKind.RECORD if canary is None else StageKind.CANARY
    return (*found, Stage(kind, mode=mode, percent=canary))


def in_force_digest(policies: Iterable[Policy]) -> str:
    """What was in force when the plan was made; apply refuses when it is no longer."""
    return digest(sorted([p.name, p.version, p.outcome, p.text_hash] for p in policies))


def in_canary(account: str, policy: str, percent: int) -> bool:
    """Whether an account is in the canary: the same accounts every time, others per policy."""
    return share_of(account, f"canary {policy}") * 100 < percent


def sampled(accounts: Iterable[str], policy: str, count: int = SAMPLES) -> list[str]:
    """A sample that does not depend on order, machine or run."""
    return sorted(accounts, key=lambda a: (share_of(a, f"sample {policy}"), a))[:count]


def forecast(times_us: Sequence[int], first_us: int, last_us: int) -> Forecast:
    """Findings per hour of the week, given their times and the span of the log."""
    start, end = first_us // HOUR, last_us // HOUR
    counts = [0] * HOURS
    for time_us in times_us:
        counts[(time_us // HOUR + EPOCH_HOUR) % HOURS] += 1
    span = end - start + 1
    offset = (start + EPOCH_HOUR) % HOURS
    # how often each hour of the week lies in the span
    seen = [span // HOURS + ((h - offset) % HOURS < span % HOURS) for h in range(HOURS)]
    hours = tuple(c / s if s else 0.0 for c, s in zip(counts, seen, strict=True))
    return Forecast(round(span / HOURS, 4), hours)


def accuracy(hit: frozenset[str], labels: Mapping[str, bool]) -> Accuracy:
    """Precision and recall by labels (True is abusive); None where nothing was labelled so."""
    abusive = {account for account, abuse in labels.items() if abuse}
    caught, judged = len(hit & abusive), len(hit & labels.keys())
    return Accuracy(
        labelled=len(labels),
        abusive=len(abusive),
        hit_labelled=judged,
        hit_abusive=caught,
        precision=caught / judged if judged else None,
        recall=caught / len(abusive) if abusive else None,
    )


@dataclass(frozen=True, slots=True)
class Hits:
    """Who one policy hits, old version and new: accounts, and findings by account."""

    after: frozenset[str]
    before: frozenset[str]
    holding: frozenset[str]
    findings: Mapping[str, int]


def segment(name: str, labels: Mapping[str, str], order: Sequence[str], hits: Hits) -> Segment:
    """A segment from each account's band, in the order given (then by size)."""
    members: dict[str, list[str]] = {}
    for account, label in labels.items():
        members.setdefault(label, []).append(account)
    ranked = sorted(members, key=lambda x: (-len(members[x]), x))
    listed = [label for label in (*order, *ranked) if label in members]
    return Segment(name, tuple(_band(x, members[x], hits) for x in dict.fromkeys(listed)))


def _band(label: str, accounts: Sequence[str], hits: Hits) -> Band:
    own = frozenset(accounts)
    return Band(
        label=label,
        accounts=len(own),
        hit=len(own & hits.after),
        holding=len(own & hits.holding),
        newly_hit=len(own & (hits.after - hits.before)),
        newly_spared=len(own & (hits.before - hits.after)),
        findings=sum(hits.findings.get(a, 0) for a in own),
    )


def band_labels(fact: Fact, bands: Sequence[int]) -> tuple[str, ...]:
    """The names of the parts of a segment by number, from the lowest."""

    def shown(value: int) -> str:
        return amount_words(value, fact.money) if fact.money else f"{value:,}"

    if not bands:
        return ("all",)
    middle = [
        shown(low) if high - low == 1 else f"{shown(low)} to {shown(high - 1)}"
        for low, high in pairwise(bands)
    ]
    return (f"under {shown(bands[0])}", *middle, f"{shown(bands[-1])} and over")
