"""Brake: it is asked before a restrictive decision becomes something a customer feels (law 11).

Asked and counted once for each decision: before its notice is made, since a letter cannot be
called back; or when it is declared an emergency, which takes force without one. From then to its
day it is held again, and not counted again, wherever the brake has closed meanwhile
(docs/decisions/0009).

1. fetch: the brakes as they are now, in each try anew
2. decide: one decision after another asks; those that may not stay as they are
3. commit: the answers and the brakes that gave them in one transaction; a brake that somebody else
   has asked meanwhile is Changed, and all is decided anew
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path

from habeas.core.brake import Brake, BrakeTerms, Closing, Release
from habeas.core.brake.baselines import DAY_HOURS, POLICY, version_of
from habeas.core.brake.brakes import BrakeInquiry, BrakeMove
from habeas.core.brake.settings import Settings
from habeas.core.brake.terms import pace_of, terms_of, watched, wave_id
from habeas.core.decision import Decision
from habeas.core.decision.decisions import PENDING, restrictive
from habeas.core.errors import HabeasError
from habeas.core.letter.delivery import STAFF
from habeas.core.policy import Fact, Plan, Schema
from habeas.core.policy.plans import HOUR
from habeas.ports.attributes import last_known
from habeas.ports.brake import read_settings
from habeas.ports.folder import Folder, Frozen
from habeas.store import brakes, findings
from habeas.store.brakes import Answered, StoredBrake
from habeas.store.changes import AccountChange, Message
from habeas.store.codec import decoded


def plan_of(frozen: Frozen) -> Plan:
    """The plan as a value, without its samples."""
    policies = [{**p, "samples": [], "spared_samples": []} for p in frozen.plan["policies"]]
    plain = {k: v for k, v in frozen.plan.items() if k != "hash"} | {"policies": policies}
    found: Plan = decoded(plain, Plan)
    return found


def shut() -> frozenset[str]:
    """The policies of which all is held: the brake is closed, and released for no segment."""
    found = ((name, brakes.brake(name).state) for name in brakes.closed())
    return frozenset(name for name, state in found if state is None or not state.released)


@dataclass(frozen=True, slots=True)
class BrakeGround:
    """What the brakes of a working folder go by; all of it is empty where nothing is applied."""

    settings: Settings
    plan: Plan | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)
    events: Path | None = None  # that tell attributes

    @classmethod
    def of(cls, folder: Folder | None) -> BrakeGround:
        if folder is None:
            return cls(Settings())
        settings, name = read_settings(folder), folder.applied_plan()
        if name is None:
            return cls(settings)
        frozen = folder.frozen(name)
        named = settings.events or frozen.inputs.get("events")
        events = Path(named) if named else None
        return cls(settings, plan_of(frozen), watched(Schema.of_json(frozen.schema)), events)

    def terms(self, policy: str) -> BrakeTerms:
        return terms_of(policy, self.plan, self.settings, [*self.facts])

    def brake(self, kept: StoredBrake) -> Brake:
        return Brake(self.terms(kept.policy), kept.state)


@dataclass(slots=True)
class _Open:
    """The brake of one policy while some decisions ask it. `budget` is how many that waited for a
    release may still follow, by the time of the release."""

    kept: StoredBrake
    brake: Brake
    turns: list[BrakeMove]
    moves: list[BrakeMove] = field(default_factory=list)
    asked: bool = False
    relied: bool = False
    budget: dict[int, int] = field(default_factory=dict)

    def answered(self) -> Answered:
        given = self.brake.state() if self.asked else self.kept.state
        state = given or self.brake.state()
        kept = self.kept
        return Answered(kept.policy, state, kept.version, kept.number, tuple(self.moves))


class Gate:
    """The brakes of one run of a flow. `begin` with the decisions of each try; ask; then give
    `answered` to the commit."""

    def __init__(self, folder: Folder | None, now_us: int) -> None:
        self.ground, self.now_us = BrakeGround.of(folder), now_us
        self.held: set[str] = set()  # the ids of what may not be told
        self._open: dict[str, _Open] = {}
        self._decisions: list[Decision] = []
        self._attributes: dict[str, dict[str, str | None]] | None = None
        self._shut: frozenset[str] = frozenset()
        self._spent: dict[str, int] = {}  # by policy, the release that lets nothing more follow

    def look(self) -> None:
        """Which policies are shut, as of now."""
        self._shut = shut()

    def passes_over(self, policy: str, proposed_us: int) -> bool:
        """Whether what was proposed then is held without its account being read: all of its policy
        is, or it waits for a release that lets nothing more follow in this run."""
        return policy in self._shut or proposed_us <= self._spent.get(policy, -1)

    def begin(self, decisions: Iterable[Decision]) -> None:
        """Read the brakes anew; what was asked before and not committed was not asked."""
        self._decisions = [d for d in decisions if restrictive(d)]
        self.held -= {d.id for d in self._decisions}
        self._attributes = None
        self._open = {}
        for policy in sorted({d.policy for d in self._decisions}):
            kept = brakes.brake(policy)
            turns = brakes.turns(policy) if kept.number else []
            self._open[policy] = _Open(kept, self.ground.brake(kept), turns)

    def holds(self, decision: Decision) -> bool:
        """Whether it may not take force now; asks nothing and counts nothing. Whoever then lets
        it take force relies on the brake as it was read, and is refused where it has moved."""
        if not restrictive(decision):
            return False
        one = self._open[decision.policy]
        held = one.brake.closed is not None and one.brake.holds(self.attributes(decision))
        one.relied = one.relied or not held
        return held

    def waits(self, decision: Decision) -> bool:
        """Whether `lets` would say no without asking the brake, so that nothing need be made."""
        return self._noted(decision, self._asks(decision) and not self._could(decision))

    def lets(self, decision: Decision) -> bool:
        """May it be told, or declared? What it lets through counts. What two people released is
        not asked about again, and follows at a pace, so that it is no wave itself. What is in
        force was declared: it was asked then, and is told."""
        return not self._noted(decision, self._asks(decision) and not self._passes(decision))

    def _asks(self, decision: Decision) -> bool:
        return restrictive(decision) and decision.state in PENDING

    def _noted(self, decision: Decision, held: bool) -> bool:
        if held:
            self.held.add(decision.id)
        return held

    def _could(self, decision: Decision) -> bool:
        if self.holds(decision):
            return False
        one = self._open[decision.policy]
        release = self._release_of(one, decision)
        if release is None or self._left(one, release) > 0:
            return True
        last = next(turn for turn in reversed(one.turns) if isinstance(turn, Release))
        if release is last and not release.streams:
            self._spent[decision.policy] = release.time_us
        return False

    def _passes(self, decision: Decision) -> bool:
        if not self._could(decision):
            return False
        one = self._open[decision.policy]
        if (release := self._release_of(one, decision)) is not None:
            one.budget[release.time_us] -= 1
            return True
        one.asked = True
        answer = one.brake.ask(BrakeInquiry(self.now_us, self.attributes(decision)))
        if not answer.passes and answer.closing is not None:
            one.moves.append(answer.closing)
        return answer.passes

    def answered(self) -> tuple[Answered, ...]:
        """The brakes that answered, as they are to be saved."""
        return tuple(one.answered() for one in self._open.values() if one.relied)

    def alarmed(self, changes: Sequence[AccountChange]) -> list[AccountChange]:
        """The changes, with what tells staff of each brake that has closed."""
        messages = [m for one in self._open.values() for m in self._alarms(one)]
        if not messages or not changes:
            return [*changes]
        return [changes[0].sends(*messages), *changes[1:]]

    def attributes(self, decision: Decision) -> dict[str, str | None]:
        """Policy version and segments: as the facts of its policy tell, else the last event of
        the account before its finding. What nobody tells is unknown."""
        if self._attributes is None:
            self._attributes = self._read()
        own = decision.reason
        told = {
            n: str(v) for n, v in own.values.items() if n in self.ground.facts and v is not None
        }
        known = self._attributes.get(decision.id, {})
        return known | told | {POLICY: version_of(own.policy, own.version)}

    def _alarms(self, one: _Open) -> Iterable[Message]:
        before = sum(isinstance(turn, Closing) for turn in one.turns)
        closings = [m for m in one.moves if isinstance(m, Closing)]
        for number, closing in enumerate(closings, before + 1):
            wave = wave_id(one.kept.policy, number)
            payload = {"wave": wave, "policy": one.kept.policy, "why": str(closing)}
            yield Message(f"wave {wave}", STAFF, payload)

    def _release_of(self, one: _Open, decision: Decision) -> Release | None:
        """The latest release that speaks of a decision which waited then."""
        streams = set(one.brake.terms.streams(self.attributes(decision)))
        for turn in reversed(one.turns):
            if not isinstance(turn, Release) or turn.time_us < decision.proposed_us:
                continue
            if not turn.streams or streams & set(turn.streams):
                return turn
        return None

    def _left(self, one: _Open, release: Release) -> int:
        """How many may still follow a release now. Who was away for a week does not send a week's
        letters at once."""
        if release.time_us not in one.budget:
            pace = pace_of(one.brake.terms) if release.pace is None else release.pace
            hours = max(0, self.now_us - release.time_us) / HOUR
            done = brakes.followed(one.kept.policy, release.time_us)
            left = int(pace * hours) + 1 - done
            one.budget[release.time_us] = max(0, min(left, ceil(pace * DAY_HOURS)))
        return one.budget[release.time_us]

    def _read(self) -> dict[str, dict[str, str | None]]:
        facts, path = self.ground.facts, self.ground.events
        if not facts or path is None:
            return {}
        known = findings.findings(d.reason.finding for d in self._decisions)
        wanted = {
            d.id: (d.account, known[d.reason.finding].time_us)
            for d in self._decisions
            if d.reason.finding in known
        }
        try:
            return {k: {**v} for k, v in last_known(path, wanted, facts).items()}
        except HabeasError:  # it was moved away: all is unknown, and counts in the whole
            return {}
