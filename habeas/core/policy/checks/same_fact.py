"""Does a fact's name mean the same in all policies of a folder?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from habeas.core.errors import Problem
from habeas.core.policy.facts import Fact
from habeas.core.policy.policies import Draft


def problems(drafts: Sequence[Draft]) -> Iterator[Problem]:
    seen: dict[str, tuple[Fact, str]] = {}
    for draft in drafts:
        for name, fact in draft.facts.items():
            first, file = seen.setdefault(name, (fact, draft.document.file))
            if first.meaning != fact.meaning:
                yield draft.document.key_problem(
                    ("facts", name),
                    f"`{name}` has another meaning in {file}",
                    "one name, one meaning: rename one of the two",
                )
