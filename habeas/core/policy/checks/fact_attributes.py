"""Does the attribute that a fact reads exist, on its event types, with a usable type?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem, nearest
from habeas.core.policy.facts import FactKind, adds_up, event_types, kinds_in
from habeas.core.policy.policies import Declared
from habeas.core.policy.shapes import FactShape

READS = (FactKind.SUM, FactKind.DISTINCT, FactKind.FIRST, FactKind.LAST, FactKind.MAX, FactKind.MIN)


def problems(declared: Declared) -> Iterator[Problem]:
    for name, shape in declared.shapes.items():
        for kind in kinds_in(shape):
            if kind in READS:
                yield from _reading(declared, name, shape, kind)


def _reading(declared: Declared, name: str, shape: FactShape, kind: FactKind) -> Iterator[Problem]:
    document, schema = declared.document, declared.schema
    path = (declared.section, name, kind)
    used = str(getattr(shape, kind))
    known = event_types(schema)
    if used in declared.shapes and used not in known:
        yield document.problem(
            path,
            f"`{used}` is a fact, and facts are made from events, never from facts",
            f"name an attribute: {', '.join(f'`{n}`' for n in sorted(schema.attributes))}",
        )
    elif used not in known:
        yield document.problem(path, f"there is no attribute `{used}`", nearest(used, known))
    elif kind in (FactKind.SUM, FactKind.MAX, FactKind.MIN) and not known[used].numeric:
        yield document.problem(
            path,
            f"`{kind}` needs a number, and `{used}` is {known[used]}",
            "count it with `distinct`, or take its `first` or `last`",
        )
    elif kind is FactKind.SUM and not adds_up(used, schema):
        yield document.problem(
            path,
            f"`{used}` is a fraction, and sums of fractions are not exact",
            "declare it `type: integer` in a smaller unit (grams, not kilograms)",
        )
    elif used in schema.attributes:
        for i, one in enumerate(shape.of or ()):
            if one in schema.shape.types and one not in schema.types_with(used):
                yield document.problem(
                    (declared.section, name, "of", i),
                    f"`{one}` events have no `{used}`",
                    f"types with it: {', '.join(sorted(schema.types_with(used))) or 'none'}",
                )
