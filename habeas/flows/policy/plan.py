"""Plan: what a set of policies would do to whom, frozen under a hash; apply puts it in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from habeas.core.canon import digest
from habeas.core.errors import InvalidInput
from habeas.core.languages import LANGS, Lang
from habeas.core.letter.words import why
from habeas.core.policy import Finding, Plan, Policy, Schema
from habeas.core.policy.checks import AppliedVersion
from habeas.core.policy.plans import Mode, PlanGround, Scope, in_force_digest, stages
from habeas.core.progress import Progress, silent
from habeas.engine.columns import Events
from habeas.engine.impact import Impact
from habeas.flows.policy.check import Checked, check_folder, check_texts, find_schema
from habeas.ports.files import digest_of
from habeas.ports.folder import Folder
from habeas.ports.labels import read_labels
from habeas.ports.tables import findings_table, read_events, write_table


@dataclass(frozen=True, slots=True)
class PlanRequest:
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


def read_ground(request: PlanRequest, folder: Folder) -> tuple[PlanGround, Events]:
    """Fetch: everything the plan depends on. apply reads it again and compares."""
    schema = find_schema(request.policies, request.events, request.schema)
    before = policies_before(request.against, folder, schema)
    versions = {p.name: AppliedVersion(p.version, p.outcome) for p in before.values()}
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
    return PlanGround(after, before, schema, labels, scope), events


def policies_before(against: Path | None, folder: Folder, schema: Schema) -> Mapping[str, Policy]:
    """The versions in force: those of a folder, or those that were applied last."""
    if against is not None:
        return check_folder(against, schema).sound().policies
    return applied_policies(folder, schema).policies


def applied_policies(folder: Folder, schema: Schema) -> Checked:
    """The policies in force, as their texts were kept. Raises InvalidPolicy where one is
    damaged."""
    applied = folder.in_force()
    texts = [(f"{a.policy} version {a.version}", folder.text_of(a.text_hash)) for a in applied]
    return check_texts(texts, schema, {}).sound()


def _reasons(finding: Finding, policy: Policy, schema: Schema) -> dict[Lang, dict[str, Any]]:
    return {lang: why(finding, policy, schema, lang) for lang in LANGS}


def make_plan(request: PlanRequest, folder: Folder, progress: Progress = silent) -> Plan:
    """Fetch, decide, and freeze the plan with its findings in the working folder."""
    ground, events = read_ground(request, folder)
    impact = Impact(ground, events, _reasons, progress)
    after, before = impact.hit(), impact.hit_before()
    percent = request.canary
    plan = Plan(
        scope=ground.scope,
        mode=request.mode,
        canary=percent,
        canary_accounts=len(impact.in_canary(percent)) if percent is not None else None,
        hit=len(after),
        hit_before=len(before),
        newly_hit=len(after - before),
        newly_spared=len(before - after),
        policies=tuple(impact.policy_plan(n) for n in ground.names),
        stages=stages(ground, request.mode, percent),
    )
    home = folder.plan_home(plan.hash)
    write_table(home / "findings.parquet", findings_table(impact.findings(), impact.types()))
    folder.freeze(
        plan.as_json(),
        ground.schema.as_json(),
        request.as_inputs(),
        {p.text_hash: p.text for p in ground.after.values()},
    )
    return plan
