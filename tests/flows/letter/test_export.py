"""The export of an account: everything of the customer's, nothing of anybody else's."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from habeas.config import Database
from habeas.core.errors import NotFound, Unwritable
from habeas.flows.letter.export import export
from habeas.flows.log.erase import erase
from tests.core.appeal.casework import DORA, EMIL, FAY
from tests.store.lawful import LATER, RULED, SAID, TOLD, record_lives


def exported(name: str, folder: Path) -> dict[str, str]:
    out = folder / f"{name}.zip"
    export(name, out)
    with zipfile.ZipFile(out) as made:
        assert made.testzip() is None
        return {entry: made.read(entry).decode() for entry in made.namelist()}


def value(files: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files["export.json"])
    return found


def test_all_that_the_customer_can_read(store: Database, tmp_path: Path) -> None:
    record_lives()
    files = exported("boris", tmp_path)
    found = value(files)
    (decision,) = found["decisions"]
    assert (decision["decision"], decision["state"]) == ("d boris", "reversed")
    assert decision["facts"] == {"orders_365d": 30}
    assert decision["clause"]
    assert [n["text"] for n in found["notices"]] == [f"{TOLD} boris"]
    assert files["notices/001.fr.txt"] == f"{TOLD} boris"
    assert [a["text"] for a in found["appeals"]] == [SAID]
    assert [r["reasons"] for r in found["rulings"]] == [RULED]
    assert {h["kind"] for h in found["holdings"]} >= {"balance", "membership", "licence", "order"}
    assert sum(p["amount_minor"] for p in found["ledger"] if p["purse"] == "held") == 0
    assert found["findings"][0]["finding"] == "f boris"
    for page in ("index.html", "index.fr.html"):
        assert RULED in files[page]
        assert "&lt;b&gt;aujourd&#x27;hui&lt;/b&gt;" in files[page]
        assert "<script" not in files[page]


def test_nothing_of_other_people(store: Database, tmp_path: Path) -> None:
    record_lives()
    whole = "\n".join(exported("boris", tmp_path).values())
    for other in ("chen", "aline", DORA.name, EMIL.name, FAY.name, '"e1"'):
        assert other not in whole


def test_what_is_not_disclosed_is_counted_and_not_told(store: Database, tmp_path: Path) -> None:
    """Without the policy's text nothing says what may be told: nothing is."""
    from tests.store.tampering import tamper

    record_lives()
    tamper("habeas_policytext", "DELETE FROM {table}")
    (decision,) = value(exported("boris", tmp_path))["decisions"]
    assert (decision["facts"], decision["facts withheld"]) == ({}, 1)


def test_the_same_record_makes_the_same_bytes(store: Database, tmp_path: Path) -> None:
    record_lives()
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    export("boris", first)
    export("boris", second)
    assert first.read_bytes() == second.read_bytes()


def test_what_was_erased_is_said_to_be(store: Database, tmp_path: Path) -> None:
    record_lives()
    erase("chen", None, EMIL, "he asked", LATER)
    files = exported("chen", tmp_path)
    assert value(files)["notices"][0]["text"] is None
    assert "This text was erased." in files["index.html"]
    assert "notices/001.fr.txt" not in files


def test_bad_requests_are_one_sentence(store: Database, tmp_path: Path) -> None:
    record_lives()
    with pytest.raises(NotFound, match="nothing is recorded on the account 'boros'"):
        export("boros", tmp_path / "x.zip")
    with pytest.raises(Unwritable):
        export("boris", tmp_path / "missing" / "x.zip")
    assert not list(tmp_path.glob("*.zip*"))
