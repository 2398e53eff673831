"""Small waves in files: a population of 4,000 accounts and those of it that were hit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.flows.shop import Answer, run

ACCOUNTS = 4_000
Row = dict[str, Any]


def population(**more: Callable[[int, np.random.Generator], Any]) -> list[Row]:
    """Accounts with a version, a country and what `more` says of each."""
    rng = np.random.default_rng(1)
    return [
        {
            "account": f"a{n}",
            "version": f"v{rng.integers(1, 9)}",
            "country": "FR DE ES".split()[rng.integers(3)],
            **{name: make(n, rng) for name, make in more.items()},
        }
        for n in range(ACCOUNTS)
    ]


def struck(rows: Iterable[Row], count: int, background: int = 40, **where: Any) -> list[Row]:
    """So many accounts that have what `where` says, and some of all."""
    rng, listed = np.random.default_rng(2), list(rows)
    own = [n for n, row in enumerate(listed) if where.items() <= row.items()]
    chosen = {int(n) for n in rng.choice(own, count, replace=False)} if count else set()
    free = [n for n in range(len(listed)) if n not in chosen]
    chosen |= {int(n) for n in rng.choice(free, background, replace=False)}
    return [listed[n] for n in sorted(chosen)]


@dataclass
class Files:
    """The two files in a folder, and `habeas diagnose` on them."""

    root: Path
    everyone: list[Row]
    hit: list[Row] = field(default_factory=list)

    @property
    def hits(self) -> Path:
        return self.root / "hits.parquet"

    @property
    def population(self) -> Path:
        return self.root / "population.parquet"

    def write(self) -> Files:
        pq.write_table(pa.Table.from_pylist(self.hit), self.hits)
        pq.write_table(pa.Table.from_pylist(self.everyone), self.population)
        return self

    def run(self, *words: object) -> Answer:
        files = ("--hits", self.hits.name, "--population", self.population.name)
        return run("diagnose", *files, *words, inside=self.root)


def wave(root: Path, count: int = 120, **where: Any) -> Files:
    """Files of a wave that one version, or what `where` says, explains."""
    rows = population()
    return Files(root, rows, struck(rows, count, **(where or {"version": "v7"}))).write()
