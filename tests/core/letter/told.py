"""One notice of each kind, for the tests of words, print, mail and reading ease."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from habeas.core.appeal import Ruling, Verdict
from habeas.core.appeal.appeals import DeclinedDecision, DeclineReason
from habeas.core.appeal.hearings import Redress, RulingNotice
from habeas.core.appeal.rulings import Lesser
from habeas.core.decision import Decision, DecisionMove, Reason
from habeas.core.decision.decisions import (
    Approve,
    Declare,
    End,
    Lift,
    Notify,
    Reverse,
    TakeForce,
    due_us,
)
from habeas.core.decision.standing import standing
from habeas.core.languages import LANGS, Lang
from habeas.core.letter import Letter, Platform, Statement
from habeas.core.letter.answers import (
    AnswerCase,
    apology_letter,
    end_letter,
    refusal_letter,
    ruling_letter,
)
from habeas.core.letter.statements import statement_letter
from habeas.core.money import Money
from habeas.core.policy import Finding, Measure
from habeas.core.policy.findings import FactChange, UnknownCause
from habeas.core.policy.measures import GRAVE
from habeas.core.property import Holding, Settlement
from habeas.core.property.holdings import (
    Balance,
    Data,
    Device,
    Licence,
    Membership,
    Order,
    OrderStage,
    Unknown,
)
from habeas.core.property.rules import SAFE
from habeas.core.property.settlement import SettlementCause, release, settle
from tests.core.appeal.casework import DAY, DORA, EMIL, LENGTHS, ROBOT, after
from tests.core.samples import POLICY, SCHEMA, edited, policy_from, schema_of

NOW = 1_795_624_200_000_000  # 25 November 2026, 16:30 UTC
CLAUSE = (
    '{ref: "Conditions of Use 4.2", en: "You may send goods back within 30 days. You may not make '
    'a habit of ordering goods in order to send them back.", fr: "Vous pouvez renvoyer un article '
    'sous 30 jours. Vous ne pouvez pas commander régulièrement des articles pour les renvoyer."}'
)
PLATFORM_SCHEMA = edited(
    "  return: {attributes: [amount, pieces, country], required: [amount]}",
    "  return: {attributes: [amount, pieces, country], required: [amount], "
    "title: {en: returns, fr: retours}}",
    SCHEMA,
)
RETURNS = policy_from(
    edited(
        '{ref: "Conditions of Use 4.2", en: You may not., fr: Vous ne pouvez pas.}', CLAUSE, POLICY
    )
)
VALUES = {
    "orders_365d": 30, "returned_365d": 700_00, "spent_365d": 1000_00, "sharing_30d": 3,
    "tenure_days": 800.0,
}  # fmt: skip
FINDING = Finding(
    id="f1",
    event_id="e2",
    account="boris",
    time_us=NOW - 2 * DAY,
    policy=RETURNS.name,
    version=RETURNS.version,
    outcome=RETURNS.outcome,
    index=0,
    cause=UnknownCause.BECAME_TRUE,
    values=VALUES,
    evidence={"orders_365d": ("e1", "e2")},
    truths=(
        ("orders_365d >= 20", True),
        ("returned_365d / spent_365d > 0.6", True),
        ("sharing_30d < 1000", True),
        ("tenure_days > 3650", False),
    ),
    changes=(
        (FactChange("returned_365d", 700_00, 600_00),),
        (FactChange("orders_365d", 30, 19),),
    ),
)
PLATFORM = Platform(
    name="Marchand",
    contact="help@marchand.example",
    portal="https://marchand.example/appeals",
    territory=("BE", "FR", "LU"),
    redress=(
        Redress("Médiation Numérique", "https://mediation.example", out_of_court=True),
        Redress("Arcom", "https://www.arcom.example", out_of_court=False),
    ),
)
REFERENCE = "H7K2-Q9D4-MXTA"
OWNED: tuple[Holding, ...] = (
    Balance("wallet", "EUR", 4250),
    Balance("gc-1", "EUR", 2000, card=True),
    Membership("plus", Money(4900, "EUR"), 365 * DAY, 100 * DAY, NOW - 30 * DAY),
    Licence("e-book 1984", Money(999, "EUR")),
    Order("o-77", OrderStage.PAID, Money(12000, "EUR")),
    Device("speaker", registered=True),
    Data("photos"),
    Unknown("points", "loyalty points"),
)


def decided(measure: Measure, *events: DecisionMove, name: str = "d1") -> Decision:
    """A decision on Boris of that policy, proposed a day ago, after some events."""
    rungs = list(Measure)
    made = Decision(
        id=name,
        account="boris",
        reason=REASON,
        measure=measure,
        capability="returns" if measure is Measure.LIMIT else None,
        index=rungs.index(measure),
        for_us=LENGTHS.get(measure),
        notice_us=14 * DAY,
        review=False,
        proposed_us=NOW - DAY,
    )
    return after(made, *events)


REASON = Reason(
    finding=FINDING.id,
    policy=RETURNS.name,
    version=RETURNS.version,
    outcome=RETURNS.outcome,
    text_hash=RETURNS.text_hash,
    clause=RETURNS.clause,
    values=VALUES,
    evidence=FINDING.evidence,
)


def approved(measure: Measure) -> Decision:
    """Warn and limit by their policy, suspend and close by Dora."""
    by = DORA if measure in GRAVE else ROBOT
    return decided(measure, Approve(NOW - DAY, by))


def emergency(measure: Measure = Measure.CLOSE) -> Decision:
    return decided(measure, Declare(NOW, DORA, "A stolen card is in use on this account."))


def statement(decision: Decision, holdings: tuple[Holding, ...] = OWNED) -> Statement:
    made = Statement(
        REFERENCE, NOW, decision, RETURNS, schema_of(PLATFORM_SCHEMA), PLATFORM, FINDING
    )
    return replace(made, settlement=settled(decision, made.begins_us, holdings))


def settled(decision: Decision, time_us: int, holdings: tuple[Holding, ...] = OWNED) -> Settlement:
    occasion = SettlementCause(decision.id, decision.account, decision.binding, time_us)
    return settle(holdings, occasion, SAFE)


OCCASION = AnswerCase(PLATFORM, "boris", REFERENCE, NOW)


def told(measure: Measure) -> Decision:
    """In force by the book, a month ago."""
    start = NOW - 40 * DAY
    made = replace(decided(measure), proposed_us=start)
    return after(
        made,
        Approve(start, DORA),
        Notify(start, "n1"),
        TakeForce(start + made.period_us),
    )


def _ruling(verdict: Verdict, lang: Lang) -> Letter:
    decision = told(Measure.SUSPEND)
    lesser = Lesser(Measure.LIMIT, 1, "returns", 90 * DAY) if verdict is Verdict.LESSER else None
    reasons = REASONS[verdict][LANGS.index(lang)]
    ruling = Ruling(decision.id, verdict, reasons, lesser)
    notice = RulingNotice(REFERENCE, "boris", NOW - DAY, (ruling,), PLATFORM.redress)
    return ruling_letter(notice, {decision.id: decision}, OCCASION, lang)


REASONS = {
    Verdict.UPHOLD: (
        "You sent back 21 of 30 orders. Your letter does not say why.\nThe rule allows returns, "
        "but not this many.",
        "Vous avez renvoyé 21 commandes sur 30. Votre lettre ne dit pas pourquoi.\n"
        "La règle permet les retours, mais pas autant.",
    ),
    Verdict.OVERTURN: (
        "Nine of the returns were ours: we had sent the wrong goods.",
        "Neuf des retours étaient de notre fait : nous avions envoyé les mauvais articles.",
    ),
    Verdict.LESSER: (
        "You told us of your illness. A suspension is too much for that.",
        "Vous nous avez parlé de votre maladie. Une suspension est de trop.",
    ),
}


def _apology(lang: Lang) -> Letter:
    before = told(Measure.SUSPEND)
    why = ("A terminal counted each return twice.", "Une caisse a compté deux fois les retours.")
    decision = after(before, Reverse(NOW - 1, (EMIL,), why[LANGS.index(lang)]))
    taken = settled(before, before.in_force_us or 0)
    stands = standing("boris", [decision], NOW)
    return apology_letter(decision, [taken, release(taken, NOW - 1)], stands, {}, OCCASION, lang)


def _end(lang: Lang, *, lifted: bool) -> Letter:
    before = told(Measure.SUSPEND)
    event: DecisionMove = End(due_us(before) or 0)
    if lifted:
        why = ("You sent us your papers.", "Vous nous avez envoyé vos papiers.")
        event = Lift(NOW - 1, EMIL, why[LANGS.index(lang)])
    decision = after(before, event)
    taken = settled(before, before.in_force_us or 0)
    others = {"d2": replace(told(Measure.LIMIT), id="d2")}
    stands = standing("boris", [decision, *others.values()], NOW)
    return end_letter(decision, [taken, release(taken, NOW - 1)], stands, others, OCCASION, lang)


def _refusal(lang: Lang) -> Letter:
    declined = (
        DeclinedDecision("d1", DeclineReason.RULED, "a1"),
        DeclinedDecision("d2", DeclineReason.LATE),
    )
    late = replace(told(Measure.WARN), id="d2", noticed_us=NOW - 300 * DAY)
    decisions = {"d1": told(Measure.SUSPEND), "d2": late}
    return refusal_letter(declined, decisions, OCCASION, lang)


def _measure(decision: Decision) -> Callable[[Lang], Letter]:
    return lambda lang: statement_letter(statement(decision), lang)


NOTICES: Mapping[str, Callable[[Lang], Letter]] = {
    **{str(measure): _measure(approved(measure)) for measure in Measure},
    "emergency": _measure(emergency()),
    "uphold": lambda lang: _ruling(Verdict.UPHOLD, lang),
    "overturn": lambda lang: _ruling(Verdict.OVERTURN, lang),
    "lesser": lambda lang: _ruling(Verdict.LESSER, lang),
    "apology": _apology,
    "refusal": _refusal,
    "end": lambda lang: _end(lang, lifted=False),
    "lifted": lambda lang: _end(lang, lifted=True),
}
