"""What decisions are now: the derived table, what is asked of it, and how it is rebuilt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from django.db import transaction

from habeas.core.decision import Decision, DecisionMove, DecisionState
from habeas.core.decision.decisions import due_us, moved
from habeas.store import models, rows
from habeas.store.accounts import moves_of
from habeas.store.codec import decoded, read


def for_person(decision: Decision) -> bool:
    """Whether it waits for a person: to say yes or no, or to review an emergency."""
    if decision.state is DecisionState.PROPOSED:
        return True
    unconfirmed = decision.state is DecisionState.IN_FORCE and not decision.confirmed
    return unconfirmed and decision.approved_us is None


def to_tell(decision: Decision) -> bool:
    """Whether its customer is to be told; an emergency without waiting for its review."""
    if decision.state is DecisionState.APPROVED:
        return True
    unconfirmed = decision.state is DecisionState.IN_FORCE and not decision.confirmed
    return unconfirmed and decision.noticed_us is None


def now_row(decision: Decision, moves: int) -> rows.Row:
    """In the order of the columns of `DecisionNow`."""
    return (
        decision.id, decision.account, decision.policy, decision.reason.version,
        str(decision.measure), str(decision.state), for_person(decision), to_tell(decision),
        decision.proposed_us, due_us(decision), moves,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ListedDecision:
    """A decision in a list: what it is now, as the derived table says."""

    decision: str
    account: str
    policy: str
    version: int
    measure: str
    state: str
    proposed_us: int
    due_us: int | None


LISTED = (
    "SELECT id, account, policy, version, measure, state, proposed_us, due_us "
    "FROM habeas_decisionnow WHERE "
)
MANY = 1000


AFTER = "AND (proposed_us, id) > (SELECT proposed_us, id FROM habeas_decisionnow WHERE id = %s) "


def waiting(after: str | None = None, limit: int = MANY) -> list[ListedDecision]:
    """What waits for a person, the oldest first; the next ones after an id."""
    later, bound = ("", []) if after is None else (AFTER, [after])
    sql = f"{LISTED} for_person {later}ORDER BY proposed_us, id LIMIT %s"
    return [ListedDecision(*row) for row in rows.select(sql, [*bound, limit])]


def waiting_count() -> int:
    """How many wait for a person."""
    found: int = rows.select("SELECT count(*) FROM habeas_decisionnow WHERE for_person")[0][0]
    return found


def untold(after: str = "", limit: int = MANY) -> list[ListedDecision]:
    """Decisions whose customers are to be told, by id; the next ones after an id."""
    sql = f"{LISTED} to_tell AND id > %s ORDER BY id LIMIT %s"
    return [ListedDecision(*row) for row in rows.select(sql, [after, limit])]


def due(now_us: int, after: tuple[int, str] = (0, ""), limit: int = MANY) -> list[ListedDecision]:
    """What time alone moves by now, the longest due first; the next ones after (due_us, id), since
    a closed brake leaves some where they are."""
    sql = f"{LISTED} due_us <= %s AND (due_us, id) > (%s, %s) ORDER BY due_us, id LIMIT %s"
    return [ListedDecision(*row) for row in rows.select(sql, [now_us, *after, limit])]


def alike(policy: str, version: int) -> int:
    """How many decisions by one version of a policy were neither reversed nor refused."""
    sql = (
        "SELECT count(*) FROM habeas_decisionnow WHERE policy = %s AND version = %s "
        "AND state NOT IN ('reversed', 'refused')"
    )
    ((count,),) = rows.select(sql, [policy, version])
    return int(count)


ENDED = (
    "SELECT DISTINCT n.id, n.account FROM habeas_decisionmove m "
    "JOIN habeas_decisionnow n ON n.id = m.subject "
    "WHERE m.kind IN ('End', 'Lift', 'Reverse', 'Refuse') AND m.time_us >= %s "
    "AND n.state IN ('ended', 'reversed', 'refused') AND n.id > %s AND EXISTS "
    "(SELECT 1 FROM habeas_decisionmove k WHERE k.subject = n.id "
    "AND k.kind IN ('Notify', 'Declare', 'TakeForce')) AND NOT EXISTS "
    "(SELECT 1 FROM habeas_notice t WHERE t.decision = n.id AND t.kind IN ('end', 'apology')) "
    "ORDER BY n.id LIMIT %s"
)


def ended(since_us: int, after: str = "", limit: int = MANY) -> list[tuple[str, str]]:
    """Decisions and accounts whose end or reversal lies no further back, that a customer knew of
    or felt, and of whose end no notice tells yet, by id; the next ones after an id."""
    return [(name, account) for name, account in rows.select(ENDED, [since_us, after, limit])]


SOME = (
    "SELECT t.text FROM habeas_decision r JOIN habeas_leaftext t ON t.leaf = r.leaf "
    "WHERE r.id IN ({names})"
)


def some(names: Sequence[str]) -> Iterator[Decision]:
    """Decisions by their ids, as they are now, a few hundred in memory at a time."""
    for i in range(0, len(names), MANY):
        found = rows.select_in(SOME, names[i : i + MANY])
        born: list[Decision] = [decoded(read(text), Decision) for (text,) in found]
        events = moves_of([decision.id for decision in born])
        yield from (reduce(moved, events[decision.id], decision) for decision in born)


BIRTHS = (
    "SELECT r.leaf, t.text FROM habeas_decision r JOIN habeas_leaftext t ON t.leaf = r.leaf "
    "WHERE r.leaf > %s ORDER BY r.leaf LIMIT %s"
)


def lives() -> Iterator[tuple[Decision, list[DecisionMove]]]:
    """All decisions as they were proposed, the first one first, and the events of each."""
    last = 0
    while found := rows.select(BIRTHS, [last, MANY]):
        last = found[-1][0]
        born: list[Decision] = [decoded(read(text), Decision) for _, text in found]
        events = moves_of([decision.id for decision in born])
        yield from ((decision, events[decision.id]) for decision in born)


def rebuild() -> tuple[int, int]:
    """Make the derived table anew from births and moves: how many decisions there are, and how
    many of its rows were not as they should be."""
    table = rows.name(models.DecisionNow)
    with transaction.atomic():
        listed = ", ".join(rows.columns(models.DecisionNow))
        had = {row[0]: row for row in rows.select(f"SELECT {listed} FROM {table}")}
        made = {b.id: now_row(reduce(moved, events, b), len(events)) for b, events in lives()}
        wrong = [row for name, row in made.items() if had.get(name) != row]
        extra = [(name,) for name in had if name not in made]
        rows.upsert(models.DecisionNow, wrong)
        rows.execute_many(f"DELETE FROM {table} WHERE id = %s", extra)
    return len(made), len(wrong) + len(extra)
