"""Statements in words: the notice of a measure, in the order in which a customer asks.

What was decided, why, what would have changed it, who decided, what happens to what is owned, and
what to do for who does not agree: DSA article 17(3) (a) to (f)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from habeas.core.appeal.deadlines import NORMAL, appeal_date
from habeas.core.decision import Decision
from habeas.core.decision.decisions import EMERGENCY_US
from habeas.core.languages import Lang, date, moment, period, typeset
from habeas.core.letter import letters
from habeas.core.letter.names import KINDS, OUTCOMES, countries
from habeas.core.letter.notices import Automation, NoticeKind, Platform, Statement
from habeas.core.letter.texts import sentence
from habeas.core.letter.words import Speaker, change_words, measure_words
from habeas.core.money import amount_words
from habeas.core.policy import Measure, Step
from habeas.core.policy.dsa import Ground
from habeas.core.property import HoldingOutcome
from habeas.core.property.holdings import Balance
from habeas.core.property.settlement import Settled


def statement_letter(statement: Statement, lang: Lang) -> letters.Letter:
    """The notice of a measure. Whether the statement is complete is asked of it before
    (`core/letter/notices.missing`)."""
    sections = (
        letters.Section(sentence(lang, "decided"), tuple(_decided(statement, lang))),
        letters.Section(sentence(lang, "why"), tuple(_why(statement, lang))),
        letters.Section(sentence(lang, "changes"), tuple(_changes(statement, lang))),
        letters.Section(sentence(lang, "how"), tuple(_how(statement, lang))),
        letters.Section(sentence(lang, "holdings"), tuple(_holdings(statement, lang))),
        letters.Section(sentence(lang, "appeal"), tuple(_appeal(statement, lang))),
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
    sections: Sequence[letters.Section],
    *,
    platform: Platform,
    account: str,
    reference: str,
    told_us: int,
    lang: Lang,
) -> letters.Letter:
    """A letter with its head and ending; `subject` is the key of its text."""
    head = (
        (sentence(lang, "account"), account),
        (sentence(lang, "date"), time_words(told_us, lang)),
        (sentence(lang, "reference"), reference),
    )
    letter = letters.Letter(
        kind=str(kind),
        lang=lang,
        sender=platform.name,
        subject=sentence(lang, subject, platform=platform.name, reference=reference),
        greeting=sentence(lang, "greeting"),
        head=head,
        sections=tuple(sections),
        ending=sentence(lang, "ending", platform=platform.name),
        reference=reference,
    )
    return letters.cleaned(letter)


def time_words(time_us: int, lang: Lang) -> str:
    """With its time zone."""
    return typeset(moment(time_us, lang), lang)


def decision_words(decision: Decision, lang: Lang) -> str:
    """The measure of a decision at the head of a sentence, `A suspension for 30 days`."""
    text = measure_of(decision, lang)
    return text[0].upper() + text[1:]


def measure_of(decision: Decision, lang: Lang) -> str:
    """The same within one, `a suspension for 30 days`."""
    step = Step(decision.measure, decision.capability, decision.for_us, 0, decision.review)
    return typeset(measure_words(step, lang), lang)


def _decided(statement: Statement, lang: Lang) -> Iterator[letters.Block]:
    decision, name = statement.decision, statement.platform.name
    capability = (decision.capability or "").replace("_", " ")
    tense = "is" if statement.begun else "will"
    yield letters.Text(sentence(lang, f"{tense}_{decision.binding}", capability=capability))
    if decision.binding is not decision.measure:
        yield letters.Text(sentence(lang, "until_confirmed", platform=name))
    if decision.emergency is not None:
        yield letters.Text(sentence(lang, "because_emergency"))
        yield from letters.paragraphs(decision.emergency.why)
        if not decision.approvers:
            by = time_words(statement.begins_us + EMERGENCY_US, lang)
            yield letters.Text(sentence(lang, "review_emergency", time=by))
    if decision.measure is not Measure.WARN:
        yield letters.Pairs(tuple(_times(statement, lang)))
    if not statement.begun:
        yield letters.Text(sentence(lang, "until_then"))


def _times(statement: Statement, lang: Lang) -> Iterator[tuple[str, str]]:
    begins, for_us = time_words(statement.begins_us, lang), statement.decision.for_us
    yield sentence(lang, "begins" if statement.begun else "begins_not_before"), begins
    yield sentence(lang, "ends"), _end(statement, for_us, lang)
    yield sentence(lang, "where"), countries(statement.platform.territory, lang)


def _end(statement: Statement, for_us: int | None, lang: Lang) -> str:
    if for_us is None:
        closes = statement.decision.measure is Measure.CLOSE
        return sentence(lang, "ends_never" if closes else "ends_not")
    lasts = typeset(period(for_us, lang), lang)
    if not statement.begun:
        return sentence(lang, "lasts_after", period=lasts)
    ends = time_words(statement.begins_us + for_us, lang)
    return sentence(lang, "lasts", time=ends, period=lasts)


def _why(statement: Statement, lang: Lang) -> Iterator[letters.Block]:
    clause, policy = statement.decision.reason.clause, statement.policy
    illegal = policy.dsa.ground is Ground.ILLEGAL
    yield letters.Text(sentence(lang, "law" if illegal else "rule"))
    yield letters.Quote(clause[lang], clause.ref)
    speaker = _speaker(statement, lang)
    when_us = statement.finding.time_us if statement.finding else statement.decision.proposed_us
    when = time_words(when_us, lang)
    if held := statement.held:
        yield letters.Text(sentence(lang, "against", time=when))
        yield letters.Items(tuple(typeset(speaker.says(node), lang) for node in held))
    else:
        yield letters.Text(sentence(lang, "against_unsaid", time=when))
    facts = ((speaker.fact(n), speaker.value(n, v)) for n, v in statement.disclosed.items())
    yield letters.Text(sentence(lang, "counted"))
    yield letters.Pairs(tuple((typeset(fact, lang), value) for fact, value in facts))
    if withheld := statement.withheld:
        yield letters.Text(sentence(lang, "withheld"))
        yield letters.Items(tuple(typeset(speaker.fact(name), lang) for name in withheld))
        own = dict(statement.platform.withheld).get(lang)
        ground = sentence(lang, "ground", text=own) if own else sentence(lang, "withheld_ground")
        yield letters.Text(ground)
    yield letters.Text(sentence(lang, statement.source))


def _speaker(statement: Statement, lang: Lang) -> Speaker:
    return Speaker(statement.policy, statement.schema, statement.decision.reason.values, lang)


def _changes(statement: Statement, lang: Lang) -> Iterator[letters.Block]:
    speaker, shown = _speaker(statement, lang), set(statement.policy.disclose)
    found = statement.finding.changes if statement.finding else ()
    told = [one for one in found if {change.fact for change in one} <= shown]
    if not told:
        yield letters.Text(sentence(lang, "no_change"))
        return
    yield letters.Text(sentence(lang, "any_of"))
    yield letters.Items(tuple(typeset(change_words(one, speaker), lang) for one in told))


def _how(statement: Statement, lang: Lang) -> Iterator[letters.Block]:
    yield letters.Text(sentence(lang, "found_by_program"))
    by_program = statement.automation is Automation.FULL
    yield letters.Text(sentence(lang, "decided_by_program" if by_program else "decided_by_person"))


def _holdings(statement: Statement, lang: Lang) -> Iterator[letters.Block]:
    settled = () if statement.settlement is None else statement.settlement.settled
    if all(one.outcome is HoldingOutcome.KEPT for one in settled):
        yield letters.Text(sentence(lang, "holdings_none"))
    else:
        yield letters.Text(sentence(lang, "holdings_kept" if statement.begun else "holdings_later"))
        yield letters.Pairs(tuple(holding_words(one, lang) for one in settled))
    if statement.decision.measure is not Measure.WARN:
        yield letters.Text(sentence(lang, "rights"))


def holding_words(one: Settled, lang: Lang) -> tuple[str, str]:
    """A holding, and what happens to it with its amount."""
    kind = KINDS[lang][one.before.kind]
    text = typeset(OUTCOMES[lang][one.outcome], lang)
    if one.why != one.outcome.why and one.outcome is not HoldingOutcome.ASK:
        text = sentence(lang, "told_reason", text=text, reason=one.why)
    if amount := _amount(one, lang):
        text = sentence(lang, "what_amount", amount=amount, text=text)
    return sentence(lang, "holding", kind=kind, id=one.before.id), text


def _amount(one: Settled, lang: Lang) -> str:
    """The money that moves, or that a balance has."""
    if one.entry is not None:
        moved = [p.money for p in one.entry.postings if p.money.amount > 0]
        return amount_words(sum(m.amount for m in moved), moved[0].currency, lang)
    if isinstance(one.before, Balance) and one.before.free is not None:
        return amount_words(one.before.free + one.before.held, one.before.currency, lang)
    return ""


def _appeal(statement: Statement, lang: Lang) -> Iterator[letters.Block]:
    day = date(appeal_date(statement.told_us), lang)
    days = typeset(period(min(NORMAL.escalations), lang), lang)
    yield letters.Text(sentence(lang, "appeal_how"))
    yield letters.Text(sentence(lang, "appeal_until", day=day))
    yield letters.Text(sentence(lang, "appeal_who", days=days))
    yield letters.Text(sentence(lang, "appeal_hardship"))
    yield from door(statement.platform, lang)
    yield from ways(statement.platform, "other_ways", lang)
    yield letters.Text(sentence(lang, "questions", contact=statement.platform.contact))


def door(platform: Platform, lang: Lang) -> Iterator[letters.Block]:
    """How a customer comes in without the closed account (law 4)."""
    yield letters.Text(sentence(lang, "door"))
    yield letters.Links(((sentence(lang, "page"), platform.portal),))
    yield letters.Door(sentence(lang, "reference"), sentence(lang, "code"))


def ways(platform: Platform, key: str, lang: Lang) -> Iterator[letters.Block]:
    """The redress outside of the platform (DSA article 21), with the courts."""
    named = ((w, sentence(lang, "body" if w.out_of_court else "way", name=w.name)) for w in
             platform.redress)  # fmt: skip
    yield letters.Text(sentence(lang, key))
    yield letters.Links(tuple((text, way.address) for way, text in named))
    yield letters.Text(sentence(lang, "court"))
