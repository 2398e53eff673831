"""Appeals for the tests of appeals, hearings and rulings."""

from __future__ import annotations

from collections.abc import Sequence

from habeas.core.appeal import Appeal, Ruling, Verdict
from habeas.core.appeal.appeals import AppealMove, Assign, Restore, Rule, advance, opened
from habeas.core.appeal.complaints import Attachment, Complaint
from habeas.core.appeal.rulings import Lesser
from habeas.core.decision import Decision
from habeas.core.policy import Measure
from tests.core.appeal.casework import EMIL, NOW
from tests.core.appeal.courts import bound

WHY = "the parcel was returned by the carrier, not by him"
SUSPENDED = bound(Measure.SUSPEND, "d1")
LESSER = Lesser(Measure.WARN, 0)


def photo(name: str = "photo.jpg", size: int = 1000, sha256: str = "a" * 64) -> Attachment:
    return Attachment(name, "image/jpeg", size, sha256)


def complaint(*names: str, hardship: bool = False, reference: str = "C-1") -> Complaint:
    text = "I never sent these back."
    return Complaint(reference, "boris", names or ("d1",), text, hardship=hardship)


def appeal(
    decisions: Sequence[Decision] = (SUSPENDED,), *, hardship: bool = False, now_us: int = NOW
) -> Appeal:
    sent = complaint(*(d.id for d in decisions), hardship=hardship)
    made, declined = opened(sent, decisions, (), now_us)
    assert made is not None
    assert declined == ()
    return made


def after(
    start: Appeal, *events: AppealMove, decisions: Sequence[Decision] = (SUSPENDED,)
) -> Appeal:
    for event in events:
        start = advance(start, event, decisions)
    return start


def ruling(verdict: Verdict, name: str = "d1") -> Ruling:
    return Ruling(name, verdict, WHY, LESSER if verdict is Verdict.LESSER else None)


def ruled(
    verdict: Verdict, decisions: Sequence[Decision] = (SUSPENDED,), now_us: int = NOW
) -> Appeal:
    """By Emil, the same on all decisions."""
    rule = Rule(now_us, EMIL, tuple(ruling(verdict, d.id) for d in decisions))
    return after(appeal(decisions, now_us=now_us), Assign(now_us, EMIL), rule, decisions=decisions)


def restored(start: Appeal, decisions: Sequence[Decision]) -> Appeal:
    events = [Restore(start.latest_us, name, ()) for name in sorted(start.granted)]
    return after(start, *events, decisions=decisions)
