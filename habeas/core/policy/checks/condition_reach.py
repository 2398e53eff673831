"""Can a distinct count reach the number it is compared with, under its cap?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Level, Problem
from habeas.core.policy.conditions import Compare, ConditionProblem, Literal, Name, walk
from habeas.core.policy.facts import FactKind
from habeas.core.policy.policies import Draft

MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "=": "=", "<>": "<>"}


def problems(draft: Draft) -> Iterator[Problem]:
    for key, tree in draft.conditions.items():
        for node in walk(tree):
            found = _out_of_reach(draft, node) if isinstance(node, Compare) else None
            if found is not None:
                problem = draft.document.complaint((key,), found)
                yield Problem(
                    problem.file,
                    problem.line,
                    problem.column,
                    problem.sentence,
                    problem.hint,
                    Level.WARNING,
                )


def _out_of_reach(draft: Draft, node: Compare) -> ConditionProblem | None:
    match node.left, node.right:
        case Name(name), Literal(int() as number):
            sign = node.sign
        case Literal(int() as number), Name(name):
            sign = MIRRORED[node.sign]
        case _:
            return None
    fact = draft.facts.get(name)
    if fact is None or fact.kind is not FactKind.DISTINCT:
        return None
    reach = number if sign in (">=", "=") else number + 1
    if sign not in (">", ">=", "=") or reach <= fact.cap:
        return None
    sentence = f"`{name}` is capped at {fact.cap}, so it never gets to {reach}"
    return ConditionProblem(sentence, f"raise it with `cap: {reach}`", node.place)
