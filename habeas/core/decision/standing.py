"""Standing: what an account may do now. It is derived from the decisions, never edited, and this
is the only place that says so: the product, support's screen and the portal ask the same function.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from habeas.core.decision.decisions import Decision
from habeas.core.policy import Measure
from habeas.core.policy.measures import harshness


class Right(StrEnum):
    """What every customer can do, closed or not, without logging in (law 4; DSA article 20, GDPR
    articles 15 and 20)."""

    STATEMENT = "statement"
    EXPORT = "export"
    APPEAL = "appeal"


RIGHTS = frozenset(Right)


@dataclass(frozen=True, slots=True)
class Binding:
    """One decision that binds the account now. `until_us` is when it ends by itself; None where
    it does not."""

    decision: str
    policy: str
    measure: Measure
    capability: str | None
    until_us: int | None

    def refuses(self, capability: str) -> bool:
        match self.measure:
            case Measure.WARN:
                return False
            case Measure.LIMIT:
                return self.capability == capability
            case Measure.SUSPEND | Measure.CLOSE:
                return True


@dataclass(frozen=True, slots=True)
class Standing:
    """All that binds an account at `now_us`, the harshest first. The harshest stands; the others
    are recorded and stay when it ends."""

    account: str
    now_us: int
    bindings: tuple[Binding, ...]

    @property
    def closed(self) -> bool:
        return any(b.measure is Measure.CLOSE for b in self.bindings)

    @property
    def suspended(self) -> bool:
        return any(b.measure is Measure.SUSPEND for b in self.bindings)

    @property
    def suspended_until_us(self) -> int | None:
        """When the last suspension ends by itself; None where there is none, or no end."""
        ends = [b.until_us for b in self.bindings if b.measure is Measure.SUSPEND]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None

    @property
    def limited(self) -> tuple[str, ...]:
        """The capabilities that are taken away, by name."""
        return tuple(sorted({b.capability for b in self.bindings if b.capability is not None}))

    @property
    def stands(self) -> Binding | None:
        """The harshest."""
        return self.bindings[0] if self.bindings else None

    @property
    def rights(self) -> frozenset[Right]:
        return RIGHTS

    def refusals(self, capability: str) -> tuple[Binding, ...]:
        """The decisions that forbid a capability; empty where the account may use it."""
        return tuple(b for b in self.bindings if b.refuses(capability))

    def may(self, capability: str) -> bool:
        return not self.refusals(capability)

    def as_json(self) -> dict[str, object]:
        return {
            "account": self.account,
            "now_us": self.now_us,
            "bindings": self.bindings,
            "closed": self.closed,
            "suspended": self.suspended,
            "suspended_until_us": self.suspended_until_us,
            "limited": self.limited,
            "rights": sorted(self.rights),
        }


def standing(account: str, decisions: Iterable[Decision], now_us: int) -> Standing:
    """What the account may do now. Decisions on other accounts are left out."""
    own = [d for d in decisions if d.account == account and d.active(now_us)]
    return Standing(account, now_us, tuple(map(_binding, _ordered(own))))


def _ordered(decisions: Sequence[Decision]) -> list[Decision]:
    """The harshest first; of equals the one that ends last, then by id, so that the order in
    which rows come makes no difference."""

    def rank(decision: Decision) -> tuple[int, bool, int, str]:
        ends = decision.ends_us
        return -harshness(decision.binding), ends is not None, -(ends or 0), decision.id

    return sorted(decisions, key=rank)


def _binding(decision: Decision) -> Binding:
    return Binding(
        decision=decision.id,
        policy=decision.policy,
        measure=decision.binding,
        capability=decision.capability,
        until_us=decision.ends_us,
    )
