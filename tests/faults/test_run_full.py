"""`habeas run` on a full disk and where it may not write: one sentence, and it goes on later."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.conftest import Disk
from tests.faults.test_full_disks import the_disk_is_full
from tests.flows.policy.running import found, replayed, text_lines
from tests.flows.shop import Shop, lines, open_shop, random_history, run, run_apart

RUN = ["run", "--events", "raw.ndjson", "--policies", "policies", "--once", "--batch", 40]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = open_shop(tmp_path / "shop")
    shop.take(shop.write("raw.ndjson", lines(random_history(3)) + b"garbage\n" * 40))
    return shop


@pytest.mark.parametrize("leave", [0, 4096, 8192, 16384, 40960, 81920, 120000])
def test_a_full_disk_loses_nothing(shop: Shop, disk: Disk, leave: int) -> None:
    log = disk.root / "kept"
    answer = run_apart(*RUN, "--log", log, inside=shop.root, first=disk.fill(leave))
    assert answer.out == "" or answer.code == 0, answer
    assert answer.code == 0 or the_disk_is_full(answer), answer
    assert answer.code == 7 or leave > 40960
    assert not list(log.glob(".*.part"))
    disk.make_room()
    answer = run_apart(*RUN, "--log", log, inside=shop.root)
    assert (answer.code, answer.err) == (0, "")
    assert text_lines(log / "findings.ndjson") == replayed(shop)
    assert len(text_lines(log / "quarantine.ndjson")) == 40


def test_a_folder_that_may_not_be_written_is_one_sentence(
    shop: Shop, mounts: Callable[..., Path | None]
) -> None:
    assert run(*RUN, inside=shop.root).code == 0
    before = {p.name: p.read_bytes() for p in (shop.root / "log").iterdir()}
    with (shop.root / "raw.ndjson").open("ab") as file:
        file.write(lines([{"id": "new", "time": 10**15, "account": "a", "type": "login"}]))
    locked = mounts("-o", "bind", str(shop.root))
    if locked is None or os.geteuid() != 0:
        pytest.skip("this machine lets us mount nothing")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(locked)], check=True)
    for words in (RUN, [*RUN, "--log", "other"]):
        answer = run(*words, inside=locked)
        assert (answer.code, answer.out) == (7, "")
        first, second = answer.err.splitlines()
        assert "cannot be written: Read-only file system" in first
        assert second.startswith("  next: ")
    assert {p.name: p.read_bytes() for p in (shop.root / "log").iterdir()} == before
    assert "new 1 " in run(*RUN, inside=shop.root).out


def test_a_snapshot_that_cannot_be_written_is_one_sentence(shop: Shop) -> None:
    """All that the run did is there; the next start reads it from the log."""
    (shop.root / "log" / ".snapshot.part").mkdir(parents=True)
    answer = run(*RUN, inside=shop.root)
    assert (answer.code, answer.out) == (7, "")
    assert answer.err.startswith("habeas: the snapshot 'log/snapshot' cannot be written: Is a dir")
    assert found(shop) == replayed(shop)
    (shop.root / "log" / ".snapshot.part").rmdir()
    assert "log 500 events; read 0 = " in run(*RUN, inside=shop.root).out
    assert (shop.root / "log" / "snapshot").exists()
