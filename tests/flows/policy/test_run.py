"""Run: sources followed, counted, kept and judged; what it finds is what one replay finds."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from habeas.core.errors import HabeasError, InvalidInput, NotFound, Unwritable
from habeas.engine.live import SNAPSHOT
from habeas.engine.log import Log
from habeas.flows.policy.check import load_schema
from habeas.flows.policy.run import FINDINGS, QUARANTINE, RunReport
from tests.flows.applying import put_in_force
from tests.flows.policy.running import following, found, refused, replayed, rows, text_lines
from tests.flows.shop import (
    Shop,
    busy_shop,
    command,
    event,
    history,
    lines,
    open_shop,
    policy,
    random_history,
)

MANY = random_history(7)
BATCHES_OF_30 = 19  # of 569 lines
ODD = [
    b"garbage\n",
    lines([event("x1", "a", "order", 0, amount="?")]),
    b"\n",
    b'{"id": "\xe9\xff"}\n',
    lines([event("x2", "half \ud800", "login", 1)]),
    lines([event("x3", "\u2028 line", "gift", 1)]),
]


def mixed() -> bytes:
    """Events of which some come again, and lines that are none."""
    told = [lines([one]) for one in MANY]
    again = told[10:60]
    for i, odd in enumerate(ODD * 3):
        told.insert(40 * (i % 7) + i, odd)
    told += again
    told.insert(300, lines([MANY[0] | {"account": "another", "type": "return", "amount": 1}]))
    return b"".join(told)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """A shop that has imported all events, and has them as a file of lines too."""
    shop = open_shop(tmp_path / "shop")
    second = policy("some-returns", when="sent_back >= 2 or orders > 12", over="60d")
    second = second.replace("  returns:", "  sent_back:").replace(", returns]", ", sent_back]")
    shop.put(second, "some.yaml")
    shop.take(shop.write("raw.ndjson", mixed()))
    return shop


def added(report: RunReport) -> bool:
    return report.read == report.new + report.duplicates + report.refused


# Sources


@pytest.mark.parametrize("size", [1, 7, 100, 5000])
def test_what_is_found_and_refused_is_what_import_and_one_replay_have(
    shop: Shop, size: int
) -> None:
    report = following(shop, size=size)
    assert added(report)
    assert (report.read, report.new, report.duplicates, report.refused) == (
        500 + 15 + 50 + 1, 500, 51, 15,
    )  # fmt: skip
    assert (report.log, report.behind, report.findings) == (500, 0, len(found(shop)))
    assert found(shop) == replayed(shop)
    assert len(found(shop)) > 30
    assert rows(shop.root / "log", load_schema(shop.schema)) == [
        {name: row[name] for name in ("id", "time_us", "account", "type")}
        | {name: row[name] for name in sorted(row.keys() - {"id", "time_us", "account", "type"})}
        for row in shop.rows()
    ]
    assert refused(shop) == sorted(shop.refused(), key=lambda one: one["line"])


def test_a_source_that_was_read_gives_nothing_more(shop: Shop) -> None:
    following(shop)
    before = {p.name: p.read_bytes() for p in (shop.root / "log").iterdir()}
    report = following(shop)
    assert (report.read, report.findings, report.batches, report.log) == (0, 0, 0, 500)
    assert {p.name: p.read_bytes() for p in (shop.root / "log").iterdir()} | {
        "mark": before["mark"]
    } == before


def test_a_parquet_file_brings_its_schema(shop: Shop) -> None:
    home = shop.root / "elsewhere"
    shutil.copytree(shop.policies, home / "policies")
    shutil.copy(shop.events, home / "events.parquet")
    report = following(shop, "elsewhere/events.parquet", policies=home / "policies")
    assert (report.read, report.new) == (500, 500)
    assert found(shop) == replayed(shop)
    with pytest.raises(NotFound, match=r"there is no events\.yaml"):
        following(shop, policies=home / "policies", log="other")
    assert not (shop.root / "other").exists()
    following(shop, policies=home / "policies", schema=shop.schema, log="other")
    assert found(shop, "other") == found(shop)


def test_a_folder_is_read_file_by_file(shop: Shop) -> None:
    whole = mixed().splitlines(keepends=True)
    for i in range(3):
        shop.write(f"in/{i}.ndjson", b"".join(whole[200 * i : 200 * i + 200]))
    report = following(shop, "in")
    assert (report.new, report.duplicates, report.refused) == (500, 51, 15)
    assert found(shop) == replayed(shop)
    more = [event("later", "account 3", "return", 300)]
    shop.write("in/3.jsonl", lines(more))
    assert following(shop, "in").new == 1
    shop.take_all([*MANY, *more])
    assert found(shop) == replayed(shop)


def test_standard_input_is_read_to_its_end(shop: Shop) -> None:
    words = command("run", "--events", "-", "--policies", "policies", "--batch", 40, "--json")
    for turn, (new, duplicates) in enumerate([(500, 51), (0, 551)]):
        done = subprocess.run(
            words, cwd=shop.root, input=mixed(), capture_output=True, timeout=60, check=True
        )
        told = json.loads(done.stdout)
        assert (told["new"], told["duplicates"], told["refused"]) == (new, duplicates, 15)
        assert told["behind"] is None
        assert len(refused(shop)) == 15 * (turn + 1)
        assert {r["file"] for r in refused(shop)} == {"-"}
        assert found(shop) == replayed(shop)


def test_a_file_that_grows_is_followed_until_told_to_stop(shop: Shop) -> None:
    whole = mixed()
    path, parts = shop.write("grows.ndjson", b""), [whole[i : i + 9000] for i in
                                                    range(0, len(whole), 9000)]  # fmt: skip
    growing: Iterator[bytes] = iter(parts)
    waits = []

    def tell(report: RunReport) -> None:
        waits.append(report.behind)
        assert added(report)
        part = next(growing, None)
        if part is not None:
            with path.open("ab") as file:
                file.write(part)

    def stopped() -> bool:
        return len(found(shop)) == len(expected) and len(waits) > len(parts)

    expected = replayed(shop)
    report = following(shop, "grows.ndjson", once=False, stopped=stopped, tell=tell, size=100)
    assert found(shop) == expected
    assert report.batches > 3
    assert following(shop, "grows.ndjson").log == 500


@pytest.mark.parametrize("after", [1, 2, 5])
def test_a_run_that_is_stopped_goes_on_where_it_was(shop: Shop, after: int) -> None:
    total, starts = 0, 0
    while True:
        looks = iter(range(after - 1))
        report = following(shop, size=30, stopped=lambda looks=looks: next(looks, None) is None)
        starts += 1
        total += report.findings
        assert report.batches <= after
        if not report.batches:
            break
    assert starts == 1 + -(-BATCHES_OF_30 // after)
    assert total == len(found(shop))
    assert found(shop) == replayed(shop)
    assert len(refused(shop)) == 15


def test_a_stop_before_anything_came(shop: Shop) -> None:
    shop.write("empty.ndjson", b"")
    report = following(shop, "empty.ndjson", once=False, stopped=lambda: True)
    assert (report.read, report.log, report.batches) == (0, 0, 0)
    assert found(shop) == refused(shop) == []
    assert not (shop.root / "log" / SNAPSHOT).exists()


# Policies and logs


def test_the_policies_in_force_judge(shop: Shop) -> None:
    with pytest.raises(NotFound, match="no policy is in force in this working folder"):
        following(shop, policies=None)
    assert not (shop.root / "log").exists()
    plan = shop.run("plan", "--policies", "policies", "--events", "events.parquet", "--json")
    assert put_in_force(shop, plan.json()["hash"]).code == 0
    expected = replayed(shop)
    shop.put(policy(version=2, when="orders > 0"))  # not in force
    shop.schema.unlink()
    following(shop, policies=None)
    assert found(shop) == expected


def test_policies_with_problems_make_no_log(shop: Shop) -> None:
    shop.put(policy(when="orders > colour"))
    with pytest.raises(HabeasError, match="problem"):
        following(shop)
    assert not (shop.root / "log").exists()


def test_a_changed_policy_judges_what_comes_then(shop: Shop) -> None:
    shop.write("first.ndjson", lines(history()))
    following(shop, "first.ndjson")
    before = found(shop)
    shop.put(policy(version=2, when="orders > 0"))
    assert following(shop, "first.ndjson").findings == 0
    shop.write("more.ndjson", lines([event("new", "calm", "login", 400)]))
    following(shop, "more.ndjson")
    assert found(shop)[: len(before)] == before
    (new,) = map(json.loads, found(shop)[len(before) :])
    assert (new["event_id"], new["version"], new["sequence"]) == ("new", 2, 11)


def test_a_log_goes_on_in_another_place(shop: Shop) -> None:
    looks = iter([False, False])
    following(shop, size=60, stopped=lambda: next(looks, True))
    (shop.root / "log").rename(shop.root / "moved")
    following(shop, log="moved")
    assert found(shop, "moved") == replayed(shop)


def test_one_log_takes_several_sources(shop: Shop) -> None:
    whole = mixed().splitlines(keepends=True)
    for i in range(3):
        shop.write(f"{i}.ndjson", b"".join(whole[200 * i : 200 * i + 200]))
        assert following(shop, f"{i}.ndjson").batches
    assert following(shop, "0.ndjson").batches == 0
    assert found(shop) == replayed(shop)


def test_two_runs_on_one_log_are_refused(shop: Shop) -> None:
    held = Log(shop.root / "log", load_schema(shop.schema))
    with pytest.raises(Unwritable, match="another process writes the log"):
        following(shop)
    held.close()
    assert following(shop).new == 500


@pytest.mark.parametrize("name", [FINDINGS, QUARANTINE])
def test_a_file_that_lost_what_was_acknowledged_is_refused(shop: Shop, name: str) -> None:
    following(shop)
    path = shop.root / "log" / name
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(InvalidInput, match=r"has [0-9,]+ bytes, and [0-9,]+ were written"):
        following(shop)
    path.write_bytes(whole + b"torn by a crash")
    following(shop)
    assert path.read_bytes() == whole


def test_a_schema_that_grew_is_taken_into_the_log(shop: Shop) -> None:
    following(shop)
    text = shop.schema.read_text(encoding="utf-8").replace("  login:  {attributes: [device,",
        "  login:  {attributes: [browser, device,").replace("attributes:\n",
        "attributes:\n  browser: {type: text}\n", 1)  # fmt: skip
    shop.schema.write_text(text, encoding="utf-8")
    before = found(shop)
    shop.write("more.ndjson", lines([event("new", "account 1", "login", 1, browser="owl")]))
    assert following(shop, "more.ndjson").log == 501
    told = rows(shop.root / "log", load_schema(shop.schema))
    assert [row["browser"] for row in told] == [None] * 500 + ["owl"]
    assert found(shop)[: len(before)] == before


# The report


def test_the_report_as_json(shop: Shop) -> None:
    told: dict[str, Any] = following(shop).as_json()
    assert list(told) == [
        *("log", "read", "new", "duplicates", "refused", "findings", "batches", "behind"),
        *("seconds", "per_second", "batch_ms"),
    ]
    assert told["batches"] == -(-569 // 7)
    assert 0 < told["batch_ms"]["p50"] <= told["batch_ms"]["p99"] <= told["batch_ms"]["max"]
    assert told["per_second"] > 0
    assert json.loads(json.dumps(told)) == told
    assert RunReport().as_json()["batch_ms"] == {"p50": 0.0, "p99": 0.0, "max": 0.0}


def test_lines_of_findings_are_split_at_line_feeds_alone(shop: Shop) -> None:
    """Accounts may have other characters that some take for the end of a line."""
    odd = "a\u2028b\x85c\x0bd"
    records = [event(i, odd, "return" if i else "order", i) for i in range(5)]
    shop.take_all(records)
    following(shop)
    assert found(shop) == replayed(shop)
    assert {json.loads(line)["account"] for line in found(shop)} == {odd}
    assert text_lines(shop.root / "log" / FINDINGS)


def test_a_busy_shop_finds_what_its_plan_finds(tmp_path: Path) -> None:
    shop = busy_shop(tmp_path)
    following(shop, shop.events)
    assert shop.run(*"findings --policies policies --events events.parquet --out f.parquet".split())
    columns = pq.read_table(shop.root / "f.parquet").to_pylist()
    live = [json.loads(line) for line in found(shop)]
    assert [(f["event_id"], f["policy"], f["step"], f["cause"]) for f in live] == [
        (f["event_id"], f["policy"], f["step"], f["cause"]) for f in columns
    ]
    assert len(live) == 1
