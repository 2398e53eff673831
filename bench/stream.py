"""The ten facts by bytewax, a stream processor: keyed streams, and a state for each key."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
import numpy as np
import pyarrow.parquet as pq
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main

from bench.making import DAY
from bench.work import FACTS

Event = tuple[int, dict[str, Any]]  # its place in the log, and what it says
BATCH = 1000  # events handed on at once; one by one costs bytewax three times as much


class Window:
    """One fact of one key: its events of the last `over` microseconds and their total."""

    __slots__ = ("attribute", "kind", "of", "over", "queue", "total", "values")

    def __init__(self, kind: str, attribute: str | None, of: str | None, over: int) -> None:
        self.kind, self.attribute, self.of, self.over = kind, attribute, of, over
        self.queue: deque[tuple[int, Any]] = deque()
        self.values: Counter[Any] = Counter()
        self.total = 0

    def add(self, event: dict[str, Any]) -> int:
        """The fact once `event` has come, its time in microseconds not before the last one's."""
        time, distinct = event["time_us"], self.kind == "distinct"
        value = event[self.attribute] if self.attribute else 1
        if (self.of is None or event["type"] == self.of) and value is not None:
            self.queue.append((time, value))
            if distinct:
                self.values[value] += 1
            else:
                self.total += value
        while self.queue and self.queue[0][0] <= time - self.over:
            _, left = self.queue.popleft()
            if not distinct:
                self.total -= left
            elif self.values[left] == 1:
                del self.values[left]
            else:
                self.values[left] -= 1
        return len(self.values) if distinct else self.total


def _stepper(by: str) -> Any:
    wanted = [fact for fact in FACTS.values() if fact[3] == by]

    def step(state: list[Window] | None, event: Event) -> tuple[list[Window], Any]:
        windows = state or [Window(k, a, of, days * DAY) for k, a, of, _, days in wanted]
        sequence, said = event
        return windows, (sequence, [window.add(said) for window in windows])

    return step


def _read(events: Path) -> Iterator[Event]:
    sequence = 0
    for batch in pq.ParquetFile(events).iter_batches(10_000):
        for row in batch.to_pylist():
            yield sequence, row
            sequence += 1


def streamed(events: Path) -> dict[str, Any]:
    """The columns of the facts by name, NaN where an event lacks the key."""
    flow = Dataflow("facts")
    source = op.input("events", flow, TestingSource(_read(events), BATCH))
    found: dict[str, list[Any]] = {}
    for by in ("account", "device"):
        keyed = op.filter(f"has_{by}", source, lambda e, by=by: e[1][by] is not None)
        stream = op.key_on(f"by_{by}", keyed, lambda e, by=by: e[1][by])
        told = op.key_rm(f"all_{by}", op.stateful_map(f"facts_{by}", stream, _stepper(by)))
        op.output(f"out_{by}", told, TestingSink(found.setdefault(by, [])))
    # nothing is recovered here, so no state needs to be copied at the end of an epoch
    run_main(flow, epoch_interval=timedelta(days=1))
    size = pq.ParquetFile(events).metadata.num_rows
    columns = {name: np.full(size, np.nan) for name in FACTS}
    for by, told in found.items():
        places = [sequence for sequence, _ in told]
        names = [name for name, fact in FACTS.items() if fact[3] == by]
        for name, values in zip(names, zip(*(v for _, v in told), strict=True), strict=True):
            columns[name][places] = values
    return columns
