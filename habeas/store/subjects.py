"""Records of no account, as `habeas verify` reads them: moves of brakes, feeds, messages and relief
plans, relief plans themselves, and what brakes and feeds know. From leaves to rows, as in
`comparing`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from habeas.core.appeal import ReliefPlan
from habeas.core.brake import BrakeState
from habeas.store import models, rows
from habeas.store.claims import Claims
from habeas.store.codec import decoded, read
from habeas.store.comparing import UNREADABLE
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
NO_ROWS = frozenset({"erasure", "key_rotation"})  # kinds that stand for themselves
GAPS = (
    "SELECT subject FROM {table} GROUP BY subject "
    "HAVING count(*) <> max(number) + 1 OR min(number) <> 0"
)


@dataclass(slots=True)
class AuditedSubjects:
    """What was seen on the way over the leaves: how many rows of each table were compared, and the
    last state of each brake and feed that was recorded."""

    claims: Claims
    seen: dict[rows.Table, int] = field(default_factory=dict)
    states: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)

    def page(self, leaves: Sequence[tuple[int, str, str | None]]) -> Iterator[str]:
        """What is wrong with the rows of some leaves: number, kind, text."""
        moves: defaultdict[str, list[tuple[int, Any]]] = defaultdict(list)
        for number, kind, text in leaves:
            if kind == COMMIT or kind in KINDS:
                if not self.claims.has(number):
                    yield f"leaf {number}: a {kind} of no commit, or its commit is gone"
            elif kind in MOVES or kind in STATES or kind == "relief":
                try:
                    yield from self._take(number, kind, read(text or ""), moves)
                except UNREADABLE as error:
                    yield f"leaf {number}: a {kind} that cannot be read: {error}"
            elif kind not in NO_ROWS:
                yield f"leaf {number}: of the kind '{kind}', which nothing here records"
        for kind, found in moves.items():
            yield from self._moves(kind, found)

    def _take(
        self, number: int, kind: str, plain: Any, moves: Mapping[str, list[tuple[int, Any]]]
    ) -> Iterator[str]:
        if kind in MOVES:
            moves[kind].append((number, plain))
        elif kind in STATES:
            name = (kind, str(plain["name"]))
            if plain["version"] != self.states.get(name, (0, ""))[0] + 1:
                yield f"leaf {number}: a {kind} of '{name[1]}' that is not the next version"
            self.states[name] = plain["version"], plain["sha256"]
        else:
            table, plan = models.Relief, decoded(plain, ReliefPlan)
            self.seen[table] = self.seen.get(table, 0) + 1
            there = rows.select("SELECT leaf FROM habeas_relief WHERE id = %s", [plan.hash])
            if there != [(number,)]:
                yield f"habeas_relief {plan.hash}: is gone, or not as leaf {number} recorded it"

    def _moves(self, kind: str, found: Sequence[tuple[int, Any]]) -> Iterator[str]:
        noun, table = MOVES[kind]
        listed = ", ".join(rows.columns(table))
        sql = f"SELECT {listed} FROM {rows.name(table)} WHERE subject IN ({{names}})"
        there = {row[-1]: row for row in rows.select_in(sql, sorted({p[noun] for _, p in found}))}
        for number, plain in found:
            event = plain["event"]
            name = event.get("type", "Approval")
            row = (plain[noun], plain["number"], name, event["time_us"], number)
            self.seen[table] = self.seen.get(table, 0) + 1
            if there.get(number) != row:
                key = f"{plain[noun]} {plain['number']}"
                yield f"{rows.name(table)} {key}: is gone, or not as leaf {number} recorded it"

    def end(self) -> Iterator[str]:
        """What no leaf asks for, gaps, and states that are not those saved last."""
        tables: list[rows.Table] = [models.Relief, *(table for _, table in MOVES.values())]
        for table in tables:
            name = rows.name(table)
            more = int(rows.select(f"SELECT count(*) FROM {name}")[0][0]) - self.seen.get(table, 0)
            if more:
                yield f"{name}: has {more:,} rows more than what is recorded makes"
            if table is not models.Relief:
                for (subject,) in rows.select(GAPS.format(table=name)):
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
