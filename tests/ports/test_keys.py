"""The key of the log, from a file and from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.config import key_file, log_key
from habeas.core.errors import Changed, InvalidInput, NotFound, Unwritable
from habeas.core.log import Signer
from habeas.ports.folder import Folder
from habeas.ports.keys import GivenKey, KeyFile, read_signer, secret_text
from tests.store.sealing import LOG, OTHER


def test_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "keys" / "log.key")
    with pytest.raises(NotFound, match="there is no key"):
        keys.signer()
    keys.make(LOG)
    assert keys.path.stat().st_mode & 0o777 == 0o600
    assert keys.signer() == LOG
    assert keys.verifier() == LOG.verifier
    assert keys.public.read_text() == f"{LOG.verifier}\n"
    assert sorted(p.name for p in keys.path.parent.iterdir()) == ["log.key", "log.key.pub"]
    with pytest.raises(Changed, match="there is a key"):
        keys.make(OTHER)
    assert keys.signer() == LOG


def test_the_public_key_needs_no_secret(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "log.key")
    keys.make(LOG)
    keys.public.unlink()
    assert keys.verifier() == LOG.verifier
    keys.public.write_text(str(LOG.verifier))
    keys.path.unlink()
    assert keys.verifier() == LOG.verifier


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "log.key")
    keys.make(LOG)
    keys.path.chmod(0o640)
    with pytest.raises(InvalidInput, match="others can read the key") as caught:
        keys.signer()
    assert caught.value.hint == f"run `chmod 600 {keys.path}`"


def test_the_environment_comes_first(tmp_path: Path) -> None:
    folder = Folder(tmp_path / ".habeas")
    assert log_key({}, folder) == KeyFile(tmp_path / ".habeas" / "keys" / "log.key")
    named = {"HABEAS_LOG_KEY_FILE": str(tmp_path / "elsewhere")}
    assert key_file(named, folder) == KeyFile(tmp_path / "elsewhere")
    given = log_key({**named, "HABEAS_LOG_KEY": secret_text(OTHER)}, folder)
    assert given.signer() == OTHER
    assert given.verifier() == OTHER.verifier
    assert OTHER.seed.hex() not in repr(given)
    assert secret_text(OTHER) not in repr(given)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file")
    with pytest.raises((Unwritable, Changed)):
        KeyFile(tmp_path / "keys" / "log.key").make(LOG)


SECRET = secret_text(LOG)


@pytest.mark.parametrize(
    "text",
    ["", "x", SECRET[8:], SECRET[:-4], SECRET.replace("shop", "shoe"), f"{LOG.verifier}",
     SECRET.replace("/log", "/lo g")],
)  # fmt: skip
def test_what_is_no_key_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(InvalidInput, match="holds no key that signs a log") as caught:
        read_signer(text, "HABEAS_LOG_KEY")
    assert len(text) < 20 or text[-20:] not in str(caught.value)


def test_a_given_key_with_a_line_end() -> None:
    assert GivenKey("HABEAS_LOG_KEY", f"{SECRET}\n").signer() == Signer(LOG.name, LOG.seed)
