"""What lies in the working folder is its owner's alone; a code comes by more than an option."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from collections.abc import Iterator

import pytest

from habeas import wiring
from habeas.core.errors import Forbidden, InvalidInput, NotFound
from tests.cli.test_appeals import door
from tests.flows.deciding import database, decided_shop
from tests.flows.letter.telling import PLATFORM
from tests.flows.shop import Shop, command
from tests.staffing import hire_in

pytestmark = pytest.mark.slow  # whole ways by commands


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Everyone is warned and told, with an umask that takes nothing from anybody."""
    before = os.umask(0)
    try:
        shop = decided_shop(tmp_path_factory.mktemp("open"), accounts=1)
        hire_in(database(shop))
        shop.write("platform.yaml", PLATFORM)
        shop.write("contacts.csv", "account,email,lang\naccount 0,customer0@mail.example,en\n")
        for words in (
            ("decide",), ("contacts", "contacts.csv"), ("work", "--once"),
            ("init-key", "shop.example/log"), ("seal",), ("rotate-key", "--as", "ada"), ("seal",),
        ):  # fmt: skip
            done = shop.run(*words)
            assert done.code == 0, done.err
        yield shop
    finally:
        os.umask(before)


def test_nobody_else_reads_the_working_folder(shop: Shop) -> None:
    with wiring.here(shop.root):
        from habeas.store import contacts

        contacts.erase("nobody")  # so that the log of writes is there
        every = [shop.folder.root, *shop.folder.root.rglob("*")]
    names = {path.name for path in every}
    assert {"habeas.sqlite3", "habeas.sqlite3-wal", "habeas.sqlite3-shm", "codes.key"} <= names
    assert {"mail", "keys", "log.key", "log.key.pub", "log.key.head", "plan.json"} <= names
    assert any(name.endswith(".eml") for name in names)
    there = [path for path in every if path.exists()]
    wide = {str(p): oct(p.stat().st_mode) for p in there if p.stat().st_mode & 0o077}
    assert wide == {}


def test_a_database_that_was_open_is_closed(shop: Shop) -> None:
    path = shop.folder.root / "habeas.sqlite3"
    path.chmod(0o644)
    assert shop.run("queue").code == 0
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_secret_that_others_read_is_refused_with_the_way_out(shop: Shop) -> None:
    for name, words in (("keys/log.key", ("seal",)), ("codes.key", ("work", "--once"))):
        path = shop.folder.root / name
        path.chmod(0o644)
        asked = shop.run(*words)
        assert asked.code == InvalidInput.exit_code
        assert asked.err.startswith("habeas: others can read the ")
        assert asked.err.endswith(f"\n  next: run `chmod 600 {path}`\n")
        path.chmod(0o600)
        assert shop.run(*words).code == 0


# The code of a case


def test_a_code_comes_from_a_file_or_the_environment(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference, code = door(shop, 0)
    file = shop.write("code.txt", f"{code.lower()}\n")
    said = shop.run("case", reference, "--code-file", file).out
    assert "A warning about your account" in said
    monkeypatch.setenv("HABEAS_CODE", code)
    assert shop.run("case", reference).out == said
    assert shop.run("case", reference, "--code", "0000").code == Forbidden.exit_code
    both = shop.run("case", reference, "--code", code, "--code-file", file)
    assert (both.code, "by --code or by --code-file" in both.err) == (2, True)
    assert shop.run("case", reference, "--code-file", "none.txt").code == NotFound.exit_code


def test_without_a_terminal_nobody_is_asked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    reference, _ = door(shop, 0)
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed\n"))
    asked = shop.run("withdraw", reference)
    assert asked.code == 2
    assert "give the code of the notice: --code-file FILE, HABEAS_CODE or --code" in asked.err


def test_a_person_types_it_unseen(shop: Shop) -> None:
    reference, code = door(shop, 0)
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        command("case", reference), cwd=shop.root, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown = read_until(ours, b"code of the notice: ")  # the space comes once nothing is shown
    os.write(ours, f"{code}\n".encode())
    shown += read_until(ours, None)
    assert program.wait(30) == 0, shown
    os.close(ours)
    assert b"A warning about your account" in shown
    assert code.encode() not in shown


def read_until(terminal: int, words: bytes | None) -> bytes:
    """What a terminal shows, until it says these words, or until its program ends."""
    shown = b""
    while words is None or words not in shown:
        try:
            more = os.read(terminal, 4096)
        except OSError:  # its program has ended
            return shown
        if not more:
            return shown
        shown += more
    return shown


def test_the_help_says_who_sees_an_option(shop: Shop) -> None:
    said = " ".join(shop.run("appeal", "--help").out.replace("│", " ").split())
    assert "Whoever lists the processes of this machine sees an" in said
    assert "--code-file" in said
