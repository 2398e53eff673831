"""Can `when` and `unless` be read as conditions of the allowed subset of SQL?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem
from habeas.core.policy.conditions import ConditionProblem
from habeas.core.policy.parsing import parse
from habeas.core.policy.policies import Draft


def problems(draft: Draft) -> Iterator[Problem]:
    for key in ("when", "unless"):
        text = getattr(draft.shape, key)
        try:
            if text is not None:
                parse(text)
        except ConditionProblem as found:
            yield draft.document.complaint((key,), found)
