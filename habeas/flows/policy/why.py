"""Why: the reasons of an account's findings, from the plan that is in force or was made last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from habeas.core.errors import NotFound, nearest
from habeas.core.languages import Lang
from habeas.core.letter.words import why
from habeas.core.policy import Finding, Policy, Schema
from habeas.core.progress import Progress, silent
from habeas.engine.judgement import findings
from habeas.flows.policy.check import check_texts
from habeas.flows.policy.evaluate import load
from habeas.ports.folder import Folder, Frozen
from habeas.ports.tables import open_parquet, read_findings


@dataclass(frozen=True, slots=True)
class ReasonSource:
    """Where reasons are read from: a plan of the working folder, or policies and events."""

    plan: str | None = None
    policies: Path | None = None
    events: Path | None = None
    schema: Path | None = None


def reasons(
    account: str, source: ReasonSource, folder: Folder, lang: Lang, progress: Progress = silent
) -> list[dict[str, object]]:
    """Why each finding of `account` was made, in log order; [] where there is none.

    Raises NotFound where there is no such account or nothing to read from.
    """
    if source.policies is not None and source.events is not None:
        return _computed(account, source.policies, source.events, source.schema, lang, progress)
    name = source.plan or folder.applied_plan() or next(iter(folder.plans()), None)
    if name is None:
        raise NotFound(
            "there is no plan in this working folder",
            "run `habeas plan` first, or give --policies and --events",
        )
    frozen = folder.frozen(name)
    schema = Schema.of_json(frozen.schema)
    policies = _planned(frozen, folder, schema)
    facts = {policy: list(p.facts) for policy, p in policies.items()}
    found = read_findings(frozen.findings, account, facts)
    events = Path(str(frozen.inputs["events"]))
    if not found and events.exists():
        _refuse_stranger(account, events)
    return _spoken(found, policies, schema, lang)


def _planned(frozen: Frozen, folder: Folder, schema: Schema) -> Mapping[str, Policy]:
    """The policies as the plan had them: what the files say today explains nothing."""
    planned = [p for p in frozen.plan["policies"] if p["text_hash"]]
    texts = [(f"{p['policy']} version {p['version']}", p["text_hash"]) for p in planned]
    return check_texts([(n, folder.text_of(h)) for n, h in texts], schema, {}).sound().policies


def _computed(
    account: str, policies: Path, events: Path, schema: Path | None, lang: Lang, progress: Progress
) -> list[dict[str, object]]:
    loaded = load(policies, events, schema)
    if loaded.events.texts.find(account) not in set(loaded.events.account.tolist()):
        _refuse_stranger(account, events)
    found = findings(loaded.policies.values(), loaded.events, progress)
    own = [f for f in found if f.account == account]
    return _spoken(own, loaded.policies, loaded.events.schema, lang)


def _spoken(
    found: list[Finding], policies: Mapping[str, Policy], schema: Schema, lang: Lang
) -> list[dict[str, object]]:
    ordered = sorted(found, key=lambda f: f.time_us)
    return [why(finding, policies[finding.policy], schema, lang) for finding in ordered]


def _refuse_stranger(account: str, events: Path) -> None:
    """An account without findings is good news; one that no event names is a typing error."""
    table = open_parquet(events, "the events file").read(columns=["account"])
    names = set(table.column("account").unique().to_pylist())
    if account not in names:
        raise NotFound(f"no event names the account '{account}'", nearest(account, names))
