"""The brake of each policy: what it knows, saved with the decisions that it answered about."""

from __future__ import annotations

from habeas.store.rows import select


def closed() -> frozenset[str]:
    """The policies of which the brake is closed: nothing restrictive takes force (law 11)."""
    return frozenset(name for (name,) in select("SELECT policy FROM habeas_brake WHERE closed"))
