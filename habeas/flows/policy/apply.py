"""Apply: put a frozen plan in force, if nothing has changed since it was made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from habeas.core.errors import Changed, HabeasError, InvalidPolicy
from habeas.core.policy import Policy
from habeas.core.policy.plans import Mode, PlanGround
from habeas.flows.policy.plan import PlanRequest, read_ground
from habeas.ports.folder import Applied, Folder, Frozen

NOUNS = {
    "events": "the events file",
    "schema": "the schema of the events",
    "labels": "the labels file",
    "in_force": "the set of policies in force",
}


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What an apply did."""

    plan: str
    mode: str
    policies: tuple[Applied, ...]
    already: bool  # it was in force before; nothing was written


def apply(name: str, folder: Folder, now_us: int) -> ApplyReport:
    """Put the plan whose hash starts with `name` in force.

    Raises NotFound, and Changed where policies, schema, events, labels or the versions in force
    are not what they were. Applying the plan that is in force again does nothing (law 10).
    """
    frozen = folder.frozen(name)
    with folder.locked():
        mode = str(frozen.plan["mode"])
        if folder.applied_plan() == frozen.hash:
            return ApplyReport(frozen.hash, mode, tuple(folder.in_force()), already=True)
        ground = _unchanged(frozen, folder)
        policies = tuple(_applied(p) for p in ground.after.values())
        folder.record(frozen.hash, policies, now_us, mode)
    return ApplyReport(frozen.hash, mode, policies, already=False)


def _applied(policy: Policy) -> Applied:
    return Applied(policy.name, policy.version, policy.outcome, policy.text_hash)


def _unchanged(frozen: Frozen, folder: Folder) -> PlanGround:
    try:
        ground, _ = read_ground(_request(frozen, folder), folder)
    except InvalidPolicy as error:
        first = error.problems[0] if error.problems else error
        raise Changed(f"the policies are no longer those of the plan: {first}", AGAIN) from None
    except HabeasError as error:
        raise Changed(f"an input of the plan is gone: {error.message}", AGAIN) from None
    for key, noun in NOUNS.items():
        if getattr(ground.scope, key) != frozen.plan["scope"][key]:
            raise Changed(f"{noun} has changed since the plan was made", AGAIN)
    planned = {p["policy"]: p["text_hash"] for p in frozen.plan["policies"] if p["text_hash"]}
    now = {p.name: p.text_hash for p in ground.after.values()}
    for name in sorted(planned.keys() | now.keys()):
        if planned.get(name) != now.get(name):
            raise Changed(f"the policy `{name}` has changed since the plan was made", AGAIN)
    return ground


AGAIN = "run `habeas plan` again and read what it says now"


def _request(frozen: Frozen, folder: Folder) -> PlanRequest:
    """The plan's request again. A folder given as --against speaks for what is in force only as
    long as nothing was applied here."""
    inputs: dict[str, Any] = {n: Path(p) if p else None for n, p in frozen.inputs.items()}
    if folder.in_force():
        inputs["against"] = None
    return PlanRequest(**inputs, mode=Mode(frozen.plan["mode"]), canary=frozen.plan["canary"])
