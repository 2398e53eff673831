"""The commands on their good paths: what they say, what they write, and their JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from habeas import __version__
from tests.flows.applying import put_in_force
from tests.flows.shop import (
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

PLAN = ("plan", "--policies", "policies", "--events", "events.parquet")
IMPORT = ("import", "raw.ndjson", "--map", "mapping.yaml", "--out", "events.parquet",
          "--quarantine", "bad.ndjson")  # fmt: skip
CONTRACT = ["event_id", "account", "policy", "version", "time_us", "orders", "returns"]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return busy_shop(tmp_path)


def planned(shop: Shop, *more: object) -> dict[str, Any]:
    answer = shop.run(*PLAN, "--json", *more)
    assert (answer.code, answer.err) == (0, "")
    found: dict[str, Any] = answer.json()
    return found


# habeas


def test_the_version_and_the_help_are_told(tmp_path: Path) -> None:
    assert run("--version", inside=tmp_path).out == f"habeas {__version__}\n"
    told = run("--help", inside=tmp_path).out
    for name in "init import check schema plan apply why findings facts diagnose".split():
        assert re.search(rf"^. {name} ", told, re.MULTILINE), name
        one = run(name, "--help", inside=tmp_path)
        assert (one.code, one.err) == (0, "")
        assert f"Usage: habeas {name}" in one.out


def test_without_a_command_the_help_is_told(tmp_path: Path) -> None:
    answer = run(inside=tmp_path)
    assert answer.code == 2
    assert "Usage: habeas" in answer.out + answer.err


# import


def test_import_tells_its_counts(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    raw = [*history(), event("c1", "b", "login", 5), event("x", "b", "order", 1, amount="?")]
    shop.write("raw.ndjson", lines([*raw, event("y", "b", "login", 7, amount=5)]))
    answer = shop.run(*IMPORT)
    assert (answer.code, answer.err) == (0, "")
    assert "read 14 = accepted 12 + duplicate 1 + quarantined 1" in answer.out
    assert "duplicates that differ from the first event with their id: 1" in answer.out
    assert re.search(r"amount: … has no unit.* 1\b", answer.out)
    assert "ignored 1 values of amount of login" in answer.out
    assert answer.out.endswith("events: events.parquet\nquarantine: bad.ndjson\n")
    assert [row["id"] for row in shop.rows()][-1] == "y"


def test_import_as_json(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    shop.write("raw.ndjson", lines(history()) + b"garbage\n")
    found = shop.run(*IMPORT, "--json").json()
    assert found == {
        "read": 12,
        "accepted": 11,
        "duplicate": 0,
        "duplicate_differing": 0,
        "quarantined": 1,
        "reasons": {"record: is not JSON: Expecting value": 1},
        "types": {"return": 6, "order": 4, "login": 1},
        "ignored": {},
        "first": "2020-01-01T00:00:00Z",
        "last": "2020-06-30T00:00:00Z",
        "out": "events.parquet",
        "quarantine": "bad.ndjson",
    }


def test_import_of_several_files_keeps_their_order(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    shop.write("b.ndjson", lines(history()[:3]))
    shop.write("a.ndjson", lines(history()[3:]))
    words = ["import", "b.ndjson", "a.ndjson", *IMPORT[2:]]
    assert shop.run(*words).code == 0
    assert [row["id"] for row in shop.rows()] == [record["id"] for record in history()]


def test_import_that_takes_nothing_asks_whether_the_mapping_is_right(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    shop.write("raw.ndjson", b'{"nr": 1}\n')
    answer = shop.run(*IMPORT)
    assert answer.code == 0
    assert "nothing was accepted: is this the right mapping for these files?" in answer.out


# check, schema, init


def idle() -> str:
    """A policy with a fact that nothing uses."""
    text = policy("idle", when="orders > 5")
    return text.replace("disclose: [orders, returns]", "disclose: [orders]")


def test_check_counts_files_tests_errors_and_warnings(shop: Shop) -> None:
    shop.put(idle(), "idle.yaml")
    answer = shop.run("check", "policies")
    assert answer.code == 0
    warning, _, counts = answer.out.splitlines()
    assert warning == "policies/idle.yaml:7:3: warning: the fact `returns` is not used"
    assert re.match(r"2 policies, 1 tests?, 0 errors, 1 warnings?$", counts)


def test_check_as_json(shop: Shop) -> None:
    shop.put(idle(), "idle.yaml")
    found = shop.run("check", "policies", "--json").json()
    assert found.keys() == {"files", "tests", "errors", "problems", "policies"}
    assert (found["files"], found["tests"], found["errors"]) == (2, 1, 0)
    (problem,) = found["problems"]
    assert problem.keys() == {"file", "line", "column", "sentence", "hint", "level"}
    assert [p.keys() for p in found["policies"]] == [{"policy", "version", "outcome"}] * 2


def test_check_knows_what_is_in_force(shop: Shop) -> None:
    assert put_in_force(shop, planned(shop)["hash"]).code == 0
    shop.put(policy(when="orders > 0 and returns > 1"))
    assert "version 1 is in force" in shop.run("check", "policies").out
    below = run("check", "../policies", inside=shop.policies)
    assert below.code == 5  # the working folder is found from below as well


@pytest.mark.parametrize("name", ["policy", "events", "mapping"])
def test_schema_prints_json_schema(tmp_path: Path, name: str) -> None:
    found = run("schema", name, inside=tmp_path).json()
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["type"] == "object"


def test_init_makes_a_folder_in_which_its_next_commands_work(tmp_path: Path) -> None:
    answer = run("init", "new", inside=tmp_path)
    assert answer.code == 0
    *wrote, first, second = answer.out.splitlines()
    assert all((tmp_path / line.removeprefix("wrote ")).is_file() for line in wrote)
    for line in (first.split("&& ")[1], second.removeprefix("then: ")):
        assert run(*line.split()[1:], inside=tmp_path / "new").code == 0, line
    assert (tmp_path / "new" / "plan.html").is_file()
    assert run("init", "new", inside=tmp_path).code == 0


# findings, facts


@pytest.mark.parametrize("more", [[], ["--all"], ["--engine", "python"], ["--all", "--json"]])
def test_findings_writes_the_columns_of_the_contract(shop: Shop, more: list[str]) -> None:
    answer = shop.run("findings", *PLAN[1:], "--out", "f.parquet", *more)
    assert (answer.code, answer.err) == (0, "")
    table = pq.read_table(shop.root / "f.parquet")
    assert table.column_names[: len(CONTRACT)] == CONTRACT
    assert table.column("event_id").to_pylist() == ["o4"]
    if "--json" not in more:
        assert "of 11 events: f.parquet" in answer.out


def test_findings_as_json(shop: Shop) -> None:
    found = shop.run("findings", *PLAN[1:], "--out", "f.parquet", "--json").json()
    assert found == {
        "events": 11,
        "rows": 1,
        "policies": {"many-returns": {"rows": 1, "accounts": 1}},
        "out": "f.parquet",
    }


def test_facts_writes_one_row_an_event(shop: Shop) -> None:
    answer = shop.run("facts", *PLAN[1:], "--out", "f.parquet")
    assert answer.out == "2 facts at 11 events: f.parquet\n"
    table = pq.read_table(shop.root / "f.parquet")
    assert table.column_names == ["event_id", "orders", "returns"]
    assert table.column("event_id").to_pylist() == [r["id"] for r in history()]
    found = shop.run("facts", *PLAN[1:], "--out", "f.parquet", "--json").json()
    assert found == {"events": 11, "facts": 2, "out": "f.parquet"}


# plan, apply


def test_plan_tells_its_hash_and_how_to_apply_it(shop: Shop) -> None:
    answer = shop.run(*PLAN, "--explain")
    assert (answer.code, answer.err) == (0, "")
    name = planned(shop)["hash"]
    assert answer.out.startswith(f"plan {name[:12]}, mode shadow\n11 events of 3 accounts, ")
    assert "1. compare policies, schema, events, labels" in answer.out
    assert "put many-returns version 1 in force" in answer.out
    assert answer.out.endswith(f"to put it in force: habeas apply {name[:12]}\n")
    assert put_in_force(shop, name[:12]).code == 0


def test_plan_as_json(shop: Shop) -> None:
    found = planned(shop)
    assert found.keys() == {
        "hash", "scope", "mode", "canary", "canary_accounts", "hit", "hit_before", "newly_hit",
        "newly_spared", "policies", "stages",
    }  # fmt: skip
    assert found["scope"].keys() == {
        "events", "schema", "in_force", "labels", "count", "accounts", "first", "last",
    }  # fmt: skip
    (one,) = found["policies"]
    assert one.keys() >= {
        "policy", "title", "change", "version", "version_before", "diff", "findings", "hit",
        "hit_before", "holding", "newly_hit", "newly_spared", "measures", "stakes", "segments",
        "forecast", "accuracy", "samples", "spared_samples",
    }  # fmt: skip
    assert (found["mode"], one["change"], one["hit"]) == ("shadow", "new", 1)
    assert one["title"] == {"en": "Many returns", "fr": "Trop de retours"}


def test_plan_with_labels_tells_precision_and_recall(shop: Shop) -> None:
    shop.write("labels.csv", "account,label\noften,abuse\nslow,abuse\ncalm,innocent\n")
    (one,) = planned(shop, "--labels", "labels.csv")["policies"]
    assert (one["accuracy"]["precision"], one["accuracy"]["recall"]) == (1.0, 0.5)
    told = shop.run(*PLAN, "--labels", "labels.csv").out
    assert "precision 100.0 % (1 of 1 labelled accounts hit are abusive)" in told
    assert "recall 50.0 % (of 2)" in told


def test_plan_against_a_folder(shop: Shop) -> None:
    shop.write("before/one.yaml", policy(when="orders > 0"))
    shop.put(policy(version=2))
    found = planned(shop, "--against", "before")
    assert (found["hit"], found["hit_before"], found["newly_spared"]) == (1, 3, 2)
    assert found["policies"][0]["change"] == "outcome"
    told = shop.run(*PLAN, "--against", "before").out
    assert "version 1 to 2" in told
    assert "\n-when: orders > 0\n" in told


@pytest.mark.parametrize(
    ("mode", "named", "percent"),
    [("shadow", "shadow", None), ("enforce", "enforce", None), ("canary:5", "canary", 5)],
)
def test_the_mode_goes_from_plan_to_apply(
    shop: Shop, mode: str, named: str, percent: int | None
) -> None:
    found = planned(shop, "--mode", mode)
    assert (found["mode"], found["canary"]) == (named, percent)
    outcome = put_in_force(shop, found["hash"], "--json").json()
    assert outcome["mode"] == named


def test_apply_tells_what_is_in_force_now(shop: Shop) -> None:
    name = planned(shop)["hash"]
    first = put_in_force(shop, name)
    assert (
        first.out
        == f"plan {name[:12]} is in force, in mode shadow, by fay:\n  many-returns version 1\n"
    )
    again = put_in_force(shop, name)
    assert again.out == f"plan {name[:12]} is in force already; nothing was done\n"
    found = put_in_force(shop, name, "--json").json()
    assert found.keys() == {"plan", "mode", "policies", "by", "already", "waiting_for"}
    assert found["policies"][0].keys() == {"policy", "version", "outcome", "text_hash"}


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_plan_writes_its_report(shop: Shop, lang: str) -> None:
    answer = shop.run(*PLAN, "--html", "report.html", "--lang", lang)
    assert (answer.code, answer.err) == (0, "")
    assert "report: report.html\n" in answer.out
    page = (shop.root / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert {"en": "Many returns", "fr": "Trop de retours"}[lang] in page
    assert planned(shop)["hash"] in page


# why


def test_why_as_json_and_in_french(shop: Shop) -> None:
    planned(shop)
    found = shop.run("why", "often", "--json").json()
    assert found.keys() == {"account", "lang", "findings"}
    (one,) = found["findings"]
    assert (found["account"], found["lang"], one["event"]) == ("often", "en", "o4")
    french = shop.run("why", "often", "--lang", "fr", "--json").json()
    assert french["findings"][0]["clause"]["text"] == "Gardez vos achats."
    letter = shop.run("why", "often", "--lang", "fr").out
    assert letter.startswith("Compte often : Trop de retours\n")
    assert "Terms 4.2" in letter


def test_why_from_policies_and_events_needs_no_plan(shop: Shop) -> None:
    answer = shop.run("why", "often", *PLAN[1:])
    assert answer.out.startswith("Account often: Many returns\n")
    assert not shop.folder.root.exists()


def test_an_account_without_findings_is_told_so(shop: Shop) -> None:
    planned(shop)
    assert shop.run("why", "calm").out == "Nothing was found against account calm.\n"
    assert shop.run("why", "calm", "--json").json()["findings"] == []


# Names that a terminal or a library might take for something else


@pytest.mark.parametrize(
    "account", ["[bold]x[/bold]", "[/]", "a:cat:b", "--json", "\\", "[link=x]", "%s {0}", "x" * 300]
)
def test_accounts_are_shown_as_they_are(tmp_path: Path, account: str) -> None:
    shop = open_shop(tmp_path)
    shop.take_all(r | {"account": account} for r in history() if r["account"] == "often")
    answer = shop.run(*PLAN)
    assert (answer.code, answer.err) == (0, "")
    assert f"  {account}, 21 January 2020" in answer.out
    letter = shop.run("why", "--", account)
    assert letter.out.startswith(f"Account {account}: Many returns\n")


@pytest.mark.parametrize("title", ["[/b] returns", "[red]Returns", "Returns :warning:"])
def test_titles_and_texts_are_shown_as_they_are(shop: Shop, title: str) -> None:
    shop.put(policy(title=json.dumps(title)))
    assert put_in_force(shop, planned(shop)["hash"]).code == 0
    assert f"\nmany-returns: {title}\n" in shop.run(*PLAN).out
    shop.put(policy(title=json.dumps(title + " [/x]")))
    told = shop.run(*PLAN).out
    assert f"\nmany-returns: {title} [/x]\n" in told
    assert f"+title: {{en: {json.dumps(title + ' [/x]')}, fr: Trop de retours}}" in told


def test_files_may_have_any_name(shop: Shop) -> None:
    (shop.root / "[").mkdir()
    out, page = "[/x] :cat: é.parquet", "[bold] \\.html"
    assert shop.run("findings", *PLAN[1:], "--out", out).out.endswith(f"events: {out}\n")
    assert shop.run("facts", *PLAN[1:], "--out", out).out.endswith(f"events: {out}\n")
    assert f"report: {page}\n" in shop.run(*PLAN, "--html", page).out
    raw = shop.write("[z].ndjson", lines(history()))
    answer = shop.run("import", raw, "--map", "mapping.yaml", "--out", out, "--quarantine", "[q]")
    assert answer.out.endswith(f"events: {out}\nquarantine: [q]\n")


def test_reasons_and_types_with_brackets_are_shown_as_they_are(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    shop.write("raw.ndjson", lines([event(1, "a", "[/x]", 1), event(2, "a", "login", 1)]))
    answer = shop.run(*IMPORT)
    assert answer.code == 0
    assert shop.refused()[0]["reason"].startswith("'[/x]' is not an event type")


# Processes


def test_a_closed_pipe_is_no_error(shop: Shop) -> None:
    for words in (("schema", "policy"), ("why", "often", *PLAN[1:], "--json")):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            command(*words), cwd=shop.root, stdout=writer, stderr=subprocess.PIPE, timeout=60,
            check=False,
        )  # fmt: skip
        os.close(writer)
        assert done.stderr == b""
        assert done.returncode in (0, 1)


def test_it_runs_as_the_command_that_is_installed(shop: Shop) -> None:
    installed = Path(sys.executable).with_name("habeas")
    done = subprocess.run(
        [installed, *PLAN, "--json"], cwd=shop.root, capture_output=True, timeout=60, check=True
    )
    apart = run_apart(*PLAN, "--json", inside=shop.root)
    assert json.loads(done.stdout) == apart.json() == planned(shop)
