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
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.testing import TestingSource, run_main

from bench.making import DAY
from bench.work import FACTS

Event = tuple[int, dict[str, Any]]  # its place in the log, and what it says
BATCH = 1000  # events handed on at once; one by one costs bytewax more


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


class Places(StatelessSinkPartition[Any]):
    """Puts the facts of one key where they belong in the order of the log."""

    def __init__(self, columns: list[Any]) -> None:
        self.columns = columns

    def write_batch(self, items: list[Any]) -> None:
        for _, (sequence, values) in items:
            for column, value in zip(self.columns, values, strict=True):
                column[sequence] = value


class Sink(DynamicSink[Any]):
    def __init__(self, columns: list[Any]) -> None:
        self.columns = columns

    def build(self, step_id: str, worker_index: int, worker_count: int) -> Places:  # noqa: ARG002
        return Places(self.columns)


def streamed(events: Path) -> dict[str, Any]:
    """The columns of the facts by name, NaN where an event lacks the key."""
    size = pq.ParquetFile(events).metadata.num_rows
    columns = {name: np.full(size, np.nan) for name in FACTS}
    flow = Dataflow("facts")
    source = op.input("events", flow, TestingSource(_read(events), BATCH))
    for by in ("account", "device"):
        keyed = op.filter(f"has_{by}", source, lambda e, by=by: e[1][by] is not None)
        stream = op.key_on(f"by_{by}", keyed, lambda e, by=by: e[1][by])
        told = op.stateful_map(f"facts_{by}", stream, _stepper(by))
        own = [columns[name] for name, fact in FACTS.items() if fact[3] == by]
        op.output(f"out_{by}", told, Sink(own))
    # nothing is recovered here, so no state needs to be copied at the end of an epoch
    run_main(flow, epoch_interval=timedelta(days=1))
    return columns
