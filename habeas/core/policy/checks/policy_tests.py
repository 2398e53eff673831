"""Do the policy's tests give known facts, with values of their types?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem, nearest
from habeas.core.policy.conditions import Base, Type
from habeas.core.policy.events import LARGEST
from habeas.core.policy.policies import Draft

FITS: dict[Base, tuple[type, ...]] = {
    Base.INTEGER: (int,),
    Base.NUMBER: (int, float),
    Base.TEXT: (str,),
    Base.BOOLEAN: (bool,),
}


def problems(draft: Draft) -> Iterator[Problem]:
    for i, test in enumerate(draft.shape.tests):
        for name, value in test.given.items():
            path = ("tests", i, "given", name)
            if name not in draft.shape.facts:
                yield draft.document.key_problem(
                    path, f"there is no fact `{name}`", nearest(name, draft.shape.facts)
                )
            elif isinstance(value, int) and abs(value) > LARGEST:
                yield draft.document.problem(path, f"`{name}` does not fit in 64 bits")
            elif name in draft.types and not _fits(value, draft.types[name]):
                yield draft.document.problem(
                    path, f"`{name}` is a {draft.types[name]}, not {value!r}", _hint(draft, name)
                )


def _hint(draft: Draft, name: str) -> str:
    if draft.facts[name].money:
        return "amounts are whole minor units: 700_00 is 700.00"
    return "put it in quotes" if draft.types[name].base is Base.TEXT else ""


def _fits(value: object, wanted: Type) -> bool:
    if value is None:
        return True
    if isinstance(value, bool):
        return wanted.base is Base.BOOLEAN
    return isinstance(value, FITS[wanted.base])
