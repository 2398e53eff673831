"""Diagnosis: what the accounts that a wave hit share, which comparable accounts do not.

The law to be refuted is the plan's: each account is hit with the probability that the plan gives
it. A pattern is up to three attributes with their values. How far the hits of a pattern lie above
what the plan expects is told by the likelihood ratio of a binomial scan statistic (Kulldorff,
*A spatial scan statistic*, 1997), which is also a bound: by Hoeffding (1963, theorem 1) as many
hits or more have at most the probability exp(-ratio), for any weights, and whether or not an
account can be hit twice. Every pattern that could have been looked at is paid for in advance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from math import comb, exp, inf, log

MOST_CONDITIONS = 3
ALPHA = 0.01  # of all patterns of a wave together
LEAST_HITS = 8  # of a pattern; fewer prove nothing
MOST_CELLS = 200  # of one set of attributes that can have enough hits; a code is then a byte
MOST_CAUSES = 8
LEAST_RATE = 1.2  # times that of all others; less may be the plan's own error
DECISIVE = log(10)  # by how much a further condition must pay for itself

CALM = -1  # stands for the rate outside all causes
MOST_STEPS, CONVERGED = 500, 1e-3  # of fitting rates; the likelihood gains less a step

AttributeValue = str | int | float | bool | None


def price(attributes: int, sizes: Iterable[int]) -> float:
    """What a pattern must pay for having been picked: the logarithm of how many there are like
    it. Each order has a third of the error, shared by its sets of attributes, and that by the
    combinations of values (`sizes` of the pattern's attributes), whether or not they occur."""
    found = list(sizes)
    return log(MOST_CONDITIONS * comb(attributes, len(found))) + sum(map(log, found))


def least_hits(hits: int) -> int:
    """Hits that a pattern must have to be looked at: 8, or one in two hundred."""
    return max(LEAST_HITS, -(-hits // MOST_CELLS))


class Spread(Enum):
    """How a cause strikes the accounts it covers: as likely as the plan expects of each, times a
    rate; or head by head, as a fault does that no one planned."""

    PLAN = "plan"
    HEADS = "heads"


@dataclass(frozen=True, slots=True)
class Cell:
    """Accounts that the same causes cover: the numbers of these, their hits, and their part (0
    to 1) of all expected hits and of all accounts."""

    causes: frozenset[int]
    hits: int
    mass: float
    heads: float

    def size(self, spread: Spread) -> float:
        return self.mass if spread is Spread.PLAN else self.heads


NARROW, WIDE = 0, 1  # of two patterns, one within the other


def says_as_much(cells: Sequence[Cell], margin: float, weighed: bool) -> bool:
    """Whether a wide pattern explains the hits as well as a narrower one within it, which has to
    be more likely by `margin`, the logarithm of the odds, to say more.

    `cells` are the accounts of both, of the wide only, and of neither. `weighed` is whether the
    plan expects different things of accounts.
    """
    spreads = Spread if weighed else (Spread.PLAN,)
    wide = max(likelihood(cells, {WIDE: spread}) for spread in spreads)
    return likelihood(cells, {NARROW: Spread.PLAN}) - wide < margin


def beside_others(cells: Sequence[Cell], count: int, weighed: bool) -> list[float]:
    """What each of the causes 0 to count - 1 says that the others together do not: how much less
    likely (logarithm) the hits are without it. Where causes overlap, their rates add up."""
    causes = frozenset(range(count))
    whole = _best_likelihood(cells, causes, weighed)
    return [whole - _best_likelihood(cells, causes - {one}, weighed) for one in range(count)]


def _best_likelihood(cells: Sequence[Cell], causes: frozenset[int], weighed: bool) -> float:
    """With each cause spread as suits the hits better, one after the other."""
    chosen = dict.fromkeys(causes, Spread.PLAN)
    best = likelihood(cells, chosen)
    for one in sorted(causes) if weighed else ():
        other = {**chosen, one: Spread.HEADS}
        if (better := likelihood(cells, other)) > best:
            chosen, best = other, better
    return best


def likelihood(cells: Sequence[Cell], causes: Mapping[int, Spread]) -> float:
    """The greatest Poisson log-likelihood, constants left out, of a calm rate for all accounts
    and a further rate for each cause, by expectation maximisation (Dempster, Laird and Rubin
    1977)."""
    spreads = {**causes, CALM: Spread.PLAN}
    parts = [
        {one: cell.size(spreads[one]) for one in (CALM, *(cell.causes & causes.keys()))}
        for cell in cells
    ]
    sizes = {one: sum(own.get(one, 0.0) for own in parts) for one in spreads}
    hits = sum(cell.hits for cell in cells)
    rates = dict.fromkeys(spreads, float(hits))
    found = -inf
    for _ in range(MOST_STEPS):
        before, found = found, -sum(rates[one] * sizes[one] for one in rates)
        shares = dict.fromkeys(rates, 0.0)
        for cell, own in zip(cells, parts, strict=True):
            if not cell.hits:
                continue
            due = {one: rates[one] * size for one, size in own.items()}
            total = sum(due.values())
            if not total:
                return -inf
            found += cell.hits * log(total)
            for one, part in due.items():
                shares[one] += cell.hits * part / total
        if found - before < CONVERGED:
            break
        rates = {one: shares[one] / sizes[one] if sizes[one] else 0.0 for one in rates}
    return found


class LeftOut(StrEnum):
    """Why an attribute was not compared."""

    UNIQUE = "each account has a value of its own"
    CONSTANT = "all accounts have the same value"
    MEASURE = "it is a measure with over 1,000 values; give ranges of it as text"
    ONE_FILE = "only one of the two files has it"
    TYPE = "values of its type cannot be compared"


@dataclass(frozen=True, slots=True)
class Cause:
    """A pattern in excess. `hits`, `expected` and `accounts` are of all accounts of the pattern;
    `left` is how many hits neither this cause nor those before it cover. `same` are patterns of
    exactly the same accounts: which of them is the cause cannot be told."""

    where: Mapping[str, AttributeValue]
    hits: int
    expected: float
    accounts: int
    share: float  # of all hits
    left: int
    log_p: float  # natural logarithm of the corrected p
    same: tuple[Mapping[str, AttributeValue], ...] = ()

    @property
    def excess(self) -> float:
        return self.hits - self.expected

    @property
    def ratio(self) -> float | None:
        """Times the expected hits; None where none was expected."""
        return self.hits / self.expected if self.expected > 0 else None

    @property
    def p(self) -> float:
        """0 where it is below the smallest number there is; log10_p tells more."""
        return min(1.0, exp(self.log_p))

    @property
    def log10_p(self) -> float:
        return min(0.0, self.log_p) / log(10)

    def as_json(self) -> dict[str, object]:
        return {
            "where": dict(self.where),
            "hits": self.hits,
            "expected": self.expected,
            "ratio": self.ratio,
            "share": self.share,
            "p": self.p,
            "log10_p": self.log10_p,
            "excess": self.excess,
            "accounts": self.accounts,
            "left": self.left,
            "same": [dict(one) for one in self.same],
        }


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Causes, most certain first; none where nothing is in excess. `forecast` is the sum of the
    weights, where they were given; `repeated` rows of the hits named an account again."""

    causes: tuple[Cause, ...]
    hits: int
    accounts: int
    forecast: float | None
    probable: bool  # whether the weights can be probabilities
    left_out: Mapping[str, LeftOut]
    attributes: tuple[str, ...]
    repeated: int = 0

    @property
    def left(self) -> int:
        """Hits that no cause covers."""
        return self.causes[-1].left if self.causes else self.hits

    def as_json(self) -> dict[str, object]:
        return {
            "causes": self.causes,
            "hits": self.hits,
            "accounts": self.accounts,
            "left": self.left,
            "forecast": self.forecast,
            "attributes": list(self.attributes),
            "left_out": dict(self.left_out),
            "repeated": self.repeated,
        }
