"""Bets: the wealth of one stream's bets that more decisions come than its baseline allows.

One part of the brake in `waves`, which says what it adds up to. After Shin, Ramdas and Rinaldo,
*E-detectors: a nonparametric framework for sequential change detection* (2022, arXiv:2203.03532).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import exp, expm1, log1p

from habeas.core.baselines import DAY_HOURS, LEARNED_DAYS, Basis, Stream, Terms
from habeas.core.plans import HOUR

BETS = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)
GAINS = tuple(bet - 1 for bet in BETS)


@dataclass(slots=True)
class Wealth:
    """One stream. `bets` is the wealth of each bet, this bin's count left out; `edge` what one
    more decision adds to the evidence. `seen`, `due` (allowed) and `since_us` tell of the
    latest run of decisions above what is allowed; `days` counts what passed, by day from 1970;
    `born_us` is the bin in which it was first seen."""

    stream: Stream
    bets: list[float] = field(default_factory=lambda: [0.0] * len(BETS))
    edge: float = 0.0
    count: int = 0
    in_hour: int = 0
    seen: int = 0
    due: float = 0.0
    since_us: int = 0
    born_us: int | None = None
    days: list[list[int]] = field(default_factory=list)
    # follow from the terms and the hour; recomputed when either changes
    hour: int | None = None
    allowed: float = 0.0  # in a bin
    basis: Basis = Basis.FLOOR
    shrink: tuple[float, ...] = ()

    def enter(self, hour: int, terms: Terms) -> None:
        """Take what is allowed in an hour (from 1970) from the terms and the days before it."""
        if hour == self.hour:
            return
        today = hour // DAY_HOURS
        known = sum(n for day, n in self.days if today - LEARNED_DAYS <= day < today)
        learned = known / (LEARNED_DAYS * DAY_HOURS)  # days not yet seen count as nothing
        expected, self.basis = terms.expected(self.stream, hour, learned)
        self.in_hour = 0
        self.hour, self.allowed = hour, terms.slack * expected * terms.bin_us / HOUR
        self.shrink = tuple(1 / (1 + gain * self.allowed) for gain in GAINS)

    def settle(self) -> None:
        """Pay the bets of the bin that ends."""
        if self.count:
            count, self.count = self.count, 0
            self.bets = [m * (1 + g * count) for m, g in zip(self.bets, GAINS, strict=True)]

    def rest(self, bins: int, stake: float) -> None:
        """Bins without decisions: the sum of the geometric series that one by one they make."""
        for i, gain in enumerate(GAINS):
            loss = gain * self.allowed
            power = -bins * log1p(loss)
            self.bets[i] = self.bets[i] * exp(power) - expm1(power) * stake / loss
        self._pass_time(bins)

    def place(self, stake: float) -> float:
        """A new bin's bets are placed. What they come to before its first decision."""
        self.bets = [(m + stake) * r for m, r in zip(self.bets, self.shrink, strict=True)]
        self.edge = sum([m * g for m, g in zip(self.bets, GAINS, strict=True)])
        self._pass_time(1)
        return sum(self.bets)

    def add(self, bin_us: int) -> float:
        """Count a decision in the bin that starts at bin_us; what it adds to the evidence."""
        if not self.seen:
            self.since_us, self.due = bin_us, self.allowed
        self.count += 1
        self.in_hour += 1
        self.seen += 1
        return self.edge

    def learn(self, day: int) -> None:
        if not self.days or self.days[-1][0] != day:
            self.days = [*self.days[-LEARNED_DAYS:], [day, 0]]
        self.days[-1][1] += 1

    def restart(self) -> None:
        """No evidence any more; what was learned stays."""
        self.bets, self.edge = [0.0] * len(BETS), 0.0
        self.count, self.in_hour, self.seen = 0, 0, 0
        self.due, self.born_us = 0.0, None

    def copied(self) -> Wealth:
        return replace(self, bets=[*self.bets], days=[[*day] for day in self.days])

    @property
    def evidence(self) -> float:
        """Seconds, this bin's count included."""
        return sum(self.bets) + self.edge * self.count

    def _pass_time(self, bins: int) -> None:
        if self.seen:
            self.due += bins * self.allowed
            if self.due >= self.seen:
                self.seen, self.due = 0, 0.0
