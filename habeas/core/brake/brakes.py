"""Waves: the brake that is asked before a restrictive decision takes force (law 11).

A betting e-detector, after Shin, Ramdas and Rinaldo, *E-detectors: a nonparametric framework for
sequential change detection* (2022, arXiv:2203.03532). In each time bin of dt seconds, stream s bets
with each k of BETS that more decisions come than m, slack times what was expected:

    M[s,k] <- (M[s,k] + weight[s] dt / 7) (1 + (k-1) X) / (1 + (k-1) m)

It closes when the evidence, the sum of all M, reaches the promise. Where the mean of X given the
past is at most m, no factor has a mean above 1, so evidence - time is a supermartingale, and the
mean time to a false pause is at least the promise (but for the bin it starts in), whatever the law
of the counts and however the streams hang together. Weights sum to 1 and, as all else in a bin,
are fixed before its first decision: a stream never seen before bets from its second bin on; in
its first one, it counts in its attribute's stream of new values.

Within a bin the evidence is linear in X, so a decision costs a few additions; a new bin costs
O(streams) at most, and where nothing happens next to nothing (`bets` has the book of all streams).
Evidence and weights are in seconds, times in microseconds UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from habeas.core.brake.baselines import NEW, WHOLE, Stream, shown
from habeas.core.brake.bets import Book, Wealth
from habeas.core.brake.releases import Release, ReleaseRequest
from habeas.core.brake.terms import Basis, BrakeTerms
from habeas.core.decision import Actor
from habeas.core.errors import IllegalMove, InvalidInput
from habeas.core.languages import Lang, Texts, number, significant
from habeas.core.times import SECOND

SKEW_US = 10 * SECOND  # between the clocks of several workers
BLAMED = 0.05  # of the evidence
SLACKS = (1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
TEXTS: Texts = {
    "en": {
        "cause": "{stream}: {seen} decisions where {plan} {expected}, {times} times as many "
        "({share} of the evidence){cap}",
        "plan": "the plan expected",
        "no_plan": "no plan; {basis} is",
        "capped": ", above its hard cap",
    },
    "fr": {
        "cause": "{stream}, {seen} décisions au lieu de {expected} {plan}, {times} fois plus{cap}",
        "plan": "prévues",
        "no_plan": "attendues sans plan",
        "capped": ", au-delà de son plafond",
    },
}


@dataclass(frozen=True, slots=True)
class BrakeCause:
    """A stream that carries evidence: `seen` decisions since `since_us`, `expected` in that time.
    `share` is its part of the evidence, from 0 to 1; `capped` where it is above its hard cap."""

    stream: Stream
    share: float
    seen: int
    expected: float
    since_us: int
    basis: Basis
    capped: bool = False

    @property
    def times(self) -> float:
        """How many times over the forecast."""
        return self.seen / self.expected

    def as_json(self) -> dict[str, object]:
        """For people and programs; a state has its fields as they are."""
        return {
            "segment": shown(self.stream), "seen": self.seen, "expected": self.expected,
            "times": self.times, "share": self.share, "basis": str(self.basis),
            "capped": self.capped,
        }  # fmt: skip

    def __str__(self) -> str:
        return self.words("en")

    def words(self, lang: Lang) -> str:
        say = TEXTS[lang]
        return say["cause"].format(
            stream=shown(self.stream, lang),
            seen=number(self.seen, lang),
            plan=say["plan" if self.basis is Basis.PLAN else "no_plan"].format(basis=self.basis),
            expected=significant(self.expected, lang),
            times=number(round(self.times), lang),
            share=f"{self.share:.1%}",
            cap=say["capped"] if self.capped else "",
        )


@dataclass(frozen=True, slots=True)
class Closing:
    """When the brake closed, on which evidence (seconds), and the streams to blame, the one with
    most of the evidence first."""

    time_us: int
    evidence: float
    causes: tuple[BrakeCause, ...]

    def __str__(self) -> str:
        return self.words("en")

    def words(self, lang: Lang) -> str:
        return "; ".join(cause.words(lang) for cause in self.causes)


@dataclass(frozen=True, slots=True)
class BrakeInquiry:
    """A restrictive decision about to take force, as it is recorded."""

    time_us: int
    attributes: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class BrakeAnswer:
    """Whether the decision may take force. Where not, it stays a proposal, and this is why."""

    passes: bool
    closing: Closing | None = None


PASSED = BrakeAnswer(True)


@dataclass(frozen=True, slots=True)
class BrakeState:
    """All that the brake knows, to be saved with the decision it answered about. `bin_us` is
    the start of the bin it is in, `sharing` how many streams bet in it; `late` counts decisions
    whose clock was behind."""

    bin_us: int | None = None
    evidence: float = 0.0
    late: int = 0
    wealth: tuple[Wealth, ...] = ()
    closing: Closing | None = None
    released: tuple[Stream, ...] = ()
    sharing: int | None = None


class Brake:
    """One writer asks it, one decision after another, and saves its state in the transaction
    that puts the decision in force: what was not committed was not counted (law 10). A decision
    that two people named in a release need not ask again."""

    def __init__(self, terms: BrakeTerms, state: BrakeState | None = None) -> None:
        """Go on from a state, under the same terms or those of a newer plan."""
        given = state or BrakeState()
        self.terms = terms
        self._book = Book(terms, given.wealth, given.bin_us, given.evidence, given.sharing)
        self._late = given.late
        self._closing, self._released = given.closing, given.released

    @property
    def closed(self) -> Closing | None:
        """Why it holds decisions, if it does (after a release of some streams: the others)."""
        return self._closing

    @property
    def evidence(self) -> float:
        """Seconds; it closes at the promise."""
        return self._book.evidence

    def holds(self, attributes: Mapping[str, str | None]) -> bool:
        """Whether it holds what has these attributes, without being asked to let one through:
        for what it let through before, and for what has not taken force yet."""
        return self._closing is not None and not self._is_released(self.terms.streams(attributes))

    def state(self) -> BrakeState:
        book = self._book
        wealth = tuple(w.copied() for w in book)
        bin_us = None if book.bin is None else book.now_us
        return BrakeState(
            bin_us=bin_us,
            evidence=book.evidence,
            late=self._late,
            wealth=wealth,
            closing=self._closing,
            released=self._released,
            sharing=book.sharing,
        )

    def look(self, time_us: int) -> float:
        """The evidence of all streams in the bin of a time, without any further decision;
        seconds."""
        twin = Brake(self.terms, self.state())
        twin._move(time_us // self.terms.bin_us)
        return twin._book.total()

    def ask(self, asked: BrakeInquiry, *, restrictive: bool = True) -> BrakeAnswer:
        """May it take force now? Warnings and reversals always may, and are not counted. What a
        closed brake holds changes nothing, so it can be asked about again and again."""
        if not restrictive:
            return PASSED
        if self.holds(asked.attributes):
            return BrakeAnswer(False, self._closing)
        streams = self.terms.streams(asked.attributes)
        self._move(asked.time_us // self.terms.bin_us)
        counted = self._book.add(streams)
        caps = self.terms.caps
        capped = [w for w in counted if caps and w.in_hour > caps.get(w.stream[0], w.in_hour)]
        if capped or self.evidence >= self.terms.promise:
            self._close(asked.time_us, capped)
            return BrakeAnswer(False, self._closing)
        self._book.learn(counted)
        return PASSED

    def release(self, release: Release) -> None:
        """Open the brake; it starts again without evidence. Released for some streams, it lets
        through what lies in one of them and in no other stream that was to blame. Raises
        IllegalMove unless it is closed and two people say why, InvalidInput for a stream it does
        not watch."""
        if self._closing is None:
            raise IllegalMove("the brake is open", "there is nothing to release")
        if len({actor.name for actor in release.by if actor.person}) < 2:
            raise IllegalMove("two people release a brake (law 7)", "ask a second person")
        if not release.why.strip():
            raise IllegalMove("the release gives no reason", "say why the wave is right")
        known = {*self._book.wealth, *(c.stream for c in self._closing.causes)}
        for stream in release.streams:
            if stream not in known:
                raise InvalidInput(f"the brake does not watch {shown(stream)}")
        some = release.streams and WHOLE not in release.streams
        self._released = tuple({*self._released, *release.streams}) if some else ()
        self._released = tuple(sorted(self._released))
        self._closing = self._closing if some else None
        self._book.restart()

    def _is_released(self, streams: Iterable[Stream]) -> bool:
        held = {c.stream for c in self._closing.causes} if self._closing else set()
        held -= {WHOLE, *self._released}
        own = set(streams)
        if self._released:  # where new values were to blame, what no plan foresaw is held
            own |= {(s[0], NEW) for s in own - {*self.terms.forecasts, *self._released}}
        return bool(own & set(self._released)) and not own & held

    def _move(self, now: int) -> None:
        """Into the bin of now. What comes a little late counts in the bin that is open: there,
        more decisions are more evidence."""
        last = now - 1 if self._book.bin is None else self._book.bin
        self._late += now < last
        if now != last and not 0 < last - now <= SKEW_US // self.terms.bin_us:
            self._book.move(now)

    def _close(self, time_us: int, capped: Sequence[Wealth]) -> None:
        evidence = self._book.total()
        ranked = sorted(self._book, key=lambda w: (-w.evidence, w.stream))
        found = [*capped, *(w for w in ranked if w not in capped)]
        least = BLAMED * evidence
        found = [w for w in found if w.seen]
        causes = [
            self._cause(w, w.evidence / evidence, w in capped)
            for w in found
            if w.evidence >= least or w in (found[0], *capped)
        ]
        blamed = {c.stream for c in causes}
        # what was still held when released streams closed it again is held on
        before = self._closing.causes if self._closing else ()
        kept = [c for c in before if c.stream not in {*blamed, *self._released}]
        self._closing = Closing(time_us, evidence, (*causes, *kept))
        self._released = ()

    def _cause(self, wealth: Wealth, share: float, capped: bool) -> BrakeCause:
        return BrakeCause(
            stream=wealth.stream,
            share=share,
            seen=wealth.seen,
            expected=wealth.due / self.terms.slack,
            since_us=wealth.since_us,
            basis=wealth.basis,
            capped=capped,
        )


def calibrated(terms: BrakeTerms, held_out: Iterable[BrakeInquiry]) -> float | None:
    """The smallest slack with which weeks that the forecast was not made from stay under a
    hundredth of the promise; None where none does: then the forecast does not fit them."""
    records = list(held_out)
    for slack in SLACKS:
        brake = Brake(replace(terms, slack=slack))
        if all(brake.ask(r).passes and brake.evidence < terms.promise / 100 for r in records):
            return slack
    return None


def check_release(brake: Brake, asked: ReleaseRequest, first: ReleaseRequest | None) -> None:
    """What the brake would refuse of two people is refused of the first one at once."""
    if first is not None and first.by == asked.by:
        raise IllegalMove(
            f"{asked.by.name} asked for this release already", "another person opens it (law 7)"
        )
    second = Actor(f"{asked.by.name} and another", person=True)
    trial = Brake(brake.terms, brake.state())
    trial.release(Release(asked.time_us, (asked.by, second), asked.why, asked.streams))


@dataclass(frozen=True, slots=True)
class BrakeStatus:
    """A brake as it is. `evidence` is seconds; it closes at `promise`. `basis` says where its
    expectation comes from, `expected` is decisions in this hour of the week."""

    policy: str
    closing: Closing | None
    wave: str
    evidence: float
    promise: float
    basis: Basis
    expected: float
    held: int
    released: tuple[Stream, ...]
    waits: str
    watched: tuple[str, ...]
    cap: int

    def as_json(self) -> dict[str, object]:
        return {
            "policy": self.policy,
            "closed": self.closing is not None,
            "wave": self.wave or None,
            "since_us": self.closing.time_us if self.closing else None,
            "causes": self.closing.causes if self.closing else (),
            "released": [shown(s) for s in self.released],
            "waits_for_second": self.waits or None,
            "evidence_s": self.evidence, "promise_s": self.promise,
            "expected_this_hour": self.expected, "basis": str(self.basis),
            "watched": list(self.watched), "cap_per_hour": self.cap, "held": self.held,
        }  # fmt: skip


BrakeMove = Closing | ReleaseRequest | Release  # what happens to a brake


def waiting(turns: Sequence[BrakeMove], streams: tuple[Stream, ...]) -> ReleaseRequest | None:
    """The request that a second person can join: the last turn, and for the same."""
    last = turns[-1] if turns else None
    return last if isinstance(last, ReleaseRequest) and last.streams == streams else None
