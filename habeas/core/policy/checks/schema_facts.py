"""Do the segments and stakes of a schema say one thing of each account?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from habeas.core.errors import Problem
from habeas.core.policy.policies import Declared
from habeas.core.policy.shapes import SegmentShape


def problems(declared: Declared) -> Iterator[Problem]:
    for name, shape in declared.shapes.items():
        path = (declared.section, name)
        if shape.by != "account":
            yield declared.document.problem(
                (*path, "by"), f"`{name}` is not counted by account", "remove `by`"
            )
        if isinstance(shape, SegmentShape) and any(b <= a for a, b in pairwise(shape.bands)):
            yield declared.document.problem(
                (*path, "bands"), f"the bands of `{name}` do not rise", "give the lowest first"
            )
        fact = declared.facts.get(name)
        if declared.section == "stake" and fact is not None and fact.money is None:
            yield declared.document.key_problem(
                path, f"the stake `{name}` is no money", "sum an attribute of `type: money`"
            )
