"""Is the customer shown facts that exist and that the condition reads?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem, nearest
from habeas.core.policy.policies import Draft


def problems(draft: Draft) -> Iterator[Problem]:
    shape = draft.shape
    for i, name in enumerate(shape.disclose):
        if name not in shape.facts:
            yield draft.document.problem(
                ("disclose", i), f"there is no fact `{name}`", nearest(name, shape.facts)
            )
    if draft.used and not draft.used & set(shape.disclose):
        yield draft.document.problem(
            ("disclose",),
            "none of the facts that decide is shown to the customer",
            "disclose at least one fact of `when` (DSA article 17(3)(b): the facts relied on)",
        )
