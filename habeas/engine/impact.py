"""The impact of policies: whom each would hit, with what, and whom its predecessor hit. It is the
work behind a plan; both sets of policies are judged on the same facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from habeas.core.languages import Lang
from habeas.core.policy import Fact, Finding, Measure, Policy, Schema, plans
from habeas.core.policy.conditions import Base, Type
from habeas.core.policy.facts import declared_facts
from habeas.core.progress import Progress, silent
from habeas.engine.columns import Column, Events, plain
from habeas.engine.judgement import Edge, Judged, explained, in_log_order, judge
from habeas.engine.replay import parts

ImpactStep = tuple[Measure, str | None]  # a measure, and the capability it limits
Reasons = Callable[[Finding, Policy, Schema], Mapping[Lang, Mapping[str, Any]]]
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a policy makes findings for."""

    judged: Judged
    per_account: Mapping[str, int]
    holding: frozenset[str]  # the condition holds at their last event
    rungs: Mapping[ImpactStep, frozenset[str]]

    @property
    def accounts(self) -> frozenset[str]:
        return frozenset(self.per_account)


def _reach(judged: Judged, events: Events) -> Reach:
    counts: dict[str, int] = {}
    ladder = judged.policy.ladder
    reached: dict[ImpactStep, set[str]] = {(s.measure, s.capability): set() for s in ladder}
    for edge in judged.edges:
        account, step = events.name_of(edge.row), ladder[edge.index]
        counts[account] = counts.get(account, 0) + 1
        reached[step.measure, step.capability].add(account)
    holding = frozenset(events.name_of(int(row)) for row in judged.holding)
    return Reach(judged, counts, holding, {r: frozenset(s) for r, s in reached.items()})


class Impact:
    """Both sets of policies, judged on one log."""

    def __init__(
        self,
        ground: plans.PlanGround,
        events: Events,
        reasons: Reasons,
        progress: Progress = silent,
    ) -> None:
        """`reasons` says why, for the samples: the engine has no words."""
        self.ground, self.events, self.reasons = ground, events, reasons
        self.segments = declared_facts(ground.schema, "segments")
        self.stakes = declared_facts(ground.schema, "stake")
        at_end = [*self.segments.values(), *self.stakes.values()]
        both = (*ground.before.values(), *ground.after.values())
        policies = {(policy.name, policy.outcome): policy for policy in both}
        wanted = [f for p in policies.values() for f in p.facts.values()]
        whole = parts(events, [*wanted, *at_end], progress)
        judged, self.at_end = judge(policies.values(), whole, at_end=at_end)
        found = dict(zip(policies, (_reach(one, events) for one in judged), strict=True))
        self.after = {n: found[n, p.outcome] for n, p in ground.after.items()}
        self.before = {n: found[n, p.outcome] for n, p in ground.before.items()}
        self.names = [events.name_of(int(row)) for row in events.last_rows]
        self.bands = {name: self._bands(name, fact) for name, fact in self.segments.items()}
        self.explained = {n: explained(one.judged, events) for n, one in self.after.items()}

    def hit(self) -> frozenset[str]:
        return NOBODY.union(*(j.accounts for j in self.after.values()))

    def hit_before(self) -> frozenset[str]:
        return NOBODY.union(*(j.accounts for j in self.before.values()))

    def in_canary(self, percent: int) -> frozenset[str]:
        """The accounts hit that a canary would act on."""
        return NOBODY.union(
            *(
                {account for account in j.accounts if plans.in_canary(account, name, percent)}
                for name, j in self.after.items()
            )
        )

    def findings(self) -> list[Finding]:
        found = [finding for own in self.explained.values() for finding in own]
        return in_log_order(found)

    def types(self) -> dict[str, Type]:
        return {n: t for p in self.ground.after.values() for n, t in p.types.items()}

    def policy_plan(self, name: str) -> plans.PolicyPlan:
        after, before = self.ground.after.get(name), self.ground.before.get(name)
        now, then = self.after.get(name), self.before.get(name)
        hits = plans.Hits(
            after=now.accounts if now else NOBODY,
            before=then.accounts if then else NOBODY,
            holding=now.holding if now else NOBODY,
            findings=now.per_account if now else {},
        )
        newly, spared = hits.after - hits.before, hits.before - hits.after
        labels, scope = self.ground.labels, self.ground.scope
        times = [int(self.events.time_us[e.row]) for e in now.judged.edges] if now else []
        title = (after or self.ground.before[name]).title
        return plans.PolicyPlan(
            policy=name,
            title=title.model_dump(),
            change=plans.change_of(after, before),
            version=after.version if after else None,
            version_before=before.version if before else None,
            outcome=after.outcome if after else None,
            outcome_before=before.outcome if before else None,
            text_hash=after.text_hash if after else None,
            diff=plans.text_diff(after, before),
            findings=len(times),
            hit=len(hits.after),
            hit_before=len(hits.before),
            holding=len(hits.holding),
            newly_hit=len(newly),
            newly_spared=len(spared),
            measures=tuple(self._measures(now, then)),
            stakes=tuple(self._stakes(hits)),
            segments=tuple(self._segment(n, hits) for n in self.segments),
            forecast=plans.forecast(times, scope.first_us, scope.last_us),
            accuracy=plans.accuracy(hits.after, labels) if labels is not None and after else None,
            samples=tuple(self._samples(name, newly or hits.after)) if after else (),
            spared_samples=tuple(plans.sampled(spared, name)),
        )

    def _measures(self, now: Reach | None, then: Reach | None) -> Iterable[plans.MeasureCount]:
        """The rungs of the new ladder, then those that only the old one had."""
        ladders = [(j, i) for j in (now, then) if j for i in range(len(j.judged.policy.ladder))]
        seen: set[ImpactStep] = set()
        for one, i in ladders:
            step = one.judged.policy.ladder[i]
            rung = (step.measure, step.capability)
            if rung in seen:
                continue
            seen.add(rung)
            after = now.rungs.get(rung, NOBODY) if now else NOBODY
            before = then.rungs.get(rung, NOBODY) if then else NOBODY
            yield plans.MeasureCount(
                step=i + 1,
                measure=step.measure,
                capability=step.capability,
                findings=sum(_rung(now, e) == rung for e in now.judged.edges) if now else 0,
                accounts=len(after),
                accounts_before=len(before),
                newly_hit=len(after - before),
                newly_spared=len(before - after),
            )

    def _at_end(self, fact: Fact) -> Column:
        """A fact at each account's last event, in the order of `names`."""
        return self.at_end[fact.meaning]

    def _stakes(self, hits: plans.Hits) -> Iterable[plans.Stake]:
        for name, fact in self.stakes.items():
            amounts = plain(self._at_end(fact), fact.type, self.events.texts)
            by_account = dict(zip(self.names, amounts, strict=True))
            now, then = (sum(by_account[a] or 0 for a in s) for s in (hits.after, hits.before))
            yield plans.Stake(name, fact.currency or "", now, then, _titles(fact))

    def _bands(self, name: str, fact: Fact) -> tuple[dict[str, str], tuple[str, ...]]:
        """Each account's band in a segment, and the order of the bands."""
        values = plain(self._at_end(fact), fact.type, self.events.texts)
        bands = sorted(self.ground.schema.shape.segments[name].bands)
        if fact.type.base in (Base.TEXT, Base.BOOLEAN):
            return _by_text(self.names, values)
        labels = plans.band_labels(fact, bands)
        places = np.searchsorted(bands, [v or 0 for v in values], side="right").tolist()
        found = {
            account: plans.UNKNOWN if value is None else labels[place]
            for account, value, place in zip(self.names, values, places, strict=True)
        }
        return found, labels

    def _segment(self, name: str, hits: plans.Hits) -> plans.Segment:
        labels, order = self.bands[name]
        return replace(plans.segment(name, labels, order, hits), title=_titles(self.segments[name]))

    def _samples(self, name: str, accounts: frozenset[str]) -> Iterable[plans.Sample]:
        policy, schema = self.ground.after[name], self.ground.schema
        first: dict[str, Finding] = {}
        for finding in self.explained[name]:
            first.setdefault(finding.account, finding)
        for account in plans.sampled(accounts, name):
            finding = first[account]
            reasons = self.reasons(finding, policy, schema)
            yield plans.Sample(account, finding.event_id, finding.time_us, reasons)


def _by_text(
    names: list[str], values: list[str | bool | None]
) -> tuple[dict[str, str], tuple[str, ...]]:
    spoken = [plans.UNKNOWN if v is None else str(v) for v in values]
    counts: dict[str, int] = {}
    for label in spoken:
        counts[label] = counts.get(label, 0) + 1
    ranked = sorted(counts, key=lambda x: (-counts[x], x))[: plans.MOST_BANDS]
    found = {a: x if x in ranked else plans.OTHER for a, x in zip(names, spoken, strict=True)}
    return found, (*ranked, plans.OTHER)


def _rung(one: Reach, edge: Edge) -> ImpactStep:
    step = one.judged.policy.ladder[edge.index]
    return step.measure, step.capability


def _titles(fact: Fact) -> dict[str, str]:
    return fact.title.model_dump() if fact.title else {}
