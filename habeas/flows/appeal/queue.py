"""Queue: the appeals that wait for an answer, the oldest first."""

from __future__ import annotations

from habeas.core.appeal import AppealState
from habeas.core.listing import MOST, Listing, part
from habeas.store.appeals import ListedAppeal, in_state, state_count

UNANSWERED = (AppealState.OPEN, AppealState.IN_REVIEW, AppealState.RULED)


def queue(
    *, every: bool = False, after: str | None = None, limit: int = MOST
) -> Listing[ListedAppeal]:
    """So many, from the one that follows the appeal `after`; with `every`, also those that were
    answered. Raises InvalidInput."""
    states = tuple(AppealState) if every else UNANSWERED
    found = in_state(states, after, max(limit, 0) + 1)
    return part(found, lambda one: one.appeal, state_count(states), limit)
