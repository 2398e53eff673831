"""Periods: until when a customer may do what the law gives months for.

DSA article 20(1) gives at least six months to complain, from the day on which the customer was
informed. How months are counted is in Regulation (EEC, Euratom) 1182/71, article 3: the day itself
is not counted, the last hour of the same date is, and what would end on a holiday, a Saturday or a
Sunday runs on to the next working day. Holidays differ by state and the day by time zone, so we
give seven months by the calendar: never shorter than any reading of six, and told as one date.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from habeas.core.events import EPOCH
from habeas.core.ids import UNITS

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
