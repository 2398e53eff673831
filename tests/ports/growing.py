"""Files of numbered events, and what comes of them when they are followed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from habeas.ports.arrivals import Arrivals, EventIntake
from habeas.ports.feeds import feed
from habeas.ports.tables import events_writer
from tests.core.samples import schema_of

SCHEMA = schema_of()
NOW = 1_523_262_600_000_000  # 2018-04-09T08:30:00Z
Position = dict[str, Any]


def line(number: int) -> bytes:
    record = {"id": f"e{number}", "time": NOW, "account": "a", "type": "order", "rank": number}
    return json.dumps(record).encode() + b"\n"


def lines(*numbers: int) -> bytes:
    return b"".join(line(n) for n in numbers)


def now_us() -> int:
    return NOW


def feeding(source: str | Path, position: Position | None = None, **options: Any) -> Any:
    options = {"follow": False, "poll_s": 0.01} | options
    return feed(source, SCHEMA, position or {}, now_us, **options)


def ids(arrivals: Arrivals | None) -> list[int]:
    assert arrivals is not None
    return arrivals.events.column("rank").to_pylist()  # type: ignore[no-any-return]


def whole(source: str | Path, position: Position | None = None, **options: Any) -> list[int]:
    """The ids of all there is; `position` moves on."""
    found = []
    for arrivals in feeding(source, position, **options):
        found += ids(arrivals)
        if position is not None:
            position.update(json.loads(json.dumps(arrivals.position)))
    return found


def some(source: Iterator[Arrivals | None]) -> list[int]:
    """The ids of what comes next, after however many looks that found nothing."""
    return ids(next(arrivals for arrivals in source if arrivals is not None))


def add(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def parquet(path: Path, numbers: list[int], group: int = 3) -> None:
    events = EventIntake(SCHEMA).lines("in", 1, lines(*numbers), NOW).events
    with events_writer(path, SCHEMA, group) as writer:
        writer.write_table(events)
