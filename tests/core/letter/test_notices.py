"""Statements: complete or not sent; what is withheld does not leak; what is told is what is so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from habeas.core.appeal.hearings import Redress
from habeas.core.decision import DecisionState
from habeas.core.decision.standing import standing
from habeas.core.errors import IllegalMove
from habeas.core.languages import Lang
from habeas.core.letter import Letter, NoticeKind, Statement
from habeas.core.letter.answers import apology_letter, end_letter
from habeas.core.letter.letters import one_line, paragraphs
from habeas.core.letter.notices import Automation, CaseSource, missing, notice_id, reference_of
from habeas.core.letter.statements import statement_letter
from habeas.core.policy import Measure
from habeas.core.policy.dsa import Ground
from habeas.core.policy.shapes import Dsa
from habeas.core.property import HoldingOutcome, SettlementRules
from habeas.core.property.rules import SettlementRule
from habeas.pages.letters import as_text
from tests.core.appeal.casework import DAY, EMIL
from tests.core.letter.told import (
    FINDING,
    LANGS,
    NOTICES,
    NOW,
    OCCASION,
    OWNED,
    PLATFORM,
    approved,
    decided,
    emergency,
    settle,
    statement,
    told,
)

WHOLE = statement(approved(Measure.SUSPEND))


def words(letter: Letter) -> str:
    """All that it says, on one line."""
    return " ".join(as_text(letter).replace("\n> ", " ").split())


def said(made: Statement, lang: Lang = "en") -> str:
    return words(statement_letter(made, lang))


@pytest.mark.parametrize("measure", Measure)
def test_a_whole_statement_lacks_nothing(measure: Measure) -> None:
    assert missing(statement(approved(measure))) == ()
    assert missing(statement(emergency())) == ()


def clause(made: Statement, **changes: str) -> Statement:
    reason = made.decision.reason
    changed = replace(reason, clause=reason.clause.model_copy(update=changes))
    return replace(made, decision=replace(made.decision, reason=changed))


def illegal(made: Statement) -> Statement:
    dsa = Dsa(ground=Ground.ILLEGAL, category="SCAMS_AND_FRAUD")
    return clause(replace(made, policy=replace(made.policy, dsa=dsa)), ref="")


LACKS: list[tuple[str, Callable[[Statement], Statement]]] = [
    ("a", lambda s: replace(s, platform=replace(PLATFORM, territory=()))),
    ("a", lambda s: replace(s, decision=replace(s.decision, state=DecisionState.REFUSED))),
    ("b", lambda s: replace(s, finding=None)),
    ("b", lambda s: replace(s, finding=replace(FINDING, id="another"))),
    ("b", lambda s: replace(s, policy=replace(s.policy, disclose=()))),
    ("b", lambda s: replace(s, policy=replace(s.policy, text="another"))),
    ("c", lambda s: replace(s, decision=decided(Measure.SUSPEND))),
    ("d", illegal),
    ("e", lambda s: clause(s, fr=" ")),
    ("f", lambda s: replace(s, platform=replace(PLATFORM, portal=""))),
    ("f", lambda s: replace(s, platform=replace(PLATFORM, contact=""))),
    ("f", lambda s: replace(s, platform=replace(PLATFORM, redress=(Redress("A", "", False),)))),
    ("f", lambda s: replace(s, reference="")),
]


@pytest.mark.parametrize(("letter", "without"), LACKS)
def test_what_is_missing_is_named_by_its_letter(
    letter: str, without: Callable[[Statement], Statement]
) -> None:
    found = missing(without(WHOLE))
    assert [one.letter for one in found] == [letter]
    assert str(found[0]).startswith(f"({letter}) ")


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_withheld_is_named_and_its_value_is_not(lang: Lang) -> None:
    values = {**WHOLE.decision.reason.values, "sharing_30d": 71_623, "tenure_days": 81_456.0}
    reason = replace(WHOLE.decision.reason, values=values)
    made = replace(WHOLE, decision=replace(WHOLE.decision, reason=reason))
    text = said(made, lang)
    assert not any(secret in text for secret in ("71", "81", "1,000 ", "3650", "3,650"))
    assert ("same device" if lang == "en" else "même appareil") in text
    own = replace(PLATFORM, withheld=((lang, "It is about others."),))
    assert "It is about others." in said(replace(made, platform=own), lang)


def test_a_closing_tells_the_day_and_what_is_paid_out() -> None:
    text = said(statement(approved(Measure.CLOSE)))
    assert "Starts at the earliest: 9 December 2026, 16:30 UTC" in text
    assert "Balance “wallet”: EUR\u00a042.50 – is paid out to you" in as_text(
        statement_letter(statement(approved(Measure.CLOSE)), "en")
    )
    assert "You have until 25\u00a0June 2027" in as_text(NOTICES["close"]("en"))
    assert "jusqu’au 25\u00a0juin 2027" in as_text(NOTICES["close"]("fr"))


def test_a_limit_begins_with_its_notice_and_touches_nothing() -> None:
    text = said(statement(approved(Measure.LIMIT)))
    assert "Starts: 25 November 2026, 16:30 UTC" in text
    assert "End: 23 February 2027, 16:30 UTC (90 days)" in text
    assert "Nothing that you have with us changes." in text


def test_a_rule_of_the_platform_tells_its_reason() -> None:
    decision = approved(Measure.SUSPEND)
    kind = OWNED[3].kind
    rules = SettlementRules(
        (SettlementRule(kind, Measure.SUSPEND, HoldingOutcome.WITHHELD, "the seller asked for it"),)
    )
    occasion = statement(decision).settlement
    assert occasion is not None
    made = replace(WHOLE, settlement=settle(OWNED, occasion.occasion, rules))
    assert "cannot be used until the suspension ends – the seller asked for it" in said(made)


def test_who_decided_is_told() -> None:
    by_program = statement(approved(Measure.WARN))
    assert by_program.automation is Automation.FULL
    assert "The program decided this by itself." in said(by_program)
    assert WHOLE.automation is Automation.PARTIAL
    assert "A person looked at the case" in said(WHOLE)
    assert "because somebody reported it" in said(replace(WHOLE, source=CaseSource.NOTICE))


def test_an_emergency_says_why_and_that_it_only_suspends() -> None:
    text = said(statement(emergency()))
    assert "A stolen card is in use on this account." in text
    assert "For now your account is only suspended." in text
    assert "checks this by 26 November 2026, 16:30 UTC" in text
    reviewed = replace(emergency(), approvers=(EMIL,), approved_us=NOW)
    assert "checks this by" not in said(statement(reviewed))


def test_no_apology_for_what_stands_and_no_end_before_it() -> None:
    decision = told(Measure.SUSPEND)
    stands = standing("boris", [decision], NOW)
    for make in (apology_letter, end_letter):
        with pytest.raises(IllegalMove, match="d1 is in_force"):
            make(decision, [], stands, {}, OCCASION, "en")


def test_what_others_write_is_on_one_line_and_seen_whole() -> None:
    assert one_line(" a\r\n b\t\u2028c ") == "a b c"
    assert one_line("fdp\u202eexe\x00") == "fdp\ufffdexe\ufffd"
    assert [p.text for p in paragraphs("one\r\n\n two \u2029three")] == ["one", "two", "three"]


def test_ids_and_references_follow_from_what_is_told() -> None:
    one, other = notice_id(NoticeKind.MEASURE, "d1", "2"), notice_id(NoticeKind.MEASURE, "d1", "3")
    assert (one == notice_id(NoticeKind.MEASURE, "d1", "2"), one == other) == (True, False)
    assert reference_of(one) == reference_of(one) != reference_of(other)
    assert len(reference_of(one)) == 14


def test_an_approval_a_day_later_changes_no_word_but_the_dates() -> None:
    later = replace(WHOLE, told_us=NOW + DAY)
    assert "10 December 2026" in said(later)
