"""Is the category one that the EU's transparency database takes?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem, nearest
from habeas.core.policy.dsa import CATEGORIES
from habeas.core.policy.policies import Draft


def problems(draft: Draft) -> Iterator[Problem]:
    category = draft.shape.dsa.category
    if category not in CATEGORIES:
        yield draft.document.problem(
            ("dsa", "category"),
            f"`{category}` is not a category of the DSA Transparency Database",
            nearest(category, CATEGORIES),
        )
