"""The made-up shop and the demo: the same every time, with everything in it that can go wrong."""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

from tests import ROOT
from tests.cast import ALINE, BORIS, CHEN

SHOP = ROOT / "examples" / "shop"
SCAFFOLD = ROOT / "habeas" / "scaffold"
BIN = Path(sys.executable).parent


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("shop_generate", SHOP / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder made by `habeas init`, with a generated shop of 4,000 records in shop/."""
    folder = tmp_path_factory.mktemp("shop")
    options = "--events 4000 --seed 5 --out shop".split()
    for command in (
        [str(BIN / "habeas"), "init"],
        [sys.executable, str(SHOP / "generate.py"), *options],
    ):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def test_the_same_seed_gives_the_same_bytes() -> None:
    generate = loaded().generate
    first, labels = generate(2000, seed=3)
    assert generate(2000, seed=3) == (first, labels)
    assert generate(2000, seed=4)[0] != first
    assert len(first) == 2000
    assert not first[-1].endswith(b"\n")


def test_the_sample_of_init_comes_from_the_generator() -> None:
    lines, labels = loaded().generate(2200, seed=12, worst=False)
    assert b"".join(lines) == (SCAFFOLD / "sample.ndjson").read_bytes()
    with (SCAFFOLD / "labels.csv").open(encoding="utf-8") as file:
        listed = {row["account"]: row["label"] == "true" for row in csv.DictReader(file)}
    assert listed == labels
    assert (listed[ALINE.account], listed[BORIS.account], listed[CHEN.account]) == (
        False, True, False,
    )  # fmt: skip


def test_an_import_adds_up_and_every_kind_of_bad_record_is_in_quarantine(shop: Path) -> None:
    line = "import --map mapping.yaml shop/events.ndjson --out e.parquet --quarantine q.ndjson"
    done = subprocess.run(
        [BIN / "habeas", *line.split(), "--json"], cwd=shop, capture_output=True, check=True
    )
    counts = json.loads(done.stdout)
    assert counts["read"] == 4000
    assert counts["read"] == counts["accepted"] + counts["duplicate"] + counts["quarantined"]
    assert counts["duplicate"] == 8
    assert counts["duplicate_differing"] == 1

    entries = [json.loads(r) for r in (shop / "q.ndjson").read_text("utf-8").splitlines()]
    assert len(entries) == counts["quarantined"] == 13
    found = {(e["field"], e["reason"]) for e in entries}
    for field, words in (
        ("account", "is missing"),
        ("id", "is missing"),
        ("amount", "is missing, and `order` needs it"),
        ("time", "is not an ISO 8601 time"),
        ("time", "is more than 24 h ahead"),
        ("type", "is not an event type"),
        ("amount", "is in 'GBP'"),
        ("amount", "12.5 has no unit"),
        ("currency", "'euro' is not a currency"),
        ("record", "is not JSON"),
        ("record", "is JSON, but no object"),
        ("record", "is not UTF-8"),
        ("record", "the last line is cut short"),
    ):
        assert [f for f in found if f[0] == field and words in f[1]], (field, words)
    raw = (shop / "shop" / "events.ndjson").read_bytes().splitlines()
    for entry in entries:
        shown = raw[entry["line"] - 1].decode("utf-8", "backslashreplace")
        assert shown == entry["raw"]


def test_the_shop_has_what_it_says() -> None:
    lines, labels = loaded().generate(30_000, seed=1)
    records = []
    for line in lines:
        try:
            records.append(json.loads(line))
        except ValueError:
            continue
    orders = [r for r in records if isinstance(r, dict) and r.get("event") == "order"]
    assert 0.003 < sum(labels.values()) / len(labels) < 0.015
    assert {r["currency"] for r in orders} >= {"EUR", "USD"}
    times = [r["happened"] for r in records if isinstance(r, dict) and "happened" in r]
    assert sum(a > b for a, b in pairwise(times)) > 100  # late
    assert sum(a == b for a, b in pairwise(times)) > 100  # ties
    users: dict[str, set[str]] = {}
    for r in records:
        if isinstance(r, dict) and r.get("event") == "login" and "device_id" in r:
            users.setdefault(r["device_id"], set()).add(r["customer"])
    assert max(map(len, users.values())) >= 7


def test_the_demo_runs_again_where_it_ran_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HABEAS_CLOCK_IS_RIGHT")  # it records under the clock of today alone
    folder = tmp_path / "a demo"
    folder.mkdir()
    for name in (".made-by-the-demo", "left over"):
        (folder / name).touch()
    command = ["bash", str(SHOP / "demo.sh"), str(BIN), str(folder), "2000"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert not (folder / "left over").exists()
    assert (folder / ".made-by-the-demo").is_file()
    assert "$ habeas plan --policies policies" in done.stdout
    assert "Account boris: Excessive returns" in done.stdout
    assert "Compte boris : Retours excessifs" in done.stdout
    assert (folder / "plan.html").is_file()
    assert "A warning about your account" in (folder / "letter.txt").read_text(encoding="utf-8")
    assert "boris may do everything" in done.stdout  # after his appeal
    assert "law 6, reversal is exact: holds" in done.stdout
    checked = (folder / "checked.txt").read_text(encoding="utf-8")
    assert checked.count("The proof holds") == 9


def test_the_demo_deletes_only_what_it_made(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("keep me", encoding="utf-8")
    command = ["bash", str(SHOP / "demo.sh"), str(BIN), str(tmp_path), "2000"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "was not made by the demo" in done.stderr
    assert mine.read_text(encoding="utf-8") == "keep me"
