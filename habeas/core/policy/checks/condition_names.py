"""Does every name in `when` and `unless` name a fact of this policy?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem, nearest
from habeas.core.policy.conditions import ConditionProblem, Name, walk
from habeas.core.policy.policies import Draft


def problems(draft: Draft) -> Iterator[Problem]:
    for key, tree in draft.conditions.items():
        for node in walk(tree):
            if isinstance(node, Name) and node.name not in draft.shape.facts:
                yield draft.document.complaint((key,), _unknown(draft, node))


def _unknown(draft: Draft, node: Name) -> ConditionProblem:
    own = draft.shape.policy.replace("-", "_")
    if node.name in ("unless", "condition", "policy", own):
        sentence = f"`{node.name}` makes the condition depend on itself"
        hint = "a condition is made of facts only"
    elif node.name in draft.schema.attributes:
        sentence = f"`{node.name}` is an attribute of events, not a fact"
        hint = f"declare a fact that reads it, for example {{last: {node.name}}}"
    else:
        sentence = f"there is no fact `{node.name}`"
        hint = nearest(node.name, draft.shape.facts)
    return ConditionProblem(sentence, hint, node.place)
