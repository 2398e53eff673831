"""What a crash of `habeas run` leaves at every step of a batch, and what a plain start does then.

| broken before, within, after       | what is persisted             | the next start           |
|------------------------------------|-------------------------------|--------------------------|
| quarantine: pwrite, fdatasync      | lines that belong to no event | cuts them, reads again   |
| log: pwrite of the frame           | a part of it, above the mark  | cuts it, reads again     |
| log: fdatasync, and until the mark | the events and place, no mark | judges them again        |
| findings: pwrite, fdatasync        | some findings, above the mark | cuts and makes them      |
| mark: pwrite, fdatasync            | the old mark or the new       | as before it, or nothing |
| snapshot: writing, fsync           | a `.part`; the old snapshot   | reads more of the log    |
| snapshot: rename                   | the old one or the new        | either is right          |
| the first start: mark, segment     | an empty mark, half a segment | makes them anew          |
| the cuts of a start                | as before them, or cut        | cuts them                |

Each crash is a process that kills itself with SIGKILL, and each start a command of its own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from habeas.flows.policy.check import load_schema
from tests.faults.killing import Starter
from tests.flows.policy.running import Json, rows
from tests.flows.shop import Shop, event, history, lines, open_shop

WRITES = {
    f"{when} {call}"
    for call in (
        "quarantine.ndjson",
        "segment",
        "findings.ndjson",
        "mark",
    )
    for when in ("before pwrite", "within pwrite", "after pwrite", "before fdatasync",
                 "after fdatasync")
} | {
    "before fsync .snapshot.part",
    "after fsync .snapshot.part",
    "before replace .snapshot.part",
    "after replace .snapshot.part",
}  # fmt: skip
CUTS = {
    f"{when} ftruncate {name}.ndjson"
    for when in ("before", "after")
    for name in ("findings", "quarantine")
}
FIRST = {"before fsync log", "after fsync log"}
# After which crashes the next start is crashed too, and what that one cuts by itself; `make lives`
# asks for all, a minute of them
AGAIN = {"within pwrite segment": {"before truncate segment", "after truncate segment"}}
if "HABEAS_RUNS" in os.environ:
    AGAIN |= {
        "within pwrite quarantine.ndjson": set[str](),
        "after fdatasync segment": set[str](),
        "within pwrite findings.ndjson": set[str](),
    }


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = open_shop(tmp_path / "shop")
    bad = [event("x", "a", "order", 0, amount="?"), event("o1", "other", "login", 9)]
    shop.write("raw.ndjson", lines([*history()[:6], *bad, *history()[6:]]) + b"garbage\n")
    shop.put(shop_policy(shop))
    return shop


def shop_policy(shop: Shop) -> str:
    text = (shop.policies / "many-returns.yaml").read_text(encoding="utf-8")
    return text.replace("returns >= 3 and orders > 0", "returns >= 1 and orders > 0")


def words(shop: Shop) -> list[object]:
    return ["run", "--events", shop.root / "raw.ndjson", "--policies", shop.policies,
            "--once", "--batch", 100]  # fmt: skip


def kept(home: Path, shop: Shop) -> tuple[dict[str, bytes], list[Json]]:
    """The bytes of all that a log's folder keeps, but what starts alone need; and its events."""
    log = home / "log"
    names = [p.name for p in log.iterdir() if p.suffix in (".log", ".ndjson")]
    return {n: (log / n).read_bytes() for n in names}, rows(log, load_schema(shop.schema))


def killed_everywhere(
    starter: Starter, shop: Shop, before: Path, where: Path
) -> Iterator[tuple[str, Path]]:
    """A copy of `before` for each moment at which a run on it was killed, and which that was."""
    for moment in range(1, 1000):
        home = where / f"{moment}"
        shutil.copytree(before, home)
        code, said = starter.run(words(shop), home, moment)
        if code == 0:
            return
        assert code == -9, said
        yield said.splitlines()[-1], home


def recovers(starter: Starter, shop: Shop, before: Path, where: Path) -> dict[str, Path]:
    """After a crash at any moment of a run, another run has the same in the end; and a third
    finds nothing to do. Returns a copy of what each crash left."""
    whole = where / "whole"
    shutil.copytree(before, whole)
    code, said = starter.run(words(shop), whole)
    assert code == 0, said
    expected = kept(whole, shop)
    left: dict[str, Path] = {}
    for what, home in killed_everywhere(starter, shop, before, where):
        if what not in left:
            left[what] = where / f"left {len(left)}"
            shutil.copytree(home, left[what])
        for _ in range(2):
            code, said = starter.run(words(shop), home)
            assert (code, said.count("\n")) == (0, 2), (what, said)
            assert kept(home, shop) == expected, what
        assert " read 0 = " in said
        assert {p.name for p in (home / "log").iterdir()} == {
            p.name for p in (whole / "log").iterdir()
        }, what
    return left


@pytest.mark.lives
def test_a_crash_anywhere_in_a_first_run(starter: Starter, shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    left = recovers(starter, shop, tmp_path / "new", tmp_path / "moments")
    assert left.keys() == WRITES | CUTS | FIRST


@pytest.mark.lives
def test_a_crash_anywhere_in_a_later_run_and_in_the_start_after_it(
    starter: Starter, shop: Shop, tmp_path: Path
) -> None:
    """On a log with a snapshot; then in the start that follows a crash: it cuts and judges."""
    before = tmp_path / "before"
    before.mkdir()
    assert starter.run(words(shop), before)[0] == 0
    more = [event(f"n{i}", "often", kind, 200 + i) for i, kind in enumerate(
        ["return", "login", "return", "return"])]  # fmt: skip
    with (shop.root / "raw.ndjson").open("ab") as file:
        file.write(lines(more[:2]) + b"more garbage\n" + lines(more[2:]))
    left = recovers(starter, shop, before, tmp_path / "moments")
    assert left.keys() == WRITES | CUTS
    for i, (what, cuts) in enumerate(AGAIN.items()):
        again = recovers(starter, shop, left[what], tmp_path / f"again {i}")
        assert again.keys() - WRITES - CUTS == cuts
        assert again.keys() >= CUTS
