"""A notice that is given into the customer's hand: no mail has to go before time can run."""

from __future__ import annotations

from habeas.core.decision.decisions import Notify
from habeas.store.changes import AccountChange, Notice


def by_hand(change: AccountChange, decision: str, us: int) -> AccountChange:
    """Told in this very change."""
    notice = Notice(f"n {decision}", decision, "measure", "en", "We...", by_hand="by post (dora)")
    return change.told(notice).moved(decision, Notify(us, notice.id))
