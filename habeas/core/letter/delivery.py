"""Delivery: by which channel a message goes, and when it is tried again."""

from __future__ import annotations

from habeas.core.times import UNITS

# Channels: mail to a customer, mail to those who work here, a call of their webhook.
MAIL, STAFF, WEBHOOK = "mail", "staff", "webhook"


MOST_ATTEMPTS = 8


# After the first attempt, the second...: about three days in all.
WAITS_US = tuple(n * UNITS["m"] for n in (1, 5, 30, 2 * 60, 6 * 60, 12 * 60, 24 * 60))
