"""Records of no account, as `habeas verify` reads them: moves of brakes, feeds, messages and relief
plans, relief plans themselves, and what brakes and feeds know. From leaves to rows, as in
`comparing`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from habeas.core.appeal import ReliefPlan
from habeas.core.audit.records import AuditedErasure
from habeas.core.brake import BrakeState
from habeas.store import models, rows
from habeas.store.changes import Message
from habeas.store.claims import Claims
from habeas.store.codec import decoded, read
from habeas.store.comparing import UNREADABLE, messages, messages_moved
from habeas.store.recorded import COMMIT, KINDS

MOVES: Mapping[str, tuple[str, rows.Table]] = {
    "relief_move": ("relief", models.ReliefMove),
    "brake_move": ("brake", models.BrakeMove),
    "feed_move": ("feed", models.FeedMove),
    "message_move": ("message", models.MessageMove),
    "staff_move": ("staff", models.StaffMove),
    "apply_move": ("apply", models.ApplyMove),
}
STATES: Mapping[str, tuple[str, str]] = {
    "brake_state": ("habeas_brake", "policy"),
    "feed_state": ("habeas_feed", "name"),
}
ALONE = frozenset({"relief", "erasure", "key_rotation"})  # kinds of no account and no move
# What is sent again by another channel is no record, and is what was recorded (`outbox.also`).
COPIES = (
    "SELECT count(*) FROM habeas_outbox c JOIN habeas_outbox o "
    "ON o.key = substr(c.key, length(c.channel) + 2) WHERE c.key = c.channel || ' ' || o.key "
    "AND c.payload = o.payload AND c.made_us = o.made_us"
)
GAPS = (
    "SELECT subject FROM {table} GROUP BY subject "
    "HAVING count(*) <> max(number) + 1 OR min(number) <> 0"
)


@dataclass(slots=True)
class AuditedSubjects:
    """What was seen on the way over the leaves: how many rows of each table were compared, those
    of accounts among them, and the last state of each brake and feed that was recorded."""

    claims: Claims
    seen: Counter[rows.Table]
    states: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def page(self, leaves: Sequence[tuple[int, str, str | None]]) -> Iterator[str]:
        """What is wrong with the rows of some leaves: number, kind, text."""
        moves: defaultdict[str, list[rows.Row]] = defaultdict(list)
        for number, kind, text in leaves:
            if kind == COMMIT or kind in KINDS:
                if not self.claims.has(number):
                    yield f"leaf {number}: a {kind} of no commit, or its commit is gone"
            elif kind in MOVES or kind in STATES or kind in ALONE:
                try:
                    yield from self._take(number, kind, read(text or ""), moves)
                except UNREADABLE as error:
                    yield f"leaf {number}: a {kind} that cannot be read: {error}"
            else:
                yield f"leaf {number}: of the kind '{kind}', which nothing here records"
        for kind, found in moves.items():
            yield from self._moves(kind, found)

    def _take(
        self, number: int, kind: str, plain: Any, moves: Mapping[str, list[rows.Row]]
    ) -> Iterator[str]:
        if kind in MOVES:
            event = plain["event"]
            row = plain[MOVES[kind][0]], plain["number"], event.get("type", "Approval")
            moves[kind].append((*row, event["time_us"], number))
        elif kind in STATES:
            name = (kind, str(plain["name"]))
            if plain["version"] != self.states.get(name, (0, ""))[0] + 1:
                yield f"leaf {number}: a {kind} of '{name[1]}' that is not the next version"
            self.states[name] = plain["version"], plain["sha256"]
            sent = decoded(plain.get("messages", []), tuple[Message, ...])
            wanted = {m.key: (m, plain["time_us"]) for m in sent}
            yield from messages(wanted, messages_moved(wanted), self.seen)
        elif kind == "erasure":
            decoded(plain, AuditedErasure)
        elif kind == "relief":
            table, plan = models.Relief, decoded(plain, ReliefPlan)
            self.seen[table] += 1
            sql = "SELECT time_us, leaf FROM habeas_relief WHERE id = %s"
            if rows.select(sql, [plan.hash]) != [(plain["time_us"], number)]:
                yield f"habeas_relief {plan.hash}: is gone, or not as leaf {number} recorded it"

    def _moves(self, kind: str, found: Sequence[rows.Row]) -> Iterator[str]:
        """All of a subject are at hand by number: those of this page alone are read."""
        table = MOVES[kind][1]
        numbers = [row[1] for row in found]
        listed, span = ", ".join(rows.columns(table)), f"{min(numbers)} AND {max(numbers)}"
        sql = (
            f"SELECT {listed} FROM {rows.name(table)} WHERE number BETWEEN {span} "
            "AND subject IN ({names})"
        )
        there = {row[-1]: row for row in rows.select_in(sql, sorted({row[0] for row in found}))}
        self.seen[table] += len(found)
        for row in found:
            if there.get(row[-1]) != row:
                key = f"{rows.name(table)} {row[0]} {row[1]}"
                yield f"{key}: is gone, or not as leaf {row[-1]} recorded it"

    def end(self) -> Iterator[str]:
        """What no leaf asks for, gaps, and states that are not those saved last."""
        moves: list[rows.Table] = [table for _, table in MOVES.values()]
        every: list[rows.Table] = [models.Relief, models.Outbox, *moves]
        for table in every:
            name = rows.name(table)
            more = int(rows.select(f"SELECT count(*) FROM {name}")[0][0]) - self.seen[table]
            more -= int(rows.select(COPIES)[0][0]) if more > 0 and table is models.Outbox else 0
            if more > 0:
                yield f"{name}: has {more:,} rows more than what is recorded makes"
            for (subject,) in rows.select(GAPS.format(table=name)) if table in moves else ():
                yield f"{name} {subject}: its moves have a gap"
        for kind, (name, key) in STATES.items():
            yield from self._states(kind, name, key)
        for policy, closed, state in rows.select("SELECT policy, closed, state FROM habeas_brake"):
            try:
                closing = decoded(read(state), BrakeState).closing
            except UNREADABLE:
                continue  # it is not what was saved last, and named for it
            if bool(closed) != (closing is not None):
                yield f"habeas_brake {policy}: says that it is {'closed' if closed else 'open'}"

    def _states(self, kind: str, table: str, key: str) -> Iterator[str]:
        there = {n: (v, s) for n, v, s in rows.select(f"SELECT {key}, version, state FROM {table}")}
        wanted = {name: last for (of, name), last in self.states.items() if of == kind}
        for name in sorted(wanted.keys() | there.keys()):
            version, state = there.get(name, (0, ""))
            if wanted.get(name) != (version, sha256(state.encode()).hexdigest()):
                yield f"{table} {name}: is gone, or not what was saved last"
