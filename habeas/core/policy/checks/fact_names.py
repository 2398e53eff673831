"""Is each fact's name a plain word that no column uses already?"""

from __future__ import annotations

from collections.abc import Iterator

from habeas.core.errors import Problem
from habeas.core.ids import NAME
from habeas.core.policy.conditions import ConditionProblem, names
from habeas.core.policy.facts import RESERVED
from habeas.core.policy.parsing import parse
from habeas.core.policy.policies import Declared

HINT = "small letters, digits and _, starting with a letter, for example returns_365d"


def problems(declared: Declared) -> Iterator[Problem]:
    for name in declared.shapes:
        if not NAME.match(name):
            yield declared.document.key_problem(
                (declared.section, name), f"`{name}` cannot name a fact", HINT
            )
        elif name in RESERVED:
            yield declared.document.key_problem(
                (declared.section, name),
                f"`{name}` is already a column beside the facts",
                f"choose another name, for example {name}_value",
            )
        elif not _can_be_read(name):
            yield declared.document.key_problem(
                (declared.section, name),
                f"`{name}` is a word of SQL, so no condition can name it",
                f"choose another name, for example {name}_value",
            )


def _can_be_read(name: str) -> bool:
    try:
        return names(parse(f"coalesce({name}, 0) > {name}")) == (name,)
    except ConditionProblem:
        return False
