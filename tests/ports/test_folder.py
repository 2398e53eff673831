"""The working folder remembers plans, texts and what is in force, as plain files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from habeas.core.canon import digest
from habeas.core.errors import Changed, InvalidInput, NotFound, Unwritable
from habeas.core.policy.applications import AppliedPolicy
from habeas.ports.folder import SHORTEST, Apply, Folder

ONE = AppliedPolicy("many-returns", 1, "a" * 64, "b" * 64)
TWO = AppliedPolicy("few-orders", 3, "c" * 64, "d" * 64)
SCHEMA: dict[str, object] = {"types": {"order": {}}}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / ".habeas")


def freeze(folder: Folder, mode: str = "shadow", **texts: str) -> str:
    plan = {"scope": {"schema": digest(SCHEMA)}, "mode": mode, "amount": 2**60, "share": 0.5}
    name = digest(plan)
    folder.plan_home(name)
    folder.freeze({"hash": name, **plan}, SCHEMA, {"events": "/e.parquet", "labels": None}, texts)
    return name


# Where it is


def test_the_folder_is_the_nearest_at_or_above(tmp_path: Path) -> None:
    (tmp_path / ".habeas").mkdir()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert Folder.around(below).root == tmp_path / ".habeas"
    (tmp_path / "a" / ".habeas").mkdir()
    assert Folder.around(below).root == tmp_path / "a" / ".habeas"
    (below / ".habeas").write_text("a file of that name", encoding="utf-8")
    assert Folder.around(below).root == tmp_path / "a" / ".habeas"


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives a folder to somebody else")
def test_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """Also above a folder of ours: who owns it decides what is in force here."""
    (tmp_path / ".habeas").mkdir()
    (tmp_path / "mine").mkdir()
    os.chown(tmp_path / ".habeas", 12345, 12345)
    for start in (tmp_path, tmp_path / "mine"):
        with pytest.raises(InvalidInput, match=r"\.habeas' belongs to another user"):
            Folder.around(start)
    os.chown(tmp_path / ".habeas", os.getuid(), os.getgid())
    assert Folder.around(tmp_path / "mine").root == tmp_path / ".habeas"


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives a folder to somebody else")
def test_a_link_to_a_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / ".habeas").symlink_to(tmp_path / "theirs")
    assert Folder.around(tmp_path)
    os.chown(tmp_path / "theirs", 12345, 12345)
    with pytest.raises(InvalidInput, match="belongs to another user"):
        Folder.around(tmp_path)
    os.chown(tmp_path / "theirs", os.getuid(), os.getgid())
    os.chown(tmp_path / ".habeas", 12345, 12345, follow_symlinks=False)
    with pytest.raises(InvalidInput, match="belongs to another user"):
        Folder.around(tmp_path)


def test_a_folder_that_is_not_there_yet_holds_nothing(folder: Folder) -> None:
    assert folder.in_force() == []
    assert folder.applied_plan() is None
    assert folder.plans() == []
    assert not folder.root.exists()


# Plans


def test_a_plan_comes_back_as_it_was_frozen(folder: Folder) -> None:
    text = "policy: x\n"
    name = freeze(folder, **{digest(text): text})
    frozen = folder.frozen(name)
    assert frozen.hash == name
    assert frozen.plan["amount"] == 2**60
    assert frozen.schema == SCHEMA
    assert frozen.inputs == {"events": "/e.parquet", "labels": None}
    assert frozen.findings == folder.root / "plans" / name / "findings.parquet"
    assert folder.text_of(digest(text)) == text


def test_a_policy_text_is_kept_to_the_byte(folder: Folder) -> None:
    text = "a: é\r\nb: \u2028 x\n\n"
    freeze(folder, **{digest(text): text})
    assert folder.text_of(digest(text)) == text
    path = folder.root / "policies" / f"{digest(text)}.yaml"
    path.write_text(text.replace("x", "y"), encoding="utf-8")
    with pytest.raises(Changed, match="was edited after it was planned"):
        folder.text_of(digest(text))


def test_the_start_of_a_hash_names_the_plan_if_it_is_long_enough(folder: Folder) -> None:
    name = freeze(folder)
    assert folder.frozen(name[:SHORTEST].upper()).hash == name
    for wrong in (name[: SHORTEST - 1], "", "0" * 64, "../..", name + "0"):
        with pytest.raises(NotFound, match="names no plan here") as caught:
            folder.frozen(wrong)
        assert name[:12] in caught.value.hint


def test_a_start_that_two_plans_share_names_neither(folder: Folder) -> None:
    for end in ("1", "2"):
        (folder.root / "plans" / f"abcdef{end}").mkdir(parents=True)
        (folder.root / "plans" / f"abcdef{end}" / "plan.json").touch()
    with pytest.raises(NotFound, match="names more than one plan here"):
        folder.frozen("abcdef")


def test_the_latest_plan_comes_first(folder: Folder) -> None:
    names = [freeze(folder, mode) for mode in ("shadow", "enforce")]
    os.utime(folder.root / "plans" / names[0] / "plan.json", (2e9, 2e9))
    assert folder.plans() == names
    os.utime(folder.root / "plans" / names[1] / "plan.json", (3e9, 3e9))
    assert folder.plans() == names[::-1]


def test_a_plan_without_its_file_does_not_exist(folder: Folder) -> None:
    assert folder.plan_home("abcdef0").is_dir()
    assert folder.plans() == []


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [("plan", "mode", "enforce"), ("plan", "amount", 1), ("schema", "types", {})],
)
def test_a_plan_that_was_edited_is_refused(
    folder: Folder, part: str, key: str, value: object
) -> None:
    name = freeze(folder)
    path = folder.root / "plans" / name / "plan.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    whole[part][key] = value
    path.write_text(json.dumps(whole), encoding="utf-8")
    with pytest.raises(Changed, match="was edited after it was made"):
        folder.frozen(name)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"plan": 1}', b"\xff", b"null"])
def test_a_plan_that_cannot_be_read_is_one_sentence(folder: Folder, content: bytes) -> None:
    name = freeze(folder)
    (folder.root / "plans" / name / "plan.json").write_bytes(content)
    with pytest.raises(InvalidInput, match="cannot be read") as caught:
        folder.frozen(name)
    assert "habeas plan" in caught.value.hint


def test_a_text_that_was_lost_is_not_found(folder: Folder) -> None:
    with pytest.raises(NotFound, match="the policy text ffff is not in"):
        folder.text_of("ffff")


# What is in force


def test_the_last_apply_is_in_force_and_those_before_are_kept(folder: Folder) -> None:
    folder.prepare()
    folder.record("plan one", [ONE, TWO], 5, "shadow")
    folder.record("plan two", [ONE], 6, "enforce")
    assert folder.in_force() == [ONE]
    assert folder.applied_plan() == "plan two"
    lines = (folder.root / "applied.ndjson").read_text(encoding="utf-8").splitlines()
    told = [
        (x["plan"], x["time_us"], x["mode"], len(x["policies"])) for x in map(json.loads, lines)
    ]
    assert told == [("plan one", 5, "shadow", 2), ("plan two", 6, "enforce", 1)]


def test_a_line_that_was_torn_is_an_apply_that_did_not_happen(folder: Folder) -> None:
    folder.prepare()
    folder.record("plan one", [ONE], 5, "shadow")
    path = folder.root / "applied.ndjson"
    whole = path.read_bytes()
    folder.record("plan two", [TWO], 6, "shadow")
    second = path.read_bytes()[len(whole) :]
    for cut in range(len(second)):
        path.write_bytes(whole + second[:cut])
        assert folder.in_force() == [ONE]
        assert folder.applied_plan() == "plan one"
    path.write_bytes(whole + second[:7])
    folder.record("plan three", [TWO], 7, "shadow")
    text = path.read_bytes()
    assert text.startswith(whole)
    assert [json.loads(x)["plan"] for x in text.splitlines()] == ["plan one", "plan three"]


@pytest.mark.parametrize(
    "content", [b"\xff\n", b"{\n", b"[]x\n", b"5\n", b"{}\n", b'{"policies":[{}]}\n']
)
def test_a_record_that_cannot_be_read_is_one_sentence(folder: Folder, content: bytes) -> None:
    folder.prepare()
    (folder.root / "applied.ndjson").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"applied.ndjson' cannot be read"):
        folder.in_force()


def test_where_it_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / ".habeas").write_text("a file", encoding="utf-8")
    folder = Folder(tmp_path / ".habeas")
    assert folder.in_force() == []
    with pytest.raises(Unwritable, match="cannot be written: "):
        folder.prepare()
    with pytest.raises(Unwritable), folder.locked():
        pytest.fail("it was locked")


def test_a_lock_that_cannot_be_made_is_one_sentence(folder: Folder) -> None:
    folder.prepare()
    (folder.root / "lock").mkdir()
    with pytest.raises(Unwritable, match="cannot be written: "), folder.locked():
        pytest.fail("it was locked")


def test_a_home_that_cannot_be_made_is_one_sentence(folder: Folder) -> None:
    folder.prepare()
    (folder.root / "plans" / "abcdef").write_text("a file", encoding="utf-8")
    with pytest.raises(Unwritable, match="cannot be written: "):
        folder.plan_home("abcdef")


def test_every_apply_is_remembered(folder: Folder) -> None:
    assert folder.history() == []
    first, second = freeze(folder), freeze(folder, "enforce")
    folder.record(first, [ONE], 5, "shadow")
    folder.record(second, [ONE, TWO], 9, "enforce")
    assert folder.history() == [
        Apply(first, 5, "shadow", (ONE,)), Apply(second, 9, "enforce", (ONE, TWO)),
    ]  # fmt: skip
    (folder.root / "applied.ndjson").write_text('{"plan": "p"}\n', encoding="utf-8")
    with pytest.raises(InvalidInput, match="cannot be read"):
        folder.history()
