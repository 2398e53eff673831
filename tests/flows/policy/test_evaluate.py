"""Policies and events in, facts and findings out, against plain loops over the events."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from habeas.core.errors import InvalidInput, InvalidPolicy, NotFound
from habeas.engine.replay import Engine
from habeas.flows.policy.evaluate import write_facts, write_findings
from tests.flows.shop import DAY_US, Shop, busy_shop, event, open_shop, policy, random_history

Row = dict[str, Any]


def read(path: Path) -> list[Row]:
    rows: list[Row] = pq.read_table(path).to_pylist()
    return rows


def facts_of(rows: list[Row], window_us: int) -> list[tuple[int, int]]:
    """By definition: orders ever, and returns in (clock - window, clock], at every event."""
    found = []
    for i, row in enumerate(rows):
        own = [r for r in rows[: i + 1] if r["account"] == row["account"]]
        clock = max(r["time_us"] for r in own)
        orders = sum(r["type"] == "order" for r in own)
        returns = sum(
            r["type"] == "return" and clock - window_us < r["time_us"] <= clock for r in own
        )
        found.append((orders, returns))
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return busy_shop(tmp_path)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_facts_and_truths_are_what_their_definition_says(tmp_path: Path, seed: int) -> None:
    shop = open_shop(tmp_path)
    shop.put(policy("other", when="orders >= 5"), "other.yaml")
    shop.take_all(random_history(seed))
    events, out = shop.rows(), tmp_path / "out.parquet"
    expected = facts_of(events, 30 * DAY_US)
    assert write_facts(shop.policies, shop.events, out) == {"events": 500, "facts": 2}
    assert [(r["event_id"], r["orders"], r["returns"]) for r in read(out)] == [
        (e["id"], *values) for e, values in zip(events, expected, strict=True)
    ]
    told = write_findings(shop.policies, shop.events, out, every=True)
    held = {
        "many-returns": [i for i, (o, r) in enumerate(expected) if r >= 3 and o > 0],
        "other": [i for i, (o, _) in enumerate(expected) if o >= 5],
    }
    found, counts = read(out), cast("dict[str, Row]", told["policies"])
    assert told["rows"] == len(found) == sum(map(len, held.values()))
    for name, rows in held.items():
        own = [r for r in found if r["policy"] == name]
        assert [r["event_id"] for r in own] == [events[i]["id"] for i in rows]
        assert [(r["orders"], r["returns"]) for r in own] == [expected[i] for i in rows]
        accounts = len({events[i]["account"] for i in rows})
        assert counts[name] == {"rows": len(rows), "accounts": accounts}


def test_a_finding_is_made_where_the_condition_becomes_true_and_at_each_step(
    tmp_path: Path,
) -> None:
    shop = open_shop(tmp_path)
    kinds = {0: "order", 60: "login"}
    days = [(day, kinds.get(day, "return")) for day in (0, 1, 2, 3, 4, 18, 60, 61, 62, 63)]
    shop.take_all(event(i, "a", kind, day) for i, (day, kind) in enumerate(days))
    out = tmp_path / "out.parquet"
    write_findings(shop.policies, shop.events, out)
    assert [(r["event_id"], r["step"], r["cause"]) for r in read(out)] == [
        ("3", 1, "became_true"),  # the third return
        ("5", 2, "stayed_true"),  # 14 days later, the next step is due
        ("9", 2, "became_true"),  # false at the login in between
    ]


def test_findings_carry_their_values_and_evidence(shop: Shop) -> None:
    out = shop.root / "out.parquet"
    told = write_findings(shop.policies, shop.events, out)
    assert told == {
        "events": 11,
        "rows": 1,
        "policies": {"many-returns": {"rows": 1, "accounts": 1}},
    }
    (row,) = read(out)
    assert (row["event_id"], row["account"], row["version"]) == ("o4", "often", 1)
    assert (row["orders"], row["returns"]) == (1, 3)
    evidence = {e["fact"]: e["event_ids"] for e in row["evidence"]}
    assert evidence == {"returns": ["o2", "o3", "o4"], "orders": ["o1"]}
    assert row["changes"][0] == [{"fact": "returns", "value": 3, "instead": 2}]


@pytest.mark.parametrize("every", [True, False])
def test_the_first_columns_are_the_contract(shop: Shop, every: bool) -> None:
    out = shop.root / "out.parquet"
    write_findings(shop.policies, shop.events, out, every=every)
    names = pq.read_schema(out).names
    contract = ["event_id", "account", "policy", "version", "time_us", "orders", "returns"]
    assert names[:7] == contract
    assert (names == contract) is every


def test_findings_of_all_policies_stand_in_the_order_of_the_log(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    shop.put(policy("also", when="orders >= 2"), "also.yaml")
    shop.take_all(random_history(4))
    out = tmp_path / "out.parquet"
    write_findings(shop.policies, shop.events, out)
    place = {e["id"]: i for i, e in enumerate(shop.rows())}
    found = [(place[r["event_id"]], r["policy"]) for r in read(out)]
    assert found == sorted(found)
    assert Counter(name for _, name in found).keys() == {"also", "many-returns"}


def test_events_of_no_rows_give_tables_of_no_rows(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    shop.take_all([])
    out = tmp_path / "out.parquet"
    assert write_facts(shop.policies, shop.events, out) == {"events": 0, "facts": 2}
    assert pq.read_table(out).schema.names == ["event_id", "orders", "returns"]
    for every in (True, False):
        assert write_findings(shop.policies, shop.events, out, every=every)["rows"] == 0
        assert pq.read_table(out).num_rows == 0


def test_the_same_inputs_give_the_same_bytes(shop: Shop) -> None:
    outs = [shop.root / f"{i}.parquet" for i in range(2)]
    for out in outs:
        write_findings(shop.policies, shop.events, out)
    assert outs[0].read_bytes() == outs[1].read_bytes()


@pytest.mark.parametrize(("engine", "whole"), [(Engine.PYTHON, 22), (Engine.FAST, 11)])
def test_progress_counts_up_to_the_whole(shop: Shop, engine: Engine, whole: int) -> None:
    told: list[tuple[int, int]] = []
    out = shop.root / "out.parquet"
    write_facts(shop.policies, shop.events, out, progress=lambda *x: told.append(x), engine=engine)
    done, total = told[-1]
    assert done == total == whole
    assert [d for d, _ in told] == sorted(d for d, _ in told)


def test_nothing_is_written_over_the_events(shop: Shop) -> None:
    before = shop.events.read_bytes()
    for write in (write_facts, write_findings):
        with pytest.raises(InvalidInput, match="would be written over"):
            write(shop.policies, shop.events, shop.events)
    assert shop.events.read_bytes() == before


def test_nothing_is_written_where_an_input_cannot_be_used(shop: Shop) -> None:
    out = shop.root / "out.parquet"
    with pytest.raises(NotFound):
        write_findings(shop.policies, shop.root / "none.parquet", out)
    shop.put("policy: [", "broken.yaml")
    with pytest.raises(InvalidPolicy):
        write_facts(shop.policies, shop.events, out)
    assert not out.exists()


def test_a_schema_may_be_named_apart(shop: Shop) -> None:
    other = shop.schema.rename(shop.root / "other.yaml")
    table = pq.read_table(shop.events).replace_schema_metadata(None)
    pq.write_table(pa.table(table), shop.events)
    out = shop.root / "out.parquet"
    with pytest.raises(NotFound, match=r"there is no events.yaml"):
        write_facts(shop.policies, shop.events, out)
    assert write_facts(shop.policies, shop.events, out, other)["facts"] == 2
