"""Made-up event logs for the benchmarks: seeded, so that everyone measures the same events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from habeas.core.policy import Schema
from habeas.core.policy.schema import read_schema
from habeas.core.policy.yaml import read_document
from habeas.engine.arrow import events_schema
from habeas.engine.columns import Array
from habeas.ports.tables import events_writer

DAY = 86_400_000_000
SPAN = 400 * DAY
START = 1_600_000_000_000_000
TYPES = ("order", "return", "login", "contact")
SHARES = (0.45, 0.15, 0.3, 0.1)
LATE = 0.02  # share of events that come up to two hours late
HOT = 0.1  # share of events from one device
SLICE = 1_000_000  # events made at once
SCHEMA = """
currencies: [EUR]
attributes:
  amount:  {type: money, currency: EUR}
  device:  {type: text, key: true}
  product: {type: text}
types:
  order:   {attributes: [amount, device, product]}
  return:  {attributes: [amount, device, product]}
  login:   {attributes: [device]}
  contact: {attributes: [device]}
"""


def schema() -> Schema:
    return read_schema(read_document(SCHEMA, "events.yaml"))


def write_events(
    path: Path, size: int, rough: bool, after: int = 0, hot: float = HOT, seed: int = 1
) -> None:
    """`size` events of size/50 accounts (zipf) over 400 days, a share of them from one hot device;
    or, `after` so many events, further ones of the same accounts.

    With `rough`, times are whole seconds, so many are tied, and some events come late; without,
    every event has a later time than the one before, as SQL's RANGE windows need it to give our
    answer. The file is written slice by slice, in log order; a slice is a span of time."""
    whole = after or size
    accounts = max(100, whole // 50)
    weights = 1.0 / np.arange(1, accounts + 1) ** 0.6
    weights /= weights.sum()
    with events_writer(path, schema()) as writer:
        for first in range(after, after + size, SLICE):
            count = min(SLICE, after + size - first)
            rng = np.random.default_rng([seed, first])
            begin = START + SPAN * first // whole
            span = SPAN * count // whole
            writer.write_table(_slice(rng, first, count, begin, span, weights, rough, hot))


def _slice(
    rng: np.random.Generator, first: int, count: int, begin: int, span: int,
    weights: Array, rough: bool, hot: float,
) -> pa.Table:  # fmt: skip
    arrival = np.sort(rng.integers(0, span, count)) + begin
    if rough:
        late = rng.random(count) < LATE
        delay = np.where(late, rng.integers(0, 7200, count) * 1_000_000, 0)
        time = arrival // 1_000_000 * 1_000_000 - delay
    else:
        time = np.maximum.accumulate(arrival - np.arange(count)) + np.arange(count)
    account = np.searchsorted(np.cumsum(weights), rng.random(count)).clip(0, len(weights) - 1)
    kind = rng.choice(len(TYPES), count, p=SHARES)
    money = kind < 2
    device = account // 2
    device = np.where(rng.random(count) < hot, len(weights), device)
    lacking = rng.random(count) < 0.05
    amount = rng.integers(100, 20_000, count)
    product = rng.integers(0, 5000, count)
    return pa.table(
        {
            "id": _named("e", np.arange(first, first + count)),
            "time_us": pa.array(time, pa.int64()),
            "account": _named("a", account),
            "type": pa.array(np.array(TYPES, dtype=object)[kind], pa.string()),
            "amount": pa.array(amount, pa.int64(), mask=~money),
            "device": _named("d", device, lacking),
            "product": _named("p", product, ~money),
        },
        schema=events_schema(schema()),
    )


def _named(prefix: str, numbers: Array, missing: Array | None = None) -> pa.Array:
    codes = pa.array(numbers, pa.int64(), mask=missing).cast(pa.string())
    return pc.binary_join_element_wise(prefix, codes, "")
