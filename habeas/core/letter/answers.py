"""Answers in words: the ruling on an appeal, the apology after a reversal, why an appeal cannot be
taken, and the end of a measure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from habeas.core.appeal import Ruling, Verdict
from habeas.core.appeal.appeals import DeclinedDecision, DeclineReason
from habeas.core.appeal.deadlines import appeal_date
from habeas.core.appeal.hearings import RulingNotice
from habeas.core.appeal.reversal import owes_apology
from habeas.core.decision import Decision, DecisionState, Standing
from habeas.core.errors import IllegalMove
from habeas.core.languages import Lang, date
from habeas.core.letter.letters import Block, Items, Letter, Links, Pairs, Section, Text, paragraphs
from habeas.core.letter.notices import NoticeKind, Platform
from habeas.core.letter.statements import (
    decision_words,
    holding_words,
    letter_of,
    measure_of,
    time_words,
    ways,
)
from habeas.core.letter.texts import sentence
from habeas.core.letter.words import measure_words
from habeas.core.policy import Step
from habeas.core.property import HoldingOutcome, Settlement
from habeas.core.property.settlement import Act


@dataclass(frozen=True, slots=True)
class AnswerCase:
    """Who tells what to whom: the case reference that the customer knows, and when."""

    platform: Platform
    account: str
    reference: str
    told_us: int

    def letter(self, kind: NoticeKind, sections: Sequence[Section], lang: Lang) -> Letter:
        """The letter of an answer, with the door to what a customer can do next."""
        return letter_of(
            kind, f"subject_{kind}", sections,
            platform=self.platform, account=self.account, reference=self.reference,
            told_us=self.told_us, lang=lang,
        )  # fmt: skip


def ruling_letter(
    told: RulingNotice, decisions: Mapping[str, Decision], occasion: AnswerCase, lang: Lang
) -> Letter:
    """The notice of a ruling (DSA article 20(5)); `decisions` are those ruled on, by id."""
    answer: list[Block] = [Text(sentence(lang, "ruled", time=time_words(told.ruled_us, lang)))]
    for ruling in told.rulings:
        answer += _ruled(ruling, decisions[ruling.decision], lang)
    sections = [Section(sentence(lang, "ruling"), tuple(answer))]
    if any(r.verdict is not Verdict.OVERTURN for r in told.rulings):
        left = [Text(sentence(lang, "no_second")), *ways(occasion.platform, "ways_left", lang)]
        sections.append(
            Section(sentence(lang, "after_ruling"), (*left, *_questions(occasion, lang)))
        )
    else:
        sections.append(Section(sentence(lang, "after_ruling"), tuple(_remedies(occasion, lang))))
    return occasion.letter(NoticeKind.RULING, sections, lang)


def _ruled(ruling: Ruling, decision: Decision, lang: Lang) -> Iterator[Block]:
    yield Text(sentence(lang, f"ruled_{ruling.verdict}", measure=decision_words(decision, lang)))
    if ruling.verdict is not Verdict.UPHOLD:
        yield Text(sentence(lang, "sorry"))
    yield Text(sentence(lang, "reasons"))
    yield from paragraphs(ruling.reasons)
    if (lesser := ruling.lesser) is not None:
        step = Step(lesser.measure, lesser.capability, lesser.for_us, 0, review=True)
        yield Text(sentence(lang, "lesser", measure=measure_words(step, lang)))


def _remedies(occasion: AnswerCase, lang: Lang) -> Iterator[Block]:
    yield from ways(occasion.platform, "ways_left", lang)
    yield from _questions(occasion, lang)


def _questions(occasion: AnswerCase, lang: Lang) -> Iterator[Block]:
    yield Text(sentence(lang, "questions", contact=occasion.platform.contact))


def apology_letter(
    decision: Decision,
    settlements: Sequence[Settlement],
    stands: Standing,
    others: Mapping[str, Decision],
    occasion: AnswerCase,
    lang: Lang,
) -> Letter:
    """For a decision that was reversed. `settlements` are all of the account, `stands` is how it
    stands now and `others` are its decisions by id. Raises IllegalMove where nothing was wrong or
    nobody knew of it."""
    if decision.state is not DecisionState.REVERSED or not owes_apology(decision):
        raise IllegalMove(f"decision {decision.id} is {decision.state}: no apology is owed")
    measure = measure_of(decision, lang)
    if decision.noticed_us is None:
        wrong = sentence(lang, "wrong_untold", measure=measure)
    else:
        time = time_words(decision.noticed_us, lang)
        wrong = sentence(lang, "wrong_what", time=time, measure=measure)
    said: list[Block] = [Text(wrong), Text(sentence(lang, "sorry"))]
    if decision.why.strip():
        said += [Text(sentence(lang, "wrong_why")), *paragraphs(decision.why)]
    said.append(Text(sentence(lang, "as_if")))
    back = tuple(_back(decision, settlements, lang))
    sections = [
        Section(sentence(lang, "wrong"), tuple(said)),
        *([Section(sentence(lang, "given_back"), back)] if back else []),
        Section(sentence(lang, "standing"), tuple(_standing(stands, others, lang))),
        Section(
            sentence(lang, "other_door"),
            (Text(sentence(lang, "harm", contact=occasion.platform.contact)),
             *ways(occasion.platform, "other_ways", lang)),
        ),
    ]  # fmt: skip
    return occasion.letter(NoticeKind.APOLOGY, sections, lang)


def _back(decision: Decision, settlements: Sequence[Settlement], lang: Lang) -> Iterator[Block]:
    """What its settlements took and others gave back, and what still awaits a person."""
    given = [
        one
        for settlement in settlements
        if settlement.act in (Act.RELEASE, Act.UNDO) and settlement.occasion.decision == decision.id
        for one in settlement.settled
    ]
    whole = [one for one in given if one.outcome is not HoldingOutcome.ASK]
    open_ = [one for one in given if one.outcome is HoldingOutcome.ASK]
    if whole:
        yield Text(sentence(lang, "holdings_back"))
        yield Pairs(tuple(holding_words(one, lang) for one in whole))
    if open_:
        yield Text(sentence(lang, "holdings_open"))
        yield Pairs(tuple(holding_words(one, lang) for one in open_))


def _standing(stands: Standing, decisions: Mapping[str, Decision], lang: Lang) -> Iterator[Block]:
    bound = [b for b in stands.bindings if b.refuses(b.capability or "")]
    if not bound:
        yield Text(sentence(lang, "standing_free"))
        return
    yield Text(sentence(lang, "standing_bound"))
    yield Items(tuple(decision_words(decisions[b.decision], lang) for b in bound))


def refusal_letter(
    declined: Sequence[DeclinedDecision],
    decisions: Mapping[str, Decision],
    occasion: AnswerCase,
    lang: Lang,
) -> Letter:
    """Why an appeal, or a part of it, is not taken. What is left is always said; who may still
    appeal or add to an appeal is told how."""
    told = tuple(Text(_refused(one, decisions.get(one.decision), lang)) for one in declined)
    left: list[Block] = []
    if any(one.why in (DeclineReason.OPEN_ALREADY, DeclineReason.NOT_TOLD) for one in declined):
        left.append(Links(((sentence(lang, "page"), occasion.platform.portal),)))
    left += ways(occasion.platform, "ways_left", lang)
    left += _questions(occasion, lang)
    sections = (
        Section(sentence(lang, "refusal"), told),
        Section(sentence(lang, "other_door"), tuple(left)),
    )
    return occasion.letter(NoticeKind.REFUSAL, sections, lang)


def _refused(one: DeclinedDecision, decision: Decision | None, lang: Lang) -> str:
    if decision is None:
        return sentence(lang, "refused_unknown", decision=one.decision)
    day_us = decision.noticed_us or decision.proposed_us
    day = date(appeal_date(day_us), lang)
    return sentence(lang, f"refused_{one.why}", measure=decision_words(decision, lang), day=day)


def end_letter(
    decision: Decision,
    settlements: Sequence[Settlement],
    stands: Standing,
    others: Mapping[str, Decision],
    occasion: AnswerCase,
    lang: Lang,
) -> Letter:
    """For a measure that is over, was lifted, or was told and then dropped. Raises IllegalMove
    where it is none of these."""
    if (
        decision.state not in (DecisionState.ENDED, DecisionState.REFUSED)
        or decision.ended_us is None
    ):
        raise IllegalMove(f"decision {decision.id} is {decision.state}: it has not ended")
    values = {
        "measure": decision_words(decision, lang),
        "time": time_words(decision.ended_us, lang),
    }
    if decision.state is DecisionState.REFUSED:
        said: list[Block] = [Text(sentence(lang, "ended_dropped", **values))]
    elif decision.why.strip():
        said = [Text(sentence(lang, "ended_lifted", **values))]
        said += paragraphs(decision.why)
    else:
        key = "ended_by_time" if decision.confirmed else "ended_unconfirmed"
        said = [Text(sentence(lang, key, **values))]
    back = tuple(_back(decision, settlements, lang))
    sections = [
        Section(sentence(lang, "ended"), tuple(said)),
        *([Section(sentence(lang, "given_back"), back)] if back else []),
        Section(
            sentence(lang, "standing"),
            (*_standing(stands, others, lang), *_questions(occasion, lang)),
        ),
    ]
    return occasion.letter(NoticeKind.END, sections, lang)
