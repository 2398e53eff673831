"""The quick SQL of the benchmarks says what the plain SQL of the oracle says, on rough logs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bench.agree import declared
from bench.deltas import Deltas
from bench.making import write_events
from habeas.core.policy import Event
from tests.engine.making import KINDS, WINDOWS, declarations, examples, histories
from tests.engine.oracle import Oracle
from tests.engine.spread import write_log


def within_reach(one: dict[str, Any]) -> bool:
    """Without conditions and currencies, of which the benchmarks have none."""
    return "where" not in one and "amount" not in one.values()


def agrees(path: Path, facts: dict[str, dict[str, Any]]) -> None:
    quick, plain = Deltas(path, threads=1), Oracle(path, {})
    for name, one in facts.items():
        quick.add(name, one)
        assert quick.column(name).to_pylist() == plain.fact(one), one


@examples(60)
@given(
    histories(60),
    st.lists(declarations(KINDS).filter(within_reach), min_size=1, max_size=4),
    st.sampled_from(WINDOWS),
)
def test_on_made_histories(made: list[Event], listed: list[dict[str, Any]], over: str) -> None:
    facts = {f"f{i}": one for i, one in enumerate(listed)}
    # a distinct count in a window, whose spans of one value touch, overlap and lie in one another
    facts["varied"] = {"distinct": "points", "by": "device", "over": over}
    with tempfile.TemporaryDirectory() as folder:
        agrees(write_log(Path(folder) / "log.parquet", made), facts)


def test_on_the_log_of_the_benchmarks(tmp_path: Path) -> None:
    write_events(tmp_path / "log.parquet", 3000, rough=True)
    agrees(tmp_path / "log.parquet", declared())
