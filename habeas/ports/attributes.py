"""Attributes of accounts as an events file knows them: what their last event before a time says."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from habeas.core.policy import Fact
from habeas.ports.tables import open_parquet

AccountMoment = tuple[str, int]  # an account, and microseconds UTC


def last_known(
    path: Path, wanted: Mapping[str, AccountMoment], facts: Mapping[str, Fact]
) -> dict[str, dict[str, str]]:
    """By the same key as `wanted`, what each fact by `last` is at that moment. What the file does
    not tell is left out, and so is a fact whose attribute it lacks. Raises NotFound and
    InvalidInput for a file that cannot be read."""
    source = open_parquet(path, "the events file")
    there = {n: f for n, f in facts.items() if f.value in source.schema_arrow.names}
    columns = sorted({str(f.value) for f in there.values()})
    accounts = pa.array(sorted({account for account, _ in wanted.values()}), pa.string())
    seen: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for batch in source.iter_batches(columns=["account", "time_us", "type", *columns]):
        own = batch.filter(pc.is_in(batch.column("account").cast(pa.string()), accounts))
        for row in own.to_pylist():
            for name, fact in there.items():
                value = row[fact.value]
                if value is not None and (not fact.of or row["type"] in fact.of):
                    seen[row["account"], name].append((row["time_us"], str(value)))
    for values in seen.values():
        values.sort(key=lambda pair: pair[0])  # stable: of one instant the last in the log
    found: dict[str, dict[str, str]] = {}
    for key, (account, time_us) in wanted.items():
        found[key] = {}
        for name in there:
            values = seen.get((account, name), [])
            if before := bisect_right(values, time_us, key=lambda pair: pair[0]):
                found[key][name] = values[before - 1][1]
    return found
