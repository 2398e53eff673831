"""Notify: customers are told what was decided about them, before or as it takes force (law 2).

1. fetch: accounts, where their customers are reached, findings, the policies word for word
2. decide: the notice as a value, complete by DSA article 17(3) or not made at all
3. commit: the notice, the move, the case and the message to be sent, in one transaction
The worker sends (`flows/letter/deliver`). A crash leaves all of a notice or nothing; its id follows
from what it tells, so that it is made once (law 10).

A notice that cannot reach anybody was not sent: where nothing says how a customer is reached, the
decision stays where it is and is listed for a person, who hands the notice over (`hand_over`).
The brake is asked before each notice of a restrictive decision: a letter cannot be called back.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from habeas.core.appeal import Appeal, AppealState
from habeas.core.appeal.appeals import Answer
from habeas.core.appeal.cases import case_of
from habeas.core.appeal.hearings import ruling_notice
from habeas.core.appeal.reversal import owes_apology
from habeas.core.brake.terms import held_by
from habeas.core.decision import Actor, Decision, DecisionState
from habeas.core.decision.decisions import PENDING, Notify
from habeas.core.errors import HabeasError, IllegalMove, InvalidInput, NotFound
from habeas.core.languages import Lang
from habeas.core.letter import Letter, NoticeKind, Statement
from habeas.core.letter.answers import AnswerCase, apology_letter, end_letter, ruling_letter
from habeas.core.letter.delivery import MAIL
from habeas.core.letter.notices import missing, notice_id, reference_of
from habeas.core.letter.statements import statement_letter
from habeas.core.policy import Finding, Measure, Policy, Schema
from habeas.core.progress import Progress, silent
from habeas.core.property import Settlement, SettlementRules
from habeas.core.property.rules import SAFE
from habeas.core.property.settlement import Act, SettlementCause, settle
from habeas.core.times import UNITS
from habeas.flows.brake.gate import Gate
from habeas.flows.policy.check import check_texts
from habeas.flows.work import on_each, on_one
from habeas.pages.letters import as_text
from habeas.ports.codes import CaseCodes
from habeas.ports.folder import Folder
from habeas.ports.platform import PlatformVoice
from habeas.store import appeals, brakes, contacts, decisions, findings, notices
from habeas.store.accounts import account_of
from habeas.store.changes import Account, AccountChange, Message, Notice
from habeas.store.contacts import Contact
from habeas.store.policies import policy_texts

NOWHERE = "nothing says where the customer is reached"
RECENT_US = 60 * UNITS["d"]  # what ended longer ago is no news


@dataclass(frozen=True, slots=True)
class Untold:
    """What could not be told, and why; a person sees to it."""

    decision: str
    account: str
    why: str


@dataclass(slots=True)
class NoticeReport:
    """How many notices of each kind were made, what could not be told, how many decisions wait for
    a brake, and the policies whose brake is closed by now."""

    told: dict[str, int] = field(default_factory=dict)
    untold: list[Untold] = field(default_factory=list)
    held: int = 0
    closed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Teller:
    """All that the notices of one run are made with. `untold` is by decision, so that an account
    that is decided twice is listed once."""

    voice: PlatformVoice
    codes: CaseCodes
    schema: Schema
    now_us: int
    gate: Gate
    rules: SettlementRules = SAFE
    policies: dict[str, Policy] = field(default_factory=dict)
    untold: dict[str, Untold] = field(default_factory=dict)

    def learn(self, hashes: Iterable[str]) -> None:
        """Read the policies that decisions name, as they were then. One that today's events
        cannot explain is left out: its decisions are untold, and a person sees why."""
        for name, text in policy_texts(set(hashes) - set(self.policies)).items():
            try:
                checked = check_texts([(f"policy {name[:12]}", text)], self.schema, {}).sound()
            except HabeasError:
                continue
            self.policies |= {p.text_hash: p for p in checked.policies.values()}

    def fail(self, decision: str, account: str, why: str) -> None:
        """A decision cannot be told, and why; a person sees to it."""
        self.untold[decision] = Untold(decision, account, why)


def teller(
    folder: Folder,
    voice: PlatformVoice,
    codes: CaseCodes,
    now_us: int,
    rules: SettlementRules = SAFE,
) -> Teller:
    """Raises NotFound where no plan was ever applied here."""
    name = folder.applied_plan()
    if name is None:
        raise NotFound("no policy is in force here", "put some in force with `habeas apply`")
    schema = Schema.of_json(folder.frozen(name).schema)
    return Teller(voice, codes, schema, now_us, Gate(folder, now_us), rules)


def notify(tell: Teller, progress: Progress = silent) -> NoticeReport:
    """Tell all that is to be told, once."""
    told: Counter[str] = Counter()
    report = NoticeReport()
    report.held = _measures(tell, told, progress)
    report.closed = sorted(brakes.closed())
    _rulings(tell, told)
    _ends(tell, told)
    report.told = dict(sorted(told.items()))
    report.untold = sorted(tell.untold.values(), key=lambda one: one.decision)
    return report


def _count(told: Counter[str], changes: Iterable[AccountChange]) -> None:
    told.update(notice.kind for change in changes for notice in change.notices)


# Measures


def _measures(tell: Teller, told: Counter[str], progress: Progress) -> int:
    """How many a closed brake holds."""
    after = ""
    while found := decisions.untold(after):
        after = found[-1].decision
        tell.gate.look()
        names: defaultdict[str, list[str]] = defaultdict(list)
        for one in found:
            asks = one.measure != Measure.WARN and one.state in PENDING
            if asks and tell.gate.passes_over(one.policy, one.proposed_us):
                tell.gate.held.add(one.decision)
                continue
            names[one.account].append(one.decision)
        decide = _telling(tell, names, _measure, _to_tell)
        counted = partial(_count, told)
        on_each(names, decide, counted, progress=progress, brakes=tell.gate.answered)
    return len(tell.gate.held)


NoticeMaker = Callable[[Teller, AccountChange, str, Contact, Mapping[str, Finding]], AccountChange]
Wanted = Callable[[Sequence[Decision]], Collection[str]]


def _telling(
    tell: Teller, names: Mapping[str, list[str]], make: NoticeMaker, wanted: Wanted
) -> Callable[[Mapping[str, Account]], Sequence[AccountChange]]:
    """Decide for some accounts; what `make` cannot tell of one decision is listed, and the rest
    is told. `wanted` says which are still to be told, since another worker may have been
    quicker."""

    def decide(accounts: Mapping[str, Account]) -> Sequence[AccountChange]:
        reached = contacts.contacts(accounts)
        every = [a.decision(n) for a in accounts.values() for n in names[a.name]]
        left = wanted(every)
        tell.learn(d.reason.text_hash for d in every)
        known = findings.findings(d.reason.finding for d in every)
        tell.gate.begin(d for d in every if d.id in left and make is _measure)
        changes = []
        for name, account in accounts.items():
            change = AccountChange.of(account, tell.now_us, tell.rules)
            for decision in names[name]:
                if decision not in left:
                    continue
                if make is _measure and tell.gate.waits(account.decision(decision)):
                    continue
                if name not in reached:
                    tell.fail(decision, name, NOWHERE)
                    continue
                try:
                    change = make(tell, change, decision, reached[name], known)
                except (IllegalMove, InvalidInput) as error:
                    tell.fail(decision, name, error.message)
            changes.append(change)
        return tell.gate.alarmed(changes)

    return decide


def _to_tell(every: Sequence[Decision]) -> Collection[str]:
    return {decision.id for decision in every if decisions.to_tell(decision)}


def _measure(
    tell: Teller, change: AccountChange, name: str, contact: Contact, known: Mapping[str, Finding]
) -> AccountChange:
    notice = measure_notice(tell, change.account, name, contact.lang, known)
    if not tell.gate.lets(change.account.decision(name)):
        return change
    return _told_measure(tell, change, name, notice).sends(mail_of(notice))


def measure_notice(
    tell: Teller, account: Account, name: str, lang: Lang, known: Mapping[str, Finding]
) -> Notice:
    """The notice of a measure; `known` are findings by id. Raises InvalidInput where the
    statement is incomplete, and says by what."""
    decision = account.decision(name)
    # a decision is told again where it is declared an emergency after its notice
    made = notice_id(NoticeKind.MEASURE, name, str(account.moves.get(name, 0)))
    statement = statement_of(tell, account, decision, reference_of(made), known)
    return _notice(made, name, NoticeKind.MEASURE, statement_letter(statement, lang))


def statement_of(
    tell: Teller, account: Account, decision: Decision, reference: str, known: Mapping[str, Finding]
) -> Statement:
    """Raises InvalidInput where it is incomplete."""
    statement = explained(tell, account, decision, reference, known)
    if lacks := missing(statement):
        raise InvalidInput(
            f"the statement of reasons for {decision.id} is incomplete: "
            + "; ".join(map(str, lacks))
        )
    return statement


def explained(
    tell: Teller, account: Account, decision: Decision, reference: str, known: Mapping[str, Finding]
) -> Statement:
    """The statement, complete or not. Raises InvalidInput where the policy is not there."""
    policy = tell.policies.get(decision.reason.text_hash)
    if policy is None:
        raise InvalidInput(
            f"the policy of {decision.id} is not kept or cannot be read with the events in force"
        )
    statement = Statement(
        reference, tell.now_us, decision, policy, tell.schema, tell.voice.platform,
        known.get(decision.reason.finding),
    )  # fmt: skip
    return _settled(statement, account, tell.rules)


def _settled(statement: Statement, account: Account, rules: SettlementRules) -> Statement:
    """With what is recorded for a measure in force, else with what would be done on its day."""
    decision, custody = statement.decision, account.custody
    recorded: Settlement | None = None
    for one in custody.recorded:
        if one.act is Act.SETTLE and one.occasion.decision == decision.id:
            recorded = one
    if recorded is None or decision.in_force_us is None:
        occasion = SettlementCause(decision.id, account.name, decision.binding, statement.begins_us)
        recorded = settle(custody.holdings, occasion, rules, custody.number)
    return replace(statement, settlement=recorded)


def _told_measure(tell: Teller, change: AccountChange, name: str, notice: Notice) -> AccountChange:
    reference = reference_of(notice.id)
    case = case_of(reference, change.account.name, (name,), tell.codes.of(notice.id))
    return change.told(notice).opens(case).moved(name, Notify(tell.now_us, notice.id))


def _notice(name: str, decision: str, kind: NoticeKind, letter: Letter) -> Notice:
    return Notice(name, decision, str(kind), letter.lang, as_text(letter), letter)


def mail_of(notice: Notice) -> Message:
    return Message(notices.mail_key(notice.id), MAIL, {"notice": notice.id})


def hand_over(tell: Teller, name: str, lang: Lang, by: Actor, how: str) -> Notice:
    """A person gives the customer the notice: by post, across a counter. It is printed from what
    is kept; the period runs from now. Raises NotFound, InvalidInput, IllegalMove."""
    if not by.person or not how.strip():
        raise InvalidInput("a person hands a notice over, and says how")

    def handed(account: Account) -> AccountChange:
        decision = account.decision(name)
        tell.learn([decision.reason.text_hash])
        known = findings.findings([decision.reason.finding])
        notice = measure_notice(tell, account, name, lang, known)
        notice = replace(notice, by_hand=f"{how.strip()} ({by.name})")
        change = AccountChange.of(account, tell.now_us, tell.rules)
        tell.gate.begin([decision])
        if not tell.gate.lets(decision):
            return tell.gate.alarmed([change])[0]
        return _told_measure(tell, change, name, notice)

    change = on_one(account_of(name), handed, tell.gate.answered)
    if not change.notices:
        raise held_by(change.account.decision(name).policy)
    return change.notices[0]


# Rulings


def _rulings(tell: Teller, told: Counter[str]) -> None:
    """A ruling is told once what it gives back is back (core/appeal/appeals); until then it
    waits."""
    names = {one.account for one in appeals.in_state([AppealState.RULED])}

    def decide(accounts: Mapping[str, Account]) -> Sequence[AccountChange]:
        reached = contacts.contacts(accounts)
        return [_answered(tell, account, reached.get(n)) for n, account in accounts.items()]

    on_each(names, decide, partial(_count, told))


def _answered(tell: Teller, account: Account, contact: Contact | None) -> AccountChange:
    change = AccountChange.of(account, account.from_now(tell.now_us), tell.rules)
    for appeal in account.appeals.values():
        if appeal.state is not AppealState.RULED or appeal.granted - appeal.restored:
            continue
        if contact is None:
            tell.fail(appeal.decisions[0], account.name, NOWHERE)
            continue
        try:
            change = _answer(tell, change, appeal, contact)
        except (IllegalMove, InvalidInput) as error:
            tell.fail(appeal.decisions[0], account.name, error.message)
    return change


def _answer(tell: Teller, change: AccountChange, appeal: Appeal, contact: Contact) -> AccountChange:
    platform = tell.voice.platform
    occasion = AnswerCase(platform, change.account.name, appeal.reference, tell.now_us)
    ruled = ruling_notice(appeal, platform.redress)
    letter = ruling_letter(ruled, change.account.decisions, occasion, contact.lang)
    name = notice_id(NoticeKind.RULING, appeal.id)
    notice = _notice(name, appeal.decisions[0], NoticeKind.RULING, letter)
    change = change.told(notice, mail_of(notice))
    return change.heard(appeal.id, Answer(change.time_us, notice.id))


# What is over, and what was wrong


def _ends(tell: Teller, told: Counter[str]) -> None:
    after, since_us = "", tell.now_us - RECENT_US
    while found := decisions.ended(since_us, after):
        after = found[-1][0]
        names: defaultdict[str, list[str]] = defaultdict(list)
        for decision, account in found:
            names[account].append(decision)
        on_each(names, _telling(tell, names, _ended, _unfinished), partial(_count, told))


ENDINGS = (NoticeKind.END, NoticeKind.APOLOGY)


def _unfinished(every: Sequence[Decision]) -> Collection[str]:
    made = notices.there(notice_id(kind, d.id) for d in every for kind in ENDINGS)
    return {d.id for d in every if made.isdisjoint(notice_id(kind, d.id) for kind in ENDINGS)}


def _ended(
    tell: Teller, change: AccountChange, name: str, contact: Contact, known: Mapping[str, Finding]
) -> AccountChange:
    """The end of what the customer knew of or felt; an apology where it was wrong, unless the
    answer to an appeal says so."""
    del known
    account = change.account
    decision = account.decision(name)
    if not owes_apology(decision) or _in_ruling(account, name):
        return change
    told = decision.notice or notice_id(NoticeKind.MEASURE, name)
    occasion = AnswerCase(tell.voice.platform, account.name, reference_of(told), tell.now_us)
    wrong = decision.state is DecisionState.REVERSED
    kind, make = (NoticeKind.APOLOGY, apology_letter) if wrong else (NoticeKind.END, end_letter)
    letter = make(
        decision, account.custody.recorded, account.standing(tell.now_us), account.decisions,
        occasion, contact.lang,
    )  # fmt: skip
    notice = _notice(notice_id(kind, name), name, kind, letter)
    return change.told(notice, mail_of(notice))


def _in_ruling(account: Account, name: str) -> bool:
    return any(
        name in appeal.granted and appeal.state in (AppealState.RULED, AppealState.ANSWERED)
        for appeal in account.appeals.values()
    )
