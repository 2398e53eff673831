"""Standing: what an account may do now, derived from its decisions each time it is asked."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.core.decision import Standing
from habeas.store import decisions
from habeas.store.accounts import account


def standing_of(name: str, now_us: int) -> Standing:
    """Also for an account that nothing was ever decided on: it may do everything."""
    return account(name).standing(now_us)


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many decisions there are, and how many were listed other than they are."""

    decisions: int
    wrong: int


def rebuild() -> Rebuilt:
    """Make the list of what decisions are now anew from births and moves (`habeas standing
    --rebuild`). The standing of an account itself is never stored."""
    return Rebuilt(*decisions.rebuild())
