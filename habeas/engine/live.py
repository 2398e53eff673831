"""Live: policies judged on a log while it grows, batch by batch.

The same kernel as in replay, fed in log order; what it remembers goes into a snapshot. Findings
follow from the log alone, so a batch that was written but not judged before a crash is judged again
with the same result (laws 8 and 10).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from habeas.core.canon import digest
from habeas.core.errors import Unwritable
from habeas.core.policy import Fact, Finding, Policy
from habeas.core.progress import Progress, silent
from habeas.engine.arrow import events_of, log_schema
from habeas.engine.columns import Array, Events
from habeas.engine.conditions import compiled
from habeas.engine.evidence import Behind
from habeas.engine.judgement import Dresser, Edge, Judged, columns_of, edges_of, in_log_order
from habeas.engine.kernel import Climb, Kernel
from habeas.engine.log import Log
from habeas.engine.logged import Reader
from habeas.engine.replay import Facts
from habeas.engine.seen import SeenIds
from habeas.engine.segments import FrameKind
from habeas.engine.snapshots import read_meta, read_snapshot, write_snapshot

SNAPSHOT = "snapshot"
REPLAYED = 1 << 17  # events taken together when a log is read again
FEWEST_BETWEEN = 1_000_000  # events between two snapshots, at least


def in_force_since(log: Reader, policies: Iterable[Policy]) -> dict[str, int]:
    """From which sequence on each policy judges, by its name, as far as the log says so: the
    first of the latest unbroken run of sets with this outcome in them."""
    since: dict[str, int] = {}
    for _, told in log.metas(FrameKind.POLICIES):
        for policy in policies:
            if told["policies"].get(policy.name) != policy.outcome:
                since.pop(policy.name, None)
            else:
                since.setdefault(policy.name, told["from"])
    return since


class Live:
    """Policies, the log they judge, and all that is remembered of it."""

    def __init__(self, log: Log, policies: Sequence[Policy]) -> None:
        self.log, self.policies = log, policies
        self.kernel = Kernel(fact for policy in policies for fact in policy.facts.values())
        self.programs = {p.name: compiled(p.condition, log.texts) for p in policies}
        self.dressers = {p.name: Dresser(p, log.texts) for p in policies}
        self.climbs = {policy.name: Climb(policy.ladder) for policy in policies}
        self.seen = SeenIds(log.ids)
        self.position: dict[str, Any] = {}  # of the sources, behind the last event
        self.quarantined = 0  # bytes of the quarantine that belong to the events of the log
        self.taken = 0  # events that the kernel has been fed
        self.snapped = 0  # of them, those in the newest snapshot
        self.since: dict[str, int] = {}

    def start(self, told: Progress = silent) -> list[Finding]:
        """Read the snapshot, then the rest of the log. Returns the findings of what was written
        but not acknowledged. From there on these policies are in force."""
        self._declare()
        self._restore()
        found: list[Finding] = []
        none = events_of(log_schema(self.log.schema).empty_table(), self.log.schema, self.log.texts)
        self._judge(none, self.taken, self.taken)  # compiled code is loaded before an event waits
        for first, table in self.log.tables(self.taken, REPLAYED):
            self.seen.add(table.column("id").combine_chunks())
            events = events_of(table, self.log.schema, self.log.texts)
            found += self._judge(events, first, self.log.mark.sequence)
            told(self.taken, len(self.log))
        for _, meta in self.log.metas(FrameKind.EVENTS, self.snapped):
            self._note(meta)
        return found

    def _declare(self) -> None:
        """Write into the log which policies judge from the mark on, where that has changed: what a
        crash left behind it is judged by no other."""
        now = {policy.name: policy.outcome for policy in self.policies}
        before = [told["policies"] for _, told in self.log.metas(FrameKind.POLICIES)]
        if not before or before[-1] != now:
            self.log.append_policies({"policies": now, "from": self.log.mark.sequence})
        self.since = in_force_since(self.log, self.policies)

    def _note(self, meta: Mapping[str, Any]) -> None:
        self.position |= meta["position"]
        self.quarantined = meta["quarantine"]

    def take(self, table: Any, meta: Mapping[str, Any]) -> tuple[int, list[Finding]]:
        """Write new events into the log, durable, with where their sources stand; then judge
        them. Events whose id the log has are left out. Returns how many were new, and what they
        led to. Raises Unwritable, Overflowed."""
        fresh = self.seen.add(table.column("id").combine_chunks())
        if not fresh.all():
            table = table.filter(fresh)
        first = len(self.log)
        # after a crash from here on they are judged again, if the disk has them already
        with self.log.appending(table, meta) as events:
            self._note(meta)
            return len(events), self._judge(events, first, first)

    def _judge(self, events: Events, first: int, wanted: int) -> list[Finding]:
        """Feed events, the first with sequence `first`; dress the findings from `wanted` on."""
        facts, clocks = self.kernel.feed(events)
        self.taken = first + len(events)
        found = []
        for policy in self.policies:
            start = max(0, self.since.get(policy.name, self.taken) - first)
            if start >= len(events):
                continue
            rows = slice(start, len(events))
            held = self.programs[policy.name](columns_of(policy, facts)).take(rows)
            made, steps, causes = self.climbs[policy.name].feed(
                events.part(rows) if start else events, held, clocks["account"][rows]
            )
            new = first + start + made >= wanted
            edges = edges_of(start + made[new], steps[new], causes[new])
            if edges:
                found += self._dressed(policy, edges, events, first, facts, clocks)
        return in_log_order(found)

    def _dressed(
        self, policy: Policy, edges: list[Edge], events: Events, first: int, facts: Facts,
        clocks: Mapping[str, Array],
    ) -> list[Finding]:  # fmt: skip
        rows = np.array([edge.row for edge in edges])
        columns = {name: column.take(rows) for name, column in columns_of(policy, facts).items()}
        judged = Judged(policy, edges, columns, rows[:0])
        behind: Behind = {
            name: self._behind(policy.meanings[name], events, first, rows, clocks)
            for name in policy.used
        }
        return self.dressers[policy.name].dressed(judged, events, behind, first)

    def _behind(
        self, meaning: Fact, events: Events, first: int, rows: Array, clocks: Mapping[str, Array]
    ) -> list[tuple[str, ...]]:
        keys, clock = events.key(meaning.by), clocks[meaning.by]
        group, found = self.kernel.group_of(meaning), []
        for row in rows.tolist():
            own = group.behind(meaning, int(keys[row]), first + row, int(clock[row]))
            found.append(tuple(self.log.ids(own)))
        return found

    # Snapshots

    def snapshot_due(self) -> bool:
        """Whether enough has come since the last that writing another costs little an event."""
        return self.taken - self.snapped >= max(FEWEST_BETWEEN, self.taken // 2)

    def snapshot(self) -> None:
        """Write all that is remembered. Raises Unwritable; the log stays enough to start from."""
        arrays = {f"kernel.{name}": a for name, a in self.kernel.saved().items()}
        arrays |= {f"seen.{name}": a for name, a in self.seen.saved().items()}
        for policy in self.policies:
            own = self.climbs[policy.name].saved()
            arrays |= {f"climb.{policy.name}.{name}": a for name, a in own.items()}
        meta = {
            "sequence": self.taken,
            "facts": self._facts(),
            "policies": {policy.name: policy.outcome for policy in self.policies},
            "position": self.position,
            "quarantine": self.quarantined,
        }
        path = self.log.folder / SNAPSHOT
        try:
            write_snapshot(path, meta, arrays)
        except OSError as error:
            raise Unwritable(
                f"the snapshot '{path}' cannot be written: {error.strerror or error}",
                "check that you may write there, and the free space; nothing is lost without it",
            ) from None
        self.snapped = self.taken

    def _facts(self) -> str:
        """What the kernel's arrays mean: the facts in their order."""
        return digest([[g.key, [f.definition() for f in g.facts]] for g in self.kernel.groups])

    def _restore(self) -> None:
        """Take the snapshot, where it is whole and of these facts, and its end is acknowledged.
        Otherwise everything is read from the log again."""
        path = self.log.folder / SNAPSHOT
        meta = read_meta(path)
        if meta is None or meta["facts"] != self._facts():
            return
        snapped = meta["sequence"]
        known = meta["policies"]
        late = [p for p in self.policies if self.since.get(p.name, snapped) < snapped]
        if snapped > self.log.mark.sequence or any(known.get(p.name) != p.outcome for p in late):
            return
        arrays = read_snapshot(path)
        if arrays is None:
            return
        self.kernel.restore(_under("kernel.", arrays))
        self.seen.restore(_under("seen.", arrays))
        for policy in late:
            self.climbs[policy.name].restore(_under(f"climb.{policy.name}.", arrays))
        self.taken = self.snapped = snapped
        self._note(meta)


def _under(prefix: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}
