"""The house is tidy, and the tidy rules can tell when it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import tidy


def test_the_house_is_tidy() -> None:
    assert len(tidy.python_files()) > 50
    assert tidy.everything() == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("long.py", "x = 1\n" * 401, "401 lines"),
        ("wide.py", f"x = '{'a' * 100}'\n", "more than 100"),
        ("function.py", "def f():\n" + "    x = 1\n" * 71, "f has 72 lines"),
        ("helpers.py", "x = 1\n", "says nothing"),
        ("left.py", f"x = 1  # {'TO' + 'DO'}\n", "was left here"),
        ("column.py", "row = {" + '"at"' + ": 1}\n", "a column called 'at'"),
    ],
)
def test_untidiness_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, said: str
) -> None:
    monkeypatch.setattr(tidy, "ROOT", tmp_path)
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found = list(tidy.complaints(path))
    assert len(found) == 1
    assert said in found[0]


def test_a_clock_in_the_core_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tidy, "ROOT", tmp_path)
    path = tmp_path / "habeas" / "core" / "clock.py"
    path.parent.mkdir(parents=True)
    path.write_text("now = datetime.now(UTC)\n", encoding="utf-8")
    assert "no clock" in next(tidy.complaints(path))


@pytest.mark.parametrize("branch", ['lang == "fr"', "lang != 'en'", 'lang in ("fr",)', '"en" == x'])
def test_a_branch_on_the_language_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, branch: str
) -> None:
    monkeypatch.setattr(tidy, "ROOT", tmp_path)
    path = tmp_path / "habeas" / "pages" / "plan.py"
    path.parent.mkdir(parents=True)
    path.write_text(f"x = 1 if {branch} else 2\n", encoding="utf-8")
    assert "row of data" in next(tidy.complaints(path))
