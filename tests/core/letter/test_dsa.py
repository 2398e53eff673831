"""The EU's JSON: within its limits, with no personal data, and nothing for a warning."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.core.languages import Lang
from habeas.core.letter import Statement
from habeas.core.letter.dsa import submission
from habeas.core.letter.notices import TERRITORY, CaseSource
from habeas.core.policy import Measure
from habeas.core.policy.dsa import CATEGORIES, Ground
from habeas.core.policy.shapes import Both, Clause, Dsa
from tests.core.appeal.casework import DAY
from tests.core.letter.told import LANGS, REFERENCE, approved, emergency, statement
from tests.core.samples import calm

LONGEST = {
    "puid": 500, "illegal_content_legal_ground": 500, "illegal_content_explanation": 2000,
    "incompatible_content_ground": 500, "incompatible_content_explanation": 2000,
    "content_type_other": 500, "category_specification_other": 500, "decision_facts": 5000,
}  # fmt: skip
VALUES = {
    "decision_provision": {
        f"DECISION_PROVISION_{much}_{what}"
        for much in ("PARTIAL", "TOTAL")
        for what in ("SUSPENSION", "TERMINATION")
    },
    "decision_account": {"DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"},
    "decision_monetary": {"DECISION_MONETARY_SUSPENSION", "DECISION_MONETARY_TERMINATION"},
    "decision_ground": {"DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"},
    "incompatible_content_illegal": {"Yes", "No"},
    "content_language": {"EN", "FR"},
    "source_type": {"SOURCE_VOLUNTARY", "SOURCE_TYPE_OTHER_NOTIFICATION"},
    "automated_detection": {"Yes", "No"},
    "automated_decision": {"AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY"},
    "category": {f"STATEMENT_CATEGORY_{c}" for c in CATEGORIES},
}
NEEDED = (
    "puid decision_ground content_type category territorial_scope content_date application_date "
    "decision_facts source_type automated_detection automated_decision"
).split()
DECISIONS = ("decision_provision", "decision_account", "decision_monetary")
DATES = {"content_date": "2000-01-01", "application_date": "2020-01-01"}


def faults(made: dict[str, Any]) -> Iterator[str]:
    """Where an object breaks the rules of the database's validator, as sentences."""
    yield from (f"{name} is missing" for name in NEEDED if not made.get(name))
    if not any(made.get(name) for name in DECISIONS):
        yield "no decision"
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,500}", made["puid"]):
        yield "puid"
    for name, value in made.items():
        if value in (None, "", []):
            yield f"{name} is empty"
        if len(value) > LONGEST.get(name, 10_000):
            yield f"{name} is too long"
        if name in VALUES and value not in VALUES[name]:
            yield f"{name} is {value}"
        if name.endswith("_date") or name.startswith("end_date"):
            if not DATES.get(name, "2020-01-01") <= date.fromisoformat(value).isoformat():
                yield f"{name} is too early"
            if value > "2038-01-01":
                yield f"{name} is too late"
    if not set(made["territorial_scope"]) <= set(TERRITORY):
        yield "territorial_scope"


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("measure", [Measure.LIMIT, Measure.SUSPEND, Measure.CLOSE])
def test_what_is_reported_is_valid_and_names_nobody(measure: Measure, lang: Lang) -> None:
    made = submission(statement(approved(measure)), lang)
    assert made is not None
    assert list(faults(made)) == []
    text = json.dumps(made, ensure_ascii=False)
    assert not any(word in text for word in ("boris", REFERENCE, "wallet", "Dora", "dora", "d1"))


def test_a_warning_is_not_reported() -> None:
    assert submission(statement(approved(Measure.WARN))) is None


def test_each_measure_is_what_it_is() -> None:
    def found(measure: Measure) -> dict[str, Any]:
        return dict(submission(statement(approved(measure))) or {})

    limit, suspend, close = map(found, (Measure.LIMIT, Measure.SUSPEND, Measure.CLOSE))
    assert limit["decision_provision"] == "DECISION_PROVISION_PARTIAL_SUSPENSION"
    assert limit["end_date_service_restriction"] == "2027-02-23"
    assert suspend["decision_account"] == "DECISION_ACCOUNT_SUSPENDED"
    assert suspend["decision_monetary"] == "DECISION_MONETARY_SUSPENSION"
    assert suspend["end_date_account_restriction"] == "2027-01-08"
    assert close["decision_account"] == "DECISION_ACCOUNT_TERMINATED"
    assert "end_date_account_restriction" not in close
    assert (limit["automated_decision"], close["automated_decision"]) == (
        "AUTOMATED_DECISION_FULLY", "AUTOMATED_DECISION_PARTIALLY",
    )  # fmt: skip


def test_an_illegal_ground_and_a_report_by_somebody() -> None:
    made = statement(emergency())
    dsa = Dsa(ground=Ground.ILLEGAL, category="SCAMS_AND_FRAUD")
    made = replace(made, policy=replace(made.policy, dsa=dsa), source=CaseSource.NOTICE)
    told = submission(made)
    assert told is not None
    assert list(faults(told)) == []
    assert told["illegal_content_legal_ground"] == "Conditions of Use 4.2"
    assert told["source_type"] == "SOURCE_TYPE_OTHER_NOTIFICATION"
    assert "incompatible_content_ground" not in told


LONG = st.text(min_size=1, max_size=4000)


@calm
@given(LONG, LONG, LONG, st.integers(0, 40_000 * DAY))
def test_limits_hold_whatever_a_policy_says(ref: str, clause: str, title: str, us: int) -> None:
    made: Statement = statement(approved(Measure.SUSPEND))
    reason = replace(made.decision.reason, clause=Clause(ref=ref, en=clause, fr=clause))
    policy = replace(made.policy, title=Both(en=title, fr=title))
    made = replace(made, told_us=us, policy=policy, decision=replace(made.decision, reason=reason))
    assert list(faults(dict(submission(made) or {}))) == []
