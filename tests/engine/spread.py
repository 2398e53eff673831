"""Logs for Spark: many made histories in one, so that one run covers hundreds of examples."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from habeas.core.errors import Unavailable
from habeas.core.policy import Event
from habeas.engine.cluster import check_needs
from habeas.ports.tables import events_table, events_writer
from tests.engine.making import SCHEMA, histories

MASTER = "local-cluster[2,1,1024]"
MAIN = "from habeas.cli import main; main()"
NEEDED = "HABEAS_SPARK_NEEDED"  # set it, as .ci/run does, where these tests must not be skipped
QUICK = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # for Java machines that live a minute
GROUP = 500  # rows of one row group, so that a file has several and is read in splits
SHARED = 9  # one history in so many shares its keys with others: hot keys, and late events
Made = TypeVar("Made")


def java_is_there() -> None:
    """Skips, and says why, where Spark cannot run."""
    try:
        check_needs(MASTER)
    except Unavailable as error:
        if os.environ.get(NEEDED):
            raise
        pytest.skip(f"Spark cannot run here: {error.message}")


def drawn(strategy: st.SearchStrategy[Made], count: int, number: int) -> list[Made]:
    """`count` examples, the same in every run."""
    found: list[Made] = []

    @seed(number)
    @settings(
        max_examples=count, phases=[Phase.generate], database=None, deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(strategy)
    def draw(one: Made) -> None:
        found.append(one)

    draw()
    return found


def joined(count: int, number: int, most: int = 25) -> list[Event]:
    """Histories, one after the other, most of them with keys of their own."""
    made: list[Event] = []
    for i, history in enumerate(drawn(histories(most), count, number)):
        before = "" if i % SHARED == 0 else f"{i}-"
        first = len(made)
        made += [_moved(e, before, first + j) for j, e in enumerate(history)]
    return made


def _moved(one: Event, before: str, row: int) -> Event:
    attributes: dict[str, Any] = dict(one.attributes)
    for key in ("device", "card"):
        if key in attributes:
            attributes[key] = before + attributes[key]
    return replace(one, id=f"e{row}", account=before + one.account, attributes=attributes)


def write_log(path: Path, made: list[Event]) -> Path:
    with events_writer(path, SCHEMA, GROUP) as writer:
        writer.write_table(events_table(made, SCHEMA))
    return path


def write_stream(folder: Path, made: list[Event], first: int, sizes: list[int]) -> int:
    """The log from `first` on, a file for each of `sizes`, in an order that Spark takes from their
    times; within a file the rows lie in any order. Returns where the next file begins."""
    folder.mkdir(exist_ok=True)
    whole = events_table(made, SCHEMA)
    whole = whole.append_column("sequence", pa.array(range(len(made)), pa.int64()))
    for size in sizes:
        table = whole.slice(first, size)
        path = folder / f"{first}.parquet"
        pq.write_table(table.take(list(reversed(range(len(table))))), path)
        os.utime(path, (1_700_000_000 + first, 1_700_000_000 + first))
        first += size
    return first


@contextmanager
def quickly() -> Iterator[None]:
    """Java machines that start quickly, while the tests run."""
    before = os.environ.get("JDK_JAVA_OPTIONS")
    os.environ["JDK_JAVA_OPTIONS"] = QUICK
    yield
    if before is None:
        del os.environ["JDK_JAVA_OPTIONS"]
    else:
        os.environ["JDK_JAVA_OPTIONS"] = before
