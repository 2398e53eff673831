"""Commit: one transaction that writes all of some changes together, or nothing of them.

1. the version of each account is raised, if it is still the one that was read
2. rows of what happened, with their entries and postings
3. derived rows: what decisions are now
4. messages into the outbox
5. leaves and their texts, without a place yet
A crash anywhere before the end leaves nothing; after it, everything. Whoever does not know which
reads the account again, and finds the change there or not (law 10).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction

from habeas.core.appeal import appeals
from habeas.core.brake.brakes import BrakeMove
from habeas.core.canon import canonical
from habeas.core.decision import DecisionMove
from habeas.core.errors import Changed, InvalidInput
from habeas.core.ids import made_id
from habeas.core.property import Entry, Holding
from habeas.store import models, rows
from habeas.store.appeals import appeal_row, case_row
from habeas.store.brakes import Answered, save
from habeas.store.changes import Account, AccountChange, RecordedMove
from habeas.store.codec import encoded
from habeas.store.columns import LONGEST
from habeas.store.decisions import now_row
from habeas.store.leaves import Records, records
from habeas.store.outbox import new_row

RAISE = (
    "INSERT INTO habeas_account (name, version) VALUES (%s, 1) ON CONFLICT (name) "
    "DO UPDATE SET version = habeas_account.version + 1 WHERE habeas_account.version = %s"
)
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
            _raise_versions([change.before for change in changes])
            save(brakes)
            batch = _Batch(records(sum(map(_most, changes)) + sum(len(b.moves) for b in brakes)))
            for change in changes:
                batch.take(change)
            for brake in brakes:
                for number, move in enumerate(brake.moves, brake.number):
                    batch.move(
                        models.BrakeMove,
                        "brake",
                        RecordedMove(brake.policy, number, move),
                        BrakeMove,
                    )
            keep_texts(policies or {})
            batch.write()
    except IntegrityError as error:
        what = str(error).splitlines()[0]
        raise Changed(f"something of this is recorded already ({what})", AGAIN) from None


def keep_texts(policies: Mapping[str, str]) -> None:
    """Policies word for word, by hash; those that are there are left as they are."""
    there = {name for (name,) in rows.select_in(TEXTS, list(policies))}
    rows.insert(models.PolicyText, [(n, text) for n, text in policies.items() if n not in there])


def _raise_versions(read: Sequence[Account]) -> None:
    """In the order of names, so that two of these never wait for each other."""
    for account in read:
        if len(account.name) > LONGEST or "\0" in account.name:
            hint = f"a name has at most {LONGEST} characters, none of them NUL"
            raise InvalidInput(f"{account.name[:40]!r} cannot be the name of an account", hint)
    touched = rows.execute_many(RAISE, [(account.name, account.version) for account in read])
    if touched != len(read):
        which = f"the account '{read[0].name}'" if len(read) == 1 else "one of these accounts"
        raise Changed(f"{which} has changed since it was read", AGAIN)


def _most(change: AccountChange) -> int:
    """The number of its records; an appeal has two, its words apart."""
    lists = (
        change.findings, change.passed, change.born, change.moves, change.settlements,
        change.exemptions, change.notices, change.appeals, change.appeals, change.hearings,
    )  # fmt: skip
    return sum(map(len, lists)) + (change.holdings is not None)


@dataclass(slots=True)
class _Batch:
    """The rows of one transaction by table, in the order of the tables' columns."""

    records: Records
    made: dict[rows.Table, list[rows.Row]] = field(default_factory=dict)
    now: dict[rows.Table, list[rows.Row]] = field(default_factory=dict)

    def add(self, table: rows.Table, *row: Any) -> None:
        self.made.setdefault(table, []).append(row)

    def put(self, table: rows.Table, row: rows.Row) -> None:
        """Derived and mutable: in the place of the one that is there."""
        self.now.setdefault(table, []).append(row)

    def take(self, change: AccountChange) -> None:
        self._findings(change)
        self._decisions(change)
        self._property(change)
        self._words(change)
        self._appeals(change)

    def write(self) -> None:
        for table, made in self.made.items():
            rows.insert(table, made)
        for derived, upserted in self.now.items():
            rows.upsert(derived, upserted)
        self.records.write()

    def _findings(self, change: AccountChange) -> None:
        for finding in change.findings:
            leaf = self.records.add("finding", encoded(finding))
            self.add(
                models.Finding, finding.id, finding.account, finding.time_us, leaf,
                finding.policy, finding.version,
            )  # fmt: skip
        for passed in change.passed:
            leaf = self.records.add("passed", encoded(passed))
            self.add(
                models.Passed, passed.finding, str(passed.why), passed.account, change.time_us,
                leaf,
            )  # fmt: skip

    def _decisions(self, change: AccountChange) -> None:
        for born in change.born:
            leaf = self.records.add("decision", encoded(born))
            self.add(
                models.Decision, born.id, born.account, born.proposed_us, leaf,
                born.reason.finding, born.policy, born.reason.version, str(born.measure),
            )  # fmt: skip
        for move in change.moves:
            self.move(models.DecisionMove, "decision", move, DecisionMove)
        touched = [*(b.id for b in change.born), *(m.subject for m in change.moves)]
        for name in dict.fromkeys(touched):
            decision = change.account.decisions[name]
            self.put(models.DecisionNow, now_row(decision, change.account.moves.get(name, 0)))

    def move(self, table: rows.Table, noun: str, move: RecordedMove, kind: Any) -> None:
        plain = {
            noun: move.subject, "number": move.number, "event": encoded(move.event, kind),
        }  # fmt: skip
        leaf = self.records.add(f"{noun}_move", plain)
        name = type(move.event).__name__
        self.add(table, move.subject, move.number, name, move.event.time_us, leaf)

    def _appeals(self, change: AccountChange) -> None:
        for born in change.appeals:
            words = self.records.add("complaint", {"appeal": born.id, "text": born.text})
            leaf = self.records.add("appeal", encoded(replace(born, text="")))
            self.add(
                models.Appeal, born.id, born.account, born.opened_us, leaf, born.reference, words
            )
        for move in change.hearings:
            self.move(models.AppealMove, "appeal", move, appeals.AppealMove)
        touched = [*(b.id for b in change.appeals), *(m.subject for m in change.hearings)]
        for name in dict.fromkeys(touched):
            appeal = change.account.appeals[name]
            self.put(models.AppealNow, appeal_row(appeal, change.account.moves.get(name, 0)))
        for case in change.cases:
            self.put(models.Case, case_row(case))

    def _property(self, change: AccountChange) -> None:
        name, version = change.account.name, change.before.version + 1
        if change.holdings is not None:
            plain = {
                "account": name,
                "holdings": encoded(change.holdings, tuple[Holding, ...]),
                "entries": encoded(change.entries, tuple[Entry, ...]),
            }
            leaf = self.records.add("inventory", plain)
            self.add(models.Inventory, name, version, change.time_us, leaf)
            self._entries(change.entries, leaf)
        for one in change.settlements:
            leaf = self.records.add("settlement", encoded(one))
            done = one.occasion
            self.add(
                models.Settlement, one.id, name, done.time_us, leaf, version, done.decision,
                str(done.measure), str(one.act), one.of,
            )  # fmt: skip
            self._entries(one.entries, leaf)

    def _entries(self, entries: Sequence[Entry], leaf: int) -> None:
        """An entry sums to zero or it would not be (core/property/ledger); this is asked before a
        write, and again of what is read."""
        for line, entry in enumerate(entries):
            self.add(
                models.LedgerEntry, entry.id, leaf, line, entry.time_us, entry.why, entry.reverses
            )
            for number, posting in enumerate(entry.postings):
                purse = posting.purse
                self.add(
                    models.LedgerPosting, entry.id, number, str(purse.role), purse.kind,
                    purse.account, posting.money.currency, posting.money.amount,
                )  # fmt: skip

    def _words(self, change: AccountChange) -> None:
        for one in change.exemptions:
            leaf = self.records.add("exemption", encoded(one))
            name = made_id(
                "exemption", one.account, str(change.before.version), canonical(encoded(one))
            )
            self.add(
                models.Exemption, name, one.account, change.time_us, leaf, one.policy, one.until_us
            )
        for notice in change.notices:
            leaf = self.records.add("notice", encoded(notice))
            self.add(
                models.Notice, notice.id, change.account.name, change.time_us, leaf,
                notice.decision, notice.kind, notice.lang,
                sha256(notice.text.encode()).hexdigest(),
            )  # fmt: skip
        for message in change.messages:
            self.add(models.Outbox, *new_row(message, change.time_us))
