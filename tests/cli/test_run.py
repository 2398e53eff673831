"""`habeas run`, as people and programs meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from habeas.engine.segments import name_of
from tests.cli.test_bad_input import (
    BAD_POLICIES,
    INVALID,
    MISSING,
    POLICY,
    UNWRITABLE,
    USAGE,
    told_well,
    words,
)
from tests.flows.shop import Shop, busy_shop, history, lines, run_apart

RUN = "run --policies policies --once --events"
KEYS = [
    *("log", "read", "new", "duplicates", "refused", "findings", "batches", "behind", "seconds"),
    *("per_second", "batch_ms"),
]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = busy_shop(tmp_path)
    shop.write("raw.ndjson", lines([*history(), history()[0]]) + b"garbage\n")
    return shop


def test_a_run_is_told_to_people(shop: Shop) -> None:
    answer = shop.run(*words(f"{RUN} raw.ndjson"))
    assert (answer.code, answer.err) == (0, "")
    first, second = answer.out.splitlines()
    assert first.startswith(
        "log 11 events; read 13 = new 11 + duplicate 1 + refused 1; 1 findings; "
    )
    assert " a second, 0 behind; a batch took " in first
    assert second == "ended; findings: log/findings.ndjson"


@pytest.mark.parametrize("source", ["raw.ndjson", "events.parquet", "in"])
def test_a_run_is_told_to_programs_one_object_a_line(shop: Shop, source: str) -> None:
    shop.write("in/a.ndjson", lines(history()))
    answer = run_apart(*words(f"{RUN} {source} --json"), inside=shop.root)
    assert (answer.code, answer.err) == (0, "")
    (told,) = map(json.loads, answer.out.splitlines())
    assert list(told) == KEYS
    assert told["batch_ms"].keys() == {"p50", "p99", "max"}
    assert (told["log"], told["new"], told["findings"], told["behind"]) == (11, 11, 1, 0)
    assert told["read"] == told["new"] + told["duplicates"] + told["refused"]
    finding = json.loads((shop.root / "log" / "findings.ndjson").read_text(encoding="utf-8"))
    assert finding["evidence"] == {"orders": ["o1"], "returns": ["o2", "o3", "o4"]}
    assert (finding["event_id"], finding["sequence"]) == ("o4", 6)


def test_reports_come_while_a_run_goes_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("habeas.cli.live.EVERY_S", 0)
    answer = shop.run(*words(f"{RUN} raw.ndjson --json --batch 5"))
    told = [json.loads(line) for line in answer.out.splitlines()]
    assert [one["batches"] for one in told] == [1, 2, 3, 3]
    assert [one["read"] for one in told] == [5, 10, 13, 13]


def test_what_a_log_folder_holds(shop: Shop) -> None:
    assert shop.run(*words(f"{RUN} raw.ndjson --log deep/down")).code == 0
    assert sorted(p.name for p in (shop.root / "deep" / "down").iterdir()) == [
        name_of(0), "findings.ndjson", "lock", "mark", "quarantine.ndjson", "snapshot",
    ]  # fmt: skip


# The words, the exit code, and what is said.
ROWS = [
    ("run", USAGE, "Missing option '--events'"),
    ("run --events", USAGE, "'--events' requires an argument"),
    (f"{RUN} raw.ndjson --batch 0", USAGE, "Input should be greater than or equal to 1"),
    (f"{RUN} raw.ndjson --batch many", USAGE, "Input should be a valid integer"),
    (f"{RUN} raw.ndjson more", USAGE, "unexpected extra argument"),
    (f"{RUN} none.ndjson", MISSING, "the source 'none.ndjson' does not exist"),
    (f"{RUN} none.parquet", MISSING, "'none.parquet' does not exist"),
    (f"{RUN} raw.csv", INVALID, "'raw.csv' is of a kind that cannot be followed"),
    (f"{RUN} raw.ndjson.gz", INVALID, "'raw.ndjson.gz' is of a kind that cannot be followed"),
    (f"{RUN} tables", INVALID, "of a kind that cannot be followed"),
    (f"{RUN} empty", INVALID, "the folder 'empty' has no .ndjson, .jsonl, .json or .parquet"),
    (f"{RUN} garbage.parquet", INVALID, "is no whole Parquet file"),
    (f"{RUN} raw.ndjson --schema none.yaml", MISSING, "the schema 'none.yaml' does not exist"),
    ("run --once --events raw.ndjson", MISSING, "no policy is in force in this working folder"),
    ("run --once --events raw.ndjson --policies none", MISSING, "the folder 'none' does not"),
    ("run --once --events raw.ndjson --policies empty", MISSING, "there is no policy in 'empty'"),
    ("run --once --events raw.ndjson --policies raw.csv", INVALID, "'raw.csv' is not a folder"),
    *(
        (f"run --once --events raw.ndjson --policies bad/{name} --schema events.yaml", POLICY, "")
        for name in BAD_POLICIES if name != "not-raised"
    ),
    (f"{RUN} raw.ndjson --log raw.ndjson", UNWRITABLE, "the log 'raw.ndjson' cannot be written"),
    (f"{RUN} raw.ndjson --log raw.ndjson/x", UNWRITABLE, "cannot be written: Not a directory"),
    (f"{RUN} raw.ndjson --log {'n' * 300}", UNWRITABLE, "cannot be written: File name too long"),
    (f"{RUN} raw.ndjson --log damaged", INVALID, "frame 3 of 'damaged/"),
    (f"{RUN} raw.ndjson --log marks", INVALID, "'marks/mark' is damaged: neither mark is whole"),
    (f"{RUN} raw.ndjson --log short", INVALID, "is damaged: it is cut short"),
    (f"{RUN} raw.ndjson --log fewer", INVALID, "has 0 bytes, and 658 were written"),
    (f"{RUN} raw.ndjson --log folders", UNWRITABLE, "findings.ndjson' cannot be written: Is a"),
]  # fmt: skip


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    shop = busy_shop(tmp_path_factory.mktemp("bad"))
    for name in ("raw.csv", "raw.ndjson.gz", "tables/a.csv", "garbage.parquet"):
        shop.write(name, b"id\n1\n")
    shop.write("raw.ndjson", lines(history()))
    (shop.root / "empty").mkdir()
    (shop.root / "folders" / "findings.ndjson").mkdir(parents=True)
    for name, content in BAD_POLICIES.items():
        shop.write(f"bad/{name}/many-returns.yaml", content)
    for name in ("damaged", "marks", "short", "fewer"):
        assert shop.run(*words(f"{RUN} raw.ndjson --log {name}")).code == 0
    segment = shop.root / "damaged" / name_of(0)
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:])
    shop.write("marks/mark", b"\0" * 1024)
    (shop.root / "short" / name_of(0)).write_bytes(whole[:-8])
    shop.write("fewer/findings.ndjson", b"")
    return shop


@pytest.mark.parametrize(("line", "code", "said"), ROWS)
def test_a_mistake_is_one_sentence_and_a_next_step(
    bad: Shop, line: str, code: int, said: str
) -> None:
    before = {p: p.read_bytes() for p in bad.root.glob("*/*") if p.is_file()}
    answer = bad.run(*words(line))
    assert answer.code == code, answer
    assert answer.out == ""
    assert told_well(answer.err, said), answer.err
    told = bad.run(*words(line), "--json").json()
    assert {"error", "message", "hint"} <= told.keys()
    # no mistake makes a log; the mark is written anew at every start, and says the same
    changed = {p.name for p, content in before.items() if p.read_bytes() != content}
    assert changed <= {"mark"}
    assert not (bad.root / "log").exists()
