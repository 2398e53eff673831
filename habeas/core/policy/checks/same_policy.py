"""Is every policy of a folder in one file only?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from habeas.core.errors import Problem
from habeas.core.policy.policies import Draft


def problems(drafts: Sequence[Draft]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for draft in drafts:
        name = draft.shape.policy
        if name in seen:
            yield draft.document.problem(
                ("policy",),
                f"the policy `{name}` is already in {seen[name]}",
                "give it another name, or remove one of the files",
            )
        seen.setdefault(name, draft.document.file)
