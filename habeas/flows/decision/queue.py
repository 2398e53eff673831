"""Queue: the decisions that wait for a person, the oldest first."""

from __future__ import annotations

from habeas.core.listing import MOST, Listing, part
from habeas.store.decisions import ListedDecision, waiting, waiting_count


def queue(after: str | None = None, limit: int = MOST) -> Listing[ListedDecision]:
    """So many, from the one that follows the decision `after`. Raises InvalidInput."""
    found = waiting(after, max(limit, 0) + 1)
    return part(found, lambda one: one.decision, waiting_count(), limit)
