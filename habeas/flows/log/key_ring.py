"""Key ring: which key signs at which size, from the rotations that are in the log."""

from __future__ import annotations

from habeas.core.log import Verifier, rotations
from habeas.core.log.rotations import KeyRing
from habeas.store import leaves


def key_ring(known: Verifier) -> KeyRing:
    """The keys of the log, of which one is known; one that it never had stays alone."""
    return rotations.key_ring(known, leaves.rotations())
