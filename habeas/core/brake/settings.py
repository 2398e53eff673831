"""The brake as the operator sets it."""

from __future__ import annotations

from dataclasses import dataclass, field

from habeas.core.times import SECOND, UNITS


@dataclass(frozen=True, slots=True)
class Settings:
    """Times are microseconds; `cap` by attribute, of which "*" has its default in the flow."""

    promise_us: int = 365 * UNITS["d"]
    slack: float = 1.75
    floor: float = 1.0
    bin_us: int = 10 * SECOND
    shares: dict[str, float] = field(default_factory=dict)
    caps: dict[str, int] = field(default_factory=dict)
    events: str | None = None  # the path of a file
