"""Measures: what may be done to an account, the mildest first."""

from __future__ import annotations

from enum import StrEnum


class Measure(StrEnum):
    WARN = "warn"
    LIMIT = "limit"
    SUSPEND = "suspend"
    CLOSE = "close"


GRAVE = (Measure.SUSPEND, Measure.CLOSE)


def harshness(measure: Measure) -> int:
    """0 for the mildest."""
    return list(Measure).index(measure)
