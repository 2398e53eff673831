"""What the reviewer is given and what the customer is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from habeas.core.appeal import AppealState, Verdict
from habeas.core.appeal.appeals import Attach
from habeas.core.appeal.hearings import Redress, pack, ruling_notice
from habeas.core.decision import DecisionState
from habeas.core.errors import IllegalMove, InvalidInput
from habeas.core.policy import Measure
from tests.core.appeal.casework import DAY, DORA, EMIL, NOW, ROBOT, declared
from tests.core.appeal.courts import bound
from tests.core.appeal.hearing import SUSPENDED, WHY, after, appeal, photo, restored, ruled

COURT = Redress("the courts of Dublin", "https://courts.example", out_of_court=False)
BODY = Redress("Appeals Centre", "https://body.example", out_of_court=True)


def test_the_pack_has_all_and_names_what_is_missing() -> None:
    emergency = replace(declared(by=ROBOT), id="d2", approvers=(DORA, EMIL))
    old = bound(Measure.WARN, "d0", NOW - DAY)
    strange = bound(Measure.CLOSE, "d9", account="chen")
    made = after(appeal([SUSPENDED, emergency]), Attach(NOW, photo()))
    before = replace(appeal(), id="a0", opened_us=NOW - 9 * DAY, state=AppealState.WITHDRAWN)
    found = pack(
        made,
        [strange, emergency, SUSPENDED, old],
        [made, replace(before, id="a1", account="chen"), before],
        {"n1": "We suspend your account because..."},
        {"e1 d1", "e1", "e2"},
    )
    assert [e.decision.id for e in found.exhibits] == ["d1", "d2"]
    assert [e.notice for e in found.exhibits] == ["We suspend your account because...", None]
    assert [e.missing for e in found.exhibits] == [("e2 d1",), ()]
    assert [d.id for d in found.others] == ["d0"]
    assert [a.id for a in found.earlier] == ["a0"]
    assert found.barred == (DORA, EMIL, ROBOT)
    assert (found.appeal, found.text, found.due_us) == (made.id, made.text, made.due_us)
    assert found.attachments == (photo(),)


def test_a_pack_without_its_decision_is_refused() -> None:
    with pytest.raises(InvalidInput, match="the decision d1 is not there"):
        pack(appeal(), [], [], {}, ())


def test_the_notice_has_the_reasons_and_the_ways_that_are_left() -> None:
    told = ruling_notice(ruled(Verdict.UPHOLD), [COURT, BODY])
    assert told.rulings[0].reasons == WHY
    assert told.redress == (COURT, BODY)
    assert (told.reference, told.account, told.ruled_us) == ("C-1", "boris", NOW)
    assert told.by_person
    assert "emil" not in repr(told)


def test_a_notice_without_a_body_of_article_21_is_refused() -> None:
    for redress in ([], [COURT]):
        with pytest.raises(InvalidInput, match="no body of out-of-court settlement"):
            ruling_notice(ruled(Verdict.UPHOLD), redress)


def test_there_is_nothing_to_tell_before_the_ruling_and_before_it_is_carried_out() -> None:
    with pytest.raises(IllegalMove, match="is open; there is no ruling to tell"):
        ruling_notice(appeal(), [BODY])
    done = ruled(Verdict.OVERTURN)
    with pytest.raises(IllegalMove, match="d1 was not restored yet"):
        ruling_notice(done, [BODY])
    gone = replace(SUSPENDED, state=DecisionState.REVERSED)
    assert ruling_notice(restored(done, [gone]), [BODY]).rulings == done.rulings
