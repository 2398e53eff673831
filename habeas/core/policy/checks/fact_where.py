"""Can each `where` be read, and is it a condition on the event's own attributes?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem
from habeas.core.policy.conditions import BOOLEAN, ConditionProblem, Name, type_of, walk
from habeas.core.policy.facts import event_types
from habeas.core.policy.parsing import parse
from habeas.core.policy.policies import Declared


def problems(declared: Declared) -> Iterator[Problem]:
    for name, shape in declared.shapes.items():
        if shape.where is None:
            continue
        try:
            _check(declared, shape.where, shape.currency)
        except ConditionProblem as found:
            yield declared.document.complaint((declared.section, name, "where"), found)


def _check(declared: Declared, text: str, currency: str | None) -> None:
    tree = parse(text)
    types = event_types(declared.schema, currency)
    for node in walk(tree):
        if isinstance(node, Name) and node.name in declared.shapes and node.name not in types:
            sentence = f"`{node.name}` is a fact, and `where` looks at one event at a time"
            hint = "use the event's own attributes here, and the fact in `when`"
            raise ConditionProblem(sentence, hint, node.place)
    found = type_of(tree, types)
    if found != BOOLEAN:
        raise ConditionProblem(f"`where` is {found}, not a condition", "compare it with something")
