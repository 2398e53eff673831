"""The times of records: the newest, the server's own clock, and whether commits are dated after
the seal that was there before them.

What gives back is dated after a record that lies ahead of the clock, or before a seal that does,
and says so in its commit (`core/clocks`). That is accepted of what gives back, and of nothing else:
whoever writes it beside a measure is named.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence

from habeas.core.appeal.appeals import Rule
from habeas.core.decision.decisions import End, Lift, Refuse, Reverse
from habeas.store import rows
from habeas.store.changes import RecordedMove
from habeas.store.comparing import AuditedAccount, AuditedPage
from habeas.store.tree import LATE_US

# Each by an index, or of the last seal alone: seals never go back.
NEWEST = (
    "SELECT max(t) FROM (SELECT max(time_us) AS t FROM habeas_commit "
    "UNION ALL SELECT max(time_us) FROM habeas_brakemove "
    "UNION ALL SELECT max(time_us) FROM habeas_reliefmove "
    "UNION ALL SELECT max(time_us) FROM habeas_staffmove "
    "UNION ALL SELECT max(time_us) FROM habeas_applymove "
    "UNION ALL SELECT max(time_us) FROM habeas_messagemove "
    "UNION ALL SELECT max(time_us) FROM habeas_feedmove "
    "UNION ALL SELECT time_us FROM habeas_checkpoint WHERE id = "
    "(SELECT max(id) FROM habeas_checkpoint)) every"
)
SERVER = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
SEALS = (
    "SELECT p.leaf, c.time_us FROM habeas_checkpoint c JOIN habeas_leafplace p "
    "ON p.place = c.size - 1 ORDER BY p.leaf"
)
BACK = (End, Lift, Refuse, Reverse)  # moves of decisions that give back
WITH = frozenset({"settlement", "appeal_move", "appeal", "complaint", "case"})  # and what follows


def newest_us() -> int | None:
    """The time of the newest record; None where there is none yet."""
    ((found,),) = rows.select(NEWEST)
    return None if found is None else int(found)


def server_us() -> int | None:
    """What the clock of the database server says; None where the database is a file."""
    return int(rows.select(SERVER)[0][0]) if rows.is_postgresql() else None


def seals() -> Sequence[tuple[int, int]]:
    """The number of the last leaf of each seal, and when it was made; in order."""
    return rows.select(SEALS)


def dates(one: AuditedAccount, sealed: Sequence[tuple[int, int]], page: AuditedPage) -> None:
    """Commits that are dated before the seal before them, and what was recorded as an exception."""
    found: defaultdict[int, list[tuple[str, object]]] = defaultdict(list)
    for (_, kind, value), place in one.values:
        found[place.version].append((kind, value))
    for made, leaf in one.commits:
        row = f"{one.name}: commit {made.version}"
        if made.clock:
            page.excepted += 1
            if not _gives_back(found[made.version]):
                page.times.append(f"{row} is an exception from the clock, and does not give back")
        elif made.time_us < _sealed_before(sealed, leaf) - LATE_US:
            page.times.append(f"{row} is dated before the seal that was there before it")


def _sealed_before(sealed: Sequence[tuple[int, int]], leaf: int) -> int:
    """When the last seal was made that was there before a leaf; 0 where none was."""
    place = bisect_left(sealed, (leaf, 0))
    return sealed[place - 1][1] if place else 0


def _gives_back(values: Iterable[tuple[str, object]]) -> bool:
    """Whether records of one commit are an appeal, a ruling or an undoing. A ruling may find a
    lesser measure: that is proposed with it, and takes force by a commit of its own."""
    values = [*values]
    ruled = any(isinstance(v, RecordedMove) and isinstance(v.event, Rule) for _, v in values)
    return all(
        kind in WITH
        or (kind == "decision" and ruled)
        or (isinstance(v, RecordedMove) and isinstance(v.event, BACK))
        for kind, v in values
    )
