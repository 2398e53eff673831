"""Is each fact of exactly one kind, with the options of that kind and no others?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem
from habeas.core.policy.facts import FactKind, kinds_in
from habeas.core.policy.policies import Declared

KINDS = ", ".join(FactKind)
OPTIONS = {"cap": (FactKind.DISTINCT,), "unit": (FactKind.AGE,)}


def problems(declared: Declared) -> Iterator[Problem]:
    for name, shape in declared.shapes.items():
        path = (declared.section, name)
        found = kinds_in(shape)
        if len(found) != 1:
            claims = " and ".join(found) if found else "of no kind"
            yield declared.document.key_problem(
                path, f"the fact `{name}` is {claims}", f"give exactly one of {KINDS}"
            )
            continue
        kind = found[0]
        for option, kinds in OPTIONS.items():
            if getattr(shape, option) is not None and kind not in kinds:
                yield declared.document.key_problem(
                    (*path, option), f"`{option}` has no meaning for {kind}", "remove it"
                )
        if kind is FactKind.AGE and shape.unit is None:
            yield declared.document.key_problem(
                path, f"the age `{name}` has no unit", "add for example `unit: day`"
            )
        if kind in (FactKind.COUNT, FactKind.AGE) and shape.of is not None:
            yield declared.document.key_problem(
                (*path, "of"), f"`{kind}` already names the event types", "remove `of`"
            )
