"""Deadlines: until when a customer may appeal, by when an appeal is answered, and who is told when
it is not (DSA article 20(4) and (5): in time and without undue delay).

DSA article 20(1) gives at least six months to complain, from the day on which the customer was
informed. How months are counted is in Regulation (EEC, Euratom) 1182/71, article 3: the day itself
is not counted, the last hour of the same date is, and what would end on a holiday, a Saturday or a
Sunday runs on to the next working day. Holidays differ by state and the day by time zone, so we
give seven months by the calendar: never shorter than any reading of six, and told as one date.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from habeas.core.decision import Decision, DecisionState
from habeas.core.errors import InvalidInput
from habeas.core.times import EPOCH, UNITS

DAY = UNITS["d"]


@dataclass(frozen=True, slots=True)
class AppealTerms:
    """What the platform promises, in microseconds: when the reviewer is reminded and when the
    appeal goes one level higher, both since it was opened; how long a ruling may wait to be
    carried out and told. The first escalation is the day by which the answer is due."""

    reminders: tuple[int, ...] = (5 * DAY, 10 * DAY)
    escalations: tuple[int, ...] = (14 * DAY, 21 * DAY, 28 * DAY)
    carry_out_us: int = DAY

    def __post_init__(self) -> None:
        times = (*self.reminders, *self.escalations, self.carry_out_us)
        if not self.escalations or min(times) <= 0:
            raise InvalidInput("the terms of an appeal name a day by which it is answered")


NORMAL = AppealTerms()
# for who cannot wait: hardship was claimed when the appeal was opened
URGENT = AppealTerms((DAY,), (3 * DAY, 5 * DAY, 7 * DAY))


APPEAL_MONTHS = 7


# the date that is told is over everywhere on earth when it is noon in UTC on the next one
LAST_ZONE_US = 12 * UNITS["h"]


def appeal_date(informed_us: int) -> date:
    """The last day on which a customer may appeal who was informed at this time, in microseconds
    UTC: the same day of the month seven months later, or the last one that this month has."""
    day = (EPOCH + timedelta(microseconds=informed_us)).date()
    years, month = divmod(day.month - 1 + APPEAL_MONTHS, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def appeal_until_us(informed_us: int) -> int:
    """When that day is over wherever the customer is, in microseconds UTC; not included."""
    days = (appeal_date(informed_us) - EPOCH.date()).days + 1
    return days * UNITS["d"] + LAST_ZONE_US


def appealable(decision: Decision, now_us: int) -> bool:
    """DSA article 20(1): while it is in force, and for the months that `core/appeal/deadlines`
    counts from its notice. It follows from this decision alone: no later measure takes it away."""
    over = decision.state in (DecisionState.REVERSED, DecisionState.REFUSED)
    told_us = decision.noticed_us
    recent = told_us is not None and now_us < appeal_until_us(told_us)
    return not over and (recent or decision.active(now_us))
