"""Init makes a working folder to start from, and overwrites nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from habeas.core.errors import Changed, Unwritable
from habeas.flows.policy.init import SCHEMAS, scaffold


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_it_writes_what_it_says_it_writes(tmp_path: Path) -> None:
    made = scaffold(tmp_path / "new" / "shop")
    folder = tmp_path / "new" / "shop"
    assert sorted(str(p.relative_to(folder)) for p in made) == sorted(content(folder))
    assert {"events.yaml", "mapping.yaml"} <= content(folder).keys()
    assert len(list((folder / "policies").glob("*.yaml"))) >= 2
    assert (folder / ".habeas" / "plans").is_dir()


def test_editors_find_the_json_schemas(tmp_path: Path) -> None:
    scaffold(tmp_path)
    for name in SCHEMAS:
        text = (tmp_path / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
        assert json.loads(text)["$schema"].endswith("2020-12/schema")
    for path in [*tmp_path.glob("*.yaml"), *tmp_path.glob("policies/*.yaml")]:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert (path.parent / first.split("$schema=")[1]).is_file(), path


def test_nothing_that_is_there_is_overwritten(tmp_path: Path) -> None:
    scaffold(tmp_path / "whole")
    names = list(content(tmp_path / "whole"))
    for i, name in enumerate(names):
        folder = tmp_path / str(i)
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text("mine", encoding="utf-8")
        with pytest.raises(Changed, match="exists already"):
            scaffold(folder)
        assert content(folder) == {name: b"mine"}


def test_what_a_crash_left_is_completed(tmp_path: Path) -> None:
    scaffold(tmp_path / "whole")
    whole = content(tmp_path / "whole")
    for count in range(len(whole) + 1):
        folder = tmp_path / str(count)
        for name in list(whole)[:count]:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(whole[name])
        scaffold(folder)
        assert content(folder) == whole


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    scaffold(tmp_path)
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("name", ["file", "file/below", "x" * 300])
def test_where_no_folder_can_be_made_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    with pytest.raises(Unwritable, match="cannot be made"):
        scaffold(tmp_path / name)
    assert content(tmp_path) == {"file": b"mine"}


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "events.yaml").mkdir()
    with pytest.raises(Changed, match=r"events.yaml' exists already"):
        scaffold(tmp_path)
