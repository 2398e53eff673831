"""Bets: the wealth of each stream's bets that more decisions come than its baseline allows, and
the book of them all.

One part of the brake in `waves`, which says what it adds up to. After Shin, Ramdas and Rinaldo,
*E-detectors: a nonparametric framework for sequential change detection* (2022, arXiv:2203.03532).

A stream whose wealth is next to nothing sleeps: it is left as it is until a decision comes in it,
and then all the bins that it slept are paid at once. What sleeps is not counted in the evidence,
which is so much the less: the promise holds, and a bin costs what the few awake streams cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from math import exp, expm1, log1p

from habeas.core.brake.baselines import DAY_HOURS, LEARNED_DAYS, NEW, WHOLE, Stream
from habeas.core.brake.terms import Basis, BrakeTerms
from habeas.core.policy.plans import HOUR, HOURS

BETS = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0)
GAINS = tuple(bet - 1 for bet in BETS)
WHOLE_WEIGHT = 0.5
LONGEST_REST = 2 * HOURS  # hours
MOST_STREAMS = 2_000  # what appears later counts among the new values of its attribute
ASLEEP = 0.001  # of the promise: what all sleeping streams have together is less


@dataclass(slots=True)
class Wealth:
    """One stream. `bets` is the wealth of each bet, this bin's count left out; `edge` what one
    more decision adds to the evidence. `seen`, `due` (allowed) and `since_us` tell of the
    latest run of decisions above what is allowed; `days` counts what passed, by day from 1970;
    `born_us` is the bin in which it was first seen, `paid_us` the one up to which its bets are
    paid, None where they start with the next bin."""

    stream: Stream
    bets: list[float] = field(default_factory=lambda: [0.0] * len(BETS))
    edge: float = 0.0
    count: int = 0
    in_hour: int = 0
    seen: int = 0
    due: float = 0.0
    since_us: int = 0
    born_us: int | None = None
    paid_us: int | None = None
    days: list[list[int]] = field(default_factory=list)
    # follow from the terms and the hour; recomputed when either changes
    hour: int | None = None
    allowed: float = 0.0  # in a bin
    basis: Basis = Basis.FLOOR
    shrink: tuple[float, ...] = ()

    def enter(self, hour: int, terms: BrakeTerms) -> None:
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
        self.due, self.born_us, self.paid_us = 0.0, None, None

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


class Book:
    """The wealth of all streams, and the bin that is open: None before the first. Bins are counted
    from 1970. `evidence` is that of the streams which are awake, seconds."""

    def __init__(
        self,
        terms: BrakeTerms,
        wealth: Iterable[Wealth],
        bin_us: int | None,
        evidence: float,
        sharing: int | None,
    ) -> None:
        """Take it up where it was left; `terms` may be other ones than there. `sharing` is how
        many streams bet in the bin that is open: others were born in it."""
        self.terms, self.evidence = terms, evidence
        self.bin = None if bin_us is None else bin_us // terms.bin_us
        self._per_hour = HOUR // terms.bin_us
        self.wealth = {w.stream: self._renewed(w.copied()) for w in wealth}
        self.sharing = len(self.wealth) if sharing is None else sharing
        pools = ((name, NEW) for name in terms.attributes)
        self._always = dict.fromkeys((WHOLE, *pools, *terms.forecasts))
        for stream in self._always:
            self.wealth.setdefault(stream, self._renewed(Wealth(stream)))
        self._awake = {w.stream: w for w in self if self._is_awake(w)}

    def __iter__(self) -> Iterator[Wealth]:
        return iter(self.wealth.values())

    @property
    def now(self) -> int:
        return self.bin or 0

    @property
    def now_us(self) -> int:
        return self.now * self.terms.bin_us

    def move(self, now: int) -> None:
        """Into a bin. A clock that went back further than others do was wrong before: the bin
        opens where it is now, and all wealth is kept."""
        self._forget(now)
        if self.bin is None or len(self.wealth) != self.sharing:
            # each stream's stake is another one from now on: all are paid by the old one first
            if self.bin is not None:
                self.total()
            self.sharing = len(self.wealth)
            self._awake = {**self.wealth}
        self.bin = now
        for wealth in self._awake.values():
            self._pay(wealth)
        self._awake = {s: w for s, w in self._awake.items() if self._is_awake(w)}
        self.evidence = sum(w.evidence for w in self._awake.values())

    def add(self, streams: Iterable[Stream]) -> list[Wealth]:
        """Count a decision in its streams, and say which these are."""
        counted = list(self._counted(streams))
        self.evidence += sum([wealth.add(self.now_us) for wealth in counted])
        return counted

    def learn(self, counted: Iterable[Wealth]) -> None:
        """What was counted was let through."""
        for wealth in counted:
            wealth.learn(self.now // self._per_hour // DAY_HOURS)

    def _counted(self, streams: Iterable[Stream]) -> Iterator[Wealth]:
        """A stream never seen before has no bets in its first bin; there, its attribute's stream
        of new values has some."""
        for stream in streams:
            wealth = self.wealth.get(stream)
            if wealth is None and len(self.wealth) < MOST_STREAMS:
                wealth = self._born(stream)
            if wealth is not None:
                yield self._woken(wealth)
            if wealth is None or wealth.born_us == self.now_us:
                yield self._woken(self.wealth[stream[0], NEW])

    def total(self) -> float:
        """The evidence of all streams, also of those that sleep, in the bin that is open."""
        for wealth in self:
            self._pay(wealth)
        return sum(wealth.evidence for wealth in self)

    def restart(self) -> None:
        """All start again without evidence."""
        for wealth in self:
            wealth.restart()
        self.bin, self._awake, self.evidence = None, {}, 0.0

    def _renewed(self, wealth: Wealth) -> Wealth:
        """What follows from the terms may be new. What slept under other ones starts again, which
        is less evidence than there would be."""
        if wealth.paid_us is None and self.bin is not None:
            wealth.paid_us = self.now_us
        before = copy(wealth)
        wealth.hour = None
        wealth.enter((wealth.paid_us or 0) // HOUR, self.terms)
        wealth.in_hour = before.in_hour
        planned = Basis.PLAN in (before.basis, wealth.basis) and wealth.allowed != before.allowed
        if planned and wealth.paid_us not in (None, self.now_us):
            wealth.restart()
            wealth.paid_us = self.now_us
        return wealth

    def _is_awake(self, wealth: Wealth) -> bool:
        if wealth.paid_us != self.now_us or self.bin is None:
            return False
        least = ASLEEP * self.terms.promise / len(self.wealth)
        return wealth.count > 0 or sum(wealth.bets) >= least

    def _woken(self, wealth: Wealth) -> Wealth:
        if wealth.stream not in self._awake:
            self._pay(wealth)
            self._awake[wealth.stream] = wealth
            self.evidence += wealth.evidence
        return wealth

    def _born(self, stream: Stream) -> Wealth:
        made = self.wealth[stream] = Wealth(stream, born_us=self.now_us, paid_us=self.now_us)
        made.enter(self.now // self._per_hour, self.terms)
        return made

    def _pay(self, wealth: Wealth) -> None:
        """Up to the bin that is open, whose bets are placed."""
        if wealth.paid_us == self.now_us:
            return
        wealth.settle()
        now = self.now
        before = None if wealth.paid_us is None else wealth.paid_us // self.terms.bin_us
        start = now if before is None else min(before + 1, now)
        earliest = now - LONGEST_REST * self._per_hour
        if start < earliest:
            # After a longer rest little else is left than what these two weeks put in; starting
            # with nothing is less evidence than there would be, so the promise holds.
            wealth.restart()
            start = earliest
        stake = self._stake(wealth)
        for hour, bins in self._rests(start, now):
            wealth.enter(hour, self.terms)
            wealth.rest(bins, stake)
        wealth.enter(now // self._per_hour, self.terms)
        wealth.place(stake)
        wealth.paid_us = self.now_us

    def _stake(self, wealth: Wealth) -> float:
        """What each of its bets gets in a bin, seconds."""
        each = self.terms.bin / len(BETS)
        if wealth.stream == WHOLE:
            return each * WHOLE_WEIGHT
        return each * (1 - WHOLE_WEIGHT) / max(1, self.sharing - 1)

    def _rests(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The bins from start up to end, as hours and how many bins of each."""
        while start < end:
            hour = start // self._per_hour
            stop = min(end, (hour + 1) * self._per_hour)
            yield hour, stop - start
            start = stop

    def _forget(self, now: int) -> None:
        """Streams that no plan foresaw and that let nothing through for days are dropped with
        their evidence, once a day; if they come back, they are new."""
        today, was = (n // self._per_hour // DAY_HOURS for n in (now, self.now))
        if today == was:
            return
        for stream in [*self.wealth]:
            days = self.wealth[stream].days
            if stream not in self._always and (not days or days[-1][0] < today - LEARNED_DAYS):
                del self.wealth[stream]
                self._awake.pop(stream, None)
