"""Rules of settlement: which outcome a kind of holding has under a measure.

A rule set is a value. Without any rule it is the safe one; a rule may choose another outcome from
what law 4 allows, and says why. No rule can make a warning touch a holding, keep a closed
customer's money, or charge a suspended member.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from habeas.core.errors import InvalidInput
from habeas.core.policy import Measure
from habeas.core.property.holdings import HoldingKind


class HoldingOutcome(StrEnum):
    KEPT = "kept"
    HELD = "held"
    PAUSED = "paused"
    READABLE = "readable"
    WITHHELD = "withheld"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    PAID_OUT = "paid_out"
    FREED = "freed"
    EXPORTED = "exported"
    ASK = "ask"
    RESTORED = "restored"

    @property
    def why(self) -> str:
        """What the record says where no rule says more."""
        return SENTENCES[self]


SENTENCES = {
    HoldingOutcome.KEPT: "it stays as it is",
    HoldingOutcome.HELD: "the money is held until the suspension ends",
    HoldingOutcome.PAUSED: "the period stands still and runs on with the same time left",
    HoldingOutcome.READABLE: "what was bought can still be read or watched",
    HoldingOutcome.WITHHELD: "it cannot be used until the suspension ends",
    HoldingOutcome.DELIVERED: "the order goes on as promised",
    HoldingOutcome.CANCELLED: "the order is cancelled; nothing was paid for it",
    HoldingOutcome.REFUNDED: "what was paid is paid back",
    HoldingOutcome.PAID_OUT: "all of the money is paid out",
    HoldingOutcome.FREED: "the device can be registered to another account",
    HoldingOutcome.EXPORTED: "a copy can be fetched without logging in",
    HoldingOutcome.ASK: "a person decides; until then it stays with the customer",
    HoldingOutcome.RESTORED: "it is again as it was",
}

# What each kind may come to; the first is the safe one. Warn and limit touch nothing. Under a
# suspension nothing is done for good: all of it is given back when it ends (law 6).
SUSPENDED: dict[HoldingKind, tuple[HoldingOutcome, ...]] = {
    HoldingKind.BALANCE: (HoldingOutcome.HELD, HoldingOutcome.KEPT),
    HoldingKind.GIFT_CARD: (HoldingOutcome.HELD, HoldingOutcome.KEPT),
    HoldingKind.MEMBERSHIP: (HoldingOutcome.PAUSED,),
    HoldingKind.LICENCE: (HoldingOutcome.READABLE, HoldingOutcome.KEPT, HoldingOutcome.WITHHELD),
    HoldingKind.ORDER: (HoldingOutcome.DELIVERED,),
    HoldingKind.DEVICE: (HoldingOutcome.KEPT,),
    HoldingKind.DATA: (HoldingOutcome.KEPT,),
    HoldingKind.UNKNOWN: (HoldingOutcome.ASK,),
}
CLOSED: dict[HoldingKind, tuple[HoldingOutcome, ...]] = {
    HoldingKind.BALANCE: (HoldingOutcome.PAID_OUT,),
    HoldingKind.GIFT_CARD: (HoldingOutcome.PAID_OUT,),
    HoldingKind.MEMBERSHIP: (HoldingOutcome.REFUNDED,),
    HoldingKind.LICENCE: (HoldingOutcome.READABLE, HoldingOutcome.REFUNDED),
    HoldingKind.ORDER: (HoldingOutcome.REFUNDED, HoldingOutcome.DELIVERED),
    HoldingKind.DEVICE: (HoldingOutcome.FREED, HoldingOutcome.KEPT),
    HoldingKind.DATA: (HoldingOutcome.EXPORTED,),
    HoldingKind.UNKNOWN: (HoldingOutcome.ASK,),
}


def choices(kind: HoldingKind, measure: Measure) -> tuple[HoldingOutcome, ...]:
    """The outcomes that law 4 allows, the safe one first."""
    match measure:
        case Measure.WARN | Measure.LIMIT:
            return (HoldingOutcome.KEPT,)
        case Measure.SUSPEND:
            found = SUSPENDED[kind]
        case Measure.CLOSE:
            found = CLOSED[kind]
    return tuple(dict.fromkeys([*found, HoldingOutcome.ASK]))


@dataclass(frozen=True, slots=True)
class SettlementRule:
    """Another outcome than the safe one, and the reason that the customer is told."""

    kind: HoldingKind
    measure: Measure
    outcome: HoldingOutcome
    reason: str


@dataclass(frozen=True, slots=True)
class SettlementRules:
    """The rules of a platform. Raises InvalidInput for an outcome that law 4 does not allow, for
    a rule without a reason and for two rules on the same."""

    rules: tuple[SettlementRule, ...] = ()

    def __post_init__(self) -> None:
        seen = set()
        for rule in self.rules:
            named = f"the rule for {rule.kind} under {rule.measure}"
            allowed = choices(rule.kind, rule.measure)
            if rule.outcome not in allowed:
                raise InvalidInput(
                    f"{named} cannot be '{rule.outcome}'", f"it can be: {', '.join(allowed)}"
                )
            if not rule.reason.strip():
                raise InvalidInput(f"{named} gives no reason", "say why; customers are told")
            if (rule.kind, rule.measure) in seen:
                raise InvalidInput(f"{named} is there twice", "keep one of them")
            seen.add((rule.kind, rule.measure))

    def outcome(self, kind: HoldingKind, measure: Measure) -> tuple[HoldingOutcome, str]:
        """The outcome and why."""
        for rule in self.rules:
            if (rule.kind, rule.measure) == (kind, measure):
                return rule.outcome, rule.reason
        safe = choices(kind, measure)[0]
        return safe, safe.why


SAFE = SettlementRules()
