"""Records and their rows: what each kind of leaf on an account is, and which rows tell it.

`commits` writes by these functions, and `auditing` asks by the same ones whether the rows that are
there are those that the leaves make. Rows are in the order of their tables' columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from habeas.core.appeal import Appeal, Case, appeals
from habeas.core.appeal.complaints import Attachment
from habeas.core.canon import canonical
from habeas.core.decision import Decision, DecisionMove, Exemption
from habeas.core.decision.proposals import PassedFinding
from habeas.core.ids import made_id
from habeas.core.letter import Letter
from habeas.core.policy import Finding
from habeas.core.property import Entry, Holding, Settlement
from habeas.store import models, rows
from habeas.store.changes import Message, Notice, RecordedMove
from habeas.store.codec import decoded, encoded

COMMIT = "commit"


@dataclass(frozen=True, slots=True)
class Commit:
    """What was recorded together on an account: the version that it made, counted from 1, when,
    by which way (`ways`), its other records by the numbers of their leaves, in order, and the
    messages that it sends. `clock` is what spoke against the clock where it gives back all the
    same, else empty."""

    account: str
    version: int
    time_us: int
    way: str
    clock: str
    leaves: tuple[int, ...]
    messages: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class InventoryReport:
    """All that the platform says a customer has, and the entries by which the ledger follows."""

    account: str
    holdings: tuple[Holding, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class CustomerWords:
    """What a customer wrote of an appeal, and what the files that came with it are called:
    personal, in a leaf of its own, which can be erased. A file that is added has one as well."""

    appeal: str
    text: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LetterWords:
    """What a notice said, word for word: personal, in a leaf of its own, which can be erased."""

    notice: str
    text: str
    letter: Letter | None


@dataclass(frozen=True, slots=True)
class OpenedAppeal:
    """An appeal as it was opened, without its words and the names of its files: `words` is the
    leaf of these."""

    appeal: Appeal
    words: int


@dataclass(frozen=True, slots=True)
class MadeNotice:
    """A notice as it was made, and the hash of its text; its words are a leaf of their own, which
    can be erased. `by_hand` says who gave it to the customer and how, where no mail did."""

    id: str
    decision: str
    kind: str
    lang: str
    sha256: str
    words: int
    by_hand: str


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """Where a record stands: its leaf, and what was committed with it."""

    leaf: int
    account: str
    version: int
    time_us: int


TableRow = tuple[rows.Table, rows.Row]
Rows = Iterator[TableRow]


def commit_row(one: Commit, leaf: int) -> rows.Row:
    """In the order of the columns of `Commit`."""
    return one.account, one.version, one.time_us, leaf


def _finding(one: Finding, at: RecordPlace) -> Rows:
    yield (
        models.Finding,
        (one.id, one.account, one.time_us, at.leaf, one.policy, one.version),
    )


def _passed(one: PassedFinding, at: RecordPlace) -> Rows:
    yield models.Passed, (one.finding, str(one.why), one.account, at.time_us, at.leaf)


def _decision(one: Decision, at: RecordPlace) -> Rows:
    row = (
        one.id, one.account, one.proposed_us, at.leaf, one.reason.finding, one.policy,
        one.reason.version, str(one.measure),
    )  # fmt: skip
    yield models.Decision, row


def move_row(one: RecordedMove, leaf: int) -> rows.Row:
    """In the order of the columns of every table of moves."""
    return one.subject, one.number, type(one.event).__name__, one.event.time_us, leaf


def _decision_move(one: RecordedMove, at: RecordPlace) -> Rows:
    yield models.DecisionMove, move_row(one, at.leaf)


def _appeal_move(one: RecordedMove, at: RecordPlace) -> Rows:
    yield models.AppealMove, move_row(one, at.leaf)
    if isinstance(one.event, appeals.Attach):
        yield models.AppealFile, (one.subject, one.event.attachment.sha256, at.leaf)


def _exemption(one: Exemption, at: RecordPlace) -> Rows:
    name = made_id("exemption", at.account, str(at.version), canonical(encoded(one)))
    yield (
        models.Exemption,
        (name, one.account, at.time_us, at.leaf, one.policy, one.until_us),
    )


def _inventory(one: InventoryReport, at: RecordPlace) -> Rows:
    yield models.Inventory, (one.account, at.version, at.time_us, at.leaf)
    yield from _entries(one.entries, at)


def _settlement(one: Settlement, at: RecordPlace) -> Rows:
    done = one.occasion
    row = (
        one.id, at.account, done.time_us, at.leaf, at.version, done.decision, str(done.measure),
        str(one.act), one.of,
    )  # fmt: skip
    yield models.Settlement, row
    yield from _entries(one.entries, at)


def _entries(entries: tuple[Entry, ...], at: RecordPlace) -> Rows:
    """An entry sums to zero or it would not be (core/property/ledger)."""
    for line, entry in enumerate(entries):
        made = (entry.id, at.leaf, line, entry.time_us, entry.why, entry.reverses)
        yield models.LedgerEntry, made
        for number, posting in enumerate(entry.postings):
            purse, money = posting.purse, posting.money
            yield (
                models.LedgerPosting,
                (
                    entry.id, number, str(purse.role), purse.kind, purse.account, money.currency,
                    money.amount,
                ),
            )  # fmt: skip


def _notice(one: MadeNotice, at: RecordPlace) -> Rows:
    row = (
        one.id, at.account, at.time_us, at.leaf, one.decision, one.kind, one.lang, one.sha256,
        one.words, bool(one.by_hand),
    )  # fmt: skip
    yield models.Notice, row


def _appeal(one: OpenedAppeal, at: RecordPlace) -> Rows:
    born = one.appeal
    yield (
        models.Appeal,
        (born.id, born.account, born.opened_us, at.leaf, born.reference, one.words),
    )
    for file in born.attachments:
        yield models.AppealFile, (born.id, file.sha256, at.leaf)


def _none(_: object, __: RecordPlace) -> Rows:
    yield from ()


def _move(noun: str, kind: Any) -> Callable[[Any], RecordedMove]:
    def read(plain: Any) -> RecordedMove:
        return RecordedMove(plain[noun], plain["number"], decoded(plain["event"], kind))

    return read


def plain_move(noun: str, one: RecordedMove, kind: Any) -> dict[str, Any]:
    """What a leaf has of a move."""
    return {noun: one.subject, "number": one.number, "event": encoded(one.event, kind)}


def plain_appeal(born: Appeal, words: int) -> dict[str, Any]:
    """What the leaf of an appeal has, `words` being the leaf of its text."""
    files = tuple(file.nameless for file in born.attachments)
    return {**encoded(replace(born, text="", attachments=files)), "words": words}


def plain_hearing(one: RecordedMove, words: int | None) -> dict[str, Any]:
    """What the leaf of a move of an appeal has, `words` being the leaf of the name of a file."""
    if not isinstance(one.event, appeals.Attach):
        return plain_move("appeal", one, appeals.AppealMove)
    event = replace(one.event, attachment=one.event.attachment.nameless)
    return {**plain_move("appeal", replace(one, event=event), appeals.AppealMove), "words": words}


def words_of_appeal(one: Appeal) -> CustomerWords:
    """What the customer wrote when it was opened."""
    return CustomerWords(one.id, one.text, tuple(file.name for file in one.attachments))


def words_of_file(appeal: str, event: appeals.Attach) -> CustomerWords:
    """What the customer calls a file that is added; `appeal` is the id."""
    return CustomerWords(appeal, "", (event.attachment.name,))


def named(files: tuple[Attachment, ...], words: CustomerWords) -> tuple[Attachment, ...]:
    """Files called as the customer called them. Raises ValueError where these are not theirs."""
    pairs = zip(files, words.names, strict=True)
    return tuple(replace(file, name=name) for file, name in pairs)


def made_notice(one: Notice, words: int) -> MadeNotice:
    """What the leaf of a notice has, `words` being the leaf of its text."""
    hashed = sha256(one.text.encode()).hexdigest()
    return MadeNotice(one.id, one.decision, one.kind, one.lang, hashed, words, one.by_hand)


def _opened(plain: Any) -> OpenedAppeal:
    return OpenedAppeal(decoded(plain, Appeal), plain["words"])


def _of(kind: Any) -> Callable[[Any], Any]:
    return lambda plain: decoded(plain, kind)


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of leaf on an account: how its plain value is read, and the rows of that. `noun` is
    the field that names the subject of a move."""

    read: Callable[[Any], Any]
    rows: Callable[[Any, RecordPlace], Rows]


KINDS: Mapping[str, RecordKind] = {
    "finding": RecordKind(_of(Finding), _finding),
    "passed": RecordKind(_of(PassedFinding), _passed),
    "decision": RecordKind(_of(Decision), _decision),
    "decision_move": RecordKind(_move("decision", DecisionMove), _decision_move),
    "inventory": RecordKind(_of(InventoryReport), _inventory),
    "settlement": RecordKind(_of(Settlement), _settlement),
    "exemption": RecordKind(_of(Exemption), _exemption),
    "letter": RecordKind(lambda plain: plain["text"], _none),
    "notice": RecordKind(_of(MadeNotice), _notice),
    "complaint": RecordKind(_of(CustomerWords), _none),
    "appeal": RecordKind(_opened, _appeal),
    "appeal_move": RecordKind(_move("appeal", appeals.AppealMove), _appeal_move),
    "case": RecordKind(_of(Case), _none),
}
