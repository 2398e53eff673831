"""`habeas run` killed, stopped and interrupted at random: its findings are those of one replay."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from habeas.engine.live import SNAPSHOT
from habeas.engine.snapshots import read_meta
from habeas.flows.policy.check import load_schema
from tests.faults.killing import Started, Starter
from tests.flows.policy.running import following, found, refused, replayed, rows
from tests.flows.shop import (
    Shop,
    command,
    event,
    history,
    lines,
    open_shop,
    policy,
    random_history,
    run_apart,
)

EVENTS, KILLS = 40_000, 50
SLOWLY = EVENTS // 2  # from there one by one: no machine is so fast that it ends before the kills


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """Two policies, one over a device; events of which some come again, and lines that are none."""
    shop = open_shop(tmp_path / "shop")
    shop.put(policy(when="returns >= 3 and orders > 0", over="2d"))
    second = policy("shared", when="sharing >= 3 or spent > 70000", over="2d")
    second = second.replace(
        "facts:\n",
        "facts:\n  sharing: {distinct: account, by: device, over: 3d}\n"
        "  spent: {sum: amount, of: order, over: 10d}\n",
    )
    shop.put(second.replace("disclose: [", "disclose: [spent, "), "shared.yaml")
    dice = random.Random(11)  # noqa: S311 - it only makes examples
    told: list[bytes] = []
    for one in random_history(5, accounts=600, events=EVENTS):
        if one["type"] == "login":
            one["device"] = f"d{dice.randrange(300)}"
        one["time"] = one["time"] // 20 + 10**15
        told.append(lines([one]))
        if dice.random() < 0.02:
            told.append(dice.choice(told))
        if dice.random() < 0.01:
            told.append(b"no event\n")
    shop.write("raw.ndjson", b"".join(told))
    return shop


def log_bytes(home: Path) -> int:
    return sum(p.stat().st_size for p in (home / "log").glob("*.log"))


def batches_after(started: Started, home: Path, count: int, before: int) -> None:
    """Wait until the log has grown so many times, or the process has ended."""
    size = before
    for _ in range(count):
        while (now := log_bytes(home)) == size:
            if started.ended():
                return
            time.sleep(0.0005)
        size = now


@pytest.mark.lives
def test_killed_fifty_times_it_finds_what_one_replay_finds(starter: Starter, shop: Shop) -> None:
    dice = random.Random(23)  # noqa: S311 - it only makes examples
    ends: Counter[int] = Counter()
    snapshots: set[int] = set()
    while ends[-signal.SIGKILL] < KILLS:
        batch = dice.choice([1, 20, 80, 150, 200])
        if max(snapshots, default=0) > SLOWLY:
            batch = 1
        words: list[object] = ["run", "--events", "raw.ndjson", "--policies", "policies", "--once"]
        words += ["--batch", batch]
        before = log_bytes(shop.root) if (shop.root / "log").exists() else 0
        started = starter.start(words, shop.root)
        if dice.random() < 0.15:  # in the start
            time.sleep(dice.random() * 0.1)
        else:
            batches_after(started, shop.root, dice.randrange(1, 5), before)
            time.sleep(dice.random() * 0.02)
        if dice.random() < 0.3:  # it writes a snapshot, unless it is killed over that
            started.send(signal.SIGTERM)
            time.sleep(dice.choice([0, 0.02, 1]) * dice.random())
        if dice.random() < 0.9:
            started.send(signal.SIGKILL)
        else:
            started.send(signal.SIGTERM)
        ends[started.wait()] += 1
        meta = read_meta(shop.root / "log" / SNAPSHOT)
        snapshots.add(meta["sequence"] if meta else 0)
    # SIGTERM ends a command as it ends any, until that has begun to listen for it
    assert ends.keys() - {-signal.SIGTERM} == {0, -signal.SIGKILL}
    assert len(snapshots) > 3
    events = rows(shop.root / "log", load_schema(shop.schema))
    assert 0 < len(events) < EVENTS  # the last kill was in the middle still
    same_in_the_end(starter, shop)


def same_in_the_end(starter: Starter, shop: Shop) -> None:
    """A last run to the end; then events, findings and quarantine are those of one process."""
    words = ["run", "--events", "raw.ndjson", "--policies", "policies", "--once", "--json"]
    code, said = starter.run(words, shop.root)
    assert code == 0, said
    shop.take(shop.root / "raw.ndjson")
    assert json.loads(said)["log"] == len(shop.rows()) == EVENTS
    assert [row["id"] for row in rows(shop.root / "log", load_schema(shop.schema))] == [
        row["id"] for row in shop.rows()
    ]
    expected = replayed(shop)
    assert len(expected) > 300
    assert found(shop) == expected
    told = [(r["line"], r["reason"]) for r in refused(shop)]
    assert told == sorted((r["line"], r["reason"]) for r in shop.refused())
    assert len(told) > 100


# Signals, to a command that anyone might start


def run_of(shop: Shop, *more: str) -> subprocess.Popen[str]:
    words = command("run", "--events", "raw.ndjson", "--policies", "policies", "--json", *more)
    return subprocess.Popen(
        words, cwd=shop.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        # a shell that runs the tests in the background has its children ignore Ctrl-C
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


def wait_for(process: subprocess.Popen[str], path: Path) -> None:
    while process.poll() is None and not (path.exists() and path.stat().st_size):
        time.sleep(0.005)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_run_cleanly_and_the_next_goes_on(
    shop: Shop, number: signal.Signals
) -> None:
    process = run_of(shop, "--batch", "50")
    wait_for(process, shop.root / "log" / "findings.ndjson")
    process.send_signal(number)
    said, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (0, "")
    first = json.loads(said)
    assert 0 < first["log"] < EVENTS
    assert first["findings"] == len(found(shop))
    meta = read_meta(shop.root / "log" / SNAPSHOT)
    assert meta is not None
    assert meta["sequence"] == first["log"]
    second = following(shop, size=5000)
    assert (second.new, second.log) == (EVENTS - first["log"], EVENTS)
    shop.take(shop.root / "raw.ndjson")
    assert found(shop) == replayed(shop)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_a_run_that_waits(shop: Shop, number: signal.Signals) -> None:
    shop.write("raw.ndjson", lines(history()))
    process = run_of(shop)
    wait_for(process, shop.root / "log" / "mark")
    process.send_signal(number)
    said, complaints = process.communicate(timeout=60)
    assert (process.returncode, complaints) == (0, "")
    assert json.loads(said)["log"] == len(history())


def test_a_second_run_on_the_same_log_is_refused(shop: Shop) -> None:
    process = run_of(shop)
    wait_for(process, shop.root / "log" / "mark")
    answer = run_apart("run", "--events", "raw.ndjson", "--policies", "policies", inside=shop.root)
    assert answer.code == 7
    assert "another process writes the log 'log'" in answer.err
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    process.communicate()


# A sum that outgrows 64 bits


def overflowing(shop: Shop, records: Sequence[dict[str, Any]]) -> None:
    shop.put(
        policy("shared", when="spent > 0", over="2d")
        .replace("facts:\n", "facts:\n  spent: {sum: amount, of: order}\n")
        .replace("disclose: [", "disclose: [spent, "),
        "shared.yaml",
    )
    shop.write("raw.ndjson", lines(records))


def test_a_sum_that_outgrows_64_bits_is_named_and_named_again(shop: Shop) -> None:
    overflowing(shop, [event(i, "ada", "order", i, amount=2**62) for i in range(3)])
    words = ["run", "--events", "raw.ndjson", "--policies", "policies", "--once", "--batch", 1]
    for _ in range(2):
        answer = run_apart(*words, inside=shop.root)
        assert (answer.code, answer.out) == (8, "")
        assert "`spent` of account 'ada' outgrew 64 bits at event '1'" in answer.err
        assert len(found(shop)) == 1
    shop.put(policy("shared", when="orders > 1", over="2d"), "shared.yaml")
    answer = run_apart(*words, inside=shop.root)
    assert (answer.code, answer.err) == (0, "")
    assert [json.loads(line)["event_id"] for line in found(shop)] == ["0", "1"]
