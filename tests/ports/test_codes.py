"""Codes: the same for the same notice and secret, from a file that only its owner reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.core.errors import InvalidInput
from habeas.ports.codes import CaseCodes, codes
from habeas.ports.folder import Folder


def test_the_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    folder = Folder(tmp_path / ".habeas")
    first = codes({}, folder)
    assert codes({}, folder).of("n1") == first.of("n1") != first.of("n2")
    path = folder.root / "codes.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().strip() not in repr(first)


def test_the_environment_comes_first(tmp_path: Path) -> None:
    folder = Folder(tmp_path / ".habeas")
    given = codes({"HABEAS_CODES": "ab" * 32}, folder)
    assert given == CaseCodes(bytes.fromhex("ab" * 32))
    assert not (tmp_path / ".habeas").exists()


@pytest.mark.parametrize("text", ["", "ab", "zz" * 32, "ab" * 33, "\u00e9"])
def test_what_is_no_secret_is_said(tmp_path: Path, text: str) -> None:
    folder = Folder(tmp_path / ".habeas")
    folder.prepare()
    (folder.root / "codes.key").write_text(text, encoding="utf-8")
    (folder.root / "codes.key").chmod(0o600)
    with pytest.raises(InvalidInput, match="holds no secret"):
        codes({}, folder)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o700, 0o666])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    folder = Folder(tmp_path / ".habeas")
    codes({}, folder)
    path = folder.root / "codes.key"
    path.chmod(mode)
    with pytest.raises(InvalidInput, match="others can read the secret of codes") as caught:
        codes({}, folder)
    assert caught.value.hint == f"run `chmod 600 {path}`"
    path.chmod(0o400)
    assert codes({}, folder).of("n1")
