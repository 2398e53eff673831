"""Notice: what a customer was told of a decision, or would be told now, in any of its forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from habeas.core.decision import Actor, Decision
from habeas.core.errors import InvalidInput, NotFound
from habeas.core.languages import Lang
from habeas.core.letter import Letter, NoticeKind, Statement
from habeas.core.letter.dsa import Submission, submission
from habeas.core.letter.notices import notice_id, reference_of
from habeas.core.letter.statements import statement_letter
from habeas.core.policy import Finding
from habeas.flows.letter.deliver import letter_with_code
from habeas.flows.letter.notify import Teller, explained, hand_over, statement_of
from habeas.pages.letters import Printed, printed
from habeas.store import findings, notices
from habeas.store.accounts import account, account_of
from habeas.store.changes import Account


@dataclass(frozen=True, slots=True)
class PrintedNotice:
    """A notice in all its forms. `kept` as in NoticeView."""

    letter: Letter
    kept: bool
    forms: Printed


@dataclass(frozen=True, slots=True)
class NoticeView:
    """A notice without its code. `kept` says that it is the one that was told, word for word; a
    preview, or the same in another language, is not."""

    letter: Letter
    time_us: int
    kept: bool


def shown(tell: Teller, name: str, lang: Lang | None) -> NoticeView:
    """The notice of a decision in the language it was told in, or in another. Raises NotFound,
    also where its text was erased, and InvalidInput where it is incomplete."""
    found = account(account_of(name))
    decision = found.decision(name)
    if decision.notice is None:
        statement = _statement(tell, found, decision)
        return NoticeView(
            statement_letter(statement, lang or tell.voice.lang), tell.now_us, kept=False
        )
    told = notices.notice(decision.notice)
    if told.letter is None:
        raise NotFound(f"the text of notice {told.id} was erased", "its leaf is in the log")
    if lang is None or lang == told.lang:
        return NoticeView(told.letter, told.time_us, kept=True)
    again = replace(tell, now_us=told.time_us)
    statement = explained(again, found, decision, told.letter.reference, _known(tell, decision))
    return NoticeView(statement_letter(statement, lang), told.time_us, kept=False)


def _known(tell: Teller, decision: Decision) -> Mapping[str, Finding]:
    tell.learn([decision.reason.text_hash])
    return findings.findings([decision.reason.finding])


def _statement(tell: Teller, found: Account, decision: Decision) -> Statement:
    made = notice_id(NoticeKind.MEASURE, decision.id, str(found.moves.get(decision.id, 0)))
    return statement_of(tell, found, decision, reference_of(made), _known(tell, decision))


def reported(tell: Teller, name: str, lang: Lang | None) -> Submission:
    """What the EU's transparency database takes. Raises InvalidInput for a warning."""
    found = account(account_of(name))
    decision = found.decision(name)
    again = replace(tell, now_us=decision.noticed_us or tell.now_us)
    statement = explained(again, found, decision, name, _known(tell, decision))
    made = submission(statement, lang or tell.voice.lang)
    if made is None:
        raise InvalidInput(
            f"decision {name} is a warning", "a warning is no restriction and is not reported"
        )
    return made


def read(tell: Teller, name: str, lang: Lang | None) -> PrintedNotice:
    """What the customer was told, or would be told now, without the code. Raises as `shown`."""
    found = shown(tell, name, lang)
    return PrintedNotice(found.letter, found.kept, printed(found.letter, found.time_us))


def hand_out(tell: Teller, name: str, lang: Lang | None, by: Actor, how: str) -> PrintedNotice:
    """The notice with its code, to be given to the customer by a person, who is recorded. Raises
    as `hand_over`."""
    hand_over(tell, name, lang or tell.voice.lang, by, how)
    found = shown(tell, name, lang)
    kept = account(account_of(name)).decision(name).notice
    letter = letter_with_code(notices.notice(kept or ""), tell.codes)
    return PrintedNotice(letter, found.kept, printed(letter, found.time_us))
