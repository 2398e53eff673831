"""The commands of the log, as a person uses them in a working folder."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from habeas import wiring
from habeas.core.errors import InvalidInput, NotFound, Unproven
from tests import ROOT
from tests.flows.deciding import database, decided_shop
from tests.flows.shop import Shop
from tests.ports.witnessing import Head, witnessing
from tests.staffing import hire_in
from tests.store.tampering import tamper

pytestmark = pytest.mark.slow  # whole ways by commands, or many lives

SCRIPT = ROOT / "examples" / "check_proof.py"
EVENTS = ("--policies", "policies", "--events", "events.parquet")


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    shop = decided_shop(tmp_path, first="suspend")
    hire_in(database(shop))
    assert shop.run("decide").code == 0
    return shop


def first(shop: Shop) -> str:
    return str(shop.run("queue", "--json").json()["items"][0]["decision"])


def test_from_a_key_to_a_proof_that_a_stranger_checks(shop: Shop) -> None:
    asked = shop.run("seal")
    assert asked.code == NotFound.exit_code
    assert "habeas init-key shop.example/log" in asked.err
    told = shop.run("init-key", "shop.example/log", "--json").json()
    assert Path(told["file"]).stat().st_mode & 0o777 == 0o600
    assert shop.run("init-key", "shop.example/log").code == 6
    name = first(shop)
    assert shop.run("proof", name).code == NotFound.exit_code
    assert shop.run("seal").out == "sealed 16 records; the log has 16\n"
    assert shop.run("seal", "--json").json()["sealed"] == 0
    shop.run("approve", name, "--as", "dora")
    said = shop.run("proof", name, "--out", "proof.json").out
    assert said == ("wrote proof.json: 1 proof\n  1 record more after the next `habeas seal`\n")
    words = [sys.executable, "-I", str(SCRIPT), "proof.json", told["verifier_key"]]
    done = subprocess.run(words, cwd=shop.root, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads((shop.root / "proof.json").read_text()) == shop.run("proof", name).json()


def test_verify_says_what_holds_and_what_does_not(shop: Shop) -> None:
    shop.run("init-key", "shop.example/log")
    shop.run("seal")
    answer = shop.run("verify", *EVENTS)
    assert answer.code == 0, answer.out
    said = answer.out.splitlines()
    assert said[0] == "checkpoints are signed: holds (1 looked at)"
    assert "law 1, no decision without cause: holds (6 looked at)" in said
    assert "law 8, same answer everywhere: holds (3 looked at)" in said
    assert said[-1] == "0 records to be sealed, 0 texts erased"
    assert sum(line.startswith("law ") for line in said) == 11
    with wiring.opened(database(shop)):
        tamper("habeas_decision", "DELETE FROM {table} WHERE account = 'account 0'")
    answer = shop.run("verify")
    assert answer.code == Unproven.exit_code
    assert "is gone, or not as leaf" in answer.out
    found = shop.run("verify", "--json")
    assert found.code == Unproven.exit_code
    assert found.json()["sound"] is False


def test_findings_are_computed_again_from_other_events(shop: Shop) -> None:
    """Law 1, the hard half: an event is gone from the file, and the finding is named."""
    import pyarrow.parquet as pq

    table = pq.read_table(shop.events)
    kept = [i for i, name in enumerate(table.column("account").to_pylist()) if name != "account 1"]
    pq.write_table(table.take(kept), shop.events)
    answer = shop.run("verify", *EVENTS, "--json")
    assert answer.code == Unproven.exit_code
    (law,) = [c for c in answer.json()["checks"] if c["law"] == 1]
    assert any("does not follow from the events" in p["says"] for p in law["problems"])


def test_a_finding_that_was_left_out_is_named(shop: Shop) -> None:
    with wiring.opened(database(shop)):
        own = "SELECT leaf FROM habeas_finding WHERE account = %s"
        tamper("habeas_leaftext", f"DELETE FROM {{table}} WHERE leaf = ({own})", "account 0")
    answer = shop.run("verify", *EVENTS, "--json")
    (law,) = [c for c in answer.json()["checks"] if c["law"] == 8]
    assert [p for p in law["problems"] if p["row"] == "account 0" and "not recorded" in p["says"]]


def test_an_auditor_gives_the_key(shop: Shop) -> None:
    key = shop.run("init-key", "shop.example/log", "--json").json()["verifier_key"]
    shop.run("seal")
    for path in (shop.root / ".habeas" / "keys").iterdir():
        path.unlink()
    assert "no key is known here" in shop.run("verify").out
    assert "checkpoints are signed: holds" in shop.run("verify", "--key", key).out
    assert shop.run("verify", "--key", "x").code == InvalidInput.exit_code
    assert shop.run("verify", "--events", "events.parquet").code == 2


def test_export_and_erase(shop: Shop) -> None:
    assert shop.run("export", "account 0", "--out", "mine.zip").out == "wrote mine.zip\n"
    with zipfile.ZipFile(shop.root / "mine.zip") as made:
        assert "index.fr.html" in made.namelist()
    said = shop.run("erase", "account 0", "--as", "ada", "--why", "she asked").out
    assert said.startswith("Nothing was left to erase of account 0.\nStays, since law asks for it")
    asked = ("erase", "account 0", "--as", "ada", "--why", "she asked", "--lang", "fr")
    assert shop.run(*asked).out.startswith("Il ne restait rien à effacer de account 0.\nReste, car")
    assert shop.run("erase", "--as", "dora", "--why", "she asked").code == 2


def test_a_head_is_kept_and_asked_for_later(shop: Shop) -> None:
    key = shop.run("init-key", "shop.example/log", "--json").json()["verifier_key"]
    assert shop.run("checkpoint").code == NotFound.exit_code
    shop.run("seal")
    kept = shop.run("checkpoint").out
    assert shop.run("checkpoint", "--json").json()["checkpoint"] == kept
    (shop.root / "head.txt").write_text(kept, encoding="utf-8")
    shop.run("approve", first(shop), "--as", "dora")
    shop.run("seal")
    said = shop.run("consistency", "--from", "head.txt", "--out", "grown.json")
    assert said.out == "wrote grown.json: the log of 18 goes on from that of 16\n"
    words = [sys.executable, "-I", str(SCRIPT), "grown.json", key]
    done = subprocess.run(words, cwd=shop.root, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "the log of 18 of shop.example/log goes on from that of 16" in done.stdout
    written = json.loads((shop.root / "grown.json").read_text())
    assert shop.run("consistency", "--from", "head.txt").json() == written
    heads = ("--checkpoint", "head.txt", "--checkpoint", "head.txt")
    answer = shop.run("verify", *heads)
    assert answer.code == 0
    assert "the log goes on from every head that was kept: holds (3 looked at)" in answer.out
    assert shop.run("verify", "--checkpoint", "gone.txt").code == NotFound.exit_code
    (shop.root / "bad.txt").write_text("x", encoding="utf-8")
    assert shop.run("consistency", "--from", "bad.txt").code == InvalidInput.exit_code


def test_a_log_that_does_not_go_on_from_a_head_is_not_sound(shop: Shop) -> None:
    shop.run("init-key", "shop.example/log")
    shop.run("seal")
    from tests.core.log.logs import hashes, noted, tree_of

    (shop.root / "head.txt").write_text(str(noted(tree_of(hashes(9)))), encoding="utf-8")
    found = shop.run("verify", "--checkpoint", "head.txt", "--json")
    assert found.code == Unproven.exit_code
    (check,) = [c for c in found.json()["checks"] if "goes on" in c["name"]]
    assert check["problems"][0]["row"] == "head.txt"
    assert shop.run("consistency", "--from", "head.txt").code == Unproven.exit_code


def test_the_log_gets_a_new_key(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    old = shop.run("init-key", "shop.example/log", "--json").json()["verifier_key"]
    shop.run("seal")
    assert shop.run("rotate-key", "--as", "ada", "--to", "new.key").code == 2
    said = shop.run("rotate-key", "--as", "ada").out.splitlines()
    assert said[0] == "heads of 17 records and more are signed by the new key"
    new = said[1].removeprefix("publish this: ")
    listed = shop.run("checkpoint", "--keys")
    assert listed.out == f"{old} since 0\n{new} since 17\n"
    assert shop.run("checkpoint", "--keys", "--key", old).out == listed.out
    assert shop.run("verify").code == shop.run("verify", "--key", old).code == 0
    secret = (shop.root / ".habeas" / "keys" / "log.key").read_text()
    monkeypatch.setenv("HABEAS_LOG_KEY", secret)
    assert shop.run("rotate-key", "--as", "ada").code == 2
    said = shop.run("rotate-key", "--as", "ada", "--to", "new.key").out.splitlines()
    assert said[1] == "it is in new.key: put it where the old one was"
    assert shop.run("checkpoint", "--keys").out.count("since") == 3
    assert (shop.root / ".habeas" / "log.head").stat().st_mode & 0o777 == 0o600


def test_witnesses_cosign_what_is_sealed(shop: Shop) -> None:
    key = shop.run("init-key", "shop.example/log", "--json").json()["verifier_key"]
    with witnessing(key) as one, witnessing(key, name="w.example/2", seed=bytes(32)) as two:
        (shop.root / "witnesses.yaml").write_text(
            f"quorum: 2\nwitnesses:\n  - {{address: '{one.url}', key: '{one.vkey}'}}\n"
            f"  - {{address: '{two.url}', key: '{two.vkey}'}}\n",
            encoding="utf-8",
        )
        said = shop.run("seal", "--witness", one.url).out.splitlines()
        assert said == ["sealed 16 records; the log has 16", f"  {one.url} cosigned"]
        marked = "the head of 16 leaves has 1 of 2 cosignatures"
        head = shop.run("checkpoint")
        assert marked in head.err
        assert head.out.endswith(one.line(head.out.split("\n\n")[0] + "\n"))
        answer = shop.run("verify")
        assert (answer.code, marked in answer.out) == (0, True)
        assert [w["outcome"] for w in shop.run("seal", "--json").json()["witnesses"]] == [
            "cosigned", "cosigned",
        ]  # fmt: skip
        assert shop.run("checkpoint").err == ""
        found = shop.run("checkpoint", "--json").json()
        assert (found["cosigned"], found["quorum"]) == (2, 2)
        assert marked not in shop.run("verify").out
        two.last["shop.example/log"] = Head(99, bytes(32))
        shop.run("approve", first(shop), "--as", "dora")
        contradicted = shop.run("seal")
        assert contradicted.code == Unproven.exit_code
        says = "contradicted: it has seen a head of 99 leaves, and the log has 18"
        assert f"  {two.url} {says}" in contradicted.out
    assert shop.run("seal", "--json").json()["size"] == 18  # those that are gone keep nothing up
    assert shop.run("seal", "--witness", "http://127.0.0.1:9").code == NotFound.exit_code


def test_a_witness_can_be_given_with_its_key(shop: Shop) -> None:
    key = shop.run("init-key", "shop.example/log", "--json").json()["verifier_key"]
    with witnessing(key) as one:
        words = ("--witness", one.url, "--witness-key", one.vkey, "--json")
        (answer,) = shop.run("seal", *words).json()["witnesses"]
        assert answer == {"address": one.url, "outcome": "cosigned", "says": ""}
        assert one.line("x")[:20] in shop.run("checkpoint").out
    assert shop.run("seal", "--witness-key", one.vkey).code == InvalidInput.exit_code
