"""What is recorded on an account, and what is to be recorded: the values between fetch and commit.

A flow fetches an `Account`, makes a `Change` of it, and commits that. Nothing here asks a database
or a clock: a change is worked out as a value first, so that what it settles, sends and tells is
known before anything is written, and is written together or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

from habeas.core.appeal import Appeal, Case
from habeas.core.appeal.appeals import AppealMove, advance, binding
from habeas.core.appeal.approvals import Approval
from habeas.core.appeal.reversal import undoing_us, unrestored
from habeas.core.brake.brakes import BrakeMove
from habeas.core.decision import Decision, DecisionMove, DecisionState, Exemption, Standing
from habeas.core.decision.decisions import step
from habeas.core.decision.proposals import PassedFinding
from habeas.core.decision.standing import standing
from habeas.core.errors import NotFound
from habeas.core.letter import Letter
from habeas.core.letter.delivery import MessageMove
from habeas.core.policy import Finding
from habeas.core.policy.applications import ApplyMove
from habeas.core.property import Custody, Entry, Holding, Settlement, SettlementRules
from habeas.core.property.custody import following
from habeas.core.property.rules import SAFE
from habeas.core.signal.feeds import Swing
from habeas.core.staff import StaffMove


@dataclass(frozen=True, slots=True)
class Account:
    """All that is recorded on an account and that a decision about it may depend on.

    `version` counts the commits on it; `decisions` and `appeals` are by id, the first recorded
    first; `moves`
    counts the moves of each decision and appeal, by id. An appeal whose words were erased has the
    text ""."""

    name: str
    version: int = 0
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    moves: Mapping[str, int] = field(default_factory=dict)
    exemptions: tuple[Exemption, ...] = ()
    custody: Custody = field(default_factory=lambda: Custody(()))
    appeals: Mapping[str, Appeal] = field(default_factory=dict)

    def decision(self, name: str) -> Decision:
        if name not in self.decisions:
            raise NotFound(f"there is no decision {name} on the account '{self.name}'")
        return self.decisions[name]

    def appeal(self, name: str) -> Appeal:
        if name not in self.appeals:
            raise NotFound(f"there is no appeal {name} on the account '{self.name}'")
        return self.appeals[name]

    def from_now(self, now_us: int) -> int:
        """When something is given back: the later of now and all that was done on the account."""
        undone_us = undoing_us(now_us, self.decisions.values(), self.custody.recorded)
        return max([undone_us, *(appeal.latest_us for appeal in self.appeals.values())])

    def standing(self, now_us: int) -> Standing:
        """What it may do at a time, with interim relief."""
        return standing(self.name, binding(self.decisions.values(), self.appeals.values()), now_us)

    def unrestored(self, name: str, now_us: int) -> tuple[str, ...]:
        """What is missing until a reversed decision is undone, as sentences
        (`core/appeal/reversal`)."""
        recorded, every = self.custody.recorded, self.decisions.values()
        return unrestored(self.decision(name), recorded, every, self.standing(now_us))


RecordedEvent = (
    DecisionMove | AppealMove | Approval | BrakeMove | Swing | MessageMove | StaffMove | ApplyMove
)


@dataclass(frozen=True, slots=True)
class RecordedMove:
    """The move of this number, from 0, of what lives: a decision, an appeal, a brake, a message."""

    subject: str
    number: int
    event: RecordedEvent


@dataclass(frozen=True, slots=True)
class Notice:
    """What a customer is told, word for word. `kind` is what it tells: a measure, a ruling...
    `letter` is what its other forms are printed from, without the code; `by_hand` says who gave
    it to the customer and how, where no mail did."""

    id: str
    decision: str
    kind: str
    lang: str
    text: str
    letter: Letter | None = None
    by_hand: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be sent: `key` makes it once (law 10), `channel` says by what. The payload names
    what to send by id and quotes no customer: it is not erased with the text."""

    key: str
    channel: str
    payload: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What is to be recorded on one account, in one transaction. `before` is the account as it was
    read, `account` as it will be; `time_us` is when it is recorded."""

    before: Account
    account: Account
    time_us: int
    rules: SettlementRules = SAFE
    findings: tuple[Finding, ...] = ()
    passed: tuple[PassedFinding, ...] = ()
    born: tuple[Decision, ...] = ()
    moves: tuple[RecordedMove, ...] = ()
    holdings: tuple[Holding, ...] | None = None
    entries: tuple[Entry, ...] = ()
    settlements: tuple[Settlement, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    notices: tuple[Notice, ...] = ()
    messages: tuple[Message, ...] = ()
    appeals: tuple[Appeal, ...] = ()
    hearings: tuple[RecordedMove, ...] = ()
    cases: tuple[Case, ...] = ()
    files: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, account: Account, now_us: int, rules: SettlementRules = SAFE) -> AccountChange:
        """A change that changes nothing yet."""
        return cls(account, account, now_us, rules)

    def __bool__(self) -> bool:
        """Whether there is anything to record."""
        return self != AccountChange.of(self.before, self.time_us, self.rules)

    def found(self, finding: Finding) -> AccountChange:
        return replace(self, findings=(*self.findings, finding))

    def passes(self, passed: PassedFinding) -> AccountChange:
        return replace(self, passed=(*self.passed, passed))

    def proposed(self, decision: Decision) -> AccountChange:
        """A decision as `core/decision/proposals` made it, before any move."""
        known = {**self.account.decisions, decision.id: decision}
        account = replace(self.account, decisions=known)
        return replace(self, account=account, born=(*self.born, decision))

    def moved(self, name: str, event: DecisionMove, *, brake_closed: bool = False) -> AccountChange:
        """The move of a decision, and what it does to holdings and money (`core/property/custody`).
        Raises NotFound, and IllegalMove where the laws do not allow it."""
        before = self.account.decision(name)
        after = step(before, event, brake_closed=brake_closed)
        number = self.account.moves.get(name, 0)
        account = replace(
            self.account,
            decisions={**self.account.decisions, name: after},
            moves={**self.account.moves, name: number + 1},
        )
        made = replace(
            self, account=account, moves=(*self.moves, RecordedMove(name, number, event))
        )
        binds = (
            DecisionState.IN_FORCE in (before.state, after.state) or before.in_force_us is not None
        )
        return made.settled() if binds else made

    def settled(self) -> AccountChange:
        """With all that the standing asks of the holdings now; nothing where all is done. Moves
        and reports settle by themselves; interim relief asks for it."""
        account = self.account
        stands, every = account.standing(self.time_us), account.decisions.values()
        made = following(account.custody, every, stands, self.rules)
        if not made:
            return self
        custody = reduce(Custody.after, made, account.custody)
        account = replace(account, custody=custody)
        return replace(self, account=account, settlements=(*self.settlements, *made))

    def reported(self, holdings: tuple[Holding, ...], entries: tuple[Entry, ...]) -> AccountChange:
        """All that the platform says the customer has now, and the entries by which the ledger
        follows it. One change has one report, before any settlement. Raises ValueError."""
        if self.settlements or self.holdings is not None:
            raise ValueError("a report comes first, and once in a change")
        custody = Custody(holdings, self.account.custody.recorded)
        account = replace(self.account, custody=custody)
        return replace(self, account=account, holdings=holdings, entries=entries).settled()

    def appealed(self, appeal: Appeal) -> AccountChange:
        """An appeal as `core/appeal/appeals` opened it, before any move."""
        known = {**self.account.appeals, appeal.id: appeal}
        account = replace(self.account, appeals=known)
        return replace(self, account=account, appeals=(*self.appeals, appeal))

    def heard(self, name: str, event: AppealMove) -> AccountChange:
        """The move of an appeal; interim relief, and its end, settle what they lift. Raises
        NotFound, and IllegalMove where the laws do not allow it."""
        account = self.account
        after = advance(account.appeal(name), event, account.decisions.values())
        number = account.moves.get(name, 0)
        account = replace(
            account,
            appeals={**account.appeals, name: after},
            moves={**account.moves, name: number + 1},
        )
        moved = (*self.hearings, RecordedMove(name, number, event))
        made = replace(self, account=account, hearings=moved)
        return made.settled() if after.interim else made

    def opens(self, case: Case) -> AccountChange:
        """The door by which the customer comes in without the account, or its new state."""
        return replace(self, cases=(*self.cases, case))

    def keeps(self, *contents: bytes) -> AccountChange:
        """Files that its appeals name by their hash, so that none is kept that no appeal names."""
        return replace(self, files=(*self.files, *contents))

    def exempted(self, exemption: Exemption) -> AccountChange:
        account = replace(self.account, exemptions=(*self.account.exemptions, exemption))
        return replace(self, account=account, exemptions=(*self.exemptions, exemption))

    def told(self, notice: Notice, *messages: Message) -> AccountChange:
        """A notice and the messages that send it."""
        notices, sent = (*self.notices, notice), (*self.messages, *messages)
        return replace(self, notices=notices, messages=sent)

    def sends(self, *messages: Message) -> AccountChange:
        return replace(self, messages=(*self.messages, *messages))
