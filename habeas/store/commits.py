"""Commit: one transaction that writes all of some changes together, or nothing of them.

1. the commit of each account, of the version after the one that was read: of two there is one
2. the brakes that answered
3. rows of what happened, with their entries and postings, and files; messages into the outbox
4. derived rows: what decisions are now
5. leaves and their texts, without a place yet; the last of an account names all of its commit
A crash anywhere before the end leaves nothing; after it, everything. Whoever does not know which
reads the account again, and finds the change there or not (law 10).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from habeas.core.appeal import Appeal, appeals
from habeas.core.brake.brakes import BrakeMove
from habeas.core.decision import Decision, DecisionMove
from habeas.core.errors import Changed, InvalidInput
from habeas.store import attachments, models, rows
from habeas.store.appeals import appeal_row, case_row
from habeas.store.brakes import Answered, save
from habeas.store.changes import AccountChange, RecordedMove
from habeas.store.codec import encoded
from habeas.store.columns import LONGEST
from habeas.store.decisions import now_row
from habeas.store.leaves import Records, records
from habeas.store.moves import record_moves
from habeas.store.outbox import new_row
from habeas.store.recorded import (
    COMMIT,
    KINDS,
    Commit,
    InventoryReport,
    LetterWords,
    OpenedAppeal,
    RecordPlace,
    commit_row,
    made_notice,
    plain_appeal,
    plain_hearing,
    plain_move,
    words_of_appeal,
    words_of_file,
)  # fmt: skip
from habeas.store.ways import CLOCK, WAY

TEXTS = "SELECT hash FROM habeas_policytext WHERE hash IN ({names})"
AGAIN = "read it again and do what is still to be done; nothing was written"


def commit(
    changes: Sequence[AccountChange],
    policies: Mapping[str, str] | None = None,
    brakes: Sequence[Answered] = (),
) -> None:
    """Record the changes of some accounts, one for each; `policies` are texts by their hash, for
    the decisions among them; `brakes` are the brakes that answered about their moves, as they are
    now. Raises Changed, and writes nothing, where an account or a brake is not as it was read, or
    where something of it is recorded already."""
    changes = sorted(filter(None, changes), key=lambda c: c.before.name)
    if not (changes or policies or brakes):
        return
    try:
        with transaction.atomic():
            most = sum(map(_most, changes)) + sum(len(b.moves) + 1 for b in brakes)
            batch = _Batch(records(most))
            for change in changes:
                batch.take(change)
            _raise_versions(batch.made.pop(models.Commit, []))
            save(brakes, batch.records)
            for brake in brakes:
                numbered = enumerate(brake.moves, brake.number)
                moves = [RecordedMove(brake.policy, number, move) for number, move in numbered]
                record_moves(batch.records, models.BrakeMove, "brake", BrakeMove, moves)
            keep_texts(policies or {})
            attachments.keep(content for change in changes for content in change.files)
            batch.write()
    except IntegrityError as error:
        what = str(error).splitlines()[0]
        raise Changed(f"something of this is recorded already ({what})", AGAIN) from None


def keep_texts(policies: Mapping[str, str]) -> None:
    """Policies word for word, by hash; those that are there are left as they are."""
    there = {name for (name,) in rows.select_in(TEXTS, list(policies))}
    rows.insert(models.PolicyText, [(n, text) for n, text in policies.items() if n not in there])


def _raise_versions(commits: Sequence[rows.Row]) -> None:
    """In the order of names, so that two of these never wait for each other."""
    for name, *_ in commits:
        if len(name) > LONGEST or "\0" in name:
            hint = f"a name has at most {LONGEST} characters, none of them NUL"
            raise InvalidInput(f"{name[:40]!r} cannot be the name of an account", hint)
    try:
        rows.insert(models.Commit, commits)
    except IntegrityError:
        one = len(commits) == 1
        which = f"the account '{commits[0][0]}'" if one else "one of these accounts"
        raise Changed(f"{which} has changed since it was read", AGAIN) from None


def _most(change: AccountChange) -> int:
    """The number of its records: notices, appeals and files that are added have two, their words
    apart; the commit."""
    lists = (
        change.findings, change.passed, change.born, change.moves, change.settlements,
        change.exemptions, change.notices, change.notices, change.appeals, change.appeals,
        change.hearings, change.cases,
    )  # fmt: skip
    added = sum(isinstance(move.event, appeals.Attach) for move in change.hearings)
    return sum(map(len, lists)) + added + (change.holdings is not None) + 1


@dataclass(slots=True)
class _Batch:
    """The rows of one transaction by table, in the order of the tables' columns."""

    records: Records
    made: dict[rows.Table, list[rows.Row]] = field(default_factory=dict)
    now: dict[rows.Table, list[rows.Row]] = field(default_factory=dict)

    def take(self, change: AccountChange) -> None:
        """All of a change, and the record of what was committed with what."""
        name, version = change.account.name, change.before.version + 1
        leaves: list[int] = []
        for kind, plain, value in _values(change):
            if kind == "appeal":
                plain = plain_appeal(value, leaves[-1])
                value = OpenedAppeal(value, leaves[-1])
            elif kind == "appeal_move":
                plain = plain_hearing(value, leaves[-1] if leaves else None)
            elif kind == "notice":
                value = made_notice(value, leaves[-1])
                plain = encoded(value)
            leaf = self.records.add(kind, plain)
            leaves.append(leaf)
            place = RecordPlace(leaf, name, version, change.time_us)
            for table, row in KINDS[kind].rows(value, place):
                self.made.setdefault(table, []).append(row)
        said = WAY.get(), CLOCK.get()
        made = Commit(name, version, change.time_us, *said, tuple(leaves), change.messages)
        leaf = self.records.add(COMMIT, encoded(made))
        self.made.setdefault(models.Commit, []).append(commit_row(made, leaf))
        self._derive(change)

    def _derive(self, change: AccountChange) -> None:
        """What is looked up, in the place of what is there; and what is to be sent."""
        account = change.account
        for name in _touched(change.born, change.moves):
            row = now_row(account.decisions[name], account.moves.get(name, 0))
            self.now.setdefault(models.DecisionNow, []).append(row)
        for name in _touched(change.appeals, change.hearings):
            row = appeal_row(account.appeals[name], account.moves.get(name, 0))
            self.now.setdefault(models.AppealNow, []).append(row)
        for case in change.cases:
            self.now.setdefault(models.Case, []).append(case_row(case))
        for message in change.messages:
            self.made.setdefault(models.Outbox, []).append(new_row(message, change.time_us))

    def write(self) -> None:
        for table, made in self.made.items():
            rows.insert(table, made)
        for derived, upserted in self.now.items():
            rows.upsert(derived, upserted)
        self.records.write()


def _touched(
    born: Sequence[Decision] | Sequence[Appeal], moves: Sequence[RecordedMove]
) -> Iterable[str]:
    return dict.fromkeys([*(b.id for b in born), *(m.subject for m in moves)])


def _values(change: AccountChange) -> Iterator[tuple[str, Any, Any]]:
    """The records of a change in their order: kind, plain value, value. The words of a notice, of
    an appeal and of a file come right before it, since it names their leaf."""
    for one in change.findings:
        yield "finding", encoded(one), one
    for passed in change.passed:
        yield "passed", encoded(passed), passed
    for decision in change.born:
        yield "decision", encoded(decision), decision
    for move in change.moves:
        yield "decision_move", plain_move("decision", move, DecisionMove), move
    if change.holdings is not None:
        report = InventoryReport(change.account.name, change.holdings, change.entries)
        yield "inventory", encoded(report), report
    for settlement in change.settlements:
        yield "settlement", encoded(settlement), settlement
    for exemption in change.exemptions:
        yield "exemption", encoded(exemption), exemption
    for notice in change.notices:
        words = LetterWords(notice.id, notice.text, notice.letter)
        yield "letter", encoded(words), words
        yield "notice", None, notice
    for appeal in change.appeals:
        said = words_of_appeal(appeal)
        yield "complaint", encoded(said), said
        yield "appeal", None, appeal
    for move in change.hearings:
        if isinstance(move.event, appeals.Attach):
            said = words_of_file(move.subject, move.event)
            yield "complaint", encoded(said), said
        yield "appeal_move", None, move
    for case in change.cases:
        yield "case", encoded(case), case
