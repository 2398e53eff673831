"""Ways to break a command in the middle, and what it left."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.flows.applying import staffed
from tests.flows.shop import Shop, busy_shop, command

IMPORT = ("import", "raw.ndjson", "--map", "mapping.yaml", "--out", "events.parquet",
          "--quarantine", "bad.ndjson")  # fmt: skip
PLAN = ("plan", "--policies", "policies", "--events", "events.parquet")

# Kills the process just before its n-th change of a file below the current folder.
KILLED_AT = """
import os, signal, sys
left, home = int(sys.argv.pop(1)), os.getcwd() + os.sep
def watch(event, arguments):
    global left
    if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & os.O_WRONLY):
        return
    if event in ("open", "os.rename", "os.mkdir", "os.remove"):
        if isinstance(arguments[0], int):  # a file that is open already
            return
        if os.path.abspath(os.fsdecode(arguments[0])).startswith(home):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
from habeas.cli import main
sys.addaudithook(watch)
main()
"""


def content(root: Path) -> dict[str, bytes]:
    """All files but what was half written, and the lock."""
    files = (p for p in root.rglob("*") if p.is_file())
    return {
        str(p.relative_to(root)): p.read_bytes()
        for p in files
        if not p.name.endswith(".part") and p.name != "lock"
    }


def killed_at(step: int, words: tuple[str, ...], inside: Path) -> bool:
    """Whether the command was killed before its `step`-th change; else it ended well."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AT, str(step), *words], cwd=inside, capture_output=True,
        encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


def killed_after(seconds: float, words: tuple[str, ...], inside: Path) -> None:
    process = subprocess.Popen(command(*words), cwd=inside, stdout=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    process.wait()


def planned_shop(root: Path) -> tuple[Shop, str]:
    shop = staffed(busy_shop(root))
    answer = shop.run(*PLAN, "--json")
    return shop, str(answer.json()["hash"])
