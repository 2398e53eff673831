"""Is the key that a fact is counted by the account or an attribute marked as a key?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem, nearest
from habeas.core.policy.policies import Declared


def problems(declared: Declared) -> Iterator[Problem]:
    keys = declared.schema.keys
    for name, shape in declared.shapes.items():
        if shape.by in keys:
            continue
        if shape.by in declared.schema.attributes:
            sentence = f"`{shape.by}` is an attribute but no key"
            hint = f"mark it `key: true` in the schema, or use {', '.join(keys)}"
        else:
            sentence = f"there is no key `{shape.by}`"
            hint = nearest(shape.by, keys)
        yield declared.document.problem((declared.section, name, "by"), sentence, hint)
