"""The statement of reasons as the EU's transparency database takes it (DSA article 24(5)).

Field names, values and limits are those of its schema since 1 July 2025. Personal data is
forbidden in every field: no account, no case reference and no text that a person wrote goes in.
A warning is no restriction under article 17(1), so that nothing is reported of it. The database
has no field for a reversal or a ruling; these belong into the report of article 24(1)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from habeas.core.ids import made_id
from habeas.core.languages import Lang
from habeas.core.letter.notices import TERRITORY, Automation, CaseSource, Statement
from habeas.core.letter.texts import sentence
from habeas.core.letter.words import Speaker
from habeas.core.policy import Measure
from habeas.core.policy.dsa import Ground
from habeas.core.property import HoldingOutcome

SHORT, LONG, FACTS = 500, 2000, 5000  # characters
FIRST, LAST = date(2000, 1, 1), date(2038, 1, 1)
START = date(2020, 1, 1)  # of a restriction

Submission = dict[str, str | list[str]]

AUTOMATED = {
    Automation.FULL: "AUTOMATED_DECISION_FULLY",
    Automation.PARTIAL: "AUTOMATED_DECISION_PARTIALLY",
}
SOURCES = {CaseSource.OWN: "SOURCE_VOLUNTARY", CaseSource.NOTICE: "SOURCE_TYPE_OTHER_NOTIFICATION"}


def submission(
    statement: Statement, lang: Lang = "en", *, since: date | None = None
) -> Submission | None:
    """The object to be sent, None for a warning. `since` is the day on which the account was
    registered, as the documentation has it for measures on accounts; without it, the day of the
    event on which the finding was made."""
    if statement.decision.measure is Measure.WARN:
        return None
    event_us = statement.finding.time_us if statement.finding else statement.begins_us
    return {
        "puid": made_id("statement", statement.decision.id),
        **_measure(statement),
        **_ground(statement, lang),
        "content_type": ["CONTENT_TYPE_OTHER"],
        "content_type_other": "Account",
        **_category(statement, lang),
        "territorial_scope": sorted(set(statement.platform.territory) & set(TERRITORY)),
        "content_language": lang.upper(),
        "content_date": _day(since or day_of(event_us), FIRST),
        "application_date": _day(day_of(statement.begins_us), START),
        "decision_facts": cut(_facts(statement, lang), FACTS),
        "source_type": SOURCES[statement.source],
        "automated_detection": "Yes",
        "automated_decision": AUTOMATED[statement.automation],
    }


def _measure(statement: Statement) -> Submission:
    """What was restricted and until when; nothing where that has no end."""
    found: Submission = {}
    ends: str | None = None
    if statement.ends_us is not None:
        ends = _day(day_of(statement.ends_us), START)
    match statement.decision.measure:
        case Measure.LIMIT:
            kind = "SUSPENSION" if ends else "TERMINATION"
            found["decision_provision"] = f"DECISION_PROVISION_PARTIAL_{kind}"
            found |= {"end_date_service_restriction": ends} if ends else {}
        case Measure.SUSPEND:
            found["decision_account"] = "DECISION_ACCOUNT_SUSPENDED"
            found |= {"end_date_account_restriction": ends} if ends else {}
        case _:
            found["decision_account"] = "DECISION_ACCOUNT_TERMINATED"
    settled = statement.settlement.settled if statement.settlement else ()
    if any(one.outcome is HoldingOutcome.HELD and one.entry for one in settled):
        found["decision_monetary"] = "DECISION_MONETARY_SUSPENSION"
        found |= {"end_date_monetary_restriction": ends} if ends else {}
    return found


def _ground(statement: Statement, lang: Lang) -> Submission:
    clause = statement.decision.reason.clause
    if statement.policy.dsa.ground is Ground.ILLEGAL:
        return {
            "decision_ground": "DECISION_GROUND_ILLEGAL_CONTENT",
            "illegal_content_legal_ground": cut(clause.ref, SHORT),
            "illegal_content_explanation": cut(clause[lang], LONG),
        }
    return {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": cut(clause.ref, SHORT),
        "incompatible_content_explanation": cut(clause[lang], LONG),
        "incompatible_content_illegal": "No",
    }


def _category(statement: Statement, lang: Lang) -> Submission:
    category = statement.policy.dsa.category
    found: Submission = {"category": f"STATEMENT_CATEGORY_{category}"}
    if category == "OTHER_VIOLATION_TC":
        found["category_specification"] = ["KEYWORD_OTHER"]
        found["category_specification_other"] = cut(statement.policy.title[lang], SHORT)
    return found


def _facts(statement: Statement, lang: Lang) -> str:
    """The disclosed facts: what policies count, with numbers and no names. A value that is text
    is left out, since it could name somebody."""
    values = statement.decision.reason.values
    speaker = Speaker(statement.policy, statement.schema, values, lang)
    told = [
        f"{speaker.fact(name)}: {speaker.value(name, value)}"
        for name, value in statement.disclosed.items()
        if not isinstance(value, str)
    ]
    return "; ".join([*told, sentence(lang, str(statement.source))])


def cut(text: str, most: int) -> str:
    """At most so many characters, with a sign where something was left out."""
    return text if len(text) <= most else text[: most - 1] + "…"


def day_of(time_us: int) -> date:
    return datetime.fromtimestamp(time_us // 1_000_000, UTC).date()


def _day(day: date, first: date) -> str:
    """Within what the database takes."""
    return min(max(day, first), LAST).isoformat()
