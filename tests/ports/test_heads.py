"""The head beside the key: it goes up alone, is whole or not there, and only its owner reads it."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from habeas.config import head_file
from habeas.core.errors import InvalidInput, Unwritable
from habeas.core.log.checkpoint import Note
from habeas.ports.folder import Folder
from habeas.ports.heads import HeadFile, KeptHead
from habeas.ports.keys import secret_text
from tests.core.log.logs import LOG, hashes, noted, tree_of


def head(size: int) -> Note:
    return noted(tree_of(hashes(size)))


def test_it_lies_beside_the_key_or_in_the_working_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path / ".habeas")
    assert head_file({}, folder).path == tmp_path / ".habeas" / "keys" / "log.key.head"
    named = {"HABEAS_LOG_KEY_FILE": str(tmp_path / "elsewhere" / "key")}
    assert head_file(named, folder).path == tmp_path / "elsewhere" / "key.head"
    given = {**named, "HABEAS_LOG_KEY": secret_text(LOG)}
    assert head_file(given, folder).path == tmp_path / ".habeas" / "log.head"


def test_the_head_goes_up_and_never_down(tmp_path: Path) -> None:
    kept = HeadFile(tmp_path / "keys" / "log.key.head")
    assert kept.read() is None
    old = os.umask(0)
    try:
        kept.keep(head(5))
    finally:
        os.umask(old)
    assert kept.path.stat().st_mode & 0o777 == 0o600
    assert kept.path.parent.stat().st_mode & 0o777 == 0o700
    assert kept.read() == KeptHead(str(kept.path), head(5))
    for size, there in ((3, 5), (5, 5), (9, 9), (8, 9)):
        kept.keep(head(size))
        assert kept.read() == KeptHead(str(kept.path), head(there))
    assert [p.name for p in kept.path.parent.iterdir()] == ["log.key.head"]


def test_of_several_that_keep_at_once_the_largest_stays(tmp_path: Path) -> None:
    kept, heads = HeadFile(tmp_path / "head"), [head(n) for n in range(1, 30)]
    start = threading.Barrier(3)

    def run(own: list[Note]) -> None:
        start.wait()
        for note in own:
            kept.keep(note)

    threads = [threading.Thread(target=run, args=(heads[n::3],)) for n in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept.read() == KeptHead(str(kept.path), head(29))


def test_a_file_that_is_no_head_is_named_and_left(tmp_path: Path) -> None:
    kept = HeadFile(tmp_path / "head")
    kept.path.write_text("my diary")
    with pytest.raises(InvalidInput, match="is no head of a log"):
        kept.keep(head(5))
    assert kept.path.read_text() == "my diary"


def test_a_folder_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")
    with pytest.raises(Unwritable, match="cannot be kept: ") as caught:
        HeadFile(tmp_path / "keys" / "head").keep(head(5))
    assert "seal again" in caught.value.hint
