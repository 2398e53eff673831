"""Whether rows are those that leaves make: of a page of accounts, and what stands beside them.

Everything is read by an index: the rows of some hundred accounts at a time. What nothing recorded
leads to is looked for only where a table has more rows than were compared, by one pass over it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from habeas.core.appeal import Case
from habeas.core.audit import Record
from habeas.core.errors import HabeasError
from habeas.core.letter.delivery import MessageMove, Sent
from habeas.store import models, outbox, rows
from habeas.store.appeals import appeal_row, case_row
from habeas.store.changes import Message
from habeas.store.claims import Claims
from habeas.store.codec import decoded, read, written
from habeas.store.decisions import now_row
from habeas.store.recorded import KINDS, Commit, RecordPlace, TableRow

UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, HabeasError)
BY_ACCOUNT: tuple[rows.Table, ...] = (
    models.Finding, models.Passed, models.Decision, models.Exemption, models.Inventory,
    models.Settlement, models.Notice, models.Appeal,
)  # fmt: skip
LEDGER: tuple[rows.Table, ...] = (models.LedgerEntry, models.LedgerPosting)
MOST_NAMED = 20


@dataclass(slots=True)
class AuditedPage:
    """Some accounts: what the laws are asked of, and what is wrong beside the laws, each problem
    as `row: what is wrong`."""

    accounts: int = 0
    commits: int = 0
    cases: int = 0
    records: list[Record] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    ledger: list[str] = field(default_factory=list)
    derived: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    excepted: int = 0  # commits that gave back under a wrong clock
    doors: list[str] = field(default_factory=list)


Value = tuple[int, str, Any]  # of a leaf: number, kind, what it says; None once it is erased


@dataclass(slots=True)
class AuditedAccount:
    """What the leaves say of one account."""

    name: str
    commits: list[tuple[Commit, int]] = field(default_factory=list)
    values: list[tuple[Value, RecordPlace]] = field(default_factory=list)

    def of(self, kind: str) -> list[Any]:
        return [value for (_, k, value), _ in self.values if k == kind and value is not None]


def compare(
    found: Mapping[str, AuditedAccount], page: AuditedPage, seen: Counter[rows.Table]
) -> None:
    """Whether the rows of these accounts are those that their leaves make. What can be erased, the
    words of a notice or of an appeal, makes no row."""
    wanted: defaultdict[rows.Table, set[rows.Row]] = defaultdict(set)
    for one in found.values():
        for (_, kind, value), place in one.values:
            for table, row in _rows(kind, value, place, page) if value is not None else ():
                wanted[table].add(row)
    for table, there in _there(found, wanted):
        seen[table] += len(there)
        said = page.ledger if table in LEDGER else page.rows
        said += _differing(table, wanted[table], there)


def _rows(kind: str, value: Any, place: RecordPlace, page: AuditedPage) -> Iterable[TableRow]:
    try:
        return list(KINDS[kind].rows(value, place))
    except UNREADABLE as error:
        page.rows.append(f"{place.account}: leaf {place.leaf}, a {kind}, makes no row: {error}")
        return ()


def _there(
    found: Mapping[str, AuditedAccount], wanted: Mapping[rows.Table, set[rows.Row]]
) -> Iterator[tuple[rows.Table, set[rows.Row]]]:
    names = list(found)
    for table in BY_ACCOUNT:
        there = _rows_of(table, "account", names)
        yield table, there
        if table in (models.Decision, models.Appeal):
            moves = models.DecisionMove if table is models.Decision else models.AppealMove
            subjects = {row[0] for row in there} | {row[0] for row in wanted.get(moves, ())}
            yield moves, _rows_of(moves, "subject", sorted(subjects))
            if table is models.Appeal:
                yield models.AppealFile, _rows_of(models.AppealFile, "appeal", sorted(subjects))
    leaves = sorted({place.leaf for a in found.values() for _, place in a.values})
    entries = _rows_of(models.LedgerEntry, "leaf", leaves)
    yield models.LedgerEntry, entries
    ids = {row[0] for row in entries} | {row[0] for row in wanted.get(models.LedgerPosting, ())}
    yield models.LedgerPosting, _rows_of(models.LedgerPosting, "entry", sorted(ids))


def _rows_of(table: rows.Table, column: str, names: Sequence[Any]) -> set[rows.Row]:
    listed = ", ".join(f'"{c}"' for c in rows.columns(table))
    sql = f'SELECT {listed} FROM {rows.name(table)} WHERE "{column}" IN ({{names}})'
    return set(rows.select_in(sql, names))


def _differing(table: rows.Table, wanted: set[rows.Row], there: set[rows.Row]) -> Iterator[str]:
    columns = rows.columns(table)
    leaf = columns.index("leaf") if "leaf" in columns else None
    for row in sorted(wanted - there, key=str):
        recorded = f"leaf {row[leaf]} recorded it" if leaf is not None else "its leaf recorded it"
        yield f"{rows.name(table)} {_key(table, row)}: is gone, or not as {recorded}"
    for row in sorted(there - wanted, key=str):
        yield f"{rows.name(table)} {_key(table, row)}: no leaf says so"


def _key(table: rows.Table, row: rows.Row) -> str:
    """By which a person finds the row."""
    named = {f.column for f in table._meta.pk_fields}
    own = dict(zip(rows.columns(table), row, strict=True))
    return " ".join(str(value) for column, value in own.items() if column in named)


# What is derived, and what changes


def doors(
    found: Mapping[str, AuditedAccount], page: AuditedPage, seen: Counter[rows.Table]
) -> None:
    """The door of each case is as its last record says; how often it was tried is not recorded."""
    cases: dict[str, Case] = {c.reference: c for a in found.values() for c in a.of("case")}
    there = {row[0]: row for row in _rows_of(models.Case, "reference", list(cases))}
    page.cases += len(cases)
    seen[models.Case] += len(there)
    for name, case in cases.items():
        if name not in there:
            page.doors.append(f"habeas_case {name}: is gone, and its customer cannot come in")
        elif not _is_door(there[name], case):
            page.doors.append(f"habeas_case {name}: is not as it was opened or renewed last")


def _is_door(row: rows.Row, case: Case) -> bool:
    try:
        kept: Case = decoded(read(row[-1]), Case)
        return row == case_row(replace(case, failed=kept.failed, shut_until_us=kept.shut_until_us))
    except UNREADABLE:
        return False


def misplaced(page: AuditedPage, seen: Counter[rows.Table]) -> None:
    """Where the derived tables are not what births and moves make."""
    records = page.records
    names = [record.account for record in records]
    decisions = [now_row(d, len(r.lives[d.id].events)) for r in records for d in r.decisions]
    appeals = [appeal_row(h.now, len(h.events)) for r in records for h in r.hearings.values()]
    for table, made in ((models.DecisionNow, decisions), (models.AppealNow, appeals)):
        there = _rows_of(table, "account", names)
        seen[table] += len(there)
        wrong = {row[0] for row in there ^ set(made)}
        page.derived += [f"{rows.name(table)} {name}: is other than it is" for name in wrong]


def messages_moved(keys: Iterable[str]) -> defaultdict[str, list[MessageMove]]:
    """What became of messages, by key; a move that cannot be read is named with its leaf."""
    found: defaultdict[str, list[MessageMove]] = defaultdict(list)
    for key, text in rows.select_in(outbox.MOVES, sorted(keys)):
        with suppress(*UNREADABLE):
            found[key].append(decoded(read(text)["event"], MessageMove))
    return found


def messages(
    wanted: Mapping[str, tuple[Message, int]],
    moves: Mapping[str, Sequence[MessageMove]],
    seen: Counter[rows.Table],
) -> Iterator[str]:
    """What is recorded to be sent, and since when, is in the outbox, and it went where a record
    says so, and nowhere else."""
    sql = (
        "SELECT key, channel, payload, made_us, state, sent_us FROM habeas_outbox "
        "WHERE key IN ({names})"
    )
    there = {key: rest for key, *rest in rows.select_in(sql, sorted(wanted))}
    seen[models.Outbox] += len(there)
    for key, (message, made_us) in wanted.items():
        if key not in there:
            yield f"habeas_outbox {key}: is gone, and was to be sent"
            continue
        *made, state, sent_us = there[key]
        times = {m.time_us for m in moves.get(key, ()) if isinstance(m, Sent)}
        if made != [message.channel, written(dict(message.payload)), made_us]:
            yield f"habeas_outbox {key}: is not what was to be sent"
        elif (sent_us is not None or state == "sent") and sent_us not in times:
            yield f"habeas_outbox {key}: says that it went, and no leaf does"
        elif times and state != "sent":
            yield f"habeas_outbox {key}: went, and says that it did not"
        elif state not in [*outbox.MessageStatus]:
            yield f"habeas_outbox {key}: '{state}' is no state of a message"


def files(page: AuditedPage, erased: frozenset[str]) -> None:
    """The files that appeals name are there, or a record says that they were erased."""
    named = {
        f.sha256: a for r in page.records for a, h in r.hearings.items() for f in h.now.attachments
    }
    sql = "SELECT sha256 FROM habeas_attachment WHERE sha256 IN ({names})"
    there = {name for (name,) in rows.select_in(sql, sorted(named))}
    for name in sorted(named.keys() - there - erased):
        page.rows.append(f"habeas_attachment {name}: is gone, and appeal {named[name]} names it")


# What no leaf of an account asks for

BESIDE = (
    "SELECT {key} FROM {table} r LEFT JOIN {other} o ON o.{its} = r.{own} WHERE o.{its} IS NULL"
)
LEADS: Mapping[rows.Table, tuple[str, str, str]] = {
    **dict.fromkeys(
        (*BY_ACCOUNT, models.DecisionNow, models.AppealNow, models.Case),
        ("habeas_commit", "account", "account"),
    ),
    models.DecisionMove: ("habeas_decision", "id", "subject"),
    models.AppealMove: ("habeas_appeal", "id", "subject"),
    models.AppealFile: ("habeas_appeal", "id", "appeal"),
    models.LedgerPosting: ("habeas_ledgerentry", "id", "entry"),
}


def strangers(claims: Claims, seen: Counter[rows.Table]) -> Iterator[tuple[rows.Table, str]]:
    """Rows that belong to no account, decision, appeal or entry on record, and entries of no
    leaf."""
    tables: tuple[rows.Table, ...] = (*LEADS, models.LedgerEntry)
    for table in tables:
        name = rows.name(table)
        more = int(rows.select(f"SELECT count(*) FROM {name}")[0][0]) - seen[table]
        if more <= 0:
            continue
        named = [*_entries_of_none(claims)] if table is models.LedgerEntry else _beside(table)
        yield from ((table, f"{name} {row}: nothing recorded leads to it") for row in named)
        if not named:
            yield table, f"{name}: has {more:,} rows more than what is recorded makes"


def _beside(table: rows.Table) -> list[str]:
    other, its, own = LEADS[table]
    key = ", ".join(f'r."{f.column}"' for f in table._meta.pk_fields)
    asked = BESIDE.format(key=key, table=rows.name(table), other=other, its=its, own=own)
    return [" ".join(map(str, row)) for row in rows.select(f"{asked} LIMIT {MOST_NAMED}")]


def _entries_of_none(claims: Claims) -> Iterator[str]:
    for name, leaf in rows.select("SELECT id, leaf FROM habeas_ledgerentry"):
        if not claims.has(leaf):
            yield str(name)
