"""Has the version risen with every change that can change an outcome?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from habeas.core.errors import Problem
from habeas.core.policy.policies import Draft, policy_of


@dataclass(frozen=True, slots=True)
class AppliedVersion:
    """A version of a policy that is in force: its number and its outcome hash."""

    number: int
    outcome: str


def problems(draft: Draft, in_force: Mapping[str, AppliedVersion]) -> Iterator[Problem]:
    """For a draft without other errors, against the versions in force by policy name."""
    policy = policy_of(draft)
    before = in_force.get(policy.name)
    if before is None:
        return
    if policy.outcome != before.outcome and policy.version <= before.number:
        yield draft.document.problem(
            ("version",),
            f"this change can change who is hit, and version {before.number} is in force",
            f"raise it: `version: {before.number + 1}`",
        )
    elif policy.version < before.number:
        yield draft.document.problem(
            ("version",),
            f"version {before.number} is in force already",
            f"write `version: {before.number}`",
        )
