"""Is every fact about money in one currency? A currency is never added to another."""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem, nearest
from habeas.core.policy.conditions import ConditionProblem
from habeas.core.policy.facts import amounts_in, currencies_in
from habeas.core.policy.policies import Declared
from habeas.core.policy.shapes import FactShape


def problems(declared: Declared) -> Iterator[Problem]:
    for name, shape in declared.shapes.items():
        try:
            yield from _money(declared, name, shape)
        except ConditionProblem:
            continue  # fact_where says what is wrong with it


def _money(declared: Declared, name: str, shape: FactShape) -> Iterator[Problem]:
    amounts = amounts_in(shape, declared.schema)
    possible = currencies_in(shape, declared.schema)
    path = (declared.section, name)
    read = " and ".join(f"`{amount}`" for amount in amounts)
    if not amounts:
        if shape.currency is not None:
            yield declared.document.key_problem(
                (*path, "currency"), f"`{name}` reads no money", "remove `currency`"
            )
    elif not possible:
        yield declared.document.key_problem(
            path, f"{read} are never in one currency", "make two facts of it"
        )
    elif shape.currency is None and len(possible) > 1:
        yield declared.document.key_problem(
            path,
            f"`{name}` would mix {', '.join(possible)}",
            f"add `currency: {possible[0]}`, and a fact for each other currency you need",
        )
    elif shape.currency is not None and shape.currency not in possible:
        yield declared.document.problem(
            (*path, "currency"),
            f"{read} {'are' if len(amounts) > 1 else 'is'} never in {shape.currency}",
            nearest(shape.currency, possible),
        )
