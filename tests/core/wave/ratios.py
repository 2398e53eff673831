"""The evidence of a wave for one part, by hand: the reference for `engine/excess.evidence`."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log


@dataclass(frozen=True, slots=True)
class HitCount:
    """Hits, and the part of all expected hits (0 to 1) or of all accounts, of some accounts."""

    hits: int
    mass: float


def evidence(part: HitCount, whole: HitCount) -> float:
    """The log likelihood ratio that the part of the whole is hit more than its mass allows; 0
    where it is hit less. exp(-evidence) bounds the probability of so many hits."""
    if not whole.hits or part.hits * whole.mass <= whole.hits * part.mass:
        return 0.0
    if part.mass <= 0:
        return inf
    rest = HitCount(whole.hits - part.hits, whole.mass - part.mass)
    return _term(part, whole) + _term(rest, whole)


def _term(part: HitCount, whole: HitCount) -> float:
    if not part.hits:
        return 0.0
    return part.hits * log(part.hits * whole.mass / (whole.hits * part.mass))
