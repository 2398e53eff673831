"""Does every event type that a fact names exist?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem, nearest
from habeas.core.policy.policies import Declared


def problems(declared: Declared) -> Iterator[Problem]:
    known = declared.schema.shape.types
    for name, shape in declared.shapes.items():
        for key in ("count", "age", "of"):
            for i, used in enumerate(getattr(shape, key) or ()):
                if used not in known:
                    yield declared.document.problem(
                        (declared.section, name, key, i),
                        f"there is no event type `{used}`",
                        nearest(used, known),
                    )
