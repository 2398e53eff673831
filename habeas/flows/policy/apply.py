"""Apply: people put a frozen plan in force, if nothing has changed since it was made: one person a
shadow, two what decides (law 7).

| broken step             | what is persisted        | what the same command does then        |
|-------------------------|--------------------------|----------------------------------------|
| reading, comparing      | what was before          | reads and compares again               |
| the record in the store | what was before          | records it                             |
| the working folder      | the record; the old plan | puts what the record says in the folder |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from habeas.core.decision import Actor
from habeas.core.errors import Changed, HabeasError, InvalidPolicy, NotFound
from habeas.core.policy import Policy
from habeas.core.policy.applications import (
    Application,
    AppliedPolicy,
    ApplyMove,
    ApplyRequest,
    agreed,
    last,
)  # fmt: skip
from habeas.core.policy.plans import Mode, PlanGround
from habeas.flows.policy.plan import PlanRequest, read_ground
from habeas.ports.folder import Folder, Frozen
from habeas.ports.platform import read_platform
from habeas.store import plans

NOUNS = {
    "events": "the events file",
    "schema": "the schema of the events",
    "labels": "the labels file",
    "in_force": "the set of policies in force",
}


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What an apply did, and by whom. `already`: it was in force before, and nothing was written;
    `waiting_for` says who is missing, None where it is in force."""

    plan: str
    mode: str
    policies: tuple[AppliedPolicy, ...]
    by: tuple[str, ...]
    already: bool = False
    waiting_for: str | None = None


def apply(name: str, folder: Folder, by: Actor, now_us: int) -> ApplyReport:
    """Put the plan whose hash starts with `name` in force, or ask for it as the first of two.

    Raises NotFound, Changed where policies, schema, events, labels or the versions in force are
    not what they were, and IllegalMove where the same person asks twice. Applying the plan that is
    in force again does nothing (law 10).
    """
    frozen = folder.frozen(name)
    mode = Mode(frozen.plan["mode"])
    with folder.locked():
        moves = plans.moves()
        current = last(moves)
        made: ApplyMove | None = current if current and current.plan == frozen.hash else None
        if isinstance(made, Application) and folder.applied_plan() == frozen.hash:
            policies = tuple(folder.in_force())
            return ApplyReport(frozen.hash, str(mode), policies, made.by, already=True)
        policies = tuple(_applied(p) for p in _unchanged(frozen, folder).after.values())
        asked = ApplyRequest(now_us, by.name, frozen.hash)
        made = made or _agreed(moves, asked, mode, policies, folder)
        if isinstance(made, ApplyRequest):
            return ApplyReport(frozen.hash, str(mode), (), (by.name,), waiting_for=SECOND)
        folder.record(frozen.hash, policies, now_us, str(mode))
    return ApplyReport(frozen.hash, str(mode), policies, made.by)


SECOND = "second person"


def _agreed(
    moves: Sequence[ApplyMove],
    asked: ApplyRequest,
    mode: Mode,
    policies: tuple[AppliedPolicy, ...],
    folder: Folder,
) -> ApplyMove:
    """What is recorded of somebody who asks: the request, or the application by two."""
    made = agreed(moves, asked, mode, policies, alone=_alone(folder))
    texts = {p.text_hash: folder.text_of(p.text_hash) for p in policies}
    plans.record(made, len(moves), texts if isinstance(made, Application) else {})
    return made


def _alone(folder: Folder) -> bool:
    """Whether platform.yaml says that one person is all there is."""
    try:
        return read_platform(folder).one_person
    except NotFound:
        return False


def _applied(policy: Policy) -> AppliedPolicy:
    return AppliedPolicy(policy.name, policy.version, policy.outcome, policy.text_hash)


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
