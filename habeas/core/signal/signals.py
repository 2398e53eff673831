"""Public signals: how surprising each count of a stream is, of contacts or posts in five minutes.

One row at a time; a row's score depends on it and on the rows before it. Three steps:

1. What was expected: a level (half-life two days) times a season of 48 half hours of the day (five
   days), both learnt from steps that no single row can make large.
2. How far above: z = log((value + level) / (expected + level)). Around zero it is linear in the
   count, far out it is logarithmic, and a small number in the middle of the night stays small.
3. How rare: the highest z of each six hours is held against those of past weeks by a Gumbel law
   (E. J. Gumbel, *Statistics of Extremes*, 1958). The score is the probability that six hours pass
   without a row as high, so it means the same for every stream: 0.99 comes once in 25 days.

A burst is told once. The row that is rarer than one in twelve blocks keeps its score; for a day
after it a row's score is halved, unless the row is twelve times as rare again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, log, sqrt

from habeas.core.times import UNITS

HOUR, DAY = UNITS["h"], UNITS["d"]
USUAL_US = 5 * UNITS["m"]  # between two rows, until the stream says otherwise
LEVEL_LIFE, SEASON_LIFE = 2 * DAY, 5 * DAY  # half-lives
SLOTS = 48  # of the day
BLOCK = 6 * HOUR
MEMORY = 40  # blocks, the half-life of what is known of peaks
KNOWN = 6.0  # blocks that the first guess of peaks counts for
PEAK, SPREAD = 0.75, 0.25  # the first guess: in six hours 3.2 times the expected is reached
LARGEST = 3.0  # spreads above the mean peak; a higher one is no better known than this
LEAST_SPREAD = 0.025
LEAST_RARITY = -6.0  # its score is 0 to all digits
EULER, DEVIATION = 0.5772, 0.9831  # mean, and mean absolute deviation, of the standard Gumbel law
RARE = 12  # blocks: once in three days
QUIET_US = DAY  # after what was told


@dataclass(frozen=True, slots=True)
class ScoredRow:
    """A row: its count (None is unknown), what was expected, its score from 0 to 1, whether it is
    as rare as a burst, and whether it is told, as the start of one or as twelve times as rare."""

    time_us: int | None
    value: float | None
    expected: float
    score: float
    rare: bool = False
    told: bool = False


@dataclass(slots=True)
class Listener:
    """Takes the rows of one stream in their order. Its fields are all it knows: `level` and
    `season` are logarithms, `peaks` and `spread` are the mean z of the blocks' highest rows and
    its mean absolute deviation, times are microseconds."""

    level: float = 0.0
    season: list[float] = field(default_factory=lambda: [0.0] * SLOTS)
    rows: int = 0
    clock_us: int | None = None
    usual_us: int = USUAL_US
    heard_us: int = 0
    block_us: int = 0
    highest: float | None = None
    known: float = KNOWN
    peaks: float = PEAK
    spread: float = SPREAD
    told_us: int | None = None
    told_rarity: float = 0.0

    def hear(self, time_us: int | None, value: float | None) -> ScoredRow:
        """The next row. A time that is missing, repeated or earlier than the one before counts as
        the usual step. A row whose value is unknown scores 0 and teaches nothing. The value is
        from 0 to 1e15; the caller refuses others."""
        step = self._step(time_us)
        if value is None:
            return ScoredRow(time_us, None, self._expected(), 0.0)
        if not self.rows:
            self.level = log(value + 1)
        expected = self._expected()
        excess = self._excess(value, expected)
        rarity = self._rarity(excess, expected)
        rare = self.heard_us >= DAY and rarity >= log(RARE)
        told = rare and self._tells(rarity)
        damped = self.heard_us < DAY or (self.told_us is not None and not told)
        score = exp(-exp(-rarity)) / (2 if damped else 1)
        self._learn(value, expected, excess, step)
        return ScoredRow(time_us, value, expected, score, rare, told)

    def _step(self, time_us: int | None) -> int:
        """Move on to a row; the time that its value tells of, an hour at most. After a gap the
        day of quiet goes on passing, what was learnt stays."""
        before = self.clock_us
        passed = 0 if time_us is None or before is None else time_us - before
        if passed > 0:
            self.usual_us = min(passed, HOUR)
        self.heard_us += min(passed, DAY) if passed > 0 else self.usual_us
        if time_us is not None:
            self.clock_us = time_us
        elif before is not None:
            self.clock_us = before + self.usual_us
        if self.told_us is not None and self.heard_us - self.told_us > QUIET_US:
            self.told_us = None
        return self.usual_us

    def _slots(self) -> tuple[int, int, float]:
        """The two half hours whose middles the clock is between, and the part of the second."""
        place = (self.clock_us or 0) % DAY * SLOTS / DAY - 0.5
        first = int(place // 1)
        return first % SLOTS, (first + 1) % SLOTS, place - first

    def _expected(self) -> float:
        first, second, part = self._slots()
        return exp(self.level + (1 - part) * self.season[first] + part * self.season[second])

    def _excess(self, value: float, expected: float) -> float:
        ground = exp(self.level) + 0.5  # half a count, so that zeros have a logarithm
        return log((value + ground) / (expected + ground))

    def _rarity(self, excess: float, expected: float) -> float:
        """In the units of the standard Gumbel law. Peaks and their spread are no less than those
        of plain counting noise: one post after a long silence is no burst. Of Poisson counts the
        peaks of six hours spread by 0.18 (mean 1) to 0.27 (mean 5) of a row's deviation."""
        noise = sqrt(expected + 1) / (expected + exp(self.level) + 0.5) / 4
        spread = max(self.spread / DEVIATION, noise)
        return max((excess - max(self.peaks, spread)) / spread + EULER, LEAST_RARITY)

    def _tells(self, rarity: float) -> bool:
        if self.told_us is not None and rarity < self.told_rarity + log(RARE):
            return False
        self.told_us, self.told_rarity = self.heard_us, rarity
        return True

    def _learn(self, value: float, expected: float, excess: float, step: int) -> None:
        self.rows += 1
        surprise = max(-1.0, min((value - expected) / (expected + 1), 1.0))
        self.level += max(_weight(step, LEVEL_LIFE), 1 / (self.rows + 1)) * surprise
        slot = int((self.clock_us or 0) % DAY * SLOTS // DAY)
        # A slot is heard for 1/48 of the day only
        self.season[slot] += _weight(step * SLOTS, SEASON_LIFE) * surprise
        self.highest = excess if self.highest is None else max(self.highest, excess)
        if self.heard_us - self.block_us >= BLOCK:
            self._end_block(self.highest)

    def _end_block(self, highest: float) -> None:
        self.block_us, self.highest = self.heard_us, None
        self.known = self.known * 0.5 ** (1 / MEMORY) + 1
        away = min(highest, self.peaks + LARGEST * self.spread) - self.peaks
        self.peaks += away / self.known
        self.spread += (abs(away) - self.spread) / self.known
        self.spread = max(self.spread, LEAST_SPREAD)


def _weight(step: int, life: int) -> float:
    return float(1 - 0.5 ** (step / life))
