"""Other ways to find what hit accounts share: each reads the same two files, as a process of its
own, and prints its causes and its processor and wall seconds as JSON.

    python -m bench.diagnosis_peers duckdb HITS POPULATION [WEIGHTS]

DuckDB counts what Habeas counts, all sets of up to three attributes, by GROUPING SETS. mlxtend
mines itemsets that hold the item "hit", pysubgroup beams for subgroups. None of them has a
step after the counting, so all get the same simple one: the best by the price and evidence of
core/wave/diagnosis, then the next best that shares no value with it, and so on.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from itertools import combinations
from math import log

import numpy as np
import pyarrow.parquet as pq

from habeas.core.wave.diagnosis import ALPHA, least_hits, price
from tests.core.wave.ratios import HitCount, evidence

Row = tuple[dict[str, str], int, float]  # a pattern, its hits, its part of what is expected


def picked(rows: Iterable[Row], hits: int, sizes: dict[str, int]) -> list[dict[str, str]]:
    """The significant patterns, best first, those left out that share a value with a better."""
    scored = []
    for where, count, mass in rows:
        told = evidence(HitCount(count, mass), HitCount(hits, 1.0))
        scored.append((told - price(len(sizes), (sizes[name] for name in where)), where))
    found: list[dict[str, str]] = []
    for score, where in sorted(scored, key=lambda one: -one[0]):
        if score < -log(ALPHA):
            break
        if not any(where.items() & other.items() for other in found):
            found.append(where)
    return found


def duckdb_sets(hits: str, population: str, weights: str | None) -> list[dict[str, str]]:
    import duckdb

    names = [n for n in pq.ParquetFile(hits).schema_arrow.names if n != "account"]
    sets = [s for size in (1, 2, 3) for s in combinations(names, size)]
    grouping = ", ".join(f"({', '.join(s)})" for s in sets)
    con = duckdb.connect(config={"threads": 2})
    con.execute(
        f"""CREATE TABLE wave AS
        SELECT p.*, (h.account IS NOT NULL)::INT AS hit, {weights or 1}::DOUBLE AS due
        FROM '{population}' p LEFT JOIN '{hits}' h USING (account)"""
    )
    distinct = ", ".join(f"count(DISTINCT {name})" for name in names)
    counts = con.execute(f"SELECT sum(hit), sum(due), {distinct} FROM wave")
    [(total, due, *sizes)] = counts.fetchall()
    rows = con.execute(
        f"""SELECT {", ".join(names)}, sum(hit), sum(due) FROM wave
        GROUP BY GROUPING SETS ({grouping}) HAVING sum(hit) >= {least_hits(int(total))}"""
    ).fetchall()
    told = (
        ({n: v for n, v in zip(names, row, strict=False) if v is not None}, row[-2], row[-1] / due)
        for row in rows
    )
    return picked(told, int(total), dict(zip(names, sizes, strict=True)))


def joined(hits: str, population: str, weights: str | None):  # type: ignore[no-untyped-def]
    """A data frame of the population, whether each account was hit, and what was expected."""
    frame = pq.read_table(population).to_pandas()
    hit = frame["account"].isin(pq.read_table(hits, columns=["account"]).to_pandas()["account"])
    due = frame[weights].to_numpy() if weights else np.ones(len(frame))
    left = [n for n in ("account", weights) if n]
    return frame.drop(columns=left), hit.to_numpy(), due / due.sum()


def counted(frame, hit, due, patterns) -> list[Row]:  # type: ignore[no-untyped-def]
    found = []
    for where in patterns:
        rows = np.ones(len(frame), bool)
        for name, text in where.items():
            rows &= (frame[name] == text).to_numpy()
        found.append((where, int((rows & hit).sum()), float(due[rows].sum())))
    return found


def mlxtend(hits: str, population: str, weights: str | None) -> list[dict[str, str]]:
    import pandas as pd
    from mlxtend.frequent_patterns import fpgrowth

    frame, hit, due = joined(hits, population, weights)
    items = pd.get_dummies(frame, prefix_sep="=", sparse=True)
    items["hit"] = pd.arrays.SparseArray(hit)
    least = least_hits(int(hit.sum())) / len(frame)
    sets = fpgrowth(items, min_support=least, use_colnames=True, max_len=4)["itemsets"]
    patterns = [
        dict(item.split("=", 1) for item in s if item != "hit")
        for s in sets
        if "hit" in s and len(s) > 1
    ]
    sizes = {n: frame[n].nunique() for n in frame.columns}
    return picked(counted(frame, hit, due, patterns), int(hit.sum()), sizes)


def pysubgroup(hits: str, population: str, weights: str | None) -> list[dict[str, str]]:
    import pysubgroup as ps

    frame, hit, due = joined(hits, population, weights)
    frame["hit"] = hit
    task = ps.SubgroupDiscoveryTask(
        frame,
        ps.BinaryTarget("hit", True),
        ps.create_selectors(frame, ignore=["hit"]),
        result_set_size=20,
        depth=3,
        qf=ps.WRAccQF(),
    )
    found = ps.BeamSearch(beam_width=20).execute(task).to_descriptions()
    patterns = [{s.attribute_name: s.attribute_value for s in rule.selectors} for _, rule in found]
    frame = frame.drop(columns="hit")
    sizes = {n: frame[n].nunique() for n in frame.columns}
    return picked(counted(frame, hit, due, patterns), int(hit.sum()), sizes)


WAYS = {"duckdb": duckdb_sets, "mlxtend": mlxtend, "pysubgroup": pysubgroup}


def main() -> None:
    name, hits, population, *weights = sys.argv[1:]
    start = time.perf_counter()
    causes = WAYS[name](hits, population, weights[0] if weights else None)
    wall = time.perf_counter() - start
    print(json.dumps({"causes": causes, "cpu_s": time.process_time(), "wall_s": wall}))


if __name__ == "__main__":
    main()
