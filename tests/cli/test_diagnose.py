"""`habeas diagnose`: its JSON, its words, its page, and its errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.core.errors import InvalidInput, NotFound
from tests.cli.planned import Reader
from tests.flows.wave.waves import Files, population, struck, wave

USAGE = 2


def test_causes_as_json(tmp_path: Path) -> None:
    answer = wave(tmp_path).run("--json")
    assert (answer.code, answer.err) == (0, "")
    found = answer.json()
    [cause] = found["causes"]
    assert list(cause)[:6] == ["where", "hits", "expected", "ratio", "share", "p"]
    assert cause["where"] == {"version": "v7"}
    assert cause["ratio"] == pytest.approx(cause["hits"] / cause["expected"])
    assert found["reading"] == "software fault"
    assert found["readings"][0]["reading"] == "software fault"


def test_without_a_cause_the_list_is_empty(tmp_path: Path) -> None:
    rows = population()
    found = Files(tmp_path, rows, struck(rows, 0, background=150)).write().run("--json").json()
    assert (found["causes"], found["reading"], found["left"]) == ([], "unknown", 150)


def test_causes_in_words(tmp_path: Path) -> None:
    files = wave(tmp_path)
    told = files.run().out
    assert "160 accounts were hit, of 4,000; 2 attributes were compared." in told
    assert "version: v7" in told
    assert "Reading: software fault." in told
    assert "Lecture : défaut logiciel." in files.run("--lang", "fr").out


def test_the_page_is_whole_and_escaped(tmp_path: Path) -> None:
    rows = population(shop=lambda n, _: "<script>x</script>" if n % 9 == 0 else "calm")
    files = Files(tmp_path, rows, struck(rows, 120, shop="<script>x</script>")).write()
    answer = files.run("--html", "wave.html", "--lang", "fr")
    assert answer.code == 0
    assert answer.out.endswith("report: wave.html\n")
    text = (tmp_path / "wave.html").read_text(encoding="utf-8")
    read = Reader(text)
    assert read.elements[0] == ("html", {"lang": "fr"})
    assert len(read.tags("caption")) == len(read.tags("table")) == 1
    assert "shop: &lt;script&gt;" in text
    assert not read.tags("script")


def test_roles_are_taken(tmp_path: Path) -> None:
    files = wave(tmp_path, country="FR")
    assert files.run("--json", "--role", "country=change").json()["reading"] == "account takeover"
    for wrong in ("country", "country=boss", "=change"):
        answer = files.run("--role", wrong)
        assert answer.code == USAGE
        assert "ATTRIBUTE=release|change|shared|plain" in answer.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--weights", "due"], NotFound.exit_code, "has no column `due` of weights"),
        (["--weights", "country"], InvalidInput.exit_code, "are string, not numbers"),
        (["--role", "contry=plain"], NotFound.exit_code, "did you mean `country`?"),
        (["--html", "hits.parquet"], InvalidInput.exit_code, "would be written over"),
    ],
)
def test_an_error_is_a_sentence_and_a_code(
    tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    files = wave(tmp_path)
    answer = files.run(*words)
    assert (answer.code, answer.out) == (code, "")
    assert said in answer.err
    assert "Traceback" not in answer.err
    as_json = files.run(*words, "--json")
    assert (as_json.code, as_json.json().keys()) == (code, {"error", "message", "hint"})
