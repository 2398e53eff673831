"""Policies: versioned files that say which facts, under which clause, lead to which measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from habeas.core.canon import digest
from habeas.core.policy.conditions import ConditionProblem, Logic, Node, Not, Type, names, written
from habeas.core.policy.facts import Fact, fact_of, types_of
from habeas.core.policy.ladder import Step, step_of
from habeas.core.policy.parsing import parse
from habeas.core.policy.schema import Schema
from habeas.core.policy.shapes import Both, Clause, Dsa, FactShape, PolicyShape, PolicyTest
from habeas.core.policy.yaml import Document
from habeas.core.times import duration


@dataclass(frozen=True)
class Policy:
    """A policy whose every name, type and step is checked."""

    name: str
    version: int
    title: Both
    clause: Clause
    facts: Mapping[str, Fact]
    when: Node
    unless: Node | None
    ladder: tuple[Step, ...]
    notice_us: int
    disclose: tuple[str, ...]
    dsa: Dsa
    tests: tuple[PolicyTest, ...]
    text: str  # the file, word for word

    @property
    def condition(self) -> Node:
        """A finding needs `when` to be true and `unless` to be false: an exemption that cannot
        be told protects as well (law 9, docs/decisions/0001)."""
        if self.unless is None:
            return self.when
        return Logic("and", (self.when, Not(self.unless)))

    @property
    def types(self) -> dict[str, Type]:
        return types_of(self.facts)

    @cached_property
    def used(self) -> tuple[str, ...]:
        """The facts that the condition reads."""
        return names(self.condition)

    @cached_property
    def meanings(self) -> Mapping[str, Fact]:
        """What each fact means, without its name: what computes facts knows them by that."""
        return {name: fact.meaning for name, fact in self.facts.items()}

    @cached_property
    def outcome(self) -> str:
        """Hash of all that can change who is hit, when, or with which measure. Titles, clause,
        disclosed facts, tests, comments and layout are not part of it."""
        return digest(
            {
                "facts": {n: self.facts[n].definition() for n in self.used},
                "condition": written(self.condition),
                "ladder": [step.definition() for step in self.ladder],
                "notice": self.notice_us,
            }
        )

    @property
    def text_hash(self) -> str:
        return digest(self.text)


def facts_of(policies: Iterable[Policy]) -> dict[str, Fact]:
    """Every fact of some policies; a name has one meaning in a folder."""
    return {name: fact for policy in policies for name, fact in policy.facts.items()}


@dataclass(frozen=True)
class Declared:
    """Facts as some file declares them, under its key `section`."""

    document: Document
    schema: Schema
    section: str
    shapes: Mapping[str, FactShape]

    @cached_property
    def facts(self) -> dict[str, Fact]:
        """The facts that can be resolved; for the others, a check says why not."""
        found = {}
        for name, shape in self.shapes.items():
            try:
                found[name] = fact_of(name, shape, self.schema)
            except (ConditionProblem, ValueError, KeyError):
                continue
        return found


@dataclass(frozen=True)
class Draft:
    """A policy file of the right shape that is not yet checked. What cannot be resolved is left
    out of `facts` and `conditions`; the check of that part says why."""

    document: Document
    shape: PolicyShape
    schema: Schema

    @cached_property
    def declared(self) -> Declared:
        return Declared(self.document, self.schema, "facts", self.shape.facts)

    @property
    def facts(self) -> dict[str, Fact]:
        return self.declared.facts

    @cached_property
    def types(self) -> dict[str, Type]:
        return types_of(self.facts)

    @cached_property
    def conditions(self) -> dict[str, Node]:
        """`when` and `unless`, as far as they can be read."""
        found: dict[str, Node] = {}
        for key in ("when", "unless"):
            text = getattr(self.shape, key)
            try:
                found |= {} if text is None else {key: parse(text)}
            except ConditionProblem:
                continue
        return found

    @cached_property
    def used(self) -> frozenset[str]:
        return frozenset(n for tree in self.conditions.values() for n in names(tree))


def policy_of(draft: Draft) -> Policy:
    """The policy of a draft in which no check found an error."""
    shape = draft.shape
    return Policy(
        name=shape.policy,
        version=shape.version,
        title=shape.title,
        clause=shape.clause,
        facts=draft.facts,
        when=draft.conditions["when"],
        unless=draft.conditions.get("unless"),
        ladder=tuple(map(step_of, shape.ladder)),
        notice_us=duration(shape.notice) if shape.notice else 0,
        disclose=tuple(shape.disclose),
        dsa=shape.dsa,
        tests=tuple(shape.tests),
        text=draft.document.text,
    )
