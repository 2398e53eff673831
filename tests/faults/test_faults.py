"""What a crash, a full disk or a rival leaves behind, and what running again makes of it.

| broken step                    | what is persisted                  | recovery             |
|--------------------------------|------------------------------------|----------------------|
| import, before the quarantine  | `.part` files; the old outputs     | the same import      |
| import, before the events      | the new quarantine, the old events | the same import      |
| plan, before plan.json         | findings, texts; no plan           | the same plan        |
| plan, after plan.json          | the plan                           | the same plan again  |
| apply, before the rename       | the old record                     | apply again          |
| apply, after the rename        | the new record                     | apply again: already |
| apply, in the middle of a line | the old record and a torn line     | apply again          |
| init, between two files        | some of the files                  | init again: the rest |
| no space, not writable         | the old outputs                    | make room; again     |
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from habeas.ports.folder import Folder
from tests.budgets import examples
from tests.faults.breaking import IMPORT, PLAN, content, killed_after, killed_at, planned_shop
from tests.flows.letter.telling import PLATFORM
from tests.flows.shop import (
    Answer,
    Shop,
    busy_shop,
    command,
    event,
    history,
    lines,
    open_shop,
    policy,
    run,
    run_apart,
)

KILLS = examples(12)


def delays(whole: float) -> list[float]:
    """Growing times at which to kill what takes `whole` seconds, most while it writes."""
    dice = random.Random(7)  # noqa: S311 - it only makes examples
    return sorted(whole * (0.2 + 0.8 * dice.random()) for _ in range(KILLS))


def copy(root: Path, name: str) -> Path:
    target = root.with_name(name)
    shutil.copytree(root, target)
    return target


def many_lines() -> bytes:
    good = (event(i, f"account {i % 900}", "order", i / 90) for i in range(29_000))
    bad = (event(i % 29_000, "late", "order", 0, amount="?") for i in range(500))
    again = (event(i, "again", "login", 1) for i in range(0, 1000, 2))
    return lines(good) + lines(bad) + b"\xff garbage\n" + lines(again) + b'{"id": "cut'


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes], float]:
    """A shop before its import, what the import makes of it, and how long that takes."""
    shop = open_shop(tmp_path_factory.mktemp("big") / "shop")
    shop.write("raw.ndjson", many_lines())
    whole = copy(shop.root, "whole")
    start = time.perf_counter()
    assert run_apart(*IMPORT, inside=whole).code == 0
    return shop.root, content(whole), time.perf_counter() - start


# Killed


def test_an_import_that_is_killed_leaves_no_half_output_and_runs_again(
    big: tuple[Path, dict[str, bytes], float],
) -> None:
    root, whole, seconds = big
    shop = Shop(copy(root, "killed"))
    unstarted = content(shop.root)
    for delay in delays(seconds):
        killed_after(delay, IMPORT, shop.root)
        assert content(shop.root).items() <= whole.items()
    assert content(shop.root).keys() >= unstarted.keys()
    assert run_apart(*IMPORT, inside=shop.root).code == 0
    assert content(shop.root) == whole


def test_an_import_keeps_the_old_outputs_until_the_new_are_whole(tmp_path: Path) -> None:
    shop = busy_shop(tmp_path / "shop")
    shop.write("raw.ndjson", lines(history()[:5]) + b"garbage\n")
    old = content(shop.root)
    new = content(_after(IMPORT, copy(shop.root, "new")))
    states = []
    for step in range(1, 20):
        home = copy(shop.root, f"step {step}")
        if not killed_at(step, IMPORT, home):
            break
        now = content(home)
        states.append(tuple(now[n] == new[n] for n in ("bad.ndjson", "events.parquet")))
        assert all(now[name] in (old[name], new[name]) for name in old)
        assert content(_after(IMPORT, home)) == new
    assert sorted(set(states)) == [(False, False), (True, False), (True, True)]
    assert states == sorted(states)


def _after(words: tuple[str, ...], home: Path) -> Path:
    answer = run(*words, inside=home)
    assert answer.code == 0, answer.err
    return home


def test_a_plan_that_is_killed_is_whole_or_does_not_exist(tmp_path: Path) -> None:
    root = busy_shop(tmp_path / "shop").root
    whole = _plan_files(_after(PLAN, copy(root, "whole")))
    (name,) = Folder(root.with_name("whole") / ".habeas").plans()
    existed = []
    for step in range(1, 40, 3):
        home = copy(root, f"step {step}")
        if not killed_at(step, PLAN, home):
            break
        folder = Folder(home / ".habeas")
        existed.append(folder.plans() == [name])
        if existed[-1]:
            assert folder.frozen(name).hash == name
            assert _plan_files(home) == whole
        assert _plan_files(home).items() <= whole.items()
        assert _plan_files(_after(PLAN, home)) == whole
    assert len(existed) > 3
    assert existed == sorted(existed)


def _plan_files(home: Path) -> dict[str, Any]:
    """What a plan keeps; the places of its inputs differ with the folder."""
    found: dict[str, Any] = {n: c for n, c in content(home).items() if n.startswith(".habeas")}
    for name in found:
        if name.endswith("plan.json"):
            found[name] = {k: v for k, v in json.loads(found[name]).items() if k != "inputs"}
    return found


def test_a_plan_of_many_events_killed_at_any_time_runs_again(
    big: tuple[Path, dict[str, bytes], float],
) -> None:
    root, made, _ = big
    home = copy(root, "planned")
    (home / "events.parquet").write_bytes(made["events.parquet"])
    whole = copy(home, "planned whole")
    start = time.perf_counter()
    assert run_apart(*PLAN, inside=whole).code == 0
    seconds = time.perf_counter() - start
    for delay in delays(seconds)[::3]:
        killed_after(delay, PLAN, home)
        assert _plan_files(home).items() <= _plan_files(whole).items()
    assert _plan_files(_after(PLAN, home)) == _plan_files(whole)


def applied(home: Path) -> list[dict[str, Any]]:
    path = home / ".habeas" / "applied.ndjson"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_an_apply_that_is_killed_happened_or_did_not(tmp_path: Path) -> None:
    shop, name = planned_shop(tmp_path / "shop")
    happened = []
    for step in range(1, 20):
        home = tmp_path / "now"
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(shop.root, home)
        if not killed_at(step, ("apply", name, "--as", "fay"), home):
            break
        happened.append(len(applied(home)) == 1)
        again = run("apply", name, "--as", "fay", "--json", inside=home).json()
        assert again["already"] is happened[-1]
        assert [line["plan"] for line in applied(home)] == [name]
    assert happened == sorted(happened)
    assert happened[0] is False
    assert happened[-1] is True


def test_an_apply_that_is_killed_at_any_time_is_applied_once(tmp_path: Path) -> None:
    shop, name = planned_shop(tmp_path / "shop")
    whole = copy(shop.root, "whole")
    start = time.perf_counter()
    assert run_apart("apply", name, "--as", "fay", inside=whole).code == 0
    for delay in delays(time.perf_counter() - start)[::3]:
        killed_after(delay, ("apply", name, "--as", "fay"), shop.root)
        assert [line["plan"] for line in applied(shop.root)] in ([], [name])
    assert run_apart("apply", name, "--as", "fay", inside=shop.root).code == 0
    assert [line["plan"] for line in applied(shop.root)] == [name]


def test_a_torn_last_line_is_an_apply_that_did_not_happen(tmp_path: Path) -> None:
    shop, name = planned_shop(tmp_path / "shop")
    assert shop.run("apply", name, "--as", "fay").code == 0
    record = shop.folder.root / "applied.ndjson"
    first = record.read_bytes()
    shop.put(policy(version=2, when="orders > 0"))
    second = shop.run(*PLAN, "--json").json()["hash"]
    record.write_bytes(first + first[: len(first) // 2])
    assert shop.run("apply", name, "--as", "fay").out.endswith(
        "in force already; nothing was done\n"
    )
    assert shop.run("check", "policies").code == 0
    assert shop.run("apply", second, "--as", "fay").code == 0
    assert [line["plan"] for line in applied(shop.root)] == [name, second]


def test_an_init_that_is_killed_is_completed_by_the_next(tmp_path: Path) -> None:
    whole = content(_made(tmp_path / "whole"))
    count = 0
    for step in range(1, 400, 9):
        home = tmp_path / f"step {step}"
        home.mkdir()
        if not killed_at(step, ("init",), home):
            break
        count += 1
        assert content(home).items() <= whole.items()
        assert content(_made(home)) == whole
    assert count >= 3


def _made(home: Path) -> Path:
    home.mkdir(exist_ok=True)
    return _after(("init",), home)


def test_an_import_that_is_interrupted_cleans_up_and_says_so(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    shop.write("raw.ndjson", many_lines() * 20)
    before = content(shop.root)
    process = subprocess.Popen(
        command(*IMPORT),
        cwd=shop.root,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        # a shell that runs the tests in the background has its children ignore Ctrl-C
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    while not shop.leftovers() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said.strip() == "stopped; nothing was left half done"
    assert content(shop.root) == before
    assert shop.leftovers() == []


# Together


def test_one_plan_applied_by_many_at_once_is_applied_once(tmp_path: Path) -> None:
    shop, name = planned_shop(tmp_path / "shop")
    answers = _at_once([("apply", name, "--as", "fay", "--json")] * 4, shop.root)
    assert [a.code for a in answers] == [0] * 4
    assert sorted(a.json()["already"] for a in answers) == [False, True, True, True]
    assert [line["plan"] for line in applied(shop.root)] == [name]


def test_of_two_plans_applied_at_once_one_wins_and_the_file_stays_whole(tmp_path: Path) -> None:
    shop, shadow = planned_shop(tmp_path / "shop")
    shop.write("platform.yaml", f"{PLATFORM}one_person: true\n")
    enforce = shop.run(*PLAN, "--json", "--mode", "enforce").json()["hash"]
    answers = _at_once(
        [("apply", shadow, "--as", "fay"), ("apply", enforce, "--as", "fay")] * 2, shop.root
    )
    (line,) = applied(shop.root)
    winner = [line["plan"] == name for name in (shadow, enforce)] * 2
    assert [a.code for a in answers] == [0 if won else 6 for won in winner]
    lost = answers[winner.index(False)]
    assert "the set of policies in force has changed since the plan was made" in lost.err


def _at_once(all_words: list[tuple[str, ...]], inside: Path) -> list[Answer]:
    processes = [
        subprocess.Popen(
            command(*words), cwd=inside, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        for words in all_words
    ]  # fmt: skip
    said = [process.communicate(timeout=60) for process in processes]
    return [Answer(p.returncode, *texts) for p, texts in zip(processes, said, strict=True)]
