"""Rules of settlement: which outcome a kind of holding has under a measure.

A rule set is a value. Without any rule it is the safe one; a rule may choose another outcome from
what law 4 allows, and says why. No rule can make a warning touch a holding, keep a closed
customer's money, or charge a suspended member.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from habeas.core.errors import InvalidInput
from habeas.core.policy.measures import Measure
from habeas.core.property.holdings import Kind


class Outcome(StrEnum):
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
    Outcome.KEPT: "it stays as it is",
    Outcome.HELD: "the money is held until the suspension ends",
    Outcome.PAUSED: "the period stands still and runs on with the same time left",
    Outcome.READABLE: "what was bought can still be read or watched",
    Outcome.WITHHELD: "it cannot be used until the suspension ends",
    Outcome.DELIVERED: "the order goes on as promised",
    Outcome.CANCELLED: "the order is cancelled; nothing was paid for it",
    Outcome.REFUNDED: "what was paid is paid back",
    Outcome.PAID_OUT: "all of the money is paid out",
    Outcome.FREED: "the device can be registered to another account",
    Outcome.EXPORTED: "a copy can be fetched without logging in",
    Outcome.ASK: "a person decides; until then it stays with the customer",
    Outcome.RESTORED: "it is again as it was",
}

# What each kind may come to; the first is the safe one. Warn and limit touch nothing. Under a
# suspension nothing is done for good: all of it is given back when it ends (law 6).
SUSPENDED: dict[Kind, tuple[Outcome, ...]] = {
    Kind.BALANCE: (Outcome.HELD, Outcome.KEPT),
    Kind.GIFT_CARD: (Outcome.HELD, Outcome.KEPT),
    Kind.MEMBERSHIP: (Outcome.PAUSED,),
    Kind.LICENCE: (Outcome.READABLE, Outcome.KEPT, Outcome.WITHHELD),
    Kind.ORDER: (Outcome.DELIVERED,),
    Kind.DEVICE: (Outcome.KEPT,),
    Kind.DATA: (Outcome.KEPT,),
    Kind.UNKNOWN: (Outcome.ASK,),
}
CLOSED: dict[Kind, tuple[Outcome, ...]] = {
    Kind.BALANCE: (Outcome.PAID_OUT,),
    Kind.GIFT_CARD: (Outcome.PAID_OUT,),
    Kind.MEMBERSHIP: (Outcome.REFUNDED,),
    Kind.LICENCE: (Outcome.READABLE, Outcome.REFUNDED),
    Kind.ORDER: (Outcome.REFUNDED, Outcome.DELIVERED),
    Kind.DEVICE: (Outcome.FREED, Outcome.KEPT),
    Kind.DATA: (Outcome.EXPORTED,),
    Kind.UNKNOWN: (Outcome.ASK,),
}


def choices(kind: Kind, measure: Measure) -> tuple[Outcome, ...]:
    """The outcomes that law 4 allows, the safe one first."""
    match measure:
        case Measure.WARN | Measure.LIMIT:
            return (Outcome.KEPT,)
        case Measure.SUSPEND:
            found = SUSPENDED[kind]
        case Measure.CLOSE:
            found = CLOSED[kind]
    return tuple(dict.fromkeys([*found, Outcome.ASK]))


@dataclass(frozen=True, slots=True)
class Rule:
    """Another outcome than the safe one, and the reason that the customer is told."""

    kind: Kind
    measure: Measure
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a platform. Raises InvalidInput for an outcome that law 4 does not allow, for
    a rule without a reason and for two rules on the same."""

    rules: tuple[Rule, ...] = ()

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

    def outcome(self, kind: Kind, measure: Measure) -> tuple[Outcome, str]:
        """The outcome and why."""
        for rule in self.rules:
            if (rule.kind, rule.measure) == (kind, measure):
                return rule.outcome, rule.reason
        safe = choices(kind, measure)[0]
        return safe, safe.why


SAFE = Rules()
