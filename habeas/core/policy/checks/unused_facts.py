"""Is every fact read by the condition or shown to the customer?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from habeas.core.errors import Level, Problem
from habeas.core.policy.policies import Draft


def problems(draft: Draft) -> Iterator[Problem]:
    claimed = [text for text in (draft.shape.when, draft.shape.unless) if text is not None]
    if len(draft.conditions) < len(claimed):
        return  # a condition that cannot be read may use them all
    for name in draft.shape.facts:
        if name not in draft.used and name not in draft.shape.disclose:
            problem = draft.document.key_problem(
                ("facts", name),
                f"the fact `{name}` is not used",
                "use it in `when` or `unless`, disclose it, or remove it",
            )
            yield replace(problem, level=Level.WARNING)
