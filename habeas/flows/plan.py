"""Plan: what a set of policies would do to whom, frozen under a hash; apply puts it in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from habeas.core.canon import digest
from habeas.core.checks import Version
from habeas.core.conditions import Base, Type
from habeas.core.errors import InvalidInput
from habeas.core.events import Schema
from habeas.core.facts import Fact
from habeas.core.findings import Finding
from habeas.core.plans import (
    MOST_BANDS,
    OTHER,
    UNKNOWN,
    ChangeKind,
    Hits,
    MeasureCount,
    Mode,
    Plan,
    PolicyPlan,
    Sample,
    Scope,
    Segment,
    Stake,
    accuracy,
    band_labels,
    change_of,
    forecast,
    in_canary,
    in_force_digest,
    sampled,
    segment,
    text_diff,
)
from habeas.core.policies import Policy
from habeas.core.words import why
from habeas.engine.columns import Column, Events, plain
from habeas.engine.conditions import is_true
from habeas.engine.replay import Edge, edges, explained, truth
from habeas.flows.check import (
    Checked,
    check_folder,
    check_texts,
    find_schema,
    load_schema,
    schema_facts,
)
from habeas.flows.evaluate import Progress, replayed, silent
from habeas.ports.files import digest_of
from habeas.ports.folder import Folder
from habeas.ports.labels import read_labels
from habeas.ports.tables import findings_table, read_events, write_table


@dataclass(frozen=True, slots=True)
class Request:
    """What `habeas plan` was asked for."""

    policies: Path
    events: Path
    against: Path | None = None  # instead of the versions in force in the working folder
    labels: Path | None = None
    schema: Path | None = None
    mode: Mode = Mode.SHADOW
    canary: int | None = None

    def as_inputs(self) -> dict[str, str | None]:
        """Where the inputs lay; kept beside the plan, not part of its hash."""
        paths = {n: getattr(self, n) for n in ("policies", "events", "against", "labels", "schema")}
        return {name: str(p.resolve()) if p else None for name, p in paths.items()}


@dataclass(frozen=True, slots=True)
class Ground:
    """The two sets of policies and what both are judged on."""

    after: Mapping[str, Policy]
    before: Mapping[str, Policy]
    schema: Schema
    labels: Mapping[str, bool] | None
    scope: Scope


def read_ground(request: Request, folder: Folder) -> tuple[Ground, Events]:
    """Fetch: everything the plan depends on. apply reads it again and compares."""
    found = request.schema
    schema = load_schema(found) if found else find_schema(request.policies, request.events)
    before = policies_before(request.against, folder, schema)
    versions = {p.name: Version(p.version, p.outcome) for p in before.values()}
    after = check_folder(request.policies, schema, versions).sound().policies
    labels = read_labels(request.labels) if request.labels else None
    events = read_events(request.events, schema)
    if not len(events):
        raise InvalidInput(
            f"the events file '{request.events}' holds no event", "a plan needs a history"
        )
    scope = Scope(
        events=digest_of(request.events),
        schema=digest(schema.as_json()),
        in_force=in_force_digest(before.values()),
        labels=digest_of(request.labels) if request.labels else None,
        count=len(events),
        accounts=len(events.last_rows),
        first_us=int(events.time_us.min()),
        last_us=int(events.time_us.max()),
    )
    return Ground(after, before, schema, labels, scope), events


def policies_before(against: Path | None, folder: Folder, schema: Schema) -> Mapping[str, Policy]:
    """The versions in force: those of a folder, or those that were applied last."""
    if against is not None:
        return check_folder(against, schema).sound().policies
    return applied_policies(folder, schema).policies


def applied_policies(folder: Folder, schema: Schema) -> Checked:
    applied = folder.in_force()
    texts = [(f"{a.policy} version {a.version}", folder.text_of(a.text_hash)) for a in applied]
    return check_texts(texts, schema, {}).sound()


def make_plan(request: Request, folder: Folder, progress: Progress = silent) -> Plan:
    """Fetch, decide, and freeze the plan with its findings in the working folder."""
    ground, events = read_ground(request, folder)
    work = _Work(ground, events, progress)
    after, before = work.all_hit(ground.after), work.all_hit(ground.before, later=False)
    plan = Plan(
        scope=ground.scope,
        mode=request.mode,
        canary=request.canary,
        canary_accounts=_in_canary(work, request.canary),
        hit=len(after),
        hit_before=len(before),
        newly_hit=len(after - before),
        newly_spared=len(before - after),
        policies=tuple(work.policy_plan(n) for n in dict.fromkeys([*ground.after, *ground.before])),
        stages=stages(ground, request.mode, request.canary),
    )
    home = folder.plan_home(plan.hash)
    write_table(home / "findings.parquet", findings_table(work.found(), work.types()))
    folder.freeze(
        plan.as_json(),
        ground.schema.as_json(),
        request.as_inputs(),
        {p.text_hash: p.text for p in ground.after.values()},
    )
    return plan


def _in_canary(work: _Work, percent: int | None) -> int | None:
    """How many of the accounts hit a canary would act on."""
    if percent is None:
        return None
    return len(
        {
            account
            for name, judged in work.after.items()
            for account in judged.accounts
            if in_canary(account, name, percent)
        }
    )


def stages(ground: Ground, mode: Mode, canary: int | None) -> tuple[str, ...]:
    """What apply will do, in order; apply does these and nothing else."""
    share = f" for {canary} % of the accounts" if canary is not None else ""
    lines = ["compare policies, schema, events, labels and the versions in force with this plan"]
    for name in dict.fromkeys([*ground.after, *ground.before]):
        after, before = ground.after.get(name), ground.before.get(name)
        match change_of(after, before), after, before:
            case ChangeKind.NEW, Policy(version=new), _:
                lines.append(f"put {name} version {new} in force")
            case ChangeKind.OUTCOME, Policy(version=new), Policy(version=old):
                lines.append(f"put {name} version {new} in force instead of version {old}")
            case ChangeKind.TEXT, Policy(version=new), _:
                lines.append(f"replace the text of {name} version {new}; no outcome changes")
            case ChangeKind.REMOVED, _, Policy(version=old):
                lines.append(f"take {name} version {old} out of force")
            case _:
                lines.append(f"leave {name} as it is")
    lines.append(f"record the set with this plan's hash, in mode {mode}{share}")
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A policy, where it makes findings, and for whom."""

    policy: Policy
    edges: list[Edge]
    accounts: frozenset[str]
    holding: frozenset[str]
    per_account: Mapping[str, int]


NOBODY: frozenset[str] = frozenset()


class _Work:
    """The replay behind one plan; every fact is computed once for both sets of policies."""

    def __init__(self, ground: Ground, events: Events, progress: Progress) -> None:
        self.ground, self.events = ground, events
        self.segments = schema_facts(ground.schema.shape, "segments")
        self.stakes = schema_facts(ground.schema.shape, "stake")
        self.facts = replayed(events, self._wanted(), progress)
        self.after = {n: self._judged(p) for n, p in ground.after.items()}
        self.before = {n: self._before(n, p) for n, p in ground.before.items()}
        self.names = [events.name_of(int(row)) for row in events.last_rows]
        self.bands = {name: self._bands(name, fact) for name, fact in self.segments.items()}
        self.explained = {
            n: explained(j.policy, events, self.facts, j.edges) if j.edges else []
            for n, j in self.after.items()
        }

    def _wanted(self) -> dict[str, Fact]:
        policies = [*self.ground.after.values(), *self.ground.before.values()]
        listed = [f for p in policies for f in p.facts.values()]
        listed += [*self.segments.values(), *self.stakes.values()]
        return {str(i): fact for i, fact in enumerate(listed)}

    def _before(self, name: str, policy: Policy) -> _Judged:
        now = self.after.get(name)
        same = now is not None and now.policy.outcome == policy.outcome
        return now if same and now is not None else self._judged(policy)

    def _judged(self, policy: Policy) -> _Judged:
        held = truth(policy, self.events, self.facts)
        made = edges(policy, self.events, held)
        counts: dict[str, int] = {}
        for edge in made:
            account = self.events.name_of(edge.row)
            counts[account] = counts.get(account, 0) + 1
        last = self.events.last_rows
        still = last[is_true(held)[last]]
        holding = frozenset(self.events.name_of(int(row)) for row in still)
        return _Judged(policy, made, frozenset(counts), holding, counts)

    def all_hit(self, policies: Iterable[str], later: bool = True) -> frozenset[str]:
        judged = self.after if later else self.before
        return NOBODY.union(*(judged[name].accounts for name in policies))

    def found(self) -> list[Finding]:
        return [finding for found in self.explained.values() for finding in found]

    def types(self) -> dict[str, Type]:
        return {n: t for p in self.ground.after.values() for n, t in p.types.items()}

    def policy_plan(self, name: str) -> PolicyPlan:
        after, before = self.ground.after.get(name), self.ground.before.get(name)
        now, then = self.after.get(name), self.before.get(name)
        hits = Hits(
            after=now.accounts if now else NOBODY,
            before=then.accounts if then else NOBODY,
            holding=now.holding if now else NOBODY,
            findings=now.per_account if now else {},
        )
        newly, spared = hits.after - hits.before, hits.before - hits.after
        labels, scope = self.ground.labels, self.ground.scope
        times = [int(self.events.time_us[e.row]) for e in now.edges] if now else []
        title = (after or self.ground.before[name]).title
        return PolicyPlan(
            policy=name,
            title=title.model_dump(),
            change=change_of(after, before),
            version=after.version if after else None,
            version_before=before.version if before else None,
            outcome=after.outcome if after else None,
            outcome_before=before.outcome if before else None,
            text_hash=after.text_hash if after else None,
            diff=text_diff(after, before),
            findings=len(times),
            hit=len(hits.after),
            hit_before=len(hits.before),
            holding=len(hits.holding),
            newly_hit=len(newly),
            newly_spared=len(spared),
            measures=self._measures(now) if now else (),
            stakes=tuple(self._stakes(hits)),
            segments=tuple(self._segment(n, hits) for n in self.segments),
            forecast=forecast(times, scope.first_us, scope.last_us),
            accuracy=accuracy(hits.after, labels) if labels is not None and after else None,
            samples=tuple(self._samples(name, newly or hits.after)) if after else (),
            spared_samples=tuple(sampled(spared, name)),
        )

    def _measures(self, judged: _Judged) -> tuple[MeasureCount, ...]:
        rows: dict[int, list[str]] = {i: [] for i in range(len(judged.policy.ladder))}
        for edge in judged.edges:
            rows[edge.step].append(self.events.name_of(edge.row))
        return tuple(
            MeasureCount(i, step.measure, step.capability, len(rows[i]), len(set(rows[i])))
            for i, step in enumerate(judged.policy.ladder)
        )

    def _at_end(self, fact: Fact) -> Column:
        """A fact at each account's last event, in the order of `names`."""
        return self.facts[fact.meaning].take(self.events.last_rows)

    def _stakes(self, hits: Hits) -> Iterable[Stake]:
        for name, fact in self.stakes.items():
            amounts = plain(self._at_end(fact), fact.type, self.events.texts)
            by_account = dict(zip(self.names, amounts, strict=True))
            now, then = (sum(by_account[a] or 0 for a in s) for s in (hits.after, hits.before))
            yield Stake(name, fact.currency or "", now, then)

    def _bands(self, name: str, fact: Fact) -> tuple[dict[str, str], tuple[str, ...]]:
        """Each account's band in a segment, and the order of the bands."""
        values = plain(self._at_end(fact), fact.type, self.events.texts)
        bands = sorted(self.ground.schema.shape.segments[name].bands)
        if fact.type.base in (Base.TEXT, Base.BOOLEAN):
            return _by_text(self.names, values)
        labels = band_labels(fact, bands)
        places = np.searchsorted(bands, [v or 0 for v in values], side="right").tolist()
        found = {
            account: UNKNOWN if value is None else labels[place]
            for account, value, place in zip(self.names, values, places, strict=True)
        }
        return found, labels

    def _segment(self, name: str, hits: Hits) -> Segment:
        labels, order = self.bands[name]
        return segment(name, labels, order, hits)

    def _samples(self, name: str, accounts: frozenset[str]) -> Iterable[Sample]:
        policy, schema = self.ground.after[name], self.ground.schema
        first: dict[str, Finding] = {}
        for finding in self.explained[name]:
            first.setdefault(finding.account, finding)
        for account in sampled(accounts, name):
            finding = first[account]
            reasons = {lang: why(finding, policy, schema, lang) for lang in ("en", "fr")}
            yield Sample(account, finding.event_id, finding.time_us, reasons)


def _by_text(
    names: list[str], values: list[str | bool | None]
) -> tuple[dict[str, str], tuple[str, ...]]:
    spoken = [UNKNOWN if v is None else str(v) for v in values]
    counts: dict[str, int] = {}
    for label in spoken:
        counts[label] = counts.get(label, 0) + 1
    ranked = sorted(counts, key=lambda x: (-counts[x], x))[:MOST_BANDS]
    found = {a: x if x in ranked else OTHER for a, x in zip(names, spoken, strict=True)}
    return found, (*ranked, OTHER)
