"""Statements in words: the notice of a measure, in the order in which a customer asks.

What was decided, why, what would have changed it, who decided, what happens to what is owned, and
what to do for who does not agree: DSA article 17(3) (a) to (f)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from habeas.core.appeal.deadlines import NORMAL, appeal_date
from habeas.core.decision import Decision
from habeas.core.decision.decisions import EMERGENCY_US
from habeas.core.languages import Lang, chosen, date_of, day_words, period, typeset
from habeas.core.letter.letters import (
    Block,
    Door,
    Items,
    Letter,
    Links,
    Pairs,
    Quote,
    Section,
    Text,
    cleaned,
    paragraphs,
)
from habeas.core.letter.names import KINDS, OUTCOMES, countries
from habeas.core.letter.notices import Automation, NoticeKind, Platform, Statement
from habeas.core.letter.texts import say
from habeas.core.letter.words import Speaker, change_words, measure_words
from habeas.core.money import written as money
from habeas.core.policy import Measure, Step
from habeas.core.policy.dsa import Ground
from habeas.core.property import HoldingOutcome
from habeas.core.property.holdings import Balance
from habeas.core.property.settlement import Settled


def statement_letter(statement: Statement, lang: Lang) -> Letter:
    """The notice of a measure. Whether the statement is complete is asked of it before
    (`core/notices.missing`)."""
    sections = (
        Section(say(lang, "decided"), tuple(_decided(statement, lang))),
        Section(say(lang, "why"), tuple(_why(statement, lang))),
        Section(say(lang, "changes"), tuple(_changes(statement, lang))),
        Section(say(lang, "how"), tuple(_how(statement, lang))),
        Section(say(lang, "holdings"), tuple(_holdings(statement, lang))),
        Section(say(lang, "appeal"), tuple(_appeal(statement, lang))),
    )
    later = "" if statement.begun else "_later"
    return letter_of(
        NoticeKind.MEASURE,
        f"subject_{statement.decision.binding}{later}",
        sections,
        platform=statement.platform,
        account=statement.account,
        reference=statement.reference,
        told_us=statement.told_us,
        lang=lang,
    )


def letter_of(
    kind: NoticeKind,
    subject: str,
    sections: Sequence[Section],
    *,
    platform: Platform,
    account: str,
    reference: str,
    told_us: int,
    lang: Lang,
) -> Letter:
    """A letter with its head and ending; `subject` is the key of its text."""
    head = (
        (say(lang, "account"), account),
        (say(lang, "date"), time_words(told_us, lang)),
        (say(lang, "reference"), reference),
    )
    letter = Letter(
        kind=str(kind),
        lang=lang,
        sender=platform.name,
        subject=say(lang, subject, platform=platform.name, reference=reference),
        greeting=say(lang, "greeting"),
        head=head,
        sections=tuple(sections),
        ending=say(lang, "ending", platform=platform.name),
        reference=reference,
    )
    return cleaned(letter)


def time_words(time_us: int, lang: Lang) -> str:
    """With its time zone."""
    return typeset(date_of(time_us, lang), lang)


def decision_words(decision: Decision, lang: Lang) -> str:
    """The measure of a decision at the head of a sentence, `A suspension for 30 days`."""
    text = measure_of(decision, lang)
    return text[0].upper() + text[1:]


def measure_of(decision: Decision, lang: Lang) -> str:
    """The same within one, `a suspension for 30 days`."""
    step = Step(decision.measure, decision.capability, decision.for_us, 0, decision.review)
    return typeset(measure_words(step, lang), lang)


def _decided(statement: Statement, lang: Lang) -> Iterator[Block]:
    decision, name = statement.decision, statement.platform.name
    capability = (decision.capability or "").replace("_", " ")
    tense = "is" if statement.begun else "will"
    yield Text(say(lang, f"{tense}_{decision.binding}", capability=capability))
    if decision.binding is not decision.measure:
        yield Text(say(lang, "until_confirmed", platform=name))
    if decision.emergency is not None:
        yield Text(say(lang, "because_emergency"))
        yield from paragraphs(decision.emergency.why)
        if not decision.approvers:
            by = time_words(statement.begins_us + EMERGENCY_US, lang)
            yield Text(say(lang, "review_emergency", time=by))
    if decision.measure is not Measure.WARN:
        yield Pairs(tuple(_times(statement, lang)))
    if not statement.begun:
        yield Text(say(lang, "until_then"))


def _times(statement: Statement, lang: Lang) -> Iterator[tuple[str, str]]:
    begins, for_us = time_words(statement.begins_us, lang), statement.decision.for_us
    yield say(lang, "begins" if statement.begun else "begins_not_before"), begins
    yield say(lang, "ends"), _end(statement, for_us, lang)
    yield say(lang, "where"), countries(statement.platform.territory, lang)


def _end(statement: Statement, for_us: int | None, lang: Lang) -> str:
    if for_us is None:
        closes = statement.decision.measure is Measure.CLOSE
        return say(lang, "ends_never" if closes else "ends_not")
    lasts = typeset(period(for_us, lang), lang)
    if not statement.begun:
        return say(lang, "lasts_after", period=lasts)
    ends = time_words(statement.begins_us + for_us, lang)
    return say(lang, "lasts", time=ends, period=lasts)


def _why(statement: Statement, lang: Lang) -> Iterator[Block]:
    clause, policy = statement.decision.reason.clause, statement.policy
    illegal = policy.dsa.ground is Ground.ILLEGAL
    yield Text(say(lang, "law" if illegal else "rule"))
    yield Quote(clause.en if lang == "en" else clause.fr, clause.ref)
    speaker = _speaker(statement, lang)
    when_us = statement.finding.time_us if statement.finding else statement.decision.proposed_us
    when = time_words(when_us, lang)
    if held := statement.held:
        yield Text(say(lang, "against", time=when))
        yield Items(tuple(typeset(speaker.says(node), lang) for node in held))
    else:
        yield Text(say(lang, "against_unsaid", time=when))
    facts = ((speaker.fact(n), speaker.value(n, v)) for n, v in statement.disclosed.items())
    yield Text(say(lang, "counted"))
    yield Pairs(tuple((typeset(fact, lang), value) for fact, value in facts))
    if withheld := statement.withheld:
        yield Text(say(lang, "withheld"))
        yield Items(tuple(typeset(speaker.fact(name), lang) for name in withheld))
        own = dict(statement.platform.withheld).get(lang)
        ground = say(lang, "ground", text=own) if own else say(lang, "withheld_ground")
        yield Text(ground)
    yield Text(say(lang, statement.source))


def _speaker(statement: Statement, lang: Lang) -> Speaker:
    return Speaker(statement.policy, statement.schema, statement.decision.reason.values, lang)


def _changes(statement: Statement, lang: Lang) -> Iterator[Block]:
    speaker, shown = _speaker(statement, lang), set(statement.policy.disclose)
    found = statement.finding.changes if statement.finding else ()
    told = [one for one in found if {change.fact for change in one} <= shown]
    if not told:
        yield Text(say(lang, "no_change"))
        return
    yield Text(say(lang, "any_of"))
    yield Items(tuple(typeset(change_words(one, speaker), lang) for one in told))


def _how(statement: Statement, lang: Lang) -> Iterator[Block]:
    yield Text(say(lang, "found_by_program"))
    by_program = statement.automation is Automation.FULL
    yield Text(say(lang, "decided_by_program" if by_program else "decided_by_person"))


def _holdings(statement: Statement, lang: Lang) -> Iterator[Block]:
    settled = () if statement.settlement is None else statement.settlement.settled
    if all(one.outcome is HoldingOutcome.KEPT for one in settled):
        yield Text(say(lang, "holdings_none"))
    else:
        yield Text(say(lang, "holdings_kept" if statement.begun else "holdings_later"))
        yield Pairs(tuple(holding_words(one, lang) for one in settled))
    if statement.decision.measure is not Measure.WARN:
        yield Text(say(lang, "rights"))


def holding_words(one: Settled, lang: Lang) -> tuple[str, str]:
    """A holding, and what happens to it with its amount."""
    kind = chosen(KINDS[one.before.kind], lang)
    text = typeset(chosen(OUTCOMES[one.outcome], lang), lang)
    if one.why != one.outcome.why and one.outcome is not HoldingOutcome.ASK:
        text = say(lang, "told_reason", text=text, reason=one.why)
    if amount := _amount(one, lang):
        text = say(lang, "what_amount", amount=amount, text=text)
    return say(lang, "holding", kind=kind, id=one.before.id), text


def _amount(one: Settled, lang: Lang) -> str:
    """The money that moves, or that a balance has."""
    if one.entry is not None:
        moved = [p.money for p in one.entry.postings if p.money.amount > 0]
        return money(sum(m.amount for m in moved), moved[0].currency, lang)
    if isinstance(one.before, Balance) and one.before.free is not None:
        return money(one.before.free + one.before.held, one.before.currency, lang)
    return ""


def _appeal(statement: Statement, lang: Lang) -> Iterator[Block]:
    day = day_words(appeal_date(statement.told_us), lang)
    days = typeset(period(min(NORMAL.escalations), lang), lang)
    yield Text(say(lang, "appeal_how"))
    yield Text(say(lang, "appeal_until", day=day))
    yield Text(say(lang, "appeal_who", days=days))
    yield Text(say(lang, "appeal_hardship"))
    yield from door(statement.platform, lang)
    yield from ways(statement.platform, "other_ways", lang)
    yield Text(say(lang, "questions", contact=statement.platform.contact))


def door(platform: Platform, lang: Lang) -> Iterator[Block]:
    yield Text(say(lang, "door"))
    yield Links(((say(lang, "page"), platform.portal),))
    yield Door(say(lang, "reference"), say(lang, "code"))


def ways(platform: Platform, key: str, lang: Lang) -> Iterator[Block]:
    """The redress outside of the platform (DSA article 21), with the courts."""
    named = ((w, say(lang, "body" if w.out_of_court else "way", name=w.name)) for w in
             platform.redress)  # fmt: skip
    yield Text(say(lang, key))
    yield Links(tuple((text, way.address) for way, text in named))
    yield Text(say(lang, "court"))
