"""What `habeas verify` reads: accounts with all that is recorded on them, page by page, and what
the tables say of themselves. Nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import groupby
from typing import Any

from django.db import connection

from habeas.core.audit import Record
from habeas.core.audit.laws import AuditedBrake, AuditedLife, AuditedNotice, Hearing
from habeas.core.brake import Closing, Release, ReleaseRequest
from habeas.core.decision import Decision
from habeas.core.errors import HabeasError
from habeas.core.money import Money
from habeas.core.policy import Finding
from habeas.core.property import Entry, Holding, Purse, PurseRole, Settlement
from habeas.core.property.ledger import Posting
from habeas.store import accounts, brakes, models, rows
from habeas.store.appeals import appeal_row
from habeas.store.codec import decoded, read
from habeas.store.decisions import now_row

PAGE = 500  # accounts that are read together
NAMES = "SELECT name FROM habeas_account WHERE name > %s ORDER BY name LIMIT %s"
FINDINGS = accounts.TEXTS.format(table="finding", key="account", by="account")
NOTICES = (
    "SELECT account, id, decision, kind, sha256 FROM habeas_notice WHERE account IN ({names}) "
    "ORDER BY leaf"
)
REPORTS = (
    "SELECT r.account, r.leaf, t.text FROM habeas_inventory r "
    "JOIN habeas_leaftext t ON t.leaf = r.leaf WHERE r.account IN ({names})"
)
SETTLEMENTS = REPORTS.replace("habeas_inventory", "habeas_settlement")
ENTRIES = (
    "SELECT e.leaf, e.line, e.id, e.time_us, e.why, e.reverses, p.line, p.role, p.kind, "
    "p.account, p.currency, p.amount FROM habeas_ledgerentry e "
    "LEFT JOIN habeas_ledgerposting p ON p.entry = e.id WHERE e.leaf IN ({names}) "
    "ORDER BY e.leaf, e.line, p.line"
)
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, HabeasError)


def count() -> int:
    return int(rows.select("SELECT count(*) FROM habeas_account")[0][0])


def records() -> Iterator[list[Record | str]]:
    """All accounts, some hundreds at a time; a sentence for one that cannot be read."""
    policies = frozenset(_policies())
    turns = {p: AuditedBrake(_turns(p)) for (p,) in rows.select(BRAKED)}
    last = ""
    while found := [name for (name,) in rows.select(NAMES, [last, PAGE])]:
        last = found[-1]
        try:
            yield [*_page(found, policies, turns)]
        except UNREADABLE:
            yield [_alone(name, policies, turns) for name in found]


def _turns(policy: str) -> tuple[Closing | Release, ...]:
    """What closed and opened a brake; a request does neither."""
    return tuple(turn for turn in brakes.turns(policy) if not isinstance(turn, ReleaseRequest))


BRAKED = "SELECT DISTINCT subject FROM habeas_brakemove"


def _policies() -> Iterator[str]:
    """The hashes of the texts that are kept and are what their hash says."""
    from habeas.core.canon import digest

    for name, text in rows.select("SELECT hash, text FROM habeas_policytext"):
        if digest(text) == name:
            yield name


def _alone(name: str, policies: frozenset[str], turns: Mapping[str, AuditedBrake]) -> Record | str:
    try:
        return next(_page([name], policies, turns))
    except UNREADABLE as error:
        return f"what is recorded on account '{name}' cannot be read: {error}"


def _page(
    names: Sequence[str], policies: frozenset[str], turns: Mapping[str, AuditedBrake]
) -> Iterator[Record]:
    findings = _texts(FINDINGS, names, Finding)
    births = _texts(accounts.BIRTHS, names, Decision)
    events = accounts.moves_of([d.id for own in births.values() for d in own])
    opened = accounts.born_appeals(names)
    heard = accounts.hearings_of([a for own in opened.values() for a in own])
    told: defaultdict[str, list[AuditedNotice]] = defaultdict(list)
    for name, *rest in rows.select_in(NOTICES, names):
        told[name].append(AuditedNotice(*rest))
    properties, leaves = _properties(names)
    entries = _entries([leaf for own in leaves.values() for leaf in own])
    for name in names:
        yield Record(
            account=name,
            findings={f.id: f for f in findings[name]},
            lives={d.id: AuditedLife(d, tuple(events[d.id])) for d in births[name]},
            hearings={a: Hearing(born, tuple(heard[a])) for a, born in opened[name].items()},
            notices=told[name],
            properties=properties[name],
            entries=[entry for leaf in leaves[name] for entry in entries[leaf]],
            policies=policies,
            brakes=turns,
        )


def _texts(sql: str, names: Sequence[str], kind: Any) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for name, text in rows.select_in(sql, names):
        found[name].append(decoded(read(text), kind))
    return found


Properties = defaultdict[str, list[tuple[Holding, ...] | Settlement]]


def _properties(names: Sequence[str]) -> tuple[Properties, defaultdict[str, list[int]]]:
    """Reports and settlements in the order of their leaves, and these."""
    made: list[tuple[int, str, Any]] = []
    for name, leaf, text in rows.select_in(REPORTS, names):
        made.append((leaf, name, decoded(read(text)["holdings"], tuple[Holding, ...])))
    for name, leaf, text in rows.select_in(SETTLEMENTS, names):
        made.append((leaf, name, decoded(read(text), Settlement)))
    properties: Properties = defaultdict(list)
    leaves: defaultdict[str, list[int]] = defaultdict(list)
    for leaf, name, value in sorted(made, key=lambda one: one[0]):
        properties[name].append(value)
        leaves[name].append(leaf)
    return properties, leaves


def _entries(leaves: Sequence[int]) -> defaultdict[int, list[Entry]]:
    """The entries that can be read; those that cannot are missing, and named for it."""
    found: defaultdict[int, list[Entry]] = defaultdict(list)
    listed = rows.select_in(ENTRIES, leaves)
    for (leaf, _, name, time_us, why, reverses), lines in groupby(listed, key=lambda r: r[:6]):
        try:
            postings = tuple(
                Posting(Purse(PurseRole(role), kind, owner), Money(amount, currency))
                for *_, role, kind, owner, currency, amount in lines
            )
            found[leaf].append(Entry(name, time_us, why, postings, reverses))
        except UNREADABLE:
            continue
    return found


# Derived rows


def misplaced(records: Sequence[Record]) -> Iterator[str]:
    """Where the derived tables are not what births and moves make."""
    names = [record.account for record in records]
    decisions = {d.id: now_row(d, len(r.lives[d.id].events)) for r in records for d in r.decisions}
    appeals = {a: appeal_row(h.now, len(h.events)) for r in records for a, h in r.hearings.items()}
    for table, made in ((models.DecisionNow, decisions), (models.AppealNow, appeals)):
        listed = ", ".join(rows.columns(table))
        sql = f"SELECT {listed} FROM {rows.name(table)} WHERE account IN ({{names}})"
        there = {row[0]: row for row in rows.select_in(sql, names)}
        for name in sorted(made.keys() | there.keys()):
            if made.get(name) != there.get(name):
                yield f"{rows.name(table)} has {name} other than it is"


# Tables and leaves

Plain = Mapping[str, Any]


def _recorded(plain: Plain, time: str = "time_us") -> dict[str, Any]:
    return {"id": plain["id"], "account": plain["account"], "time_us": plain[time]}


def _decision(plain: Plain) -> dict[str, Any]:
    reason = plain["reason"]
    named = {"finding": reason["finding"], "policy": reason["policy"]}
    version = {"version": reason["version"], "measure": plain["measure"]}
    return {**_recorded(plain, "proposed_us"), **named, **version}


def _settlement(plain: Plain) -> dict[str, Any]:
    done = plain["occasion"]
    named = {"decision": done["decision"], "measure": done["measure"], "account": done["account"]}
    return {"id": plain["id"], "act": plain["act"], "of": plain["of"], **named}


def _notice(plain: Plain) -> dict[str, Any]:
    named = {key: plain[key] for key in ("id", "decision", "kind", "lang")}
    return {**named, "sha256": sha256(plain["text"].encode()).hexdigest()}


def _move(noun: str) -> Callable[[Plain], dict[str, Any]]:
    def of(plain: Plain) -> dict[str, Any]:
        event = plain["event"]
        return {"subject": plain[noun], "number": plain["number"], "time_us": event["time_us"]}

    return of


def _own(*columns: str) -> Callable[[Plain], dict[str, Any]]:
    return lambda plain: {column: plain[column] for column in columns}


def _finding(plain: Plain) -> dict[str, Any]:
    return {**_recorded(plain), "policy": plain["policy"], "version": plain["version"]}


# The kind of leaf, the table and its column that names it, and what its columns repeat.
TABLES: tuple[tuple[str, str, str, Callable[[Plain], dict[str, Any]]], ...] = (
    ("finding", "finding", "leaf", _finding),
    ("passed", "passed", "leaf", _own("finding", "why", "account")),
    ("decision", "decision", "leaf", _decision),
    ("decision_move", "decisionmove", "leaf", _move("decision")),
    ("exemption", "exemption", "leaf", _own("account", "policy", "until_us")),
    ("inventory", "inventory", "leaf", _own("account")),
    ("settlement", "settlement", "leaf", _settlement),
    ("notice", "notice", "leaf", _notice),
    ("appeal", "appeal", "leaf", _own("id", "account", "reference")),
    ("complaint", "appeal", "words", lambda plain: {"id": plain["appeal"]}),
    ("appeal_move", "appealmove", "leaf", _move("appeal")),
    ("relief", "relief", "leaf", lambda _: {}),
    ("relief_move", "reliefmove", "leaf", _move("relief")),
    ("brake_move", "brakemove", "leaf", _move("brake")),
    ("feed_move", "feedmove", "leaf", _move("feed")),
)
ORPHANS = (
    "SELECT l.number FROM habeas_leaf l WHERE l.kind = %s AND NOT EXISTS "
    "(SELECT 1 FROM habeas_{table} r WHERE r.{column} = l.number)"
)
STRANGERS = (
    "SELECT r.{column} FROM habeas_{table} r LEFT JOIN habeas_leaf l ON l.number = r.{column} "
    "WHERE l.kind IS NULL OR l.kind <> %s"
)
GAPS = (
    "SELECT subject FROM habeas_{table} GROUP BY subject "
    "HAVING count(*) <> max(number) + 1 OR min(number) <> 0"
)


def strays() -> Iterator[str]:
    """Leaves without their row, rows without their leaf, moves with a gap."""
    for kind, table, column, _ in TABLES:
        named = {"table": table, "column": column}
        for (number,) in rows.select(ORPHANS.format(**named), [kind]):
            yield f"the row of leaf {number}, a {kind}, is gone from habeas_{table}"
        for (number,) in rows.select(STRANGERS.format(**named), [kind]):
            yield f"habeas_{table} names leaf {number}, which is no {kind}"
        if table.endswith("move"):
            for (subject,) in rows.select(GAPS.format(table=table)):
                yield f"the moves of {subject} in habeas_{table} have a gap"


def unlike() -> Iterator[tuple[int, list[str]]]:
    """How many rows were compared with the text of their leaf, and what differs; page by page."""
    for _, table, column, of in TABLES:
        last = -1
        while found := _rows(table, column, last):
            last = found[-1][0][column]
            yield (
                len(found),
                [
                    f"{key} of the row of leaf {row[column]} in habeas_{table} is not as recorded"
                    for row, text in found
                    for key in _differing(row, text, of)
                ],
            )


def _differing(row: Plain, text: str, of: Callable[[Plain], dict[str, Any]]) -> Iterator[str]:
    try:
        yield from (key for key, value in of(read(text)).items() if row[key] != value)
    except (LookupError, TypeError, ValueError, AttributeError):
        yield "something"


def _rows(table: str, column: str, last: int) -> list[tuple[dict[str, Any], str]]:
    sql = (
        f"SELECT r.*, t.text AS habeas_text FROM habeas_{table} r JOIN habeas_leaftext t "
        f"ON t.leaf = r.{column} WHERE r.{column} > %s ORDER BY r.{column} LIMIT 5000"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [last])
        names = [one[0] for one in cursor.description]
        made = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [(row, row.pop("habeas_text")) for row in made]


TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
}


def unguarded() -> Iterator[str]:
    """Tables of which a guard is gone (law 5)."""
    there = {name for (name,) in rows.select(TRIGGERS[connection.vendor])}
    last = "truncate" if rows.is_postgresql() else "replace"
    for table in models.APPEND_ONLY:
        missing = {f"{rows.name(table)}_no_{v}" for v in ("update", "delete", last)} - there
        if missing:
            yield f"the guards of {rows.name(table)} are gone: {', '.join(sorted(missing))}"


def unbalanced() -> Iterator[str]:
    """Entries of the ledger that do not sum to zero (law 4)."""
    for entry, currency in rows.select(
        "SELECT entry, currency FROM habeas_ledgerposting GROUP BY entry, currency "
        "HAVING sum(amount) <> 0"
    ):
        yield f"entry {entry} does not sum to zero in {currency}"


def released_alone() -> Iterator[str]:
    """Releases of a brake by fewer than two people (law 7)."""
    from habeas.core.brake import Release

    for (policy,) in rows.select(BRAKED):
        for turn in brakes.turns(policy):
            if isinstance(turn, Release) and len({a for a in turn.by if a.person}) < 2:
                yield f"the brake of {policy} was released by fewer than two people"


def findings() -> Iterator[Finding]:
    """All that are recorded, in the order of their leaves."""
    sql = (
        "SELECT r.leaf, t.text FROM habeas_finding r JOIN habeas_leaftext t ON t.leaf = r.leaf "
        "WHERE r.leaf > %s ORDER BY r.leaf LIMIT 1000"
    )
    last = 0
    while found := rows.select(sql, [last]):
        last = found[-1][0]
        yield from (decoded(read(text), Finding) for _, text in found)


def findings_of(account: str) -> list[Finding]:
    """Those of one account."""
    return list(_texts(FINDINGS, [account], Finding)[account])


def policy_texts() -> list[str]:
    return [text for (text,) in rows.select("SELECT text FROM habeas_policytext ORDER BY hash")]
