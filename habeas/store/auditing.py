"""What `habeas verify` reads of accounts, page by page: the leaves, and whether the rows that stand
for them are those that the leaves make. Nothing is written.

The way is from leaves outward. A commit is a leaf; it names its account, its version, the other
leaves of it and the messages that it sends. From these come the values that the laws are asked of,
the rows that must be there, and what is derived. What is there besides is named (`strangers`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from habeas.core.audit import Record
from habeas.core.audit.records import (
    AuditedBrake,
    AuditedErasure,
    AuditedLife,
    AuditedNotice,
    Hearing,
    PolicyTerms,
)
from habeas.core.brake import Closing, Release, ReleaseRequest
from habeas.core.canon import digest
from habeas.core.letter import delivery
from habeas.core.letter.delivery import MessageMove
from habeas.core.policy import Finding
from habeas.core.property import Settlement
from habeas.store import accounts, brakes, rows
from habeas.store.changes import Message, RecordedMove
from habeas.store.claims import Claims
from habeas.store.codec import decoded, read
from habeas.store.comparing import (
    UNREADABLE,
    AuditedAccount,
    AuditedPage,
    Value,
    compare,
    doors,
    files,
    messages,
    messages_moved,
    misplaced,
)
from habeas.store.dates import dates, seals
from habeas.store.notices import mail_key
from habeas.store.recorded import (
    COMMIT,
    KINDS,
    Commit,
    InventoryReport,
    MadeNotice,
    OpenedAppeal,
    RecordPlace,
    commit_row,
)

PAGE = 500  # accounts that are read together
NAMES = "SELECT DISTINCT account FROM habeas_commit WHERE account > %s ORDER BY account LIMIT %s"
COMMITS = (
    "SELECT c.account, c.version, c.time_us, c.leaf, l.kind, t.text FROM habeas_commit c "
    "LEFT JOIN habeas_leaf l ON l.number = c.leaf LEFT JOIN habeas_leaftext t ON t.leaf = c.leaf "
    "WHERE c.account IN ({names}) ORDER BY c.account, c.version"
)
LEAVES = (
    "SELECT l.number, l.kind, t.text FROM habeas_leaf l LEFT JOIN habeas_leaftext t "
    "ON t.leaf = l.number WHERE l.number IN ({names})"
)


@dataclass(frozen=True, slots=True)
class AuditedGround:
    """What holds for all accounts: the texts of policies that are those of their hash, brakes,
    erasures by account, the files that these name, and the last leaf and the time of each seal.
    `wrong` are the rows of these that cannot be believed."""

    policies: Mapping[str, PolicyTerms]
    applied: frozenset[str]
    brakes: Mapping[str, AuditedBrake]
    erasures: Mapping[str, Sequence[AuditedErasure]]
    files: frozenset[str]
    seals: Sequence[tuple[int, int]]
    wrong: Sequence[str]


def ground(erasures: Iterable[AuditedErasure], applied: frozenset[str]) -> AuditedGround:
    """`applied` are the hashes of the policy texts that people put in force."""
    texts = rows.select("SELECT hash, text FROM habeas_policytext")
    sound = {name: text for name, text in texts if digest(text) == name}
    wrong = [name for name, _ in texts if name not in sound]
    by_account: defaultdict[str, list[AuditedErasure]] = defaultdict(list)
    for one in erasures:
        by_account[one.account].append(one)
    return AuditedGround(
        {name: terms for name, text in sound.items() if (terms := _terms(text))},
        applied,
        {p: AuditedBrake(_turns(p)) for (p,) in rows.select(BRAKED)},
        by_account,
        frozenset(file for own in by_account.values() for one in own for file in one.files),
        seals(),
        [f"habeas_policytext {name}: is not the text of its hash" for name in wrong],
    )


def _terms(text: str) -> PolicyTerms | None:
    """None where the text is no policy: nobody can rest on it."""
    try:
        return PolicyTerms.of(text)
    except UNREADABLE:
        return None


BRAKED = "SELECT DISTINCT subject FROM habeas_brakemove"


def _turns(policy: str) -> tuple[Closing | Release, ...]:
    """What closed and opened a brake; a request does neither. A move that cannot be read is named
    with its text."""
    try:
        turns = brakes.turns(policy)
    except UNREADABLE:
        return ()
    return tuple(turn for turn in turns if not isinstance(turn, ReleaseRequest))


def count() -> int:
    """How many accounts something was committed on."""
    return int(rows.select("SELECT count(*) FROM habeas_commit WHERE version = 1")[0][0])


def pages(claims: Claims, given: AuditedGround, seen: Counter[rows.Table]) -> Iterator[AuditedPage]:
    """All accounts, some hundreds at a time. `claims` learns the leaves that their commits name,
    `seen` how many rows of each table were compared."""
    last = ""
    while found := [name for (name,) in rows.select(NAMES, [last, PAGE])]:
        last = found[-1]
        yield _page(found, claims, given, seen)


def _page(
    names: Sequence[str], claims: Claims, given: AuditedGround, seen: Counter[rows.Table]
) -> AuditedPage:
    page = AuditedPage(len(names))
    found = {name: AuditedAccount(name) for name in names}
    _commits(found, claims, page)
    _values(found, claims, page)
    compare(found, page, seen)
    doors(found, page, seen)
    wanted = _sends(found)
    moved = messages_moved(
        {*wanted, *(mail_key(n.id) for a in found.values() for n in a.of("notice"))}
    )
    page.derived += messages(wanted, moved, seen)
    sent = _sent(found, moved)
    for one in found.values():
        dates(one, given.seals, page)
        try:
            record = _record(one, given, sent)
            page.records.append(record)
        except UNREADABLE as error:
            page.rows.append(f"{one.name}: what is recorded on it cannot be read: {error}")
    misplaced(page, seen)
    files(page, given.files)
    return page


def _sent(
    found: Mapping[str, AuditedAccount], moved: Mapping[str, Sequence[MessageMove]]
) -> dict[str, int]:
    """When each notice was sent, or given into the customer's hand, by id (law 2)."""
    made = {}
    for one in found.values():
        for (_, kind, notice), place in one.values:
            if kind == "notice" and notice is not None:
                mailed = delivery.sent_us(moved.get(mail_key(notice.id), ()))
                made[notice.id] = place.time_us if notice.by_hand else mailed
    return {name: us for name, us in made.items() if us is not None}


def _sends(found: Mapping[str, AuditedAccount]) -> dict[str, tuple[Message, int]]:
    made = (commit for one in found.values() for commit, _ in one.commits)
    return {m.key: (m, commit.time_us) for commit in made for m in commit.messages}


def _commits(found: Mapping[str, AuditedAccount], claims: Claims, page: AuditedPage) -> None:
    """The commits of each account, one of each version from 1 on."""
    for name, version, time_us, leaf, kind, text in rows.select_in(COMMITS, list(found)):
        one = found[name]
        row = f"{name}: commit {version}"
        if kind != COMMIT or text is None or not claims.take(leaf, COMMIT):
            page.rows.append(f"{row} names leaf {leaf}, which is no commit")
            continue
        try:
            made: Commit = decoded(read(text), Commit)
        except UNREADABLE as error:
            page.rows.append(f"{row}, leaf {leaf}, cannot be read: {error}")
            continue
        if commit_row(made, leaf) != (name, version, time_us, leaf):
            page.rows.append(f"{row} is not as leaf {leaf} recorded it")
        if version != len(one.commits) + 1:
            page.rows.append(f"{name}: commit {len(one.commits) + 1} is gone")
        one.commits.append((made, leaf))
        page.commits += 1


def _values(found: Mapping[str, AuditedAccount], claims: Claims, page: AuditedPage) -> None:
    """What the leaves say that the commits name."""
    numbers = [n for a in found.values() for made, _ in a.commits for n in made.leaves]
    leaves = {number: (kind, text) for number, kind, text in rows.select_in(LEAVES, numbers)}
    for one in found.values():
        for made, _ in one.commits:
            for number in made.leaves:
                place = RecordPlace(number, one.name, made.version, made.time_us)
                value = _value(number, place, leaves, claims, page)
                if value is not None:
                    one.values.append((value, place))


def _value(
    number: int,
    place: RecordPlace,
    leaves: Mapping[int, tuple[str, str | None]],
    claims: Claims,
    page: AuditedPage,
) -> Value | None:
    row = f"{place.account}: leaf {number} of commit {place.version}"
    kind, text = leaves.get(number, ("", None))
    if kind not in KINDS:
        page.rows.append(f"{row} is gone" if not kind else f"{row} is a {kind}, not of an account")
        return None
    if not claims.take(number, kind):
        page.rows.append(f"{row} is of another commit")
        return None
    if text is None:
        return number, kind, None  # `texts` asks whether it was erased
    try:
        return number, kind, KINDS[kind].read(read(text))
    except UNREADABLE as error:
        page.rows.append(f"{row}, a {kind}, cannot be read: {error}")
        return None


# Records


def _record(one: AuditedAccount, given: AuditedGround, sent: Mapping[str, int]) -> Record:
    events: defaultdict[str, list[Any]] = defaultdict(list)
    for kind in ("decision_move", "appeal_move"):
        moves: list[RecordedMove] = one.of(kind)
        for move in moves:
            if move.number != len(events[move.subject]):
                raise ValueError(f"the moves of {move.subject} have a gap")
            events[move.subject].append(move.event)
    findings: list[Finding] = one.of("finding")
    opened: list[OpenedAppeal] = one.of("appeal")
    told: list[MadeNotice] = one.of("notice")
    return Record(
        account=one.name,
        findings={f.id: f for f in findings},
        lives={d.id: AuditedLife(d, tuple(events[d.id])) for d in one.of("decision")},
        hearings={o.appeal.id: Hearing(o.appeal, tuple(events[o.appeal.id])) for o in opened},
        notices=[AuditedNotice(n.id, n.decision, n.kind, n.sha256) for n in told],
        sent={n.id: sent[n.id] for n in told if n.id in sent},
        properties=[
            value.holdings if isinstance(value, InventoryReport) else value
            for (_, kind, value), _ in one.values
            if kind in ("inventory", "settlement") and value is not None
        ],
        entries=[
            entry
            for (_, kind, value), _ in one.values
            if isinstance(value, InventoryReport | Settlement)
            for entry in value.entries
        ],
        policies=given.policies,
        applied=given.applied,
        brakes=given.brakes,
        erasures=given.erasures.get(one.name, ()),
    )


def released_alone() -> Iterator[str]:
    """Releases of a brake by fewer than two people (law 7)."""
    for (policy,) in rows.select(BRAKED):
        for turn in _turns(policy):
            if isinstance(turn, Release) and len({a for a in turn.by if a.person}) < 2:
                yield f"the brake of {policy} was released by fewer than two people"


# Findings


def findings() -> Iterator[Finding]:
    """All that are recorded, in the order of their leaves."""
    sql = (
        "SELECT l.number, t.text FROM habeas_leaf l JOIN habeas_leaftext t ON t.leaf = l.number "
        "WHERE l.kind = 'finding' AND l.number > %s ORDER BY l.number LIMIT 1000"
    )
    last = 0
    while found := rows.select(sql, [last]):
        last = found[-1][0]
        yield from (decoded(read(text), Finding) for _, text in found)


FINDINGS = accounts.TEXTS.format(table="finding", key="account", by="account")


def findings_of(account: str) -> list[Finding]:
    """Those of one account."""
    return [decoded(read(text), Finding) for _, text in rows.select_in(FINDINGS, [account])]


def policy_texts() -> list[str]:
    return [text for (text,) in rows.select("SELECT text FROM habeas_policytext ORDER BY hash")]
