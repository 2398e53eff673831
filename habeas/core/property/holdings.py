"""Holdings: what a customer owns here, as the platform tells it.

Every holding is one of seven kinds; one of a kind that Habeas does not know is kept as Unknown,
never dropped (law 4). Money is in minor units, times and lengths are microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from habeas.core.errors import IllegalMove
from habeas.core.money import Money


class HoldingKind(StrEnum):
    BALANCE = "balance"
    GIFT_CARD = "gift_card"
    MEMBERSHIP = "membership"
    LICENCE = "licence"
    ORDER = "order"
    DEVICE = "device"
    DATA = "data"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Balance:
    """Money with the platform: `free` to spend, `held` while a suspension lasts; None where the
    platform could not tell how much. `card` tells a gift card from a plain balance."""

    id: str
    currency: str
    free: int | None
    held: int = 0
    card: bool = False

    @property
    def kind(self) -> HoldingKind:
        return HoldingKind.GIFT_CARD if self.card else HoldingKind.BALANCE


@dataclass(frozen=True, slots=True)
class Membership:
    """A period that was paid for in advance.

    `left_us` of the `period_us` were left when it last began to run, at `runs_from_us`; None
    where it stands still. A period that stands still is not used up and nobody is charged for
    the next one."""

    id: str
    price: Money | None
    period_us: int
    left_us: int
    runs_from_us: int | None

    @property
    def kind(self) -> HoldingKind:
        return HoldingKind.MEMBERSHIP

    def left(self, now_us: int) -> int:
        """What is left to use of the period, in microseconds; never below zero."""
        if self.runs_from_us is None:
            return self.left_us
        return max(0, self.left_us - max(0, now_us - self.runs_from_us))

    @property
    def next_charge_us(self) -> int | None:
        """When the next period would be charged; None while nobody may be charged."""
        return None if self.runs_from_us is None else self.runs_from_us + self.left_us

    def paused(self, now_us: int) -> Membership:
        return replace(self, left_us=self.left(now_us), runs_from_us=None)

    def resumed(self, now_us: int) -> Membership:
        return replace(self, left_us=self.left(now_us), runs_from_us=now_us)


class Access(StrEnum):
    """What the customer can do with what was bought."""

    FULL = "full"
    READ = "read"  # read or watch what is there; not lend or move it to a new device
    WITHHELD = "withheld"  # nothing, until a suspension ends
    RETURNED = "returned"  # nothing: it was paid back


@dataclass(frozen=True, slots=True)
class Licence:
    """An e-book, a film, a game: bought once, used again and again."""

    id: str
    price: Money | None
    access: Access = Access.FULL

    @property
    def kind(self) -> HoldingKind:
        return HoldingKind.LICENCE


class OrderStage(StrEnum):
    PLACED = "placed"  # nothing was paid yet
    PAID = "paid"
    SHIPPED = "shipped"
    RETURNING = "returning"  # the goods are on their way back, the money is owed
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Order:
    """An order under way and its amount; None where the platform could not tell it."""

    id: str
    stage: OrderStage
    amount: Money | None

    @property
    def kind(self) -> HoldingKind:
        return HoldingKind.ORDER


@dataclass(frozen=True, slots=True)
class Device:
    """A reader, a speaker; while it is registered, no other account can use it."""

    id: str
    registered: bool = True

    @property
    def kind(self) -> HoldingKind:
        return HoldingKind.DEVICE


@dataclass(frozen=True, slots=True)
class Data:
    """What the customer made or left here: photos, lists, history. `exported` once a copy is set
    out for the customer to fetch without logging in (GDPR article 20)."""

    id: str
    exported: bool = False

    @property
    def kind(self) -> HoldingKind:
        return HoldingKind.DATA


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something of a kind that Habeas has no rule for; `what` is the platform's word for it."""

    id: str
    what: str

    @property
    def kind(self) -> HoldingKind:
        return HoldingKind.UNKNOWN


Holding = Balance | Membership | Licence | Order | Device | Data | Unknown


def shifted(now: Balance, before: Balance, after: Balance) -> Balance:
    """`now` with the change from `before` to `after` on top: what came in meanwhile stays. Raises
    IllegalMove where the money of that change has moved on."""
    if now.free is None or before.free is None or after.free is None:
        return now
    free, held = now.free + after.free - before.free, now.held + after.held - before.held
    if free < min(0, now.free) or held < min(0, now.held):
        raise IllegalMove(
            f"the money of {now.id} has moved since",
            "undo the later settlement first, or let a person settle it",
        )
    return replace(now, free=free, held=held)
