"""A disk that is full, and places that cannot be written: one sentence, and nothing is lost."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.breaking import IMPORT, PLAN, content, planned_shop
from tests.faults.conftest import Disk
from tests.flows.applying import staffed
from tests.flows.shop import Answer, busy_shop, event, lines, run, run_apart


def the_disk_is_full(answer: Answer) -> bool:
    (first, second) = answer.err.splitlines()
    return (
        answer.code == 7
        and "cannot be written: " in first
        and first.startswith("habeas: ")
        and second.startswith("  next: ")
        and ("No space left" in first or "File too large" in first)
    )


def test_an_import_onto_a_full_disk_loses_nothing_and_runs_when_there_is_room(disk: Disk) -> None:
    shop = busy_shop(disk.root / "shop")
    raw = disk.root / "more.ndjson"
    raw.write_bytes(lines(event(f"{i} {i * 7919}", f"a{i}", "order", 1) for i in range(2500)))
    before = content(shop.root)
    words = ["import", raw, *IMPORT[2:]]
    answer = run_apart(*words, inside=shop.root, first=disk.fill(leave=4096))
    assert the_disk_is_full(answer), answer
    assert content(shop.root) == before
    assert shop.leftovers() == []
    disk.make_room()
    assert run_apart(*words, inside=shop.root).code == 0
    assert len(shop.rows()) == 2500


def test_a_plan_and_an_apply_on_a_full_disk_do_not_exist(disk: Disk) -> None:
    shop = busy_shop(disk.root / "shop")
    answer = run_apart(*PLAN, inside=shop.root, first=disk.fill(leave=0))
    assert the_disk_is_full(answer), answer
    assert shop.folder.plans() == []
    disk.make_room()
    name = run_apart(*PLAN, "--json", inside=shop.root).json()["hash"]
    staffed(shop)
    answer = run_apart("apply", name, "--as", "fay", inside=shop.root, first=disk.fill(leave=0))
    assert answer.code == 9, answer  # it is the store that says so
    assert "next: see whether the disk is full" in answer.err
    assert shop.folder.in_force() == []
    disk.make_room()
    assert run_apart("apply", name, "--as", "fay", inside=shop.root).code == 0


PLACES = ["none/out.parquet", "folder", "raw.ndjson/out.parquet", ".", "/", "x" * 300]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "words",
    [
        ("import", "raw.ndjson", "--map", "mapping.yaml", "--quarantine", "q", "--out"),
        ("import", "raw.ndjson", "--map", "mapping.yaml", "--out", "e.parquet", "--quarantine"),
        ("findings", *PLAN[1:], "--out"),
        ("findings", *PLAN[1:], "--all", "--out"),
        ("facts", *PLAN[1:], "--out"),
        (*PLAN, "--html"),
    ],
    ids=lambda words: f"{words[0]} {words[-1]}",
)
def test_an_output_that_cannot_be_written_is_one_sentence_and_loses_nothing(
    tmp_path: Path, words: tuple[str, ...], place: str
) -> None:
    shop = busy_shop(tmp_path)
    (shop.root / "folder").mkdir()
    (shop.root / "folder" / "kept").write_text("x", encoding="utf-8")
    before = {n: c for n, c in content(shop.root).items() if not n.startswith(".habeas")}
    answer = shop.run(*words, place)
    assert answer.code == 7, answer
    assert answer.out == ""
    first, second = answer.err.splitlines()
    assert first.startswith(f"habeas: '{place}' cannot be written: ")
    assert second.startswith("  next: ")
    after = {n: c for n, c in content(shop.root).items() if not n.startswith(".habeas")}
    after.pop("q", None)  # the quarantine may stand when the events cannot
    assert after == before
    assert shop.leftovers() == []


def test_a_folder_that_may_not_be_written_is_one_sentence(
    mounts: Callable[..., Path | None], tmp_path: Path
) -> None:
    shop, name = planned_shop(tmp_path / "shop")
    locked = mounts("-o", "bind", str(shop.root))
    if locked is None:
        pytest.skip("this machine lets us mount nothing")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(locked)], check=True)
    answer = run("apply", name, "--as", "fay", inside=locked)
    assert (answer.code, len(answer.err.splitlines())) == (9, 2), answer
    for words in (IMPORT, PLAN, ("init", "new")):
        answer = run(*words, inside=locked)
        assert answer.code == 7, answer
        first, second = answer.err.splitlines()
        assert "Read-only file system" in first
        assert second.startswith("  next: ")
    assert run("check", "policies", inside=locked).code == 0
    assert run("why", "often", inside=locked).code == 0
    assert shop.folder.in_force() == []
