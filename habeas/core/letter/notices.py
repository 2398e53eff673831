"""Notices: what a customer is told, complete or not told at all.

A statement of reasons has what DSA article 17(3) asks for under the letters (a) to (f); `missing`
says what it lacks, so that an incomplete one cannot be sent. `core/letter/statements` and
`core/letter/answers` put notices into words."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from habeas.core.appeal.cases import WRITTEN
from habeas.core.appeal.hearings import Redress
from habeas.core.decision import Decision, DecisionState
from habeas.core.ids import made_id
from habeas.core.languages import LANGS
from habeas.core.policy import Finding, Policy, Schema
from habeas.core.policy.conditions import Logic, Node, Not, names, sub_conditions, written
from habeas.core.policy.dsa import Ground
from habeas.core.policy.findings import FactValue
from habeas.core.property import Settlement

# The European Economic Area, where the DSA holds; ISO 3166-1
TERRITORY = (
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
).split()


class NoticeKind(StrEnum):
    MEASURE = "measure"
    RULING = "ruling"
    APOLOGY = "apology"
    REFUSAL = "refusal"  # of a second appeal, or of one that came too late
    END = "end"


@dataclass(frozen=True, slots=True)
class Platform:
    """Who speaks in every notice. `contact` is where people ask (an e-mail or a page), `portal`
    the page of appeals, `territory` the countries where a measure applies (ISO 3166-1); `redress`
    names at least one certified body of DSA article 21. `withheld` says by language why some
    facts are not shown; without it a sentence of ours does."""

    name: str
    contact: str
    portal: str
    territory: tuple[str, ...]
    redress: tuple[Redress, ...]
    withheld: tuple[tuple[str, str], ...] = ()


class CaseSource(StrEnum):
    """How the case came up (DSA article 17(3)(b))."""

    OWN = "own"  # our own investigation
    NOTICE = "notice"  # somebody reported it (article 16)


class Automation(StrEnum):
    """Who decided (DSA article 17(3)(c)); cases are always found by a program."""

    FULL = "full"
    PARTIAL = "partial"  # a person approved what a program proposed


@dataclass(frozen=True, slots=True)
class Statement:
    """The statement of reasons for one decision, in no language yet. `reference` is that of its
    case, `told_us` when the customer is told; `settlement` is what happens to each holding, as
    far as can be told now. The times are microseconds UTC."""

    reference: str
    told_us: int
    decision: Decision
    policy: Policy
    schema: Schema
    platform: Platform
    finding: Finding | None = None
    settlement: Settlement | None = None
    source: CaseSource = CaseSource.OWN

    @property
    def account(self) -> str:
        return self.decision.account

    @property
    def begins_us(self) -> int:
        """When it took force, or the earliest moment at which it can."""
        if self.decision.in_force_us is not None:
            return self.decision.in_force_us
        return self.told_us + self.decision.period_us

    @property
    def ends_us(self) -> int | None:
        """When it ends by itself if it takes force on that day."""
        for_us = self.decision.for_us
        return None if for_us is None else self.begins_us + for_us

    @property
    def begun(self) -> bool:
        """It binds already, or does so with the notice itself."""
        return self.decision.in_force_us is not None or not self.decision.period_us

    @property
    def automation(self) -> Automation:
        decision = self.decision
        declared = (decision.emergency.by,) if decision.emergency else ()
        by_person = any(actor.person for actor in (*decision.approvers, *declared))
        return Automation.PARTIAL if by_person else Automation.FULL

    @property
    def disclosed(self) -> dict[str, FactValue]:
        """The facts that are shown, with their values."""
        values = self.decision.reason.values
        return {name: values[name] for name in self.policy.disclose if name in values}

    @property
    def withheld(self) -> tuple[str, ...]:
        """The facts that counted and are named without their value."""
        return tuple(name for name in self.policy.used if name not in self.policy.disclose)

    @property
    def held(self) -> tuple[Node, ...]:
        """The smallest parts of the condition that held and say nothing that is withheld."""
        truths = {} if self.finding is None else dict(self.finding.truths)
        shown = set(self.policy.disclose)
        return tuple(
            node
            for node in sub_conditions(self.policy.condition, self.policy.types)
            if not isinstance(node, Logic | Not)
            and truths.get(written(node))
            and set(names(node)) <= shown
        )


@dataclass(frozen=True, slots=True)
class Missing:
    """What a statement lacks, and the letter of DSA article 17(3) that asks for it."""

    letter: str
    what: str

    def __str__(self) -> str:
        return f"({self.letter}) {self.what}"


def missing(statement: Statement) -> tuple[Missing, ...]:
    """Nothing where the statement is complete and can be sent."""
    return tuple(Missing(letter, what) for letter, what in _missing(statement))


def _missing(statement: Statement) -> Iterator[tuple[str, str]]:
    decision, policy, platform = statement.decision, statement.policy, statement.platform
    if not platform.territory:
        yield "a", "no country says where the measure applies"
    if decision.state in (DecisionState.REFUSED, DecisionState.REVERSED, DecisionState.ENDED):
        yield "a", f"the decision is {decision.state}: there is no measure to tell"
    if policy.text_hash != decision.reason.text_hash:
        yield "b", "the policy is not the one by which was decided"
    if statement.finding is None or statement.finding.id != decision.reason.finding:
        yield "b", "the finding is not there"
    if not statement.disclosed:
        yield "b", "no fact is disclosed"
    if not decision.approvers and decision.emergency is None:
        yield "c", "nobody has approved it"
    clause = decision.reason.clause
    if not all(text.strip() for text in (clause.ref, *(clause[lang] for lang in LANGS))):
        yield "d" if policy.dsa.ground is Ground.ILLEGAL else "e", "the clause is not quoted"
    if not (statement.reference and platform.portal):
        yield "f", "nothing says where to appeal"
    if not any(way.out_of_court for way in platform.redress):
        yield "f", "no certified body of out-of-court settlement is named (article 21)"
    if not platform.contact:
        yield "f", "nothing says where to ask"


LETTERS = 12  # of a reference: 60 bits, so that no two notices have the same


def notice_id(kind: NoticeKind, *parts: str) -> str:
    """One notice of a kind for the same decision, or the same move of it (law 10)."""
    return made_id("notice", kind, *parts)


def reference_of(notice: str) -> str:
    """The case reference of a notice, `H7K2-Q9D4-MXTA`: it follows from the id, says nothing by
    itself, and has no sign that is read as another."""
    text = b32encode(sha256(f"habeas-case-v1\n{notice}".encode()).digest()).decode()
    text = text[:LETTERS].translate(WRITTEN)
    return "-".join(text[i : i + 4] for i in range(0, LETTERS, 4))
