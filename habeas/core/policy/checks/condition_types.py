"""Do the parts of `when` and `unless` fit together, and is the whole true or false?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem
from habeas.core.policy.conditions import BOOLEAN, ConditionProblem, Node, names, type_of, written
from habeas.core.policy.policies import Draft


def problems(draft: Draft) -> Iterator[Problem]:
    for key, tree in draft.conditions.items():
        if all(name in draft.types for name in names(tree)):  # else others complain already
            try:
                _check(key, tree, draft)
            except ConditionProblem as found:
                yield draft.document.complaint((key,), found)


def _check(key: str, tree: Node, draft: Draft) -> None:
    found = type_of(tree, draft.types)
    if found != BOOLEAN:
        sentence = f"`{key}` is a {found}, not a condition"
        hint = f"compare it with something, for example `{written(tree)} > 0`"
        raise ConditionProblem(sentence, hint if found.numeric else "", tree.place)
    if not names(tree):
        sentence = f"`{key}` reads no fact, so it is the same for everyone"
        raise ConditionProblem(sentence, "name a fact of this policy in it", tree.place)
