"""The checks of policy files, one question a module. Each yields located problems."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from habeas.core.errors import Problem
from habeas.core.policy.checks import (
    condition_names,
    condition_reach,
    condition_syntax,
    condition_types,
    disclosure,
    dsa_category,
    fact_attributes,
    fact_currencies,
    fact_keys,
    fact_kinds,
    fact_names,
    fact_types,
    fact_where,
    ladder,
    policy_tests,
    same_fact,
    same_policy,
    schema_facts,
    unused_facts,
    version_raised,
)
from habeas.core.policy.checks.version_raised import AppliedVersion
from habeas.core.policy.policies import Declared, Draft

FACTS: tuple[Callable[[Declared], Iterator[Problem]], ...] = (
    fact_names.problems,
    fact_kinds.problems,
    fact_types.problems,
    fact_attributes.problems,
    fact_keys.problems,
    fact_where.problems,
    fact_currencies.problems,
)
ONE_FILE: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
    condition_syntax.problems,
    condition_names.problems,
    condition_types.problems,
    condition_reach.problems,
    unused_facts.problems,
    ladder.problems,
    disclosure.problems,
    dsa_category.problems,
    policy_tests.problems,
)

__all__ = [
    "AppliedVersion",
    "problems_of",
    "problems_of_folder",
    "problems_of_schema",
    "version_problems",
]


def problems_of(draft: Draft) -> list[Problem]:
    """What is wrong with one file, in the order a reader meets it."""
    found = [problem for check in FACTS for problem in check(draft.declared)]
    found += [problem for check in ONE_FILE for problem in check(draft)]
    return _in_order(found)


def problems_of_schema(declared: Declared) -> list[Problem]:
    """What is wrong with the segments or the stakes of a schema."""
    found = [problem for check in FACTS for problem in check(declared)]
    return _in_order([*found, *schema_facts.problems(declared)])


def _in_order(found: Iterable[Problem]) -> list[Problem]:
    return sorted(dict.fromkeys(found), key=lambda p: (p.line, p.column))


def problems_of_folder(drafts: Iterable[Draft]) -> list[Problem]:
    """What is wrong between the files of one folder."""
    together = list(drafts)
    return [*same_policy.problems(together), *same_fact.problems(together)]


version_problems = version_raised.problems
