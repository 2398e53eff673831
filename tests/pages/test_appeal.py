"""What a customer reads of an appeal that came in, and what its reviewer is given."""

from __future__ import annotations

import pytest

from habeas.core.appeal.appeals import DeclinedDecision, DeclineReason
from habeas.core.appeal.hearings import pack
from habeas.core.languages import LANGUAGES, Lang
from habeas.pages.appeal import TEXTS, evidence, opening
from tests.core.appeal.hearing import SUSPENDED, appeal


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("why", DeclineReason)
def test_a_customer_reads_why_a_decision_is_not_heard(why: DeclineReason, lang: Lang) -> None:
    said = opening(None, [DeclinedDecision("d1", why)], lang)
    assert said == [TEXTS[lang]["none"], f"  d1: {TEXTS[lang][why]}"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_customer_reads_when_an_appeal_is_answered(lang: Lang) -> None:
    (said,) = opening(appeal(), [], lang)
    assert appeal().id in said
    assert "{" not in said


def test_a_reviewer_reads_the_words_of_both_sides_and_what_is_missing() -> None:
    made = appeal([SUSPENDED])
    said = evidence(pack(made, [SUSPENDED], [made], {"n1": "We suspend\nyour account."}, {"e1"}))
    assert said[0].startswith(f"Appeal {made.id}, to be answered by ")
    notice = said.index("  the notice, word for word:")
    assert said[notice + 1 : notice + 3] == ["    We suspend", "    your account."]
    missing = len(SUSPENDED.reason.events) - len({"e1"} & set(SUSPENDED.reason.events))
    assert f"  {missing} of them are not in the log any more, for the customer" in said
    assert said[-1].startswith("Cannot rule, since they approved it: ")
